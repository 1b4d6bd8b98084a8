// SPDX-License-Identifier: GPL-2.0
/*
 * Servers and clients of the selftests; see usage(). In C, because a test asks
 * some hundred times, and the VM is emulated.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct args {
	int type, proto;
	struct sockaddr_storage addr;	/* of the server */
	struct sockaddr_storage source;	/* ss_family 0: any */
	const char *name;
	unsigned int sport;
	int count;
	size_t size;			/* of the line that is sent and wanted back; 0: none */
	double timeout;			/* seconds for each step */
	bool hold, transparent;
};

static void usage(void)
{
	fputs("net server PROTO ADDRESS PORT NAME [--transparent]\n"
	      "	answers each connection or datagram with \"NAME PEER_ADDRESS PEER_PORT\", and\n"
	      "	on a connection each further line with the same words and the line behind them,\n"
	      "	as also a datagram that begins with \"echo\". Prints \"ready\" when it is bound.\n"
	      "	--transparent: it may be given what goes to other addresses, by TPROXY.\n"
	      "net client PROTO ADDRESS PORT [--source ADDRESS] [--sport PORT] [--count N]\n"
	      "	   [--timeout SECONDS] [--size BYTES] [--hold]\n"
	      "	prints N answers, each of a new connection or socket, with a --sport each of the\n"
	      "	next port. --size: through each of them a line of so many bytes, the first\n"
	      "	datagram, goes there and has to come back as it was, else it fails with EBADMSG.\n"
	      "	--hold: one connection;\n"
	      "	each line of stdin is sent, its answer printed. A failure is printed on stderr\n"
	      "	as the errno's name, and the exit code is 1.\n"
	      "PROTO: tcp, udp, sctp\n", stderr);
	exit(2);
}

static int fail(void)
{
	fprintf(stderr, "%s\n", strerrorname_np(errno == EAGAIN || errno == EINPROGRESS ?
						ETIMEDOUT : errno));
	return 1;
}

static socklen_t addr_len(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static bool addr_parse(const char *text, unsigned int port, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*out));
	v4->sin_port = htons(port);	/* at the same place in both */
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		out->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		out->ss_family = AF_INET6;
	return out->ss_family;
}

/* "NAME PEER_ADDRESS PEER_PORT" into buf. */
static void words(const char *name, const struct sockaddr_storage *peer, char *buf, size_t size)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	char text[INET6_ADDRSTRLEN];

	if (peer->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	snprintf(buf, size, "%s %s %u", name, text, ntohs(v4->sin_port));
}

static void serve_connection(int fd, const struct sockaddr_storage *peer, const char *name)
{
	FILE *in = fdopen(fd, "r");
	char *line = NULL;
	char prefix[512];
	size_t size = 0;

	if (!in)
		exit(1);
	words(name, peer, prefix, sizeof(prefix));
	dprintf(fd, "%s\n", prefix);
	while (getline(&line, &size, in) > 0)
		dprintf(fd, "%s %s", prefix, line);
	exit(0);
}

static void serve_stream(int fd, const struct args *a)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		int conn;

		conn = accept(fd, (struct sockaddr *)&peer, &len);
		if (conn < 0)
			continue;
		if (fork() == 0)
			serve_connection(conn, &peer, a->name);
		close(conn);
	}
}

static void serve_datagrams(int fd, const struct args *a)
{
	static char buf[1 << 16], answer[1 << 16];

	for (;;) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		char prefix[512];
		ssize_t n;

		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&peer, &len);
		if (n < 0)
			continue;
		words(a->name, &peer, prefix, sizeof(prefix));
		if (n < 5 || memcmp(buf, "echo ", 5))
			n = sprintf(answer, "%s\n", prefix);
		else
			n = snprintf(answer, sizeof(answer), "%s %.*s", prefix, (int)n, buf);
		/* The client may be gone; that is its affair. */
		sendto(fd, answer, n, 0, (struct sockaddr *)&peer, len);
	}
}

static bool let_transparent(int fd, int family)
{
	int one = 1;

	if (family == AF_INET)
		return !setsockopt(fd, SOL_IP, IP_TRANSPARENT, &one, sizeof(one));
	return !setsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof(one));
}

static int serve(const struct args *a)
{
	int fd = socket(a->addr.ss_family, a->type, a->proto);
	int one = 1;

	if (fd < 0)
		return fail();
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->transparent && !let_transparent(fd, a->addr.ss_family))
		return fail();
	if (bind(fd, (const struct sockaddr *)&a->addr, addr_len(&a->addr)))
		return fail();
	if (a->type == SOCK_STREAM && listen(fd, 256))
		return fail();
	puts("ready");
	fflush(stdout);
	if (a->type == SOCK_STREAM)
		serve_stream(fd, a);
	else
		serve_datagrams(fd, a);
	return 0;
}

static bool bind_source(int fd, const struct args *a)
{
	struct sockaddr_storage from = a->source;
	int one = 1;

	if (!from.ss_family && !a->sport)
		return true;
	if (!from.ss_family)
		from.ss_family = a->addr.ss_family;
	((struct sockaddr_in *)&from)->sin_port = htons(a->sport);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(fd, (struct sockaddr *)&from, addr_len(&from)) == 0;
}

/* A socket whose every step, connect() as well, takes at most the time-out; -1: errno. */
static int open_client(const struct args *a)
{
	struct timeval limit = {
		.tv_sec = (time_t)a->timeout,
		.tv_usec = (suseconds_t)((a->timeout - (time_t)a->timeout) * 1e6),
	};
	int fd;

	fd = socket(a->addr.ss_family, a->type, a->proto);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!bind_source(fd, a) ||
	    connect(fd, (const struct sockaddr *)&a->addr, addr_len(&a->addr)) ||
	    (a->type == SOCK_DGRAM && !a->size && send(fd, "hello\n", 6, 0) < 0)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

#define LINE	8192

static bool print_answer(int fd)
{
	char buf[LINE + 512];
	size_t n = 0;

	while (n == 0 || buf[n - 1] != '\n') {
		ssize_t got = recv(fd, buf + n, sizeof(buf) - n, 0);

		if (got == 0)
			errno = EPIPE;
		if (got <= 0 || n + got == sizeof(buf))
			return false;
		n += got;
	}
	fwrite(buf, 1, n, stdout);
	fflush(stdout);
	return true;
}

/* "echo 01234567890123..." and the end of the line, size bytes in all. */
static char *make_line(size_t size)
{
	char *line = malloc(size);

	if (!line)
		return NULL;
	for (size_t i = 0; i < size; i++)
		line[i] = i + 1 < size ? '0' + i % 10 : '\n';
	memcpy(line, "echo ", 5);
	return line;
}

static bool send_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		data += sent;
		size -= sent;
	}
	return true;
}

/* To the end of the line; how much that is. -1: errno. */
static ssize_t receive_line(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n == 0 || buf[n - 1] != '\n') {
		ssize_t got = n < size ? recv(fd, buf + n, size - n, 0) : 0;

		if (got == 0)
			errno = EBADMSG;
		if (got <= 0)
			return -1;
		n += got;
	}
	return n;
}

/* What comes back is the line with some words before it. Of a datagram they are printed. */
static bool echo(int fd, const struct args *a)
{
	size_t size = a->size;
	char *line = make_line(size), *back = malloc(size + 512);
	ssize_t n;

	if (!line || !back || !send_all(fd, line, size))
		return false;
	n = receive_line(fd, back, size + 512);
	if (n < 0)
		return false;
	if ((size_t)n <= size || memcmp(back + n - size, line, size)) {
		errno = EBADMSG;
		return false;
	}
	if (a->type == SOCK_DGRAM)
		printf("%.*s\n", (int)(n - size - 1), back);
	fflush(stdout);
	free(line);
	free(back);
	return true;
}

static bool answered(int fd, const struct args *a)
{
	if (!a->size)
		return print_answer(fd);
	return (a->type == SOCK_DGRAM || print_answer(fd)) && echo(fd, a);
}

static int hold(const struct args *a)
{
	int fd = open_client(a);
	char line[LINE];

	if (fd < 0 || !print_answer(fd))
		return fail();
	while (fgets(line, sizeof(line), stdin)) {
		if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 || !print_answer(fd))
			return fail();
	}
	close(fd);
	return 0;
}

static int ask(const struct args *first)
{
	struct args one = *first;

	for (int i = 0; i < first->count; i++) {
		int fd;

		one.sport = first->sport ? first->sport + i : 0;
		fd = open_client(&one);

		if (fd < 0 || !answered(fd, &one))
			return fail();
		close(fd);
	}
	return 0;
}

static void parse_proto(const char *text, struct args *a)
{
	a->type = strcmp(text, "udp") ? SOCK_STREAM : SOCK_DGRAM;
	if (!strcmp(text, "tcp"))
		a->proto = IPPROTO_TCP;
	else if (!strcmp(text, "udp"))
		a->proto = IPPROTO_UDP;
	else if (!strcmp(text, "sctp"))
		a->proto = IPPROTO_SCTP;
	else
		usage();
}

static void parse_options(int argc, char **argv, struct args *a)
{
	static const struct option options[] = {
		{ "source", required_argument, NULL, 's' },
		{ "sport", required_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ "size", required_argument, NULL, 'z' },
		{ "transparent", no_argument, NULL, 'r' },
		{ "hold", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 's' && addr_parse(optarg, 0, &a->source))
			continue;
		else if (o == 'p')
			a->sport = atoi(optarg);
		else if (o == 'c')
			a->count = atoi(optarg);
		else if (o == 't')
			a->timeout = atof(optarg);
		else if (o == 'z' && atoi(optarg) > 5)
			a->size = atoi(optarg);
		else if (o == 'r')
			a->transparent = true;
		else if (o == 'h')
			a->hold = true;
		else
			usage();
	}
}

int main(int argc, char **argv)
{
	struct args a = { .count = 1, .timeout = 5, .name = "server" };

	parse_options(argc, argv, &a);
	argv += optind;
	argc -= optind;
	if (argc < 4 || !addr_parse(argv[2], atoi(argv[3]), &a.addr))
		usage();
	parse_proto(argv[1], &a);
	if (argc > 4)
		a.name = argv[4];
	if (!strcmp(argv[0], "server"))
		return serve(&a);
	return a.hold ? hold(&a) : ask(&a);
}
