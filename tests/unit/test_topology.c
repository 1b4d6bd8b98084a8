// SPDX-License-Identifier: GPL-2.0
/*
 * The annotation topology-mode: Auto. The cases of the tests of Kubernetes'
 * topologycache that an API can bring about are among these.
 */
#include "registry_help.h"

#include "jx.h"
#include "slice.h"
#include "slice_plan.h"
#include "topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FEW "Insufficient number of endpoints "
#define UNFAIR "Unable to allocate minimum required endpoints to each zone without exceeding " \
	"overload threshold "
#define NO_NODES "Insufficient Node information: allocatable CPU or zone not specified on one " \
	"or more nodes"
#define NO_ZONE "One or more endpoints do not have a zone specified"

/*
 * Zones are letters, "a35 b65" with their percent of the CPU. An endpoint is a
 * letter, its zone ("-" none), ">" and the zones that it is for; "!": not ready.
 * A slice has at most four, and ends with ";". want: as they shall be in the
 * end, of all slices; ~ behind one that is to be written.
 */
struct example {
	const char *name, *zones, *have, *wish, *want;
};

static const struct example examples[] = {
	{ "no endpoints, no nodes", "", "", "", NO_NODES },
	{ "no nodes", "", "", "ka", NO_NODES },
	{ "one zone", "a100", "", "ka la", NO_NODES },
	{ "fewer endpoints than zones", "a30 b40 c30", "", "ka lb",
	  FEW "(2 endpoints, 3 zones)" },
	{ "no endpoint is ready", "a50 b50", "", "ka! lb!", FEW "(0 endpoints, 2 zones)" },
	{ "as many as zones", "a45 b55", "", "ka lb", "ka>a lb>b~;" },
	{ "who is not ready has none, and does not count", "a45 b55", "", "ka lb mb!",
	  "ka>a lb>b mb!~;" },
	{ "not ready, and too few others", "a45 b55", "", "ka lb!", FEW "(1 endpoints, 2 zones)" },
	{ "one too many in a zone for another one", "a35 b35 c30", "",
	  "ka lb mc nc oa pa qa rb sc ta",
	  "ka>b lb>b mc>c nc>c~;oa>a pa>a qa>a rb>b~;sc>c ta>a~;" },
	{ "two go two ways", "a34 b33 c33", "", "ka la ma", "ka>b la>c ma>a~;" },
	{ "to who needs them most", "a20 b40 c40", "", "ka la ma na oa",
	  "ka>b la>b ma>c na>c~;oa>a~;" },
	{ "from who has most to spare", "a60 b20 c20", "", "kb lb mb nc oc",
	  "kb>a lb>a mb>b nc>a~;oc>c~;" },
	{ "half an endpoint is not worth it", "a55 b45", "", "ka la mb nb",
	  "ka>a la>a mb>b nb>b~;" },
	{ "less than half of one to give: a small zone stays without", "a90 b10", "", "ka la ma na",
	  "ka>a la>a ma>a na>a~;" },
	{ "many small zones would have too many", "a94 b2 c2 d2", "", "ka la mb nc",
	  UNFAIR "(4 endpoints, 4 zones)" },
	{ "one without a zone", "a50 b50", "", "ka lb mb n-", NO_ZONE },
	{ "one that is not ready may be without a zone", "a50 b50", "", "ka lb m-!",
	  "ka>a lb>b m-!~;" },
	{ "a zone without nodes keeps its own", "a50 b50", "", "ka lb mz na",
	  "ka>a lb>b mz>z na>a~;" },

	{ "fair as it is", "a50 b50", "ka>a lb>b;", "ka lb", "ka>a lb>b;" },
	{ "fair as it is, though not the nearest", "a50 b50", "ka>b lb>a;", "ka lb", "ka>b lb>a;" },
	{ "for both zones", "a16 b84", "ka>a lb>ab mb>b nb>b;ob>b pb>b qb>b;",
	  "ka lb mb nb ob pb qb", "ka>a lb>ab mb>b nb>b;ob>b pb>b qb>b;" },
	{ "not ready, for whomever", "a50 b50", "ka>a lb>b mb!;", "ka lb mb!", "ka>a lb>b mb!;" },
	{ "without hints", "a50 b50", "ka lb;", "ka lb", "ka>a lb>b~;" },
	{ "one without a hint", "a50 b50", "ka>a lb;", "ka lb", "ka>a lb>b~;" },
	{ "for a zone that is gone", "a50 b50", "ka>z lb>b;", "ka lb", "ka>a lb>b~;" },
	{ "for a zone that was full before", "a50 b50", "ka>a la>a ma>a na>a;ob>a pb>b qb>b rb>b;",
	  "ka la ma na ob pb qb rb", "ka>a la>a ma>a na>a;ob>b pb>b qb>b rb>b~;" },
	{ "all for one zone", "a50 b50", "ka>a la>a ma>a na>a;ob>a pb>a qb>a rb>a;",
	  "ka la ma na ob pb qb rb", "ka>a la>a ma>a na>a;ob>b pb>b qb>b rb>b~;" },
	{ "a slice that changes makes up for one that does not", "a50 b50",
	  "ka>a la>a ma>a na>a;ob>b pb>b qb>b;", "ka la ma na ob pb qb ra",
	  "ka>a la>a ma>a na>a;ob>b pb>b qb>b ra>b~;" },
	{ "one gets ready in a slice, and all of it is new", "a50 b50", "ka>b la>a mb! nb>b;",
	  "ka la mb nb", "ka>a la>a mb>b nb>b~;" },
	{ "too few are left", "a50 b50", "ka>a lb>b;", "ka", FEW "(1 endpoints, 2 zones)" },
	{ "none is left", "a50 b50", "ka>a;", "", FEW "(0 endpoints, 2 zones)" },
};

static json_t *make_endpoint(const char *text)
{
	json_t *e = json_pack("{s:[s#], s:{s:b}}", "addresses", text, (size_t)1, "conditions",
			      "ready", !strchr(text, '!'));
	const char *hints = strchr(text, '>');

	if (text[1] != '-')
		json_object_set_new(e, "zone", json_stringn(&text[1], 1));
	if (hints) {
		json_t *zones = json_array();

		while (*++hints)
			json_array_append_new(zones, json_pack("{s:s#}", "name", hints,
							       (size_t)1));
		jx_set(e, "hints.forZones", zones);
	}
	return e;
}

static const char *key_of(const json_t *endpoint)
{
	return json_string_value(json_array_get(json_object_get(endpoint, "addresses"), 0));
}

static json_t *make_list(char *text)
{
	json_t *list = json_array();
	char *one;

	while ((one = strsep(&text, " ")))
		if (*one)
			json_array_append_new(list, make_endpoint(one));
	return list;
}

static void print(const struct slice_plan *p, FILE *f)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t j = 0; j < json_array_size(p->v[i].endpoints); j++) {
			const json_t *e = json_array_get(p->v[i].endpoints, j);
			const json_t *zones = jx_get(e, "hints.forZones");
			const char *zone = jx_str(e, "zone");

			fprintf(f, "%s%s%s%s", j ? " " : "", key_of(e), *zone ? zone : "-",
				json_array_size(zones) ? ">" : "");
			for (size_t k = 0; k < json_array_size(zones); k++)
				fputs(jx_str(json_array_get(zones, k), "name"), f);
			fputs(jx_bool(e, "conditions.ready") ? "" : "!", f);
		}
		fputs(p->v[i].changed ? "~;" : ";", f);
	}
}

static struct topology make_zones(const char *text, char names[8][2])
{
	struct topology topo = { .v = calloc(8, sizeof(*topo.v)) };

	for (; *text; text += strcspn(text, " "), text += strspn(text, " ")) {
		names[topo.n][0] = *text;
		topo.v[topo.n].name = names[topo.n];
		topo.v[topo.n++].ratio = atoi(text + 1) / 100.0;
	}
	return topo;
}

/* Nobody has any. */
static void expect_none(const struct example *x, const struct slice_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < json_array_size(p->v[i].endpoints); j++)
			if (json_object_get(json_array_get(p->v[i].endpoints, j), "hints"))
				fail_msg("%s: a hint is left", x->name);
}

static void run_example(const struct example *x)
{
	struct slice_plan plan = { .max = 4, .key_of = key_of, .own_hints = true };
	char names[8][2] = { "" }, why[TOPOLOGY_WHY_MAX], *copy = strdup(x->have), *text = copy;
	struct topology topo = make_zones(x->zones, names);
	json_t *slices[4] = { NULL }, *before, *wish;
	size_t n = 0, size;
	FILE *f;

	for (char *one; (one = strsep(&text, ";")) && *one; n++) {
		slices[n] = json_pack("{s:n, s:o}", "ports", "endpoints", make_list(one));
		slice_plan_have(&plan, slices[n]);
	}
	before = json_deep_copy(slices[0]);
	free(copy);
	copy = strdup(x->wish);
	wish = make_list(copy);
	for (size_t i = 0; i < json_array_size(wish); i++)
		slice_plan_want(&plan, key_of(json_array_get(wish, i)),
				slice_plan_group(&plan, json_null()),
				json_incref(json_array_get(wish, i)));
	slice_plan_run(&plan, true, true);
	f = open_memstream(&text, &size);
	if (topology_hint(&topo, &plan, why)) {
		print(&plan, f);
	} else {
		fputs(why, f);
		expect_none(x, &plan);
	}
	fclose(f);
	if (strcmp(text, x->want))
		fail_msg("%s: '%s', not '%s'", x->name, text, x->want);
	/* What is kept elsewhere was not touched. */
	assert_true(!before || json_equal(before, slices[0]));
	free(text);
	free(copy);
	slice_plan_clear(&plan);
	topology_clear(&topo);
	json_decref(before);
	json_decref(wish);
	for (size_t i = 0; i < n; i++)
		json_decref(slices[i]);
}

static void test_hints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		run_example(&examples[i]);
}

/* --- at random */

static json_t *random_endpoint(int i)
{
	char text[4] = { (char)('A' + i % 50), (char)('a' + rand() % 3), rand() % 8 ? '\0' : '!' };

	return make_endpoint(text);
}

/* One round: the slices as they are in, and as they shall be out. How many change? */
static size_t round_of(const struct topology *topo, json_t **slices, size_t *n, json_t *wish,
		       bool *hinted)
{
	struct slice_plan plan = { .max = 6, .key_of = key_of, .own_hints = true };
	char why[TOPOLOGY_WHY_MAX];
	size_t changed = 0, k = 0;
	json_t *next[16];

	for (size_t i = 0; i < *n; i++)
		slice_plan_have(&plan, slices[i]);
	for (size_t i = 0; i < json_array_size(wish); i++)
		slice_plan_want(&plan, key_of(json_array_get(wish, i)),
				slice_plan_group(&plan, json_null()),
				json_incref(json_array_get(wish, i)));
	slice_plan_run(&plan, true, true);
	*hinted = topology_hint(topo, &plan, why);
	for (size_t i = 0; i < plan.n; i++) {
		changed += plan.v[i].changed || plan.v[i].gone;
		if (!plan.v[i].gone)
			next[k++] = json_pack("{s:n, s:O}", "ports", "endpoints",
					      plan.v[i].endpoints);
	}
	slice_plan_clear(&plan);
	for (size_t i = 0; i < *n; i++)
		json_decref(slices[i]);
	memcpy(slices, next, k * sizeof(next[0]));
	*n = k;
	return changed;
}

/* Either all that are ready have one zone, or nobody has any; the others have none. */
static void check(json_t *const *slices, size_t n, bool hinted)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *list = json_object_get(slices[i], "endpoints");

		for (size_t j = 0; j < json_array_size(list); j++) {
			const json_t *e = json_array_get(list, j);
			bool wants = hinted && jx_bool(e, "conditions.ready");

			assert_int_equal(json_array_size(jx_get(e, "hints.forZones")), wants);
		}
	}
}

/* Endpoints come, go and change; once nothing does, it takes few rounds until nothing moves. */
static void test_random(void **state)
{
	static const char *const zones[] = { "a34 b33 c33", "a60 b30 c10", "a50 b50", "a10 b90" };
	json_t *slices[16], *wish = json_array();
	int hints = 0, longest = 0;
	size_t n = 0;

	(void)state;
	srand(5);
	for (int step = 0; step < 3000; step++) {
		char names[8][2] = { "" };
		struct topology topo = make_zones(zones[step / 7 % 4], names);
		size_t few = step / 50 % 30, have = json_array_size(wish);
		int rounds = 0;
		bool hinted;

		if (have && (have > few || rand() % 3 == 0))
			json_array_remove(wish, rand() % have);
		else
			json_array_append_new(wish, random_endpoint(rand()));
		while (round_of(&topo, slices, &n, wish, &hinted)) {
			check(slices, n, hinted);
			assert_true(++rounds < 4);
		}
		longest = rounds > longest ? rounds : longest;
		hints += hinted;
		topology_clear(&topo);
	}
	print_message("# at most %d rounds, %d times with hints\n", longest, hints);
	assert_in_range(hints, 300, 2700);
	for (size_t i = 0; i < n; i++)
		json_decref(slices[i]);
	json_decref(wish);
}

/* --- nodes: "zone cpu", "!" that is not ready, "*" of the control plane */

static const struct { const char *name, *nodes[8], *want; } reading[] = {
	{ "none", { NULL }, "" },
	{ "one", { "a 1" }, "" },
	{ "one zone", { "a 1", "a 1" }, "" },
	{ "two zones", { "a 1", "b 1000m" }, "a 1000 0.50 b 1000 0.50" },
	{ "sorted", { "b 1", "a 3" }, "a 3000 0.75 b 1000 0.25" },
	{ "who is not ready does not count", { "a 1!", "b 1" }, "" },
	{ "nor who is of the control plane", { "a 1", "b 1*" }, "" },
	{ "who is not ready beside one that is", { "a 1", "b 1", "b 1!" },
	  "a 1000 0.50 b 1000 0.50" },
	{ "the control plane beside others", { "a 1", "b 1", "b 1*" },
	  "a 1000 0.50 b 1000 0.50" },
	{ "several in a zone", { "a 1", "a 1", "a 1", "a 2000m", "b 3", "b 1500m", "c 0.5" },
	  "a 5000 0.50 b 4500 0.45 c 500 0.05" },
	{ "one without a zone", { "a 1", "b 1", "- 1" }, "" },
	{ "one without CPU", { "a 1", "b 0", "b 1" }, "" },
	{ "one without a zone that does not count", { "a 1", "b 1", "- 1!" },
	  "a 1000 0.50 b 1000 0.50" },
	{ "of units", { "a 1k", "b 1e3", "c 1Ki" },
	  "a 1000000 0.33 b 1000000 0.33 c 1024000 0.34" },
	{ "too little to be seen is a thousandth", { "a 1u", "b 1500u" }, "a 1 0.33 b 2 0.67" },
};

static json_t *make_node(int i, const char *text)
{
	char cpu[16];
	json_t *node;

	snprintf(cpu, sizeof(cpu), "%.*s", (int)strcspn(text + 2, "!*"), text + 2);
	node = registry_help_json("{'metadata':{'name':'n%d','labels':{}},'status':{'conditions':[{"
				  "'type':'Ready','status':'%s'}],'allocatable':{'cpu':'%s'}}}", i,
				  strchr(text, '!') ? "False" : "True", cpu);
	if (*text != '-')
		json_object_set_new(jx_get(node, "metadata.labels"), "topology.kubernetes.io/zone",
				    json_stringn(text, 1));
	if (strchr(text, '*'))
		json_object_set_new(jx_get(node, "metadata.labels"),
				    "node-role.kubernetes.io/control-plane", json_string(""));
	return node;
}

static void put_node(struct registry_help *h, json_t *node)
{
	const char *name = jx_str(node, "metadata.name");
	char *text = jx_print(node);

	/* Who makes one may not say its status, all the same. */
	if (registry_help_get(h, "nodes", name) == 404 &&
	    registry_help_create(h, "nodes", text) != 201)
		fail_msg("%s: %s", text, registry_help_message(h));
	assert_int_equal(registry_help_patch(h, "nodes", name, NULL, text), 200);
	if (registry_help_patch(h, "nodes", name, "status", text) != 200)
		fail_msg("%s: %s", text, registry_help_message(h));
	free(text);
	json_decref(node);
}

static void test_nodes(void **state)
{
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++) {
		struct topology topo;
		char *text;
		size_t size;
		struct txn t;
		FILE *f;

		for (int k = 0; k < 8; k++) {
			char name[16];

			snprintf(name, sizeof(name), "n%d", k);
			registry_help_delete(h, "nodes", name);
			if (reading[i].nodes[k])
				put_node(h, make_node(k, reading[i].nodes[k]));
		}
		txn_begin(&t, h->r);
		topo = topology_read(&t);
		f = open_memstream(&text, &size);
		for (size_t k = 0; k < topo.n; k++)
			fprintf(f, "%s%s %llu %.2f", k ? " " : "", topo.v[k].name, topo.v[k].cpu,
				topo.v[k].ratio);
		fclose(f);
		if (strcmp(text, reading[i].want))
			fail_msg("%s: '%s', not '%s'", reading[i].name, text, reading[i].want);
		free(text);
		topology_clear(&topo);
		txn_abort(&t);
	}
}

/* --- all of it together */

static void make(struct registry_help *h, const char *plural, const char *body)
{
	if (registry_help_create(h, plural, body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void make_pod(struct registry_help *h, int i, int node, bool ready)
{
	char body[512], name[16];

	snprintf(name, sizeof(name), "p%d", i);
	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{'app':'web'}},'spec':{"
		 "'nodeName':'n%d','containers':[{'name':'c','image':'x'}]}}", name, node);
	registry_help_create(h, "pods", body);
	snprintf(body, sizeof(body), "{'status':{'phase':'Running','podIP':'10.244.0.%d',"
		 "'conditions':[{'type':'Ready','status':'%s'}]}}", i,
		 ready ? "True" : "False");
	assert_int_equal(registry_help_patch(h, "pods", name, "status", body), 200);
}

static int cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "1>a 2>b" by the last byte of the address. */
static void expect(struct registry_help *h, const char *want)
{
	struct registry_query q = { "kubernetes.io/service-name=web", NULL };
	char v[16][16], text[256] = "";
	const json_t *list;
	struct reply reply;

	registry_list(h->r, registry_help_type("endpointslices"), "default", &q, &reply);
	list = json_object_get(json_array_get(json_object_get(reply.body, "items"), 0),
			       "endpoints");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *e = json_array_get(list, i), *zones = jx_get(e, "hints.forZones");

		snprintf(v[i], sizeof(v[i]), "%s>%s", key_of(e) + strlen("10.244.0."),
			 jx_str(json_array_get(zones, 0), "name"));
	}
	qsort(v, json_array_size(list), sizeof(v[0]), cmp);
	for (size_t i = 0; i < json_array_size(list); i++)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", v[i]);
	json_decref(reply.body);
	assert_string_equal(text, want);
}

/* One of the n Events of the Service. */
static void expect_event(struct registry_help *h, const char *message, size_t n)
{
	struct registry_query q = { NULL, "involvedObject.name=web" };
	struct reply reply;
	const json_t *list;
	bool found = false;

	registry_list(h->r, registry_help_type("events"), "default", &q, &reply);
	list = json_object_get(reply.body, "items");
	for (size_t i = 0; i < json_array_size(list); i++)
		found |= jx_is(json_array_get(list, i), "message", message);
	if (!found || json_array_size(list) != n)
		fail_msg("'%s' is not among %zu", message, json_array_size(list));
	json_decref(reply.body);
}

#define OF_TYPE ", addressType: IPv4"

/* Three pods on the first node and one on the second. */
static void begin(struct registry_help *h)
{
	make_pod(h, 1, 1, true);
	make_pod(h, 2, 1, true);
	make_pod(h, 3, 2, true);
	make_pod(h, 4, 1, true);
	make(h, "services", "{'metadata':{'name':'web','annotations':{"
	     "'service.kubernetes.io/topology-mode':'Auto'}},'spec':{'trafficDistribution':"
	     "'PreferClose','selector':{'app':'web'},'ports':[{'port':80}]}}");
	expect(h, "1> 2> 3> 4>");
	expect_event(h, NO_NODES OF_TYPE, 1);
}

static void test_followed(void **state)
{
	struct registry_help *h = *state;

	begin(h);
	/* With the nodes come the zones, and when enough is known, the hints. */
	put_node(h, make_node(1, "a 1"));
	expect(h, "1> 2> 3> 4>");
	put_node(h, make_node(2, "b 1"));
	expect(h, "1>b 2>a 3>b 4>a");
	expect_event(h, "Topology Aware Hints has been enabled" OF_TYPE, 2);
	put_node(h, make_node(2, "b 3"));
	expect(h, "1>b 2>b 3>b 4>a");
	/* A start changes nothing. */
	registry_help_reopen(h);
	expect(h, "1>b 2>b 3>b 4>a");
	/* Whoever is not ready is not there. */
	make_pod(h, 2, 1, false);
	expect(h, "1>b 2> 3>b 4>a");
	make_pod(h, 3, 2, false);
	expect(h, "1> 2> 3> 4>");
	expect_event(h, UNFAIR "(2 endpoints, 2 zones)" OF_TYPE, 3);
	make_pod(h, 3, 2, true);
	expect(h, "1>b 2> 3>b 4>a");
	/* Nodes that get another zone, or go. */
	put_node(h, make_node(2, "a 3"));
	expect(h, "1> 2> 3> 4>");
	expect_event(h, NO_NODES OF_TYPE, 3);
	put_node(h, make_node(2, "b 3"));
	expect(h, "1>b 2> 3>b 4>a");
	assert_int_equal(registry_help_delete(h, "nodes", "n2"), 200);
	expect(h, "1> 2> 3> 4>");
}

/* The only endpoint of web's only slice. */
static void expect_zone(struct registry_help *h, const char *want)
{
	struct registry_query q = { "kubernetes.io/service-name=web", NULL };
	const json_t *list;
	struct reply reply;

	registry_list(h->r, registry_help_type("endpointslices"), "default", &q, &reply);
	list = json_object_get(json_array_get(json_object_get(reply.body, "items"), 0),
			       "endpoints");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(jx_str(json_array_get(list, 0), "zone"), want);
	json_decref(reply.body);
}

/* A node that does not count for hints has a zone all the same. */
static void test_zone_of_one_that_does_not_count(void **state)
{
	static const char *const nodes[] = { "a 1!", "b 1!", "- 1!", "a 1!*", "c 1*", "b 1*" };
	struct registry_help *h = *state;

	make_pod(h, 1, 1, true);
	make(h, "services", "{'metadata':{'name':'web','annotations':{"
	     "'service.kubernetes.io/topology-mode':'Auto'}},'spec':{'selector':{'app':'web'},"
	     "'ports':[{'port':80}]}}");
	expect_zone(h, "");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		char zone[2] = { nodes[i][0] == '-' ? '\0' : nodes[i][0] };

		put_node(h, make_node(1, nodes[i]));
		/* A patch leaves the label that it does not speak of. */
		if (!*zone)
			assert_int_equal(registry_help_patch(h, "nodes", "n1", NULL, "{'metadata':{"
				"'labels':{'topology.kubernetes.io/zone':null}}}"), 200);
		expect_zone(h, zone);
	}
	assert_int_equal(registry_help_delete(h, "nodes", "n1"), 200);
	expect_zone(h, "");
}

static void annotate(struct registry_help *h, const char *mode)
{
	char body[128];

	snprintf(body, sizeof(body),
		 "{'metadata':{'annotations':{'service.kubernetes.io/topology-mode':%s}}}", mode);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL, body), 200);
}

/* While the annotation is there, trafficDistribution does not count. */
static void test_annotation(void **state)
{
	struct registry_help *h = *state;

	begin(h);
	put_node(h, make_node(1, "a 1"));
	annotate(h, "'Disabled'");
	expect(h, "1>a 2>a 3> 4>a");
	put_node(h, make_node(2, "b 3"));
	expect(h, "1>a 2>a 3>b 4>a");
	expect_event(h, NO_NODES OF_TYPE, 1);
	/* Those were other hints. */
	annotate(h, "'auto'");
	expect(h, "1>b 2>b 3>b 4>a");
	expect_event(h, "Topology Aware Hints has been enabled" OF_TYPE, 2);
	annotate(h, "null");
	expect(h, "1>a 2>a 3>b 4>a");
	expect_event(h, "Topology Aware Hints has been disabled" OF_TYPE, 3);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'trafficDistribution':null}}"), 200);
	expect(h, "1> 2> 3> 4>");
	expect_event(h, "Topology Aware Hints has been disabled" OF_TYPE, 3);
}

/* The elder annotation counts where both are there. */
static void test_wanted(void **state)
{
	static const struct { const char *mode, *before; bool wanted; } cases[] = {
		{ NULL, NULL, false }, { "Auto", NULL, true }, { "auto", NULL, true },
		{ "AUTO", NULL, false }, { "", NULL, false }, { "Disabled", NULL, false },
		{ NULL, "Auto", true }, { NULL, "auto", true }, { NULL, "x", false },
		{ "Auto", "Disabled", false }, { "Disabled", "Auto", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *notes = json_pack("{s:s*, s:s*}", "service.kubernetes.io/topology-mode",
					  cases[i].mode,
					  "service.kubernetes.io/topology-aware-hints",
					  cases[i].before);
		json_t *svc = json_pack("{s:{s:o}, s:{s:s}}", "metadata", "annotations", notes,
					"spec", "trafficDistribution", "PreferClose");

		assert_int_equal(topology_wanted(svc), cases[i].wanted);
		assert_string_equal(topology_distribution(svc),
				    cases[i].wanted ? "" : "PreferClose");
		json_decref(svc);
	}
	assert_false(topology_wanted(NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hints), cmocka_unit_test(test_random),
		TEST(test_nodes), TEST(test_followed),
		TEST(test_zone_of_one_that_does_not_count), TEST(test_annotation),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
