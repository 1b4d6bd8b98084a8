// SPDX-License-Identifier: GPL-2.0
/* svcctl fastpath: whole command lines, against a table in memory. */
#include "err.h"
#include "fastpath_sync.h"
#include "svcctl_env.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static struct {
	bool there, whole, refuses;
	enum fastpath_keeper keeper;
	uint64_t flows;
	size_t n;
	char v[8][IF_NAMESIZE];
	struct kcidrs pods;
} sys;

static int fake_routes(struct nl_sock *sk, const struct kcidrs *pods, struct fastpath_routes *out,
		       struct err *e)
{
	size_t i;

	(void)sk;
	(void)e;
	kcidrs_clear(&sys.pods);
	for (i = 0; i < pods->n; i++)
		assert_int_equal(kcidrs_add(&sys.pods, &pods->v[i]), 0);
	out->known = true;
	return 0;
}

static int fake_links(struct nl_sock *sk, struct fastpath_links *out, struct err *e)
{
	static const char *const name[] = { "eth0", "eth1", "veth1", "veth2" };
	size_t i;

	(void)sk;
	(void)e;
	out->v = calloc(4, sizeof(*out->v));
	out->n = 4;
	for (i = 0; i < 4; i++) {
		out->v[i] = (struct fastpath_link){ .index = (int)i + 2, .up = true,
						    .type = ARPHRD_ETHER, .routed = !i };
		strcpy(out->v[i].name, name[i]);
	}
	return 0;
}

static int fake_read(struct fastpath_table *out)
{
	size_t i;

	fastpath_table_clear(out);
	out->there = sys.there;
	out->whole = sys.whole;
	out->keeper = sys.keeper;
	out->flows = sys.flows;
	for (i = 0; i < sys.n; i++)
		assert_int_equal(fastpath_names_add(&out->devices, sys.v[i]), 0);
	return 0;
}

static int fake_make(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		     struct err *e)
{
	size_t i;

	if (sys.refuses)
		return err_set(e, EIO, "the nft table inet svcnat-fastpath cannot be made: no");
	sys.there = sys.whole = true;
	sys.keeper = keeper;
	sys.n = devices->n;
	for (i = 0; i < sys.n; i++)
		strcpy(sys.v[i], devices->v[i]);
	return 0;
}

static int fake_change(const struct fastpath_names *add, const struct fastpath_names *del,
		       struct err *e)
{
	(void)add;
	(void)del;
	(void)e;
	fail();
	return 0;
}

static int fake_clear(struct err *e)
{
	if (sys.refuses)
		return err_set(e, EIO, "the nft table inet svcnat-fastpath cannot be deleted: no");
	sys.there = sys.whole = false;
	sys.n = 0;
	return 0;
}

static const struct fastpath_ops fake = {
	.links = fake_links, .routes = fake_routes, .read = fake_read, .make = fake_make,
	.change = fake_change, .clear = fake_clear,
};

static int setup(void **state)
{
	struct ctl_env *env;
	int ret = ctl_setup(state);

	env = *state;
	memset(&sys, 0, sizeof(sys));
	env->fastpath = &fake;
	return ret;
}

static int teardown(void **state)
{
	kcidrs_clear(&sys.pods);
	return ctl_teardown(state);
}

static void test_on_and_off(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "fastpath show", "fast path    off\n");
	ctl_prints_json(env, "fastpath show -j", "{'on': false, 'devices': []}");
	ctl_ok(env, "settings pod-cidrs 10.244.0.0/16");
	ctl_prints(env, "fastpath on",
		   "fast path    on, kept by svcctl\n"
		   "taken        0 times\n"
		   "devices      eth0\n"
		   "             veth1\n"
		   "             veth2\n");
	assert_int_equal(sys.pods.n, 1);
	sys.flows = 1;
	ctl_prints_json(env, "fastpath show --json",
			"{'on': true, 'whole': true, 'keeper': 'svcctl', 'flows': 1, "
			"'devices': ['eth0', 'veth1', 'veth2']}");
	ctl_prints(env, "fastpath off", "");
	ctl_prints(env, "fastpath show", "fast path    off\n");
	ctl_prints(env, "fastpath off", "");
}

static void test_devices(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints_json(env, "fastpath on --device eth* --device=!eth0 -j",
			"{'on': true, 'whole': true, 'keeper': 'svcctl', 'flows': 0, "
			"'devices': ['eth1']}");
}

static void test_others(void **state)
{
	struct ctl_env *env = *state;

	sys.there = sys.whole = true;
	sys.keeper = FASTPATH_SVCD;
	sys.flows = 12;
	ctl_prints(env, "fastpath show", "fast path    on, kept by svcd\ntaken        12 times\n");
	sys.whole = false;
	sys.keeper = FASTPATH_NOBODY;
	sys.flows = 1;
	ctl_prints(env, "fastpath show", "fast path    on, but somebody has changed it, kept by "
		   "nobody\ntaken        1 time\n");
}

static void test_refused(void **state)
{
	struct ctl_env *env = *state;

	sys.refuses = true;
	ctl_fails(env, "fastpath on", 1, "svcctl: the nft table inet svcnat-fastpath cannot be "
		  "made: no\n");
	ctl_fails(env, "fastpath off", 1, "svcctl: the nft table inet svcnat-fastpath cannot be "
		  "deleted: no\n");
	env->open_code = ENOENT;
	ctl_fails(env, "fastpath on", 1, "svcctl: the svcnat module is not loaded\n");
	/* What is left of it can be seen, and goes, without. */
	sys.refuses = false;
	ctl_prints(env, "fastpath show", "fast path    off\n");
	ctl_prints(env, "fastpath off", "");
}

static const struct ctl_wrong wrong[] = {
	{ 2, "fastpath", "on, off or show? (usage: svcctl fastpath on|off|show)" },
	{ 2, "fastpath auto", "'auto' is not on, off or show (usage: svcctl fastpath "
	  "on|off|show)" },
	{ 2, "fastpath on off", "unexpected argument 'off'" },
	{ 2, "fastpath show --device eth0", "--device goes with on only" },
	{ 2, "fastpath on --device", "flag needs an argument: --device" },
	{ 2, "fastpath on --device a/b", "--device: \"a/b\" is not a pattern of names of devices, "
	  "such as \"veth*\", or \"!eth1\" for none of that name" },
	{ 2, "fastpath on --devices eth0", "unknown flag: --devices" },
};

static void test_wrong(void **state)
{
	ctl_all_wrong(*state, wrong, sizeof(wrong) / sizeof(wrong[0]));
	assert_false(sys.there);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_on_and_off),
		CASE(test_devices),
		CASE(test_others),
		CASE(test_refused),
		CASE(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
