// SPDX-License-Identifier: GPL-2.0
/* What may stand in metadata, whatever the type: names, owners, finalizers. */
#include "fielderr.h"
#include "registry_help.h"
#include "txn.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"
#define KEY_WORDS "must consist of alphanumeric characters, '-', '_' or '.', and must start and " \
	"end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex " \
	"used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define OWNER "{'apiVersion':'apps/v1','kind':'ReplicaSet','name':'r','uid':'1','controller':true}"

#define NOT_IN_CHARGE "{'apiVersion':'v1','kind':'Pod','name':'p','uid':'2'}"

struct row {
	const char *name, *meta;
	const char *causes[REGISTRY_HELP_CAUSES];	/* none: it is taken */
};

static void test_create(void **state)
{
	static const struct row rows[] = {
		{ "an owner", "'name':'x','ownerReferences':[" OWNER "]", { NULL } },
		{ "owners, of whom one is in charge", "'name':'x','ownerReferences':[" OWNER ","
		  "{'apiVersion':'v1','kind':'Pod','name':'p','uid':'2','controller':false,"
		  "'blockOwnerDeletion':true}]", { NULL } },
		{ "an owner who is nobody", "'name':'x','ownerReferences':[{}]",
		  { "metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be "
		    "empty",
		    "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty",
		    "metadata.ownerReferences.name: Invalid value: \"\": must not be empty",
		    "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty" } },
		{ "an owner of no version", "'name':'x','ownerReferences':[{'apiVersion':'apps/',"
		  "'kind':'A','name':'a','uid':'1'}]",
		  { "metadata.ownerReferences.apiVersion: Invalid value: \"apps/\": version must "
		    "not be empty" } },
		{ "an event for an owner", "'name':'x','ownerReferences':[{'apiVersion':'v1',"
		  "'kind':"
		  "'Event','name':'a','uid':'1'}]",
		  { "metadata.ownerReferences: Invalid value: {\"apiVersion\":\"v1\",\"kind\":"
		    "\"Event\",\"name\":\"a\",\"uid\":\"1\"}: /v1, Kind=Event is disallowed from "
		    "being an owner" } },
		{ "two in charge", "'name':'x','ownerReferences':[" OWNER ",{'apiVersion':'v1',"
		  "'kind':"
		  "'Pod','name':'p','uid':'2','controller':true}]",
		  { "metadata.ownerReferences: Invalid value: [{\"apiVersion\":"
		    "\"apps/v1\",\"kind\":"
		    "\"ReplicaSet\",\"name\":\"r\",\"uid\":\"1\",\"controller\":true},"
		    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"2\","
		    "\"controller\":true}]: Only one reference can have Controller set to true. "
		    "Found \"true\" in references for ReplicaSet/r and Pod/p" } },
		{ "finalizers", "'name':'x','finalizers':['orphan','example.com/mine']", { NULL } },
		{ "a finalizer of nobody", "'name':'x','finalizers':['a.io/b','mine']",
		  { "metadata.finalizers[1]: Invalid value: \"mine\": name is neither a standard "
		    "finalizer name nor is it fully qualified" } },
		{ "a finalizer that is no name", "'name':'x','finalizers':['a.io/b c']",
		  { "metadata.finalizers: Invalid value: \"a.io/b c\": name part " KEY_WORDS } },
		{ "finalizers that exclude each other", "'name':'x','finalizers':['orphan',"
		  "'foregroundDeletion']",
		  { "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: "
		    "finalizer orphan and foregroundDeletion cannot be both set" } },
		{ "no name", "'labels':{}",
		  { "metadata.name: Required value: name or generateName is required" } },
		{ "the beginning of a bad name", "'name':'x','generateName':'A_'",
		  { "metadata.generateName: Invalid value: \"A_\": " SUBDOMAIN } },
		{ "the beginning of a name", "'name':'x','generateName':'a-'", { NULL } },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[1024];

		snprintf(body, sizeof(body), "{'metadata':{%s}}", rows[i].meta);
		registry_help_create(h, "endpoints", body);
		if (rows[i].causes[0]) {
			registry_help_causes(h, rows[i].name, rows[i].causes);
			continue;
		}
		if (h->reply.code != 201)
			fail_msg("%s: %s", rows[i].name, registry_help_message(h));
		registry_help_patch(h, "endpoints", "x", NULL, "{'metadata':{'finalizers':null}}");
		assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);
	}
}

/* Fields that no metadata has, or of another type, are an error of the body. */
static void test_bodies(void **state)
{
	static const char *const rows[][2] = {
		{ "'ownerReferences':[{'apiversion':'v1'}]",
		  "strict decoding error: unknown field "
		  "\"metadata.ownerReferences[0].apiversion\"" },
		{ "'ownerReferences':[{'controller':'yes'}]", "json: cannot unmarshal string into "
		  "Go struct field OwnerReference.metadata.ownerReferences.controller of type "
		  "bool" },
		{ "'ownerReferences':{}", "cannot unmarshal object into Go struct field ObjectMeta."
		  "metadata.ownerReferences of type []v1.OwnerReference" },
		{ "'managedFields':[{'manger':'me'}]", "unknown field "
		  "\"metadata.managedFields[0].manger\"" },
		{ "'finalizers':[1]", "cannot unmarshal number into Go struct field "
		  "ObjectMeta.metadata.finalizers of type string" },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[256];

		snprintf(body, sizeof(body), "{'metadata':{'name':'x',%s}}", rows[i][0]);
		assert_int_equal(registry_help_create(h, "endpoints", body), 400);
		if (!strstr(registry_help_message(h), rows[i][1]))
			fail_msg("%s: %s", rows[i][0], registry_help_message(h));
	}
}

static void test_update(void **state)
{
	static const char *const late[REGISTRY_HELP_CAUSES] = {
		"metadata.finalizers: Forbidden: no new finalizers can be added if the object is "
		"being deleted, found new finalizers []string{\"b.io/c\", \"d.io/e\"}",
	};
	static const char *const nobody[REGISTRY_HELP_CAUSES] = {
		"metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
	};
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "endpoints", "{'metadata':{'name':'x',"
					      "'finalizers':['a.io/b']}}"), 201);
	registry_help_patch(h, "endpoints", "x", NULL, "{'metadata':{'ownerReferences':[{"
			    "'apiVersion':'v1','kind':'Pod','name':'p'}]}}");
	registry_help_causes(h, "an owner without uid", nobody);
	assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);
	registry_help_patch(h, "endpoints", "x", NULL, "{'metadata':{'finalizers':['a.io/b',"
			    "'b.io/c','d.io/e']}}");
	registry_help_causes(h, "finalizers that come too late", late);
	assert_int_equal(registry_help_patch(h, "endpoints", "x", NULL,
					     "{'metadata':{'finalizers':[]}}"), 200);
	assert_int_equal(registry_help_get(h, "endpoints", "x"), 404);
}

/* An object with n times that owner. */
static json_t *owned(const char *owner, int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, registry_help_json("%s", owner));
	return json_pack("{s:{s:s, s:o}}", "metadata", "name", "x", "ownerReferences", list);
}

static int create_owned(struct registry_help *h, const char *owner, int n)
{
	json_t *body = owned(owner, n);

	json_decref(h->reply.body);
	registry_create(h->r, registry_help_type("endpoints"), "default", body, 0, &h->reply);
	json_decref(body);
	return h->reply.code;
}

static size_t causes(const struct registry_help *h)
{
	return json_array_size(json_object_get(json_object_get(h->reply.body, "details"),
					       "causes"));
}

static void test_many_owners(void **state)
{
	static const char *const many[REGISTRY_HELP_CAUSES] = {
		"metadata.ownerReferences: Too many: 1001: must have at most 1000 items",
	};
	struct registry_help *h = *state;

	/* The list is shown once, however many want to be in charge. */
	assert_int_equal(create_owned(h, OWNER, 1000), 422);
	assert_int_equal(causes(h), 1);
	assert_int_equal(create_owned(h, OWNER, 1001), 422);
	registry_help_causes(h, "too many owners", many);
	/* Four errors each. */
	assert_int_equal(create_owned(h, "{}", 1000), 422);
	assert_int_equal(causes(h), FIELD_ERRORS_MAX + 1);
	assert_int_equal(create_owned(h, NOT_IN_CHARGE, 1000), 201);
}

/* More than may be today, from before there was a bound: it can be changed, and not grow. */
static void test_old_owners(void **state)
{
	struct registry_help *h = *state;
	json_t *old = owned(NOT_IN_CHARGE, 1001), *list;
	struct reply r;
	struct txn t;

	json_object_update_new(json_object_get(old, "metadata"), registry_help_json(
		"{'namespace':'default','creationTimestamp':'2026-01-01T00:00:00Z'}"));
	txn_begin(&t, h->r);
	txn_put(&t, registry_help_type("endpoints"), json_deep_copy(old), NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(registry_help_patch(h, "endpoints", "x", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	list = json_object_get(json_object_get(old, "metadata"), "ownerReferences");
	json_array_append_new(list, registry_help_json("%s", NOT_IN_CHARGE));
	registry_update(h->r, registry_help_type("endpoints"), "default", "x", NULL, old, 0, &r);
	assert_int_equal(r.code, 422);
	json_decref(r.body);
	json_decref(old);
	assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_create), T(test_bodies), T(test_update), T(test_many_owners),
		T(test_old_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
