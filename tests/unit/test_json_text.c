// SPDX-License-Identifier: GPL-2.0
/* Our own reader and writer of JSON say what jansson says, of all that comes along. */
#include "json_read.h"
#include "json_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MUTATIONS	400	/* of each text */

static const char *const texts[] = {
	"{}", "[]", " { } ", "\t[\r\n]\n", "[[],{},[[]]]", "{\"a\":{\"b\":[1,{\"c\":\"d\"}]}}",
	"[0,-0,1,-1,10,123456789012345678,-999999999999999999,1000000000000000000]",
	"[9223372036854775807,-9223372036854775808]", "[true,false,null]",
	"[0.5,1e3,-2.5E-3,1.0,100000000000000000000.0]", "{\"z\":1,\"a\":2,\"m\":3,\"aa\":4}",
	"[\"\",\"a\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"a\\nb\",\"\\u0001\\u00e9\\u20ac\"]",
	"[\"\x7f\",\"\xc3\xa9\",\"\xe2\x82\xac\\n\",\"\xf0\x9f\x98\x80\"]",
	"{\"\":1,\" \":2,\"\xc3\xa9\":3,\"a\\nb\":4,\"a\":\"\\n\"}",
	"{\"a\" : 1 , \"b\" : [ 1 , 2 ] }",
	"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\","
	"\"annotations\":{\"note\":\"{\\\"kind\\\":\\\"Service\\\"}\\n\"}},"
	"\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":\"http\"}],\"clusterIP\":\"None\","
	"\"publishNotReadyAddresses\":true}}",
	/* and what is no JSON, or not for all */
	"", " ", "1", "\"a\"", "null", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}",
	"{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":{\"c\":1,\"c\":1}}",
	"[01]", "[-]", "[+1]", "[1.]", "[.5]", "[1e]", "[--1]", "[9223372036854775808]", "[tru]",
	"[truex]", "[nul]", "[\"a]", "[\"\\", "[\"\\x\"]", "[\"\\u12\"]", "[\"\n\"]", "[\"\t\"]",
	"[\"\xff\"]", "[\"\xc3\"]", "{\"\xff\":1}", "[\"\\u0000\"]", "{\"\\u0000\":1}", "[] []",
	"{}x", "[1 2]", "{\"a\" 1}", "[1}", "{\"a\":1]", "\xef\xbb\xbf{}", "[1]\f", "[\"\x01\"]",
};

static const size_t all_flags[] = { 0, JSON_REJECT_DUPLICATES, JSON_ALLOW_NUL };

/* The same value, its members in the same order; or both refuse it, in the same words. */
static void compare(const char *text, size_t len, size_t flags)
{
	json_error_t error, our_error;
	json_t *their = json_loadb(text, len, flags, &error);
	json_t *our = json_read(text, len, flags, &our_error);
	char *a, *b;

	if (!their || !our) {
		if (their || our || strcmp(error.text, our_error.text))
			fail_msg("%.*s: %s; ours: %s", (int)len, text, their ? "fine" : error.text,
				 our ? "fine" : our_error.text);
		return;
	}
	a = json_dumps(their, JSON_COMPACT);
	b = json_dumps(our, JSON_COMPACT);
	if (!json_equal(their, our) || strcmp(a, b))
		fail_msg("%.*s: %s, not %s", (int)len, text, b, a);
	free(a);
	free(b);
	json_decref(their);
	json_decref(our);
}

/* A copy on the heap: what reads beyond its end is caught. */
static void compare_all(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	assert_non_null(copy);
	memmove(copy + 1, text, len);
	for (size_t i = 0; i < sizeof(all_flags) / sizeof(all_flags[0]); i++)
		compare(copy + 1, len, all_flags[i]);
	free(copy);
}

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		compare_all(texts[i], strlen(texts[i]));
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

/* A byte is replaced, is doubled, or goes; by one that means something, mostly. */
static size_t mutate(char *text, size_t len, uint64_t *seed)
{
	static const char bytes[] = "{}[],:\"\\ntu0159-.eE \n\x01\x80\xc3\xff";
	size_t at = random_below(seed, (uint32_t)len);

	switch (random_below(seed, 3)) {
	case 0:
		text[at] = bytes[random_below(seed, sizeof(bytes) - 1)];
		return len;
	case 1:
		memmove(text + at + 1, text + at, len - at);
		return len + 1;
	default:
		memmove(text + at, text + at + 1, len - at - 1);
		return len - 1;
	}
}

static void test_mutated(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int round = 0; round < MUTATIONS; round++) {
			char text[1024];
			size_t len = strlen(texts[i]);

			memcpy(text, texts[i], len);
			for (uint32_t n = random_below(&seed, 4); n && len; n--)
				len = mutate(text, len, &seed);
			compare_all(text, len);
		}
}

/* Deeper than our own reader goes; a string with escapes that is longer than it takes. */
static void test_large(void **state)
{
	static char text[20000];
	size_t n;

	(void)state;
	for (n = 62; n < 70; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		compare_all(text, 2 * n);
	}
	for (n = 4088; n < 4102; n++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "[\"", 2);
		memcpy(text + n, "\\n\"]", 4);
		compare_all(text, n + 4);
		memcpy(text + 2, "\\n", 2);
		compare_all(text, n + 4);
	}
}

static void check_text(const json_t *v)
{
	static const struct { unsigned int ours; size_t theirs; } flags[] = {
		{ 0, JSON_COMPACT | JSON_ENCODE_ANY },
		{ JSON_TEXT_SORTED, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS },
	};

	for (size_t i = 0; i < 2; i++) {
		char *their = json_dumps(v, flags[i].theirs);
		size_t len;
		char *our = json_text(v, flags[i].ours, &len);

		assert_non_null(our);
		assert_string_equal(our, their);
		assert_int_equal(len, strlen(their));
		free(their);
		free(our);
	}
}

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *v = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		if (v)
			check_text(v);
		json_decref(v);
	}
}

/* Each byte that a string may have, and sizes around those at which room is made. */
static void test_text_of_strings(void **state)
{
	char s[3000];
	json_t *v;

	(void)state;
	for (int c = 0; c < 0x80; c++) {
		snprintf(s, sizeof(s), "a%cb", c);
		v = json_stringn(s, 3);
		check_text(v);
		json_decref(v);
	}
	memset(s, 'x', sizeof(s));
	for (size_t len = 1000; len < 2100; len++) {
		v = json_pack("[s#, i]", s, (int)len, 7);
		check_text(v);
		json_decref(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_mutated),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
