// SPDX-License-Identifier: GPL-2.0
/*
 * What stays behind, and how that ends: orphaned slices, what finalizers hold of
 * what svcd has made, and namespaces with such things or with very many.
 */
#include "events.h"
#include "jx.h"
#include "registry_help.h"
#include "slice.h"
#include "termination.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WEB	"{'metadata':{'name':'web'},'spec':{'selector':{'app':'web'},'ports':" \
		"[{'port':80}]}}"
#define HELD	"{'metadata':{'finalizers':['x.io/one']}}"
#define FREE	"{'metadata':{'finalizers':null}}"

static const struct objects *all(struct registry_help *h, const char *plural)
{
	return txn_objects(h->r, registry_help_type(plural));
}

static const json_t *at(struct registry_help *h, const char *plural, size_t i)
{
	assert_true(i < all(h, plural)->n);
	return all(h, plural)->v[i].object;
}

static void make(struct registry_help *h, const char *plural, const char *body)
{
	if (registry_help_create(h, plural, body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void patch(struct registry_help *h, const char *plural, const char *name, const char *body)
{
	if (registry_help_patch(h, plural, name, NULL, body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}

/* web, with one pod, and so one slice. */
static void make_web(struct registry_help *h)
{
	make(h, "services", WEB);
	make(h, "pods", "{'metadata':{'name':'p','labels':{'app':'web'}},'spec':{'containers':"
	     "[{'name':'c','image':'x'}]}}");
	assert_int_equal(registry_help_patch(h, "pods", "p", "status", "{'status':{'phase':"
					     "'Running','podIP':'10.244.0.1','conditions':[{"
					     "'type':'Ready','status':'True'}]}}"), 200);
	assert_int_equal(all(h, "endpointslices")->n, 1);
}

static void end_web(struct registry_help *h, unsigned int flags)
{
	struct reply reply;

	registry_delete(h->r, registry_help_type("services"), "default", "web", flags, &reply);
	assert_int_equal(reply.code, 200);
	json_decref(reply.body);
}

static bool is_marked(const json_t *object)
{
	return *jx_str(object, "metadata.deletionTimestamp");
}

static size_t endpoints_of(const json_t *slice)
{
	return json_array_size(jx_get(slice, "endpoints"));
}

/* As in Kubernetes, slices stay and Endpoints go. Who has the name next takes them over. */
static void test_orphaned_slices(void **state)
{
	struct registry_help *h = *state;
	const json_t *slice;
	char name[128];

	make_web(h);
	snprintf(name, sizeof(name), "%s", jx_str(at(h, "endpointslices", 0), "metadata.name"));
	end_web(h, REGISTRY_ORPHAN);
	assert_int_equal(all(h, "endpoints")->n, 0);
	for (int restarted = 0; restarted < 2; restarted++) {
		slice = at(h, "endpointslices", 0);
		assert_string_equal(jx_str(slice, "metadata.name"), name);
		assert_null(jx_get(slice, "metadata.ownerReferences"));
		assert_int_equal(endpoints_of(slice), 1);
		registry_help_reopen(h);
	}
	make(h, "services", WEB);
	assert_int_equal(all(h, "endpointslices")->n, 1);
	slice = at(h, "endpointslices", 0);
	assert_string_equal(jx_str(slice, "metadata.name"), name);
	assert_string_equal(jx_str(json_array_get(jx_get(slice, "metadata.ownerReferences"), 0),
				   "uid"), registry_help_value(h, "metadata.uid"));
	assert_int_equal(endpoints_of(slice), 1);
	end_web(h, 0);
	assert_int_equal(all(h, "endpointslices")->n, 0);
}

/* A slice that is held is not used again: there is another one meanwhile. */
static void test_held_slice(void **state)
{
	struct registry_help *h = *state;
	char name[128];

	make_web(h);
	snprintf(name, sizeof(name), "%s", jx_str(at(h, "endpointslices", 0), "metadata.name"));
	patch(h, "endpointslices", name, HELD);
	end_web(h, 0);
	registry_help_reopen(h);
	assert_true(is_marked(at(h, "endpointslices", 0)));
	make(h, "services", WEB);
	assert_int_equal(all(h, "endpointslices")->n, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(is_marked(at(h, "endpointslices", i)),
				 jx_is(at(h, "endpointslices", i), "metadata.name", name));
	patch(h, "endpointslices", name, FREE);
	assert_int_equal(all(h, "endpointslices")->n, 1);
	assert_false(is_marked(at(h, "endpointslices", 0)));
	assert_int_equal(endpoints_of(at(h, "endpointslices", 0)), 1);
}

/* Nor does a slice that is not needed any more go from whom holds it. */
static void test_held_slice_unused(void **state)
{
	struct registry_help *h = *state;
	const json_t *slice;

	make(h, "services", "{'metadata':{'name':'hand'},'spec':{'ports':[{'port':80}]}}");
	make(h, "endpoints", "{'metadata':{'name':'hand'},'subsets':[{'addresses':[{'ip':"
	     "'192.0.2.1'}],'ports':[{'port':80}]}]}");
	slice = at(h, "endpointslices", 0);
	assert_true(slice_is_of(slice, SLICE_MIRROR));
	patch(h, "endpointslices", jx_str(slice, "metadata.name"), HELD);
	assert_int_equal(registry_help_delete(h, "endpoints", "hand"), 200);
	assert_true(is_marked(at(h, "endpointslices", 0)));
	registry_help_reopen(h);
	slice = at(h, "endpointslices", 0);
	patch(h, "endpointslices", jx_str(slice, "metadata.name"), FREE);
	assert_int_equal(all(h, "endpointslices")->n, 0);
}

static void test_held_endpoints(void **state)
{
	struct registry_help *h = *state;

	make_web(h);
	patch(h, "endpoints", "web", HELD);
	end_web(h, 0);
	assert_true(is_marked(at(h, "endpoints", 0)));
	registry_help_reopen(h);
	assert_true(is_marked(at(h, "endpoints", 0)));
	patch(h, "endpoints", "web", FREE);
	assert_int_equal(all(h, "endpoints")->n, 0);
}

static int in_other(struct registry_help *h, const char *plural, const char *name,
		    const char *body)
{
	const struct resource *res = registry_help_type(plural);
	json_t *json = registry_help_json("%s", body);
	struct reply reply;

	if (name)
		registry_patch(h->r, res, "other", name, NULL, json, 0, &reply);
	else
		registry_create(h->r, res, "other", json, 0, &reply);
	json_decref(json);
	json_decref(h->reply.body);
	h->reply = reply;
	return reply.code;
}

#define EVENT	"{'metadata':{'name':'e','namespace':'other','finalizers':['x.io/one']}," \
		"'involvedObject':{'namespace':'other'}}"

/* An Event is nothing to wait for, unless somebody holds it. */
static void test_namespace_with_held_event(void **state)
{
	struct registry_help *h = *state;
	struct err e = { "" };

	for (int by_age = 0; by_age < 2; by_age++) {
		make(h, "namespaces", "{'metadata':{'name':'other'}}");
		assert_int_equal(in_other(h, "events", NULL, EVENT), 201);
		assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
		assert_string_equal(registry_help_value(h, "status.phase"), "Terminating");
		assert_int_equal(registry_tick(h->r, &e), 0);
		assert_int_equal(registry_help_get(h, "namespaces", "other"), 200);
		assert_int_equal(all(h, "events")->n, 1);
		assert_true(is_marked(at(h, "events", 0)));
		if (by_age) {
			/* It is forgotten with another change, and nothing is left to wait for. */
			h->now += EVENTS_SECONDS + 1;
			make(h, "nodes", "{'metadata':{'name':'n1'}}");
			assert_int_equal(all(h, "events")->n, 0);
			assert_int_equal(registry_tick(h->r, &e), 0);
		} else {
			assert_int_equal(in_other(h, "events", "e", FREE), 200);
		}
		assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
		assert_int_equal(all(h, "events")->n, 0);
	}
}

static void put_pods(struct registry_help *h, const char *ns, int n, const char *more)
{
	const struct resource *res = registry_help_type("pods");
	struct txn t;

	txn_begin(&t, h->r);
	for (int i = 0; i < n; i++)
		txn_put(&t, res, registry_help_json(
				"{'kind':'Pod','apiVersion':'v1','metadata':{'name':'p%04d',"
				"'namespace':'%s','uid':'%s%d','creationTimestamp':"
				"'2023-11-14T22:13:20Z'%s},'spec':{'containers':[{"
				"'name':'c','image':'x'}]},'status':{'phase':'Pending'}}", i, ns,
				ns, i, more), NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
}

#define MUCH	(2 * TERMINATION_BATCH + 10)

/* With very much in it, it ends turn by turn, and a restart in between does no harm. */
static void test_large_namespace(void **state)
{
	struct registry_help *h = *state;
	struct err e = { "" };

	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	put_pods(h, "other", MUCH, "");
	put_pods(h, "default", 10, "");
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	assert_string_equal(registry_help_value(h, "status.phase"), "Terminating");
	assert_int_equal(all(h, "pods")->n, 10 + MUCH - TERMINATION_BATCH);
	assert_int_equal(in_other(h, "services", NULL, WEB), 403);
	registry_help_reopen(h);
	assert_int_equal(all(h, "pods")->n, 10 + MUCH - TERMINATION_BATCH);
	assert_int_equal(registry_tick(h->r, &e), 1);
	assert_int_equal(all(h, "pods")->n, 10 + MUCH - 2 * TERMINATION_BATCH);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 200);
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(all(h, "pods")->n, 10);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
	assert_int_equal(registry_tick(h->r, &e), 0);
}

/* Many that are held do not stand before those that are not, nor is there always more to do. */
static void test_large_namespace_of_held(void **state)
{
	struct registry_help *h = *state;
	struct err e = { "" };
	uint64_t version;

	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	put_pods(h, "other", TERMINATION_BATCH + 10, ",'finalizers':['x.io/one']");
	assert_int_equal(in_other(h, "services", NULL, WEB), 201);
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	for (int i = 0; i < 3; i++)
		registry_tick(h->r, &e);
	assert_int_equal(all(h, "services")->n, 0);
	for (size_t i = 0; i < all(h, "pods")->n; i++)
		assert_true(is_marked(at(h, "pods", i)));
	version = registry_version(h->r);
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(registry_version(h->r), version);
	for (int i = 0; i < TERMINATION_BATCH + 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%04d", i);
		assert_int_equal(registry_help_get(h, "namespaces", "other"), 200);
		assert_int_equal(in_other(h, "pods", name, FREE), 200);
	}
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
}

/* Orphans that a transaction has changed already go with their namespace nevertheless. */
static void test_namespace_of_orphans(void **state)
{
	struct registry_help *h = *state;
	json_t *both;
	struct reply reply;

	make(h, "namespaces", "{'metadata':{'name':'a'}}");
	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	both = json_pack("[O, O]", at(h, "namespaces", 0), at(h, "namespaces", 2));
	assert_true(jx_is(json_array_get(both, 0), "metadata.name", "a"));
	put_pods(h, "other", 1, ",'ownerReferences':[{'apiVersion':'v1','kind':'Namespace',"
		 "'name':'a','uid':'ns-a'}]");
	/* The uid that the reference names. */
	jx_set_str((json_t *)at(h, "namespaces", 0), "metadata.uid", "ns-a");
	assert_int_equal(registry_delete_all(h->r, registry_help_type("namespaces"), both, -1,
					     REGISTRY_ORPHAN, &reply), 0);
	assert_int_equal(all(h, "pods")->n, 0);
	assert_int_equal(registry_help_get(h, "namespaces", "a"), 404);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
	json_decref(both);
}

static void test_pods_of_a_tick(void **state)
{
	struct registry_help *h = *state;
	struct err e = { "" };

	put_pods(h, "default", TERMINATION_BATCH + 10, ",'deletionGracePeriodSeconds':5,"
		 "'deletionTimestamp':'2023-11-14T22:13:25Z'");
	h->now += 4;
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(all(h, "pods")->n, TERMINATION_BATCH + 10);
	h->now++;
	assert_int_equal(registry_tick(h->r, &e), 1);
	assert_int_equal(all(h, "pods")->n, 10);
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(all(h, "pods")->n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_orphaned_slices), TEST(test_held_slice), TEST(test_held_slice_unused),
		TEST(test_held_endpoints), TEST(test_namespace_with_held_event),
		TEST(test_large_namespace), TEST(test_large_namespace_of_held),
		TEST(test_namespace_of_orphans), TEST(test_pods_of_a_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
