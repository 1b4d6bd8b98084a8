// SPDX-License-Identifier: GPL-2.0
/* A dump of services in parts, from a module that a test plays. */
#include "netlink_walk.h"

#include "err.h"
#include "netlink_fill.h"
#include "netlink_help.h"

#include <errno.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FAMILY	0x1c
#define SEQ	77

/* One message: a service that begins (name) or goes on (NULL), or the end. */
struct part {
	bool end;
	int error;		/* of the end */
	const char *name;
	uint32_t id;
	uint8_t endpoint;	/* the last byte of its address; 0: none */
	bool more, interrupted;
};

/* Datagrams, each up to a part that is zero. */
struct script {
	const struct part *next;
	unsigned int reads;
	int fail;		/* errno of the next read */
};

static void deliver(struct netlink_answer *a, struct nlmsghdr *h, int flags, struct err *e)
{
	h->nlmsg_seq = SEQ;
	h->nlmsg_flags |= (uint16_t)flags;
	netlink_sock_take(a, h, (int)h->nlmsg_len, 0, e);
}

static void deliver_service(struct netlink_answer *a, const struct part *p, struct err *e)
{
	const struct kfilter key = { .name = p->name, .family = AF_INET, .proto = IPPROTO_TCP,
				     .owner = "svcd" };
	struct nl_msg *msg = netlink_help_genl(FAMILY, SVCNAT_CMD_SERVICE_GET, NLM_F_MULTI, 4096);
	const uint8_t addr[4] = { 10, 0, 0, p->endpoint };
	struct nlattr *nest;

	nla_put_u32(msg, SVCNAT_A_SERVICE_ID, p->id);
	if (p->name)
		assert_int_equal(netlink_fill_filter(msg, &key), 0);
	if (p->endpoint) {
		nest = nla_nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);
		nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, addr);
		netlink_help_port(msg, SVCNAT_A_ENDPOINT_PORT, 80);
		nla_nest_end(msg, nest);
	}
	if (p->more)
		nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	deliver(a, nlmsg_hdr(msg), p->interrupted ? NLM_F_DUMP_INTR : 0, e);
	nlmsg_free(msg);
}

static int play(void *ctx, struct netlink_answer *a, struct err *e)
{
	struct script *s = ctx;
	struct ack end;

	s->reads++;
	if (s->fail)
		return err_set(e, s->fail, "the test says so");
	for (; s->next->id || s->next->end; s->next++) {
		if (!s->next->end) {
			deliver_service(a, s->next, e);
			continue;
		}
		end = netlink_help_ack(NLMSG_DONE, s->next->error, 0,
				       s->next->error ? "no such thing" : NULL);
		deliver(a, &end.h, 0, e);
	}
	s->next++;
	return 0;
}

#define DATAGRAM_END	{ .id = 0 }

static void test_parts(void **state)
{
	static const struct part parts[] = {
		{ .id = 1, .name = "a" }, { .id = 2, .name = "b", .endpoint = 1, .more = true },
		DATAGRAM_END,
		{ .id = 2, .endpoint = 2, .more = true },
		DATAGRAM_END,
		{ .id = 2, .endpoint = 3 }, { .id = 3, .name = "c" },
		DATAGRAM_END,
		/* Something else changed: that does not matter to these. */
		{ .id = 4, .name = "d", .interrupted = true },
		DATAGRAM_END,
		{ .end = true },
		DATAGRAM_END,
	};
	struct script s = { .next = parts };
	struct netlink_walk *w = netlink_walk_open_on(play, &s, SEQ);
	struct kservices l = { 0 };

	(void)state;
	assert_int_equal(netlink_walk_read(w, &l, NULL), 1);
	assert_int_equal(l.n, 1);
	assert_int_equal(netlink_walk_read(w, &l, NULL), 1);
	assert_int_equal(l.n, 1);
	assert_int_equal(netlink_walk_read(w, &l, NULL), 1);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[1].name, "b");
	assert_int_equal(l.v[1].nendpoints, 3);
	assert_int_equal(netlink_walk_read(w, &l, NULL), 1);
	assert_int_equal(l.n, 4);
	assert_int_equal(netlink_walk_read(w, &l, NULL), 0);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[3].name, "d");
	/* Behind the end nothing is waited for. */
	assert_int_equal(netlink_walk_read(w, &l, NULL), 0);
	assert_int_equal(s.reads, 5);
	kservices_clear(&l);
	netlink_walk_close(w);
}

static const struct {
	struct part parts[8];
	int reads;		/* that go well, before the one that does not */
	int err;
} bad[] = {
	/* The service changed while it was read. */
	{ { { .id = 1, .name = "a", .more = true }, DATAGRAM_END,
	    { .id = 1, .endpoint = 2, .interrupted = true }, DATAGRAM_END }, 1, -EAGAIN },
	{ { { .id = 1, .name = "a", .more = true }, DATAGRAM_END,
	    { .id = 2, .name = "b", .interrupted = true }, DATAGRAM_END }, 1, -EAGAIN },
	{ { { .id = 1, .name = "a", .more = true }, DATAGRAM_END, { .end = true }, DATAGRAM_END },
	  1, -EPROTO },
	{ { { .end = true, .error = -EPERM }, DATAGRAM_END }, 0, -EPERM },
	{ { { .id = 1 }, DATAGRAM_END }, 0, -EPROTO },
};

static void test_bad(void **state)
{
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct script s = { .next = bad[i].parts };
		struct netlink_walk *w = netlink_walk_open_on(play, &s, SEQ);
		struct kservices l = { 0 };
		struct err e = { "" };

		for (j = 0; j < bad[i].reads; j++)
			assert_int_equal(netlink_walk_read(w, &l, &e), 1);
		assert_int_equal(netlink_walk_read(w, &l, &e), bad[i].err);
		assert_true(e.text[0]);
		kservices_clear(&l);
		netlink_walk_close(w);
	}
}

static void test_unreadable(void **state)
{
	struct script s = { .fail = EIO };
	struct netlink_walk *w = netlink_walk_open_on(play, &s, SEQ);
	struct kservices l = { 0 };

	(void)state;
	assert_int_equal(netlink_walk_read(w, &l, NULL), -EIO);
	netlink_walk_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
