// SPDX-License-Identifier: GPL-2.0
/* Lists in pages, of the present and of the past. */
#include "jx.h"
#include "list_token.h"
#include "registry_help.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OTHER	"shop"

static void add(struct registry_help *h, const char *ns, const char *name, const char *labels)
{
	json_t *body = registry_help_json("{'metadata':{'name':'%s','labels':%s},'subsets':[]}",
					  name, labels);
	struct reply reply;

	registry_create(h->r, registry_help_type("endpoints"), ns, body, 0, &reply);
	assert_int_equal(reply.code, 201);
	json_decref(reply.body);
	json_decref(body);
}

/* a to g, every second one labelled, and one in another namespace before and behind. */
static int setup(void **state)
{
	struct registry_help *h;
	char name[2] = "";

	registry_help_setup(state);
	h = *state;
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'" OTHER "'}}"),
			 201);
	for (*name = 'a'; *name <= 'g'; ++*name)
		add(h, "default", name, *name & 1 ? "{'odd':'yes'}" : "{}");
	add(h, OTHER, "a", "{}");
	return 0;
}

static void ask(struct registry_help *h, const char *ns, const char *labels,
		const struct registry_page *page)
{
	const struct registry_query q = { labels, NULL };

	json_decref(h->reply.body);
	registry_list_page(h->r, registry_help_type("endpoints"), ns, &q, page, &h->reply);
}

/* The names of the last list: "a b c". */
static void expect_names(struct registry_help *h, const char *names)
{
	char text[256] = "";
	json_t *item;
	size_t i;

	if (h->reply.code != 200)
		fail_msg("%s", registry_help_message(h));
	json_array_foreach(json_object_get(h->reply.body, "items"), i, item)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", jx_str(item, "metadata.name"));
	assert_string_equal(text, names);
}

/* The token of the last list; to be freed. Has it so many left? -1: that is not said. */
static char *token(struct registry_help *h, int left)
{
	const json_t *n = jx_get(h->reply.body, "metadata.remainingItemCount");

	assert_int_equal(n ? json_integer_value(n) : -1, left);
	assert_true(*jx_str(h->reply.body, "metadata.continue"));
	return strdup(jx_str(h->reply.body, "metadata.continue"));
}

static void expect_last(struct registry_help *h)
{
	assert_null(jx_get(h->reply.body, "metadata.continue"));
	assert_null(jx_get(h->reply.body, "metadata.remainingItemCount"));
}

static void test_pages(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 3 };
	char *first, *second;

	ask(h, "default", NULL, &page);
	expect_names(h, "a b c");
	first = token(h, 4);
	page.token = first;
	ask(h, "default", NULL, &page);
	expect_names(h, "d e f");
	second = token(h, 1);
	page.token = second;
	ask(h, "default", NULL, &page);
	expect_names(h, "g");
	expect_last(h);
	/* The limit may change on the way. */
	page = (struct registry_page){ .token = first };
	ask(h, "default", NULL, &page);
	expect_names(h, "d e f g");
	expect_last(h);
	page.limit = 4;
	ask(h, "default", NULL, &page);
	expect_names(h, "d e f g");
	expect_last(h);
	free(first);
	free(second);
}

static void test_pages_everywhere(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 7 };
	char *next;

	ask(h, NULL, NULL, &page);
	expect_names(h, "a b c d e f g");
	next = token(h, 1);
	page.token = next;
	ask(h, NULL, NULL, &page);
	expect_names(h, "a");
	assert_string_equal(registry_help_value(h, "items.0.metadata.namespace"), OTHER);
	expect_last(h);
	/* A token goes on where it was given out. */
	ask(h, OTHER, NULL, &page);
	assert_int_equal(h->reply.code, 400);
	free(next);
	page = (struct registry_page){ .limit = 1 };
	ask(h, OTHER, NULL, &page);
	expect_names(h, "a");
	expect_last(h);
}

static void test_pages_with_selector(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 2 };
	char *next;

	ask(h, "default", "odd=yes", &page);
	expect_names(h, "a c");
	next = token(h, -1);
	page.token = next;
	ask(h, "default", "odd=yes", &page);
	expect_names(h, "e g");
	expect_last(h);
	free(next);
}

/* What happens between two pages is not in the second. */
static void test_pages_are_of_one_version(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 3 };
	char *next, *version;

	ask(h, "default", NULL, &page);
	version = strdup(registry_help_value(h, "metadata.resourceVersion"));
	next = token(h, 4);
	add(h, "default", "dd", "{}");
	assert_int_equal(registry_help_delete(h, "endpoints", "e"), 200);
	assert_int_equal(registry_help_patch(h, "endpoints", "f", NULL,
					     "{'metadata':{'labels':{'new':'yes'}}}"), 200);
	page.token = next;
	ask(h, "default", NULL, &page);
	expect_names(h, "d e f");
	assert_string_equal(registry_help_value(h, "metadata.resourceVersion"), version);
	assert_null(jx_get(json_array_get(json_object_get(h->reply.body, "items"), 2),
			   "metadata.labels"));
	/* And so is a list of that very version. */
	page = (struct registry_page){ .version = strtoull(version, NULL, 10), .exact = true };
	ask(h, "default", NULL, &page);
	expect_names(h, "a b c d e f g");
	page.exact = false;
	ask(h, "default", NULL, &page);
	expect_names(h, "a b c d dd f g");
	free(version);
	free(next);
}

static void test_expired(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 3 };
	char *next, *fresh;
	uint64_t version;

	h->config.history = 3;
	registry_help_reopen(h);
	ask(h, "default", NULL, &page);
	next = token(h, 4);
	version = registry_version(h->r);
	for (int i = 0; i < 5; i++)
		add(h, "default", (const char *const[]){ "da", "db", "dc", "dd", "de" }[i], "{}");
	page.token = next;
	ask(h, "default", NULL, &page);
	assert_int_equal(h->reply.code, 410);
	assert_string_equal(registry_help_value(h, "reason"), "Expired");
	assert_non_null(strstr(registry_help_message(h),
			       "use the continue token in this response"));
	fresh = strdup(registry_help_value(h, "metadata.continue"));
	page.token = fresh;
	ask(h, "default", NULL, &page);
	expect_names(h, "d da db");
	free(token(h, 6));
	page = (struct registry_page){ .version = version, .exact = true };
	ask(h, "default", NULL, &page);
	assert_int_equal(h->reply.code, 410);
	assert_string_equal(registry_help_message(h),
			    "The resourceVersion for the provided list is too old.");
	free(fresh);
	free(next);
}

static void test_from_the_future(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .version = UINT64_MAX / 2 };

	ask(h, NULL, NULL, &page);
	assert_int_equal(h->reply.code, 504);
	assert_string_equal(registry_help_value(h, "details.causes.0.reason"),
			    "ResourceVersionTooLarge");
	page.exact = true;
	ask(h, NULL, NULL, &page);
	assert_int_equal(h->reply.code, 504);
}

/* The last one is of a real API server. */
static const char *const garbage[] = {
	"AAAA", "!", "", "e30", "bnVsbA", "W10", "\xff",
	"eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NjMxLCJzdGFydCI6Ii9kZWZhdWx0L2R1YWxcdTAwMDAifQ",
};

static void test_garbage(void **state)
{
	struct registry_help *h = *state;
	struct registry_page page = { .limit = 3 };
	char longest[8192];
	size_t i;

	for (i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		page.token = garbage[i];
		ask(h, "default", NULL, &page);
		if (h->reply.code != 400 || strncmp(registry_help_message(h), "invalid continue "
						    "token: continue key is not valid: ", 50))
			fail_msg("%s: %s", garbage[i], registry_help_message(h));
	}
	memset(longest, 'e', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	page.token = longest;
	ask(h, "default", NULL, &page);
	assert_int_equal(h->reply.code, 400);
}

static void test_tokens(void **state)
{
	static const char *const names[] = { "", "a", "ab", "abc", "abcd", "\xc3\xa4\"\\/?&=" };
	struct list_token t;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *text = list_token_print(i ? INT64_MAX : 0, "ns", names[i]);

		assert_int_equal(text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
					     "uvwxyz0123456789-_")], '\0');
		assert_int_equal(list_token_parse(&t, text, &e), 0);
		assert_true(t.version == (i ? INT64_MAX : 0));
		assert_string_equal(t.ns, "ns");
		assert_string_equal(t.name, names[i]);
		list_token_clear(&t);
		text[strlen(text) / 2] = '\0';
		assert_int_equal(list_token_parse(&t, text, &e), -EINVAL);
		free(text);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		T(test_pages),
		T(test_pages_everywhere),
		T(test_pages_with_selector),
		T(test_pages_are_of_one_version),
		T(test_expired),
		T(test_from_the_future),
		T(test_garbage),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
