// SPDX-License-Identifier: GPL-2.0
/*
 * Objects with something wrong in a random place: whatever comes in, the
 * registry answers with a Status or an object, and stays able to read back
 * what it took.
 */
#include "registry_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS	4000

static const char *const good[][2] = {
	{ "services", "{'kind':'Service','apiVersion':'v1','metadata':{'name':'a','labels':{'a':"
		      "'b'}},'spec':{'type':'LoadBalancer','clusterIP':'10.96.0.77','clusterIPs':"
		      "['10.96.0.77'],'selector':{'app':'x'},'externalIPs':['192.0.2.1'],'ports':"
		      "[{'name':'p','port':80,'targetPort':'http','nodePort':30001},{'name':'q',"
		      "'port':81,'protocol':'UDP'}],'sessionAffinity':'ClientIP',"
		      "'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':10}},'ipFamilies':"
		      "['IPv4'],'ipFamilyPolicy':'SingleStack','externalTrafficPolicy':'Local',"
		      "'loadBalancerSourceRanges':['10.0.0.0/8'],'healthCheckNodePort':30002},"
		      "'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.1'}]}}}" },
	{ "services", "{'metadata':{'name':'a'},'spec':{'type':'ExternalName','externalName':"
		      "'a.b'}}" },
	{ "pods", "{'metadata':{'name':'a','labels':{'app':'x'}},'spec':{'nodeName':'n',"
		  "'containers':[{'name':'c','image':'i','ports':[{'name':'http','containerPort':"
		  "80}]}]},'status':{'phase':'Running','podIP':'10.244.0.1','podIPs':[{'ip':"
		  "'10.244.0.1'}],'conditions':[{'type':'Ready','status':'True'}]}}" },
	{ "endpoints", "{'metadata':{'name':'a'},'subsets':[{'addresses':[{'ip':'192.0.2.1',"
		       "'nodeName':'n','targetRef':{'kind':'Pod','name':'p','uid':'u'}}],'ports':"
		       "[{'name':'p','port':80}]}]}" },
	{ "events", "{'metadata':{'name':'a'},'involvedObject':{'namespace':'default','name':'a'},"
		    "'reason':'R','lastTimestamp':'2023-11-14T22:13:20Z','count':1}" },
};

static json_t *strange(void)
{
	static const char *const strings[] = { "", "None", "x y", "10.96.0.78", "::", "-", "IPv6",
		"ClusterIP", "NodePort", "ExternalName", "\xc3\xa4",
		"a.very.long.name.that.is.a.label" };
	static const json_int_t numbers[] = { 0, -1, 1, 65536, 30003, 4294967296, INT64_MIN };

	switch (rand() % 8) {
	case 0:
		return json_null();
	case 1:
		return json_object();
	case 2:
		return json_array();
	case 3:
		return json_real(1.5);
	case 4:
		return json_boolean(rand() % 2);
	case 5:
		return json_integer(numbers[rand() % 7]);
	case 6:
		return json_pack("[n, {s:n}, s, [i]]", "a", "s", 3);
	default:
		return json_string(strings[rand() % 12]);
	}
}

/* Replace, drop or add one thing somewhere below v. */
static void spoil(json_t *v)
{
	size_t n = json_is_object(v) ? json_object_size(v) : json_array_size(v), k = 0;
	size_t at = n ? (size_t)rand() % n : 0;
	const char *key;
	json_t *e;

	if (json_is_array(v) && n) {
		if (rand() % 3 && json_is_object(json_array_get(v, at)))
			spoil(json_array_get(v, at));
		else
			json_array_set_new(v, at, strange());
	} else if (json_is_array(v)) {
		json_array_append_new(v, strange());
	} else {
		void *it = json_object_iter(v);

		for (; it && k < at; k++)
			it = json_object_iter_next(v, it);
		key = it ? json_object_iter_key(it) : "extra";
		e = json_object_get(v, key);
		if (rand() % 4 && (json_is_object(e) || json_is_array(e)))
			spoil(e);
		else if (rand() % 6)
			json_object_set_new(v, key, strange());
		else
			json_object_del(v, key);
	}
}

static void check(struct reply *reply)
{
	assert_non_null(reply->body);
	assert_in_range(reply->code, 200, 507);
	if (reply->code >= 400) {
		const json_t *b = reply->body;

		assert_string_equal(json_string_value(json_object_get(b, "kind")), "Status");
		assert_int_equal(json_integer_value(json_object_get(b, "code")), reply->code);
	}
	json_decref(reply->body);
}

static void one(struct registry_help *h, const char *plural, json_t *body, unsigned int flags)
{
	const struct resource *res = registry_help_type(plural);
	const char *sub = res->has_status && rand() % 4 == 0 ? "status" : NULL;
	struct reply reply;

	switch (rand() % 5) {
	case 0:
		registry_update(h->r, res, "default", "a", sub, body, flags, &reply);
		break;
	case 1:
		registry_patch(h->r, res, "default", "a", sub, body, flags, &reply);
		break;
	case 2:
		registry_bind(h->r, "default", "a", body, flags, &reply);
		break;
	default:
		registry_create(h->r, res, "default", body, flags, &reply);
	}
	check(&reply);
}

static void test_random(void **state)
{
	struct registry_help *h = *state;
	struct reply reply;

	srand(11);
	for (int i = 0; i < ROUNDS; i++) {
		const char *const *row = good[rand() % 5];
		json_t *body = registry_help_json("%s", row[1]);

		for (int n = rand() % 3; n >= 0; n--)
			spoil(body);
		/* Most only go through the checks; some are written, and deleted later. */
		one(h, row[0], body, i % 16 ? REGISTRY_DRY_RUN : 0);
		json_decref(body);
		if (i % 64 == 63) {
			registry_delete(h->r, registry_help_type(row[0]), "default", "a", 0,
					&reply);
			check(&reply);
		}
		if (i % 1000 == 999)
			registry_help_reopen(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
