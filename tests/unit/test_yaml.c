// SPDX-License-Identifier: GPL-2.0
#include "yaml_read.h"
#include "yaml_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void assert_reads(const char *text, const char *json)
{
	struct yaml_docs docs;
	struct err e = { "" };
	char *got;

	if (yaml_read("f", text, strlen(text), &docs, &e))
		fail_msg("%s: %s", text, e.text);
	assert_int_equal(docs.n, 1);
	got = json_dumps(docs.v[0].value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(got, json);
	free(got);
	yaml_docs_clear(&docs);
}

static void assert_refused(const char *text, size_t len, const char *message)
{
	struct yaml_docs docs;
	struct err e = { "" };

	assert_true(yaml_read("f", text, len, &docs, &e) < 0);
	assert_string_equal(e.text, message);
	assert_int_equal(docs.n, 0);
	assert_null(docs.v);
}

static void test_scalars(void **state)
{
	static const char * const rows[][2] = {
		{ "web", "\"web\"" }, { "80", "80" }, { "-7", "-7" }, { "+7", "7" },
		{ "0x1F", "31" }, { "0b101", "5" }, { "0o17", "15" }, { "0777", "511" },
		{ "1_000", "1000" }, { "1.5", "1.5" }, { ".5", "0.5" }, { "1e3", "1000" },
		{ "08", "8" }, { "'80'", "\"80\"" }, { "\"yes\"", "\"yes\"" }, { "! "
		  "80", "\"80\"" },
		{ "80.0", "80" }, { "-8e+1", "-80" }, { "80.5", "80.5" }, { "-0.0", "0" },
		{ "9007199254740992.0", "9007199254740992" }, { "1e300", "1.0000000000000001e300" },
		{ "true", "true" }, { "True", "true" }, { "TRUE", "true" }, { "tRUE", "\"tRUE\"" },
		{ "yes", "true" }, { "No", "false" }, { "on", "true" }, { "OFF", "false" },
		{ "y", "true" }, { "N", "false" }, { "~", "null" }, { "null", "null" },
		{ "10.96.0.1", "\"10.96.0.1\"" }, { "1.2.3", "\"1.2.3\"" },
		{ "fd00::1", "\"fd00::1\"" }, { "10:30", "\"10:30\"" }, { "1e", "\"1e\"" },
		{ "2026-11-22", "\"2026-11-22\"" }, { "0x", "\"0x\"" }, { "_1", "\"_1\"" },
		{ "9223372036854775807", "9223372036854775807" }, { "''", "\"\"" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "\"\\u00e4\"", "\"\303\244\"" },
	};
	char text[64], json[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "a: %s\n", rows[i][0]);
		snprintf(json, sizeof(json), "{\"a\":%s}", rows[i][1]);
		assert_reads(text, json);
	}
}

static void test_collections(void **state)
{
	(void)state;
	assert_reads("a:\n- 1\n- b: 2\n  c: [x, {w: z}]\n",
		     "{\"a\":[1,{\"b\":2,\"c\":[\"x\",{\"w\":\"z\"}]}]}");
	assert_reads("{\"kind\": \"Service\", \"n\": [1, 2.5, null, true],\n \"s\": \"a\\nb\"}",
		     "{\"kind\":\"Service\",\"n\":[1,2.5,null,true],\"s\":\"a\\nb\"}");
	assert_reads("{\"s\": \"\\ud83d\\ude00 \\\\ud83d\\\\ude00\"}",
		     "{\"s\":\"\360\237\230\200 \\\\ud83d\\\\ude00\"}");
	assert_reads("a: '\\ud83d\\ude00'\n", "{\"a\":\"\\\\ud83d\\\\ude00\"}");
	assert_reads("a: |\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\"}");
	assert_reads("a:\n", "{\"a\":null}");
	assert_reads("8080: x\n-1: z\n", "{\"-1\":\"z\",\"8080\":\"x\"}");
	assert_reads("!!map {a: !!seq [!!str 80, !!str \"x\", !!str ]}",
		     "{\"a\":[\"80\",\"x\",\"\"]}");
	assert_reads("--- # only a comment\n", "null");
}

static void test_aliases(void **state)
{
	(void)state;
	assert_reads("a: &x {p: 1}\nb: *x\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1}}");
	assert_reads("a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n",
		     "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":3}}");
	assert_reads("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
		     "{\"a\":{\"p\":1},\"b\":{\"p\":2,\"q\":2},\"c\":{\"p\":1,\"q\":2}}");
	/* An anchor may be given again. */
	assert_reads("[&x 1, *x, &x 2, *x]", "[1,1,2,2]");
	assert_refused("a: *x\n", 6, "f:1:4: the alias *x has no anchor &x before it");
	assert_refused("a: &x [*x]\n", 11, "f:1:8: the alias *x has no anchor &x before it");
	assert_refused("a: {<<: 3}\n", 11, "f:1:9: \"<<\" takes a map, or a list of maps");
	/* An anchor of one document is none of the next. */
	assert_refused("a: &x 1\n---\na: *x\n", 18,
		       "f:3:4: the alias *x has no anchor &x before it");
}

/* A long key is cut in the message, and not in the middle of a character. */
static void test_cut(void **state)
{
	char text[256], message[256];
	size_t i, n = 0, m;

	(void)state;
	for (i = 0; i < 2; i++) {
		n += (size_t)sprintf(text + n, "x");
		for (m = 0; m < 40; m++)
			n += (size_t)sprintf(text + n, "\303\244");
		n += (size_t)sprintf(text + n, ": 1\n");
	}
	m = (size_t)sprintf(message, "f:2:1: duplicate key \"x");
	for (i = 0; i < 29; i++)
		m += (size_t)sprintf(message + m, "\303\244");
	sprintf(message + m, "?\": it is in line 1 already");
	assert_refused(text, n, message);
}

static void test_alias_bomb(void **state)
{
	char text[2048], *p = text;
	struct yaml_docs docs;
	struct err e = { "" };
	int i;

	(void)state;
	p += sprintf(p, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (i = 1; i < 12; i++)
		p += sprintf(p, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]"
			"\n", i, i,
			     i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_true(yaml_read("f", text, strlen(text), &docs, &e) < 0);
	assert_non_null(strstr(e.text, "aliases"));
}

/* Aliases of lists around aliases of lists: flat text, deep value. */
static void test_alias_depth(void **state)
{
	char text[8192], *p = text;
	struct yaml_docs docs;
	struct err e = { "" };
	int i;

	(void)state;
	p += sprintf(p, "- &a0 [x]\n");
	for (i = 1; i < 200; i++)
		p += sprintf(p, "- &a%d [*a%d]\n", i, i - 1);
	assert_true(yaml_read("f", text, strlen(text), &docs, &e) < 0);
	assert_non_null(strstr(e.text, "nested too deeply"));
}

/* All of them are looked for among all of them; too many are refused as values are. */
static void test_many_aliases(void **state)
{
	char *text = malloc(32 * 300000), *p = text;
	struct yaml_docs docs;
	struct err e = { "" };
	clock_t start = clock();
	int i;

	(void)state;
	for (i = 0; i < 50000; i++)
		p += sprintf(p, "- &a%d 1\n", i);
	for (i = 0; i < 20000; i++)
		p += sprintf(p, "- *a%d\n", i);
	assert_int_equal(yaml_read("f", text, p - text, &docs, &e), 0);
	assert_int_equal(json_array_size(docs.v[0].value), 70000);
	yaml_docs_clear(&docs);
	/* A second or so; one by one it would be 10^9 steps. */
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);

	p = text + sprintf(text, "[&a 1");
	for (i = 0; i < YAML_NODES_MAX; i++)
		p += sprintf(p, ",*a");
	assert_true(yaml_read("f", text, p - text, &docs, &e) < 0);
	assert_non_null(strstr(e.text, "too many values"));
	free(text);
}

static void test_depth(void **state)
{
	char text[512] = "";
	struct yaml_docs docs;
	struct err e = { "" };
	int i;

	(void)state;
	for (i = 0; i < YAML_DEPTH_MAX; i++)
		strcat(text, "[");
	for (i = 0; i < YAML_DEPTH_MAX; i++)
		strcat(text, "]");
	assert_int_equal(yaml_read("f", text, strlen(text), &docs, &e), 0);
	yaml_docs_clear(&docs);
	memmove(text + 1, text, strlen(text) + 1);
	strcat(text, "]");
	assert_true(yaml_read("f", text, strlen(text), &docs, &e) < 0);
	assert_string_equal(e.text, "f:1:101: nested too deeply");
}

static void test_refused(void **state)
{
	static const char * const rows[][2] = {
		{ "a: 1\nb: 2\na: 3\n", "f:3:1: duplicate key \"a\": it is in line 1 already" },
		{ "a: {b: 1, b: 1}\n", "f:1:11: duplicate key \"b\": it is in line 1 already" },
		{ "0x1f: x\n", "f:1:1: a key must be a string: write \"0x1f\" in quotes" },
		{ "8080.0: x\n", "f:1:1: a key must be a string: write \"8080.0\" in quotes" },
		{ "8: x\n'8': y\n", "f:2:1: duplicate key \"8\": it is in line 1 already" },
		{ "on: x\n", "f:1:1: a key must be a string: write \"on\" in quotes" },
		{ "? [a]\n: x\n", "f:1:3: a key must be a string" },
		{ "a: !!int '80'\n",
		  "f:1:4: this tag is not supported: leave it out, and put a string in quotes" },
		{ "a: !x {}\n",
		  "f:1:4: this tag is not supported: leave it out, and put a string in quotes" },
		{ "a: .inf\n", "f:1:4: this number has no place in JSON (put it in quotes if "
		  "it is a "
		  "string)" },
		{ "a: 9223372036854775808\n",
		  "f:1:4: the number is too large (put it in quotes if it is a string)" },
		{ "a: 1e999\n",
		  "f:1:4: the number is too large (put it in quotes if it is a string)" },
		{ "a: \"\\0\"\n", "f:1:4: a string cannot have a NUL in it" },
		{ "spec:\n  ports:\n  - port: 80\n   targetPort: 1\n", "f:4:4: did not find "
		  "expected "
		  "key, while parsing a block mapping that begins in line 2, column 3" },
		{ "a:\n\tb: 1\n", "f:2:1: a tab: YAML is indented with spaces" },
		{ "{\"a\": \"\\ud83d\"}",
		  "f:1:10: found invalid Unicode character escape code, while parsing a "
		  "quoted scalar "
		  "that begins in line 1, column 7" },
		{ "a: [1\n", "f:2:1: did not find expected ',' or ']', while parsing a flow "
		  "sequence "
		  "that begins in line 1, column 4" },
		{ "\303\244: b\n\303\244: \a\n", "f:2:4: control characters are not allowed: the "
		  "file must be UTF-8 text" },
		{ "a: \200\n", "f:1:4: invalid leading UTF-8 octet: the file must be "
		  "UTF-8 text" },
		{ "a: 1\n...\n%YAML 9.9\n---\nb: 1\n", "f:3:1: found incompatible YAML document" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i][0], strlen(rows[i][0]), rows[i][1]);
}

static void test_documents(void **state)
{
	static const char text[] = "a: 1\n---\n---\nb: 2\n...\n";
	struct yaml_docs docs;
	struct err e = { "" };

	(void)state;
	assert_int_equal(yaml_read("f", text, strlen(text), &docs, &e), 0);
	assert_int_equal(docs.n, 3);
	assert_true(json_is_null(docs.v[1].value));
	assert_int_equal(yaml_find(&docs.v[2], "b").line, 4);
	yaml_docs_clear(&docs);
	assert_int_equal(yaml_read("f", "", 0, &docs, &e), 0);
	assert_int_equal(docs.n, 0);
	yaml_docs_clear(&docs);
	/* One bad document spoils them all. */
	assert_refused("a: 1\n---\nb: [\n", 13, "f:4:1: did not find expected node content");
}

static void test_places(void **state)
{
	static const char text[] =
		"apiVersion: v1\n"				/* 1 */
		"kind: Service\n"				/* 2 */
		"metadata:\n"					/* 3 */
		"  name: web\n"					/* 4 */
		"  annotations:\n"				/* 5 */
		"    example.com/a.b: x\n"			/* 6 */
		"spec:\n"					/* 7 */
		"  ports:\n"					/* 8 */
		"    - port: 80\n"				/* 9 */
		"      nodePort: 29999\n"			/* 10 */
		"    - {port: 81, name: x}\n"			/* 11 */
		"  foo: 1\n"					/* 12 */
		"  k.l: {m: 1}\n"				/* 13 */
		"  k: {l: {m: 2}}\n";				/* 14 */
	static const struct {
		const char *path;
		unsigned int line, column;
		bool exact, key;
	} rows[] = {
		{ "spec.ports[0].nodePort", 10, 17, true, false },
		{ "spec.ports[1].port", 11, 14, true, false },
		{ "spec.Ports[1].port", 11, 14, true, false },
		{ "spec.Ports[7]", 8, 3, false, false },
		{ "spec.ports[1]", 11, 7, true, false },
		{ "spec.ports", 9, 5, true, false },
		{ "spec.foo", 12, 3, true, true },
		{ "spec.foo", 12, 8, true, false },
		{ "metadata.name", 4, 9, true, false },
		{ "metadata.annotations.example.com/a.b", 6, 22, true, false },
		{ "metadata.annotations[example.com/a.b]", 6, 22, true, false },
		{ "metadata.namespace", 3, 1, false, false },
		{ "spec.ports[1].nodePort", 11, 7, false, false },
		{ "spec.ports[7].port", 8, 3, false, false },
		{ "spec.selector.app", 7, 1, false, false },
		{ "status", 1, 1, false, false },
		{ "spec.k.l.m", 13, 12, true, false },
		{ "", 1, 1, true, false },
		{ "spec.ports[", 8, 3, false, false },
		{ "spec.ports[-1]", 8, 3, false, false },
		{ "spec.ports[99999999999999999999]", 8, 3, false, false },
		{ "spec..ports", 7, 1, false, false },
	};
	struct yaml_docs docs;
	struct yaml_place p;
	struct err e = { "" };
	size_t i;

	(void)state;
	assert_int_equal(yaml_read("f", text, strlen(text), &docs, &e), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = rows[i].key ? yaml_find_key(&docs.v[0], rows[i].path) :
				  yaml_find(&docs.v[0], rows[i].path);
		if (p.line != rows[i].line || p.column != rows[i].column ||
		    p.exact != rows[i].exact)
			fail_msg("%s: %u:%u %d", rows[i].path, p.line, p.column, p.exact);
	}
	yaml_docs_clear(&docs);
}

static char *written(const json_t *value)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(yaml_write(f, value), 0);
	fclose(f);
	return text;
}

static void test_write(void **state)
{
	static const char * const rows[][2] = {
		{ "{\"b\":1,\"a\":[\"x\",{\"c\":true}],\"e\":{},\"l\":[]}",
		  "a:\n- x\n- c: true\nb: 1\ne: {}\nl: []\n" },
		{ "{\"t\":\"2026-11-22T17:40:12Z\",\"n\":\"80\",\"y\":\"yes\",\"z\":\"\",\"f"
		  "\":1.5}",
		  "f: 1.5\n\"n\": \"80\"\nt: \"2026-11-22T17:40:12Z\"\n\"y\": \"yes\"\nz: \"\"\n" },
		{ "{\"m\":\"one\\ntwo\\n\",\"i\":\"10.0.0.1\"}", "i: 10.0.0.1\nm: |\n  one\n  "
		  "two\n" },
		{ "{\"a\":null,\"s\":\"null\",\"h\":\"# no\",\"b\":\"1:30\"}",
		  "a: null\nb: \"1:30\"\nh: '# no'\ns: \"null\"\n" },
	};
	json_t *value;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = json_loads(rows[i][0], 0, NULL);
		text = written(value);
		assert_string_equal(text, rows[i][1]);
		free(text);
		json_decref(value);
	}
}

/* Strings that are hard on a writer, as values, keys and items. */
static void test_round_trip(void **state)
{
	static const char * const strings[] = {
		"", " ", "a ", " a", "\n", "a\n", "\na", "a\n\nb\n\n", "  a\n b", "a"
		"\tb", "\t", "a: b",
		"- a", "#", "a "
		"#b", "'", "\"", "\\", "{", "]", "&a", "*a", "!a", "|", ">", "%a", "@a",
		"`a", "?", "? a", ":", "a:", "-", "--", "---", "...", "<<", "=", "~", "NULL", "No",
		"0x1f", "1_0", "+1", "-.5", ".inf", "1e3", "\303\244\342\202\254\360\237\230\200",
		"\001\033[31m", "a\r\nb", "\302\205", "\357\273\277x", "trailing space \nb",
		("a very long line that has many words in it, so that a writer which folds its "
		 "lines after eighty columns will have to fold this one, and the reader to "
		 "join it"),
	};
	json_t *value = json_object();
	struct yaml_docs docs;
	struct err e = { "" };
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		json_object_set_new(value, strings[i],
				    json_pack("{s:s, s:[s, [s]]}", "v", strings[i], "l",
					      strings[i], strings[i]));
	text = written(value);
	if (yaml_read("f", text, strlen(text), &docs, &e))
		fail_msg("%s\n%s", e.text, text);
	assert_int_equal(docs.n, 1);
	assert_true(json_equal(docs.v[0].value, value));
	yaml_docs_clear(&docs);
	free(text);
	json_decref(value);
}

static const char sample[] =
	"apiVersion: v1\nkind: List\nitems:\n- &a {kind: \"Pod\", n: [1, 0x2, ~], 'q': |-\n"
	"    text\n  }\n- <<: *a\n  \"x\": \"\\u00e4\\x41\"\n  ? y1\n  : >\n    fold\n    ed\n---\n"
	"!!str a: .inf\n...\n";

/* Cut or changed anywhere: an answer or an error, never a crash or a leak. */
static void test_damage(void **state)
{
	char text[sizeof(sample)];
	struct yaml_docs docs;
	struct err e;
	unsigned int seed = 1;
	size_t i, n;

	(void)state;
	for (i = 0; i < 4000; i++) {
		memcpy(text, sample, sizeof(sample));
		n = i < sizeof(sample) ? i : sizeof(sample) - 1;
		if (i >= sizeof(sample)) {
			seed = seed * 1103515245 + 12345;
			text[(seed >> 8) % n] = "\n :-[]{}&*!|>'\"%\t#x0\377"[(seed >> 24) % 22];
		}
		e.text[0] = '\0';
		if (yaml_read("f", text, n, &docs, &e))
			assert_true(e.text[0]);
		yaml_docs_clear(&docs);
	}
}

static void test_too_large(void **state)
{
	size_t len = YAML_TEXT_MAX + 1;
	char *text = malloc(len);
	struct yaml_docs docs;
	struct err e;

	(void)state;
	memset(text, ' ', len);
	assert_true(yaml_read("f", text, len, &docs, &e) < 0);
	assert_string_equal(e.text, "f: larger than 33554432 bytes");
	/* Many values in little text. */
	memset(text, ',', len);
	text[0] = '[';
	for (len = 1; len < 4 * YAML_NODES_MAX; len += 2)
		text[len] = '0';
	assert_true(yaml_read("f", text, len, &docs, &e) < 0);
	assert_non_null(strstr(e.text, "too many values"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_collections),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_alias_bomb),
		cmocka_unit_test(test_alias_depth),
		cmocka_unit_test(test_many_aliases),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
