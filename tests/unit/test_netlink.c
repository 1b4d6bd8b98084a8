// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "kernel.h"
#include "kernel_watch.h"
#include "netlink_fill.h"
#include "netlink_parse.h"
#include "netlink_sock.h"

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

/* A message's attributes, in memory of exactly their size: reading past them is caught. */
struct attrs {
	struct nlattr *v;
	int len;
};

static struct nl_msg *message(size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	assert_non_null(msg);
	assert_non_null(nlmsg_put(msg, 0, 0, 16, 0, 0));
	return msg;
}

static struct attrs take(struct nl_msg *msg)
{
	struct attrs a = { .len = nlmsg_attrlen(nlmsg_hdr(msg), 0) };

	a.v = malloc(a.len ? a.len : 1);
	memcpy(a.v, nlmsg_attrdata(nlmsg_hdr(msg), 0), a.len);
	nlmsg_free(msg);
	return a;
}

static struct kservice make(uint8_t family, unsigned int nendpoints)
{
	struct kservice s = { .family = family, .proto = IPPROTO_UDP };
	struct kfrontend f = { .port = 53 };
	struct kendpoint p = { .port = 5353 };
	unsigned int i;

	strcpy(s.name, "kube-system/dns:dns");
	strcpy(s.owner, "svcd");
	f.addr.family = p.addr.family = family;
	for (i = 0; i <= SVCNAT_KIND_MAX; i++) {
		f.kind = (enum svcnat_kind)i;
		memset(&f.addr.v6, 0, sizeof(f.addr.v6));
		if (i != SVCNAT_KIND_NODEPORT)
			f.addr.v6.s6_addr[ip_addr_len(&f.addr) - 1] = (uint8_t)(i + 1);
		assert_int_equal(kservice_add_frontend(&s, &f), 0);
	}
	for (i = 0; i < nendpoints; i++) {
		memset(&p.addr.v6, 0, sizeof(p.addr.v6));
		p.addr.v6.s6_addr[0] = 0xfd;
		p.addr.v6.s6_addr[ip_addr_len(&p.addr) - 1] = (uint8_t)i;
		p.addr.v6.s6_addr[ip_addr_len(&p.addr) - 2] = (uint8_t)(i >> 8);
		assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	}
	return s;
}

static struct attrs fill_service(const struct kservice *s)
{
	struct nl_msg *msg = message(netlink_fill_service_size(s));

	assert_int_equal(netlink_fill_service(msg, s, 7), 0);
	return take(msg);
}

static void round_trip(uint8_t family, unsigned int nendpoints)
{
	struct kservice s = make(family, nendpoints), back;
	struct attrs a = fill_service(&s);
	bool more = true;

	assert_int_equal(netlink_parse_service(a.v, a.len, &back, &more, NULL), 0);
	assert_true(kservice_equal(&s, &back));
	assert_false(more);
	kservice_clear(&back);
	kservice_clear(&s);
	free(a.v);
}

static void test_service_round_trip(void **state)
{
	(void)state;
	round_trip(AF_INET, 0);
	round_trip(AF_INET, 1);
	round_trip(AF_INET6, 100);
	round_trip(AF_INET6, SVCNAT_ENDPOINTS_MAX);
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
	kservice_clear(&s);
}

/* Cut at each byte: refused, or what is left is whole. Under ASan nothing beyond is read. */
static void test_truncated(void **state)
{
	struct kservice s = make(AF_INET6, 3), back;
	struct attrs a = fill_service(&s);
	struct nlattr *cut;
	struct err e;
	bool more;
	int n, err;

	(void)state;
	for (n = 0; n < a.len; n++) {
		cut = malloc(n ? n : 1);
		memcpy(cut, a.v, n);
		err = netlink_parse_service(cut, n, &back, &more, &e);
		if (err) {
			assert_int_equal(err, -EPROTO);
			assert_non_null(strstr(e.text, "answer is malformed ("));
		} else {
			assert_true(back.nfrontends + back.nendpoints < 7);
			kservice_clear(&back);
		}
		free(cut);
	}
	kservice_clear(&s);
	free(a.v);
}

/* Any byte wrong: refused or read as something else, but never out of bounds. */
static void test_flipped(void **state)
{
	struct kservice s = make(AF_INET, 2), back;
	struct attrs a = fill_service(&s);
	uint8_t *bytes = (uint8_t *)a.v;
	bool more;
	int i, bit;

	(void)state;
	for (i = 0; i < a.len; i++)
		for (bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1 << bit);
			if (!netlink_parse_service(a.v, a.len, &back, &more, NULL))
				kservice_clear(&back);
			bytes[i] ^= (uint8_t)(1 << bit);
		}
	kservice_clear(&s);
	free(a.v);
}

/* One attribute of these bytes instead of what the service's own would be. */
static int parse_with(int type, const void *data, int len)
{
	struct kfilter key = {
		.name = type == SVCNAT_A_SERVICE_NAME ? NULL : "web",
		.family = type == SVCNAT_A_SERVICE_FAMILY ? 0 : AF_INET,
		.proto = type == SVCNAT_A_SERVICE_PROTO ? 0 : IPPROTO_TCP,
		.owner = type == SVCNAT_A_SERVICE_OWNER ? NULL : "hand",
	};
	struct nl_msg *msg = message(2048);
	struct kservice back;
	struct attrs a;
	bool more;
	int err;

	assert_int_equal(netlink_fill_filter(msg, &key), 0);
	if (data)
		assert_int_equal(nla_put(msg, type, len, data), 0);
	a = take(msg);
	err = netlink_parse_service(a.v, a.len, &back, &more, NULL);
	if (!err)
		kservice_clear(&back);
	free(a.v);
	return err;
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
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_MORE, "x", 1), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_ENDPOINT, "", 0), -EPROTO);
	assert_int_equal(parse_with(SVCNAT_A_SERVICE_FRONTEND, "", 0), -EPROTO);
	/* A newer module may say more. */
	assert_int_equal(parse_with(99, "abc", 3), 0);
}

/* --- dump --- */

static void put_member(struct nl_msg *msg, int type, uint8_t last)
{
	const uint8_t addr[4] = { 10, 0, 0, last };
	struct nlattr *nest = nla_nest_start(msg, type);

	if (type == SVCNAT_A_SERVICE_FRONTEND) {
		nla_put_u8(msg, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_CLUSTER);
		nla_put(msg, SVCNAT_A_FRONTEND_ADDR, 4, addr);
		nla_put_u16(msg, SVCNAT_A_FRONTEND_PORT, htons(80));
	} else {
		nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, addr);
		nla_put_u16(msg, SVCNAT_A_ENDPOINT_PORT, htons(80));
	}
	nla_nest_end(msg, nest);
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

static void test_dump_continues(void **state)
{
	const int fe = SVCNAT_A_SERVICE_FRONTEND, ep = SVCNAT_A_SERVICE_ENDPOINT;
	struct kservices l = { 0 };
	struct netlink_dump d = { .out = &l };

	(void)state;
	assert_int_equal(dump_one(&d, 1, "a", fe, 1, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, fe, 2, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, ep, 3, true), 0);
	assert_int_equal(dump_one(&d, 1, NULL, ep, 4, false), 0);
	assert_false(d.more);
	assert_int_equal(dump_one(&d, 5, "b", ep, 9, false), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].id, 1);
	assert_int_equal(l.v[0].nfrontends, 2);
	assert_int_equal(l.v[0].nendpoints, 2);
	assert_string_equal(l.v[1].name, "b");
	kservices_clear(&l);
}

static void test_dump_does_not_fit(void **state)
{
	const int ep = SVCNAT_A_SERVICE_ENDPOINT;
	struct kservices l = { 0 };
	struct netlink_dump d = { .out = &l };

	(void)state;
	assert_int_equal(dump_one(&d, 0, "a", ep, 1, false), -EPROTO);
	assert_int_equal(dump_one(&d, 1, NULL, ep, 1, false), -EPROTO);
	assert_int_equal(l.n, 0);
	assert_int_equal(dump_one(&d, 1, "a", ep, 1, true), 0);
	assert_int_equal(dump_one(&d, 2, NULL, ep, 2, false), -EPROTO);
	assert_int_equal(dump_one(&d, 1, "a", ep, 2, false), -EPROTO);
	assert_int_equal(dump_one(&d, 2, "b", ep, 2, false), -EPROTO);
	assert_int_equal(l.v[0].nendpoints, 1);
	kservices_clear(&l);
}

/* --- settings, resolve, numbers --- */

static void test_settings(void **state)
{
	struct ksettings s = { .max_services = 1, .max_endpoints = 3 }, back;
	struct nl_msg *msg;
	struct attrs a;
	int i;

	(void)state;
	s.npod_cidrs = SVCNAT_CIDRS_MAX;
	s.pod_cidrs = calloc(s.npod_cidrs, sizeof(*s.pod_cidrs));
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++)
		assert_int_equal(ip_cidr_parse(i % 2 ? "10.244.0.0/16" : "fd00:244::/56",
					       &s.pod_cidrs[i], NULL), 0);
	msg = message(netlink_fill_settings_size(&s));
	assert_int_equal(netlink_fill_settings(msg, &s, true), 0);
	assert_null(nlmsg_find_attr(nlmsg_hdr(msg), 0, SVCNAT_A_SETTINGS_MAX_FRONTENDS));
	nla_put_string(msg, SVCNAT_A_SETTINGS_VERSION, "9.8.7");
	nla_put_u8(msg, SVCNAT_A_SETTINGS_ENABLED, 1);
	nla_put_u32(msg, SVCNAT_A_SETTINGS_ENDPOINTS, 44);
	a = take(msg);
	assert_int_equal(netlink_parse_settings(a.v, a.len, &back, NULL), 0);
	assert_string_equal(back.version, "9.8.7");
	assert_true(back.enabled);
	assert_int_equal(back.max_services, 1);
	assert_int_equal(back.max_endpoints, 3);
	assert_int_equal(back.endpoints, 44);
	assert_int_equal(back.npod_cidrs, SVCNAT_CIDRS_MAX);
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++) {
		assert_true(ip_addr_equal(&back.pod_cidrs[i].addr, &s.pod_cidrs[i].addr));
		assert_int_equal(back.pod_cidrs[i].prefix, s.pod_cidrs[i].prefix);
	}
	ksettings_clear(&back);
	/* Without the version it is no answer; an impossible prefix is none either. */
	assert_int_equal(netlink_parse_settings(a.v, 0, &back, NULL), -EPROTO);
	free(a.v);
	s.pod_cidrs[0].prefix = 129;
	msg = message(netlink_fill_settings_size(&s));
	assert_int_equal(netlink_fill_settings(msg, &s, true), 0);
	nla_put_string(msg, SVCNAT_A_SETTINGS_VERSION, "1");
	a = take(msg);
	assert_int_equal(netlink_parse_settings(a.v, a.len, &back, NULL), -EPROTO);
	free(a.v);
	ksettings_clear(&s);
}

/* "Clear the list" and "leave it" are two messages. */
static void test_empty_cidrs(void **state)
{
	const struct ksettings none = { 0 };
	struct nl_msg *msg = message(256);

	(void)state;
	assert_int_equal(netlink_fill_settings(msg, &none, false), 0);
	assert_int_equal(nlmsg_attrlen(nlmsg_hdr(msg), 0), 0);
	assert_int_equal(netlink_fill_settings(msg, &none, true), 0);
	assert_non_null(nlmsg_find_attr(nlmsg_hdr(msg), 0, SVCNAT_A_SETTINGS_POD_CIDRS));
	nlmsg_free(msg);
}

static struct nl_msg *resolve_request(struct kresolve *r)
{
	struct nl_msg *msg = message(1024);

	memset(r, 0, sizeof(*r));
	r->family = AF_INET;
	r->proto = IPPROTO_TCP;
	r->src_port = 1234;
	r->dst_port = 80;
	assert_int_equal(ip_addr_parse("10.0.0.1", &r->src, NULL), 0);
	assert_int_equal(ip_addr_parse("10.0.0.2", &r->dst, NULL), 0);
	assert_int_equal(netlink_fill_resolve(msg, r), 0);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ORIGIN, SVCNAT_ORIGIN_NODE);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_VERDICT, SVCNAT_VERDICT_DNAT);
	return msg;
}

static int parse_resolve(struct nl_msg *msg, struct kresolve *r)
{
	struct attrs a = take(msg);
	int err = netlink_parse_resolve(a.v, a.len, r, NULL);

	free(a.v);
	return err;
}

static void test_resolve(void **state)
{
	struct kresolve r;
	struct nl_msg *msg = resolve_request(&r);

	(void)state;
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_ENDPOINT);
	nla_put_string(msg, SVCNAT_A_RESOLVE_SERVICE, "ns/web");
	nla_put_string(msg, SVCNAT_A_RESOLVE_OWNER, "svcd");
	nla_put_u8(msg, SVCNAT_A_RESOLVE_KIND, SVCNAT_KIND_EXTERNAL);
	nla_put_u32(msg, SVCNAT_A_RESOLVE_ENDPOINTS, 3);
	nla_put(msg, SVCNAT_A_RESOLVE_ENDPOINT_ADDR, 4, "\x0a\xf4\x01\x02");
	nla_put_u16(msg, SVCNAT_A_RESOLVE_ENDPOINT_PORT, htons(8080));
	nla_put_u8(msg, SVCNAT_A_RESOLVE_MASQUERADE, SVCNAT_MASQUERADE_EXTERNAL);
	assert_int_equal(parse_resolve(msg, &r), 0);
	assert_int_equal(r.src_port, 1234);
	assert_int_equal(r.origin, SVCNAT_ORIGIN_NODE);
	assert_int_equal(r.verdict, SVCNAT_VERDICT_DNAT);
	assert_true(r.has_service && r.has_endpoint && r.has_masquerade);
	assert_string_equal(r.service, "ns/web");
	assert_int_equal(r.kind, SVCNAT_KIND_EXTERNAL);
	assert_int_equal(r.endpoint.port, 8080);
	assert_int_equal(r.masquerade, SVCNAT_MASQUERADE_EXTERNAL);
}

static void test_resolve_refused(void **state)
{
	struct kresolve r;
	struct nl_msg *msg = resolve_request(&r);

	(void)state;
	/* no reason */
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	msg = resolve_request(&r);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_MAX + 1);
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	/* half a service, half an endpoint */
	msg = resolve_request(&r);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_ENDPOINT);
	nla_put_string(msg, SVCNAT_A_RESOLVE_SERVICE, "ns/web");
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	msg = resolve_request(&r);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_ENDPOINT);
	nla_put_u16(msg, SVCNAT_A_RESOLVE_ENDPOINT_PORT, htons(8080));
	assert_int_equal(parse_resolve(msg, &r), -EPROTO);
	/* none of both is fine */
	msg = resolve_request(&r);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_NO_SERVICE);
	assert_int_equal(parse_resolve(msg, &r), 0);
	assert_false(r.has_service || r.has_endpoint || r.has_masquerade);
}

static void test_number(void **state)
{
	struct nl_msg *msg = message(256);
	struct attrs a;
	uint32_t n;

	(void)state;
	assert_int_equal(netlink_fill_sync(msg, "svcd", 77), 0);
	a = take(msg);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_TOKEN, &n, NULL), 0);
	assert_int_equal(n, 77);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_DELETED, &n, NULL), -EPROTO);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_OWNER, &n, NULL), -EPROTO);
	free(a.v);
}

/* --- acknowledgements --- */

struct ack {
	struct nlmsghdr h;
	char body[256];
};

/* echo: bytes of the request behind its header. */
static struct ack make_ack(int type, int error, size_t echo, const char *text)
{
	struct nlmsgerr body = { .error = error };
	struct ack a = { .h.nlmsg_type = (uint16_t)type };
	size_t n = type == NLMSG_DONE ? sizeof(int) : sizeof(body) + echo;
	struct nlattr *nla;

	body.msg.nlmsg_len = (uint32_t)(sizeof(body.msg) + 100);
	if (echo)
		body.msg.nlmsg_len = (uint32_t)(sizeof(body.msg) + echo);
	else
		a.h.nlmsg_flags |= NLM_F_CAPPED;
	memcpy(a.body, &body, type == NLMSG_DONE ? sizeof(int) : sizeof(body));
	n = NLMSG_ALIGN(n);
	if (text) {
		a.h.nlmsg_flags |= NLM_F_ACK_TLVS;
		nla = (struct nlattr *)(a.body + n);
		nla->nla_type = NLMSGERR_ATTR_MSG;
		nla->nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1);
		strcpy((char *)nla + NLA_HDRLEN, text);
		n += NLA_ALIGN(nla->nla_len);
	}
	a.h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n);
	return a;
}

static void assert_ack(struct ack a, int expected, const char *text, bool own)
{
	struct err e = { "untouched" };
	bool has_text;

	assert_int_equal(netlink_parse_ack(&a.h, &has_text, &e), expected);
	assert_string_equal(e.text, text);
	assert_int_equal(has_text, own);
}

static void test_acks(void **state)
{
	(void)state;
	assert_ack(make_ack(NLMSG_ERROR, 0, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_DONE, 0, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_DONE, 4, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_ERROR, -EEXIST, 0, "it is there"), -EEXIST, "it is there", true);
	assert_ack(make_ack(NLMSG_ERROR, -EEXIST, 37, "it is there"), -EEXIST, "it is there", true);
	assert_ack(make_ack(NLMSG_DONE, -EINVAL, 0, "bad filter"), -EINVAL, "bad filter", true);
	assert_ack(make_ack(NLMSG_ERROR, -EPERM, 0, NULL), -EPERM,
		   "this needs root (CAP_NET_ADMIN)", false);
	assert_ack(make_ack(NLMSG_ERROR, -ENOENT, 0, NULL), -ENOENT, strerror(ENOENT), false);
}

static void test_cut_ack(void **state)
{
	struct ack a = make_ack(NLMSG_ERROR, -EEXIST, 0, "it is there");
	struct nlmsghdr *cut;
	uint32_t n, whole = a.h.nlmsg_len;
	bool has_text;
	int err;

	(void)state;
	for (n = NLMSG_HDRLEN; n < whole; n++) {
		a.h.nlmsg_len = n;
		cut = malloc(n);
		memcpy(cut, &a, n);
		err = netlink_parse_ack(cut, &has_text, NULL);
		assert_int_equal(err, n < NLMSG_LENGTH(sizeof(struct nlmsgerr)) ? -EPROTO :
									  -EEXIST);
		assert_false(has_text && n < whole - NLA_ALIGNTO);
		free(cut);
	}
}

/* --- this machine: needs no privilege --- */

static void test_open(void **state)
{
	struct kernel_watch *w;
	struct kernel *k;
	struct err e;
	bool present;
	int err;

	(void)state;
	assert_int_equal(kernel_watch_open(&w, &e), 0);
	assert_true(kernel_watch_fd(w) >= 0);
	assert_false(kernel_watch_read(w, &present));
	kernel_watch_close(w);
	err = kernel_open(&k, &e);
	if (err) {
		assert_int_equal(err, -ENOENT);
		assert_non_null(strstr(e.text, "modprobe svcnat"));
	} else {
		kernel_close(k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service_round_trip),
		cmocka_unit_test(test_message_too_small),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_wrong_attributes),
		cmocka_unit_test(test_dump_continues),
		cmocka_unit_test(test_dump_does_not_fit),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_empty_cidrs),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_refused),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_acks),
		cmocka_unit_test(test_cut_ack),
		cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
