// SPDX-License-Identifier: GPL-2.0
/*
 * How long one change of an endpoint takes, from the request to svcd's API until the
 * kernel says that it has it; see usage().
 *
 * The two changes take turns, over one connection. The module's event is what ends the
 * time: it is sent when the change is in force.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/svcnat.h>

enum { PATIENCE_MS = 20000, SILENCE_MS = 1000, BODY_MAX = 1 << 20 };

struct samples {
	uint64_t *ns;
	size_t n;
};

static void usage(void)
{
	fputs("change SOCKET URL WITH WITHOUT COUNT\n"
	      "\n"
	      "PATCH the EndpointSlice at URL of the svcd that listens at SOCKET, COUNT times, by\n"
	      "turns with the merge patches in the files WITH and WITHOUT. One of them has to add\n"
	      "an endpoint, the other one to take it away. Prints in nanoseconds how long it\n"
	      "took until the kernel had it, half of them at most, 99 of 100 at most; the same\n"
	      "until svcd had answered.\n", stderr);
	exit(2);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the kernel's events */

static struct nl_sock *events_open(void)
{
	struct nl_sock *s = nl_socket_alloc();
	int group;

	if (!s || genl_connect(s))
		errx(1, "generic netlink: no socket");
	group = genl_ctrl_resolve_grp(s, SVCNAT_GENL_NAME, SVCNAT_MCGRP_EVENTS);
	if (group < 0)
		errx(1, "the module svcnat is not loaded: %s", nl_geterror(group));
	nl_socket_disable_seq_check(s);
	if (nl_socket_add_membership(s, group))
		errx(1, "the module's events cannot be heard");
	return s;
}

/* Until the next event of an endpoint. */
static void event_await(struct nl_sock *s)
{
	struct pollfd p = { .fd = nl_socket_get_fd(s), .events = POLLIN };
	struct sockaddr_nl from;
	unsigned char *buf;
	uint8_t cmd;

	do {
		if (poll(&p, 1, PATIENCE_MS) != 1)
			errx(1, "the kernel has heard of no change in %d s", PATIENCE_MS / 1000);
		if (nl_recv(s, &from, &buf, NULL) <= 0)
			errx(1, "the module's events: %s", strerror(errno));
		cmd = genlmsg_hdr((struct nlmsghdr *)buf)->cmd;
		free(buf);
	} while (cmd != SVCNAT_CMD_ENDPOINT_SET && cmd != SVCNAT_CMD_ENDPOINT_DEL &&
		 cmd != SVCNAT_CMD_SERVICE_SET);
}

static bool event_comes(struct nl_sock *s, int ms)
{
	struct pollfd p = { .fd = nl_socket_get_fd(s), .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* ---- svcd */

static int api_open(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(to.sun_path))
		errx(2, "%s: too long for a socket", path);
	strcpy(to.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", path);
	return fd;
}

static char *request_make(const char *url, const char *file)
{
	char *body = calloc(1, BODY_MAX), *request;
	FILE *f = fopen(file, "r");
	size_t len;

	if (!f || !body)
		err(1, "%s", file);
	len = fread(body, 1, BODY_MAX - 1, f);
	if (ferror(f) || !feof(f))
		errx(1, "%s: cannot be read, or is too large", file);
	fclose(f);
	if (asprintf(&request, "PATCH %s HTTP/1.1\r\nHost: svcd\r\nContent-Type: "
		     "application/merge-patch+json\r\nContent-Length: %zu\r\n\r\n%s",
		     url, len, body) < 0)
		err(1, "memory");
	free(body);
	return request;
}

static void request_send(int fd, const char *request)
{
	size_t len = strlen(request), done = 0;

	while (done < len) {
		ssize_t n = write(fd, request + done, len - done);

		if (n < 0)
			err(1, "svcd");
		done += n;
	}
}

/* Where the answer ends; 0: it has not come so far. */
static size_t answer_end(const char *buf)
{
	const char *head = strstr(buf, "\r\n\r\n");
	const char *length = strcasestr(buf, "\r\nContent-Length:");

	if (!head)
		return 0;
	if (!length || length > head)
		errx(1, "svcd's answer has no length: %.*s", (int)(head - buf), buf);
	return head + 4 - buf + strtoul(length + 17, NULL, 10);
}

static void answer_await(int fd)
{
	static char buf[2 * BODY_MAX];
	size_t len = 0, end = 0;
	ssize_t n;

	while (!end || len < end) {
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		if (n <= 0)
			errx(1, "svcd hung up");
		len += n;
		buf[len] = 0;
		end = answer_end(buf);
	}
	if (strncmp(buf, "HTTP/1.1 200 ", 13))
		errx(1, "svcd refuses it: %s", buf);
}

/* ---- figures */

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t percentile(struct samples *s, unsigned int percent)
{
	qsort(s->ns, s->n, sizeof(*s->ns), compare);
	return s->ns[(s->n - 1) * percent / 100];
}

static struct samples samples_make(size_t n)
{
	struct samples s = { .ns = calloc(n, sizeof(uint64_t)), .n = n };

	if (!s.ns)
		err(1, "memory");
	return s;
}

int main(int argc, char **argv)
{
	struct sched_param first = { .sched_priority = 1 };
	struct samples kernel, answer;
	struct nl_sock *events;
	char *requests[2];
	size_t i, count;
	int fd;

	if (argc != 6)
		usage();
	count = strtoul(argv[5], NULL, 10);
	if (!count)
		usage();
	kernel = samples_make(count);
	answer = samples_make(count);
	requests[0] = request_make(argv[2], argv[3]);
	requests[1] = request_make(argv[2], argv[4]);
	events = events_open();
	fd = api_open(argv[1]);
	/* or the event would wait for svcd to have nothing left to do */
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		err(1, "sched_setscheduler");

	/* As it is between two changes. */
	request_send(fd, requests[1]);
	answer_await(fd);
	while (event_comes(events, SILENCE_MS))
		event_await(events);

	for (i = 0; i < count; i++) {
		uint64_t begin = now();

		request_send(fd, requests[i % 2]);
		event_await(events);
		kernel.ns[i] = now() - begin;
		answer_await(fd);
		answer.ns[i] = now() - begin;
		if (event_comes(events, 0))
			errx(1, "one change, and more than one event");
	}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	       percentile(&kernel, 50), percentile(&kernel, 99),
	       percentile(&answer, 50), percentile(&answer, 99));
	return 0;
}
