// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "list_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* What was told, as text: "KIND: " of the head, then each item and a ';'. */
struct told {
	char text[2048];
	int item_ret;
	size_t most;	/* bytes of an item that were kept at once */
	struct list_reader *reader;
};

static int head(void *ctx, const json_t *o, struct err *e)
{
	struct told *t = ctx;

	(void)e;
	strcat(t->text, json_string_value(json_object_get(o, "kind")));
	strcat(t->text, ": ");
	return 0;
}

static int item(void *ctx, const json_t *o, struct err *e)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY);
	struct told *t = ctx;

	strcat(t->text, text);
	strcat(t->text, ";");
	free(text);
	if (t->reader->item.len > t->most)
		t->most = t->reader->item.len;
	return t->item_ret ? err_set(e, -t->item_ret, "no more") : 0;
}

static const struct list_reader_ops ops = { head, item };

/* 0 or the first error; around is its text. */
static int read_pieces(struct told *t, const char *text, size_t len, size_t piece, char *around,
		       struct err *e)
{
	struct list_reader r;
	json_t *rest = NULL;
	size_t i, n;
	int ret = 0;

	t->reader = &r;
	list_reader_init(&r, &ops, t);
	for (i = 0; i < len && !ret; i += n) {
		/* A copy of its own, so that reading past the piece is caught. */
		char *copy;

		n = len - i < piece ? len - i : piece;
		copy = malloc(n);
		memcpy(copy, text + i, n);
		ret = list_reader_bytes(&r, copy, n, e);
		free(copy);
	}
	if (!ret)
		ret = list_reader_end(&r, &rest, e);
	if (!ret && around) {
		char *dump = json_dumps(rest, JSON_COMPACT);

		strcpy(around, dump);
		free(dump);
	}
	json_decref(rest);
	list_reader_clear(&r);
	return ret;
}

static const struct {
	const char *name, *text, *told, *around;
} good[] = {
	{ "as it is sent",
	  "{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
	  "{\"metadata\":{\"name\":\"a\"}},{\"metadata\":{\"name\":\"b\"}}]}\n",
	  "ServiceList: {\"metadata\":{\"name\":\"a\"}};{\"metadata\":{\"name\":\"b\"}};",
	  "{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[]}" },
	{ "the version behind the items, and blanks",
	  " { \"kind\" : \"L\" , \"items\" : [ {\"x\": 1 } , {\"y\" :[ 2 ]} ] , \"metadata\" : "
	  "{\"continue\" : \"t\"} } ",
	  "L: {\"x\":1};{\"y\":[2]};",
	  "{\"kind\":\"L\",\"items\":[],\"metadata\":{\"continue\":\"t\"}}" },
	{ "no items", "{\"kind\":\"L\",\"items\":[]}", "L: ", "{\"kind\":\"L\",\"items\":[]}" },
	{ "items that are null", "{\"kind\":\"L\",\"items\":null}", "L: ",
	  "{\"kind\":\"L\",\"items\":null}" },
	{ "none at all", "{\"kind\":\"L\"}", "L: ", "{\"kind\":\"L\"}" },
	{ "managedFields are gone",
	  "{\"kind\":\"L\",\"items\":[{\"metadata\":{\"managedFields\":[{\"f:a\":{\"}\":[1,2]}}],"
	  "\"name\":\"a\"},\"s\":1},{\"metadata\":{\"name\":\"b\",\"managedFields\":[]}},"
	  "{\"metadata\":{\"managedFields\":null}}]}",
	  "L: {\"metadata\":{\"name\":\"a\"},\"s\":1};{\"metadata\":{\"name\":\"b\"}};"
	  "{\"metadata\":{}};",
	  "{\"kind\":\"L\",\"items\":[]}" },
	{ "only the object's own",
	  "{\"kind\":\"L\",\"managedFields\":1,\"items\":[{\"managedFields\":2,\"spec\":"
	  "{\"managedFields\":3,\"metadata\":{\"managedFields\":4}},\"metadata\":{\"x\":"
	  "{\"managedFields\":5},\"name\":\"managedFields\"}}]}",
	  "L: {\"managedFields\":2,\"spec\":{\"managedFields\":3,\"metadata\":{\"managedFields\":"
	  "4}},\"metadata\":{\"x\":{\"managedFields\":5},\"name\":\"managedFields\"}};",
	  "{\"kind\":\"L\",\"managedFields\":1,\"items\":[]}" },
	{ "brackets, quotes and words in strings",
	  "{\"kind\":\"L\",\"a\":\"items\",\"metadata\":{\"items\":[{\"no\":1}]},\"items\":["
	  "{\"a\":\"]}\\\"\\\\\",\"metadata\":{\"b\":\"managedFields\",\"items\":[{}]}}]}",
	  "L: {\"a\":\"]}\\\"\\\\\",\"metadata\":{\"b\":\"managedFields\",\"items\":[{}]}};",
	  "{\"kind\":\"L\",\"a\":\"items\",\"metadata\":{\"items\":[{\"no\":1}]},\"items\":[]}" },
};

static void test_good(void **state)
{
	char around[512];
	size_t i, piece;
	struct err e;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		for (piece = 1; piece <= strlen(good[i].text); piece++) {
			struct told t = { .text = "" };

			e.text[0] = '\0';
			if (read_pieces(&t, good[i].text, strlen(good[i].text), piece, around, &e))
				fail_msg("%s, %zu bytes at a time: %s", good[i].name, piece,
					 e.text);
			if (strcmp(t.text, good[i].told) || strcmp(around, good[i].around))
				fail_msg("%s, %zu bytes at a time: %s and %s", good[i].name, piece,
					 t.text, around);
		}
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ " ", "not JSON" },
	{ "nonsense", "not JSON" },
	{ "[]", "not an object" },
	{ "{\"kind\":\"L\",\"items\":[{\"a\":1}", "not JSON" },
	{ "{\"kind\":\"L\",\"items\":[{\"a\":1]}", "not JSON" },
	{ "{\"kind\":\"L\",\"items\":[{\"a\" 1}]}", "not JSON" },
	{ "{\"kind\":\"L\",\"items\":[1]}", "item that is no object" },
	{ "{\"kind\":\"L\",\"items\":[\"a\"]}", "item that is no object" },
	{ "{\"kind\":\"L\",\"items\":[[]]}", "item that is no object" },
	{ "{\"kind\":\"L\",\"items\":[],\"items\":[]}", "items twice" },
	{ "{\"kind\":\"L\"}}", "ends more often" },
	{ "{\"kind\":\"L\"} {}", "not JSON" },
	{ "{\"kind\":\"L\",\"items\":[{\"a\":\"\xff\"}]}", "not JSON" },
};

static void test_bad(void **state)
{
	size_t i, piece;
	struct err e;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (piece = 1; piece <= strlen(bad[i].text); piece++) {
			struct told t = { .text = "" };
			int ret;

			e.text[0] = '\0';
			ret = read_pieces(&t, bad[i].text, strlen(bad[i].text), piece, NULL, &e);
			if (ret != -EPROTO || !strstr(e.text, bad[i].why))
				fail_msg("%s: %d, %s", bad[i].text, ret, e.text);
		}
}

static void test_too_deep(void **state)
{
	char text[1024] = "{\"kind\":\"L\",\"items\":[{\"a\":";
	struct told t = { .text = "" };
	struct err e = { "" };

	(void)state;
	memset(text + strlen(text), '[', 200);
	assert_int_equal(read_pieces(&t, text, strlen(text), 1000, NULL, &e), -EPROTO);
	assert_non_null(strstr(e.text, "too deep"));
}

/* What the receiver says ends it, and is handed on. */
static void test_receiver_refuses(void **state)
{
	struct told t = { .item_ret = -ENOSPC };
	struct err e = { "" };

	(void)state;
	assert_int_equal(read_pieces(&t, good[0].text, strlen(good[0].text), 7, NULL, &e), -ENOSPC);
	assert_string_equal(e.text, "no more");
	assert_string_equal(t.text, "ServiceList: {\"metadata\":{\"name\":\"a\"}};");
}

/* Of a long list with large managedFields no more than one small item is kept. */
static void test_memory(void **state)
{
	enum { ITEMS = 20, FILL = 50000 };
	size_t size = ITEMS * (FILL + 200) + 100, len;
	char *text = malloc(size), *fill = malloc(FILL + 1);
	struct told t = { .text = "" };
	struct err e = { "" };
	int i;

	(void)state;
	memset(fill, 'x', FILL);
	fill[FILL] = '\0';
	len = snprintf(text, size, "{\"kind\":\"L\",\"items\":[");
	for (i = 0; i < ITEMS; i++)
		len += snprintf(text + len, size - len, "%s{\"metadata\":{\"managedFields\":"
				"[\"%s\"],\"name\":\"a\"}}", i ? "," : "", fill);
	len += snprintf(text + len, size - len, "]}");
	assert_int_equal(read_pieces(&t, text, len, 4096, NULL, &e), 0);
	assert_true(t.most > 0 && t.most < 100);
	free(text);
	free(fill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_receiver_refuses),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
