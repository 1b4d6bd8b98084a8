// SPDX-License-Identifier: GPL-2.0
/*
 * The one form of subsets. The cases of Kubernetes' TestPackSubsets are among
 * these, in the order in which this project puts ports and subsets.
 */
#include "registry_help.h"

#include "endpoints_controller.h"
#include "jx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * A subset is "addresses|those that are not ready|ports", lists with commas. An
 * address is a letter, "a", and may have the uid of who has it, "a/7"; then it
 * may have a name, "a/7=x", by which two of the same can be told apart.
 */
struct example {
	const char *name, *given, *want;
};

static const struct example examples[] = {
	{ "nothing", "", "" },
	{ "no address", "||1", "" },
	{ "no address and no port", "||", "" },
	{ "no port", "a||", "a||" },
	{ "no port, not ready", "|a|", "|a|" },
	{ "one of each", "a||1", "a||1" },
	{ "one that is not ready", "|a|1", "|a|1" },
	{ "with a uid", "a/7||1", "a/7||1" },
	{ "two addresses", "a,b||1", "a,b||1" },
	{ "in the order of their text", "c,b,a||1", "a,b,c||1" },
	{ "ready and not", "a|b|1", "a|b|1" },
	{ "both ready and not is not ready", "a|a|1", "|a|1" },
	{ "two ports", "a||1,2", "a||1,2" },
	{ "in the order of their numbers", "a||10,9", "a||9,10" },
	{ "an address twice", "a,a||1", "a||1" },
	{ "an address twice: the first one stays", "a=x,a=y||1", "a=x||1" },
	{ "first ready, then not: not ready, but the first one stays", "a=x|a=y|1", "|a=x|1" },
	{ "a port twice", "a||1,1", "a||1" },
	{ "a subset twice", "a||1 a||1", "a||1" },
	{ "a subset twice, ready and not", "a||1 |a|1", "|a|1" },
	{ "not ready and then ready is not ready", "|a|1 a||1", "|a|1" },
	{ "the same address behind two ports", "a||1 a||2", "a||1,2" },
	{ "the same pod behind two ports", "a/7||1 a/7||2", "a/7||1,2" },
	{ "ready behind one of two ports", "a/7||1 |a/7|2", "a/7||1 |a/7|2" },
	{ "two addresses behind the same port", "a||1 b||1", "a,b||1" },
	{ "two pods with the same address", "a/7||1 a/8||1", "a/7,a/8||1" },
	{ "with a pod and without", "a/7||1 a||1", "a,a/7||1" },
	{ "all of that", "b||1 b/7||1 a/7||1 a||1", "a,a/7,b,b/7||1" },
	{ "all of that, some not ready", "b||1 |b/7|1 |a/7|1 |a|1", "b|a,a/7,b/7|1" },
	{ "two addresses, two ports", "a||1 b||2", "a||1 b||2" },
	{ "four that are two", "a||1 b||2 c||1 b||3", "a,c||1 b||2,3" },
	{ "four that are two, not ready", "|a|1 b||2 c||1 b||3", "c|a|1 b||2,3" },
	{ "four that are four", "a||1 b||2 a||3 b|c|4", "a||1,3 b||2 b|c|4" },
	{ "each port has what is said of it anywhere", "a,b||1,2 c||2,3", "a,b||1 a,b,c||2 c||3" },
	{ "no port besides some", "a||1 a||", "a||1" },
	{ "no port for another", "a||1 b||", "b|| a||1" },
};

/* Takes the list of one kind apart. */
static void add_addresses(json_t *subset, const char *key, char *text)
{
	json_t *list = json_array();
	char *one;

	while ((one = strsep(&text, ","))) {
		char *name = strchr(one, '='), *uid;
		json_t *a = json_object();

		if (!*one) {
			json_decref(a);
			continue;
		}
		if (name)
			*name++ = '\0';
		uid = strchr(one, '/');
		if (uid)
			*uid++ = '\0';
		jx_set_str(a, "ip", one);
		if (name)
			jx_set_str(a, "hostname", name);
		if (uid)
			jx_set_str(a, "targetRef.uid", uid);
		json_array_append_new(list, a);
	}
	json_object_set_new(subset, key, list);
}

static void add_ports(json_t *subset, char *text)
{
	json_t *list = json_array();
	char *one;

	while ((one = strsep(&text, ",")))
		if (*one)
			json_array_append_new(list, json_pack("{s:i, s:s}", "port", atoi(one),
							      "protocol", "TCP"));
	json_object_set_new(subset, "ports", list);
}

static json_t *parse(const char *text)
{
	char *copy = strdup(text), *rest = copy, *one;
	json_t *subsets = json_array();

	while ((one = strsep(&rest, " "))) {
		json_t *subset = json_object();

		add_addresses(subset, "addresses", strsep(&one, "|"));
		add_addresses(subset, "notReadyAddresses", strsep(&one, "|"));
		add_ports(subset, one);
		json_array_append_new(subsets, subset);
	}
	free(copy);
	return subsets;
}

static void print_addresses(FILE *f, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *a = json_array_get(list, i);
		const char *uid = jx_str(a, "targetRef.uid"), *name = jx_str(a, "hostname");

		fprintf(f, "%s%s%s%s%s%s", i ? "," : "", jx_str(a, "ip"), *uid ? "/" : "", uid,
			*name ? "=" : "", name);
	}
	fputc('|', f);
}

static char *print(const json_t *subsets)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; i < json_array_size(subsets); i++) {
		const json_t *s = json_array_get(subsets, i), *ports = json_object_get(s, "ports");

		fputs(i ? " " : "", f);
		print_addresses(f, json_object_get(s, "addresses"));
		print_addresses(f, json_object_get(s, "notReadyAddresses"));
		for (size_t j = 0; j < json_array_size(ports); j++)
			fprintf(f, "%s%d", j ? "," : "",
				(int)jx_int(json_array_get(ports, j), "port"));
	}
	fclose(f);
	return text;
}

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *x = &examples[i];
		json_t *given = parse(x->given), *got, *again;
		char *text;

		got = endpoints_repack(*x->given ? given : NULL);
		text = print(got);
		if (strcmp(text, x->want))
			fail_msg("%s: '%s', not '%s'", x->name, text, x->want);
		again = endpoints_repack(got);
		if (!json_equal(got, again))
			fail_msg("%s: another time it is something else", x->name);
		free(text);
		json_decref(again);
		json_decref(got);
		json_decref(given);
	}
}

static json_t *many(size_t addresses, int first, int ports)
{
	json_t *subset = json_object(), *list = json_array();

	for (size_t i = 0; i < addresses; i++)
		json_array_append_new(list, registry_help_json("{'ip':'%zu'}", i));
	json_object_set_new(subset, "addresses", list);
	list = json_array();
	for (int i = 0; i < ports; i++)
		json_array_append_new(list, registry_help_json("{'port':%d}", first + i));
	json_object_set_new(subset, "ports", list);
	return subset;
}

/* A short text that would be a very long one stays as it is. */
static void test_too_much(void **state)
{
	json_t *subsets = json_array(), *got;

	(void)state;
	json_array_append_new(subsets, many(100, 1, 1));
	json_array_append_new(subsets, many(100, 2, 1));
	got = endpoints_repack(subsets);
	assert_int_equal(json_array_size(got), 1);
	json_decref(got);
	json_array_append_new(subsets, many(5000, 3, 1000));
	got = endpoints_repack(subsets);
	assert_int_equal(json_array_size(got), 3);
	assert_true(json_equal(got, subsets));
	json_decref(got);
	json_decref(subsets);
}

static void expect(struct registry_help *h, const char *want)
{
	char *text = print(json_object_get(h->reply.body, "subsets"));

	assert_string_equal(text, want);
	free(text);
}

/* So they are kept, whoever writes them; and the same in other words is no change. */
static void test_written(void **state)
{
	static const char given[] =
		"{'metadata':{'name':'db'},'subsets':[{'addresses':[{'ip':'192.0.2.2'},{'ip':"
		"'192.0.2.1'}],'ports':[{'name':'a','port':1}]},{'addresses':[{'ip':'192.0.2.2'}],"
		"'notReadyAddresses':[{'ip':'192.0.2.1'}],'ports':[{'name':'b','port':2}]},"
		"{'addresses':[{'ip':'192.0.2.1'},{'ip':'192.0.2.2'}],'ports':[{'name':'c','port':"
		"3}]}]}";
	static const char want[] = "192.0.2.1,192.0.2.2||1,3 192.0.2.2|192.0.2.1|2";
	struct registry_help *h = *state;
	char version[32];

	assert_int_equal(registry_help_create(h, "endpoints", given), 201);
	expect(h, want);
	snprintf(version, sizeof(version), "%s",
		 registry_help_value(h, "metadata.resourceVersion"));
	assert_int_equal(registry_help_update(h, "endpoints", "db", given), 200);
	expect(h, want);
	assert_string_equal(registry_help_value(h, "metadata.resourceVersion"), version);
	assert_int_equal(registry_help_patch(h, "endpoints", "db", NULL,
		"{'subsets':[{'addresses':[{'ip':'192.0.2.1'},{'ip':'192.0.2.1'}]}]}"), 200);
	expect(h, "192.0.2.1||");
	/* What is wrong is said of what was written. */
	assert_int_equal(registry_help_patch(h, "endpoints", "db", NULL,
		"{'subsets':[{'addresses':[{'ip':'192.0.2.1'}]},{'addresses':[{'ip':'x'}]}]}"),
		422);
	assert_non_null(strstr(registry_help_message(h), "subsets[1].addresses[0].ip"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test_setup_teardown(test_written, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
