// SPDX-License-Identifier: GPL-2.0
/*
 * Services and pools that change at random: whatever happens, no two have one address
 * that may not share it, nobody has one that is not for it, and nobody waits for what
 * is free.
 */
#include "pools_help.h"

#include "lb_choice.h"

#include "jx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS	600
#define NAMES	12

static const char *const all_pools[] = {
	"a 192.0.2.0/30,2001:db8::/127", "a 192.0.2.0/31;b 192.0.2.2/31,2001:db8::/126 ns=default",
	"a 192.0.2.0/30 avoid;b 198.51.100.0/31 sel=x=y", "b 198.51.100.0/32 noauto;a 192.0.2.3/32",
	"a 2001:db8::/125", "", "a 192.0.2.0/29,2001:db8::/125",
};
static const char *const metas[] = {
	"", ",'labels':{'x':'y'}", ",'annotations':{'svcnat/allow-shared-ip':'k'}",
	",'annotations':{'svcnat/allow-shared-ip':'k'},'labels':{'x':'y'}",
	",'annotations':{'svcnat/address-pool':'b'}", ",'finalizers':['example.com/f']",
	",'annotations':{'svcnat/loadBalancerIPs':'192.0.2.3'}",
	",'annotations':{'svcnat/ip-allocated-from-pool':'a'}",
};
static const char *const specs[] = {
	"", ",'ipFamilyPolicy':'PreferDualStack'", ",'ipFamilyPolicy':'RequireDualStack'",
	",'ports':[{'port':443}]", ",'loadBalancerIP':'192.0.2.1'", ",'ipFamilies':['IPv6']",
	",'externalTrafficPolicy':'Local'", ",'ports':[{'port':80,'protocol':'UDP'}]",
};
static const char *const patches[] = {
	"{'metadata':{'labels':{'x':'y'}}}", "{'metadata':{'labels':null}}",
	"{'metadata':{'annotations':null}}", "{'metadata':{'finalizers':null}}",
	"{'metadata':{'annotations':{'svcnat/allow-shared-ip':'k'}}}",
	"{'spec':{'type':'ClusterIP','externalTrafficPolicy':null}}",
	"{'spec':{'type':'LoadBalancer'}}", "{'spec':{'loadBalancerIP':null}}",
	"{'spec':{'loadBalancerIP':'192.0.2.2'}}", "{'spec':{'ports':[{'port':443}]}}",
	"{'spec':{'ipFamilyPolicy':'SingleStack'}}",
};
static const char *const statuses[] = { "[]", "[{'ip':'203.0.113.1'}]", "[{'ip':'192.0.2.2'}]" };

#define ANY(list)	(list)[rand() % (sizeof(list) / sizeof((list)[0]))]

static void change(struct registry_help *h)
{
	char name[8], body[512], status[256];

	snprintf(name, sizeof(name), "s%d", rand() % NAMES);
	switch (rand() % 16) {
	case 0:
		registry_help_reopen(h);
		break;
	case 1:
		pools_help_reload(h, ANY(all_pools));
		break;
	case 2:
		snprintf(status, sizeof(status), "{'status':{'loadBalancer':{'ingress':%s}}}",
			 ANY(statuses));
		registry_help_patch(h, "services", name, "status", status);
		break;
	case 3 ... 5:
		registry_help_delete(h, "services", name);
		break;
	case 6 ... 9:
		registry_help_patch(h, "services", name, NULL, ANY(patches));
		break;
	default:
		snprintf(body, sizeof(body), "{'metadata':{'name':'%s'%s},'spec':{'type':"
			 "'LoadBalancer','ports':[{'port':80}]%s}}", name, ANY(metas), ANY(specs));
		registry_help_create(h, "services", body);
	}
	h->now += rand() % 2;
}

static bool has_mark(const json_t *svc)
{
	return *lb_service_note(svc, LB_FROM);
}

static void check_marked(const struct lb_choice *c, const json_t *svc, int round)
{
	const json_t *list = jx_get(svc, "status.loadBalancer.ingress");
	struct err e = { "" };
	struct ip_addr ip;

	if (!lb_service_ours(svc) || !json_array_size(list))
		fail_msg("%d: %s has a mark for nothing", round, jx_str(svc, "metadata.name"));
	for (size_t i = 0; i < json_array_size(list); i++) {
		assert_int_equal(ip_addr_parse(jx_str(json_array_get(list, i), "ip"), &ip, NULL),
				 0);
		if (!lb_choice_allows(c, svc, &ip, &e))
			fail_msg("%d: %s: %s", round, jx_str(svc, "metadata.name"), e.text);
	}
}

/* It wishes for nothing special, and has nothing. */
static void check_without(const struct lb_choice *c, const json_t *svc, int round)
{
	int families[2];
	size_t n = lb_service_families(svc, families), could = 0;
	bool both = jx_is(svc, "spec.ipFamilyPolicy", "RequireDualStack");
	struct lb_wish wish;
	struct ip_addr ip;
	struct err e;

	if (lb_service_wish(svc, &wish, NULL) || wish.n)
		return;
	for (size_t i = 0; i < n; i++)
		could += lb_choice_find(c, svc, wish.pool, families[i], &ip, &e);
	if (could == n || (could && !both))
		fail_msg("%d: %s could have an address", round, jx_str(svc, "metadata.name"));
}

static void check(struct registry_help *h, int round)
{
	const struct objects *o = txn_objects(h->r, registry_help_type("services"));
	struct lb_choice c;
	struct txn t;

	txn_begin(&t, h->r);
	lb_choice_init(&c, &t);
	for (size_t i = 0; i < o->n; i++) {
		const json_t *svc = o->v[i].object;

		if (has_mark(svc) && c.pools->n)
			check_marked(&c, svc, round);
		else if (c.pools->n && lb_service_ours(svc) &&
			 !json_array_size(jx_get(svc, "status.loadBalancer.ingress")))
			check_without(&c, svc, round);
	}
	lb_choice_exit(&c);
	txn_abort(&t);
}

static void test_random(void **state)
{
	struct registry_help *h = *state;
	const char *seed = getenv("SEED");

	srand(seed ? atoi(seed) : 1);
	for (int i = 0; i < ROUNDS; i++) {
		change(h);
		check(h, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, pools_help_setup,
						pools_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
