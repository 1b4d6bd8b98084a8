// SPDX-License-Identifier: GPL-2.0
/* The books of addresses and node ports, and the registry when a range is full. */
#include "alloc_ip.h"
#include "alloc_port.h"
#include "err.h"
#include "registry_help.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct alloc_ip range(const char *cidr)
{
	struct alloc_ip a;
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(cidr, &c, NULL), 0);
	assert_int_equal(alloc_ip_init(&a, &c, NULL), 0);
	return a;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr ip;

	assert_int_equal(ip_addr_parse(text, &ip, NULL), 0);
	return ip;
}

static void test_contains(void **state)
{
	static const struct {
		const char *cidr, *ip;
		bool in;
	} cases[] = {
		{ "10.96.0.0/12", "10.96.0.1", true },
		{ "10.96.0.0/12", "10.96.0.0", false },
		{ "10.96.0.0/12", "10.111.255.254", true },
		{ "10.96.0.0/12", "10.111.255.255", false },
		{ "10.96.0.0/12", "10.112.0.0", false },
		{ "10.96.0.0/12", "10.95.255.255", false },
		{ "10.96.0.0/12", "fd00::1", false },
		{ "fd00::/112", "fd00::", false },
		{ "fd00::/112", "fd00::ffff", true },
		{ "fd00::/112", "fd00::1:0", false },
		{ "fd00::/112", "fd01::1", false },
		{ "fd00:0:0:1::/64", "fd00:0:0:1:ffff::", true },
		{ "fd00:0:0:1::/64", "fd00:0:0:2::1", false },
		{ "0.0.0.0/0", "255.255.255.254", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alloc_ip a = range(cases[i].cidr);
		struct ip_addr ip = addr(cases[i].ip);

		if (alloc_ip_contains(&a, &ip) != cases[i].in)
			fail_msg("%s in %s", cases[i].ip, cases[i].cidr);
		alloc_ip_exit(&a);
	}
}

static void test_bad_ranges(void **state)
{
	static const char *const bad[] = { "10.0.0.0/31", "10.0.0.0/32", "fd00::/63",
					   "fd00::/127" };
	struct alloc_ip a;
	struct ip_cidr c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ip_cidr_parse(bad[i], &c, NULL), 0);
		assert_int_equal(alloc_ip_init(&a, &c, &e), -EINVAL);
		assert_non_null(strstr(e.text, bad[i]));
	}
}

/* Take everything: each address once, those above the band first, and then no more. */
static void drain(const char *cidr, unsigned int total, unsigned int band)
{
	struct alloc_ip a = range(cidr);
	uint64_t random = 1;
	struct ip_addr ip;

	for (unsigned int i = 0; i < total; i++) {
		unsigned int low;

		random = random * 6364136223846793005u + 1442695040888963407u;
		assert_int_equal(alloc_ip_choose(&a, random >> 20, &ip), 0);
		assert_true(alloc_ip_contains(&a, &ip));
		assert_false(alloc_ip_taken(&a, &ip));
		low = ip.family == AF_INET ? ntohl(ip.v4.s_addr) & 0xffff :
					     (ip.v6.s6_addr[14] << 8 | ip.v6.s6_addr[15]) + 0u;
		assert_int_equal(low <= band, i >= total - band);
		alloc_ip_take(&a, &ip);
		alloc_ip_take(&a, &ip);
	}
	assert_int_equal(alloc_ip_choose(&a, random, &ip), -ENOSPC);
	alloc_ip_release(&a, &ip);
	assert_int_equal(alloc_ip_choose(&a, random, &ip), 0);
	alloc_ip_exit(&a);
}

static void test_drain(void **state)
{
	(void)state;
	drain("10.0.0.0/24", 254, 16);
	drain("10.0.0.0/22", 1022, 64);
	drain("10.0.0.0/20", 4094, 256);
	drain("10.0.0.0/18", 16382, 256);
	drain("10.0.0.0/28", 14, 0);
	drain("10.0.0.0/27", 30, 16);
	drain("10.0.0.0/29", 6, 0);
	drain("fd00::/120", 255, 16);
}

static void test_ports(void **state)
{
	static struct alloc_port a;
	uint16_t p;

	(void)state;
	alloc_port_init(&a, 30000, 30063);
	for (int i = 0; i < 64; i++) {
		p = alloc_port_choose(&a, ALLOC_PORT_TCP, (uint64_t)i * 977, NULL, NULL);
		assert_in_range(p, i < 48 ? 30016 : 30000, i < 48 ? 30063 : 30015);
		assert_false(alloc_port_taken(&a, p, ALLOC_PORT_TCP));
		alloc_port_take(&a, p, ALLOC_PORT_TCP);
	}
	assert_int_equal(alloc_port_choose(&a, ALLOC_PORT_TCP, 1, NULL, NULL), 0);
	assert_int_not_equal(alloc_port_choose(&a, ALLOC_PORT_UDP, 1, NULL, NULL), 0);
	alloc_port_release(&a, 30005, ALLOC_PORT_TCP);
	assert_int_equal(alloc_port_choose(&a, ALLOC_PORT_TCP, 1, NULL, NULL), 30005);
	assert_int_equal(alloc_port_protocol("UDP"), ALLOC_PORT_UDP);
	assert_int_equal(alloc_port_protocol("ICMP"), 0);
}

static int create(struct registry_help *h, int i, const char *spec)
{
	char body[256];

	snprintf(body, sizeof(body), "{'metadata':{'name':'s%d'},'spec':%s}", i, spec);
	return registry_help_create(h, "services", body);
}

static void reopen_with(struct registry_help *h, const char *cidr, uint16_t min, uint16_t max)
{
	registry_close(h->r);
	assert_int_equal(ip_cidr_parse(cidr, &h->config.service_cidrs[0], NULL), 0);
	h->config.node_port_min = min;
	h->config.node_port_max = max;
	registry_help_open(h);
}

static void test_ip_range_full(void **state)
{
	struct registry_help *h = *state;

	reopen_with(h, "10.96.0.0/29", 30000, 32767);
	for (int i = 0; i < 6; i++)
		assert_int_equal(create(h, i, "{'ports':[{'port':80}]}"), 201);
	assert_int_equal(create(h, 6, "{'ports':[{'port':80}]}"), 500);
	assert_string_equal(registry_help_message(h), "Internal error occurred: failed to allocate "
						      "a serviceIP: range is full");
	assert_int_equal(registry_help_get(h, "services", "s6"), 404);
	/* The books come back from the disk. */
	registry_help_reopen(h);
	assert_int_equal(create(h, 6, "{'ports':[{'port':80}]}"), 500);
	assert_int_equal(registry_help_delete(h, "services", "s3"), 200);
	assert_int_equal(create(h, 6, "{'ports':[{'port':80}]}"), 201);
}

static void test_port_range_full(void **state)
{
	static const char udp[] = "{'type':'NodePort','ports':[{'port':80,'protocol':'UDP'}]}";
	static const char tcp[] = "{'type':'NodePort','ports':[{'port':80}]}";
	struct registry_help *h = *state;

	reopen_with(h, "10.96.0.0/12", 30000, 30003);
	for (int i = 0; i < 4; i++)
		assert_int_equal(create(h, i, tcp), 201);
	assert_int_equal(create(h, 4, tcp), 500);
	assert_string_equal(registry_help_message(h), "Internal error occurred: failed to allocate "
						      "a nodePort: range is full");
	/* The address that was chosen before the port failed is not lost: nothing was taken. */
	assert_int_equal(create(h, 4, udp), 201);
	assert_int_equal(create(h, 5, "{'type':'NodePort','ports':[{'port':80,'nodePort':30001}]}"),
			 422);
	assert_int_equal(create(h, 5, "{'type':'NodePort','ports':[{'port':80,'nodePort':30004,"
				      "'protocol':'SCTP'}]}"), 422);
}

/* Whoever is first has it, whatever was asked or tried before, also after a restart. */
static void test_two_want_one(void **state)
{
	static const char wish[] = "{'type':'NodePort','clusterIP':'10.96.0.9','ports':[{'port':80,"
				   "'nodePort':30001}]}";
	struct registry_help *h = *state;
	struct reply reply;
	json_t *body;

	/* Neither a dry run nor a create that fails for something else takes anything. */
	body = registry_help_json("{'metadata':{'name':'dry'},'spec':%s}", wish);
	registry_create(h->r, registry_help_type("services"), "default", body, REGISTRY_DRY_RUN,
			&reply);
	assert_int_equal(reply.code, 201);
	json_decref(reply.body);
	json_decref(body);
	assert_int_equal(create(h, 0, "{'type':'NodePort','clusterIP':'10.96.0.9','ports':"
				"[{'port':0,'nodePort':30001}]}"), 422);
	assert_int_equal(create(h, 1, wish), 201);
	assert_int_equal(create(h, 2, wish), 422);
	assert_int_equal(json_array_size(json_object_get(json_object_get(h->reply.body, "details"),
							 "causes")), 2);
	registry_help_reopen(h);
	assert_int_equal(create(h, 2, wish), 422);
	assert_int_equal(registry_help_delete(h, "services", "s1"), 200);
	assert_int_equal(create(h, 2, wish), 201);
}

static void test_same_seed(void **state)
{
	struct registry_help *h = *state;
	char first[64];

	assert_int_equal(create(h, 1, "{'ports':[{'port':80}]}"), 201);
	strcpy(first, registry_help_value(h, "spec.clusterIP"));
	assert_int_equal(registry_help_delete(h, "services", "s1"), 200);
	registry_help_reopen(h);
	assert_int_equal(create(h, 1, "{'ports':[{'port':80}]}"), 201);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		cmocka_unit_test(test_contains), cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_drain), cmocka_unit_test(test_ports),
		T(test_ip_range_full), T(test_port_range_full), T(test_two_want_one),
		T(test_same_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
