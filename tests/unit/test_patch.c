// SPDX-License-Identifier: GPL-2.0
/* Strategic merge patches and JSON patches, on their own. */
#include "err.h"
#include "json_help.h"
#include "jx.h"
#include "patch_json.h"
#include "patch_strategic.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name, *kind, *old, *patch;
	const char *want;	/* or, behind an error's code, a part of its words */
	int code;
};

static int apply(const struct row *row, const json_t *old, const json_t *patch, json_t **out,
		 struct err *e)
{
	if (row->kind)
		return patch_strategic(row->kind, old, patch, out, e);
	return patch_json(old, patch, out, e);
}

static void run(const struct row *row)
{
	json_t *old = json_help_parse(row->old), *was = json_help_parse(row->old);
	json_t *patch = json_help_parse(row->patch), *out = NULL;
	struct err e = { "" };
	int rc;

	rc = apply(row, old, patch, &out, &e);
	if (rc != row->code)
		fail_msg("%s: %d %s", row->name, rc, e.text);
	if (!json_equal(old, was))
		fail_msg("%s: the old object was changed", row->name);
	if (rc) {
		if (!strstr(e.text, row->want))
			fail_msg("%s: %s", row->name, e.text);
	} else {
		json_help_equal(row->name, out, row->want);
	}
	json_decref(out);
	json_decref(old);
	json_decref(was);
	json_decref(patch);
}

#define SVC(ports)	"{'spec':{'ports':[" ports "]}}"
#define P80		"{'port':80,'targetPort':8080}"
#define P443		"{'port':443}"
#define P53		"{'port':53,'protocol':'UDP'}"

static const struct row strategic[] = {
	{ "maps are merged, null deletes", "Service", "{'a':{'b':1,'c':2}}",
	  "{'a':{'b':null,'d':3},'e':null}", "{'a':{'c':2,'d':3}}", 0 },
	{ "a nested null of a new map is nothing", "Service", "{}", "{'a':{'b':{'c':null}}}",
	  "{'a':{'b':{}}}", 0 },
	{ "a list without a key is replaced", "Service", "{'spec':{'externalIPs':['a','b']}}",
	  "{'spec':{'externalIPs':['c']}}", "{'spec':{'externalIPs':['c']}}", 0 },
	{ "ports are merged by their number", "Service", SVC(P80 "," P443),
	  SVC("{'port':443,'name':'s'}," P53),
	  SVC(P80 ",{'port':443,'name':'s'}," P53), 0 },
	{ "what is new comes first, as the patch has it", "Service", SVC(P80 "," P443),
	  SVC(P53 "," P443), SVC(P53 "," P80 "," P443), 0 },
	{ "the same list of another kind is replaced", "Endpoints", SVC(P80), SVC(P443), SVC(P443),
	  0 },
	{ "an item is deleted", "Service", SVC(P80 "," P443),
	  SVC("{'port':80,'$patch':'delete'}"), SVC(P443), 0 },
	{ "an item that is not there is deleted", "Service", SVC(P80),
	  SVC("{'port':81,'$patch':'delete'}"), SVC(P80), 0 },
	{ "an item is deleted and made anew", "Service", SVC(P80),
	  SVC("{'port':80,'$patch':'delete'},{'port':80,'name':'n'}"),
	  SVC("{'port':80,'name':'n'}"), 0 },
	{ "a list is replaced by word", "Service", SVC(P80 "," P443),
	  SVC("{'$patch':'replace'}," P53), SVC(P53), 0 },
	{ "a map is replaced by word", "Service", "{'spec':{'a':1,'selector':{'x':'y'}}}",
	  "{'spec':{'selector':{'$patch':'replace','z':'w'}}}",
	  "{'spec':{'a':1,'selector':{'z':'w'}}}", 0 },
	{ "a map is emptied by word", "Service", "{'spec':{'selector':{'x':'y'}}}",
	  "{'spec':{'selector':{'$patch':'delete'}}}", "{'spec':{'selector':{}}}", 0 },
	{ "a list that is replaced takes no other directive along", "Service", SVC(P80),
	  SVC("{'$patch':'replace'},{'port':80,'$patch':'delete'}," P443), SVC(P443), 0 },
	{ "items have lists with keys of their own", "Pod",
	  "{'spec':{'containers':[{'name':'a','env':[{'name':'X','value':'1'}],'args':['q']}]}}",
	  "{'spec':{'containers':[{'name':'a','env':[{'name':'Y','value':'2'}],'args':['r']}]}}",
	  "{'spec':{'containers':[{'name':'a','env':[{'name':'Y','value':'2'},"
	  "{'name':'X','value':'1'}],'args':['r']}]}}", 0 },
	{ "tolerations are replaced", "Pod", "{'spec':{'tolerations':[{'key':'a'}]}}",
	  "{'spec':{'tolerations':[{'key':'b'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}", 0 },
	{ "an order moves the items that it names", "Service", SVC(P80 "," P443),
	  "{'spec':{'$setElementOrder/ports':[{'port':443},{'port':80}],'ports':[{'port':443,"
	  "'name':'s'}]}}", SVC("{'port':443,'name':'s'}," P80), 0 },
	{ "an order alone", "Service", SVC(P80 "," P443),
	  "{'spec':{'$setElementOrder/ports':[{'port':443},{'port':80}]}}", SVC(P443 "," P80), 0 },
	{ "what the order does not name keeps its place", "Service", SVC(P53 "," P80 "," P443),
	  "{'spec':{'$setElementOrder/ports':[{'port':443},{'port':80}]}}",
	  SVC(P53 "," P443 "," P80), 0 },
	{ "kubectl apply renames a port", "Service", SVC(P80 ",{'port':443,'name':'s'}"),
	  "{'spec':{'$setElementOrder/ports':[{'port':80},{'port':444}],'ports':[{'port':444,"
	  "'name':'s'},{'$patch':'delete','port':443}]}}", SVC(P80 ",{'port':444,'name':'s'}"), 0 },
	{ "an order of a list that is not there", "Service", "{}",
	  "{'$setElementOrder/ports':[{'port':443}]}", "{}", 0 },
	{ "values are joined", "Service", "{'metadata':{'finalizers':['a','b']}}",
	  "{'metadata':{'finalizers':['b','c']}}", "{'metadata':{'finalizers':['a','b','c']}}",
	  0 },
	{ "values are deleted", "Service", "{'metadata':{'finalizers':['a','b']}}",
	  "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a','x']}}",
	  "{'metadata':{'finalizers':['b']}}", 0 },
	{ "values are deleted, added and put in order", "Service",
	  "{'metadata':{'finalizers':['a','b','c']}}",
	  "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a'],"
	  "'$setElementOrder/finalizers':['d','c','b'],'finalizers':['d']}}",
	  "{'metadata':{'finalizers':['d','c','b']}}", 0 },
	{ "only the keys that it retains stay", "Pod",
	  "{'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}",
	  "{'spec':{'volumes':[{'name':'v','$retainKeys':['name','hostPath'],'hostPath':{'path':"
	  "'/x'}}]}}", "{'spec':{'volumes':[{'name':'v','hostPath':{'path':'/x'}}]}}", 0 },
	{ "old items without a key stay", "Service", SVC("{'name':'x'},7"), SVC(P80),
	  SVC(P80 ",{'name':'x'},7"), 0 },
	{ "a list over what was no list", "Service", "{'spec':{'ports':7}}", SVC(P80), SVC(P80),
	  0 },
	{ "a map over what was no map", "Service", "{'spec':[1]}", "{'spec':{'a':1}}",
	  "{'spec':{'a':1}}", 0 },
	{ "an item without its key", "Service", SVC(P80), SVC("{'name':'x'}"),
	  "spec.ports: map: the patch does not contain declared merge key: port", -EINVAL },
	{ "an item with null for its key", "Service", SVC(P80), SVC("{'port':null}"),
	  "declared merge key: port", -EINVAL },
	{ "an item that is no map", "Service", SVC(P80), SVC("80"), "declared merge key", -EINVAL },
	{ "an unknown directive", "Service", "{}", "{'spec':{'$patch':'merge'}}",
	  "spec: unknown patch type [merge]", -EINVAL },
	{ "a directive that is no word", "Service", "{}", "{'$patch':7}", "unknown patch type []",
	  -EINVAL },
	{ "an order that misses an item of the patch", "Service", SVC(P80),
	  "{'spec':{'$setElementOrder/ports':[{'port':80}],'ports':[{'port':443}]}}",
	  "doesn't match $setElementOrder list", -EINVAL },
	{ "an order that is no list", "Service", SVC(P80),
	  "{'spec':{'$setElementOrder/ports':{},'ports':[]}}", "directives of a list", -EINVAL },
	{ "retained keys that are no list", "Pod", "{}", "{'$retainKeys':'a'}", "$retainKeys",
	  -EINVAL },
	{ "a patch that is no map", "Service", "{}", "[]", "must be a JSON object", -EINVAL },
};

static void test_strategic(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strategic) / sizeof(*strategic); i++)
		run(&strategic[i]);
}

/* The examples of RFC 6902, appendix A, and what must be refused. */
static const struct row json[] = {
	{ "A.1 adding a member", NULL, "{'foo':'bar'}",
	  "[{'op':'add','path':'/baz','value':'qux'}]", "{'baz':'qux','foo':'bar'}", 0 },
	{ "A.2 adding an element", NULL, "{'foo':['bar','baz']}",
	  "[{'op':'add','path':'/foo/1','value':'qux'}]", "{'foo':['bar','qux','baz']}", 0 },
	{ "A.3 removing a member", NULL, "{'baz':'qux','foo':'bar'}",
	  "[{'op':'remove','path':'/baz'}]", "{'foo':'bar'}", 0 },
	{ "A.4 removing an element", NULL, "{'foo':['bar','qux','baz']}",
	  "[{'op':'remove','path':'/foo/1'}]", "{'foo':['bar','baz']}", 0 },
	{ "A.5 replacing a value", NULL, "{'baz':'qux','foo':'bar'}",
	  "[{'op':'replace','path':'/baz','value':'boo'}]", "{'baz':'boo','foo':'bar'}", 0 },
	{ "A.6 moving a value", NULL, "{'foo':{'bar':'baz','waldo':'fred'},'qux':{'corge':'g'}}",
	  "[{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]",
	  "{'foo':{'bar':'baz'},'qux':{'corge':'g','thud':'fred'}}", 0 },
	{ "A.7 moving an element", NULL, "{'foo':['all','grass','cows','eat']}",
	  "[{'op':'move','from':'/foo/1','path':'/foo/3'}]",
	  "{'foo':['all','cows','eat','grass']}", 0 },
	{ "A.8 testing a value: success", NULL, "{'baz':'qux','foo':['a',2,'c']}",
	  "[{'op':'test','path':'/baz','value':'qux'},{'op':'test','path':'/foo/1','value':2.0}]",
	  "{'baz':'qux','foo':['a',2,'c']}", 0 },
	{ "A.9 testing a value: error", NULL, "{'baz':'qux'}",
	  "[{'op':'test','path':'/baz','value':'bar'}]", "operation 0: testing value /baz failed",
	  -ENOENT },
	{ "A.10 adding a nested member", NULL, "{'foo':'bar'}",
	  "[{'op':'add','path':'/child','value':{'grandchild':{}}}]",
	  "{'foo':'bar','child':{'grandchild':{}}}", 0 },
	{ "A.11 ignoring unknown members", NULL, "{}",
	  "[{'op':'add','path':'/baz','value':1,'xyz':123}]", "{'baz':1}", 0 },
	{ "A.12 adding to what is not there", NULL, "{'foo':'bar'}",
	  "[{'op':'add','path':'/baz/bat','value':'qux'}]", "\"/baz/bat\" is not in the object",
	  -ENOENT },
	{ "A.14 escapes", NULL, "{'/':9,'~1':10}", "[{'op':'test','path':'/~01','value':10},"
	  "{'op':'replace','path':'/~1','value':8}]", "{'/':8,'~1':10}", 0 },
	{ "A.15 comparing a string with a number", NULL, "{'~1':10}",
	  "[{'op':'test','path':'/~01','value':'10'}]", "failed", -ENOENT },
	{ "A.16 appending", NULL, "{'foo':['bar']}",
	  "[{'op':'add','path':'/foo/-','value':['abc']}]", "{'foo':['bar',['abc']]}", 0 },
	{ "the whole document", NULL, "{'a':1}", "[{'op':'replace','path':'','value':{'b':2}},"
	  "{'op':'copy','from':'','path':'/c'}]", "{'b':2,'c':{'b':2}}", 0 },
	{ "a copy is a value of its own", NULL, "{'a':{'x':1}}", "[{'op':'copy','from':'/a',"
	  "'path':'/b'},{'op':'add','path':'/b/x','value':2}]", "{'a':{'x':1},'b':{'x':2}}", 0 },
	{ "null is a value", NULL, "{'a':1}", "[{'op':'add','path':'/a','value':null},"
	  "{'op':'test','path':'/a','value':null}]", "{'a':null}", 0 },
	{ "moving to where it is", NULL, "{'a':1}", "[{'op':'move','from':'/a','path':'/a'}]",
	  "{'a':1}", 0 },
	{ "an empty name is a name", NULL, "{}", "[{'op':'add','path':'/','value':1}]", "{'':1}",
	  0 },
	{ "all or nothing", NULL, "{'a':1}", "[{'op':'remove','path':'/a'},{'op':'remove',"
	  "'path':'/a'}]", "operation 1: the path \"/a\" is not in the object", -ENOENT },
	{ "past the end", NULL, "{'a':[1]}", "[{'op':'add','path':'/a/2','value':1}]",
	  "not in the object", -ENOENT },
	{ "a leading zero", NULL, "{'a':[1,2]}", "[{'op':'remove','path':'/a/01'}]",
	  "not in the object", -ENOENT },
	{ "a negative index", NULL, "{'a':[1,2]}", "[{'op':'remove','path':'/a/-1'}]",
	  "not in the object", -ENOENT },
	{ "an index past all numbers", NULL, "{'a':[1]}",
	  "[{'op':'remove','path':'/a/18446744073709551616'}]", "not in the object", -ENOENT },
	{ "removing what would be appended", NULL, "{'a':[1]}", "[{'op':'remove','path':'/a/-'}]",
	  "not in the object", -ENOENT },
	{ "through a string", NULL, "{'a':'b'}", "[{'op':'add','path':'/a/b','value':1}]",
	  "not in the object", -ENOENT },
	{ "into itself", NULL, "{'a':{}}", "[{'op':'move','from':'/a','path':'/a/b'}]",
	  "cannot be moved into itself", -ENOENT },
	{ "the root into itself", NULL, "{'a':{}}", "[{'op':'move','from':'','path':'/a/b'}]",
	  "cannot be moved into itself", -ENOENT },
	{ "removing everything", NULL, "{'a':1}", "[{'op':'remove','path':''}]",
	  "cannot be removed", -ENOENT },
	{ "a patch that is no list", NULL, "{}", "{}", "must be a list", -EINVAL },
	{ "an operation that is no map", NULL, "{}", "[7]", "unknown operation", -EINVAL },
	{ "an unknown operation", NULL, "{}", "[{'op':'spam','path':'/a'}]",
	  "operation 0: unknown operation \"spam\"", -EINVAL },
	{ "without a path", NULL, "{}", "[{'op':'add','value':1}]", "add has no \"path\"",
	  -EINVAL },
	{ "without a value", NULL, "{}", "[{'op':'add','path':'/a'}]", "add has no \"value\"",
	  -EINVAL },
	{ "without a source", NULL, "{}", "[{'op':'copy','path':'/a'}]", "copy has no \"from\"",
	  -EINVAL },
	{ "a source that is no path", NULL, "{}", "[{'op':'move','path':'/a','from':7}]",
	  "must be a string", -EINVAL },
	{ "a path without its slash", NULL, "{}", "[{'op':'add','path':'a','value':1}]",
	  "must begin with a slash", -EINVAL },
	{ "a bad escape", NULL, "{'a~':1}", "[{'op':'remove','path':'/a~'}]", "badly escaped",
	  -EINVAL },
	{ "another bad escape", NULL, "{}", "[{'op':'remove','path':'/~2'}]", "badly escaped",
	  -EINVAL },
};

static void test_json(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(json) / sizeof(*json); i++)
		run(&json[i]);
}

/* n times the same operation on {"a":[]}. */
static int repeat(size_t n, const char *op, struct err *e)
{
	json_t *old = json_help_parse("{'a':[]}"), *patch = json_array(), *out = NULL;
	int rc;

	while (n--)
		json_array_append_new(patch, json_help_parse(op));
	rc = patch_json(old, patch, &out, e);
	json_decref(patch);
	json_decref(old);
	json_decref(out);
	return rc;
}

/* Patches that are small and would make objects that are not. */
static void test_hostile(void **state)
{
	struct err e = { "" };

	(void)state;
	/* Each time twice as large. */
	assert_int_equal(repeat(40, "{'op':'copy','from':'/a','path':'/a/-'}", &e), -E2BIG);
	assert_non_null(strstr(e.text, "copies too much"));
	/* Each time one level deeper. */
	assert_int_equal(repeat(97, "{'op':'add','path':'','value':{'a':[]}}", &e), 0);
	assert_int_equal(repeat(5000, "{'op':'copy','from':'','path':'/b'}", &e), -E2BIG);
	assert_int_equal(repeat(PATCH_JSON_MAX, "{'op':'add','path':'/a/0','value':1}", &e), 0);
	assert_int_equal(repeat(PATCH_JSON_MAX + 1, "{'op':'add','path':'/a/0','value':1}", &e),
			 -E2BIG);
	assert_string_equal(e.text, "The allowed maximum operations in a JSON patch is 10000, "
			    "got 10001");
}

static void test_too_deep(void **state)
{
	json_t *old = json_help_parse("{'a':{}}"), *patch, *out = NULL;
	struct err e = { "" };
	char path[512] = "";
	size_t i;

	(void)state;
	/* {"a":{"a":...}}: 99 levels below the object fit, and not one more. */
	patch = json_array();
	for (i = 0; i < JX_DEPTH_MAX - 1; i++) {
		strcat(path, "/a");
		json_array_append_new(patch, json_pack("{s:s, s:s, s:{}}", "op", "add", "path",
						       path, "value"));
	}
	assert_int_equal(patch_json(old, patch, &out, &e), 0);
	json_decref(out);
	strcat(path, "/a");
	json_array_append_new(patch, json_pack("{s:s, s:s, s:{}}", "op", "add", "path", path,
					       "value"));
	assert_int_equal(patch_json(old, patch, &out, &e), -E2BIG);
	assert_non_null(strstr(e.text, "nested too deeply"));
	json_decref(patch);
	json_decref(old);
}

/* A list of many is merged by its index, not by looking through it. */
static void test_many(void **state)
{
	json_t *old = json_array(), *list = json_array(), *patch, *whole, *out = NULL;
	struct err e = { "" };
	size_t i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		json_array_append_new(old, json_pack("{s:I}", "port", (json_int_t)i));
		json_array_append_new(list, json_pack("{s:I, s:i}", "port", (json_int_t)i, "x",
						      1));
	}
	whole = json_pack("{s:{s:o}}", "spec", "ports", old);
	patch = json_pack("{s:{s:O, s:o}}", "spec", "$setElementOrder/ports", list, "ports", list);
	assert_int_equal(patch_strategic("Service", whole, patch, &out, &e), 0);
	assert_int_equal(json_array_size(jx_get(out, "spec.ports")), 50000);
	json_decref(out);
	json_decref(patch);
	json_decref(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strategic),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
