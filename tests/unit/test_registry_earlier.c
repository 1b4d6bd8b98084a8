// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of a database that an earlier svcd wrote, with what this one does not know or
 * take: they are shown without what is no field of theirs, and can be changed as long as
 * what would be refused today is left alone.
 */
#include "registry_help.h"

#include "jx.h"
#include "store.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define META(more) "'metadata':{'name':'old','uid':'u','resourceVersion':'0'," \
	"'creationTimestamp':'2020-01-01T00:00:00Z'" more "}"
#define IN_DEFAULT ",'namespace':'default'"

#define NO_VERSION "metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not " \
	"be empty"
#define NO_UID "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"
#define NODE_TAINT(more) "'spec':{'taints':[{'key':'a b','effect':'Never','x':1" more "}]}"

static void put_old(struct registry_help *h, const char *plural, const char *json)
{
	json_t *object = registry_help_json("%s", json);
	struct store *s;
	struct err e;
	char text[24];
	uint64_t v;
	size_t n;

	registry_close(h->r);
	assert_int_equal(store_open(&s, h->path, &e), 0);
	v = store_version(s) + 1;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	jx_set_str(object, "metadata.resourceVersion", text);
	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(store_put(s, plural, object, &n, &e), 0);
	assert_int_equal(store_commit(s, v, 0, &e), 0);
	store_close(s);
	json_decref(object);
	registry_help_open(h);
}

static void put_old_pod(struct registry_help *h)
{
	put_old(h, "pods", "{'kind':'Pod','apiVersion':'v1'," META(IN_DEFAULT
		",'finalizers':['a.io/b'],'ownerReferences':[{'kind':'A','name':'a'}]") ","
		"'spec':{'foo':1,'containers':[{'name':'c','env':[{'name':'A','value':8080}],"
		"'resources':{'limits':{'cpu':0.5,'memory':true}}}]},"
		"'status':{'phase':'Running','bar':2}}");
}

static void change(struct registry_help *h, const char *plural, const char *sub,
		   const char *patch)
{
	if (registry_help_patch(h, plural, "old", sub, patch) != 200)
		fail_msg("%s: %s", patch, registry_help_message(h));
}

static void refuse(struct registry_help *h, const char *plural, const char *patch,
		   const char *cause, const char *another)
{
	const char *const causes[REGISTRY_HELP_CAUSES] = { cause, another };

	registry_help_patch(h, plural, "old", NULL, patch);
	registry_help_causes(h, patch, causes);
}

static void test_pod(void **state)
{
	struct registry_help *h = *state;

	put_old_pod(h);
	change(h, "pods", "status", "{'status':{'podIP':'10.0.0.1'}}");
	assert_string_equal(registry_help_value(h, "status.podIP"), "10.0.0.1");
	/* It has no image, and need not have one as long as nothing else is asked for. */
	change(h, "pods", NULL, "{'metadata':{'labels':{'a':'b'}}}");
	assert_string_equal(registry_help_value(h, "metadata.labels.a"), "b");
	assert_string_equal(registry_help_value(h, "spec.containers.0.resources.limits.cpu"),
			    "500m");
	assert_int_equal(registry_help_patch(h, "pods", "old", NULL,
					     "{'spec':{'activeDeadlineSeconds':5}}"), 422);
	/* A finalizer holds it, so that it is written once more. */
	assert_int_equal(registry_help_delete(h, "pods", "old"), 200);
	change(h, "pods", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "pods", "old"), 404);
}

/* The body of the last answer, once more. Answers whether that was a change. */
static bool put_back(struct registry_help *h, const char *plural)
{
	unsigned long long version = registry_version(h->r);
	json_t *body = json_incref(h->reply.body);
	struct reply reply;

	registry_update(h->r, registry_help_type(plural), "default", "old", NULL, body,
			REGISTRY_STRICT, &reply);
	json_decref(h->reply.body);
	h->reply = reply;
	json_decref(body);
	if (reply.code != 200)
		fail_msg("%s", registry_help_message(h));
	return registry_version(h->r) != version;
}

/* What is shown is what can be put back, and a start does not write it. */
static void test_shown(void **state)
{
	struct registry_help *h = *state;
	unsigned long long version;
	char *before, *after;

	put_old_pod(h);
	version = registry_version(h->r);
	before = registry_help_dump(h->r);
	registry_help_reopen(h);
	after = registry_help_dump(h->r);
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(registry_version(h->r), version);
	assert_int_equal(registry_help_get(h, "pods", "old"), 200);
	assert_int_equal(strtoull(registry_help_value(h, "metadata.resourceVersion"), NULL, 10),
			 version);
	assert_string_equal(registry_help_value(h, "metadata.uid"), "u");
	assert_string_equal(registry_help_value(h, "metadata.finalizers.0"), "a.io/b");
	assert_string_equal(registry_help_value(h, "status.phase"), "Running");
	assert_string_equal(registry_help_value(h, "status.bar"), "");
	assert_string_equal(registry_help_value(h, "spec.foo"), "");
	assert_string_equal(registry_help_value(h, "spec.containers.0.env.0.name"), "A");
	assert_string_equal(registry_help_value(h, "spec.containers.0.env.0.value"), "");
	/* Today's defaults come with it. */
	assert_true(put_back(h, "pods"));
	assert_false(put_back(h, "pods"));
}

static void expect_no_foo(void *ctx, const struct registry_event *ev)
{
	size_t *n = ctx;

	(*n)++;
	assert_null(jx_get(ev->object, "spec.foo"));
	assert_null(jx_get(ev->old, "spec.foo"));
}

/* What its changes and its end look like to those who follow, after a start as well. */
static void test_history(void **state)
{
	struct registry_help *h = *state;
	unsigned long long version;
	size_t n = 0;

	put_old_pod(h);
	version = registry_version(h->r);
	change(h, "pods", NULL, "{'metadata':{'labels':{'a':'b'},'finalizers':null}}");
	assert_int_equal(registry_help_delete(h, "pods", "old"), 200);
	put_old_pod(h);
	assert_int_equal(registry_replay(h->r, registry_help_type("pods"), version, expect_no_foo,
					 &n), 0);
	assert_int_equal(n, 3);
}

static void test_owners(void **state)
{
	struct registry_help *h = *state;

	put_old(h, "endpoints", "{'kind':'Endpoints','apiVersion':'v1'," META(IN_DEFAULT
		",'ownerReferences':[{'kind':'A','name':'a'}],"
		"'finalizers':['orphan','foregroundDeletion']") "}");
	change(h, "endpoints", NULL, "{'metadata':{'labels':{'a':'b'}}}");
	refuse(h, "endpoints", "{'metadata':{'ownerReferences':[{'kind':'A','name':'b'}]}}",
	       NO_VERSION, NO_UID);
	refuse(h, "endpoints", "{'metadata':{'finalizers':['foregroundDeletion','orphan']}}",
	       "metadata.finalizers: Invalid value: [\"foregroundDeletion\",\"orphan\"]: "
	       "finalizer orphan and foregroundDeletion cannot be both set", NULL);
	assert_int_equal(registry_help_delete(h, "endpoints", "old"), 200);
	change(h, "endpoints", NULL, "{'metadata':{'finalizers':['orphan']}}");
	change(h, "endpoints", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "endpoints", "old"), 404);
}

static void test_namespaces(void **state)
{
	static const char *const specs[] = {
		"", ",'spec':{}", ",'spec':{'finalizers':['mine','kubernetes'],'foo':1}",
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		char body[512];

		snprintf(body, sizeof(body), "{'kind':'Namespace','apiVersion':'v1',"
			 META(",'labels':{'kubernetes.io/metadata.name':'old'}") "%s,"
			 "'status':{'phase':'Active'}}", specs[i]);
		put_old(h, "namespaces", body);
		change(h, "namespaces", NULL, "{'metadata':{'labels':{'a':'b'}}}");
		assert_string_equal(registry_help_value(h, "metadata.labels.a"), "b");
		assert_string_equal(registry_help_value(h, "spec.finalizers.0"),
				    i == 2 ? "mine" : "");
		assert_false(put_back(h, "namespaces"));
		assert_int_equal(registry_help_delete(h, "namespaces", "old"), 200);
		assert_int_equal(registry_help_get(h, "namespaces", "old"), 404);
	}
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'old'},"
					      "'spec':{'finalizers':['mine']}}"), 422);
}

static void test_nodes(void **state)
{
	struct registry_help *h = *state;

	put_old(h, "nodes", "{'kind':'Node','apiVersion':'v1'," META("") "," NODE_TAINT("") ","
		"'status':{'capacity':{'cpu':4,'memory':'much'},'nodeInfo':{'osImage':1},"
		"'conditions':[{'type':'Ready','status':'True'}]}}");
	change(h, "nodes", NULL, "{'metadata':{'labels':{'topology.kubernetes.io/zone':'z'}}}");
	assert_string_equal(registry_help_value(h, "spec.taints.0.effect"), "Never");
	assert_string_equal(registry_help_value(h, "status.capacity.cpu"), "4");
	assert_false(put_back(h, "nodes"));
	change(h, "nodes", "status", "{'status':{'addresses':[{'type':'InternalIP','address':"
	       "'10.0.0.1'}]}}");
	assert_int_equal(registry_help_patch(h, "nodes", "old", NULL, "{" NODE_TAINT(",'value':'v'")
					     "}"), 422);
	change(h, "nodes", NULL, "{'spec':{'taints':null}}");
	assert_int_equal(registry_help_patch(h, "nodes", "old", NULL, "{" NODE_TAINT("") "}"), 422);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_pod), T(test_shown), T(test_history), T(test_owners), T(test_namespaces),
		T(test_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
