// SPDX-License-Identifier: GPL-2.0
/* The three-way merge of "apply", and the patches that come of it. */
#include "last_applied.h"
#include "merge3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* With ' for " */
static json_t *parse(const char *text)
{
	char *copy = text ? strdup(text) : NULL, *c;
	json_error_t e;
	json_t *v;

	if (!copy)
		return NULL;
	for (c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	v = json_loads(copy, JSON_DECODE_ANY, &e);
	if (!v)
		fail_msg("%s: %s", e.text, copy);
	free(copy);
	return v;
}

static void assert_json(const char *name, json_t *got, const char *expected)
{
	json_t *want = parse(expected);
	char *text = json_dumps(got, JSON_SORT_KEYS);

	if (!json_equal(got, want))
		fail_msg("%s: %s, not %s", name, text, expected);
	free(text);
	json_decref(want);
	json_decref(got);
}

static const struct {
	const char *name, *kind, *last, *now, *live, *expected;
} merges[] = {
	{ "a field of the manifest is set", "Service", NULL, "{'a':1}", "{'a':2}", "{'a':1}" },
	{ "a field of others stays", "Service", "{}", "{'a':1}", "{'b':2}", "{'a':1,'b':2}" },
	{ "a field that is named no longer goes", "Service", "{'b':1,'m':{'x':1,'y':1}}",
	  "{'m':{'y':1}}", "{'b':2,'m':{'x':1,'y':2,'z':3}}", "{'m':{'y':1,'z':3}}" },
	{ "a map that is named no longer goes whole", "Service", "{'m':{'x':1}}", "{}",
	  "{'m':{'x':1,'z':3}}", "{}" },
	{ "null takes a field away", "Service", NULL, "{'a':null,'b':{'c':null}}",
	  "{'a':1,'b':{'c':1,'d':1}}", "{'b':{'d':1}}" },
	{ "null is nothing where nothing was", "Service", NULL, "{'m':{'a':null}}", "{}",
	  "{'m':{}}" },
	{ "without a last one, nothing goes", "Service", NULL, "{'a':1}", "{'a':1,'b':1}",
	  "{'a':1,'b':1}" },
	{ "a map takes the place of another type", "Service", NULL, "{'m':{'a':1}}", "{'m':3}",
	  "{'m':{'a':1}}" },
	{ "other lists are replaced whole", "Service", "{'spec':{'externalIPs':[1]}}",
	  "{'spec':{'externalIPs':[2]}}", "{'spec':{'externalIPs':[1,3]}}",
	  "{'spec':{'externalIPs':[2]}}" },
	{ "the ports of a service merge", "Service", "{'spec':{'ports':[{'port':80}]}}",
	  "{'spec':{'ports':[{'port':80,'name':'a'}]}}",
	  "{'spec':{'ports':[{'port':80,'protocol':'TCP','nodePort':30080}]}}",
	  "{'spec':{'ports':[{'port':80,'protocol':'TCP','nodePort':30080,'name':'a'}]}}" },
	{ "a port that is named no longer goes, that of another stays in its place", "Service",
	  "{'spec':{'ports':[{'port':1},{'port':2}]}}", "{'spec':{'ports':[{'port':2}]}}",
	  "{'spec':{'ports':[{'port':1},{'port':9},{'port':2},{'port':8}]}}",
	  "{'spec':{'ports':[{'port':9},{'port':2},{'port':8}]}}" },
	{ "the order is the manifest's", "Service", NULL,
	  "{'spec':{'ports':[{'port':2},{'port':3},{'port':1}]}}",
	  "{'spec':{'ports':[{'port':1},{'port':2}]}}",
	  "{'spec':{'ports':[{'port':2},{'port':3},{'port':1}]}}" },
	{ "two protocols of a port are two ports", "Service", NULL,
	  "{'spec':{'ports':[{'port':53,'protocol':'UDP'},{'port':53,'name':'t'}]}}",
	  "{'spec':{'ports':[{'port':53,'protocol':'TCP','nodePort':1},"
	  "{'port':53,'protocol':'UDP','nodePort':2}]}}",
	  "{'spec':{'ports':[{'port':53,'protocol':'UDP','nodePort':2},"
	  "{'port':53,'protocol':'TCP','nodePort':1,'name':'t'}]}}" },
	{ "a port's field that is named no longer goes", "Service",
	  "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}", "{'spec':{'ports':[{'port':80}]}}",
	  "{'spec':{'ports':[{'port':80,'nodePort':30080,'x':1}]}}",
	  "{'spec':{'ports':[{'port':80,'x':1}]}}" },
	{ "containers merge by their names, and their ports", "Pod", NULL,
	  "{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80}]}]}}",
	  "{'spec':{'containers':[{'name':'side'},{'name':'a','image':'i','ports':["
	  "{'containerPort':80,'protocol':'TCP','name':'x'}]}]}}",
	  "{'spec':{'containers':[{'name':'side'},{'name':'a','image':'i','ports':["
	  "{'containerPort':80,'protocol':'TCP','name':'x'}]}]}}" },
	{ "the same path of another type is another list", "Endpoints", NULL,
	  "{'spec':{'ports':[{'port':80}]}}", "{'spec':{'ports':[{'port':81}]}}",
	  "{'spec':{'ports':[{'port':80}]}}" },
	{ "finalizers are a set", "Service", "{'metadata':{'finalizers':['a']}}",
	  "{'metadata':{'finalizers':['c']}}", "{'metadata':{'finalizers':['a','b']}}",
	  "{'metadata':{'finalizers':['c','b']}}" },
	{ "what is the server's is not taken away", "Service",
	  "{'metadata':{'uid':'u','resourceVersion':'1','labels':{'uid':'x'}},'status':{},'x':1}",
	  "{'metadata':{}}", "{'metadata':{'uid':'u','resourceVersion':'2','labels':{'uid':'x'}},"
	  "'status':{'a':1},'x':1}",
	  "{'metadata':{'uid':'u','resourceVersion':'2'},'status':{'a':1}}" },
	{ "what is no map in a list that merges is itself its key", "Service", NULL,
	  "{'spec':{'ports':[3]}}", "{'spec':{'ports':[3,4]}}", "{'spec':{'ports':[3,4]}}" },
};

static void test_merge(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		json_t *last = parse(merges[i].last), *now = parse(merges[i].now);
		json_t *live = parse(merges[i].live), *before = json_deep_copy(live);

		assert_json(merges[i].name, merge3(merges[i].kind, last, now, live),
			    merges[i].expected);
		assert_true(json_equal(live, before));
		json_decref(before);
		json_decref(last);
		json_decref(now);
		json_decref(live);
	}
}

static const struct {
	const char *name, *from, *to, *expected;
} diffs[] = {
	{ "equal", "{'a':{'b':[1]}}", "{'a':{'b':[1]}}", "{}" },
	{ "gone", "{'a':1,'b':{'c':1,'d':1}}", "{'b':{'d':1}}", "{'a':null,'b':{'c':null}}" },
	{ "new", "{}", "{'a':{'b':1}}", "{'a':{'b':1}}" },
	{ "other", "{'a':1,'b':1}", "{'a':2,'b':1}", "{'a':2}" },
	{ "lists are whole", "{'a':[1,2]}", "{'a':[1]}", "{'a':[1]}" },
	{ "another type", "{'a':{'b':1}}", "{'a':[1]}", "{'a':[1]}" },
	{ "a map instead", "{'a':1}", "{'a':{'b':1}}", "{'a':{'b':1}}" },
	{ "an empty map", "{'a':{'b':1}}", "{'a':{}}", "{'a':{'b':null}}" },
};

static void test_diff(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(diffs) / sizeof(diffs[0]); i++) {
		json_t *from = parse(diffs[i].from), *to = parse(diffs[i].to);

		assert_json(diffs[i].name, merge3_diff(from, to), diffs[i].expected);
		json_decref(from);
		json_decref(to);
	}
}

/* As Go's encoder has it: sorted, compact, without what HTML could take for its own. */
static void test_annotation(void **state)
{
	json_t *object = parse("{'kind':'K','metadata':{'name':'n','annotations':{'z':'<&>/',"
			       "'" LAST_APPLIED "':'old'}},'a':null}");
	json_t *added = last_applied_add(object, "ns"), *back;
	struct err e = { "" };
	const char *text;

	(void)state;
	text = json_string_value(json_object_get(json_object_get(json_object_get(added,
				 "metadata"), "annotations"), LAST_APPLIED));
	assert_string_equal(text, "{\"a\":null,\"kind\":\"K\",\"metadata\":{\"annotations\":{"
			    "\"z\":\"\\u003c\\u0026\\u003e/\"},\"name\":\"n\","
			    "\"namespace\":\"ns\"}}\n");
	assert_int_equal(last_applied_read(added, &back, &e), 0);
	assert_json("read back", back, "{'a':null,'kind':'K','metadata':{'name':'n',"
		    "'namespace':'ns','annotations':{'z':'<&>/'}}}");
	json_decref(added);
	json_decref(object);
}

static void test_no_annotation(void **state)
{
	json_t *object = parse("{'metadata':null}"), *added = last_applied_add(object, NULL), *back;
	struct err e = { "" };

	(void)state;
	assert_json("made", added, "{'metadata':{'annotations':{'" LAST_APPLIED "':"
		    "'{\\'metadata\\':{\\'annotations\\':{}}}\\n'}}}");
	assert_int_equal(last_applied_read(object, &back, &e), 0);
	assert_null(back);
	json_decref(object);
	object = parse("{'metadata':{'annotations':{'" LAST_APPLIED "':'[1]'}}}");
	assert_true(last_applied_read(object, &back, &e) < 0);
	assert_null(back);
	assert_non_null(strstr(e.text, "remove it, and apply again"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_annotation),
		cmocka_unit_test(test_no_annotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
