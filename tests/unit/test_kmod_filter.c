// SPDX-License-Identifier: GPL-2.0
/*
 * The field of bits by which the module dismisses what is nobody's: all that was set is
 * found, hardly anything else is, it says when it is dense, and never grows past its end.
 * The very file of the module, compiled for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filter.c"

/* The i-th address, 10.96.0.0 and on, or fd00:96:: and on. */
static struct svcnat_key address(u8 family, u32 i, u16 port)
{
	struct svcnat_key key = {
		.port = htons(port), .proto = IPPROTO_TCP, .family = family,
	};

	if (family == NFPROTO_IPV4) {
		key.addr.ip = htonl(0x0a600000 + i);
	} else {
		key.addr.ip6[0] = htonl(0xfd000096);
		key.addr.ip6[3] = htonl(i + 1);
	}
	return key;
}

static struct svcnat_key nodeport(u8 family, u8 proto, u16 port)
{
	return (struct svcnat_key){ .port = htons(port), .proto = proto, .family = family };
}

static struct svcnat_filter *made(u32 frontends)
{
	struct svcnat_filter *filter = svcnat_filter_alloc(frontends);

	assert_non_null(filter);
	return filter;
}

/* How many of the n addresses after the first from are taken for known. */
static u32 found(const struct svcnat_filter *filter, u8 family, u32 from, u32 n)
{
	u32 i, sum = 0;

	for (i = from; i < from + n; i++) {
		struct svcnat_key key = address(family, i, 80);

		sum += svcnat_filter_has_address(filter, &key);
	}
	return sum;
}

static void fill(struct svcnat_filter *filter, u8 family, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		struct svcnat_key key = address(family, i, 80);

		svcnat_filter_set(filter, &key);
	}
}

static void test_addresses(void **state)
{
	static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct svcnat_filter *filter = made(1000);

		assert_int_equal(found(filter, families[i], 0, 100000), 0);
		fill(filter, families[i], 1000);
		assert_int_equal(found(filter, families[i], 0, 1000), 1000);
		/* of a new field a thirty-second part is set */
		assert_true(found(filter, families[i], 1000, 100000) < 100000 / 32 * 3 / 2);
		kvfree(filter);
	}
	(void)state;
}

/* Whatever the port of the address is; but a NodePort is just the one. */
static void test_ports(void **state)
{
	struct svcnat_filter *filter = made(0);
	struct svcnat_key port = nodeport(NFPROTO_IPV4, IPPROTO_TCP, 30080), other;
	u32 i, wrong = 0;

	fill(filter, NFPROTO_IPV4, 1);
	other = address(NFPROTO_IPV4, 0, 81);
	assert_true(svcnat_filter_has_address(filter, &other));
	assert_false(svcnat_filter_has_nodeport(filter, &port));

	svcnat_filter_set(filter, &port);
	assert_true(svcnat_filter_has_nodeport(filter, &port));
	other = address(NFPROTO_IPV4, 4000, 30080);	/* a packet to the node */
	assert_true(svcnat_filter_has_nodeport(filter, &other));
	other = nodeport(NFPROTO_IPV4, IPPROTO_UDP, 30080);
	assert_false(svcnat_filter_has_nodeport(filter, &other));
	other = nodeport(NFPROTO_IPV6, IPPROTO_TCP, 30080);
	assert_false(svcnat_filter_has_nodeport(filter, &other));
	for (i = 1; i < 30080; i++) {
		other = nodeport(NFPROTO_IPV4, IPPROTO_TCP, i);
		wrong += svcnat_filter_has_nodeport(filter, &other);
	}
	assert_true(wrong < 30080 / 256);
	kvfree(filter);
	(void)state;
}

/* It has room for four times what it was made for, and counts each bit once. */
static void test_dense(void **state)
{
	struct svcnat_filter *filter = made(1000);
	u32 i = 0;

	while (i++ < 10)
		fill(filter, NFPROTO_IPV4, 1000);
	assert_false(svcnat_filter_dense(filter));
	for (i = 1000; !svcnat_filter_dense(filter); i++) {
		struct svcnat_key key = address(NFPROTO_IPV4, i, 80);

		svcnat_filter_set(filter, &key);
	}
	assert_true(i >= 4000);
	assert_int_equal(found(filter, NFPROTO_IPV4, 0, i), i);
	assert_true(found(filter, NFPROTO_IPV4, i, 100000) < 100000 / 8 * 3 / 2);

	/* without memory for another one: a while longer, and all is still found */
	svcnat_filter_put_up_with(filter);
	assert_false(svcnat_filter_dense(filter));
	fill(filter, NFPROTO_IPV4, 2 * i);
	assert_int_equal(found(filter, NFPROTO_IPV4, 0, 2 * i), 2 * i);
	kvfree(filter);
	(void)state;
}

static void test_sizes(void **state)
{
	static const struct {
		u32 frontends, order;
	} cases[] = {
		{ 0, 10 }, { 31, 10 }, { 32, 11 }, { 1000, 15 }, { 1023, 15 }, { 1024, 16 },
		{ 262143, 23 }, { 524287, 24 }, { 524288, 24 }, { 16000000, 24 },
		{ 0x7fffffff, 24 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct svcnat_filter *filter = made(cases[i].frontends);

		assert_int_equal(filter->order, cases[i].order);
		kvfree(filter);
	}
	(void)state;
}

static void test_no_memory(void **state)
{
	kshim_fail = 1;
	assert_null(svcnat_filter_alloc(1000));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
