// SPDX-License-Identifier: GPL-2.0
/* What many Services with addresses of a pool cost, by counting steps. */
#include "pools_help.h"
#include "steps.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define FEW		300
#define MANY		(4 * FEW)
#define TOO_MUCH	6	/* times */
#define ALL		"lan 10.200.0.0/16"

static json_t *service(int i)
{
	return registry_help_json("{'kind':'Service','apiVersion':'v1','metadata':{'name':'s%04d',"
				  "'namespace':'default','uid':'s%d','creationTimestamp':"
				  "'2024-01-01T00:00:00Z'},'spec':{'type':'LoadBalancer',"
				  "'clusterIP':'10.100.%d.%d','clusterIPs':['10.100.%d.%d'],"
				  "'ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack','ports':"
				  "[{'port':80,'targetPort':80,'protocol':'TCP'}]}}", i, i,
				  i >> 8, i & 255, i >> 8, i & 255);
}

/* In one transaction. */
static void put_services(struct registry_help *h, int from, int to)
{
	struct txn t;

	txn_begin(&t, h->r);
	for (int i = from; i < to; i++)
		txn_put(&t, registry_help_type("services"), service(i), NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
}

static void expect_last(struct registry_help *h, int n)
{
	char name[16], address[48];

	snprintf(name, sizeof(name), "s%04d", n - 1);
	snprintf(address, sizeof(address), "10.200.%d.%d @lan", (n - 1) >> 8, (n - 1) & 255);
	pools_help_expect(h, name, address);
}

static void compare(const char *what, size_t few, size_t many)
{
	print_message("# %s: %d %zu steps, %d %zu\n", what, FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

static size_t steps_of_put(void **state, int n)
{
	struct registry_help *h = *state;

	pools_help_put(h, ALL);
	steps = 0;
	put_services(h, 0, n);
	return steps;
}

static size_t steps_of_reload(void **state, int n)
{
	struct registry_help *h = *state;

	put_services(h, 0, n);
	steps = 0;
	pools_help_reload(h, ALL);
	return steps;
}

/* n who wait, and somebody who has an address gets a label. */
static size_t steps_of_label(void **state, int n)
{
	struct registry_help *h = *state;

	pools_help_put(h, "lan 10.200.0.0/32");
	put_services(h, 0, 1 + n);
	pools_help_expect(h, "s0000", "10.200.0.0 @lan");
	/* The first one fills in the defaults, too. */
	for (int i = 0; i < 2; i++) {
		steps = 0;
		assert_int_equal(registry_help_patch(h, "services", "s0000", NULL, i ?
						     "{'metadata':{'labels':{'a':'c'}}}" :
						     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	}
	return steps;
}

static size_t in_a_new_one(size_t (*fn)(void **state, int n), int n, bool all)
{
	void *state;
	size_t sum;

	pools_help_setup(&state);
	sum = fn(&state, n);
	if (all)
		expect_last(state, n);
	pools_help_teardown(&state);
	return sum;
}

static void test_one_transaction(void **state)
{
	(void)state;
	compare("at once", in_a_new_one(steps_of_put, FEW, true),
		in_a_new_one(steps_of_put, MANY, true));
}

static void test_reload(void **state)
{
	(void)state;
	compare("reload", in_a_new_one(steps_of_reload, FEW, true),
		in_a_new_one(steps_of_reload, MANY, true));
}

/* Nobody gets more room by it, so nobody who waits is looked at. */
static void test_nothing_for_who_waits(void **state)
{
	size_t few = in_a_new_one(steps_of_label, FEW, false);
	size_t many = in_a_new_one(steps_of_label, MANY, false);

	(void)state;
	print_message("# label: %d wait %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < 2 * few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_transaction),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_nothing_for_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
