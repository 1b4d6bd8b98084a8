// SPDX-License-Identifier: GPL-2.0
/*
 * What svcctl and svcd send against the YAML specification: messages with all
 * that they can have in them are walked through with nothing but the
 * specification for a guide. And each attribute that a command takes must be
 * in one of them.
 */
#include "kernel.h"
#include "netlink_fill.h"
#include "ynl_spec.h"

#include <arpa/inet.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- one attribute */

static uint64_t read_int(const struct nlattr *nla, const struct ynl_attr *a)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (a->width) {
	case 1:
		return *(const uint8_t *)nla_data(nla);
	case 2:
		memcpy(&v16, nla_data(nla), sizeof(v16));
		return a->big_endian ? ntohs(v16) : v16;
	case 4:
		memcpy(&v32, nla_data(nla), sizeof(v32));
		return a->big_endian ? ntohl(v32) : v32;
	default:
		assert_false(a->big_endian);
		memcpy(&v64, nla_data(nla), sizeof(v64));
		return v64;
	}
}

static void check_int(const char *path, const struct nlattr *nla, const struct ynl_attr *a,
		      struct ynl_report *r)
{
	uint64_t v;

	if ((unsigned int)nla_len(nla) != a->width) {
		ynl_say(r, "%s: %d bytes instead of %u", path, nla_len(nla), a->width);
		return;
	}
	v = read_int(nla, a);
	if (v < a->min || v > a->max || v & ~a->mask)
		ynl_say(r, "%s: %llu is out of range", path, (unsigned long long)v);
}

static void check_string(const char *path, const struct nlattr *nla, const struct ynl_attr *a,
			 struct ynl_report *r)
{
	const char *text = nla_data(nla);
	size_t len = (size_t)nla_len(nla);

	if (!len || strnlen(text, len) != len - 1)
		ynl_say(r, "%s: not one string with a NUL at its end", path);
	else if (len - 1 > a->max_len)
		ynl_say(r, "%s: %zu characters", path, len - 1);
}

static void check_value(const char *path, const struct nlattr *nla, const struct ynl_attr *a,
			struct ynl_report *r)
{
	size_t len = (size_t)nla_len(nla);

	if ((a->kind == YNL_NEST) != !!(nla->nla_type & NLA_F_NESTED))
		ynl_say(r, "%s: NLA_F_NESTED is for nests", path);
	if (nla->nla_type & NLA_F_NET_BYTEORDER)
		ynl_say(r, "%s: NLA_F_NET_BYTEORDER is for nobody", path);
	if (a->kind == YNL_INT)
		check_int(path, nla, a, r);
	else if (a->kind == YNL_STRING)
		check_string(path, nla, a, r);
	else if (a->kind == YNL_FLAG && len)
		ynl_say(r, "%s: a flag of %zu bytes", path, len);
	else if (a->kind == YNL_BINARY && (len < a->min_len || len > a->max_len))
		ynl_say(r, "%s: %zu bytes", path, len);
}

/* ---- a message */

struct walk {
	const json_t *spec;
	json_t *seen;			/* paths of attributes that were sent */
	struct ynl_report *r;
};

/* The attribute of this number in a set; names: those that may stand here, NULL: all. */
static bool find(const struct walk *w, const char *set, const json_t *names, int id,
		 struct ynl_attr *out)
{
	json_t *attr;
	size_t i;

	json_array_foreach(json_object_get(ynl_set(w->spec, set), "attributes"), i, attr)
		if (json_integer_value(json_object_get(attr, "value")) == id)
			return ynl_attr_read(w->spec, attr, out, w->r) && out->kind != YNL_NONE &&
			       (!names || ynl_names(names, out->name));
	return false;
}

static void walk_attrs(const struct walk *w, const char *where, const char *set,
		       const json_t *names, struct nlattr *first, int len)
{
	bool once[256] = { false };
	struct nlattr *nla;
	struct ynl_attr a;
	char path[128];
	int rem;

	nla_for_each_attr(nla, first, len, rem) {
		if (!find(w, set, names, nla_type(nla), &a)) {
			ynl_say(w->r, "%s: attribute %d is unknown here", where, nla_type(nla));
			continue;
		}
		snprintf(path, sizeof(path), "%s.%s", where, a.name);
		check_value(path, nla, &a, w->r);
		assert_true(a.id < sizeof(once));
		if (once[a.id] && !a.multi)
			ynl_say(w->r, "%s stands twice", path);
		once[a.id] = true;
		json_object_set_new(w->seen, path, json_true());
		if (a.kind == YNL_NEST)
			walk_attrs(w, path, a.nested, NULL, nla_data(nla), nla_len(nla));
	}
	if (rem)
		ynl_say(w->r, "%s: %d bytes at the end are no attribute", where, rem);
}

static void walk(const struct walk *w, const char *command, struct nl_msg *msg)
{
	const json_t *op = ynl_operation(w->spec, command);
	const json_t *names = ynl_request(op);
	json_t *none = json_array();

	assert_non_null(op);
	walk_attrs(w, command, json_string_value(json_object_get(op, "attribute-set")),
		   names ? names : none, nlmsg_attrdata(nlmsg_hdr(msg), 0),
		   nlmsg_attrlen(nlmsg_hdr(msg), 0));
	json_decref(none);
	nlmsg_free(msg);
}

/* Was each attribute sent that may be? */
static void check_seen(const struct walk *w, const char *where, const char *set,
		       const json_t *names)
{
	struct ynl_attr a;
	json_t *attr;
	char path[128];
	size_t i;

	json_array_foreach(json_object_get(ynl_set(w->spec, set), "attributes"), i, attr) {
		if (!ynl_attr_read(w->spec, attr, &a, w->r) || a.kind == YNL_NONE ||
		    (names && !ynl_names(names, a.name)))
			continue;
		snprintf(path, sizeof(path), "%s.%s", where, a.name);
		if (!json_object_get(w->seen, path))
			ynl_say(w->r, "%s is never sent", path);
		else if (a.kind == YNL_NEST)
			check_seen(w, path, a.nested, NULL);
	}
}

static void check_all_seen(const struct walk *w)
{
	json_t *op;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(w->spec, "operations"), "list"), i, op) {
		const char *name = json_string_value(json_object_get(op, "name"));
		const char *set = json_string_value(json_object_get(op, "attribute-set"));

		if (ynl_request(op))
			check_seen(w, name, set, ynl_request(op));
	}
}

/* ---- what is sent, with all that it can have */

static struct nl_msg *message(size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	assert_non_null(msg);
	assert_non_null(nlmsg_put(msg, 0, 0, 16, 0, 0));
	return msg;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static struct ip_cidr cidr(const char *text)
{
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(text, &c, NULL), 0);
	return c;
}

static struct kservice service(uint8_t family)
{
	const bool six = family == AF_INET6;
	const struct ip_cidr range = cidr(six ? "2001:db8::/32" : "192.0.2.0/24");
	struct kfrontend f = { .addr = addr(six ? "fd96::1" : "10.96.0.1"), .port = 443 };
	struct kendpoint p = { .addr = addr(six ? "fd00::1" : "10.0.0.1"), .port = 8443 };
	struct kservice s = {
		.family = family, .proto = IPPROTO_SCTP, .flags = SVCNAT_F_ALL,
		.scheduler = SVCNAT_SCHEDULER_LEASTCONN, .affinity = SVCNAT_AFFINITY_MAX,
	};
	unsigned int i;

	memset(s.name, 'n', SVCNAT_NAME_MAX);
	memset(s.owner, 'o', SVCNAT_OWNER_MAX);
	for (i = 0; i <= SVCNAT_KIND_MAX; i++) {
		f.kind = (enum svcnat_kind)i;
		assert_int_equal(kservice_add_frontend(&s, &f), 0);
	}
	assert_int_equal(kservice_add_range(&s, &range), 0);
	p.lists = SVCNAT_LIST_ALL;
	p.weight = SVCNAT_WEIGHT_MAX;
	assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	p.port = 65535;
	p.lists = 0;
	p.weight = 0;
	assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	return s;
}

static void send_service(const struct walk *w, uint8_t family)
{
	struct kservice s = service(family);
	const struct kfilter key = {
		.name = s.name, .family = s.family, .proto = s.proto, .owner = s.owner,
	};
	const struct kfilter filter = {
		.name = s.name, .family = s.family, .proto = s.proto, .owner = s.owner,
		.stats = true,
	};
	struct nl_msg *msg = message(netlink_fill_service_size(&s));

	assert_int_equal(netlink_fill_service(msg, &s, UINT32_MAX), 0);
	assert_int_equal(netlink_fill_defer(msg, KERNEL_DEFER), 0);
	walk(w, "service-set", msg);

	msg = message(netlink_fill_service_size(&s));
	assert_int_equal(netlink_fill_endpoints(msg, &s, false), 0);
	assert_int_equal(netlink_fill_defer(msg, KERNEL_DEFER), 0);
	walk(w, "endpoint-set", msg);

	msg = message(netlink_fill_service_size(&s));
	assert_int_equal(netlink_fill_endpoints(msg, &s, true), 0);
	assert_int_equal(netlink_fill_defer(msg, KERNEL_DEFER), 0);
	walk(w, "endpoint-del", msg);

	msg = message(4096);
	assert_int_equal(netlink_fill_filter(msg, &key), 0);
	assert_int_equal(netlink_fill_defer(msg, KERNEL_DEFER), 0);
	walk(w, "service-del", msg);

	msg = message(4096);
	assert_int_equal(netlink_fill_filter(msg, &filter), 0);
	walk(w, "service-get", msg);
	kservice_clear(&s);
}

static void send_settings(const struct walk *w)
{
	const struct ip_cidr four = cidr("10.0.0.0/8"), six = cidr("fd00::1/128");
	struct ksettings s = {
		.loopback_nodeports = true, .masquerade_all = true, .echo = true, .armed = true,
	};
	struct kcidrs *lists[] = { &s.pod_cidrs, &s.service_cidrs, &s.nodeport_cidrs,
				   &s.external_cidrs };
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(kcidrs_add(lists[i], &four), 0);
		assert_int_equal(kcidrs_add(lists[i], &six), 0);
	}
	for (i = 0; i < KLIMIT_N; i++)
		s.max[i] = UINT32_MAX;
	msg = message(netlink_fill_settings_size(&s));
	assert_int_equal(netlink_fill_settings(msg, &s, KSETTINGS_ALL), 0);
	walk(w, "settings-set", msg);

	/* and all of it empty */
	ksettings_clear(&s);
	memset(&s, 0, sizeof(s));
	msg = message(netlink_fill_settings_size(&s));
	assert_int_equal(netlink_fill_settings(msg, &s, KSETTINGS_ALL), 0);
	walk(w, "settings-set", msg);
}

static void send_syncs(const struct walk *w)
{
	char owner[SVCNAT_OWNER_MAX + 1] = "";
	struct nl_msg *msg = message(4096);

	memset(owner, 'o', SVCNAT_OWNER_MAX);
	assert_int_equal(netlink_fill_sync(msg, owner, 0), 0);
	walk(w, "sync-begin", msg);
	msg = message(4096);
	assert_int_equal(netlink_fill_sync(msg, owner, UINT32_MAX), 0);
	walk(w, "sync-end", msg);
	msg = message(4096);
	assert_int_equal(netlink_fill_sync(msg, owner, 0), 0);
	walk(w, "flush", msg);
	msg = message(4096);
	assert_int_equal(netlink_fill_sync(msg, NULL, 0), 0);
	walk(w, "flush", msg);
}

/* With a client, and a client's flow, of this family. */
static void send_questions(const struct walk *w, uint8_t family)
{
	static const char * const flushes[] = { "affinity-get", "affinity-flush" };
	const struct ip_addr client = addr(family == AF_INET6 ? "2001:db8::1" : "192.0.2.1");
	const struct kaffinity_filter f = {
		.name = "default/web:http", .family = family, .proto = IPPROTO_TCP,
		.client = &client,
	};
	const struct kresolve q = {
		.family = family, .proto = IPPROTO_TCP, .src = client, .dst = client,
		.src_port = 65535, .dst_port = 80, .ifindex = 1,
	};
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < 2; i++) {
		msg = message(4096);
		assert_int_equal(netlink_fill_affinity(msg, &f), 0);
		walk(w, flushes[i], msg);
	}
	msg = message(4096);
	assert_int_equal(netlink_fill_resolve(msg, &q), 0);
	walk(w, "resolve", msg);
}

/* All of it: what of the messages is not as this specification has it? */
static void compare(json_t *spec, struct ynl_report *r)
{
	const struct walk w = { spec, json_object(), r };

	ynl_resolve(spec, r);
	send_service(&w, AF_INET);
	send_service(&w, AF_INET6);
	send_settings(&w);
	send_syncs(&w);
	send_questions(&w, AF_INET);
	send_questions(&w, AF_INET6);
	check_all_seen(&w);
	json_decref(w.seen);
}

/* ---- tests */

static void test_same(void **state)
{
	struct ynl_report r = { 0 };
	json_t *spec = ynl_load();

	compare(spec, &r);
	json_decref(spec);
	ynl_assert_none(&r, "what is sent and the YAML");
	(void)state;
}

struct change {
	const char *where, *to, *found;
};

#define SETS "attribute-sets/"
#define OPS "operations/list/"

static const struct change yaml_changes[] = {
	{ SETS "service/attributes/affinity/type", "\"u64\"",
	  "service-set.affinity: 4 bytes instead of 8" },
	{ SETS "service/attributes/name/checks/max-len", "254",
	  "service-set.name: 255 characters" },
	{ "definitions/affinity-max/value", "86399",
	  "service-set.affinity: 86400 is out of range" },
	{ "definitions/service-flags/entries/account", NULL,
	  "service-set.flags: 15 is out of range" },
	{ "definitions/scheduler/entries/leastconn", NULL,
	  "service-set.scheduler: 4 is out of range" },
	{ SETS "frontend/attributes/port/checks", "{\"max\": 442}",
	  "service-set.frontend.port: 443 is out of range" },
	{ SETS "endpoint/attributes/weight/checks/min", "1",
	  "endpoint-set.endpoint.weight: 0 is out of range" },
	{ SETS "cidr/attributes/addr/checks/max-len", "8", "service-set.range.addr: 16 bytes" },
	{ SETS "cidr/attributes/addr/checks/min-len", "8",
	  "settings-set.external-cidrs.cidr.addr: 4 bytes" },
	{ SETS "cidr/attributes/prefix", NULL,
	  "settings-set.pod-cidrs.cidr: attribute 3 is unknown here" },
	{ SETS "endpoint-request/attributes/lists", NULL,
	  "endpoint-set.endpoint: attribute 3 is unknown here" },
	{ SETS "endpoint-key/attributes/+", "{\"name\": \"weight\"}",
	  "endpoint-del.endpoint.weight is never sent" },
	{ SETS "service/attributes/defer/type", "\"u8\"",
	  "service-del.defer: 0 bytes instead of 1" },
	{ SETS "service/attributes/family/type", "\"flag\"",
	  "service-get.family: a flag of 1 bytes" },
	{ SETS "service/attributes/proto/type", "\"string\"",
	  "service-get.proto: not one string with a NUL at its end" },
	{ SETS "service/attributes/endpoint/multi-attr", NULL,
	  "endpoint-del.endpoint stands twice" },
	{ SETS "settings/attributes/pod-cidrs", "{\"name\": \"pod-cidrs\", \"type\": \"binary\"}",
	  "settings-set.pod-cidrs: NLA_F_NESTED is for nests" },
	{ SETS "sync/attributes/token/type", "\"pad\"", "sync-end: attribute 2 is unknown here" },
	{ OPS "flush/do/request", NULL, "flush: attribute 1 is unknown here" },
	{ OPS "resolve/do/request/attributes/src-port", NULL,
	  "resolve: attribute 4 is unknown here" },
	{ OPS "affinity-flush/do/request/attributes/+", "\"age\"",
	  "affinity-flush.age is never sent" },
};

static void test_yaml_changed(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(yaml_changes) / sizeof(yaml_changes[0]); i++) {
		const struct change *c = &yaml_changes[i];
		struct ynl_report r = { 0 };
		json_t *spec = ynl_load();

		ynl_edit(spec, c->where, c->to);
		compare(spec, &r);
		json_decref(spec);
		ynl_assert_found(&r, c->where, c->found);
	}
	(void)state;
}

/* Attributes that the library would not make: of a message of service-set. */
static const struct {
	int type, len;
	const char *data, *found;
} wrong[] = {
	{ SVCNAT_A_SERVICE_ENDPOINT, 0, "", "service-set.endpoint: NLA_F_NESTED is for nests" },
	{ SVCNAT_A_SERVICE_DEFER | NLA_F_NESTED, 0, "",
	  "service-set.defer: NLA_F_NESTED is for nests" },
	{ SVCNAT_A_SERVICE_FAMILY | NLA_F_NET_BYTEORDER, 1, "\2",
	  "service-set.family: NLA_F_NET_BYTEORDER is for nobody" },
	{ SVCNAT_A_SERVICE_NAME, 3, "web", "service-set.name: not one string" },
	{ SVCNAT_A_SERVICE_NAME, 5, "w\0eb", "service-set.name: not one string" },
	{ SVCNAT_A_SERVICE_NAME, 0, "", "service-set.name: not one string" },
	{ SVCNAT_A_SERVICE_DEFER, 1, "\1", "service-set.defer: a flag of 1 bytes" },
	{ SVCNAT_A_SERVICE_FAMILY, 4, "\2\0\0", "service-set.family: 4 bytes instead of 1" },
	{ SVCNAT_A_SERVICE_FLAGS, 4, "\x10\0\0", "service-set.flags: 16 is out of range" },
	{ SVCNAT_A_SERVICE_SYNC, 4, "\0\0\0", "service-set.sync: 0 is out of range" },
	{ SVCNAT_A_SERVICE_ID, 4, "\1\0\0", "service-set: attribute 1 is unknown here" },
	{ SVCNAT_A_SERVICE_PAD, 0, "", "service-set: attribute 17 is unknown here" },
	{ __SVCNAT_A_SERVICE_MAX, 0, "", "service-set: attribute 18 is unknown here" },
	{ SVCNAT_A_SERVICE_RANGE | NLA_F_NESTED, 8, "\1\0\0\0\0\0\0",
	  "service-set.range: 8 bytes at the end are no attribute" },
};

static void test_message_changed(void **state)
{
	json_t *spec = ynl_load();
	struct ynl_report r = { 0 };
	size_t i;

	ynl_resolve(spec, &r);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct walk w = { spec, json_object(), &r };
		struct nl_msg *msg = message(4096);

		r = (struct ynl_report){ 0 };
		assert_int_equal(nla_put(msg, wrong[i].type, wrong[i].len, wrong[i].data), 0);
		walk(&w, "service-set", msg);
		ynl_assert_found(&r, "an attribute by hand", wrong[i].found);
		assert_int_equal(r.n, 1);
		json_decref(w.seen);
	}
	json_decref(spec);
	(void)state;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_yaml_changed),
		cmocka_unit_test(test_message_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
