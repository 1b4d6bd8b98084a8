// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "reflector.h"
#include "watch_recorded.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* What was told, as text: "[", "+name", "-name", "]". */
struct told {
	char text[512];
};

static void tell(struct told *t, const char *what, const char *name)
{
	size_t n = strlen(t->text);

	snprintf(t->text + n, sizeof(t->text) - n, "%s%s", what, name);
}

static void list_begin(void *ctx)
{
	tell(ctx, "[", "");
}

static void list_end(void *ctx)
{
	tell(ctx, "]", "");
}

static void object(void *ctx, const json_t *o, bool deleted)
{
	tell(ctx, deleted ? "-" : "+",
	     json_string_value(json_object_get(json_object_get(o, "metadata"), "name")));
}

static const struct reflector_ops ops = { list_begin, object, list_end };

/* 0, or the first error. */
static int feed(struct reflector *r, const char *text, size_t len, size_t piece, struct err *e)
{
	size_t n;
	int ret = 0;

	for (; len && !ret; text += n, len -= n) {
		/* A copy of its own, so that reading past the piece is caught. */
		char *copy;

		n = len < piece ? len : piece;
		copy = malloc(n);
		memcpy(copy, text, n);
		ret = reflector_watch_bytes(r, copy, n, e);
		free(copy);
	}
	return ret;
}

static void test_cut_everywhere(void **state)
{
	size_t len = strlen(recorded_watch), at;
	struct err e = { "" };

	(void)state;
	for (at = 0; at <= len; at++) {
		struct told t = { "" };
		struct reflector r;

		reflector_init(&r, "Service", &ops, &t);
		assert_int_equal(feed(&r, recorded_watch, at, len, &e), 0);
		assert_int_equal(feed(&r, recorded_watch + at, len - at, len + 1, &e), 0);
		assert_string_equal(t.text, "+web-web");
		assert_string_equal(r.version, "646");
		assert_int_equal(r.bytes.len, 0);
		reflector_exit(&r);
	}
}

static void test_pieces_of_all_sizes(void **state)
{
	size_t len = strlen(recorded_watch), piece;
	struct err e = { "" };

	(void)state;
	for (piece = 1; piece < 200; piece++) {
		struct told t = { "" };
		struct reflector r;

		reflector_init(&r, "Service", &ops, &t);
		assert_int_equal(feed(&r, recorded_watch, len, piece, &e), 0);
		assert_string_equal(t.text, "+web-web");
		reflector_exit(&r);
	}
}

/* What broke off in the middle of an event is forgotten, what was complete is not. */
static void test_broken_off(void **state)
{
	size_t first = strchr(recorded_watch, '\n') + 1 - recorded_watch;
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(feed(&r, recorded_watch, first + 100, 64, &e), 0);
	assert_string_equal(t.text, "+web");
	assert_string_equal(r.version, "406");
	reflector_restart(&r);
	assert_int_equal(feed(&r, recorded_watch + first, strlen(recorded_watch + first), 64, &e),
			 0);
	assert_string_equal(t.text, "+web-web");
	reflector_exit(&r);
}

static void test_expired(void **state)
{
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(feed(&r, recorded_expired, strlen(recorded_expired), 1000, &e), -ESTALE);
	assert_non_null(strstr(e.text, "too old resource version: 210"));
	assert_string_equal(t.text, "");
	reflector_exit(&r);
}

#define META(version)	"\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"" version "\"}"

static const struct {
	const char *text;
	int ret;
} wrong_events[] = {
	{ "nonsense\n", -EPROTO },
	{ "{\"type\":\"ADDED\"\n", -EPROTO },
	{ "[]\n", -EPROTO },
	{ "{}\n", -EPROTO },
	{ "{\"type\":\"NEWS\",\"object\":{\"kind\":\"Service\"," META("9") "}}\n", -EPROTO },
	{ "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\"," META("9") "}}\n", -EPROTO },
	{ "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\",\"metadata\":{}}}\n", -EPROTO },
	{ "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\"," META("") "}}\n", -EPROTO },
	{ "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\"," META("9&x=y") "}}\n", -EPROTO },
	{ "{\"type\":\"ADDED\",\"object\":null}\n", -EPROTO },
	{ "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500}}\n", -EPROTO },
	{ "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":403}}\n", -EPROTO },
	{ "{\"type\":\"ERROR\"}\n", -EPROTO },
	/* An authority that started anew. */
	{ "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\"," META("4") "}}\n", -ESTALE },
};

static void test_wrong_events(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong_events) / sizeof(*wrong_events); i++) {
		const char *text = wrong_events[i].text;
		struct told t = { "" };
		struct err e = { "" };
		struct reflector r;

		reflector_init(&r, "Service", &ops, &t);
		strcpy(r.version, "5");
		if (feed(&r, text, strlen(text), 10, &e) != wrong_events[i].ret || !e.text[0])
			fail_msg("taken: %s", text);
		assert_string_equal(t.text, "");
		/* It can be used again. */
		assert_int_equal(feed(&r, recorded_watch, strlen(recorded_watch), 999, &e), 0);
		reflector_exit(&r);
	}
}

/* One page; the first one after reflector_list_begin(). */
static int page(struct reflector *r, const char *text, struct err *e)
{
	size_t half = strlen(text) / 2;
	int ret;

	reflector_restart(r);
	ret = reflector_list_bytes(r, text, half, e);
	if (!ret)
		ret = reflector_list_bytes(r, text + half, strlen(text) - half, e);
	return ret ? ret : reflector_page_end(r, e);
}

static int list(struct reflector *r, const char *text, struct err *e)
{
	reflector_list_begin(r, false);
	return page(r, text, e);
}

static void test_list(void **state)
{
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(
		list(&r,
		     "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":"
		     "{\"resourceVersion\":\"210\"},\"items\":[{\"metadata\":{\"name\":\"a\"}},"
		     "{\"metadata\":{\"name\":\"b\"}}]}\n",
		     &e),
		0);
	assert_string_equal(t.text, "[+a+b]");
	assert_string_equal(r.version, "210");
	assert_int_equal(
		list(&r,
		     "{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"211\"},"
		     "\"items\":null}",
		     &e),
		0);
	assert_string_equal(t.text, "[+a+b][]");
	reflector_exit(&r);
}

static const char *const wrong_lists[] = {
	"",
	"nonsense",
	"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[",
	"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"1\"}}",
	"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":{}}",
	"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{}]}",
	"{\"kind\":\"ServiceList\",\"metadata\":{},\"items\":[]}",
	"{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}",
	"{\"kind\":\"Service\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}",
	"{\"kind\":\"Status\",\"code\":500}",
};

/* An incomplete list must not look as if everything were gone. */
static void test_wrong_lists(void **state)
{
	struct told t = { "" };
	struct reflector r;
	size_t i;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	for (i = 0; i < sizeof(wrong_lists) / sizeof(*wrong_lists); i++) {
		struct err e = { "" };

		if (list(&r, wrong_lists[i], &e) != -EPROTO || !e.text[0])
			fail_msg("taken: %s", wrong_lists[i]);
		if (strchr(t.text, ']'))
			fail_msg("%s is told as complete: %s", wrong_lists[i], t.text);
		assert_string_equal(r.version, "");
		t.text[0] = '\0';
	}
	reflector_exit(&r);
}

#define PAGE(meta, items)                                                                       \
	"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"7\"" meta "}," \
	"\"items\":[" items "]}"
#define NAMED(name)		"{\"metadata\":{\"name\":\"" name "\"}}"

static void test_pages(void **state)
{
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(list(&r, PAGE(",\"continue\":\"t=1\"", NAMED("a")), &e), 1);
	assert_string_equal(r.next, "t=1");
	assert_int_equal(page(&r, PAGE(",\"continue\":\"t2\"", ""), &e), 1);
	assert_string_equal(r.next, "t2");
	assert_string_equal(t.text, "[+a");
	assert_string_equal(r.version, "");
	/* One that breaks off is asked for again, from where it began. */
	assert_int_equal(page(&r, "{\"kind\":\"ServiceList\",\"items\":[" NAMED("b"), &e), -EPROTO);
	assert_string_equal(r.next, "t2");
	assert_int_equal(page(&r, PAGE("", NAMED("b") "," NAMED("c")), &e), 0);
	assert_null(r.next);
	assert_string_equal(t.text, "[+a+b+b+c]");
	assert_string_equal(r.version, "7");
	reflector_exit(&r);
}

#define EVENT(type, rest)	"{\"type\":\"" type "\",\"object\":{\"kind\":\"Service\","         \
				"\"metadata\":{" rest "}}}\n"
#define INITIAL_END	EVENT("BOOKMARK", "\"resourceVersion\":\"9\",\"annotations\":"             \
			      "{\"k8s.io/initial-events-end\":\"true\"}")

/* The versions of the initial events are in no order, and no place to go on from. */
static void test_initial_events(void **state)
{
	static const char text[] =
		EVENT("ADDED", "\"name\":\"a\",\"resourceVersion\":\"8\"")
		EVENT("ADDED", "\"name\":\"b\",\"resourceVersion\":\"3\"")
		INITIAL_END
		EVENT("MODIFIED", "\"name\":\"b\",\"resourceVersion\":\"12\"");
	size_t at, len = strlen(text);

	(void)state;
	for (at = 0; at <= len; at++) {
		struct told t = { "" };
		struct err e = { "" };
		struct reflector r;

		reflector_init(&r, "Service", &ops, &t);
		reflector_list_begin(&r, true);
		assert_int_equal(feed(&r, text, at, 1000, &e), 0);
		if (!strchr(t.text, ']'))
			assert_string_equal(r.version, "");
		assert_int_equal(feed(&r, text + at, len - at, 1000, &e), 0);
		assert_string_equal(t.text, "[+a+b]+b");
		assert_string_equal(r.version, "12");
		reflector_exit(&r);
	}
}

static void test_initial_events_of_nothing(void **state)
{
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	reflector_list_begin(&r, true);
	assert_int_equal(feed(&r, INITIAL_END, strlen(INITIAL_END), 1000, &e), 0);
	assert_string_equal(t.text, "[]");
	reflector_exit(&r);
}

/* Servers that do not know the parameter send bookmarks as ever. */
static void test_no_initial_events(void **state)
{
	static const char text[] =
		EVENT("ADDED", "\"name\":\"a\",\"resourceVersion\":\"8\"")
		EVENT("BOOKMARK", "\"resourceVersion\":\"9\"");
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	reflector_list_begin(&r, true);
	assert_int_equal(feed(&r, text, strlen(text), 1000, &e), -EOPNOTSUPP);
	assert_string_equal(t.text, "[+a");
	/* The list that takes its place begins anew. */
	assert_int_equal(list(&r, PAGE("", NAMED("b")), &e), 0);
	assert_string_equal(t.text, "[+a[+b]");
	reflector_exit(&r);
}

static void test_busy(void **state)
{
	static const char text[] =
		"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"message\":\"too many\","
		"\"details\":{\"retryAfterSeconds\":7},\"code\":429}}\n";
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(feed(&r, text, strlen(text), 1000, &e), -EAGAIN);
	assert_int_equal(r.retry_after, 7);
	assert_non_null(strstr(e.text, "too many"));
	reflector_exit(&r);
}

/* Anybody who may write an annotation may write this. */
static void test_nul(void **state)
{
	static const char text[] =
		"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\",\"metadata\":{\"name\":\"a\","
		"\"resourceVersion\":\"5\",\"annotations\":{\"x\":\"\\u0000\"}}}}\n";
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(feed(&r, text, strlen(text), 1000, &e), 0);
	assert_int_equal(list(&r, PAGE("", "{\"metadata\":{\"name\":\"b\",\"annotations\":"
			      "{\"x\":\"\\u0000\"}}}"), &e), 0);
	assert_string_equal(t.text, "+a[+b]");
	reflector_exit(&r);
}

/* Items that were not found, as their key is written in another way, are not none. */
static void test_items_in_disguise(void **state)
{
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;

	(void)state;
	reflector_init(&r, "Service", &ops, &t);
	assert_int_equal(list(&r, "{\"kind\":\"ServiceList\",\"metadata\":"
			      "{\"resourceVersion\":\"7\"},"
			      "\"it\\u0065ms\":[" NAMED("a") "]}", &e), -EPROTO);
	assert_null(strchr(t.text, ']'));
	reflector_exit(&r);
}

static void test_endless_event(void **state)
{
	static char text[1 << 20];
	struct told t = { "" };
	struct err e = { "" };
	struct reflector r;
	int i, ret = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	reflector_init(&r, "Service", &ops, &t);
	for (i = 0; i < 1000 && !ret; i++)
		ret = reflector_watch_bytes(&r, text, sizeof(text), &e);
	assert_int_equal(ret, -EFBIG);
	reflector_exit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_pieces_of_all_sizes),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_wrong_events),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_wrong_lists),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_initial_events),
		cmocka_unit_test(test_initial_events_of_nothing),
		cmocka_unit_test(test_no_initial_events),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_items_in_disguise),
		cmocka_unit_test(test_endless_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
