// SPDX-License-Identifier: GPL-2.0
/*
 * One family or two (KEP-563): which addresses a Service gets where svcd has
 * one range or two, and how it goes from one family to two and back.
 */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HTTP "'ports':[{'port':80}]"
#define IP4 "10.96.*"
#define IP6 "fd00:10:96:*"
#define FIRST "spec.clusterIP"
#define IP(n) "spec.clusterIPs." #n
#define FAMILY(n) "spec.ipFamilies." #n
#define IPS "spec.clusterIPs"
#define FAMILIES "spec.ipFamilies"
#define POLICY "spec.ipFamilyPolicy"
#define NOT_DUAL "this cluster is not configured for dual-stack services"
#define TWO_FAMILIES POLICY ": Invalid value: \"SingleStack\": must be 'RequireDualStack' or " \
	"'PreferDualStack' when multiple IP families are specified"
#define TWO_ADDRESSES POLICY ": Invalid value: \"SingleStack\": must be 'RequireDualStack' or " \
	"'PreferDualStack' when multiple cluster IPs are specified"

#define V4	"10.96.0.0/16", NULL
#define V6	"fd00:10:96::/112", NULL
#define V4_V6	"10.96.0.0/16", "fd00:10:96::/112"
#define V6_V4	"fd00:10:96::/112", "10.96.0.0/16"

struct family_case {
	const char *name;
	const char *first, *second;	/* the ranges */
	const char *spec;
	const char *patch;		/* of the spec, after that; NULL: none */
	struct registry_help_want wants[REGISTRY_HELP_WANTS];
	const char *causes[REGISTRY_HELP_CAUSES];	/* given: it is refused */
};

static const struct family_case created[] = {
	{ "single by default", V4_V6, "{" HTTP "}", NULL,
	  { { POLICY, "SingleStack" }, { FAMILY(0), "IPv4" }, { IP(0), IP4 }, { IP(1), "" } },
	  { NULL } },
	{ "the first range is the default family", V6_V4, "{" HTTP "}", NULL,
	  { { FAMILY(0), "IPv6" }, { FAMILY(1), "" }, { FIRST, IP6 }, { IP(1), "" } },
	  { NULL } },
	{ "IPv6 alone", V6, "{" HTTP "}", NULL, { { FAMILY(0), "IPv6" }, { FIRST, IP6 } },
	  { NULL } },
	{ "the other family by name", V4_V6, "{'ipFamilies':['IPv6']," HTTP "}", NULL,
	  { { POLICY, "SingleStack" }, { FAMILY(0), "IPv6" }, { FIRST, IP6 }, { IP(1), "" } },
	  { NULL } },
	{ "the other family by address", V4_V6, "{'clusterIP':'fd00:10:96::7'," HTTP "}", NULL,
	  { { POLICY, "SingleStack" }, { FAMILY(0), "IPv6" }, { FAMILY(1), "" } }, { NULL } },
	{ "both, preferred", V4_V6, "{'ipFamilyPolicy':'PreferDualStack'," HTTP "}", NULL,
	  { { FAMILY(0), "IPv4" }, { FAMILY(1), "IPv6" }, { FIRST, IP4 }, { IP(0), IP4 },
	    { IP(1), IP6 } }, { NULL } },
	{ "both, required", V6_V4, "{'ipFamilyPolicy':'RequireDualStack'," HTTP "}", NULL,
	  { { FAMILY(0), "IPv6" }, { FAMILY(1), "IPv4" }, { FIRST, IP6 }, { IP(1), IP4 } },
	  { NULL } },
	{ "both, in the order asked for", V4_V6, "{'ipFamilyPolicy':'RequireDualStack',"
	  "'ipFamilies':['IPv6','IPv4']," HTTP "}", NULL,
	  { { FIRST, IP6 }, { IP(1), IP4 } }, { NULL } },
	{ "both, the first asked for", V4_V6, "{'ipFamilyPolicy':'PreferDualStack','ipFamilies':"
	  "['IPv6']," HTTP "}", NULL,
	  { { FAMILY(1), "IPv4" }, { FIRST, IP6 }, { IP(1), IP4 } }, { NULL } },
	{ "both, one address asked for", V4_V6, "{'ipFamilyPolicy':'PreferDualStack','clusterIP':"
	  "'fd00:10:96::8'," HTTP "}", NULL,
	  { { FAMILY(0), "IPv6" }, { IP(0), "fd00:10:96::8" }, { IP(1), IP4 } }, { NULL } },
	{ "both, both addresses asked for", V4_V6, "{'ipFamilyPolicy':'RequireDualStack',"
	  "'clusterIP':'fd00:10:96::9','clusterIPs':['fd00:10:96::9','10.96.0.9']," HTTP "}", NULL,
	  { { FAMILY(0), "IPv6" }, { FAMILY(1), "IPv4" }, { IP(1), "10.96.0.9" } }, { NULL } },
	{ "preferred, but there is one range", V4, "{'ipFamilyPolicy':'PreferDualStack'," HTTP "}",
	  NULL,
	  { { POLICY, "PreferDualStack" }, { FAMILY(0), "IPv4" }, { FAMILY(1), "" },
	    { IP(1), "" } }, { NULL } },
	{ "headless", V4_V6, "{'clusterIP':'None','selector':{'a':'b'}," HTTP "}", NULL,
	  { { POLICY, "SingleStack" }, { FAMILY(0), "IPv4" }, { FAMILY(1), "" },
	    { IP(0), "None" } }, { NULL } },
	{ "headless for both", V4_V6, "{'clusterIP':'None','selector':{'a':'b'},"
	  "'ipFamilyPolicy':'PreferDualStack'," HTTP "}", NULL,
	  { { FAMILY(1), "IPv6" }, { IP(0), "None" }, { IP(1), "" } }, { NULL } },
	{ "headless by hand is for both", V4_V6, "{'clusterIP':'None'," HTTP "}", NULL,
	  { { POLICY, "RequireDualStack" }, { FAMILY(0), "IPv4" }, { FAMILY(1), "IPv6" } },
	  { NULL } },
	{ "even where there is one range", V4, "{'clusterIP':'None'," HTTP "}", NULL,
	  { { POLICY, "RequireDualStack" }, { FAMILY(0), "IPv4" }, { FAMILY(1), "IPv6" } },
	  { NULL } },
	{ "headless by hand for one", V4_V6, "{'clusterIP':'None','ipFamilyPolicy':'SingleStack',"
	  HTTP "}", NULL, { { FAMILY(0), "IPv4" }, { FAMILY(1), "" } }, { NULL } },
	{ "headless by hand for one that has no range", V4, "{'clusterIP':'None','ipFamilies':"
	  "['IPv6'],'ipFamilyPolicy':'SingleStack'," HTTP "}", NULL,
	  { { FAMILY(0), "IPv6" }, { FAMILY(1), "" } }, { NULL } },
	{ "a name has none", V4_V6, "{'type':'ExternalName','externalName':'a.b'}", NULL,
	  { { POLICY, "" }, { FAMILY(0), "" }, { IP(0), "" } }, { NULL } },
};

static const struct family_case refused[] = {
	{ "required, but there is one range", V4, "{'ipFamilyPolicy':'RequireDualStack'," HTTP "}",
	  NULL, { { NULL, NULL } },
	  { POLICY ": Invalid value: \"RequireDualStack\": " NOT_DUAL } },
	{ "a family without a range", V4, "{'ipFamilies':['IPv6']," HTTP "}", NULL,
	  { { NULL, NULL } },
	  { FAMILIES "[0]: Invalid value: \"IPv6\": not configured on this cluster" } },
	{ "the second family without a range", V4, "{'ipFamilyPolicy':'PreferDualStack',"
	  "'ipFamilies':['IPv4','IPv6']," HTTP "}", NULL, { { NULL, NULL } },
	  { FAMILIES "[1]: Invalid value: \"IPv6\": not configured on this cluster" } },
	{ "an address without a range", V4, "{'clusterIP':'fd00:10:96::7'," HTTP "}", NULL,
	  { { NULL, NULL } },
	  { IPS "[0]: Invalid value: [\"fd00:10:96::7\"]: IPv6 is not configured on this "
	    "cluster" } },
	{ "a second address without a range", V4, "{'ipFamilyPolicy':'PreferDualStack',"
	  "'clusterIP':'10.96.0.7','clusterIPs':['10.96.0.7','fd00:10:96::7']," HTTP "}", NULL,
	  { { NULL, NULL } },
	  { IPS "[1]: Invalid value: [\"10.96.0.7\",\"fd00:10:96::7\"]: IPv6 is not configured "
	    "on this cluster" } },
	{ "two families without a policy", V4_V6, "{'ipFamilies':['IPv4','IPv6']," HTTP "}", NULL,
	  { { NULL, NULL } }, { TWO_FAMILIES } },
	{ "two addresses without a policy", V4_V6, "{'clusterIP':'10.96.0.7','clusterIPs':"
	  "['10.96.0.7','fd00:10:96::7']," HTTP "}", NULL, { { NULL, NULL } },
	  { TWO_ADDRESSES } },
	{ "two of both for one", V4_V6, "{'clusterIP':'10.96.0.7','clusterIPs':['10.96.0.7',"
	  "'fd00:10:96::7'],'ipFamilies':['IPv4','IPv6'],'ipFamilyPolicy':'SingleStack'," HTTP
	  "}", NULL, { { NULL, NULL } }, { TWO_ADDRESSES, TWO_FAMILIES } },
	{ "unknown family and one twice", V4_V6, "{'ipFamilies':['IPv4','IPv5','IPv4']," HTTP "}",
	  NULL, { { NULL, NULL } },
	  { FAMILIES "[1]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\"",
	    FAMILIES "[2]: Duplicate value: \"IPv4\"" } },
	{ "unknown policy", V4_V6, "{'ipFamilyPolicy':'DualStack'," HTTP "}", NULL,
	  { { NULL, NULL } },
	  { POLICY ": Unsupported value: \"DualStack\": supported values: \"PreferDualStack\", "
	    "\"RequireDualStack\", \"SingleStack\"" } },
	{ "an address of the other family", V4_V6, "{'clusterIP':'10.96.0.7','ipFamilies':"
	  "['IPv6']," HTTP "}", NULL, { { NULL, NULL } },
	  { IPS "[0]: Invalid value: \"10.96.0.7\": expected an IPv6 value as indicated by "
	    "`ipFamilies[0]`" } },
	{ "both addresses of the other family", V4_V6, "{'clusterIP':'10.96.0.7','clusterIPs':"
	  "['10.96.0.7','fd00:10:96::7'],'ipFamilies':['IPv6','IPv4'],'ipFamilyPolicy':"
	  "'RequireDualStack'," HTTP "}", NULL, { { NULL, NULL } },
	  { IPS "[0]: Invalid value: \"10.96.0.7\": expected an IPv6 value as indicated by "
	    "`ipFamilies[0]`",
	    IPS "[1]: Invalid value: \"fd00:10:96::7\": expected an IPv4 value as indicated by "
	    "`ipFamilies[1]`" } },
	{ "a second address out of range", V4_V6, "{'ipFamilyPolicy':'RequireDualStack',"
	  "'clusterIP':'10.96.0.7','clusterIPs':['10.96.0.7','fd00:11::7']," HTTP "}", NULL,
	  { { NULL, NULL } },
	  { IPS ": Invalid value: [\"10.96.0.7\",\"fd00:11::7\"]: failed to allocate "
	    "IP fd00:11::7: the provided IP (fd00:11::7) is not in the valid range. The range of "
	    "valid IPs is fd00:10:96::/112" } },
	{ "headless by hand with two for one", V4_V6, "{'clusterIP':'None','ipFamilyPolicy':"
	  "'SingleStack','ipFamilies':['IPv4','IPv6']," HTTP "}", NULL, { { NULL, NULL } },
	  { TWO_FAMILIES } },
};

#define SINGLE "{'clusterIP':'10.96.0.5'," HTTP "}"
#define DUAL "{'ipFamilyPolicy':'PreferDualStack','clusterIP':'10.96.0.5','clusterIPs':" \
	"['10.96.0.5','fd00:10:96::5']," HTTP "}"

static const struct family_case changed[] = {
	{ "up, preferred", V4_V6, SINGLE, "{'ipFamilyPolicy':'PreferDualStack'}",
	  { { IP(0), "10.96.0.5" }, { IP(1), IP6 }, { FAMILY(1), "IPv6" } }, { NULL } },
	{ "up, required, with an address", V4_V6, SINGLE, "{'ipFamilyPolicy':'RequireDualStack',"
	  "'clusterIPs':['10.96.0.5','fd00:10:96::6']}",
	  { { IP(1), "fd00:10:96::6" }, { FAMILY(1), "IPv6" } }, { NULL } },
	{ "up, with the family", V4_V6, SINGLE, "{'ipFamilyPolicy':'PreferDualStack','ipFamilies':"
	  "['IPv4','IPv6']}", { { IP(1), IP6 } }, { NULL } },
	{ "up, but there is one range", V4, SINGLE, "{'ipFamilyPolicy':'PreferDualStack'}",
	  { { POLICY, "PreferDualStack" }, { IP(1), "" }, { FAMILY(1), "" } }, { NULL } },
	{ "up without a policy", V4_V6, SINGLE, "{'ipFamilies':['IPv4','IPv6']}",
	  { { NULL, NULL } }, { TWO_FAMILIES } },
	{ "up, required, but there is one range", V4, SINGLE,
	  "{'ipFamilyPolicy':'RequireDualStack'}", { { NULL, NULL } },
	  { POLICY ": Invalid value: \"RequireDualStack\": " NOT_DUAL } },
	{ "up in front of the first", V4_V6, SINGLE, "{'ipFamilyPolicy':'PreferDualStack',"
	  "'ipFamilies':['IPv6','IPv4']}", { { NULL, NULL } },
	  { IPS "[0]: Invalid value: \"10.96.0.5\": expected an IPv6 value as indicated by "
	    "`ipFamilies[0]`" } },
	{ "up to an address that is taken", V4_V6, SINGLE, "{'ipFamilyPolicy':"
	  "'PreferDualStack','clusterIPs':['10.96.0.5','fd00:10:96::4']}", { { NULL, NULL } },
	  { IPS ": Invalid value: [\"10.96.0.5\",\"fd00:10:96::4\"]: failed to "
	    "allocate IP fd00:10:96::4: provided IP is already allocated" } },
	{ "up, headless", V4_V6, "{'clusterIP':'None','selector':{'a':'b'}," HTTP "}",
	  "{'ipFamilyPolicy':'PreferDualStack'}",
	  { { IP(0), "None" }, { IP(1), "" }, { FAMILY(1), "IPv6" } }, { NULL } },
	{ "down by policy", V4_V6, DUAL, "{'ipFamilyPolicy':'SingleStack'}",
	  { { FIRST, "10.96.0.5" }, { IP(1), "" }, { FAMILY(0), "IPv4" }, { FAMILY(1), "" } },
	  { NULL } },
	{ "down by all three", V4_V6, DUAL, "{'ipFamilyPolicy':'SingleStack','clusterIPs':"
	  "['10.96.0.5'],'ipFamilies':['IPv4']}",
	  { { IP(1), "" }, { FAMILY(1), "" } }, { NULL } },
	{ "down to the second", V4_V6, DUAL, "{'ipFamilyPolicy':'SingleStack','clusterIP':"
	  "'fd00:10:96::5','clusterIPs':['fd00:10:96::5'],'ipFamilies':['IPv6']}",
	  { { NULL, NULL } },
	  { IPS "[0]: Invalid value: [\"fd00:10:96::5\"]: may not change once set" } },
	{ "down without the policy, by address", V4_V6, DUAL, "{'clusterIPs':['10.96.0.5']}",
	  { { NULL, NULL } },
	  { POLICY ": Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the "
	    "secondary cluster IP" } },
	{ "down without the policy, by family", V4_V6, DUAL, "{'ipFamilies':['IPv4']}",
	  { { NULL, NULL } },
	  { POLICY ": Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the "
	    "secondary IP family" } },
	{ "prefer to require", V4_V6, DUAL, "{'ipFamilyPolicy':'RequireDualStack'}",
	  { { IP(0), "10.96.0.5" }, { IP(1), "fd00:10:96::5" } }, { NULL } },
	{ "the second address changes", V4_V6, DUAL, "{'clusterIPs':['10.96.0.5',"
	  "'fd00:10:96::6']}", { { NULL, NULL } },
	  { IPS "[1]: Invalid value: [\"10.96.0.5\",\"fd00:10:96::6\"]: may not change once "
	    "set" } },
	{ "both are swapped", V4_V6, DUAL, "{'clusterIP':'fd00:10:96::5','clusterIPs':"
	  "['fd00:10:96::5','10.96.0.5'],'ipFamilies':['IPv6','IPv4']}", { { NULL, NULL } },
	  { IPS "[0]: Invalid value: [\"fd00:10:96::5\",\"10.96.0.5\"]: may not change once set",
	    IPS "[1]: Invalid value: [\"fd00:10:96::5\",\"10.96.0.5\"]: may not change once "
	    "set" } },
	{ "another type keeps both", V4_V6, DUAL, "{'type':'NodePort'}",
	  { { IP(0), "10.96.0.5" }, { IP(1), "fd00:10:96::5" } }, { NULL } },
	{ "a name gives both back", V4_V6, DUAL, "{'type':'ExternalName','externalName':'a.b'}",
	  { { IP(0), "" }, { FAMILY(0), "" }, { POLICY, "" } }, { NULL } },
	{ "a name becomes dual", V4_V6, "{'type':'ExternalName','externalName':'a.b'}",
	  "{'type':'ClusterIP','ipFamilyPolicy':'PreferDualStack'," HTTP "}",
	  { { IP(0), IP4 }, { IP(1), IP6 } }, { NULL } },
	{ "headless may change its families", V4_V6,
	  "{'clusterIP':'None','selector':{'a':'b'}," HTTP "}", "{'ipFamilies':['IPv6']}",
	  { { FAMILY(0), "IPv6" }, { FAMILY(1), "" } }, { NULL } },
	{ "a label changes nothing else", V4_V6, DUAL, "{'selector':{'a':'b'}}",
	  { { IP(1), "fd00:10:96::5" } }, { NULL } },
};

static void ranges(struct registry_help *h, const char *first, const char *second)
{
	registry_close(h->r);
	h->config.nservice_cidrs = second ? 2 : 1;
	assert_int_equal(ip_cidr_parse(first, &h->config.service_cidrs[0], NULL), 0);
	if (second)
		assert_int_equal(ip_cidr_parse(second, &h->config.service_cidrs[1], NULL), 0);
	registry_help_open(h);
}

static void run(struct registry_help *h, const struct family_case *c)
{
	char body[1024];

	ranges(h, c->first, c->second);
	snprintf(body, sizeof(body), "{'metadata':{'name':'web'},'spec':%s}", c->spec);
	registry_help_create(h, "services", body);
	if (c->patch) {
		if (h->reply.code != 201)
			fail_msg("%s: %s", c->name, registry_help_message(h));
		snprintf(body, sizeof(body), "{'spec':%s}", c->patch);
		registry_help_patch(h, "services", "web", NULL, body);
	}
	if (c->causes[0]) {
		registry_help_causes(h, c->name, c->causes);
	} else {
		if (h->reply.code != (c->patch ? 200 : 201))
			fail_msg("%s: %s", c->name, registry_help_message(h));
		registry_help_wants(h, c->name, c->wants);
	}
	registry_help_delete(h, "services", "web");
}

#define RUN(table) \
	static void test_##table(void **state) \
	{ \
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) \
			run(*state, &table[i]); \
	}

RUN(created)
RUN(refused)

static void test_changed(void **state)
{
	ranges(*state, V4_V6);
	registry_help_service(*state, "other", "{'clusterIP':'fd00:10:96::4'," HTTP "}");
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
		run(*state, &changed[i]);
}

/* A second range that comes or goes leaves each Service as it is, until it is asked for. */
static void test_ranges_come_and_go(void **state)
{
	static const char label[] = "{'metadata':{'labels':{'a':'b'}}}";
	static const char other[] = "{'metadata':{'labels':{'a':'c'}}}";
	struct registry_help *h = *state;
	char ip[64];

	registry_help_service(h, "web", "{'ipFamilyPolicy':'PreferDualStack'," HTTP "}");
	ranges(h, V4_V6);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL, label), 200);
	assert_string_equal(registry_help_value(h, IP(1)), "");
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'ipFamilyPolicy':'RequireDualStack'}}"),
			 200);
	snprintf(ip, sizeof(ip), "%s", registry_help_value(h, IP(1)));
	assert_memory_equal(ip, "fd00:10:96::", 12);

	ranges(h, V4);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL, other), 200);
	assert_string_equal(registry_help_value(h, IP(1)), ip);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'ipFamilyPolicy':'SingleStack'}}"), 200);
	assert_string_equal(registry_help_value(h, IP(1)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_created), T(test_refused), T(test_changed), T(test_ranges_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
