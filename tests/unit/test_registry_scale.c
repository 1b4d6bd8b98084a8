// SPDX-License-Identifier: GPL-2.0
/*
 * Everything in one namespace, as it is on a node without many tenants: a start
 * and the namespace's end take four times as long for four times as much, and
 * not sixteen times; even when one object holds the namespace.
 */
#include "jx.h"
#include "registry_help.h"
#include "termination.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define FEW		600
#define MANY		(4 * FEW)
#define TOO_MUCH	9	/* times */
#define BATCH		100

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static json_t *service(int i)
{
	return registry_help_json("{'kind':'Service','apiVersion':'v1','metadata':{'name':'s%d',"
				  "'namespace':'big','uid':'s%d'},'spec':{'type':'ClusterIP',"
				  "'clusterIP':'10.100.%d.%d','clusterIPs':['10.100.%d.%d'],"
				  "'ipFamilies':['IPv4'],'selector':{'app':'a%d'},'ports':"
				  "[{'port':80,'targetPort':80,'protocol':'TCP'}]}}", i, i,
				  i >> 8, i & 255, i >> 8, i & 255, i);
}

static json_t *pod(int i)
{
	return registry_help_json("{'kind':'Pod','apiVersion':'v1','metadata':{'name':'p%d',"
				  "'namespace':'big','uid':'p%d','labels':{'app':'a%d',"
				  "'common':'label'}},'spec':{},'status':{'phase':'Running',"
				  "'podIP':'10.1.%d.%d','podIPs':[{'ip':'10.1.%d.%d'}],"
				  "'conditions':[{'type':'Ready','status':'True'}]}}", i, i, i / 2,
				  i >> 8, i & 255, i >> 8, i & 255);
}

static void fill(struct registry_help *h, int n)
{
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'big'}}"), 201);
	for (int from = 0; from < n; from += BATCH) {
		struct txn t;

		txn_begin(&t, h->r);
		for (int i = from; i < from + BATCH; i++) {
			txn_put(&t, registry_help_type("services"), service(i), NULL);
			txn_put(&t, registry_help_type("pods"), pod(2 * i), NULL);
			txn_put(&t, registry_help_type("pods"), pod(2 * i + 1), NULL);
		}
		assert_int_equal(txn_commit(&t, NULL), 0);
	}
	assert_int_equal(txn_objects(h->r, registry_help_type("endpoints"))->n, n);
}

static json_t *first_pod(struct registry_help *h)
{
	return objects_find(txn_objects(h->r, registry_help_type("pods")), "big", "p0");
}

static void hold(struct registry_help *h)
{
	json_t *held = pod(0);
	struct txn t;

	jx_set(held, "metadata.finalizers", json_pack("[s]", "x.io/one"));
	txn_begin(&t, h->r);
	txn_put(&t, registry_help_type("pods"), held, first_pod(h));
	assert_int_equal(txn_commit(&t, NULL), 0);
}

static void let_go(struct registry_help *h)
{
	struct txn t;

	txn_begin(&t, h->r);
	txn_del(&t, registry_help_type("pods"), first_pod(h));
	assert_int_equal(txn_commit(&t, NULL), 0);
}

static void measure(struct registry_help *h, int n, double *start, double *end)
{
	struct err e = { "" };
	size_t before, turns = 0;
	double t;

	fill(h, n);
	registry_close(h->r);
	h->r = NULL;
	t = cpu_seconds();
	registry_help_open(h);
	*start = cpu_seconds() - t;
	before = txn_objects(h->r, registry_help_type("namespaces"))->n;
	hold(h);
	t = cpu_seconds();
	assert_int_equal(registry_help_delete(h, "namespaces", "big"), 200);
	while (registry_tick(h->r, &e) > 0)
		turns++;
	assert_string_equal(e.text, "");
	*end = cpu_seconds() - t;
	assert_in_range(turns, 1, 4 * n / TERMINATION_BATCH);
	assert_int_equal(txn_objects(h->r, registry_help_type("pods"))->n, 1);
	assert_int_equal(txn_objects(h->r, registry_help_type("namespaces"))->n, before);
	let_go(h);
	assert_int_equal(txn_objects(h->r, registry_help_type("namespaces"))->n, before - 1);
	assert_int_equal(txn_objects(h->r, registry_help_type("pods"))->n, 0);
	assert_int_equal(txn_objects(h->r, registry_help_type("endpoints"))->n, 0);
}

static void test_linear(void **state)
{
	double start[2], end[2];

	measure(*state, FEW, &start[0], &end[0]);
	measure(*state, MANY, &start[1], &end[1]);
	print_message("# start: %d Services %.3f s, %d %.3f s; end of the namespace: %.3f s, "
		      "%.3f s\n", FEW, start[0], MANY, start[1], end[0], end[1]);
	assert_true(start[1] < TOO_MUCH * start[0]);
	assert_true(end[1] < TOO_MUCH * end[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_linear, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
