// SPDX-License-Identifier: GPL-2.0
/*
 * Who of a service's endpoints gets new connections on a node, by readiness,
 * place and hints. The cases of TestCategorizeEndpoints in kube-proxy 1.36
 * (pkg/proxy/topology_test.go) are among these. kube-proxy leaves out a list
 * that no policy of the service asks for; here there are always both, and the
 * kernel looks at the one that the policy names.
 */
#include "compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As the slice controller writes them. NULL: nothing is said, which is ready. */
#define READY		"rsT"
#define UNREADY		"RST"
#define LEAVING		"Rst"	/* terminating, and serving still */
#define GONE		"RSt"	/* terminating */

struct endpoint {
	const char *addr;		/* the last byte of it */
	const char *conditions;		/* r, s, t: true; R, S, T: false; else unset */
	const char *node;
	const char *zones, *nodes;	/* hints, with spaces between them */
};

#define HINTED(addr, conditions, node, zones, nodes)	{ addr, conditions, node, zones, nodes }
#define NEAR(addr, conditions, node, zones)	HINTED(addr, conditions, node, zones, NULL)
#define ON(addr, conditions, node)	NEAR(addr, conditions, node, NULL)
#define EP(addr, conditions)	ON(addr, conditions, NULL)
#define NOBODY	EP(NULL, NULL)

#define MAX_ENDPOINTS	8

/* Policies and a way in from outside; as many as the cases need. */
#define CLUSTER		0
#define INTERNAL	1	/* internalTrafficPolicy: Local */
#define EXTERNAL	2	/* externalTrafficPolicy: Local, with a NodePort */
#define BOTH		(INTERNAL | EXTERNAL)
#define PRIVATE		4	/* externalTrafficPolicy: Local, and no way in */

struct example {
	const char *name;
	const char *node, *zone;
	unsigned int policy;
	struct endpoint endpoints[MAX_ENDPOINTS];
	const char *cluster, *local, *drain;
};

static const struct example topology[] = {
	{
		"all have zone hints, some for ours", "n1", "a", CLUSTER,
		{ NEAR("3", READY, NULL, "a"), NEAR("4", READY, NULL, "b"),
		  NEAR("5", READY, NULL, "c"), NEAR("6", READY, NULL, "a") },
		"3 6", "", "4 5",
	}, {
		"externally Local: hints are not for the local list", "n1", "a", EXTERNAL,
		{ NEAR("3", READY, "n1", "a"), NEAR("4", READY, "n1", "b"),
		  NEAR("5", READY, "n2", "c"), NEAR("6", READY, "n2", "a") },
		"3 6", "3 4", "5",
	}, {
		"internally Local: likewise", "n1", "a", INTERNAL,
		{ NEAR("3", READY, "n1", "a"), NEAR("4", READY, "n1", "b"),
		  NEAR("5", READY, "n2", "c"), NEAR("6", READY, "n2", "a") },
		"3 6", "3 4", "5",
	}, {
		"a near one that is not local, and a local one that is not near", "n1", "a",
		EXTERNAL,
		{ NEAR("0", READY, "n1", "a"), NEAR("1", READY, "n1", "b"),
		  NEAR("2", READY, "n2", "a"), NEAR("3", READY, "n3", "b") },
		"0 2", "0 1", "3",
	}, {
		"the node's zone is not known", "n1", NULL, CLUSTER,
		{ NEAR("3", READY, NULL, "a") },
		"3", "", "",
	}, {
		"the node's zone is empty", "n1", "", CLUSTER,
		{ NEAR("3", READY, NULL, "a") },
		"3", "", "",
	}, {
		"a hint for no zone is none for a node without one", "n1", "", CLUSTER,
		{ NEAR("3", READY, NULL, "-"), NEAR("4", READY, NULL, "a") },
		"3 4", "", "",
	}, {
		"no hint for our zone", "n1", "b", CLUSTER,
		{ NEAR("3", READY, NULL, "a"), NEAR("5", READY, NULL, "c") },
		"3 5", "", "",
	}, {
		"one that is not ready is not near", "n1", "a", CLUSTER,
		{ NEAR("3", READY, NULL, "a"), NEAR("4", READY, NULL, "b"),
		  NEAR("5", READY, NULL, "c"), NEAR("6", UNREADY, NULL, "a") },
		"3", "", "4 5",
	}, {
		"nobody near is ready", "n1", "a", CLUSTER,
		{ NEAR("3", UNREADY, NULL, "a"), NEAR("4", READY, NULL, "b"),
		  NEAR("5", READY, NULL, "c"), NEAR("6", UNREADY, NULL, "a") },
		"4 5", "", "",
	}, {
		"one has no hint", "n1", "a", CLUSTER,
		{ NEAR("3", READY, NULL, "a"), NEAR("4", READY, NULL, "b"),
		  NEAR("5", READY, NULL, NULL), NEAR("6", READY, NULL, "a") },
		"3 4 5 6", "", "",
	}, {
		"who is not ready needs no hint", "n1", "a", CLUSTER,
		{ NEAR("3", READY, NULL, "a"), NEAR("4", READY, NULL, "b"), EP("5", UNREADY),
		  EP("6", LEAVING), EP("7", GONE) },
		"3", "", "4 6",
	}, {
		"several hints each", "n1", "c", CLUSTER,
		{ NEAR("3", READY, NULL, "a b c"), NEAR("4", READY, NULL, "b c"),
		  NEAR("5", READY, NULL, "b d"), NEAR("6", READY, NULL, "c") },
		"3 4 6", "", "5",
	}, {
		"zones are compared whole", "n1", "a", CLUSTER,
		{ NEAR("3", READY, NULL, "a1"), NEAR("4", READY, NULL, "A") },
		"3 4", "", "",
	}, {
		"all have node hints, one for ours", "n1", "a", CLUSTER,
		{ HINTED("3", READY, "n1", "a", "n1"), HINTED("4", READY, "n2", "b", "n2"),
		  HINTED("5", READY, "n3", "c", "n3"), HINTED("6", READY, "n4", "a", "n4") },
		"3", "3", "4 5 6",
	}, {
		"a node hint is for who it names, wherever the endpoint is", "n1", NULL, CLUSTER,
		{ HINTED("3", READY, "n2", NULL, "n1 n2"), HINTED("4", READY, "n1", NULL, "n3") },
		"3", "4", "",
	}, {
		"one has no node hint, and so no zone hint", "n1", "a", CLUSTER,
		{ HINTED("3", READY, NULL, "a", "n1"), EP("4", READY),
		  HINTED("5", READY, NULL, "c", "n3"), HINTED("6", READY, NULL, "a", "n4") },
		"3 4 5 6", "", "",
	}, {
		"one has no node hint: the zones decide", "n1", "a", CLUSTER,
		{ HINTED("3", READY, NULL, "a", "n1"), NEAR("4", READY, NULL, "a"),
		  HINTED("5", READY, NULL, "c", "n3") },
		"3 4", "", "5",
	}, {
		"no node hint for ours: the zones decide", "n0", "a", CLUSTER,
		{ HINTED("3", READY, NULL, "a", "n1"), HINTED("4", READY, NULL, "b", "n2"),
		  HINTED("5", READY, NULL, "c", "n3"), HINTED("6", READY, NULL, "a", "n4") },
		"3 6", "", "4 5",
	}, {
		"no node hint for ours, and no zone hint either", "n0", "z", CLUSTER,
		{ HINTED("3", READY, NULL, "a", "n1"), HINTED("4", READY, NULL, "b", "n2") },
		"3 4", "", "",
	}, {
		"the one of our node is not ready: the zones decide", "n1", "a", CLUSTER,
		{ HINTED("3", UNREADY, NULL, "a", "n1"), HINTED("4", READY, NULL, "a", "n2"),
		  HINTED("5", READY, NULL, "c", "n3") },
		"4", "", "5",
	}, {
		"only node hints, none for ours", "n0", "a", CLUSTER,
		{ HINTED("3", READY, NULL, NULL, "n1"), HINTED("4", READY, NULL, NULL, "n2") },
		"3 4", "", "",
	}, {
		"a node without a name has no hints", "", "a", CLUSTER,
		{ HINTED("3", READY, NULL, NULL, "-"), HINTED("4", READY, NULL, NULL, "n2") },
		"3 4", "", "",
	},
};

static const struct example categories[] = {
	{ "nobody, internally Local", "n1", NULL, INTERNAL, { NOBODY }, "", "", "" },
	{ "nobody, externally Local", "n1", NULL, EXTERNAL, { NOBODY }, "", "", "" },
	{
		"internally Local, all are elsewhere", "n1", NULL, INTERNAL,
		{ ON("0", READY, "n2"), ON("1", READY, "n3") }, "0 1", "", "",
	}, {
		"internally Local, all are here", "n1", NULL, INTERNAL,
		{ ON("0", READY, "n1"), ON("1", READY, "n1") }, "0 1", "0 1", "",
	}, {
		"internally Local, some are here", "n1", NULL, INTERNAL,
		{ ON("0", READY, "n1"), ON("1", READY, "n2") }, "0 1", "0", "",
	}, {
		"nobody is ready", "n1", NULL, CLUSTER,
		{ EP("0", UNREADY), EP("1", UNREADY) }, "", "", "",
	}, {
		"some are ready", "n1", NULL, CLUSTER,
		{ EP("0", UNREADY), EP("1", READY) }, "1", "", "",
	}, {
		"all terminate", "n1", NULL, CLUSTER,
		{ ON("0", LEAVING, "n1"), ON("1", LEAVING, "n2") }, "0 1", "0", "",
	}, {
		"all terminate, and nobody serves", "n1", NULL, BOTH,
		{ ON("0", GONE, "n1"), ON("1", GONE, "n2") }, "", "", "",
	}, {
		"of those that terminate only those that serve", "n1", NULL, BOTH,
		{ ON("0", LEAVING, "n1"), ON("1", GONE, "n1"), ON("2", LEAVING, "n2"),
		  ON("3", UNREADY, "n1") }, "0 2", "0", "",
	}, {
		"one that terminates drains beside a ready one", "n1", NULL, CLUSTER,
		{ ON("0", READY, "n2"), ON("1", LEAVING, "n2"), ON("2", GONE, "n2") },
		"0", "", "1",
	}, {
		"internally Local, externally Cluster", "n1", NULL, INTERNAL,
		{ ON("0", READY, "n1"), ON("1", READY, "n2") }, "0 1", "0", "",
	}, {
		"internally Cluster, externally Local", "n1", NULL, EXTERNAL,
		{ ON("0", READY, "n1"), ON("1", READY, "n2") }, "0 1", "0", "",
	}, {
		"both Local, some are here", "n1", NULL, BOTH,
		{ ON("0", READY, "n1"), ON("1", READY, "n2") }, "0 1", "0", "",
	}, {
		"both Local, all are elsewhere", "n1", NULL, BOTH,
		{ ON("0", READY, "n2"), ON("1", READY, "n3") }, "0 1", "", "",
	}, {
		"both Local, all are elsewhere and terminate", "n1", NULL, BOTH,
		{ ON("0", LEAVING, "n2"), ON("1", LEAVING, "n3") }, "0 1", "", "",
	}, {
		"the last local one terminates, and others are ready elsewhere", "n1", NULL,
		EXTERNAL,
		{ ON("0", READY, "n2"), ON("1", UNREADY, "n1"), ON("2", LEAVING, "n1"),
		  ON("3", LEAVING, "n3") }, "0", "2", "3",
	}, {
		"the last ready one is local, others terminate", "n1", NULL, BOTH,
		{ ON("0", READY, "n1"), ON("1", LEAVING, "n1"), ON("2", LEAVING, "n2") },
		"0", "0", "1 2",
	}, {
		"externally Local and nothing from outside", "n1", NULL, PRIVATE,
		{ ON("0", READY, "n2"), ON("1", READY, "n1") }, "0 1", "1", "",
	}, {
		"internally Local and nothing from outside", "n1", NULL, INTERNAL,
		{ ON("0", READY, "n2"), ON("1", READY, "n1") }, "0 1", "1", "",
	}, {
		"externally Local, all are elsewhere", "n1", NULL, EXTERNAL,
		{ ON("0", READY, "n2"), ON("1", READY, "n2") }, "0 1", "", "",
	}, {
		"externally Local, all are here", "n1", NULL, EXTERNAL,
		{ ON("0", READY, "n1"), ON("1", READY, "n1") }, "0 1", "0 1", "",
	}, {
		"the fallback takes no notice of hints", "n1", "a", CLUSTER,
		{ HINTED("0", LEAVING, NULL, "a", "n1"), HINTED("1", LEAVING, NULL, "b", "n2") },
		"0 1", "", "",
	}, {
		"nothing is said: ready", "n1", NULL, BOTH,
		{ ON("0", NULL, "n1"), ON("1", "", "n2") }, "0 1", "0", "",
	}, {
		"ready is unset: ready, even if it does not serve", "n1", NULL, CLUSTER,
		{ EP("0", "s"), EP("1", "S") }, "0 1", "", "",
	}, {
		"ready is unset, it terminates and serves", "n1", NULL, CLUSTER,
		{ EP("0", "st"), EP("1", "t") }, "0 1", "", "",
	}, {
		"ready is unset, it terminates and does not serve", "n1", NULL, BOTH,
		{ ON("0", "St", "n1"), ON("1", READY, "n2") }, "1", "", "",
	}, {
		"serving is unset: serving", "n1", NULL, CLUSTER,
		{ EP("0", "Rt"), EP("1", "Rt") }, "0 1", "", "",
	}, {
		"serving is unset, not ready and not terminating: not serving", "n1", NULL,
		CLUSTER, { EP("0", "R"), EP("1", "RT") }, "", "", "",
	}, {
		"terminating is unset: not terminating", "n1", NULL, CLUSTER,
		{ EP("0", "Rs"), EP("1", "RS") }, "", "", "0",
	}, {
		"publishNotReadyAddresses: ready as it is said, whatever else", "n1", NULL, BOTH,
		{ ON("0", "rST", "n1"), ON("1", "rSt", "n1"), ON("2", "rst", "n2") },
		"0 1 2", "0 1", "",
	}, {
		"ready, far and not serving: it drains", "n1", "a", CLUSTER,
		{ NEAR("0", READY, NULL, "a"), NEAR("1", "rST", NULL, "b") }, "0", "", "1",
	}, {
		"a node without a name has nobody local", "", NULL, BOTH,
		{ ON("0", READY, ""), ON("1", LEAVING, "n1") }, "0", "", "1",
	}, {
		"a node's name is compared whole", "n1", NULL, BOTH,
		{ ON("0", READY, "n11"), ON("1", READY, "N1") }, "0 1", "", "",
	},
};

/* The same address, said twice: in two slices, in either order. */
static const struct example twice[] = {
	{
		"ready wins", "n1", NULL, CLUSTER,
		{ ON("0", LEAVING, "n1"), ON("0", READY, "n2") }, "0", "", "",
	}, {
		"ready wins, even over who serves, and if it terminates", "n1", NULL, CLUSTER,
		{ ON("0", "RsT", "n1"), ON("0", "rSt", "n2"), ON("1", UNREADY, "n1") },
		"0", "", "",
	}, {
		"who does not terminate wins, ready or not", "n1", NULL, CLUSTER,
		{ ON("0", LEAVING, "n1"), ON("0", UNREADY, "n2") }, "", "", "",
	}, {
		"who serves still wins over who does not", "n1", NULL, CLUSTER,
		{ ON("0", GONE, "n1"), ON("0", LEAVING, "n2") }, "0", "", "",
	}, {
		"local in one is local", "n1", NULL, CLUSTER,
		{ ON("0", READY, "n1"), EP("0", READY) }, "0", "0", "",
	}, {
		"without a hint in one of them there is none", "n1", "a", CLUSTER,
		{ NEAR("0", READY, NULL, "a"), EP("0", READY), NEAR("1", READY, NULL, "b") },
		"0 1", "", "",
	}, {
		"near in one is near", "n1", "a", CLUSTER,
		{ NEAR("0", READY, NULL, "b"), NEAR("0", READY, NULL, "a"),
		  NEAR("1", READY, NULL, "b") },
		"0", "", "1",
	},
};

static json_t *make_hints(const char *text)
{
	char *copy = strdup(text ? text : ""), *rest = copy, *word;
	json_t *list = json_array();

	while ((word = strsep(&rest, " ")))
		if (*word)
			json_array_append_new(list, json_pack("{s:s}", "name",
							      strcmp(word, "-") ? word : ""));
	free(copy);
	return list;
}

static json_t *make_endpoint(const struct endpoint *e)
{
	static const struct { char yes, no; const char *key; } known[] = {
		{ 'r', 'R', "ready" }, { 's', 'S', "serving" }, { 't', 'T', "terminating" },
	};
	json_t *conditions = json_object(), *o;
	char addr[32];
	size_t i;

	for (i = 0; e->conditions && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strchr(e->conditions, known[i].yes))
			json_object_set_new(conditions, known[i].key, json_true());
		if (strchr(e->conditions, known[i].no))
			json_object_set_new(conditions, known[i].key, json_false());
	}
	snprintf(addr, sizeof(addr), "10.0.0.%s", e->addr);
	o = json_pack("{s:[s], s:o, s:{s:o, s:o}}", "addresses", addr, "conditions", conditions,
		      "hints", "forZones", make_hints(e->zones), "forNodes", make_hints(e->nodes));
	if (e->node)
		json_object_set_new(o, "nodeName", json_string(e->node));
	if (!e->conditions)
		json_object_del(o, "conditions");
	if (!e->zones && !e->nodes)
		json_object_del(o, "hints");
	return o;
}

static json_t *make_slice(const struct endpoint *e, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, make_endpoint(&e[i]));
	return json_pack("{s:s, s:[{s:s, s:s, s:i}], s:o}", "addressType", "IPv4", "ports",
			 "name", "", "protocol", "TCP", "port", 80, "endpoints", list);
}

static json_t *make_service(unsigned int policy)
{
	json_t *o = json_pack("{s:{s:s, s:s}, s:{s:s, s:[s], s:[{s:i, s:i}], s:s, s:s}}",
			      "metadata", "namespace", "ns", "name", "web",
			      "spec", "type", policy & EXTERNAL ? "NodePort" : "ClusterIP",
			      "clusterIPs", "10.96.0.1", "ports", "port", 80, "nodePort", 30080,
			      "internalTrafficPolicy", policy & INTERNAL ? "Local" : "Cluster",
			      "externalTrafficPolicy",
			      policy & (EXTERNAL | PRIVATE) ? "Local" : "Cluster");

	assert_non_null(o);
	return o;
}

static size_t count(const struct example *x)
{
	size_t n = 0;

	while (n < MAX_ENDPOINTS && x->endpoints[n].addr)
		n++;
	return n;
}

/* Those that stand in exactly so many of the lists of mask. */
static void assert_list(const struct example *x, const struct kservice *s, uint8_t mask,
			uint8_t lists, const char *expected)
{
	char text[256] = "";
	size_t i, n;

	for (i = 0; i < s->nendpoints; i++) {
		const struct kendpoint *p = &s->endpoints[i];

		if ((p->lists & mask) != lists)
			continue;
		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "%s%u", n ? " " : "",
			 ntohl(p->addr.v4.s_addr) & 0xff);
	}
	if (strcmp(text, expected))
		fail_msg("%s: list %u is '%s', not '%s'", x->name, lists, text, expected);
}

static void assert_compiles(const struct example *x, json_t **slices, size_t n)
{
	const struct compile_node node = { .owner = "svcd", .name = x->node, .zone = x->zone };
	const struct compile_slices all = { slices, n };
	json_t *service = make_service(x->policy);
	struct kservices out = { 0 };
	uint32_t flags = 0;

	if (x->policy & INTERNAL)
		flags |= SVCNAT_F_INTERNAL_LOCAL;
	if (x->policy & EXTERNAL)
		flags |= SVCNAT_F_EXTERNAL_LOCAL;
	assert_int_equal(compile_service(service, &all, &node, &out), 0);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.v[0].flags, flags);
	assert_list(x, &out.v[0], SVCNAT_LIST_CLUSTER, SVCNAT_LIST_CLUSTER, x->cluster);
	assert_list(x, &out.v[0], SVCNAT_LIST_LOCAL, SVCNAT_LIST_LOCAL, x->local);
	assert_list(x, &out.v[0], SVCNAT_LIST_ALL, 0, x->drain);
	kservices_clear(&out);
	json_decref(service);
}

/* All in one slice, and each in a slice of its own, in either order. */
static void test_example(const struct example *x)
{
	json_t *v[MAX_ENDPOINTS], *swapped[MAX_ENDPOINTS], *whole;
	size_t i, n = count(x);

	whole = make_slice(x->endpoints, n);
	for (i = 0; i < n; i++) {
		v[i] = make_slice(&x->endpoints[i], 1);
		swapped[n - 1 - i] = v[i];
	}
	assert_compiles(x, &whole, 1);
	assert_compiles(x, v, n);
	assert_compiles(x, swapped, n);
	for (i = 0; i < n; i++)
		json_decref(v[i]);
	json_decref(whole);
}

static void test_table(const struct example *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		test_example(&x[i]);
}

static void test_topology(void **state)
{
	(void)state;
	test_table(topology, sizeof(topology) / sizeof(topology[0]));
}

static void test_categories(void **state)
{
	(void)state;
	test_table(categories, sizeof(categories) / sizeof(categories[0]));
}

static void test_twice(void **state)
{
	(void)state;
	test_table(twice, sizeof(twice) / sizeof(twice[0]));
}

/* What depends on the zone has to say so. */
static void test_needs_zone(void **state)
{
	static const struct { struct endpoint e; bool needs; } cases[] = {
		{ NEAR("1", READY, "n1", "a"), true },
		{ HINTED("1", GONE, NULL, "a b", "n1"), true },
		{ HINTED("1", READY, "n1", NULL, "n1"), false },
		{ NEAR("1", READY, "n1", ""), false },
		{ EP("1", NULL), false },
	};
	json_t *slice;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		slice = make_slice(&cases[i].e, 1);
		assert_int_equal(compile_needs_zone(slice), cases[i].needs);
		json_decref(slice);
	}
	assert_false(compile_needs_zone(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topology),
		cmocka_unit_test(test_categories),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_needs_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
