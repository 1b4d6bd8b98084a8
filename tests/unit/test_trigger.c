// SPDX-License-Identifier: GPL-2.0
/* The time that Endpoints and slices note: of what they follow from, if that is known. */
#include "registry_help.h"

#include "jx.h"
#include "trigger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *note_of(const json_t *object)
{
	const json_t *notes = jx_get(object, "metadata.annotations");
	const char *note = json_string_value(json_object_get(notes, TRIGGER_ANNOTATION));

	/* Without any there are no annotations either. */
	assert_true(!notes || json_object_size(notes));
	return note ? note : "";
}

static void expect_slice(struct registry_help *h, const char *what, const char *want)
{
	struct registry_query q = { "kubernetes.io/service-name=web", NULL };
	struct reply list;
	const json_t *items;

	registry_list(h->r, registry_help_type("endpointslices"), "default", &q, &list);
	items = json_object_get(list.body, "items");
	assert_int_equal(json_array_size(items), 1);
	if (strcmp(note_of(json_array_get(items, 0)), want))
		fail_msg("%s: the slice has '%s', not '%s'", what,
			 note_of(json_array_get(items, 0)), want);
	json_decref(list.body);
}

static void expect(struct registry_help *h, const char *what, const char *want)
{
	assert_int_equal(registry_help_get(h, "endpoints", "web"), 200);
	if (strcmp(note_of(h->reply.body), want))
		fail_msg("%s: the Endpoints have '%s', not '%s'", what, note_of(h->reply.body),
			 want);
	expect_slice(h, what, want);
}

static void make_pod(struct registry_help *h, const char *name, const char *app)
{
	char body[512];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{'app':'%s'}},'spec':{"
		 "'nodeName':'n1','containers':[{'name':'c','image':'x'}]}}", name, app);
	assert_int_equal(registry_help_create(h, "pods", body), 201);
}

/* since NULL: it is not said. */
static void run(struct registry_help *h, const char *name, const char *ip, bool ready,
		const char *since)
{
	char body[512];

	snprintf(body, sizeof(body), "{'status':{'phase':'Running','podIP':'%s','conditions':[{"
		 "'type':'Ready','status':'%s'%s%s%s}]}}", ip, ready ? "True" : "False",
		 since ? ",'lastTransitionTime':'" : "", since ? since : "", since ? "'" : "");
	if (registry_help_patch(h, "pods", name, "status", body) != 200)
		fail_msg("%s", registry_help_message(h));
}

static void patch(struct registry_help *h, const char *plural, const char *name, const char *body)
{
	if (registry_help_patch(h, plural, name, NULL, body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}

#define AT(s)	"2024-01-01T00:00:0" #s "Z"

static void test_noted(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'web'},'spec':{"
					      "'selector':{'app':'web'},'ports':[{'port':80}]}}"),
			 201);
	expect(h, "made", registry_help_value(h, "metadata.creationTimestamp"));
	make_pod(h, "p", "web");
	run(h, "p", "10.0.0.1", true, AT(2));
	expect(h, "ready", AT(2));
	/* Nothing to be written, and so nothing to be noted. */
	run(h, "p", "10.0.0.1", true, AT(3));
	expect(h, "ready later", AT(2));
	run(h, "p", "10.0.0.1", false, AT(4));
	expect(h, "not ready", AT(4));
	run(h, "p", "10.0.0.2", false, AT(4));
	expect(h, "another address", "");
	run(h, "p", "10.0.0.2", true, AT(3));
	expect(h, "back in time", "");
	run(h, "p", "10.0.0.2", false, "yesterday");
	expect(h, "nonsense", "");
	run(h, "p", "10.0.0.2", true, NULL);
	expect(h, "not said", "");
	run(h, "p", "10.0.0.2", false, AT(5));
	expect(h, "said again", AT(5));
	registry_help_reopen(h);
	expect(h, "a start", AT(5));
	assert_int_equal(registry_help_delete(h, "pods", "p"), 200);
	expect(h, "gone", "");
}

static void test_selected(void **state)
{
	struct registry_help *h = *state;

	for (int i = 1; i <= 4; i++) {
		char name[16], ip[32], since[64];

		snprintf(name, sizeof(name), "p%d", i);
		snprintf(ip, sizeof(ip), "10.0.0.%d", i);
		snprintf(since, sizeof(since), "2024-01-01T00:00:0%dZ", i);
		make_pod(h, name, i < 3 ? "web" : "other");
		run(h, name, ip, true, since);
	}
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'web'},'spec':{"
					      "'selector':{'app':'web'},'ports':[{'port':80}]}}"),
			 201);
	expect(h, "made", registry_help_value(h, "metadata.creationTimestamp"));
	patch(h, "pods", "p4", "{'metadata':{'labels':{'app':'web'}}}");
	expect(h, "a pod is selected", AT(4));
	patch(h, "pods", "p4", "{'metadata':{'labels':{'app':'other'}}}");
	expect(h, "a pod is not selected any more", "");
	patch(h, "services", "web", "{'spec':{'selector':{'app':'other'}}}");
	expect(h, "another selector", AT(3));
	patch(h, "services", "web", "{'metadata':{'labels':{'a':'b'}}}");
	expect(h, "other labels", "");
	patch(h, "services", "web", "{'spec':{'ports':[{'port':80,'targetPort':8080}]}}");
	expect(h, "other ports", "");
	run(h, "p4", "10.0.0.4", false, AT(7));
	expect(h, "not ready", AT(7));
	assert_int_equal(registry_help_create(h, "nodes", "{'metadata':{'name':'n1','labels':{"
					      "'topology.kubernetes.io/zone':'a'}}}"), 201);
	expect_slice(h, "another zone", "");
}

/* What somebody else noted stays, as a neighbour; and the fields stay in their order. */
static void test_neighbours(void **state)
{
	json_t *o = registry_help_json("{'metadata':{'name':'x','labels':{'l':'m'},'annotations':"
				       "{'a':'b'},'ownerReferences':[]}}");
	char *text;

	(void)state;
	trigger_note(o, 1);
	assert_string_equal(note_of(o), "1970-01-01T00:00:01Z");
	trigger_note(o, 0);
	assert_string_equal(note_of(o), "");
	jx_del(o, "metadata.annotations");
	trigger_note(o, 1);
	text = jx_print(o);
	assert_string_equal(text, "{\"metadata\":{\"name\":\"x\",\"labels\":{\"l\":\"m\"},"
			    "\"annotations\":{\"" TRIGGER_ANNOTATION "\":"
			    "\"1970-01-01T00:00:01Z\"}}}");
	free(text);
	json_decref(o);
	assert_int_equal(trigger_min(0, 5), 5);
	assert_int_equal(trigger_min(5, 0), 5);
	assert_int_equal(trigger_min(5, 4), 4);
	assert_int_equal(trigger_of_pod(NULL), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_noted), TEST(test_selected), cmocka_unit_test(test_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
