// SPDX-License-Identifier: GPL-2.0
/* The table that keeps the kernel from answering ARP, as nft and the kernel take it. */
#include "announce_guard.h"

#include "err.h"
#include "lan_help.h"
#include "nft.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static struct lan lan;

/* In a namespace of its own; the table is there at first if it can be. */
static bool begin(void)
{
	struct err e;

	return lan_open(&lan) && !announce_guard_prepare(&e);
}

static void end(void)
{
	lan_close(&lan);
}

static struct announce_guarded on(const char *interface)
{
	return (struct announce_guarded){ { inet_addr("192.0.2.240") }, interface };
}

static void set(const char *interface, bool shared)
{
	struct announce_guarded v = on(interface);
	struct err e = { "" };

	if (announce_guard_set(&v, 1, shared, &e))
		fail_msg("%s", e.text);
}

static void nft(const char *command)
{
	struct err e = { "" };

	if (nft_run(command, "test", &e))
		fail_msg("%s", e.text);
}

static void test_what_is_there(void **state)
{
	(void)state;
	if (!begin())
		skip();
	assert_true(announce_guard_there());
	assert_false(announce_guard_whole(false));
	assert_false(announce_guard_lasting());
	set("lan0", false);
	assert_true(announce_guard_whole(false));
	assert_false(announce_guard_whole(true));
	assert_true(announce_guard_lasting());
	assert_false(announce_guard_recent());
	set("lan0", true);
	assert_true(announce_guard_whole(true));
	assert_false(announce_guard_lasting());
	assert_true(announce_guard_recent());
	assert_int_equal(announce_guard_beat(NULL), 0);
	nft("flush chain arp " ANNOUNCE_TABLE " in\n");
	assert_true(announce_guard_there());
	assert_false(announce_guard_whole(true));
	assert_false(announce_guard_lasting());
	set("lan0", true);
	nft("flush ruleset\n");
	assert_false(announce_guard_there());
	assert_false(announce_guard_whole(true));
	assert_int_not_equal(announce_guard_beat(NULL), 0);
	set("lan0", true);
	assert_true(announce_guard_whole(true));
	assert_int_equal(announce_guard_clear(NULL), 0);
	assert_false(announce_guard_there());
	assert_int_equal(announce_guard_clear(NULL), 0);
	end();
}

/* The interfaces; to be freed. */
static char *listed(void)
{
	char *text = NULL;

	assert_int_equal(nft_ask("list set arp " ANNOUNCE_TABLE " on\n", "", &text, NULL), 0);
	return text;
}

/* Names that the kernel has for interfaces; and how nft tells them. */
static const char *const names[] = {
	"eth0", "br-lan", "0", "a.100", "a;b", "a}b", "a{b", "$a", "@on", "#a", "a'b", "a,b",
	"-", "ip", "drop", "a\xc3\xa4", "a\x01" "b", "(a)", "!=a", "012345678901234",
};

static void test_names_of_interfaces(void **state)
{
	char *text, wanted[64];
	size_t i;

	(void)state;
	if (!begin())
		skip();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		set(names[i], true);
		assert_true(announce_guard_whole(true));
		text = listed();
		snprintf(wanted, sizeof(wanted), "elements = { \"%s\" . 192.0.2.240 }",
			 names[i]);
		if (!strstr(text, wanted))
			fail_msg("%s: %s", names[i], text);
		free(text);
	}
	end();
}

/* Of which nft has no words: there the kernel is silent, and all else is as it shall be. */
static const char *const unspeakable[] = {
	"a\"b", "a\\b", "a*", "*", "\"", "a\"}; flush ruleset; {",
};

static void test_names_that_cannot_be_said(void **state)
{
	struct announce_guarded v[] = { on(""), on("lan0") };
	char *text;
	size_t i;

	(void)state;
	if (!begin())
		skip();
	for (i = 0; i < sizeof(unspeakable) / sizeof(*unspeakable); i++) {
		v[0].interface = unspeakable[i];
		assert_int_equal(announce_guard_set(v, 2, true, NULL), 0);
		text = listed();
		assert_non_null(strstr(text, "elements = { \"lan0\" . 192.0.2.240 }"));
		free(text);
	}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_there),
		cmocka_unit_test(test_names_of_interfaces),
		cmocka_unit_test(test_names_that_cannot_be_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
