// SPDX-License-Identifier: GPL-2.0
/* What long lists within one object cost, by counting steps: their length, not its square. */
#include "jx.h"
#include "registry_help.h"
#include "steps.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define FEW		100
#define MANY		(4 * FEW)
#define TOO_MUCH	6	/* times */

/* 'item' n times, where %d is a number. */
static json_t *items(const char *item, int n)
{
	json_t *list = json_array();
	char text[128];

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), item, i);
		jx_append(list, registry_help_json("%s", text));
	}
	return list;
}

/* The steps of a merge patch whose lists have n items; code: what it is answered with. */
static size_t steps_of_patch(struct registry_help *h, const char *plural, json_t *patch, int code)
{
	struct reply r;

	steps = 0;
	registry_patch(h->r, registry_help_type(plural), "default", "x", NULL, patch, 0, &r);
	if (r.code != code)
		fail_msg("%d %.200s", r.code, jx_str(r.body, "message"));
	json_decref(r.body);
	json_decref(patch);
	return steps;
}

/* Too many ports are refused, and before that nothing is looked for among them. */
static void test_too_many_ports(void **state)
{
	static const char *const types[] = { "NodePort", "ClusterIP" };
	struct registry_help *h = *state;
	json_t *svc = json_pack("{s:{s:s}, s:{s:s, s:o}}", "metadata", "name", "x", "spec", "type",
				"NodePort", "ports", items("{'name':'p%1$d','port':%1$d}", 1000));
	size_t few, many;
	struct reply r;

	json_array_remove(jx_get(svc, "spec.ports"), 0);
	registry_create(h->r, registry_help_type("services"), "default", svc, 0, &r);
	assert_int_equal(r.code, 201);
	json_decref(r.body);
	json_decref(svc);
	for (size_t k = 0; k < 2; k++) {
#define PORTS(n) json_pack("{s:{s:s, s:o}}", "spec", "type", types[k], "ports", \
			   items("{'name':'q%1$d','port':%1$d,'nodePort':%1$d}", n))
		few = steps_of_patch(h, "services", PORTS(1001), 422);
		many = steps_of_patch(h, "services", PORTS(4004), 422);
		print_message("# %s: 1001 ports refused in %zu steps, 4004 in %zu\n", types[k],
			      few, many);
		/* The old object's thousand are looked at for none of the new ones. */
		assert_true(many < 4004 * 100);
	}
}

static void test_many_tolerations(void **state)
{
	struct registry_help *h = *state;
	size_t of[2];

	for (size_t k = 0; k < 2; k++) {
		int n = k ? MANY : FEW;
		json_t *pod = registry_help_json("{'metadata':{'name':'x'},'spec':{'containers':["
						 "{'name':'c','image':'i'}]}}");
		struct reply r;

		jx_set(pod, "spec.tolerations", items("{'key':'k%d','operator':'Exists'}", n));
		jx_set(pod, "spec.schedulingGates", items("{'name':'g%d'}", n));
		registry_create(h->r, registry_help_type("pods"), "default", pod, 0, &r);
		assert_int_equal(r.code, 201);
		json_decref(r.body);
		json_decref(pod);
		of[k] = steps_of_patch(h, "pods",
				       registry_help_json("{'metadata':{'labels':{'a':'b'}}}"),
				       200);
		assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
	}
	print_message("# a label of a pod with %d tolerations %zu steps, %d %zu\n", FEW, of[0],
		      MANY, of[1]);
	assert_true(of[1] < TOO_MUCH * of[0]);
}

static size_t steps_of_families(struct registry_help *h, int n)
{
	json_t *svc = json_pack("{s:{s:s}, s:{s:o, s:[{s:i}]}}", "metadata", "name", "x", "spec",
				"ipFamilies", items("'f%d'", n), "ports", "port", 80);
	struct reply r;

	steps = 0;
	registry_create(h->r, registry_help_type("services"), "default", svc, 0, &r);
	assert_int_equal(r.code, 422);
	json_decref(r.body);
	json_decref(svc);
	return steps;
}

static void test_many_families(void **state)
{
	size_t few = steps_of_families(*state, FEW), many = steps_of_families(*state, MANY);

	print_message("# %d families %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

static size_t steps_of_mirror(struct registry_help *h, int n)
{
	json_t *ep = json_pack("{s:{s:s}, s:[{s:o, s:o}]}", "metadata", "name", "x", "subsets",
			       "addresses", items("{'ip':'10.1.0.%d'}", 200), "ports",
			       items("{'name':'p%1$d','port':%1$d}", n + 1));
	struct reply r;

	json_array_remove(jx_get(json_array_get(jx_get(ep, "subsets"), 0), "ports"), 0);
	steps = 0;
	registry_create(h->r, registry_help_type("endpoints"), "default", ep, 0, &r);
	assert_int_equal(r.code, 201);
	json_decref(r.body);
	json_decref(ep);
	assert_int_equal(txn_objects(h->r, registry_help_type("endpointslices"))->n, 1);
	assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);
	return steps;
}

/* A subset's ports are looked at once, and not for each address. */
static void test_mirrored_ports(void **state)
{
	struct registry_help *h = *state;
	size_t few, many;

	registry_help_service(h, "x", "{'ports':[{'port':1}]}");
	few = steps_of_mirror(h, 10);
	many = steps_of_mirror(h, 410);
	print_message("# 200 addresses with 10 ports mirrored in %zu steps, with 410 in %zu\n",
		      few, many);
	assert_true(many - few < 400 * 200);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		T(test_too_many_ports), T(test_many_tolerations), T(test_many_families),
		T(test_mirrored_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
