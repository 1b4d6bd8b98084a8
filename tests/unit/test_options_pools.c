// SPDX-License-Identifier: GPL-2.0
/* svcd.yaml's pools. */
#include "err.h"
#include "options_help.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

static int parse(struct options_help *f, const char *text, const char *option)
{
	char *argv[] = { "svcd", "--config", f->path, "--node-name=n", (char *)option, NULL };
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	options_clear(&f->o);
	f->e.text[0] = '\0';
	return options_parse(&f->o, option ? 5 : 4, argv, NULL, stdout, &f->e);
}

static const char full[] =
	"pools:\n"
	"- name: lan\n"
	"  addresses: [192.0.2.0/28, 192.0.2.100-192.0.2.110, '2001:db8::/120']\n"
	"- name: quiet\n"
	"  addresses:\n"
	"  - 198.51.100.0/24\n"
	"  autoAssign: false\n"
	"  avoidBuggyIPs: true\n"
	"- name: shop.example\n"
	"  addresses: [203.0.113.0/24]\n"
	"  serviceAllocation:\n"
	"    priority: 50\n"
	"    namespaces: [shop, cafe]\n"
	"    serviceSelectors:\n"
	"    - matchLabels: {app: web, example.com/tier: front}\n"
	"      matchExpressions:\n"
	"      - {key: zone, operator: In, values: [a, b]}\n"
	"      - {key: zone, operator: NotIn, values: [c]}\n"
	"      - {key: canary, operator: DoesNotExist}\n"
	"      - {key: tier, operator: Exists}\n"
	"    - {}\n";

static void test_full(void **state)
{
	struct options_help *f = *state;
	const struct pool *p;

	if (parse(f, full, NULL))
		fail_msg("%s", f->e.text);
	assert_int_equal(f->o.pools.n, 3);
	p = pools_named(&f->o.pools, "lan");
	assert_int_equal(p->nranges, 3);
	assert_true(p->auto_assign);
	assert_false(p->avoid_buggy);
	assert_false(p->restricted);
	assert_int_equal(pool_size(p, AF_INET), 27);
	assert_int_equal(pool_size(p, AF_INET6), 256);
	p = pools_named(&f->o.pools, "quiet");
	assert_false(p->auto_assign);
	assert_true(p->avoid_buggy);
	/* The one for some Services comes first. */
	p = &f->o.pools.v[0];
	assert_string_equal(p->name, "shop.example");
	assert_true(p->restricted);
	assert_int_equal(p->priority, 50);
	assert_int_equal(p->nnamespaces, 2);
	assert_string_equal(p->namespaces[1], "cafe");
	assert_int_equal(p->nselectors, 2);
	assert_string_equal(p->selector_texts[0], "app=web,example.com/tier=front,"
			    "zone in (a,b),zone notin (c),!canary,tier");
	assert_string_equal(p->selector_texts[1], "");
}

#define POOL(rest)	"pools:\n- name: p\n" rest
#define LAN(rest)	POOL("  addresses: [192.0.2.0/24]\n" rest)
#define FOR(rest)	LAN("  serviceAllocation:\n" rest)
#define SELECT(rest)	FOR("    serviceSelectors:\n    - " rest)

static const struct {
	const char *text, *why;		/* behind FILE: */
} bad[] = {
	{ "pools: lan\n", ":1:8: pools: this has to be a list" },
	{ "pools: []\n", ":1:8: pools: this list is empty: leave the key out" },
	{ "pools: [lan]\n", ":1:9: pools[0]: this has to be keys and values" },
	{ "pools:\n- addresses: [192.0.2.0/24]\n", ":2:3: pools[0]: a pool needs a name" },
	{ POOL(""), ":2:3: pools[0]: a pool needs addresses" },
	{ "pools:\n- name: L_1\n", ":2:9: pools[0].name: this is not a name" },
	{ "pools:\n- name: 7\n", ":2:9: pools[0].name: this is not a name" },
	{ POOL("  address: 192.0.2.0/24\n"), ":3:3: pools[0].address: there is no such key" },
	{ POOL("  addresses: []\n"), ":3:14: pools[0].addresses: this list is empty" },
	{ POOL("  addresses: 192.0.2.0/24\n"),
	  ":3:14: pools[0].addresses: this has to be a list" },
	{ POOL("  addresses: [5]\n"),
	  ":3:15: pools[0].addresses[0]: this has to be ADDRESS/PREFIX or FIRST-LAST" },
	{ POOL("  addresses:\n  - 192.0.2.0/24\n  - 192.0.3.9-192.0.3.1\n"),
	  ":5:5: pools[0].addresses[1]: '192.0.3.9-192.0.3.1' ends before it begins" },
	{ POOL("  addresses: ['192.0.2.1-2001:db8::1']\n"),
	  ":3:15: pools[0].addresses[0]: '192.0.2.1-2001:db8::1' goes from one family" },
	{ POOL("  addresses: [192.0.2.0/24, 192.0.2.7-192.0.2.9]\n"),
	  ":3:29: pools[0].addresses[1]: 192.0.2.7-192.0.2.9 overlaps 192.0.2.0/24 of this pool" },
	{ LAN("- name: q\n  addresses: [192.0.0.0/16]\n"),
	  ":5:15: pools[1].addresses[0]: 192.0.0.0/16 overlaps 192.0.2.0/24 of the pool \"p\"" },
	{ LAN("- name: p\n  addresses: [192.0.3.0/24]\n"),
	  ":4:9: pools[1].name: there are two pools of the name \"p\"" },
	{ LAN("  autoAssign: 1\n"), ":4:15: pools[0].autoAssign: this has to be true or false" },
	{ LAN("  avoidBuggyIPs: maybe\n"), ":4:18: pools[0].avoidBuggyIPs: this has to be true" },
	{ LAN("  serviceAllocation: shop\n"),
	  ":4:22: pools[0].serviceAllocation: this has to be keys and values" },
	{ FOR("    priority: -1\n"), ":5:15: pools[0].serviceAllocation.priority: this has to be" },
	{ FOR("    namespaces: []\n"),
	  ":5:17: pools[0].serviceAllocation.namespaces: this list is empty" },
	{ FOR("    namespaces: [a, B]\n"), ":5:21: pools[0].serviceAllocation.namespaces[1]: "
	  "this is not the name of a namespace" },
	{ FOR("    namespace: a\n"), ":5:5: pools[0].serviceAllocation.namespace: there is no" },
	{ SELECT("app: web\n"), ":6:7: pools[0].serviceAllocation.serviceSelectors[0].app: there" },
	{ SELECT("matchLabels: [a]\n"), ":6:20: pools[0].serviceAllocation.serviceSelectors[0]."
	  "matchLabels: this has to be a map of labels" },
	{ SELECT("matchLabels: {'a,b': c}\n"), ":6:20: pools[0].serviceAllocation."
	  "serviceSelectors[0].matchLabels: \"a,b\" is not a label: " },
	{ SELECT("matchLabels: {a: 'b,c'}\n"), ":6:20: pools[0].serviceAllocation."
	  "serviceSelectors[0].matchLabels: the value of \"a\": " },
	{ SELECT("matchLabels: {a: 1}\n"), ":6:20: pools[0].serviceAllocation."
	  "serviceSelectors[0].matchLabels: the value of \"a\": it has to be a string" },
	{ SELECT("matchExpressions: [{key: a, operator: Is}]\n"), ":6:26: pools[0]."
	  "serviceAllocation.serviceSelectors[0].matchExpressions[0]: the operator has to be" },
	{ SELECT("matchExpressions: [{operator: Exists}]\n"), ":6:26: pools[0]."
	  "serviceAllocation.serviceSelectors[0].matchExpressions[0]: the key is not a label's" },
	{ SELECT("matchExpressions: [{key: a, operator: In}]\n"), ":6:26: pools[0]."
	  "serviceAllocation.serviceSelectors[0].matchExpressions[0]: this needs values" },
	{ SELECT("matchExpressions: [{key: a, operator: Exists, values: [b]}]\n"), ":6:26: "
	  "pools[0].serviceAllocation.serviceSelectors[0].matchExpressions[0]: Exists has no" },
	{ SELECT("matchExpressions: [{key: a, op: Exists}]\n"), ":6:35: pools[0]."
	  "serviceAllocation.serviceSelectors[0].matchExpressions[0].op: there is no such key" },
	{ "serviceCIDRs: [192.0.0.0/16]\n" LAN(""),
	  ":4:15: pools[0].addresses[0]: 192.0.2.0/24 overlaps 192.0.0.0/16, where ClusterIPs" },
	{ "podCIDRs: [198.51.100.0/24, 192.0.2.128/25]\n" LAN(""),
	  ":4:15: pools[0].addresses[0]: 192.0.2.0/24 overlaps 192.0.2.128/25, where pods are" },
	{ POOL("  addresses: [10.100.0.0/24]\n"),
	  ":3:15: pools[0].addresses[0]: 10.100.0.0/24 overlaps 10.96.0.0/12, where ClusterIPs" },
};

static void test_bad(void **state)
{
	struct options_help *f = *state;
	size_t n = strlen(f->path);

	for (size_t i = 0; i < ROWS(bad); i++)
		if (parse(f, bad[i].text, NULL) != -EINVAL || strncmp(f->e.text, f->path, n) ||
		    strncmp(f->e.text + n, bad[i].why, strlen(bad[i].why)))
			fail_msg("%s: %s", bad[i].text, f->e.text);
}

/* What the command line says of the other ranges counts, wherever it stands. */
static void test_command_line(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, "serviceCIDRs: [192.0.2.0/24]\n" LAN(""),
			       "--service-cidr=10.97.0.0/16"), 0);
	assert_int_equal(parse(f, LAN(""), "--pod-cidr=192.0.2.0/28"), -EINVAL);
	assert_non_null(strstr(f->e.text, ":3:15: pools[0].addresses[0]: "));
	/* Who follows gives nothing out, and has no ranges of its own. */
	assert_int_equal(parse(f, POOL("  addresses: [10.100.0.0/24]\n"),
			       "--follow=unix:///run/other.sock"), 0);
	/* There is no such option. */
	assert_int_equal(parse(f, "", "--pools=192.0.2.0/24"), -EINVAL);
}

static void test_too_many(void **state)
{
	struct options_help *f = *state;
	char *text = malloc(65536), *end = text;

	end += sprintf(end, "pools:\n- name: p\n  addresses:\n");
	for (int i = 0; i <= 1000; i++)
		end += sprintf(end, "  - 192.0.%d.%d/32\n", i / 250, i % 250);
	assert_int_equal(parse(f, text, NULL), -EINVAL);
	assert_non_null(strstr(f->e.text, ":1004:5: pools[0].addresses[1000]: more than 1000"));
	free(text);
}

static const struct {
	const char *now, *next;
	bool changes;
} changes[] = {
	{ "", LAN(""), true },
	{ LAN(""), "", true },
	{ LAN(""), LAN("# the same\n"), false },
	{ LAN(""), LAN("  autoAssign: true\n"), false },
	{ LAN(""), LAN("  autoAssign: false\n"), true },
	{ LAN(""), LAN("  avoidBuggyIPs: true\n"), true },
	{ LAN(""), POOL("  addresses: [192.0.2.0-192.0.2.255]\n"), false },
	{ LAN(""), POOL("  addresses: [192.0.2.0/25]\n"), true },
	{ FOR("    namespaces: [a]\n"), FOR("    namespaces: [b]\n"), true },
	{ FOR("    namespaces: [a]\n"), FOR("    namespaces: [a, b]\n"), true },
	{ SELECT("matchLabels: {a: b}\n"), SELECT("matchLabels: {a: c}\n"), true },
	{ full, full, false },
};

static void test_changes(void **state)
{
	struct options_help *f = *state;

	for (size_t i = 0; i < ROWS(changes); i++) {
		struct options now;

		assert_int_equal(parse(f, changes[i].now, NULL), 0);
		now = f->o;
		f->o = (struct options){ 0 };
		assert_int_equal(parse(f, changes[i].next, NULL), 0);
		if (options_changes(&now, &f->o) != (changes[i].changes ? OPTIONS_POOLS : 0))
			fail_msg("%s to %s: %u", changes[i].now, changes[i].next,
				 options_changes(&now, &f->o));
		options_clear(&now);
	}
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, options_help_setup, options_help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_full),
		CASE(test_bad),
		CASE(test_command_line),
		CASE(test_too_many),
		CASE(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
