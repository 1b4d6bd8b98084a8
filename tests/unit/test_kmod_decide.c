// SPDX-License-Identifier: GPL-2.0
/*
 * The module's decisions, as tables of cases: what is done with a flow, who is
 * masqueraded, which endpoint it gets. The very files of the module, compiled
 * for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide.h"
#include "endpoints.h"
#include "masquerade.h"
#include "select.h"
#include "settings.h"

#include "decide.c"
#include "masquerade.c"
#include "select.c"

static union nf_inet_addr addr(const char *text)
{
	union nf_inet_addr a;

	memset(&a, 0, sizeof(a));
	if (strchr(text, ':'))
		assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static struct svcnat_flow flow(const char *src, const char *dst)
{
	return (struct svcnat_flow){
		.saddr = addr(src), .daddr = addr(dst),
		.sport = htons(40000), .dport = htons(80),
		.proto = IPPROTO_TCP,
		.family = strchr(src, ':') ? NFPROTO_IPV6 : NFPROTO_IPV4,
	};
}

/* n endpoints 10.0.0.1.., to be freed. */
static struct svcnat_endpoints *endpoints(u32 n)
{
	struct svcnat_endpoints *eps;
	u32 i;

	eps = calloc(1, sizeof(*eps) + n * sizeof(eps->v[0]));
	assert_non_null(eps);
	eps->n = n;
	for (i = 0; i < n; i++) {
		eps->v[i].addr.ip = htonl(0x0a000001 + i);
		eps->v[i].port = htons(8080);
	}
	return eps;
}

/* ---- decide */

struct decide_case {
	const char *name, *src, *dst;
	int endpoints;		/* -1: no service */
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
};

static const struct decide_case decide_cases[] = {
	{ "no service", "192.0.2.1", "10.96.0.1", -1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE },
	{ "no service, loopback", "127.0.0.1", "127.0.0.1", -1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE },
	{ "an endpoint", "192.0.2.1", "10.96.0.1", 1,
	  SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT },
	{ "an endpoint, IPv6", "2001:db8::1", "fd96::1", 1,
	  SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT },
	{ "no endpoint", "192.0.2.1", "10.96.0.1", 0,
	  SVCNAT_VERDICT_REJECT, SVCNAT_REASON_NO_ENDPOINTS },
	{ "no endpoint, IPv6", "2001:db8::1", "fd96::1", 0,
	  SVCNAT_VERDICT_REJECT, SVCNAT_REASON_NO_ENDPOINTS },
	{ "loopback destination", "192.0.2.1", "127.0.0.1", 1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK },
	{ "loopback net", "192.0.2.1", "127.255.0.9", 1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK },
	{ "loopback source", "127.0.0.1", "10.96.0.1", 1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK },
	{ "loopback without endpoints is not refused", "127.0.0.1", "127.0.0.1", 0,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK },
	{ "loopback, IPv6", "::1", "::1", 1,
	  SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK },
	{ "nearly loopback", "128.0.0.1", "126.0.0.1", 1,
	  SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT },
	{ "nearly loopback, IPv6", "::2", "1::1", 1,
	  SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT },
	{ "127 inside an IPv6 address", "7f00:1::1", "fd96::1", 1,
	  SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT },
};

static void test_decide(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(decide_cases); i++) {
		const struct decide_case *c = &decide_cases[i];
		struct svcnat_endpoints *eps = c->endpoints < 0 ? NULL : endpoints(c->endpoints);
		struct svcnat_flow f = flow(c->src, c->dst);
		struct svcnat_decision d = svcnat_decide(&f, eps, 0x80000000);

		if (d.verdict != c->verdict || d.reason != c->reason)
			fail_msg("%s: verdict %d reason %d", c->name, d.verdict, d.reason);
		if ((c->verdict == SVCNAT_VERDICT_DNAT) != !!d.endpoint)
			fail_msg("%s: endpoint %p", c->name, (const void *)d.endpoint);
		free(eps);
	}
	(void)state;
}

/* ---- masquerade: the plain column of the table */

static struct svcnat_settings *settings(const char *v4, u8 prefix4, const char *v6, u8 prefix6)
{
	struct svcnat_settings *set;
	unsigned int i, bits;

	set = calloc(1, sizeof(*set) + 2 * sizeof(set->pod_cidrs[0]));
	assert_non_null(set);
	for (i = 0; i < 2; i++) {
		struct svcnat_cidr *cidr = &set->pod_cidrs[set->npod_cidrs];
		const char *text = i ? v6 : v4;

		if (!text)
			continue;
		cidr->family = i ? NFPROTO_IPV6 : NFPROTO_IPV4;
		cidr->addr = addr(text);
		for (bits = 0; bits < (i ? prefix6 : prefix4); bits++)
			((u8 *)&cidr->mask)[bits / 8] |= 0x80 >> bits % 8;
		set->pods_known[i] = true;
		set->npod_cidrs++;
	}
	return set;
}

struct masquerade_case {
	const char *name, *src;
	bool local;
	enum svcnat_kind kind;
	const char *endpoint;
	enum svcnat_origin origin;
	enum svcnat_masquerade wanted;
};

#define POD4 "10.244.2.20"
#define POD6 "fd44::20"
#define NODE4 "192.168.56.151"
#define EP4 "10.244.1.10"
#define EP6 "fd44::10"

static const struct masquerade_case masquerade_cases[] = {
	{ "pod to ClusterIP", POD4, false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "pod to NodePort", POD4, false, SVCNAT_KIND_NODEPORT, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_EXTERNAL },
	{ "pod to external", POD4, false, SVCNAT_KIND_EXTERNAL, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_EXTERNAL },
	{ "pod to LoadBalancer", POD4, false, SVCNAT_KIND_LOADBALANCER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_EXTERNAL },
	{ "node to ClusterIP", NODE4, true, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_NODE, SVCNAT_MASQUERADE_OFF_CLUSTER },
	{ "node to NodePort", NODE4, true, SVCNAT_KIND_NODEPORT, EP4,
	  SVCNAT_ORIGIN_NODE, SVCNAT_MASQUERADE_EXTERNAL },
	{ "node with a pod's address", POD4, true, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "outside to ClusterIP", "192.168.56.1", false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_OFF_CLUSTER },
	{ "outside to external", "192.168.56.1", false, SVCNAT_KIND_EXTERNAL, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_EXTERNAL },
	{ "hairpin", EP4, false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_HAIRPIN },
	{ "hairpin through a NodePort", EP4, false, SVCNAT_KIND_NODEPORT, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_HAIRPIN },
	{ "endpoint not chosen", EP4, false, SVCNAT_KIND_CLUSTER, NULL,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "first address of the CIDR", "10.244.0.0", false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "last address of the CIDR", "10.244.255.255", false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "next to the CIDR", "10.245.0.0", false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_OFF_CLUSTER },
	{ "pod to ClusterIP, IPv6", POD6, false, SVCNAT_KIND_CLUSTER, EP6,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
	{ "outside to ClusterIP, IPv6", "2001:db8::1", false, SVCNAT_KIND_CLUSTER, EP6,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_OFF_CLUSTER },
	{ "hairpin, IPv6", EP6, false, SVCNAT_KIND_CLUSTER, EP6,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_HAIRPIN },
};

static void check_masquerade(const struct masquerade_case *c, const struct svcnat_settings *set)
{
	struct svcnat_flow f = flow(c->src, strchr(c->src, ':') ? "fd96::1" : "10.96.0.1");
	union nf_inet_addr ep = addr(c->endpoint ? c->endpoint : "0.0.0.0");
	enum svcnat_masquerade m;
	enum svcnat_origin o;

	f.local = c->local;
	o = svcnat_masquerade_origin(&f, set);
	m = svcnat_masquerade_decide(&f, c->kind, c->endpoint ? &ep : NULL, set);
	if (o != c->origin || m != c->wanted)
		fail_msg("%s: origin %d masquerade %d", c->name, o, m);
}

static void test_masquerade(void **state)
{
	struct svcnat_settings *set = settings("10.244.0.0", 16, "fd44::", 64);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(masquerade_cases); i++)
		check_masquerade(&masquerade_cases[i], set);
	free(set);
	(void)state;
}

static const struct masquerade_case no_cidr_cases[] = {
	{ "pod to ClusterIP", POD4, false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_NO_CIDR },
	{ "node to ClusterIP", NODE4, true, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_NODE, SVCNAT_MASQUERADE_NO_CIDR },
	{ "outside to external", "192.168.56.1", false, SVCNAT_KIND_EXTERNAL, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_EXTERNAL },
	{ "hairpin", EP4, false, SVCNAT_KIND_CLUSTER, EP4,
	  SVCNAT_ORIGIN_OUTSIDE, SVCNAT_MASQUERADE_HAIRPIN },
	{ "the other family has one", POD6, false, SVCNAT_KIND_CLUSTER, EP6,
	  SVCNAT_ORIGIN_POD, SVCNAT_MASQUERADE_NO_POD },
};

static void test_masquerade_without_cidr(void **state)
{
	struct svcnat_settings *set = settings(NULL, 0, "fd44::", 64);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(no_cidr_cases); i++)
		check_masquerade(&no_cidr_cases[i], set);
	free(set);
	(void)state;
}

static void test_masquerade_wanted(void **state)
{
	assert_false(svcnat_masquerade_wanted(SVCNAT_MASQUERADE_NO_POD));
	assert_false(svcnat_masquerade_wanted(SVCNAT_MASQUERADE_NO_CIDR));
	assert_true(svcnat_masquerade_wanted(SVCNAT_MASQUERADE_OFF_CLUSTER));
	assert_true(svcnat_masquerade_wanted(SVCNAT_MASQUERADE_EXTERNAL));
	assert_true(svcnat_masquerade_wanted(SVCNAT_MASQUERADE_HAIRPIN));
	(void)state;
}

/* ---- select */

static void test_select_stays_inside(void **state)
{
	static const u32 hashes[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	struct svcnat_endpoints *eps = endpoints(7);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		const struct svcnat_endpoint *ep = svcnat_select_endpoint(eps, hashes[i]);

		assert_true(ep >= eps->v && ep < eps->v + eps->n);
	}
	free(eps);
	(void)state;
}

/* Each part of the tuple counts, and nothing but the tuple and the key. */
static void test_select_hash(void **state)
{
	siphash_key_t key = { { 1, 2 } }, other = { { 1, 3 } };
	struct svcnat_flow f = flow("192.0.2.1", "10.96.0.1"), g = f;

	g.local = true;
	assert_int_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&g, &key));
	assert_int_not_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&f, &other));
	g = f;
	g.sport = htons(40001);
	assert_int_not_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&g, &key));
	g = f;
	g.dport = htons(81);
	assert_int_not_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&g, &key));
	g = f;
	g.proto = IPPROTO_UDP;
	assert_int_not_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&g, &key));
	f = flow("2001:db8::1", "fd96::1");
	g = flow("2001:db8::2", "fd96::1");
	assert_int_not_equal(svcnat_select_hash(&f, &key), svcnat_select_hash(&g, &key));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),
		cmocka_unit_test(test_masquerade),
		cmocka_unit_test(test_masquerade_without_cidr),
		cmocka_unit_test(test_masquerade_wanted),
		cmocka_unit_test(test_select_stays_inside),
		cmocka_unit_test(test_select_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
