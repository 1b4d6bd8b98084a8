// SPDX-License-Identifier: GPL-2.0
/* svcd answers as a recorded API server did: tests/fixtures/kube-api. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLIES	SVCNAT_SOURCE "/tests/fixtures/kube-api/replies.json"

struct place {
	const char *name;	/* of the request */
	char path[512];
};

/* What later requests need of earlier replies. */
static struct {
	char token[512], version[32], count[8];
} seen;

static int setup(void **state)
{
	*state = http_fixture_open(NULL);
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

static const char *text_at(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static bool matches(struct place *p, const json_t *want, const json_t *got);

/* Where it went wrong is what p says: the deepest place. */
static bool text_matches(const char *want, const json_t *got)
{
	const char *text = json_string_value(got);
	size_t n = strlen(want);

	if (!strcmp(want, "*"))
		return got;
	if (n && want[n - 1] == '*')
		return text && !strncmp(want, text, n - 1);
	return text && !strcmp(want, text);
}

static bool is_in(struct place *p, const json_t *want, const json_t *list)
{
	size_t up = strlen(p->path), i;
	json_t *v;

	json_array_foreach(list, i, v) {
		if (matches(p, want, v))
			return true;
		/* Keep the place in the one that is most likely meant. */
		if (i + 1 < json_array_size(list))
			p->path[up] = '\0';
	}
	return false;
}

static bool list_matches(struct place *p, const json_t *want, const json_t *got)
{
	size_t i;
	json_t *v;

	if (!json_is_array(got) || !json_array_size(want) != !json_array_size(got))
		return false;
	if (!json_is_object(json_array_get(want, 0)) &&
	    json_array_size(want) != json_array_size(got))
		return false;
	json_array_foreach(want, i, v) {
		if (json_is_object(v) ? !is_in(p, v, got) : !matches(p, v, json_array_get(got, i)))
			return false;
	}
	return true;
}

/* The keys of want are in got, in the same order. */
static bool map_matches(struct place *p, const json_t *want, const json_t *got)
{
	void *at = json_object_iter((json_t *)got);
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)want, key, v) {
		size_t up = strlen(p->path);

		snprintf(p->path + up, sizeof(p->path) - up, ".%s", key);
		while (at && strcmp(json_object_iter_key(at), key))
			at = json_object_iter_next((json_t *)got, at);
		if (!at || !matches(p, v, json_object_iter_value(at)))
			return false;
		p->path[up] = '\0';
	}
	return json_is_object(got) && (json_object_size(want) || !json_object_size(got));
}

static bool matches(struct place *p, const json_t *want, const json_t *got)
{
	if (json_is_string(want))
		return text_matches(json_string_value(want), got);
	if (json_is_object(want))
		return map_matches(p, want, got);
	if (json_is_array(want))
		return list_matches(p, want, got);
	return json_equal(want, got);
}

static void check_headers(const json_t *want, const struct http_answer *a, const char *name)
{
	char line[512];
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)want, key, v) {
		snprintf(line, sizeof(line), "\r\n%s: %s\r\n", key, json_string_value(v));
		if (!strstr(a->head, line))
			fail_msg("%s: no%s in %s", name, line, a->head);
	}
	if (!json_object_get(want, "Warning") && strstr(a->head, "\r\nWarning:"))
		fail_msg("%s: a warning: %s", name, a->head);
}

static void check(const json_t *c, const struct http_answer *a)
{
	struct place p = { .name = text_at(c, "name") };
	const json_t *want = json_object_get(c, "json");

	if (a->status != json_integer_value(json_object_get(c, "status")))
		fail_msg("%s: %d %s", p.name, a->status, a->body);
	if (json_object_get(c, "headers"))
		check_headers(json_object_get(c, "headers"), a, p.name);
	if (json_object_get(c, "text"))
		assert_string_equal(a->body, text_at(c, "text"));
	if (want && !matches(&p, want, a->json))
		fail_msg("%s: %s: %s", p.name, p.path, a->body);
}

/* {continue}, {rv} and {n} are what was seen. */
static void fill(char *out, size_t room, const char *text)
{
	static const struct {
		const char *name, *value;
	} words[] = {
		{ "{continue}", seen.token }, { "{rv}", seen.version }, { "{n}", seen.count },
	};
	size_t n = 0, i;

	for (; *text && n < room - 1; text++) {
		for (i = 0; i < 3; i++)
			if (!strncmp(text, words[i].name, strlen(words[i].name)))
				break;
		if (i < 3) {
			n += snprintf(out + n, room - n, "%s", words[i].value);
			text += strlen(words[i].name) - 1;
		} else {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
}

static void remember(const json_t *reply)
{
	const json_t *meta = json_object_get(reply, "metadata");

	if (json_object_get(meta, "continue"))
		snprintf(seen.token, sizeof(seen.token), "%s", text_at(meta, "continue"));
	if (json_object_get(reply, "items"))
		snprintf(seen.version, sizeof(seen.version), "%s",
			 text_at(meta, "resourceVersion"));
}

static void ask(struct http_fixture *f, const json_t *c)
{
	char headers[512] = "", path[1024], body[4096];
	struct http_answer a;
	size_t n = 0;

	if (*text_at(c, "accept"))
		n = snprintf(headers, sizeof(headers), "Accept: %s\r\n", text_at(c, "accept"));
	if (*text_at(c, "type"))
		snprintf(headers + n, sizeof(headers) - n, "Content-Type: %s\r\n",
			 text_at(c, "type"));
	fill(path, sizeof(path), text_at(c, "path"));
	fill(body, sizeof(body), text_at(c, "body"));
	http_ask_with(f, text_at(c, "method"), path, headers, *body ? body : NULL, &a);
	check(c, &a);
	remember(a.json);
	http_answer_clear(&a);
}

static void test_replies(void **state)
{
	json_error_t e;
	json_t *cases = json_load_file(REPLIES, 0, &e), *c;
	size_t i;

	if (!cases)
		fail_msg("%s:%d: %s", REPLIES, e.line, e.text);
	assert_true(json_array_size(cases) > 40);
	json_array_foreach(cases, i, c) {
		json_int_t left = json_integer_value(json_object_get(c, "repeat"));

		do {
			snprintf(seen.count, sizeof(seen.count), "%d", (int)left);
			ask(*state, c);
		} while (--left > 0);
	}
	json_decref(cases);
}

static const struct {
	const char *want, *got;
	bool same;
} patterns[] = {
	{ "{\"a\":1}", "{\"a\":1,\"b\":2}", true },
	{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", false },
	{ "{\"a\":1}", "{\"a\":2}", false },
	{ "{}", "{\"a\":2}", false },
	{ "{\"a\":\"*\"}", "{\"a\":[7]}", true },
	{ "{\"a\":\"*\"}", "{}", false },
	{ "{\"a\":\"x*\"}", "{\"a\":\"xy\"}", true },
	{ "{\"a\":\"x*\"}", "{\"a\":\"y\"}", false },
	{ "[{\"a\":1}]", "[{\"a\":2},{\"a\":1}]", true },
	{ "[{\"a\":1}]", "[{\"a\":2}]", false },
	{ "[]", "[1]", false },
	{ "[1,2]", "[1,2,3]", false },
	{ "[1,2]", "[2,1]", false },
};

/* The judge itself. */
static void test_patterns(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		json_t *want = json_loads(patterns[i].want, 0, NULL);
		json_t *got = json_loads(patterns[i].got, 0, NULL);
		struct place p = { .name = "" };

		if (matches(&p, want, got) != patterns[i].same)
			fail_msg("%s: %s", patterns[i].want, patterns[i].got);
		json_decref(want);
		json_decref(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test_setup_teardown(test_replies, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
