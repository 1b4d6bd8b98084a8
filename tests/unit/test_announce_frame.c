// SPDX-License-Identifier: GPL-2.0
#include "announce_frame.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

static const uint8_t mac[ETH_ALEN] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

static void test_arp_announcement(void **state)
{
	static const uint8_t wanted[ANNOUNCE_ARP_LEN] = {
		0, 1, 8, 0, 6, 4, 0, 1,				/* Ethernet, IPv4, request */
		2, 0x11, 0x22, 0x33, 0x44, 0x55, 192, 168, 56, 240,
		0, 0, 0, 0, 0, 0, 192, 168, 56, 240,
	};
	uint8_t got[ANNOUNCE_ARP_LEN];

	(void)state;
	announce_arp(got, mac, (struct in_addr){ inet_addr("192.168.56.240") }, false);
	assert_memory_equal(got, wanted, sizeof(wanted));
}

static void test_arp_reply(void **state)
{
	static const uint8_t wanted[ANNOUNCE_ARP_LEN] = {
		0, 1, 8, 0, 6, 4, 0, 2,
		2, 0x11, 0x22, 0x33, 0x44, 0x55, 192, 168, 56, 240,
		255, 255, 255, 255, 255, 255, 192, 168, 56, 240,
	};
	uint8_t got[ANNOUNCE_ARP_LEN];

	(void)state;
	announce_arp(got, mac, (struct in_addr){ inet_addr("192.168.56.240") }, true);
	assert_memory_equal(got, wanted, sizeof(wanted));
}

static struct in6_addr v6(const char *text)
{
	struct in6_addr a;

	assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static void test_neighbour_advertisement(void **state)
{
	static const uint8_t unsolicited[ANNOUNCE_NA_LEN] = {
		136, 0, 0, 0, 0x20, 0, 0, 0,			/* override */
		0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x40,
		2, 1, 2, 0x11, 0x22, 0x33, 0x44, 0x55,		/* the target's link address */
	};
	struct in6_addr a = v6("fd00:1::240");
	uint8_t got[ANNOUNCE_NA_LEN];

	(void)state;
	announce_na(got, mac, &a, false);
	assert_memory_equal(got, unsolicited, sizeof(unsolicited));
	announce_na(got, mac, &a, true);
	assert_int_equal(got[4], 0x60);				/* and solicited */
}

static void test_solicited_group(void **state)
{
	struct in6_addr got, wanted = v6("ff02::1:ff34:5678"), a = v6("fd00::1234:5678");

	(void)state;
	got = announce_solicited_group(&a);
	assert_memory_equal(&got, &wanted, sizeof(got));
}

/* A solicitation for fd00:1::240, with its sender's address. */
static const uint8_t asked[] = {
	135, 0, 0, 0, 0, 0, 0, 0,
	0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x40,
	1, 1, 2, 0, 0, 0, 0, 9,
};

static bool parse(const uint8_t *data, size_t len, int hops, const char *from,
		  struct announce_ns *out)
{
	struct in6_addr f = v6(from);
	uint8_t *copy = malloc(len + !len);
	bool ok;

	/* Exactly as long: the sanitizer sees who reads on. */
	memcpy(copy, data, len);
	ok = announce_ns_parse(copy, len, hops, &f, out);
	free(copy);
	return ok;
}

static void test_solicitation(void **state)
{
	struct in6_addr wanted = v6("fd00:1::240");
	struct announce_ns ns;

	(void)state;
	assert_true(parse(asked, sizeof(asked), 255, "fe80::1", &ns));
	assert_memory_equal(&ns.target, &wanted, sizeof(wanted));
	assert_false(ns.probe);
	assert_true(parse(asked, 24, 255, "fe80::1", &ns));
	/* Is the address free? */
	assert_true(parse(asked, 24, 255, "::", &ns));
	assert_true(ns.probe);
}

static void test_solicitations_that_are_none(void **state)
{
	uint8_t bad[sizeof(asked)];
	struct announce_ns ns;
	size_t len;

	(void)state;
	/* From beyond a router. */
	assert_false(parse(asked, sizeof(asked), 254, "fe80::1", &ns));
	assert_false(parse(asked, sizeof(asked), 255, "::", &ns));
	for (len = 0; len < sizeof(asked); len++)
		if (len != 24)
			assert_false(parse(asked, len, 255, "fe80::1", &ns));
	memcpy(bad, asked, sizeof(bad));
	bad[25] = 0;			/* an option without length: no loop */
	assert_false(parse(bad, sizeof(bad), 255, "fe80::1", &ns));
	bad[25] = 2;
	assert_false(parse(bad, sizeof(bad), 255, "fe80::1", &ns));
	memcpy(bad, asked, sizeof(bad));
	bad[0] = 136;
	assert_false(parse(bad, sizeof(bad), 255, "fe80::1", &ns));
	memcpy(bad, asked, sizeof(bad));
	bad[1] = 1;
	assert_false(parse(bad, sizeof(bad), 255, "fe80::1", &ns));
	memcpy(bad, asked, sizeof(bad));
	bad[8] = 0xff;
	assert_false(parse(bad, sizeof(bad), 255, "fe80::1", &ns));
}

static void test_any_bytes(void **state)
{
	uint8_t data[64];
	struct announce_ns ns;
	size_t i, j;

	(void)state;
	srandom(1);
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(data); j++)
			data[j] = (uint8_t)random();
		data[0] = 135;
		data[1] = 0;
		data[25] = (uint8_t)(random() % 4);
		parse(data, (size_t)random() % sizeof(data), 255, random() % 2 ? "::" : "fe80::1",
		      &ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp_announcement),
		cmocka_unit_test(test_arp_reply),
		cmocka_unit_test(test_neighbour_advertisement),
		cmocka_unit_test(test_solicited_group),
		cmocka_unit_test(test_solicitation),
		cmocka_unit_test(test_solicitations_that_are_none),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
