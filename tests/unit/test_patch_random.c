// SPDX-License-Identifier: GPL-2.0
/*
 * Random objects and random patches of each type: nothing breaks, the old object
 * stays as it was, and what is said twice is as good as said once.
 */
#include "apply.h"
#include "err.h"
#include "jx.h"
#include "mergepatch.h"
#include "patch_json.h"
#include "patch_strategic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS	1500

static uint64_t seed;

/* Marsaglia's xorshift: the same on every machine. */
static unsigned int pick(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed % n);
}

static const char *const keys[] = {
	"metadata", "spec", "status", "ports", "port", "name", "containers", "env", "finalizers",
	"selector", "labels", "conditions", "type", "protocol", "volumes", "ownerReferences", "uid",
};
static const char *const odd_keys[] = {
	"$patch", "$retainKeys", "$setElementOrder/ports", "$deleteFromPrimitiveList/finalizers",
	"$setElementOrder/", "$setElementOrder/finalizers", "", "a.b", "~0/~1",
};
static const char *const texts[] = { "a", "b", "TCP", "UDP", "delete", "replace", "merge", "" };

#define ONE_OF(v) (v)[pick(sizeof(v) / sizeof(*(v)))]

static json_t *any_value(unsigned int depth, bool odd);

static json_t *any_map(unsigned int depth, bool odd)
{
	json_t *o = json_object();
	unsigned int n = pick(6);

	while (n--) {
		const char *key = odd && !pick(5) ? ONE_OF(odd_keys) : ONE_OF(keys);

		json_object_set_new(o, key, any_value(depth ? depth - 1 : 0, odd));
	}
	return o;
}

/* Mostly of one kind, as the real ones are. */
static json_t *any_list(unsigned int depth, bool odd)
{
	json_t *list = json_array();
	unsigned int n = pick(5), maps = pick(4);

	while (n--)
		json_array_append_new(list, maps ? any_map(depth - 1, odd) :
						   any_value(depth - 1, odd));
	return list;
}

static json_t *any_value(unsigned int depth, bool odd)
{
	switch (depth ? pick(8) : 4 + pick(4)) {
	case 0:
	case 1:
		return any_map(depth, odd);
	case 2:
	case 3:
		return any_list(depth, odd);
	case 4:
		return odd && !pick(3) ? json_null() : json_integer(pick(4));
	case 5:
		return json_boolean(pick(2));
	default:
		return json_string(ONE_OF(texts));
	}
}

static json_t *any_object(bool odd)
{
	json_t *o = any_map(5, odd);
	const char *const top[] = { "metadata", "spec", "status" };

	for (size_t i = 0; i < 3; i++)
		if (pick(3))
			json_object_set_new(o, top[i], any_map(4, odd));
	return o;
}

static const char *any_kind(void)
{
	static const char *const kinds[] = { "Service", "Pod", "Node" };

	return ONE_OF(kinds);
}

static void same(const json_t *a, const json_t *b, const char *what)
{
	char *x = json_dumps(a, 0), *y = json_dumps(b, 0);

	if (!json_equal(a, b))
		fail_msg("%s:\n%s\n%s", what, x, y);
	free(x);
	free(y);
}

static void round_of_strategic(const json_t *old)
{
	const char *kind = any_kind();
	bool odd = pick(2);
	json_t *patch = any_object(odd), *once = NULL, *twice = NULL;
	struct err e;

	if (!patch_strategic(kind, old, patch, &once, &e)) {
		/* A directive may well do something else the second time. */
		if (!odd && !patch_strategic(kind, once, patch, &twice, &e))
			same(once, twice, "a strategic merge, twice");
	}
	json_decref(twice);
	json_decref(once);
	json_decref(patch);
}

static void round_of_merge(const json_t *old)
{
	json_t *patch = any_object(true), *once, *twice;

	once = mergepatch_apply(old, patch);
	twice = mergepatch_apply(once, patch);
	same(once, twice, "a merge, twice");
	json_decref(once);
	json_decref(twice);
	json_decref(patch);
}

static json_t *any_path(void)
{
	char path[256] = "";
	unsigned int n = pick(5);

	while (n--) {
		strcat(path, "/");
		if (pick(3))
			strcat(path, ONE_OF(keys));
		else
			strcat(path, pick(2) ? "-" : pick(2) ? "0" : "1");
	}
	return json_string(path);
}

static void round_of_json(const json_t *old)
{
	static const char *const ops[] = { "add", "remove", "replace", "move", "copy", "test" };
	json_t *patch = json_array(), *out = NULL;
	unsigned int n = pick(6);
	struct err e;

	while (n--)
		json_array_append_new(patch, json_pack("{s:s, s:o, s:o, s:o}", "op", ONE_OF(ops),
						       "path", any_path(), "from", any_path(),
						       "value", any_value(2, true)));
	if (!patch_json(old, patch, &out, &e))
		assert_true(jx_depth_fits(out, JX_DEPTH_MAX));
	json_decref(out);
	json_decref(patch);
}

/* live is ours to change: it gets the managers that the registry would give it. */
static json_t *apply_once(const struct apply *a, json_t *live, const json_t *config)
{
	struct apply_result r;
	struct err e;

	if (apply_config(a, live, config, &r, &e))
		return NULL;
	json_decref(r.conflicts);
	if (r.object)
		jx_set(r.object, "metadata.managedFields", json_incref(r.managers));
	json_decref(r.managers);
	return r.object;
}

static void round_of_apply(const json_t *old)
{
	const char *kind = any_kind();
	const struct apply me = { kind, "v1", NULL, "me", true, 0 };
	const struct apply you = { kind, "v1", NULL, "you", false, 0 };
	json_t *live = jx_copy(old), *mine = any_object(false), *yours = any_object(false);
	json_t *first, *second = NULL, *again = NULL;

	json_object_del(json_object_get(live, "metadata"), "managedFields");
	first = apply_once(&you, live, yours);
	if (first)
		second = apply_once(&me, first, mine);
	if (second)
		again = apply_once(&me, second, mine);
	if (second)
		same(second, again, "applied twice");
	json_decref(again);
	json_decref(second);
	json_decref(first);
	json_decref(live);
	json_decref(mine);
	json_decref(yours);
}

static void run(void (*one)(const json_t *old))
{
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		json_t *old, *was;

		seed = 0x9e3779b97f4a7c15u * (i + 1);
		old = any_object(false);
		was = jx_copy(old);
		one(old);
		same(old, was, "the old object");
		json_decref(old);
		json_decref(was);
	}
}

static void test_strategic(void **state)
{
	(void)state;
	run(round_of_strategic);
}

static void test_merge(void **state)
{
	(void)state;
	run(round_of_merge);
}

static void test_json(void **state)
{
	(void)state;
	run(round_of_json);
}

static void test_apply(void **state)
{
	(void)state;
	run(round_of_apply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strategic),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
