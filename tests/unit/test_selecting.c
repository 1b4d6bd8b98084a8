// SPDX-License-Identifier: GPL-2.0
/* Who selects whom, by the index and by a look at everything: the same, whatever happens. */
#include "jx.h"
#include "registry_help.h"
#include "selector.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS	600

static void count(void *ctx, json_t *object)
{
	/* None twice. */
	assert_null(json_object_get(ctx, jx_str(object, "metadata.name")));
	json_object_set_new(ctx, jx_str(object, "metadata.name"), json_true());
}

struct brute {
	const json_t *selector, *labels;
	json_t *found;
};

static void look(void *ctx, json_t *object)
{
	struct brute *b = ctx;

	if (selector_map_match(b->selector ? b->selector : jx_get(object, "spec.selector"),
			       b->labels ? b->labels : jx_get(object, "metadata.labels")))
		json_object_set_new(b->found, jx_str(object, "metadata.name"), json_true());
}

static void compare(struct txn *t, const char *plural, const json_t *selector,
		    const json_t *labels)
{
	struct brute b = { selector, labels, json_object() };
	json_t *found = json_object();

	txn_each_named(t, registry_help_type(plural), "default", "", look, &b);
	if (selector)
		selecting_pods(t, "default", selector, count, found);
	else
		selecting_services(t, "default", labels, count, found);
	assert_true(json_equal(found, b.found));
	json_decref(found);
	json_decref(b.found);
}

static void compare_all(struct txn *t)
{
	json_t *none = json_object(), *absent = json_pack("{s:s, s:s}", "k0", "v0", "x", "y");
	const struct objects *pods = txn_objects(t->r, registry_help_type("pods"));
	const struct objects *services = txn_objects(t->r, registry_help_type("services"));

	for (size_t i = 0; i < services->n; i++)
		if (jx_get(services->v[i].object, "spec.selector"))
			compare(t, "pods", jx_get(services->v[i].object, "spec.selector"), NULL);
	for (size_t i = 0; i < pods->n; i++)
		if (jx_get(pods->v[i].object, "metadata.labels"))
			compare(t, "services", NULL, jx_get(pods->v[i].object, "metadata.labels"));
	compare(t, "pods", none, NULL);
	compare(t, "services", NULL, none);
	compare(t, "pods", absent, NULL);
	compare(t, "services", NULL, absent);
	json_decref(none);
	json_decref(absent);
}

/* Up to three pairs of few values: many share some. */
static json_t *pairs(void)
{
	json_t *o = json_object();
	char key[8], value[8];

	for (int n = rand() % 4; n > 0; n--) {
		snprintf(key, sizeof(key), "k%d", rand() % 3);
		snprintf(value, sizeof(value), "v%d", rand() % 2);
		json_object_set_new(o, key, json_string(value));
	}
	return o;
}

static void stage_something(struct txn *t)
{
	const struct resource *res = registry_help_type(rand() % 2 ? "pods" : "services");
	char name[16];
	json_t *old, *now;

	snprintf(name, sizeof(name), "n%d", rand() % 12);
	old = txn_find(t, res, "default", name);
	if (old && rand() % 3 == 0) {
		txn_del(t, res, old);
		return;
	}
	now = json_pack("{s:s, s:s, s:{s:s, s:s, s:o}, s:{s:o}}", "kind", res->kind, "apiVersion",
			"v1", "metadata", "name", name, "namespace", "default", "labels", pairs(),
			"spec", "selector", pairs());
	txn_put(t, res, now, old);
}

static void test_same(void **state)
{
	struct registry_help *h = *state;

	srand(12);
	for (int i = 0; i < STEPS; i++) {
		struct txn t;

		txn_begin(&t, h->r);
		for (int n = rand() % 5; n >= 0; n--) {
			stage_something(&t);
			compare_all(&t);
		}
		if (rand() % 4)
			assert_int_equal(txn_commit(&t, NULL), 0);
		else
			txn_abort(&t);
		txn_begin(&t, h->r);
		compare_all(&t);
		txn_abort(&t);
		if (i % 100 == 99)
			registry_help_reopen(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
