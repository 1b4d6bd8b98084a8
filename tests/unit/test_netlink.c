// SPDX-License-Identifier: GPL-2.0
/* Services in messages. */
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

/* --- what is sent --- */

static void add_endpoint(struct kservice *s, const char *addr, uint8_t lists, uint16_t weight)
{
	struct kendpoint p = { .port = 8080, .lists = lists, .weight = weight };

	assert_int_equal(ip_addr_parse(addr, &p.addr, NULL), 0);
	assert_int_equal(kservice_add_endpoint(s, &p), 0);
}

static void add_frontend(struct kservice *s, enum svcnat_kind kind, const char *addr)
{
	struct kfrontend f = { .kind = kind, .addr.family = s->family, .port = 80 };

	if (addr)
		assert_int_equal(ip_addr_parse(addr, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(s, &f), 0);
}

static void add_range(struct kservice *s, const char *cidr)
{
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(cidr, &c, NULL), 0);
	assert_int_equal(kservice_add_range(s, &c), 0);
}

static struct nl_msg *service_message(const struct kservice *s, uint32_t token)
{
	struct nl_msg *msg = message(netlink_fill_service_size(s));

	assert_int_equal(netlink_fill_service(msg, s, token), 0);
	return msg;
}

static struct kservice plain(uint8_t family)
{
	struct kservice s = { .name = "web", .family = family, .proto = IPPROTO_TCP };

	strcpy(s.owner, "hand");
	return s;
}

/* Nothing that has its default is said; all else is, 0 included. */
static void test_service_set(void **state)
{
	struct kservice s = plain(AF_INET);

	(void)state;
	netlink_help_expect(service_message(&s, 0), NETLINK_SERVICE,
			    "name=web family=2 proto=6 owner=hand");
	s.flags = SVCNAT_F_RESET | SVCNAT_F_ACCOUNT;
	s.scheduler = SVCNAT_SCHEDULER_LEASTCONN;
	s.affinity = 10800;
	/* Of the kernel's own, nothing. */
	s.id = 9;
	s.has_counts = true;
	s.counts[SVCNAT_REASON_ENDPOINT] = 1;
	add_frontend(&s, SVCNAT_KIND_LOADBALANCER, "192.0.2.1");
	add_frontend(&s, SVCNAT_KIND_NODEPORT, NULL);
	add_range(&s, "10.0.0.0/8");
	add_range(&s, "192.0.2.1/32");
	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	add_endpoint(&s, "10.0.0.2", 0, 1);
	add_endpoint(&s, "10.0.0.3", SVCNAT_LIST_CLUSTER, 0);
	add_endpoint(&s, "10.0.0.4", SVCNAT_LIST_ALL, SVCNAT_WEIGHT_MAX);
	s.endpoints[0].connections = 7;
	s.endpoints[0].has_records = true;
	s.endpoints[0].active = 7;
	netlink_help_expect(service_message(&s, 77), NETLINK_SERVICE,
			    "name=web family=2 proto=6 owner=hand flags=12 scheduler=4 "
			    "affinity=10800 sync=77 "
			    "frontend{kind=2 addr=192.0.2.1 port=80} frontend{kind=3 port=80} "
			    "range{family=2 addr=10.0.0.0 prefix=8} "
			    "range{family=2 addr=192.0.2.1 prefix=32} "
			    "endpoint{addr=10.0.0.1 port=8080} "
			    "endpoint{addr=10.0.0.2 port=8080 lists=0} "
			    "endpoint{addr=10.0.0.3 port=8080 weight=0} "
			    "endpoint{addr=10.0.0.4 port=8080 lists=3 weight=256}");
	kservice_clear(&s);
}

static struct nl_msg *endpoints_message(const struct kservice *s, bool addresses)
{
	struct nl_msg *msg = message(netlink_fill_service_size(s));

	assert_int_equal(netlink_fill_endpoints(msg, s, addresses), 0);
	return msg;
}

/* ENDPOINT_SET says all of an endpoint, ENDPOINT_DEL its address; nothing else of the service. */
static void test_endpoint_set(void **state)
{
	struct kservice s = plain(AF_INET6);

	(void)state;
	s.flags = SVCNAT_F_RESET;
	s.affinity = 1;
	add_frontend(&s, SVCNAT_KIND_CLUSTER, "fd00::80");
	add_range(&s, "fd00::/8");
	add_endpoint(&s, "fd00::1", SVCNAT_LIST_CLUSTER, 1);
	add_endpoint(&s, "fd00::2", 0, 0);
	netlink_help_expect(endpoints_message(&s, false), NETLINK_SERVICE,
			    "name=web family=10 proto=6 owner=hand "
			    "endpoint{addr=fd00::1 port=8080 lists=1 weight=1} "
			    "endpoint{addr=fd00::2 port=8080 lists=0 weight=0}");
	s.owner[0] = '\0';
	netlink_help_expect(endpoints_message(&s, true), NETLINK_SERVICE,
			    "name=web family=10 proto=6 endpoint{addr=fd00::1 port=8080} "
			    "endpoint{addr=fd00::2 port=8080}");
	kservice_clear(&s);
}

static struct nl_msg *filter_message(const struct kfilter *f, unsigned int flags)
{
	struct nl_msg *msg = message(1024);

	assert_int_equal(netlink_fill_filter(msg, f), 0);
	assert_int_equal(netlink_fill_defer(msg, flags), 0);
	return msg;
}

static void test_filter(void **state)
{
	struct kfilter f = { 0 };

	(void)state;
	netlink_help_expect(filter_message(&f, KERNEL_CREATE), NETLINK_SERVICE, "");
	netlink_help_expect(filter_message(&f, KERNEL_DEFER), NETLINK_SERVICE, "defer");
	f.proto = IPPROTO_SCTP;
	f.stats = true;
	netlink_help_expect(filter_message(&f, 0), NETLINK_SERVICE, "proto=132 stats");
	f = (struct kfilter){ .name = "a", .family = AF_INET6, .owner = "svcd" };
	netlink_help_expect(filter_message(&f, 0), NETLINK_SERVICE, "name=a family=10 owner=svcd");
}

/* --- there and back --- */

static struct kservice make(uint8_t family, unsigned int nendpoints)
{
	struct kservice s = { .family = family, .proto = IPPROTO_UDP };
	struct kfrontend f = { .port = 53 };
	struct kendpoint p = { .port = 5353 };
	unsigned int i;

	strcpy(s.name, "kube-system/dns:dns");
	strcpy(s.owner, "svcd");
	s.flags = SVCNAT_F_INTERNAL_LOCAL;
	s.scheduler = SVCNAT_SCHEDULER_MAGLEV;
	s.affinity = SVCNAT_AFFINITY_MAX;
	f.addr.family = p.addr.family = family;
	for (i = 0; i <= SVCNAT_KIND_MAX; i++) {
		f.kind = (enum svcnat_kind)i;
		memset(&f.addr.v6, 0, sizeof(f.addr.v6));
		if (i != SVCNAT_KIND_NODEPORT)
			f.addr.v6.s6_addr[ip_addr_len(&f.addr) - 1] = (uint8_t)(i + 1);
		assert_int_equal(kservice_add_frontend(&s, &f), 0);
	}
	add_range(&s, family == AF_INET ? "0.0.0.0/0" : "::/0");
	add_range(&s, family == AF_INET ? "10.0.0.7/32" : "fd00::7/128");
	for (i = 0; i < nendpoints; i++) {
		memset(&p.addr.v6, 0, sizeof(p.addr.v6));
		p.addr.v6.s6_addr[0] = 0xfd;
		p.addr.v6.s6_addr[ip_addr_len(&p.addr) - 1] = (uint8_t)i;
		p.addr.v6.s6_addr[ip_addr_len(&p.addr) - 2] = (uint8_t)(i >> 8);
		p.lists = i & SVCNAT_LIST_ALL;
		p.weight = (uint16_t)(i % (SVCNAT_WEIGHT_MAX + 1));
		assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	}
	return s;
}

static struct attrs fill_service(const struct kservice *s)
{
	return take(service_message(s, 7));
}

static void round_trip(struct kservice s)
{
	struct attrs a = fill_service(&s);
	struct kservice back;
	bool more = true;

	assert_int_equal(netlink_parse_service(a.v, a.len, &back, &more, NULL), 0);
	assert_true(kservice_equal(&s, &back));
	assert_false(more || back.has_counts);
	kservice_clear(&back);
	kservice_clear(&s);
	free(a.v);
}

static void test_service_round_trip(void **state)
{
	struct kservice s;
	struct ip_cidr c;
	unsigned int i;

	(void)state;
	round_trip(plain(AF_INET));
	round_trip(make(AF_INET, 1));
	round_trip(make(AF_INET6, 100));
	round_trip(make(AF_INET6, SVCNAT_ENDPOINTS_MAX));
	s = plain(AF_INET);
	for (i = 0; i < SVCNAT_RANGES_MAX; i++) {
		c = (struct ip_cidr){ .addr.family = AF_INET, .prefix = 32 };
		c.addr.v4.s_addr = htonl(i);
		assert_int_equal(kservice_add_range(&s, &c), 0);
	}
	round_trip(s);
}

static void test_message_too_small(void **state)
{
	struct kservice s = make(AF_INET6, 10);
	size_t size = netlink_fill_service_size(&s);
	struct nl_msg *msg;
	size_t n;

	(void)state;
	for (n = 64; n < size / 2; n += 4) {
		msg = message(n);
		if (netlink_fill_service(msg, &s, 0))
			assert_true(nlmsg_hdr(msg)->nlmsg_len <= n);
		nlmsg_free(msg);
	}
	msg = message(128);
	assert_int_equal(netlink_fill_service(msg, &s, 0), -EMSGSIZE);
	nlmsg_free(msg);
	msg = message(128);
	assert_int_equal(netlink_fill_endpoints(msg, &s, false), -EMSGSIZE);
	nlmsg_free(msg);
	kservice_clear(&s);
}

static int parse_only(const struct nlattr *attrs, int len)
{
	struct kservice s;
	struct err e;
	bool more;
	int err = netlink_parse_service(attrs, len, &s, &more, &e);

	if (!err)
		kservice_clear(&s);
	else
		assert_non_null(strstr(e.text, "answer is malformed ("));
	return err;
}

static void test_spoilt(void **state)
{
	struct kservice s = make(AF_INET6, 3);

	(void)state;
	netlink_help_spoil(fill_service(&s), parse_only);
	kservice_clear(&s);
}

/* --- what is refused --- */

static struct nl_msg *key_message(int without)
{
	const struct kfilter key = {
		.name = without == SVCNAT_A_SERVICE_NAME ? NULL : "web",
		.family = without == SVCNAT_A_SERVICE_FAMILY ? 0 : AF_INET,
		.proto = without == SVCNAT_A_SERVICE_PROTO ? 0 : IPPROTO_TCP,
		.owner = without == SVCNAT_A_SERVICE_OWNER ? NULL : "hand",
	};
	struct nl_msg *msg = message(4096);

	assert_int_equal(netlink_fill_filter(msg, &key), 0);
	return msg;
}

static int parse_message(struct nl_msg *msg)
{
	struct attrs a = take(msg);
	int err = parse_only(a.v, a.len);

	free(a.v);
	return err;
}

/* One attribute of these bytes instead of what the service's own would be. */
static int parse_with(int type, const void *data, int len)
{
	struct nl_msg *msg = key_message(type);

	if (data)
		assert_int_equal(nla_put(msg, type, len, data), 0);
	return parse_message(msg);
}

static int parse_with_u32(int type, uint32_t value)
{
	return parse_with(type, &value, sizeof(value));
}

static void test_wrong_attributes(void **state)
{
	char name[SVCNAT_NAME_MAX + 2];

	(void)state;
	memset(name, 'x', sizeof(name));
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, "a", 2), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, "a", 1), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, name, SVCNAT_NAME_MAX), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, name, SVCNAT_NAME_MAX + 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, "", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, "a\0b", 4), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_NAME, NULL, 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FAMILY, "\x02", 1), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FAMILY, "\x03", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FAMILY, "\x02\0", 2), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FAMILY, NULL, 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_PROTO, "\x01", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_PROTO, NULL, 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_OWNER, NULL, 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FLAGS, "abc", 3), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_SCHEDULER, "\x04", 1), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_SCHEDULER, "\x05", 1), -EPROTO);
	assert_int_equal(parse_with_u32(SVCNAT_A_SERVICE_AFFINITY, SVCNAT_AFFINITY_MAX), 0);
	assert_int_equal(parse_with_u32(SVCNAT_A_SERVICE_AFFINITY, SVCNAT_AFFINITY_MAX + 1),
			 -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_AFFINITY, "a", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_MORE, "", 0), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_MORE, "x", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_ENDPOINT, "", 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FRONTEND, "", 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_RANGE, "", 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_COUNT, "", 0), -EPROTO);
	/* A newer module may say more. */
	assert_int_equal(parse_with(99, "abc", 3), 0);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_PAD, "", 0), 0);
}

/* An endpoint of the port 80 with one attribute more. */
static int parse_endpoint(int type, const void *data, int len)
{
	struct nl_msg *msg = key_message(0);
	struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	if (type != SVCNAT_A_ENDPOINT_ADDR)
		nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, "\x0a\x00\x00\x01");
	netlink_help_port(msg, SVCNAT_A_ENDPOINT_PORT, 80);
	nla_put(msg, type, len, data);
	nla_nest_end(msg, nest);
	return parse_message(msg);
}

static void test_wrong_endpoints(void **state)
{
	const uint16_t most = SVCNAT_WEIGHT_MAX, too_much = SVCNAT_WEIGHT_MAX + 1;
	const uint64_t n = 1;

	(void)state;
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_LISTS, "\x00", 1), 0);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_LISTS, "\x00\x00", 2), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_WEIGHT, &most, 2), 0);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_WEIGHT, &too_much, 2), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_WEIGHT, &most, 1), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_CONNECTIONS, &n, 8), 0);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_CONNECTIONS, &n, 4), -EPROTO);
	/* Records come whole or not at all. */
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_ACTIVE, &n, 4), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_BYTES_TO, &n, 8), -EPROTO);
	/* of another family than the service */
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_ADDR, "0123456789abcdef", 16), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_ADDR, "01234", 5), -EPROTO);
	assert_int_equal(parse_endpoint(SVCNAT_A_ENDPOINT_PORT, "\0\0", 2), -EPROTO);
	assert_int_equal(parse_endpoint(99, "x", 1), 0);
}

static int parse_range(uint8_t family, const char *addr, int len, uint8_t prefix)
{
	struct nl_msg *msg = key_message(0);
	struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SERVICE_RANGE);

	nla_put_u8(msg, SVCNAT_A_CIDR_FAMILY, family);
	if (addr)
		nla_put(msg, SVCNAT_A_CIDR_ADDR, len, addr);
	nla_put_u8(msg, SVCNAT_A_CIDR_PREFIX, prefix);
	nla_nest_end(msg, nest);
	return parse_message(msg);
}

static void test_wrong_ranges(void **state)
{
	static const char zero[16];

	(void)state;
	assert_int_equal(parse_range(AF_INET, "\x0a\0\0\0", 4, 8), 0);
	assert_int_equal(parse_range(AF_INET, zero, 4, 32), 0);
	assert_int_equal(parse_range(AF_INET, zero, 4, 33), -EPROTO);
	assert_int_equal(parse_range(AF_INET, "\x0a\0\0\0", 4, 6), -EPROTO);
	assert_int_equal(parse_range(AF_INET6, zero, 4, 8), -EPROTO);
	assert_int_equal(parse_range(AF_INET, zero, 16, 8), -EPROTO);
	assert_int_equal(parse_range(AF_INET6, zero, 16, 8), -EPROTO);	/* the service is IPv4 */
	assert_int_equal(parse_range(AF_INET, zero, 3, 8), -EPROTO);
	assert_int_equal(parse_range(AF_INET, NULL, 0, 0), -EPROTO);
}

/* --- with the counters --- */

static void put_u64(struct nl_msg *msg, int type, uint64_t value)
{
	nla_put(msg, SVCNAT_A_ENDPOINT_PAD, 0, NULL);
	assert_int_equal(nla_put_u64(msg, type, value), 0);
}

static void put_counted_endpoint(struct nl_msg *msg, char last, bool records)
{
	const char addr[4] = { 10, 0, 0, last };
	struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, addr);
	netlink_help_port(msg, SVCNAT_A_ENDPOINT_PORT, 80);
	put_u64(msg, SVCNAT_A_ENDPOINT_CONNECTIONS, 1ull << 33);
	if (records) {
		nla_put_u32(msg, SVCNAT_A_ENDPOINT_ACTIVE, 2);
		put_u64(msg, SVCNAT_A_ENDPOINT_PACKETS_TO, 3);
		put_u64(msg, SVCNAT_A_ENDPOINT_BYTES_TO, 4);
		put_u64(msg, SVCNAT_A_ENDPOINT_PACKETS_FROM, 5);
		put_u64(msg, SVCNAT_A_ENDPOINT_BYTES_FROM, UINT64_MAX);
	}
	nla_nest_end(msg, nest);
}

static void test_counters(void **state)
{
	struct nl_msg *msg = key_message(0);
	struct kservice s;
	struct attrs a;
	bool more;

	(void)state;
	netlink_help_count(msg, SVCNAT_A_SERVICE_COUNT, SVCNAT_REASON_ENDPOINT, 1ull << 40);
	netlink_help_count(msg, SVCNAT_A_SERVICE_COUNT, SVCNAT_REASON_NO_LOCAL, 2);
	/* a newer module's */
	netlink_help_count(msg, SVCNAT_A_SERVICE_COUNT, SVCNAT_REASON_MAX + 1, 3);
	put_counted_endpoint(msg, 1, true);
	put_counted_endpoint(msg, 2, false);
	a = take(msg);
	assert_int_equal(netlink_parse_service(a.v, a.len, &s, &more, NULL), 0);
	assert_true(s.has_counts);
	assert_true(s.counts[SVCNAT_REASON_ENDPOINT] == 1ull << 40);
	assert_int_equal(s.counts[SVCNAT_REASON_NO_LOCAL], 2);
	assert_int_equal(s.counts[SVCNAT_REASON_AFFINITY], 0);
	assert_true(s.endpoints[0].connections == 1ull << 33);
	assert_true(s.endpoints[0].has_records);
	assert_int_equal(s.endpoints[0].active, 2);
	assert_int_equal(s.endpoints[0].packets_to, 3);
	assert_int_equal(s.endpoints[0].bytes_to, 4);
	assert_int_equal(s.endpoints[0].packets_from, 5);
	assert_true(s.endpoints[0].bytes_from == UINT64_MAX);
	assert_true(s.endpoints[1].connections == 1ull << 33);
	assert_false(s.endpoints[1].has_records);
	/* what they are when nothing is said */
	assert_int_equal(s.endpoints[1].lists, SVCNAT_LIST_CLUSTER);
	assert_int_equal(s.endpoints[1].weight, 1);
	kservice_clear(&s);
	netlink_help_spoil(a, parse_only);
}

/* --- dump --- */

static void put_member(struct nl_msg *msg, int type, uint8_t last)
{
	const uint8_t addr[4] = { 10, 0, 0, last };
	char text[32];
	struct nlattr *nest;

	switch (type) {
	case SVCNAT_A_SERVICE_RANGE:
		snprintf(text, sizeof(text), "10.0.%u.0/24", last);
		netlink_help_cidr(msg, type, text);
		return;
	case SVCNAT_A_SERVICE_COUNT:
		netlink_help_count(msg, type, last, 1000 + last);
		return;
	case SVCNAT_A_SERVICE_FRONTEND:
		nest = nla_nest_start(msg, type);
		nla_put_u8(msg, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_CLUSTER);
		nla_put(msg, SVCNAT_A_FRONTEND_ADDR, 4, addr);
		netlink_help_port(msg, SVCNAT_A_FRONTEND_PORT, 80);
		nla_nest_end(msg, nest);
		return;
	default:
		put_counted_endpoint(msg, (char)last, false);
	}
}

/* One message of a dump; name NULL: a continuation. */
static int dump_one(struct netlink_dump *d, uint32_t id, const char *name, int type, uint8_t last,
		    bool more)
{
	const struct kfilter key = {
		.name = name, .family = AF_INET, .proto = IPPROTO_TCP, .owner = "hand",
	};
	struct nl_msg *msg = message(1024);
	struct attrs a;
	int err;

	if (id)
		nla_put_u32(msg, SVCNAT_A_SERVICE_ID, id);
	if (name)
		assert_int_equal(netlink_fill_filter(msg, &key), 0);
	put_member(msg, type, last);
	if (more)
		nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	a = take(msg);
	err = netlink_parse_dump(d, a.v, a.len, NULL);
	free(a.v);
	return err;
}

#define FE	SVCNAT_A_SERVICE_FRONTEND
#define RA	SVCNAT_A_SERVICE_RANGE
#define CO	SVCNAT_A_SERVICE_COUNT
#define EP	SVCNAT_A_SERVICE_ENDPOINT

static void test_dump_continues(void **state)
{
	struct kservices l = { 0 };
	struct netlink_dump d = { .out = &l };

	(void)state;
	assert_int_equal(dump_one(&d, 1, "a", FE, 1, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, FE, 2, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, RA, 3, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, RA, 4, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, CO, SVCNAT_REASON_ENDPOINT, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, CO, SVCNAT_REASON_NO_ENDPOINTS, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, EP, 3, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, EP, 4, false), 0);
	assert_false(d.more);
	assert_int_equal(dump_one(&d, 5, "b", EP, 9, false), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].id, 1);
	assert_int_equal(l.v[0].nfrontends, 2);
	assert_int_equal(l.v[0].nranges, 2);
	assert_int_equal(ntohl(l.v[0].ranges[1].addr.v4.s_addr), 0x0a000400);
	assert_int_equal(l.v[0].nendpoints, 2);
	assert_true(l.v[0].endpoints[1].connections == 1ull << 33);
	assert_true(l.v[0].has_counts);
	assert_int_equal(l.v[0].counts[SVCNAT_REASON_ENDPOINT], 1000 + SVCNAT_REASON_ENDPOINT);
	assert_int_equal(l.v[0].counts[SVCNAT_REASON_NO_ENDPOINTS],
			 1000 + SVCNAT_REASON_NO_ENDPOINTS);
	assert_int_equal(l.v[0].counts[SVCNAT_REASON_AFFINITY], 0);
	assert_string_equal(l.v[1].name, "b");
	assert_false(l.v[1].has_counts);
	kservices_clear(&l);
}

static void test_dump_does_not_fit(void **state)
{
	struct kservices l = { 0 };
	struct netlink_dump d = { .out = &l };

	(void)state;
	assert_int_equal(dump_one(&d, 0, "a", EP, 1, false), -EPROTO);
	assert_int_equal(dump_one(&d, 1, NULL, EP, 1, false), -EPROTO);
	assert_int_equal(l.n, 0);
	assert_int_equal(dump_one(&d, 1, "a", EP, 1, true), 0);
	assert_int_equal(dump_one(&d, 2, NULL, EP, 2, false), -EPROTO);
	assert_int_equal(dump_one(&d, 2, NULL, RA, 2, false), -EPROTO);
	assert_int_equal(dump_one(&d, 1, "a", EP, 2, false), -EPROTO);
	assert_int_equal(dump_one(&d, 2, "b", EP, 2, false), -EPROTO);
	assert_int_equal(l.v[0].nendpoints, 1);
	assert_int_equal(l.v[0].nranges, 0);
	kservices_clear(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service_set),
		cmocka_unit_test(test_endpoint_set),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_service_round_trip),
		cmocka_unit_test(test_message_too_small),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_wrong_attributes),
		cmocka_unit_test(test_wrong_endpoints),
		cmocka_unit_test(test_wrong_ranges),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_dump_continues),
		cmocka_unit_test(test_dump_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
