// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the family svcnat, right and wrong ones, from several threads at once; see
 * usage(). What must not be: an answer that does not fit together, a refusal without
 * words or with an error that no manual knows, no answer, and a refusal that changed
 * something, for which one thread alone looks at everything before and after.
 */
#include "answers.h"
#include "number.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/genetlink.h>
#include <linux/svcnat.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 16 };

struct job {
	pthread_t thread;
	const struct grammar *grammar;
	struct random random;
	unsigned long count;		/* messages to send */
	time_t end;			/* or until then; 0: whatever time it takes */
	int family;
	unsigned int looks;		/* look at everything, once in so many; 0: never */
	unsigned long sent, wrong, looked;
	struct answers answers;
};

static void usage(void)
{
	fputs("fuzz_netlink [--seed N] [--count N] [--seconds N] [--threads N] [--looks N]\n"
	      "\n"
	      "Send N requests from each thread, at most for so many seconds. --looks: once in so\n"
	      "many, hold what all services and settings are after a refusal against what they\n"
	      "were before; for one thread.\n", stderr);
	exit(2);
}

static int family_number(void)
{
	struct nl_sock *s = nl_socket_alloc();
	int family;

	if (!s || genl_connect(s))
		errx(2, "generic netlink: no socket");
	family = genl_ctrl_resolve(s, SVCNAT_GENL_NAME);
	if (family < 0)
		errx(2, "the module svcnat is not loaded: %s", nl_geterror(family));
	nl_socket_free(s);
	return family;
}

/* ---- all that there is, as one number */

/* FNV-1a, of the replies' attributes. */
static uint64_t add_datagram(uint64_t sum, const char *buf, size_t len, bool *done)
{
	const struct nlmsghdr *n = (const void *)buf;

	for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
		const unsigned char *p = NLMSG_DATA(n);
		const unsigned char *end = (const unsigned char *)n + n->nlmsg_len;

		*done |= n->nlmsg_type == NLMSG_DONE || n->nlmsg_type == NLMSG_ERROR;
		if (n->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		while (p < end)
			sum = (sum ^ *p++) * 0x100000001b3ULL;
	}
	return sum;
}

static uint64_t add_reply(uint64_t sum, int fd, int family, int cmd, int flags)
{
	struct {
		struct nlmsghdr n;
		struct genlmsghdr g;
	} ask = {
		.n = { .nlmsg_len = sizeof(ask), .nlmsg_type = family,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags },
		.g = { .cmd = cmd, .version = SVCNAT_GENL_VERSION },
	};
	static _Thread_local char buf[1 << 17];
	bool done = false;
	ssize_t len;

	if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		err(2, "send");
	while (!done) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0)
			err(2, "recv");
		sum = add_datagram(sum, buf, len, &done);
	}
	return sum;
}

static uint64_t everything(int fd, int family)
{
	uint64_t sum = 0xcbf29ce484222325ULL;

	sum = add_reply(sum, fd, family, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP);
	return add_reply(sum, fd, family, SVCNAT_CMD_SETTINGS_GET, 0);
}

/* ---- one thread */

static void spoil(struct message *m, struct random *r)
{
	static const unsigned int often[] = { 0, 0, 0, 1, 1, 1, 2, 3 };
	unsigned int n = often[random_below(r, 8)];

	while (n--)
		message_spoil(m, r);
}

static int send_and_read(struct job *j, int fd, const struct message *m)
{
	/* A length that is a lie is sent as well, in a datagram that has at least a header. */
	size_t len = m->head->nlmsg_len < NLMSG_HDRLEN ? NLMSG_HDRLEN : m->head->nlmsg_len;

	if (send(fd, m->head, len, 0) != (ssize_t)len)
		err(2, "send");
	j->sent++;
	j->wrong += !!m->wrongs;
	return answers_read(fd, m, &j->answers);
}

static void one(struct job *j, int fd, struct message *m)
{
	bool look = j->looks && random_once_in(&j->random, j->looks);
	uint64_t before = 0;

	message_make(m, j->grammar, &j->random, j->family, j->sent + 1);
	spoil(m, &j->random);
	if (look)
		before = everything(fd, j->family);
	if (send_and_read(j, fd, m) <= 0 || !look)
		return;
	j->looked++;
	if (everything(fd, j->family) != before) {
		printf("not ok: %s was refused, and has changed something; %u things were wrong "
		       "with it\n", m->op->name, m->wrongs);
		exit(1);
	}
}

static void *run(void *data)
{
	struct job *j = data;
	int fd = answers_socket();
	struct message m;

	message_init(&m);
	while (j->sent < j->count && !(j->end && j->sent % 64 == 0 && time(NULL) >= j->end))
		one(j, fd, &m);
	message_free(&m);
	close(fd);
	return NULL;
}

/* ---- all of them */

static void report(const struct job *jobs, unsigned int n)
{
	static struct job sum;
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		sum.sent += jobs[i].sent;
		sum.wrong += jobs[i].wrong;
		sum.looked += jobs[i].looked;
		sum.answers.done += jobs[i].answers.done;
		sum.answers.listed += jobs[i].answers.listed;
		sum.answers.lost += jobs[i].answers.lost;
		for (k = 0; k < ANSWERS_ERRNOS; k++)
			sum.answers.refused[k] += jobs[i].answers.refused[k];
		for (k = 0; k < jobs[i].answers.ntexts; k++)
			answers_count_text(&sum.answers, jobs[i].answers.texts[k].words,
					   jobs[i].answers.texts[k].times);
	}
	printf("%lu messages, %lu of them spoiled; %lu done, %lu replies, %lu answers lost, %lu "
	       "refusals held against what was before\n", sum.sent, sum.wrong, sum.answers.done,
	       sum.answers.listed, sum.answers.lost, sum.looked);
	for (k = 0; k < ANSWERS_ERRNOS; k++)
		if (sum.answers.refused[k])
			printf("  %8lu %s\n", sum.answers.refused[k], strerror(k));
	printf("refused, with nothing wrong in their form:\n");
	for (k = 0; k < sum.answers.ntexts; k++)
		printf("  %8lu %s\n", sum.answers.texts[k].times, sum.answers.texts[k].words);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "threads", required_argument, NULL, 'j' },
		{ "looks", required_argument, NULL, 'l' },
		{ 0 },
	};
	unsigned long seed = time(NULL), count = 10000, seconds = 0, threads = 1, looks = 0;
	struct job jobs[THREADS_MAX] = { 0 };
	const struct grammar *g = grammar_load();
	int o, family = family_number();
	unsigned long i;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned long *to = o == 's' ? &seed : o == 'n' ? &count : o == 't' ? &seconds :
				    o == 'j' ? &threads : o == 'l' ? &looks : NULL;

		if (!to)
			usage();
		*to = number(optarg, usage);
	}
	if (optind != argc || !threads || threads > THREADS_MAX || (looks && threads > 1))
		usage();
	printf("seed %lu\n", seed);
	fflush(stdout);
	for (i = 0; i < threads; i++) {
		jobs[i] = (struct job){
			.grammar = g, .random = { seed * THREADS_MAX + i }, .count = count,
			.end = seconds ? time(NULL) + (time_t)seconds : 0, .family = family,
			.looks = looks,
		};
		if (pthread_create(&jobs[i].thread, NULL, run, &jobs[i]))
			errx(2, "no thread");
	}
	for (i = 0; i < threads; i++)
		pthread_join(jobs[i].thread, NULL);
	report(jobs, threads);
	return 0;
}
