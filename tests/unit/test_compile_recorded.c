// SPDX-License-Identifier: GPL-2.0
/*
 * Services of every type, as compile.c sees them from one node of a cluster, and
 * as the real kube-proxy saw them from there: its nftables rules were recorded
 * (tests/fixtures/kube-proxy). What either of them does is said in facts, a line
 * each (nft_facts.h), and they must be the same.
 */
#include "addrport.h"
#include "compile.h"
#include "err.h"
#include "manifest.h"
#include "nft_facts.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORDED SVCNAT_SOURCE "/tests/fixtures/kube-proxy/"

/* What the two do not have in common, in the order of the facts. */
static const struct {
	const char *difference, *reason;
} on_purpose[] = {
	{
		"svcd only: default/near tcp drains 10.244.2.12:8080",
		"The hints leave this pod to other nodes. kube-proxy forgets it and leaves its "
		"connections to conntrack; svcd names it, in no list, so that the kernel knows "
		"that they are not stale.",
	},
};

/* --- the facts of svcd --- */

static const char *proto_of(const struct kservice *s)
{
	return s->proto == IPPROTO_TCP ? "tcp" : s->proto == IPPROTO_UDP ? "udp" : "sctp";
}

/* Where new connections go by this list; what the kernel does when it is empty. */
static void choices(const struct kservice *s, uint8_t list, char *out, size_t size)
{
	struct facts endpoints = { .n = 0 };
	char to[ADDRPORT_STRLEN];
	bool elsewhere = false;
	size_t i;

	for (i = 0; i < s->nendpoints; i++) {
		if (s->endpoints[i].lists & list)
			facts_say(&endpoints, "%s", addrport_print(&s->endpoints[i].addr,
							     s->endpoints[i].port, to));
		elsewhere = elsewhere || s->endpoints[i].lists & SVCNAT_LIST_CLUSTER;
	}
	if (!endpoints.n)
		facts_say(&endpoints, "%s", elsewhere ? "drop" : "reject");
	facts_join(&endpoints, out, size);
}

static void print_key(const struct kservice *s, const struct kfrontend *f, char out[128])
{
	char addr[ADDRPORT_STRLEN];

	if (f->kind == SVCNAT_KIND_NODEPORT)
		snprintf(out, 128, "%s *:%u %s", s->family == AF_INET ? "ip" : "ip6", f->port,
			 proto_of(s));
	else
		snprintf(out, 128, "%s %s", addrport_print(&f->addr, f->port, addr), proto_of(s));
}

static void say_ranges(const struct kservice *s, const char *key, struct facts *facts)
{
	char cidr[INET6_ADDRSTRLEN + 4], text[512];
	struct facts ranges = { .n = 0 };
	size_t i;

	for (i = 0; i < s->nranges; i++)
		facts_say(&ranges, "%s", ip_cidr_print(&s->ranges[i], cidr));
	facts_join(&ranges, text, sizeof(text));
	if (s->nranges)
		facts_say(facts, "%s from %s", key, text);
}

static void say_frontend(const struct kservice *s, const struct kfrontend *f, struct facts *facts)
{
	const bool inside = f->kind == SVCNAT_KIND_CLUSTER;
	const uint32_t flag = inside ? SVCNAT_F_INTERNAL_LOCAL : SVCNAT_F_EXTERNAL_LOCAL;
	const uint8_t list = s->flags & flag ? SVCNAT_LIST_LOCAL : SVCNAT_LIST_CLUSTER;
	char key[128], to[1024], pods[1024], ip[INET6_ADDRSTRLEN];

	print_key(s, f, key);
	choices(s, list, to, sizeof(to));
	choices(s, SVCNAT_LIST_CLUSTER, pods, sizeof(pods));
	if (inside)
		facts_say(facts, "%s is a ClusterIP", ip_addr_print(&f->addr, ip));
	if (inside || list == SVCNAT_LIST_CLUSTER || !strcmp(pods, "reject"))
		facts_say(facts, "%s %s %s: %s", key, s->name, inside ? "inside" : "outside", to);
	else
		facts_say(facts, "%s %s outside, Local: %s; pods: %s", key, s->name, to, pods);
	if (f->kind == SVCNAT_KIND_LOADBALANCER)
		say_ranges(s, key, facts);
}

static void say_endpoint(const struct kservice *s, const struct kendpoint *p, struct facts *facts)
{
	char to[ADDRPORT_STRLEN];

	addrport_print(&p->addr, p->port, to);
	if (!p->lists)
		facts_say(facts, "%s %s drains %s", s->name, proto_of(s), to);
	else if (s->affinity)
		facts_say(facts, "%s %s keeps a client for %u s at %s", s->name, proto_of(s),
		    s->affinity, to);
	if (p->lists & SVCNAT_LIST_LOCAL)
		facts_say(facts, "%s %s is on the node", to, proto_of(s));
}

static void say_services(const struct kservices *l, struct facts *facts)
{
	const struct kservice *s;
	size_t i;

	for (s = l->v; s < l->v + l->n; s++) {
		for (i = 0; i < s->nfrontends; i++)
			say_frontend(s, &s->frontends[i], facts);
		for (i = 0; i < s->nendpoints; i++)
			say_endpoint(s, &s->endpoints[i], facts);
	}
	facts_sort(facts);
}

/* --- compiled for the node of the recording --- */

static void compile_one(const struct manifest *m, const struct manifest_object *service,
			const struct compile_node *node, struct kservices *out)
{
	json_t *found[64];
	struct compile_slices slices = { .v = found };
	const struct manifest_object *o;
	const char *name;

	for (o = m->v; o < m->v + m->n; o++) {
		name = compile_slice_service(o->value);
		if (strcmp(o->kind, "EndpointSlice") || strcmp(o->ns, service->ns) || !name ||
		    strcmp(name, service->name))
			continue;
		assert_true(slices.n < sizeof(found) / sizeof(found[0]));
		found[slices.n++] = o->value;
	}
	assert_int_equal(compile_service(service->value, &slices, node, out), 0);
}

static void compile(const struct manifest *m, struct facts *facts)
{
	struct compile_node node = { .owner = "svcd", .name = "k8master1", .zone = "zone-a" };
	struct kservices out = { 0 };
	struct ip_addr addrs[2];
	size_t i;

	assert_int_equal(ip_addr_parse("192.168.56.150", &addrs[0], NULL), 0);
	assert_int_equal(ip_addr_parse("fd00:56::150", &addrs[1], NULL), 0);
	node.addrs = addrs;
	node.naddrs = 2;
	for (i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].kind, "Service"))
			compile_one(m, &m->v[i], &node, &out);
	say_services(&out, facts);
	kservices_clear(&out);
}

static void load_objects(struct manifest *m)
{
	const char *paths[] = { RECORDED "mixed.services.yaml",
				RECORDED "mixed.endpointslices.yaml" };
	struct err e = { "" };

	*m = (struct manifest){ 0 };
	if (manifest_load(m, paths, 2, false, stdin, &e))
		fail_msg("%s", e.text);
}

/* What only one of them says. */
static void compare(const struct manifest *m, struct facts *diff)
{
	struct facts svcd = { .n = 0 }, real = { .n = 0 };

	compile(m, &svcd);
	nft_facts(RECORDED "nftables-mixed.txt", &real);
	facts_diff(&svcd, "svcd", &real, "kube-proxy", diff);
	facts_clear(&svcd);
	facts_clear(&real);
}

/* --- the tests --- */

static void test_same(void **state)
{
	const size_t known = sizeof(on_purpose) / sizeof(on_purpose[0]);
	struct facts diff = { .n = 0 };
	struct manifest m;
	size_t i;

	(void)state;
	load_objects(&m);
	compare(&m, &diff);
	for (i = 0; i < diff.n; i++)
		if (i >= known || strcmp(diff.v[i], on_purpose[i].difference))
			print_error("%s\n", diff.v[i]);
	for (i = 0; i < known && i < diff.n; i++)
		assert_string_equal(diff.v[i], on_purpose[i].difference);
	assert_int_equal(diff.n, known);
	facts_clear(&diff);
	manifest_clear(&m);
}

/* One field of one object is another one: that is seen, as this. */
static const struct {
	const char *kind, *name, *path, *value, *seen;
} changes[] = {
	{ "EndpointSlice", "web-mgqwq", "endpoints.0.addresses.0", "\"10.244.1.99\"",
	  "svcd only: 10.111.158.147:80 tcp default/web inside: 10.244.1.13:8080 "
	  "10.244.1.99:8080 10.244.2.12:8080" },
	{ "EndpointSlice", "v6only-vwjd2", "ports.0.port", "8081",
	  "svcd only: [fd00:10:96::a0cc]:80 tcp default/v6only inside: "
	  "[fd00:10:244:1::11]:8081 [fd00:10:244:1::13]:8081 [fd00:10:244:2::12]:8081" },
	{ "EndpointSlice", "manual-1", "endpoints.1.conditions.ready", "true",
	  "svcd only: 10.101.83.61:5432 tcp default/manual:db inside: 192.0.2.20:5432 "
	  "192.0.2.21:5432" },
	{ "EndpointSlice", "near-pmmpv", "endpoints.0.hints", "null",
	  "kube-proxy only: 10.109.133.131:80 tcp default/near inside: 10.244.1.11:8080 "
	  "10.244.1.13:8080" },
	{ "EndpointSlice", "itp-local-g55ql", "endpoints.0.nodeName", "\"k8master1\"",
	  "svcd only: 10.102.1.128:80 tcp default/itp-local inside: 10.244.1.13:8080" },
	{ "EndpointSlice", "itp-local-g55ql", "endpoints", "null",
	  "svcd only: 10.102.1.128:80 tcp default/itp-local inside: reject" },
	{ "EndpointSlice", "np-local-l2vlr", "endpoints.0.nodeName", "\"k8master1\"",
	  "svcd only: ip *:30876 tcp default/np-local outside, Local: 10.244.1.11:8080; pods: "
	  "10.244.1.11:8080 10.244.1.13:8080 10.244.2.12:8080" },
	{ "EndpointSlice", "np-local-l2vlr", "endpoints", "null",
	  "svcd only: ip *:30876 tcp default/np-local outside: reject" },
	{ "EndpointSlice", "dns-ktsbf", "endpoints.0.nodeName", "\"k8node1\"",
	  "kube-proxy only: 10.244.0.14:53 udp is on the node" },
	{ "Service", "web", "spec.clusterIPs.0", "\"10.111.158.148\"",
	  "svcd only: 10.111.158.148 is a ClusterIP" },
	{ "Service", "extip", "spec.externalIPs", "[]",
	  "kube-proxy only: 198.51.100.7:80 tcp default/extip outside: 10.244.1.11:8080 "
	  "10.244.1.13:8080 10.244.2.12:8080" },
	{ "Service", "sctp", "spec.ports.0.protocol", "\"TCP\"",
	  "svcd only: 10.102.209.205:9999 tcp default/sctp:s inside: reject" },
	{ "Service", "web-np", "spec.ports.0.nodePort", "30081",
	  "svcd only: ip *:30081 tcp default/web-np:http outside: 10.244.1.11:8080 "
	  "10.244.1.13:8080 10.244.2.12:8080" },
	{ "Service", "web-lb", "spec.externalTrafficPolicy", "\"Local\"",
	  "svcd only: 203.0.113.99:80 tcp default/web-lb:http outside, Local: drop; pods: "
	  "10.244.1.11:8080 10.244.1.13:8080 10.244.2.12:8080" },
	{ "Service", "web-lb-nonp", "status.loadBalancer.ingress.0.ipMode", "\"VIP\"",
	  "svcd only: 203.0.113.12:80 tcp default/web-lb-nonp outside: 10.244.1.11:8080 "
	  "10.244.1.13:8080 10.244.2.12:8080" },
	{ "Service", "web-lb-local", "spec.loadBalancerSourceRanges.0", "\"203.0.112.0/23\"",
	  "svcd only: 203.0.113.11:80 tcp from 198.51.100.0/24 203.0.112.0/23" },
	{ "Service", "web-lb-local", "spec.loadBalancerSourceRanges", "[]",
	  "kube-proxy only: 203.0.113.11:80 tcp from 198.51.100.0/24 203.0.113.0/24" },
	{ "Service", "sticky", "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "601",
	  "svcd only: default/sticky tcp keeps a client for 601 s at 10.244.1.11:8080" },
};

/* A path of fields and places; the last of them gets the value. */
static void change(json_t *at, const char *path, const char *value)
{
	char copy[128], *cursor = copy, *key;
	json_t *new = json_loads(value, JSON_DECODE_ANY, NULL);

	assert_non_null(new);
	snprintf(copy, sizeof(copy), "%s", path);
	while ((key = strsep(&cursor, ".")) && cursor) {
		at = isdigit((unsigned char)*key) ? json_array_get(at, strtoul(key, NULL, 10)) :
						    json_object_get(at, key);
		assert_non_null(at);
	}
	assert_int_equal(isdigit((unsigned char)*key) ?
			 json_array_set_new(at, strtoul(key, NULL, 10), new) :
			 json_object_set_new(at, key, new), 0);
}

static json_t *object_of(const struct manifest *m, const char *kind, const char *name)
{
	const struct manifest_object *o;

	for (o = m->v; o < m->v + m->n; o++)
		if (!strcmp(o->kind, kind) && !strcmp(o->name, name))
			return o->value;
	fail_msg("no %s %s", kind, name);
	return NULL;
}

static void test_changed(void **state)
{
	struct facts diff = { .n = 0 };
	struct manifest m;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		load_objects(&m);
		change(object_of(&m, changes[i].kind, changes[i].name), changes[i].path,
		       changes[i].value);
		compare(&m, &diff);
		for (j = 0; j < diff.n && strcmp(diff.v[j], changes[i].seen); j++)
			;
		if (j == diff.n)
			fail_msg("%s of %s: not seen: %s", changes[i].path, changes[i].name,
				 changes[i].seen);
		facts_clear(&diff);
		manifest_clear(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
