// SPDX-License-Identifier: GPL-2.0
/* What is heard of rtnetlink: by a socket that says what it is told to, and by a real one. */
#include "err.h"
#include "lan_help.h"
#include "rtnl.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* What recvfrom() says next, in this order; then that there is nothing. */
static struct answer {
	int error;			/* 0: a datagram */
	const void *data;
	size_t len;			/* as it was sent */
	uint32_t from;
	unsigned int times;		/* 0: once */
} answers[8];
static size_t nanswers, answered;
static unsigned int times, calls;
static bool scripted;

static ssize_t give(const struct answer *a, void *buf, size_t size, int flags,
		    struct sockaddr_nl *from)
{
	size_t n = a->len < size ? a->len : size;

	if (a->error) {
		errno = a->error;
		return -1;
	}
	memcpy(buf, a->data, n);
	*from = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_pid = a->from };
	return (ssize_t)(flags & MSG_TRUNC ? a->len : n);
}

ssize_t recvfrom(int fd, void *buf, size_t size, int flags, __SOCKADDR_ARG from, socklen_t *len)
{
	static const struct answer nothing = { .error = EAGAIN };
	static ssize_t (*real)(int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *);
	const struct answer *a = &nothing;

	if (!scripted) {
		if (!real)
			real = (typeof(real))dlsym(RTLD_NEXT, "recvfrom");
		return real(fd, buf, size, flags, from, len);
	}
	calls++;
	if (answered < nanswers) {
		a = &answers[answered];
		times++;
		if (times >= a->times) {
			answered++;
			times = 0;
		}
	}
	*len = sizeof(struct sockaddr_nl);
	return give(a, buf, size, flags, *(struct sockaddr_nl **)&from);
}

static void say(struct answer a)
{
	answers[nanswers++] = a;
}

/* --- messages: each a header and a number, as text: their types and what is lost */

struct message {
	struct nlmsghdr h;
	uint32_t number;
};

static struct message message(uint16_t type, uint32_t number)
{
	return (struct message){
		{ .nlmsg_len = sizeof(struct message), .nlmsg_type = type }, number,
	};
}

static char heard[4096];

static void on_message(const struct nlmsghdr *h, void *ctx)
{
	size_t n = strlen(heard);

	assert_ptr_equal(ctx, heard);
	if (!h)
		snprintf(heard + n, sizeof(heard) - n, "lost ");
	else
		snprintf(heard + n, sizeof(heard) - n, "%u:%u ", h->nlmsg_type,
			 *(const uint32_t *)nlmsg_data(h));
}

static struct nl_sock *sk;

static int hear(struct err *e)
{
	heard[0] = '\0';
	calls = 0;
	return rtnl_hear(sk, on_message, heard, e);
}

static void hears(const char *expected)
{
	struct err e = { "" };
	int ret = hear(&e);

	assert_int_equal(answered, nanswers);
	assert_string_equal(heard, expected);
	assert_int_equal(ret, nanswers != 0);
	nanswers = answered = 0;
}

static int setup(void **state)
{
	static const int none[] = { 0 };

	(void)state;
	nanswers = answered = times = 0;
	scripted = true;
	return rtnl_open(&sk, none, NULL);
}

static int teardown(void **state)
{
	(void)state;
	rtnl_close(sk);
	return 0;
}

static void test_nothing(void **state)
{
	(void)state;
	hears("");
	assert_int_equal(calls, 1);
}

static void test_messages(void **state)
{
	const struct message m[] = { message(16, 1), message(24, 2), message(17, 3) };

	(void)state;
	say((struct answer){ .data = m, .len = sizeof(*m) });
	/* A datagram may have several. */
	say((struct answer){ .data = m, .len = sizeof(m) });
	hears("16:1 16:1 24:2 17:3 ");
}

/* The last one's length is a multiple of nothing. */
static void test_unaligned(void **state)
{
	struct message m[] = { message(16, 1), message(17, 2) };

	(void)state;
	m[1].h.nlmsg_len -= 1;
	say((struct answer){ .data = m, .len = sizeof(m) - 1 });
	hears("16:1 17:2 ");
}

/* What is no news but of the exchange itself. */
static void test_of_netlink(void **state)
{
	struct message m[] = {
		message(NLMSG_NOOP, 1), message(NLMSG_ERROR, 2), message(16, 3),
		message(NLMSG_DONE, 4), message(NLMSG_OVERRUN, 5), message(17, 6),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(m) / sizeof(*m); i++)
		m[i].h.nlmsg_flags = NLM_F_MULTI;
	say((struct answer){ .data = m, .len = sizeof(m) });
	/* It ends nothing: what comes behind it is news. */
	hears("16:3 17:6 ");
}

static void test_overrun(void **state)
{
	const struct message m = message(16, 1);

	(void)state;
	say((struct answer){ .data = &m, .len = sizeof(m) });
	say((struct answer){ .error = ENOBUFS });
	say((struct answer){ .data = &m, .len = sizeof(m) });
	hears("16:1 lost 16:1 ");
}

static void test_interrupted(void **state)
{
	const struct message m = message(16, 1);

	(void)state;
	say((struct answer){ .error = EINTR });
	say((struct answer){ .data = &m, .len = sizeof(m) });
	hears("16:1 ");
}

static void test_broken(void **state)
{
	struct err e;

	(void)state;
	say((struct answer){ .error = ENOMEM });
	assert_int_equal(hear(&e), -ENOMEM);
	assert_string_equal(heard, "");
	assert_non_null(strstr(e.text, "no news of devices and routes: "));
}

/* Anybody may send to the socket. */
static void test_foreign(void **state)
{
	const struct message m[] = { message(16, 1), message(17, 2) };

	(void)state;
	say((struct answer){ .data = m, .len = sizeof(m), .from = 4711 });
	say((struct answer){ .data = m, .len = sizeof(*m) });
	/* Nor is it a loss that his is cut. */
	say((struct answer){ .data = m, .len = sizeof(m) - 4, .from = 4711 });
	hears("16:1 ");
}

/* Of a message that is not whole nothing is believed, but that there was one. */
static void test_cut(void **state)
{
	struct message m[] = { message(16, 1), message(17, 2) };
	size_t len;

	(void)state;
	for (len = sizeof(*m) + 1; len < sizeof(m); len++) {
		/* Of its very size, so that reading on is caught. */
		char *copy = malloc(len);

		memcpy(copy, m, len);
		say((struct answer){ .data = copy, .len = len });
		hears("16:1 lost ");
		free(copy);
	}
	m[1].h.nlmsg_len = sizeof(struct nlmsghdr) - 1;
	say((struct answer){ .data = m, .len = sizeof(m) });
	hears("16:1 lost ");
	m[0].h.nlmsg_len = UINT32_MAX;
	say((struct answer){ .data = m, .len = sizeof(m) });
	hears("lost ");
}

/* A datagram that is larger than what it is read into. */
static void test_large(void **state)
{
	const size_t n = (1 << 16) / sizeof(struct message);
	struct message *m = calloc(n + 1, sizeof(*m));
	size_t i;

	(void)state;
	for (i = 0; i <= n; i++)
		m[i] = message(i == n ? 17 : NLMSG_NOOP, 1);
	m[n - 1] = message(16, 1);
	say((struct answer){ .data = m, .len = (n + 1) * sizeof(*m) });
	hears("16:1 lost ");
	say((struct answer){ .data = m, .len = n * sizeof(*m) });
	hears("16:1 ");
	free(m);
}

/* Who sends without an end does not keep the event loop. */
static void test_end(void **state)
{
	const struct message m = message(16, 1);
	struct err e;

	(void)state;
	say((struct answer){ .data = &m, .len = sizeof(m), .times = 100000 });
	assert_int_equal(hear(&e), 1);
	assert_in_range(calls, 100, 1000);
	nanswers = 0;
	say((struct answer){ .error = EINTR, .times = 100000 });
	hear(&e);
	assert_in_range(calls, 100, 1000);
}

/* --- the kernel's --- */

static bool begin(struct lan *l, int rcvbuf)
{
	static const int groups[] = { RTNLGRP_LINK, 0 };

	if (!lan_open(l))
		return false;
	scripted = false;
	rtnl_close(sk);
	assert_int_equal(rtnl_open(&sk, groups, NULL), 0);
	if (rcvbuf)
		assert_int_equal(setsockopt(nl_socket_get_fd(sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf,
					    sizeof(rcvbuf)), 0);
	return true;
}

static void test_real_overrun(void **state)
{
	struct err e;
	struct lan l;

	(void)state;
	if (!begin(&l, 4096))
		skip();
	lan_do("for i in 1 2 3 4; do ip link add a$i type veth peer name b$i; done");
	assert_int_equal(hear(&e), 1);
	assert_non_null(strstr(heard, "lost "));
	assert_int_equal(hear(&e), 0);
	lan_do("ip link del a1");
	assert_int_equal(hear(&e), 1);
	assert_null(strstr(heard, "lost "));
	assert_non_null(strstr(heard, "17:"));
	lan_close(&l);
}

static void test_real_foreign(void **state)
{
	const struct message m = message(RTM_NEWLINK, 1);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct err e;
	struct lan l;
	int fd;

	(void)state;
	if (!begin(&l, 0))
		skip();
	to.nl_pid = nl_socket_get_local_port(sk);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	assert_int_equal(sendto(fd, &m, sizeof(m), 0, (void *)&to, sizeof(to)), sizeof(m));
	close(fd);
	assert_int_equal(hear(&e), 1);
	assert_string_equal(heard, "");
	lan_close(&l);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_nothing),
		CASE(test_messages),
		CASE(test_unaligned),
		CASE(test_of_netlink),
		CASE(test_overrun),
		CASE(test_interrupted),
		CASE(test_broken),
		CASE(test_foreign),
		CASE(test_cut),
		CASE(test_large),
		CASE(test_end),
		CASE(test_real_overrun),
		CASE(test_real_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
