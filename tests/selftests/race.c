// SPDX-License-Identifier: GPL-2.0
/* The first two datagrams of a socket, sent by two CPUs at the same time; see usage(). */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CPUS	2

static atomic_uint arrived;	/* at all meetings so far */
static atomic_int sock;
static unsigned int rounds;

static void usage(void)
{
	fputs("race ADDRESS PORT ROUNDS SOURCE\n"
	      "	each round a new UDP socket; both answers must come, and from one\n"
	      "	server: their first words are compared. The first round that fails\n"
	      "	is told, and ends it. Round n is sent from the address SOURCE + n.\n",
	      stderr);
	exit(2);
}

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* Returns when both have come, n times in all: by spinning, so that they go at once. */
static void meet(unsigned int n)
{
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < n)
		;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* Round r: the socket is made, both meet, each sends, both meet. */
static void send_one(unsigned int r)
{
	meet((2 * r + 1) * CPUS);
	if (send(atomic_load(&sock), "hello\n", 6, 0) < 0)
		die("send");
	meet((2 * r + 2) * CPUS);
}

static void *other_cpu(void *unused)
{
	pin(1);
	for (unsigned int r = 0; r < rounds; r++)
		send_one(r);
	return unused;
}

static socklen_t addr_len(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

/* n addresses on, counted in the last two bytes. */
static struct sockaddr_storage addr_next(struct sockaddr_storage a, unsigned int n)
{
	unsigned char *end = a.ss_family == AF_INET ?
		(unsigned char *)(&((struct sockaddr_in *)&a)->sin_addr + 1) :
		(unsigned char *)(&((struct sockaddr_in6 *)&a)->sin6_addr + 1);

	n += end[-2] << 8 | end[-1];
	end[-2] = n >> 8;
	end[-1] = n;
	return a;
}

static int open_socket(const struct sockaddr_storage *to, const struct sockaddr_storage *from)
{
	const struct timeval limit = { .tv_sec = 5 };
	int fd = socket(to->ss_family, SOCK_DGRAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    bind(fd, (const struct sockaddr *)from, addr_len(from)) ||
	    connect(fd, (const struct sockaddr *)to, addr_len(to)))
		die("socket");
	return fd;
}

/* The first word of the next answer. */
static void word(int fd, unsigned int r, unsigned int i, char *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size - 1, 0);

	if (n < 0) {
		fprintf(stderr, "round %u: answer %u of %d: %s\n", r, i + 1, CPUS,
			strerror(errno));
		exit(1);
	}
	buf[n] = 0;
	buf[strcspn(buf, " ")] = 0;
}

static void check_answers(int fd, unsigned int r)
{
	char first[256], next[256];

	word(fd, r, 0, first, sizeof(first));
	for (unsigned int i = 1; i < CPUS; i++) {
		word(fd, r, i, next, sizeof(next));
		if (strcmp(first, next)) {
			fprintf(stderr, "round %u: from '%s' and from '%s'\n", r, first, next);
			exit(1);
		}
	}
}

static bool parse(const char *addr, const char *port, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	v4->sin_port = htons(atoi(port));	/* at the same place in both */
	if (inet_pton(AF_INET, addr, &v4->sin_addr) == 1)
		to->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, addr, &v6->sin6_addr) == 1)
		to->ss_family = AF_INET6;
	return to->ss_family;
}

int main(int argc, char **argv)
{
	struct sockaddr_storage to = { 0 }, source = { 0 };
	pthread_t other;

	if (argc != 5 || !parse(argv[1], argv[2], &to) || !parse(argv[4], "0", &source))
		usage();
	rounds = atoi(argv[3]);
	pin(0);
	errno = pthread_create(&other, NULL, other_cpu, NULL);
	if (errno)
		die("pthread_create");
	for (unsigned int r = 0; r < rounds; r++) {
		const struct sockaddr_storage from = addr_next(source, r);
		int fd = open_socket(&to, &from);

		atomic_store(&sock, fd);
		send_one(r);
		check_answers(fd, r);
		close(fd);
	}
	pthread_join(other, NULL);
	printf("%u rounds\n", rounds);
	return 0;
}
