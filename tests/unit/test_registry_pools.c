// SPDX-License-Identifier: GPL-2.0
/* Addresses of pools for Services of type LoadBalancer: who gets which one. */
#include "pools_help.h"

#include "batch.h"
#include "events.h"
#include "vfs_fault.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

#define NOTES(list)	",'annotations':{" list "}"
#define LABELS(list)	",'labels':{" list "}"
#define DUAL(policy)	",'ipFamilyPolicy':'" policy "'"
#define IP(address)	",'loadBalancerIP':'" address "'"

#define LAN		"lan 192.0.2.0/30,2001:db8::/126"
#define FOUR		"lan 192.0.2.0/30"

/* One Service that asks, and what it gets; without an address, why. */
static const struct {
	const char *pools, *meta, *spec, *address, *says;
} asks[] = {
	{ FOUR, "", "", "192.0.2.0 @lan", "Assigned IP 192.0.2.0 from pool lan" },
	{ FOUR " avoid", "", "", "192.0.2.1 @lan", "" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32", "", "", "192.0.2.9 @a", "" },
	{ "a 192.0.2.9/32 noauto;b 192.0.2.0/32", "", "", "192.0.2.0 @b", "" },
	{ "", "", "", "", "" },
	/* For whom it is. */
	{ "a 192.0.2.9/32;b 192.0.2.0/32 ns=default", "", "", "192.0.2.0 @b", "" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32 ns=other", "", "", "192.0.2.9 @a", "" },
	{ "b 192.0.2.0/32 ns=other", "", "", "", "no pool gives out IPv4 addresses" },
	{ "b 192.0.2.0/32 sel=app=web", LABELS("'app':'web'"), "", "192.0.2.0 @b", "" },
	{ "b 192.0.2.0/32 sel=app=web", LABELS("'app':'db'"), "", "", "no pool gives out IPv4" },
	{ "a 192.0.2.9/32 ns=default;b 192.0.2.0/32 prio=5", "", "", "192.0.2.0 @b", "" },
	{ "b 2001:db8::/126", "", "", "", "no pool gives out IPv4 addresses to this Service" },
	{ "b 192.0.2.0/32 noauto", "", "", "", "no pool gives out IPv4 addresses" },
	/* Wishes. */
	{ FOUR, "", IP("192.0.2.2"), "192.0.2.2 @lan", "" },
	{ FOUR " noauto", "", IP("192.0.2.2"), "192.0.2.2 @lan", "" },
	{ FOUR, "", IP("198.51.100.1"), "", "198.51.100.1 is in no pool" },
	{ FOUR " avoid", "", IP("192.0.2.0"), "", "192.0.2.0 is in no pool" },
	{ FOUR " ns=other", "", IP("192.0.2.2"), "", "192.0.2.2 is in the pool \"lan\", which is "
	  "not for this Service" },
	{ FOUR, "", IP("2001:db8::1"), "", "spec.loadBalancerIP: 2001:db8::1 is an IPv6 address, "
	  "and IPv6 is not in spec.ipFamilies" },
	{ FOUR, NOTES("'svcnat/loadBalancerIPs':'192.0.2.3'"), "", "192.0.2.3 @lan", "" },
	{ FOUR, NOTES("'svcnat/loadBalancerIPs':'192.0.2.3'"), IP("192.0.2.2"),
	  "192.0.2.2 @lan", "" },
	{ FOUR, NOTES("'svcnat/loadBalancerIPs':'somewhere'"), "", "",
	  "svcnat/loadBalancerIPs: 'somewhere' is not an IP address" },
	{ FOUR, NOTES("'svcnat/loadBalancerIPs':'192.0.2.3,192.0.2.2'"), "", "",
	  "192.0.2.2 is the second IPv4 address" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32 noauto", NOTES("'svcnat/address-pool':'b'"), "",
	  "192.0.2.0 @b", "" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32", NOTES("'svcnat/address-pool':'c'"), "", "",
	  "there is no pool \"c\"" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32 ns=other", NOTES("'svcnat/address-pool':'b'"), "", "",
	  "the pool \"b\" is not for this Service" },
	{ "a 192.0.2.9/32;b 2001:db8::/126", NOTES("'svcnat/address-pool':'b'"), "", "",
	  "the pool \"b\" has no IPv4 addresses" },
	{ "a 192.0.2.9/32;b 192.0.2.0/32", NOTES("'svcnat/address-pool':'b'"), IP("192.0.2.9"), "",
	  "is in the pool \"a\", not in \"b\"" },
	/* Two families. */
	{ LAN, "", "", "192.0.2.0 @lan", "" },
	{ LAN, "", ",'ipFamilies':['IPv6']", "2001:db8:: @lan", "" },
	{ LAN, "", DUAL("PreferDualStack"), "192.0.2.0 2001:db8:: @lan",
	  "Assigned IP 192.0.2.0, 2001:db8:: from pool lan" },
	{ LAN, "", DUAL("RequireDualStack") ",'ipFamilies':['IPv6','IPv4']",
	  "2001:db8:: 192.0.2.0 @lan", "" },
	{ "a 192.0.2.9/32;b 2001:db8::/126", "", DUAL("RequireDualStack"),
	  "192.0.2.9 2001:db8:: @a,b", "Assigned IP 192.0.2.9, 2001:db8:: from pool a,b" },
	{ FOUR, "", DUAL("PreferDualStack"), "192.0.2.0 @lan", "" },
	{ FOUR, "", DUAL("RequireDualStack"), "", "no pool gives out IPv6 addresses" },
	{ LAN, "", DUAL("RequireDualStack") IP("2001:db8::3"), "192.0.2.0 2001:db8::3 @lan", "" },
	{ LAN, NOTES("'svcnat/loadBalancerIPs':'2001:db8::3, 192.0.2.2'"), DUAL("PreferDualStack"),
	  "192.0.2.2 2001:db8::3 @lan", "" },
	/* Whose load balancer it is. */
	{ FOUR, "", ",'loadBalancerClass':'svcnat/pool'", "192.0.2.0 @lan", "" },
	{ FOUR, "", ",'loadBalancerClass':'example.com/other'", "", "" },
	{ FOUR, NOTES("'svcnat/ip-allocated-from-pool':'lan'"),
	  ",'loadBalancerClass':'example.com/other'", "", "" },
	/* Node ports, or not. */
	{ FOUR, "", ",'allocateLoadBalancerNodePorts':false", "192.0.2.0 @lan", "" },
};

static void test_asks(void **state)
{
	struct registry_help *h = *state;
	char name[16];

	for (size_t i = 0; i < ROWS(asks); i++) {
		snprintf(name, sizeof(name), "s%zu", i);
		pools_help_put(h, asks[i].pools);
		pools_help_service(h, name, asks[i].meta, asks[i].spec);
		pools_help_expect(h, name, asks[i].address);
		if (*asks[i].says)
			pools_help_says(h, name, *asks[i].address ? "IPAllocated" :
						 "AllocationFailed", asks[i].says);
		else if (!*asks[i].address)
			pools_help_says(h, name, "AllocationFailed", "");
		/* A start changes nothing of it. */
		registry_help_reopen(h);
		pools_help_expect(h, name, asks[i].address);
		assert_int_equal(registry_help_delete(h, "services", name), 200);
	}
}

#define KEY(text)	"'svcnat/allow-shared-ip':'" text "'"
#define SHARED		NOTES(KEY("k"))
#define PORT(more)	",'ports':[{" more "}]"
#define LOCAL		",'externalTrafficPolicy':'Local'"

/* Two Services and a pool of two: one address, or two? */
static const struct {
	const char *meta[2], *spec[2];
	bool share;
	const char *why;	/* the second one cannot wish for the address of the first */
} pairs[] = {
	{ { SHARED, SHARED }, { "", PORT("'port':443") }, true, NULL },
	{ { SHARED, SHARED }, { "", PORT("'port':80,'protocol':'UDP'") }, true, NULL },
	{ { SHARED, SHARED }, { "", "" }, false, "they have a port in common" },
	{ { SHARED, SHARED },
	  { ",'ports':[{'name':'a','port':80},{'name':'b','port':443}]", PORT("'port':443") },
	  false, "they have a port in common" },
	{ { SHARED, NOTES(KEY("j")) }, { "", PORT("'port':443") }, false,
	  "they do not have the same annotation svcnat/allow-shared-ip" },
	{ { SHARED, "" }, { "", PORT("'port':443") }, false, "the same annotation" },
	{ { "", SHARED }, { "", PORT("'port':443") }, false, "the same annotation" },
	{ { "", "" }, { "", PORT("'port':443") }, false, "the same annotation" },
	{ { NOTES(KEY("")), NOTES(KEY("")) }, { "", PORT("'port':443") }, false,
	  "the same annotation" },
	{ { SHARED, SHARED }, { "", LOCAL PORT("'port':443") }, false,
	  "they do not have the same externalTrafficPolicy" },
	{ { SHARED, SHARED }, { LOCAL, LOCAL PORT("'port':443") }, false,
	  "they do not have the same selector" },
	{ { SHARED, SHARED }, { LOCAL ",'selector':{'a':'b'}",
	  LOCAL ",'selector':{'a':'c'}" PORT("'port':443") }, false, "the same selector" },
	{ { SHARED, SHARED }, { LOCAL ",'selector':{'a':'b'}",
	  LOCAL ",'selector':{'a':'b'}" PORT("'port':443") }, true, NULL },
};

static void test_sharing(void **state)
{
	struct registry_help *h = *state;
	char spec[512];

	pools_help_put(h, "lan 192.0.2.0/31");
	for (size_t i = 0; i < ROWS(pairs); i++) {
		pools_help_service(h, "a", pairs[i].meta[0], pairs[i].spec[0]);
		pools_help_service(h, "b", pairs[i].meta[1], pairs[i].spec[1]);
		pools_help_expect(h, "a", "192.0.2.0 @lan");
		pools_help_expect(h, "b", pairs[i].share ? "192.0.2.0 @lan" : "192.0.2.1 @lan");
		assert_int_equal(registry_help_delete(h, "services", "b"), 200);
		snprintf(spec, sizeof(spec), "%s" IP("192.0.2.0"), pairs[i].spec[1]);
		pools_help_service(h, "b", pairs[i].meta[1], spec);
		pools_help_expect(h, "b", pairs[i].share ? "192.0.2.0 @lan" : "");
		if (!pairs[i].share)
			pools_help_says(h, "b", "AllocationFailed", pairs[i].why);
		registry_help_reopen(h);
		pools_help_expect(h, "b", pairs[i].share ? "192.0.2.0 @lan" : "");
		assert_int_equal(registry_help_delete(h, "services", "a"), 200);
		pools_help_expect(h, "b", "192.0.2.0 @lan");
		assert_int_equal(registry_help_delete(h, "services", "b"), 200);
	}
}

/* Who shared an address and cannot any more gets another one; the other one keeps it. */
static void test_sharing_ends(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/31");
	pools_help_service(h, "a", SHARED, "");
	pools_help_service(h, "b", SHARED, PORT("'port':443"));
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	registry_help_patch(h, "services", "a", NULL, "{'spec':{'ports':[{'port':443}]}}");
	pools_help_expect(h, "a", "192.0.2.1 @lan");
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	pools_help_says(h, "a", "IPReleased", "Released IP 192.0.2.0: 192.0.2.0 is in use by "
			"default/b, and they have a port in common");
	/* Who waits may share as soon as that is allowed. */
	pools_help_service(h, "c", NOTES(KEY("j")), PORT("'port':8080"));
	pools_help_expect(h, "c", "");
	registry_help_patch(h, "services", "b", NULL,
			    "{'metadata':{'annotations':{'svcnat/allow-shared-ip':'j'}}}");
	pools_help_expect(h, "c", "192.0.2.0 @lan");
}

static void test_exhausted(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/31");
	pools_help_service(h, "a", "", "");
	pools_help_service(h, "b", "", "");
	/* The names do not say who is older. */
	pools_help_service(h, "z", "", "");
	pools_help_service(h, "y", "", "");
	pools_help_expect(h, "z", "");
	pools_help_says(h, "z", "AllocationFailed", "Failed to allocate IP: all 2 IPv4 addresses "
			"of the pool \"lan\" are in use");
	registry_help_reopen(h);
	assert_int_equal(registry_help_delete(h, "services", "b"), 200);
	pools_help_expect(h, "z", "192.0.2.1 @lan");
	pools_help_expect(h, "y", "");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_says(h, "z", "IPAllocated", "Assigned IP 192.0.2.1 from pool lan");
	/* It is no more for a load balancer. */
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'spec':{'type':'ClusterIP'}}"), 200);
	pools_help_expect(h, "a", "");
	pools_help_expect(h, "y", "192.0.2.0 @lan");
	/* A second try of the one that waits is said once. */
	pools_help_service(h, "x", "", "");
	pools_help_service(h, "w", "", "");
	assert_int_equal(registry_help_delete(h, "services", "z"), 200);
	pools_help_expect(h, "x", "192.0.2.1 @lan");
	pools_help_expect(h, "w", "");
	pools_help_says(h, "w", "AllocationFailed", "all 2 IPv4 addresses");
	assert_int_equal(pools_help_count(h, "w", "AllocationFailed"), 1);
}

/* What is on its way out gives its address back at once. */
static void test_finalizers(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/32");
	pools_help_service(h, "a", ",'finalizers':['example.com/f']", "");
	pools_help_service(h, "b", "", "");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	pools_help_expect(h, "a", "");
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	registry_help_patch(h, "services", "a", NULL, "{'metadata':{'labels':{'x':'y'}}}");
	pools_help_expect(h, "a", "");
	assert_int_equal(registry_help_delete(h, "services", "b"), 200);
	pools_help_expect(h, "a", "");
}

/* What somebody else wrote is left alone, as long as it is there. */
static void test_foreign(void **state)
{
	static const char *const foreign[][2] = {
		{ "[{'ip':'203.0.113.9'}]", "203.0.113.9" },
		{ "[{'ip':'203.0.113.9','ipMode':'Proxy'}]", "203.0.113.9(Proxy)" },
		{ "[{'hostname':'lb.example.com'}]", "lb.example.com" },
		{ "[{'ip':'192.0.2.2'},{'ip':'203.0.113.9'}]", "192.0.2.2 203.0.113.9" },
	};
	struct registry_help *h = *state;

	pools_help_put(h, FOUR);
	pools_help_service(h, "a", "", "");
	for (size_t i = 0; i < ROWS(foreign); i++) {
		pools_help_expect(h, "a", "192.0.2.0 @lan");
		pools_help_status(h, "a", foreign[i][0]);
		pools_help_expect(h, "a", foreign[i][1]);
		registry_help_patch(h, "services", "a", NULL, "{'metadata':{'labels':{'x':'y'}}}");
		/* A mark by hand makes it not ours. */
		registry_help_patch(h, "services", "a", NULL, "{'metadata':{'annotations':{"
				    "'svcnat/ip-allocated-from-pool':'lan'}}}");
		registry_help_reopen(h);
		pools_help_expect(h, "a", foreign[i][1]);
		pools_help_reload(h, "");
		pools_help_expect(h, "a", foreign[i][1]);
		pools_help_reload(h, FOUR);
		pools_help_expect(h, "a", foreign[i][1]);
		pools_help_says(h, "a", "IPReleased", "");
		pools_help_status(h, "a", "[]");
	}
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	/* An address of a pool is ours, whoever wrote it. */
	pools_help_status(h, "a", "[{'ip':'192.0.2.3'}]");
	pools_help_expect(h, "a", "192.0.2.3 @lan");
	/* But nobody else's. */
	pools_help_service(h, "b", "", "");
	pools_help_status(h, "b", "[{'ip':'192.0.2.3'}]");
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	/* What others have in a pool is not given out. */
	pools_help_service(h, "c", "", ",'loadBalancerClass':'example.com/other'");
	pools_help_status(h, "c", "[{'ip':'192.0.2.1'}]");
	pools_help_service(h, "d", "", "");
	pools_help_expect(h, "c", "192.0.2.1");
	pools_help_expect(h, "d", "192.0.2.2 @lan");
}

/* Who replaces a Service knows nothing of the mark. */
static void test_replaced(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/30;shop 198.51.100.0/30 sel=shop");
	pools_help_service(h, "a", "", IP("192.0.2.2"));
	pools_help_expect(h, "a", "192.0.2.2 @lan");
	assert_int_equal(registry_help_update(h, "services", "a", "{'metadata':{'name':'a'},'spec':"
		"{'type':'LoadBalancer','ports':[{'port':81}]}}"), 200);
	pools_help_expect(h, "a", "192.0.2.2 @lan");
	/* Even when its address is not for it any more. */
	pools_help_reload(h, "lan 192.0.2.0/30 ns=other;shop 198.51.100.0/30");
	pools_help_expect(h, "a", "198.51.100.0 @shop");
	pools_help_says(h, "a", "IPReleased", "Released IP 192.0.2.2: 192.0.2.2 is in the pool "
			"\"lan\", which is not for this Service");
	/* Another class takes another Service: it is fixed, as long as the type is this. */
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'spec':{'type':'NodePort'}}"), 200);
	pools_help_expect(h, "a", "");
	assert_int_equal(registry_help_patch(h, "services", "a", NULL, "{'spec':{'type':"
		"'LoadBalancer','loadBalancerClass':'example.com/other'}}"), 200);
	pools_help_expect(h, "a", "");
}

static void test_labels_change(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/30;shop 198.51.100.0/30 sel=shop");
	pools_help_service(h, "a", LABELS("'shop':'x'"), "");
	pools_help_expect(h, "a", "198.51.100.0 @shop");
	registry_help_patch(h, "services", "a", NULL, "{'metadata':{'labels':{'shop':null}}}");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	/* A better pool is no reason to leave. */
	registry_help_patch(h, "services", "a", NULL, "{'metadata':{'labels':{'shop':'y'}}}");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
}

/* A wish that cannot be had: what there is stays, until it can. */
static void test_wish_later(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/31");
	pools_help_service(h, "a", "", "");
	pools_help_service(h, "b", "", "");
	pools_help_service(h, "c", "", "");
	registry_help_patch(h, "services", "b", NULL, "{'spec':{'loadBalancerIP':'192.0.2.0'}}");
	pools_help_expect(h, "b", "192.0.2.1 @lan");
	pools_help_says(h, "b", "AllocationFailed", "192.0.2.0 is in use by default/a, and they do "
			"not have the same annotation svcnat/allow-shared-ip; until then it has "
			"192.0.2.1");
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	/* It moves, and who waits gets what it left. */
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	pools_help_expect(h, "c", "192.0.2.1 @lan");
}

static void test_families_change(void **state)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 192.0.2.0/30,2001:db8::/128");
	pools_help_service(h, "a", "", DUAL("PreferDualStack"));
	pools_help_service(h, "b", "", DUAL("PreferDualStack"));
	pools_help_service(h, "c", "", DUAL("RequireDualStack"));
	pools_help_expect(h, "a", "192.0.2.0 2001:db8:: @lan");
	pools_help_expect(h, "b", "192.0.2.1 @lan");
	pools_help_expect(h, "c", "");
	/* To have one family only is what it prefers less, and no failure. */
	pools_help_says(h, "b", "AllocationFailed", "");
	pools_help_says(h, "c", "AllocationFailed", "all 1 IPv6 addresses of the pool \"lan\"");
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'spec':{'ipFamilyPolicy':'SingleStack'}}"), 200);
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_says(h, "a", "IPReleased", "Released IP 2001:db8::: the Service is not of its "
			"family any more");
	pools_help_expect(h, "b", "192.0.2.1 2001:db8:: @lan");
	assert_int_equal(registry_help_delete(h, "services", "b"), 200);
	pools_help_expect(h, "c", "192.0.2.1 2001:db8:: @lan");
	/* From one to two: the first one stays in any case. */
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
		"{'spec':{'ipFamilyPolicy':'RequireDualStack','ipFamilies':['IPv4','IPv6']}}"),
		200);
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	assert_int_equal(registry_help_delete(h, "services", "c"), 200);
	pools_help_expect(h, "a", "192.0.2.0 2001:db8:: @lan");
}

static void test_reload(void **state)
{
	struct registry_help *h = *state;
	char *before, *after;

	pools_help_service(h, "a", "", "");
	pools_help_service(h, "b", "", "");
	pools_help_service(h, "z", "", "");
	pools_help_expect(h, "a", "");
	pools_help_says(h, "a", "AllocationFailed", "");
	pools_help_reload(h, "lan 192.0.2.0/31");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_expect(h, "b", "192.0.2.1 @lan");
	pools_help_expect(h, "z", "");
	/* It grows: who has an address does not notice. */
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	before = strdup(registry_help_value(h, "metadata.resourceVersion"));
	pools_help_reload(h, "new 198.51.100.0/30;lan 192.0.2.0/31");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_expect(h, "b", "192.0.2.1 @lan");
	pools_help_expect(h, "z", "198.51.100.0 @new");
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	assert_string_equal(registry_help_value(h, "metadata.resourceVersion"), before);
	free(before);
	/* It shrinks. */
	pools_help_reload(h, "new 198.51.100.0/30;lan 192.0.2.0/32");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_expect(h, "b", "198.51.100.1 @new");
	pools_help_says(h, "b", "IPReleased", "Released IP 192.0.2.1: 192.0.2.1 is in no pool");
	/* It is renamed, or gives nothing out by itself any more. */
	pools_help_reload(h, "new 198.51.100.0/30 noauto;old 192.0.2.0/31 noauto");
	pools_help_expect(h, "a", "192.0.2.0 @old");
	pools_help_expect(h, "b", "198.51.100.1 @new");
	before = registry_help_dump(h->r);
	pools_help_reload(h, "new 198.51.100.0/30 noauto;old 192.0.2.0/31 noauto");
	after = registry_help_dump(h->r);
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* Other pools at a start are the same as at a reload. */
	pools_help_put(h, "new 198.51.100.0/30 avoid");
	registry_help_reopen(h);
	pools_help_expect(h, "a", "198.51.100.2 @new");
	pools_help_expect(h, "b", "198.51.100.1 @new");
	pools_help_expect(h, "z", "198.51.100.3 @new");
	pools_help_reload(h, "");
	pools_help_expect(h, "a", "");
	pools_help_expect(h, "z", "");
	pools_help_says(h, "z", "IPReleased",
			"Released IP 198.51.100.3: 198.51.100.3 is in no pool");
}

/* Of two that have one address when pools are made, the older one keeps it. */
static void test_conflict_at_a_reload(void **state)
{
	struct registry_help *h = *state;

	pools_help_service(h, "z", "", "");
	pools_help_service(h, "a", "", "");
	pools_help_status(h, "z", "[{'ip':'192.0.2.3'}]");
	pools_help_status(h, "a", "[{'ip':'192.0.2.3'}]");
	pools_help_reload(h, FOUR);
	pools_help_expect(h, "z", "192.0.2.3 @lan");
	pools_help_expect(h, "a", "192.0.2.0 @lan");
}

/* More than one transaction holds. */
static void test_many(void **state)
{
	struct registry_help *h = *state;
	char name[16], address[48];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%03d", 199 - i);
		pools_help_service(h, name, "", "");
	}
	pools_help_reload(h, "lan 192.0.2.0-192.0.2.149");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%03d", 199 - i);
		snprintf(address, sizeof(address), i < 150 ? "192.0.2.%d @lan" : "", i);
		pools_help_expect(h, name, address);
	}
	pools_help_reload(h, "lan 198.51.100.0/24");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%03d", 199 - i);
		snprintf(address, sizeof(address), "198.51.100.%d @lan", i);
		pools_help_expect(h, name, address);
	}
}

/* A full disk: nothing is given, and nobody who waits is forgotten. */
static void test_failed_commit(void **state)
{
	struct registry_help *h = *state;
	struct rlimit old, tight;
	struct err e = { "" };
	int code;

	signal(SIGXFSZ, SIG_IGN);
	pools_help_put(h, "lan 192.0.2.0/31");
	pools_help_service(h, "a", "", "");
	pools_help_service(h, "b", "", "");
	pools_help_service(h, "c", "", "");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = (struct rlimit){ 1024, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	code = registry_help_delete(h, "services", "a");
	assert_int_equal(registry_help_delete(h, "services", "c"), 507);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(code, 507);
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_expect(h, "c", "");
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	pools_help_expect(h, "c", "192.0.2.0 @lan");
}

/* Nor is a start of svcd kept, by who waits or by Events that are old. */
static void test_start_with_a_full_disk(void **state)
{
	struct registry_help *h = *state;
	struct vfs_fault disk = { .calls = 0 };
	struct err e = { "" };
	unsigned int calls;

	vfs_fault_install(&disk);
	pools_help_put(h, "lan 192.0.2.0/32");
	pools_help_service(h, "a", "", "");
	/* To open the files alone takes so many; those are empty, and there is room for them. */
	registry_close(h->r);
	calls = disk.calls;
	registry_help_open(h);
	calls = disk.calls - calls;
	pools_help_service(h, "b", "", "");
	pools_help_says(h, "b", "AllocationFailed", "all 1 IPv4 addresses");
	registry_close(h->r);
	h->r = NULL;
	h->now += EVENTS_SECONDS + 1;
	disk.at = disk.calls + calls + 1;
	disk.fails = disk.stays = true;
	registry_help_open(h);
	pools_help_expect(h, "a", "192.0.2.0 @lan");
	pools_help_expect(h, "b", "");
	assert_int_equal(registry_tick(h->r, &e), -ENOSPC);
	disk.fails = false;
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(pools_help_count(h, "b", "AllocationFailed"), 2);
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	registry_close(h->r);
	vfs_fault_remove(&disk);
	registry_help_open(h);
}

/* Of one transaction each sees what the others have: who goes makes place for who comes. */
static void test_batch(void **state)
{
	struct registry_help *h = *state;
	struct err e = { "" };
	struct batch b;
	size_t n;

	pools_help_put(h, "lan 192.0.2.0/31");
	pools_help_service(h, "a", "", "");
	batch_begin(&b, h->r);
	pools_help_service(h, "b", "", "");
	pools_help_service(h, "c", "", "");
	pools_help_service(h, "d", "", "");
	registry_help_delete(h, "services", "a");
	assert_int_equal(batch_commit(&b, &n, &e), 0);
	pools_help_expect(h, "b", "192.0.2.0 @lan");
	pools_help_expect(h, "c", "192.0.2.1 @lan");
	pools_help_expect(h, "d", "");
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, pools_help_setup, pools_help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_asks),
		CASE(test_sharing),
		CASE(test_sharing_ends),
		CASE(test_exhausted),
		CASE(test_finalizers),
		CASE(test_foreign),
		CASE(test_replaced),
		CASE(test_labels_change),
		CASE(test_wish_later),
		CASE(test_families_change),
		CASE(test_reload),
		CASE(test_conflict_at_a_reload),
		CASE(test_many),
		CASE(test_failed_commit),
		CASE(test_start_with_a_full_disk),
		CASE(test_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
