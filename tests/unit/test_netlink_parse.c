// SPDX-License-Identifier: GPL-2.0
/* Settings, counters, affinity and resolve in messages. */
#include "err.h"
#include "netlink_fill.h"
#include "netlink_help.h"
#include "netlink_parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define message	netlink_help_message
#define take	netlink_help_take

/* --- settings --- */

static struct nl_msg *settings_message(const struct ksettings *s, unsigned int what)
{
	struct nl_msg *msg = message(netlink_fill_settings_size(s));

	assert_int_equal(netlink_fill_settings(msg, s, what), 0);
	return msg;
}

static void add_cidr(struct kcidrs *l, const char *text)
{
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(text, &c, NULL), 0);
	assert_int_equal(kcidrs_add(l, &c), 0);
}

/* "Leave it", "clear it" and "switch it off" are three messages. */
static void test_settings_set(void **state)
{
	const struct ksettings none = { 0 };
	struct ksettings s = { .echo = true, .armed = true, .loopback_nodeports = true };

	(void)state;
	netlink_help_expect(settings_message(&none, 0), NETLINK_SETTINGS, "");
	netlink_help_expect(settings_message(&none, KSETTINGS_ALL), NETLINK_SETTINGS,
			    "pod{} service{} nodeport{} external{} loopback=0 masquerade=0 echo=0 "
			    "armed=0");
	add_cidr(&s.pod_cidrs, "10.244.0.0/16");
	add_cidr(&s.pod_cidrs, "fd00:244::/56");
	add_cidr(&s.service_cidrs, "10.96.0.0/12");
	add_cidr(&s.nodeport_cidrs, "0.0.0.0/0");
	add_cidr(&s.external_cidrs, "::1/128");
	s.max[KLIMIT_FRONTENDS] = 2;
	s.max[KLIMIT_CONNECTIONS] = UINT32_MAX;
	s.now[KLIMIT_SERVICES] = 9;
	netlink_help_expect(settings_message(&s, KSETTINGS_POD_CIDRS | KSETTINGS_ECHO),
			    NETLINK_SETTINGS,
			    "pod{cidr{family=2 addr=10.244.0.0 prefix=16} "
			    "cidr{family=10 addr=fd00:244:: prefix=56}} echo=1");
	netlink_help_expect(settings_message(&s, KSETTINGS_SERVICE_CIDRS |
					     KSETTINGS_NODEPORT_CIDRS | KSETTINGS_EXTERNAL_CIDRS),
			    NETLINK_SETTINGS,
			    "service{cidr{family=2 addr=10.96.0.0 prefix=12}} "
			    "nodeport{cidr{family=2 addr=0.0.0.0 prefix=0}} "
			    "external{cidr{family=10 addr=::1 prefix=128}}");
	netlink_help_expect(settings_message(&s, KSETTINGS_LOOPBACK_NODEPORTS |
					     KSETTINGS_MASQUERADE_ALL | KSETTINGS_ARMED),
			    NETLINK_SETTINGS, "loopback=1 masquerade=0 armed=1");
	netlink_help_expect(settings_message(&s, KSETTINGS_LIMITS), NETLINK_SETTINGS,
			    "max-frontends=2 max-connections=4294967295");
	for (int i = 0; i < KLIMIT_N; i++)
		s.max[i] = i + 1;
	netlink_help_expect(settings_message(&s, KSETTINGS_LIMITS), NETLINK_SETTINGS,
			    "max-services=1 max-frontends=2 max-endpoints=3 max-ranges=4 "
			    "max-affinity=5 max-connections=6");
	ksettings_clear(&s);
}

/* What stands in a reply beside what can be set. */
static struct nl_msg *settings_reply(const struct ksettings *s)
{
	struct nl_msg *msg = message(netlink_fill_settings_size(s));
	int i;

	assert_int_equal(netlink_fill_settings(msg, s, KSETTINGS_ALL), 0);
	nla_put_string(msg, SVCNAT_A_SETTINGS_VERSION, "9.8.7");
	nla_put_u8(msg, SVCNAT_A_SETTINGS_ENABLED, 1);
	for (i = 0; i < KLIMIT_N; i++)
		nla_put_u32(msg, SVCNAT_A_SETTINGS_SERVICES + i, 100 + i);
	return msg;
}

static struct ksettings full_settings(void)
{
	struct ksettings s = { .masquerade_all = true, .armed = true };
	int i;

	add_cidr(&s.pod_cidrs, "10.244.0.0/16");
	add_cidr(&s.nodeport_cidrs, "fd00::/8");
	for (i = 0; i < KLIMIT_N; i++)
		s.max[i] = 200 + i;
	return s;
}

static int parse_settings(const struct nlattr *attrs, int len)
{
	struct ksettings s;
	struct err e;
	int err = netlink_parse_settings(attrs, len, &s, &e);

	if (!err)
		ksettings_clear(&s);
	else
		assert_non_null(strstr(e.text, "malformed (settings, attribute"));
	return err;
}

static void assert_same_cidrs(const struct kcidrs *a, const struct kcidrs *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		assert_true(ip_addr_equal(&a->v[i].addr, &b->v[i].addr));
		assert_int_equal(a->v[i].prefix, b->v[i].prefix);
	}
}

static void test_settings_get(void **state)
{
	struct ksettings s = full_settings(), back;
	struct ip_cidr c = { .addr.family = AF_INET, .prefix = 32 };
	struct attrs a;
	int i;

	(void)state;
	/* each list as long as it can be */
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++) {
		c.addr.v4.s_addr = htonl(i);
		assert_int_equal(kcidrs_add(&s.service_cidrs, &c), 0);
		assert_int_equal(kcidrs_add(&s.external_cidrs, &c), 0);
	}
	a = take(settings_reply(&s));
	assert_int_equal(netlink_parse_settings(a.v, a.len, &back, NULL), 0);
	assert_string_equal(back.version, "9.8.7");
	assert_true(back.enabled && back.masquerade_all && back.armed);
	assert_false(back.echo || back.loopback_nodeports);
	assert_same_cidrs(&back.pod_cidrs, &s.pod_cidrs);
	assert_same_cidrs(&back.service_cidrs, &s.service_cidrs);
	assert_same_cidrs(&back.nodeport_cidrs, &s.nodeport_cidrs);
	assert_same_cidrs(&back.external_cidrs, &s.external_cidrs);
	for (i = 0; i < KLIMIT_N; i++) {
		assert_int_equal(back.max[i], 200 + i);
		assert_int_equal(back.now[i], 100 + i);
	}
	ksettings_clear(&back);
	ksettings_clear(&s);
	free(a.v);
}

static int parse_settings_with(int type, const void *data, int len)
{
	struct ksettings s = full_settings();
	struct nl_msg *msg = settings_reply(&s);
	struct attrs a;
	int err;

	ksettings_clear(&s);
	nlmsg_expand(msg, 16384);
	assert_int_equal(nla_put(msg, type, len, data), 0);
	a = take(msg);
	err = parse_settings(a.v, a.len);
	free(a.v);
	return err;
}

static void test_settings_refused(void **state)
{
	struct ksettings s = full_settings();
	struct nl_msg *msg;
	struct attrs a;
	int i;

	(void)state;
	netlink_help_omit(take(settings_reply(&s)), parse_settings);
	netlink_help_spoil(take(settings_reply(&s)), parse_settings);
	assert_int_equal(parse_settings_with(99, "abc", 3), 0);
	assert_int_equal(parse_settings_with(SVCNAT_A_SETTINGS_ECHO, "\x01", 1), 0);
	assert_int_equal(parse_settings_with(SVCNAT_A_SETTINGS_ECHO, "\x02", 1), -EPROTO);
	assert_int_equal(parse_settings_with(SVCNAT_A_SETTINGS_ARMED, "\x01\0\0\0", 4), -EPROTO);
	assert_int_equal(parse_settings_with(SVCNAT_A_SETTINGS_MAX_RANGES, "\x01", 1), -EPROTO);
	assert_int_equal(parse_settings_with(SVCNAT_A_SETTINGS_VERSION, "", 0), -EPROTO);
	/* one CIDR too many, by a second list of the same name */
	msg = settings_reply(&s);
	nlmsg_expand(msg, 32768);
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++) {
		struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SETTINGS_POD_CIDRS);

		netlink_help_cidr(msg, SVCNAT_A_CIDR, "10.0.0.0/8");
		nla_nest_end(msg, nest);
	}
	a = take(msg);
	assert_int_equal(parse_settings(a.v, a.len), -EPROTO);
	free(a.v);
	s.pod_cidrs.v[0].prefix = 8;
	a = take(settings_reply(&s));
	assert_int_equal(parse_settings(a.v, a.len), -EPROTO);
	free(a.v);
	ksettings_clear(&s);
}

/* --- counters --- */

static struct nl_msg *stats_reply(unsigned int reasons)
{
	struct nl_msg *msg = message(4096);
	unsigned int i;
	int type;

	for (i = 0; i < reasons; i++)
		netlink_help_count(msg, SVCNAT_A_STATS_COUNT, (uint8_t)i, 1000 + i);
	for (type = SVCNAT_A_STATS_MASQUERADED; type <= SVCNAT_A_STATS_CONNECTIONS_FULL; type++) {
		nla_put(msg, SVCNAT_A_STATS_PAD, 0, NULL);
		nla_put_u64(msg, type, (1ull << 32) + type);
	}
	return msg;
}

static int parse_stats(const struct nlattr *attrs, int len)
{
	struct kstats s;
	struct err e;
	int err = netlink_parse_stats(attrs, len, &s, &e);

	if (err)
		assert_non_null(strstr(e.text, "malformed (stats, attribute"));
	return err;
}

static int parse_stats_of(unsigned int reasons)
{
	struct attrs a = take(stats_reply(reasons));
	int err = parse_stats(a.v, a.len);

	free(a.v);
	return err;
}

static void test_stats(void **state)
{
	struct attrs a = take(stats_reply(SVCNAT_REASON_MAX + 1));
	const uint64_t big = 1ull << 32;
	struct kstats s;
	int i;

	(void)state;
	assert_int_equal(netlink_parse_stats(a.v, a.len, &s, NULL), 0);
	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		assert_int_equal(s.counts[i], 1000 + i);
	assert_true(s.masqueraded == big + SVCNAT_A_STATS_MASQUERADED);
	assert_true(s.nat_failed == big + SVCNAT_A_STATS_NAT_FAILED);
	assert_true(s.invalid == big + SVCNAT_A_STATS_INVALID);
	assert_true(s.stale_udp == big + SVCNAT_A_STATS_STALE_UDP);
	assert_true(s.stale_tcp == big + SVCNAT_A_STATS_STALE_TCP);
	assert_true(s.stale_walks == big + SVCNAT_A_STATS_STALE_WALKS);
	assert_true(s.rescheduled == big + SVCNAT_A_STATS_RESCHEDULED);
	assert_true(s.affinity_full == big + SVCNAT_A_STATS_AFFINITY_FULL);
	assert_true(s.connections_full == big + SVCNAT_A_STATS_CONNECTIONS_FULL);
	netlink_help_spoil(a, parse_stats);
	/* A reason is missing; a newer module has one more. */
	assert_int_equal(parse_stats_of(SVCNAT_REASON_MAX), -EPROTO);
	assert_int_equal(parse_stats_of(0), -EPROTO);
	assert_int_equal(parse_stats_of(SVCNAT_REASON_MAX + 2), 0);
}

/* Each number must be there. */
static void test_stats_incomplete(void **state)
{
	struct nl_msg *msg;
	struct attrs a;
	int type, without;
	unsigned int i;

	(void)state;
	for (without = SVCNAT_A_STATS_MASQUERADED; without <= SVCNAT_A_STATS_PAD; without++) {
		msg = message(4096);
		for (i = 0; i <= SVCNAT_REASON_MAX; i++)
			netlink_help_count(msg, SVCNAT_A_STATS_COUNT, (uint8_t)i, 1);
		for (type = SVCNAT_A_STATS_MASQUERADED; type < SVCNAT_A_STATS_PAD; type++)
			if (type != without)
				nla_put_u64(msg, type, 1);
		a = take(msg);
		assert_int_equal(parse_stats(a.v, a.len),
				 without == SVCNAT_A_STATS_PAD ? 0 : -EPROTO);
		free(a.v);
	}
}

/* --- affinity --- */

static struct nl_msg *affinity_message(const struct kaffinity_filter *f)
{
	struct nl_msg *msg = message(1024);

	assert_int_equal(netlink_fill_affinity(msg, f), 0);
	return msg;
}

static void test_affinity_filter(void **state)
{
	struct kaffinity_filter f = { 0 };
	struct ip_addr client;

	(void)state;
	netlink_help_expect(affinity_message(&f), NETLINK_AFFINITY, "");
	assert_int_equal(ip_addr_parse("fd00::1", &client, NULL), 0);
	f = (struct kaffinity_filter){ .family = AF_INET6, .client = &client };
	netlink_help_expect(affinity_message(&f), NETLINK_AFFINITY, "family=10 client=fd00::1");
	f = (struct kaffinity_filter){ .name = "web", .proto = IPPROTO_UDP };
	netlink_help_expect(affinity_message(&f), NETLINK_AFFINITY, "name=web proto=17");
}

static struct nl_msg *affinity_reply(int addr_len, uint16_t port)
{
	struct nl_msg *msg = message(1024);

	nla_put_string(msg, SVCNAT_A_AFFINITY_NAME, "ns/web");
	nla_put_u8(msg, SVCNAT_A_AFFINITY_FAMILY, AF_INET);
	nla_put_u8(msg, SVCNAT_A_AFFINITY_PROTO, IPPROTO_TCP);
	nla_put(msg, SVCNAT_A_AFFINITY_CLIENT, 4, "\x0a\0\0\x01");
	nla_put(msg, SVCNAT_A_AFFINITY_ENDPOINT_ADDR, addr_len,
		"\x0a\0\0\x02............");
	netlink_help_port(msg, SVCNAT_A_AFFINITY_ENDPOINT_PORT, port);
	nla_put_u32(msg, SVCNAT_A_AFFINITY_AGE, 17);
	nla_put_u32(msg, SVCNAT_A_AFFINITY_TIMEOUT, 10800);
	return msg;
}

static int parse_affinity(const struct nlattr *attrs, int len)
{
	struct kaffinity f;
	struct err e;
	int err = netlink_parse_affinity(attrs, len, &f, &e);

	if (err)
		assert_non_null(strstr(e.text, "malformed (affinity, attribute"));
	return err;
}

static int parse_affinity_message(struct nl_msg *msg)
{
	struct attrs a = take(msg);
	int err = parse_affinity(a.v, a.len);

	free(a.v);
	return err;
}

static void test_affinity(void **state)
{
	struct nl_msg *msg = affinity_reply(4, 8080);
	struct attrs a = take(msg);
	struct kaffinity f;

	(void)state;
	assert_int_equal(netlink_parse_affinity(a.v, a.len, &f, NULL), 0);
	assert_string_equal(f.name, "ns/web");
	assert_int_equal(f.family, AF_INET);
	assert_int_equal(f.proto, IPPROTO_TCP);
	assert_int_equal(ntohl(f.client.v4.s_addr), 0x0a000001);
	assert_int_equal(f.client.family, AF_INET);
	assert_int_equal(ntohl(f.endpoint.v4.s_addr), 0x0a000002);
	assert_int_equal(f.port, 8080);
	assert_int_equal(f.age, 17);
	assert_int_equal(f.timeout, 10800);
	netlink_help_spoil(a, parse_affinity);
	netlink_help_omit(take(affinity_reply(4, 8080)), parse_affinity);
	assert_int_equal(parse_affinity_message(affinity_reply(16, 8080)), -EPROTO);
	assert_int_equal(parse_affinity_message(affinity_reply(4, 0)), -EPROTO);
	msg = affinity_reply(4, 8080);
	nla_put_u8(msg, 99, 1);
	assert_int_equal(parse_affinity_message(msg), 0);
}

/* --- resolve --- */

static struct kresolve question(void)
{
	struct kresolve r = {
		.family = AF_INET, .proto = IPPROTO_TCP, .src_port = 1234, .dst_port = 80,
	};

	assert_int_equal(ip_addr_parse("10.0.0.1", &r.src, NULL), 0);
	assert_int_equal(ip_addr_parse("10.0.0.2", &r.dst, NULL), 0);
	return r;
}

static struct nl_msg *resolve_message(const struct kresolve *r)
{
	struct nl_msg *msg = message(1024);

	assert_int_equal(netlink_fill_resolve(msg, r), 0);
	return msg;
}

static void test_resolve_request(void **state)
{
	struct kresolve r = question();

	(void)state;
	netlink_help_expect(resolve_message(&r), NETLINK_RESOLVE,
			    "family=2 proto=6 src=10.0.0.1 src-port=1234 dst=10.0.0.2 dst-port=80");
	r.ifindex = 7;
	netlink_help_expect(resolve_message(&r), NETLINK_RESOLVE,
			    "family=2 proto=6 src=10.0.0.1 src-port=1234 dst=10.0.0.2 dst-port=80 "
			    "ifindex=7");
	r.ifindex = 0;
	/* a ping, or any other protocol */
	r.proto = IPPROTO_ICMP;
	r.src_port = r.dst_port = 0;
	netlink_help_expect(resolve_message(&r), NETLINK_RESOLVE,
			    "family=2 proto=1 src=10.0.0.1 dst=10.0.0.2");
}

/* The least that an answer has, but for one attribute. */
static struct nl_msg *resolve_answer(int without)
{
	const struct kresolve r = question();
	struct nl_msg *msg = resolve_message(&r);

	if (without != SVCNAT_A_RESOLVE_ORIGIN)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_ORIGIN, SVCNAT_ORIGIN_NODE);
	if (without != SVCNAT_A_RESOLVE_ARMED)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_ARMED, 1);
	if (without != SVCNAT_A_RESOLVE_VERDICT)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_VERDICT, SVCNAT_VERDICT_DNAT);
	if (without != SVCNAT_A_RESOLVE_REASON)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_AFFINITY);
	return msg;
}

static void put_service(struct nl_msg *msg, int without)
{
	const struct {
		int type;
		uint32_t value;
	} numbers[] = {
		{ SVCNAT_A_RESOLVE_FLAGS, SVCNAT_F_EXTERNAL_LOCAL },
		{ SVCNAT_A_RESOLVE_RANGES, 2 },
		{ SVCNAT_A_RESOLVE_CLUSTER, 3 },
		{ SVCNAT_A_RESOLVE_LOCAL, 1 },
		{ SVCNAT_A_RESOLVE_AFFINITY, 10800 },
	};
	size_t i;

	if (without != SVCNAT_A_RESOLVE_SERVICE)
		nla_put_string(msg, SVCNAT_A_RESOLVE_SERVICE, "ns/web");
	if (without != SVCNAT_A_RESOLVE_OWNER)
		nla_put_string(msg, SVCNAT_A_RESOLVE_OWNER, "svcd");
	if (without != SVCNAT_A_RESOLVE_KIND)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_KIND, SVCNAT_KIND_EXTERNAL);
	if (without != SVCNAT_A_RESOLVE_LIST)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_LIST, SVCNAT_LIST_LOCAL);
	if (without != SVCNAT_A_RESOLVE_SCHEDULER)
		nla_put_u8(msg, SVCNAT_A_RESOLVE_SCHEDULER, SVCNAT_SCHEDULER_MAGLEV);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (without != numbers[i].type)
			nla_put_u32(msg, numbers[i].type, numbers[i].value);
}

static void put_endpoint(struct nl_msg *msg, int addr_len)
{
	nla_put(msg, SVCNAT_A_RESOLVE_ENDPOINT_ADDR, addr_len, "\x0a\xf4\x01\x02............");
	netlink_help_port(msg, SVCNAT_A_RESOLVE_ENDPOINT_PORT, 8080);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_MASQUERADE, SVCNAT_MASQUERADE_EXTERNAL);
}

static struct nl_msg *whole_answer(void)
{
	struct nl_msg *msg = resolve_answer(0);

	put_service(msg, 0);
	nla_put_u32(msg, SVCNAT_A_RESOLVE_AFFINITY_AGE, 0);
	nla_put_u32(msg, SVCNAT_A_RESOLVE_HASH, 0xfedcba98);
	put_endpoint(msg, 4);
	return msg;
}

static int parse_resolve(struct nl_msg *msg, struct kresolve *r)
{
	struct attrs a = take(msg);
	int err = netlink_parse_resolve(a.v, a.len, r, NULL);

	free(a.v);
	return err;
}

static int parse_resolve_only(const struct nlattr *attrs, int len)
{
	struct kresolve r = question();

	return netlink_parse_resolve(attrs, len, &r, NULL);
}

static void test_resolve(void **state)
{
	struct kresolve r = question();

	(void)state;
	assert_int_equal(parse_resolve(whole_answer(), &r), 0);
	assert_int_equal(r.src_port, 1234);
	assert_int_equal(r.origin, SVCNAT_ORIGIN_NODE);
	assert_true(r.armed);
	assert_int_equal(r.verdict, SVCNAT_VERDICT_DNAT);
	assert_int_equal(r.reason, SVCNAT_REASON_AFFINITY);
	assert_true(r.has_service && r.has_endpoint && r.has_masquerade);
	assert_string_equal(r.service, "ns/web");
	assert_string_equal(r.owner, "svcd");
	assert_int_equal(r.kind, SVCNAT_KIND_EXTERNAL);
	assert_int_equal(r.flags, SVCNAT_F_EXTERNAL_LOCAL);
	assert_int_equal(r.ranges, 2);
	assert_int_equal(r.list, SVCNAT_LIST_LOCAL);
	assert_int_equal(r.cluster, 3);
	assert_int_equal(r.local, 1);
	assert_int_equal(r.scheduler, SVCNAT_SCHEDULER_MAGLEV);
	assert_int_equal(r.affinity, 10800);
	assert_true(r.has_affinity_age && r.has_hash);
	assert_int_equal(r.affinity_age, 0);
	assert_true(r.hash == 0xfedcba98);
	assert_int_equal(r.endpoint.port, 8080);
	assert_int_equal(ntohl(r.endpoint.addr.v4.s_addr), 0x0af40102);
	assert_int_equal(r.masquerade, SVCNAT_MASQUERADE_EXTERNAL);
	/* The same structure asked again: nothing of that answer is left. */
	assert_int_equal(parse_resolve(resolve_answer(0), &r), 0);
	assert_false(r.has_service || r.has_endpoint || r.has_masquerade);
	assert_false(r.has_affinity_age || r.has_hash);
	assert_string_equal(r.service, "");
	assert_int_equal(r.endpoint.port, 0);
	assert_int_equal(r.dst_port, 80);
	netlink_help_spoil(take(whole_answer()), parse_resolve_only);
}

static void test_resolve_ping(void **state)
{
	struct kresolve r = question();
	struct nl_msg *msg;

	(void)state;
	r.proto = IPPROTO_ICMP;
	r.src_port = r.dst_port = 0;
	msg = resolve_message(&r);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ORIGIN, SVCNAT_ORIGIN_OUTSIDE);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ARMED, 0);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_VERDICT, SVCNAT_VERDICT_ECHO);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_ECHO);
	assert_int_equal(parse_resolve(msg, &r), 0);
	assert_int_equal(r.proto, IPPROTO_ICMP);
	assert_int_equal(r.verdict, SVCNAT_VERDICT_ECHO);
	assert_false(r.armed);
}

static void test_resolve_refused(void **state)
{
	struct kresolve r = question();
	struct nl_msg *msg;
	int type;

	(void)state;
	for (type = SVCNAT_A_RESOLVE_ORIGIN; type <= SVCNAT_A_RESOLVE_REASON; type++)
		assert_int_equal(parse_resolve(resolve_answer(type), &r), -EPROTO);
	/* a service without one of its attributes */
	for (type = SVCNAT_A_RESOLVE_SERVICE; type <= SVCNAT_A_RESOLVE_AFFINITY; type++) {
		msg = resolve_answer(0);
		put_service(msg, type);
		assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	}
	msg = resolve_answer(0);
	nla_put_u32(msg, SVCNAT_A_RESOLVE_AFFINITY_AGE, 1);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	/* both lists, or none */
	for (type = 0; type <= SVCNAT_LIST_ALL; type += SVCNAT_LIST_ALL) {
		msg = resolve_answer(0);
		put_service(msg, SVCNAT_A_RESOLVE_LIST);
		nla_put_u8(msg, SVCNAT_A_RESOLVE_LIST, (uint8_t)type);
		assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	}
	/* half an endpoint, and one of the other family */
	msg = resolve_answer(0);
	netlink_help_port(msg, SVCNAT_A_RESOLVE_ENDPOINT_PORT, 8080);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	msg = resolve_answer(0);
	put_endpoint(msg, 16);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	/* words that this version does not have */
	msg = resolve_answer(SVCNAT_A_RESOLVE_REASON);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_MAX + 1);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	msg = resolve_answer(SVCNAT_A_RESOLVE_ARMED);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ARMED, 2);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_set),
		cmocka_unit_test(test_settings_get),
		cmocka_unit_test(test_settings_refused),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_stats_incomplete),
		cmocka_unit_test(test_affinity_filter),
		cmocka_unit_test(test_affinity),
		cmocka_unit_test(test_resolve_request),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_ping),
		cmocka_unit_test(test_resolve_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
