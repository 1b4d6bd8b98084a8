// SPDX-License-Identifier: GPL-2.0
/* What an owner that goes takes along, and what it leaves. */
#include "registry_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REF	"{'apiVersion':'v1','kind':'Service','name':'%s','uid':'%s'}"
#define POD	"{'nodeName':'n1','terminationGracePeriodSeconds':%d,'containers':[{'name':'c'," \
		"'image':'x'}]}"

struct owner {
	char ref[256];
};

/* A Service that these own; "" nobody. */
static struct owner service(struct registry_help *h, const char *name, const char *refs,
			    const char *more)
{
	char body[1024];
	struct owner o;

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','ownerReferences':[%s]%s},'spec':"
		 "{'ports':[{'port':80}],'selector':{'a':'b'}}}", name, refs, more);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
	snprintf(o.ref, sizeof(o.ref), REF, name, registry_help_value(h, "metadata.uid"));
	return o;
}

static void pod(struct registry_help *h, const char *name, const char *refs, int grace)
{
	char body[1024];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','ownerReferences':[%s]},'spec':" POD
		 "}", name, refs, grace);
	if (registry_help_create(h, "pods", body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static int end_of(struct registry_help *h, const char *plural, const char *name,
		  unsigned int flags)
{
	struct reply reply;

	registry_delete(h->r, registry_help_type(plural), "default", name, flags, &reply);
	json_decref(h->reply.body);
	h->reply = reply;
	return reply.code;
}

static int end(struct registry_help *h, const char *name, unsigned int flags)
{
	return end_of(h, "services", name, flags);
}

/* One that loses its owners in different rounds goes with the last. */
static void test_rounds(void **state)
{
	struct registry_help *h = *state;
	struct owner a = service(h, "a", "", ""), b = service(h, "b", a.ref, "");
	char both[520];

	snprintf(both, sizeof(both), "%s,%s", a.ref, b.ref);
	service(h, "c", both, "");
	service(h, "held", both, ",'finalizers':['x.io/one']");
	assert_int_equal(end(h, "a", 0), 200);
	assert_int_equal(registry_help_get(h, "services", "b"), 404);
	assert_int_equal(registry_help_get(h, "services", "c"), 404);
	assert_int_equal(registry_help_get(h, "services", "held"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "0");
	registry_help_reopen(h);
	assert_int_equal(registry_help_get(h, "services", "c"), 404);
}

/* What is held is no reason to go: its own wait for it. */
static void test_held_owner(void **state)
{
	struct registry_help *h = *state;
	struct owner a = service(h, "a", "", ""), b;

	b = service(h, "b", a.ref, ",'finalizers':['x.io/one']");
	service(h, "c", b.ref, "");
	assert_int_equal(end(h, "a", 0), 200);
	assert_int_equal(registry_help_get(h, "services", "c"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"), "");
	assert_int_equal(registry_help_patch(h, "services", "b", NULL,
					     "{'metadata':{'finalizers':null}}"), 200);
	assert_int_equal(registry_help_get(h, "services", "c"), 404);
}

static void test_orphans(void **state)
{
	struct registry_help *h = *state;
	struct owner a = service(h, "a", "", ""), b = service(h, "b", "", "");
	char both[520];

	snprintf(both, sizeof(both), "%s,%s", a.ref, b.ref);
	service(h, "of-a", a.ref, "");
	service(h, "of-both", both, "");
	assert_int_equal(end(h, "a", REGISTRY_ORPHAN | REGISTRY_DRY_RUN), 200);
	assert_int_equal(registry_help_get(h, "services", "of-a"), 200);
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.0.name"), "a");

	assert_int_equal(end(h, "a", REGISTRY_ORPHAN), 200);
	assert_int_equal(registry_help_get(h, "services", "a"), 404);
	assert_int_equal(registry_help_get(h, "services", "of-a"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"), "");
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.0.name"), "");
	assert_int_equal(registry_help_get(h, "services", "of-both"), 200);
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.0.name"), "b");
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.1.name"), "");
	/* Only of the one that was deleted so. */
	assert_int_equal(end(h, "b", 0), 200);
	assert_int_equal(registry_help_get(h, "services", "of-both"), 404);
	assert_int_equal(registry_help_get(h, "services", "of-a"), 200);
}

static void test_orphans_of_held(void **state)
{
	struct registry_help *h = *state;
	struct owner a = service(h, "a", "", ",'finalizers':['x.io/one']");

	service(h, "of-a", a.ref, "");
	assert_int_equal(end(h, "a", REGISTRY_ORPHAN), 200);
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'metadata':{'finalizers':null}}"), 200);
	assert_int_equal(registry_help_get(h, "services", "a"), 404);
	assert_int_equal(registry_help_get(h, "services", "of-a"), 200);
}

static void test_pods_have_time(void **state)
{
	struct registry_help *h = *state;
	struct owner a = service(h, "a", "", ""), b = service(h, "b", a.ref, "");
	struct err e = { "" };
	char both[520];

	snprintf(both, sizeof(both), "%s,%s", a.ref, b.ref);
	pod(h, "slow", both, 30);
	pod(h, "quick", a.ref, 0);
	assert_int_equal(end(h, "a", 0), 200);
	assert_int_equal(registry_help_get(h, "pods", "quick"), 404);
	assert_int_equal(registry_help_get(h, "pods", "slow"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "30");
	h->now += 29;
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(registry_help_get(h, "pods", "slow"), 200);
	h->now++;
	assert_int_equal(registry_tick(h->r, &e), 0);
	assert_int_equal(registry_help_get(h, "pods", "slow"), 404);
}

/* It answers what would be answered: the object when it would stay. */
static void test_dry_run_of_held(void **state)
{
	struct registry_help *h = *state;
	char version[32];

	service(h, "a", "", ",'finalizers':['x.io/one']");
	snprintf(version, sizeof(version), "%s",
		 registry_help_value(h, "metadata.resourceVersion"));
	/* A Service is answered itself; Endpoints only when they stay. */
	assert_int_equal(registry_help_create(h, "endpoints", "{'metadata':{'name':'x',"
					      "'finalizers':['x.io/one']}}"), 201);
	assert_int_equal(end_of(h, "endpoints", "x", REGISTRY_DRY_RUN), 200);
	assert_string_equal(registry_help_value(h, "kind"), "Endpoints");
	assert_int_equal(end(h, "a", REGISTRY_DRY_RUN), 200);
	assert_string_equal(registry_help_value(h, "kind"), "Service");
	assert_string_not_equal(registry_help_value(h, "metadata.deletionTimestamp"), "");
	assert_string_equal(registry_help_value(h, "metadata.resourceVersion"), version);
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"), "");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_rounds), TEST(test_held_owner), TEST(test_orphans),
		TEST(test_orphans_of_held), TEST(test_pods_have_time), TEST(test_dry_run_of_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
