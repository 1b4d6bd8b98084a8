// SPDX-License-Identifier: GPL-2.0
#include "manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char start_dir[4096], dir[] = "/tmp/svcctl-manifest-XXXXXX";

/* Each test starts in an empty folder and leaves it to the next. */
static int setup(void **state)
{
	(void)state;
	if (!getcwd(start_dir, sizeof(start_dir)))
		return -1;
	strcpy(strrchr(dir, '-') + 1, "XXXXXX");
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char * const files[] = {
		"a.yaml", "d/.hidden.yaml", "d/b.yml", "d/a.yaml", "d/c.json", "d/notes.txt",
		"d/x.yaml", "d/z.yaml", "d/b/up", "d/b/c/x.yaml",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("d/b/c");
	rmdir("d/b");
	rmdir("d");
	return chdir(start_dir) || rmdir(dir) ? -1 : 0;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static int load(struct manifest *m, const char *path, const char *in, struct err *e)
{
	FILE *f = fmemopen((void *)(*in ? in : " "), *in ? strlen(in) : 1, "r");
	const char *paths[] = { path };
	int ret;

	e->text[0] = '\0';
	ret = manifest_load(m, paths, 1, false, f, e);
	fclose(f);
	return ret;
}

static void assert_refused(const char *path, const char *in, const char *message)
{
	struct manifest m;
	struct err e;

	assert_true(load(&m, path, in, &e) < 0);
	assert_string_equal(e.text, message);
	assert_int_equal(m.n, 0);
}

#define POD(name) "apiVersion: v1\nkind: Pod\nmetadata: {name: " name "}\n"

static void test_documents(void **state)
{
	struct manifest m;
	struct err e;

	(void)state;
	put("a.yaml", "# two of them\n---\n" POD("x") "---\n# nothing\n---\n"
		      "apiVersion: v9\nkind: Foo\nmetadata: {name: two, namespace: ns}\n");
	assert_int_equal(load(&m, "a.yaml", "", &e), 0);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.v[0].file, "a.yaml");
	assert_string_equal(m.v[0].name, "x");
	assert_string_equal(m.v[0].ns, "");
	assert_string_equal(m.v[0].res->plural, "pods");
	assert_null(m.v[1].res);
	assert_string_equal(m.v[1].ns, "ns");
	assert_int_equal(manifest_find(&m.v[1], "kind").line, 10);
	manifest_clear(&m);
}

static void test_stdin(void **state)
{
	struct manifest m;
	struct err e;

	(void)state;
	assert_int_equal(load(&m, "-", "{\"apiVersion\": \"v1\", \"kind\": \"Service\"}", &e), 0);
	assert_int_equal(m.n, 1);
	assert_string_equal(m.v[0].file, "STDIN");
	assert_string_equal(m.v[0].name, "");
	manifest_clear(&m);
	assert_refused("-", "a: [\n", "STDIN:2:1: did not find expected node content");
}

static void test_folder(void **state)
{
	struct manifest m;
	struct err e;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_refused("d", "", "the folder \"d\" has no *.yaml, *.yml or *.json file "
		       "(those of the folders in it: -R)");
	put("d/b.yml", POD("second"));
	put("d/a.yaml", POD("first"));
	put("d/c.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
		"\"third\"}}");
	put("d/notes.txt", "not: [ours\n");
	put("d/.hidden.yaml", "not: [ours\n");
	assert_int_equal(load(&m, "d/", "", &e), 0);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.v[0].name, "first");
	assert_string_equal(m.v[0].file, "d/a.yaml");
	assert_string_equal(m.v[1].name, "second");
	assert_string_equal(m.v[2].name, "third");
	manifest_clear(&m);
	/* One bad file spoils them all. */
	put("d/x.yaml", "a: b: c\n");
	assert_refused("d", "", "d/x.yaml:1:5: mapping values are not allowed in this context");
}

/* In the order of the names, folders among the files. */
static void test_recursive(void **state)
{
	const char *paths[] = { "d" };
	struct manifest m;
	struct err e;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(mkdir("d/b", 0755), 0);
	assert_int_equal(mkdir("d/b/c", 0755), 0);
	assert_int_equal(symlink("..", "d/b/up"), 0);
	assert_true(manifest_load(&m, paths, 1, true, stdin, &e) < 0);
	assert_string_equal(e.text, "the folder \"d\" has no *.yaml, *.yml or *.json file");
	put("d/a.yaml", POD("first"));
	put("d/b/c/x.yaml", POD("second"));
	put("d/z.yaml", POD("third"));
	assert_int_equal(manifest_load(&m, paths, 1, true, stdin, &e), 0);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.v[1].file, "d/b/c/x.yaml");
	assert_string_equal(m.v[2].name, "third");
	manifest_clear(&m);
	assert_int_equal(load(&m, "d", "", &e), 0);
	assert_int_equal(m.n, 2);
	manifest_clear(&m);
}

static void test_list(void **state)
{
	static const char text[] =
		"apiVersion: v1\n"
		"kind: List\n"
		"items:\n"
		"- apiVersion: v1\n"
		"  kind: Service\n"
		"  metadata: {name: a}\n"
		"- apiVersion: v1\n"
		"  kind: Service\n"
		"  metadata: {name: b}\n"
		"  spec:\n"
		"    ports:\n"
		"    - port: 0\n";
	struct yaml_place p;
	struct manifest m;
	struct err e;

	(void)state;
	assert_int_equal(load(&m, "-", text, &e), 0);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.v[1].name, "b");
	p = manifest_find(&m.v[1], "spec.ports[0].port");
	assert_int_equal(p.line, 12);
	assert_int_equal(p.column, 13);
	/* The same path leads elsewhere in its sister. */
	p = manifest_find(&m.v[0], "spec.ports[0].port");
	assert_int_equal(p.line, 4);
	assert_false(p.exact);
	manifest_clear(&m);
	/* A list of the API, whose items do not say what they are. */
	assert_int_equal(load(&m, "-", "{\"kind\": \"ServiceList\", \"apiVersion\": \"v1\", "
			      "\"items\": [{\"metadata\": {\"name\": \"c\"}}, {\"kind\": \"Pod\", "
			      "\"apiVersion\": \"v1\"}]}", &e), 0);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.v[0].kind, "Service");
	assert_string_equal(m.v[0].res->plural, "services");
	assert_string_equal(m.v[1].kind, "Pod");
	manifest_clear(&m);
	assert_refused("-", "{kind: ServiceList, apiVersion: v1, items: [x]}",
		       "STDIN:1:45: an object is a map, with apiVersion, kind and so on");
	assert_refused("-", "{kind: List, apiVersion: v1, items: [{}]}",
		       "STDIN:1:38: kind is not set: write \"kind: Service\" or the like");
	assert_refused("-", "apiVersion: v1\nkind: List\nitems:\n- 3\n",
		       "STDIN:4:3: an object is a map, with apiVersion, kind and so on");
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused("absent.yaml", "", "the path \"absent.yaml\" does not exist");
	assert_refused("a.yaml/x", "", "the path \"a.yaml/x\" does not exist");
	assert_refused("http://x/y.yaml", "",
		       "\"http://x/y.yaml\" is a URL: fetch it first, and name the file");
	assert_refused("-", "", "no objects in what -f names");
	assert_refused("-", "---\n# only comments\n---\n", "no objects in what -f names");
	assert_refused("-", "just words\n",
		       "STDIN:1:1: an object is a map, with apiVersion, kind and so on");
	assert_refused("-", "apiVersion: v1\n",
		       "STDIN:1:1: kind is not set: write \"kind: Service\" or the like");
	assert_refused("-", "apiVersion: v1\nkind: 3\n",
		       "STDIN:2:7: kind is not set: write \"kind: Service\" or the like");
	assert_refused("-", "kind: Service\n",
		       "STDIN:1:1: apiVersion is not set: write \"apiVersion: v1\"");
	assert_refused("-", "apiVersion: v1\nkind: Pod\nmetadata: [x]\n",
		       "STDIN:3:11: metadata must be a map");
}

/* Nothing of the first file is left when the second one is bad. */
static void test_all_or_nothing(void **state)
{
	const char *paths[] = { "a.yaml", "absent.yaml" };
	struct manifest m;
	struct err e;

	(void)state;
	put("a.yaml", POD("x"));
	assert_true(manifest_load(&m, paths, 2, false, stdin, &e) < 0);
	assert_string_equal(e.text, "the path \"absent.yaml\" does not exist");
	assert_int_equal(m.n, 0);
	assert_int_equal(m.nfiles, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stdin, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recursive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
