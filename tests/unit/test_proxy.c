// SPDX-License-Identifier: GPL-2.0
#include "proxy_env.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void test_nothing_before_complete_lists(void **state)
{
	struct env *env = *state;

	env_put_by_hand(env, "default/old", "svcd", "192.0.2.1");
	env_run(env);
	proxy_attach(env->p, env->k);
	proxy_list_begin(env->p, PROXY_SERVICE);
	env_tell(env, PROXY_SERVICE, env_service("web", "10.96.0.1", NULL, 0), false);
	env_run(env);
	proxy_list_end(env->p, PROXY_SERVICE);
	env_run(env);
	/* Its own settings do not wait for an authority. */
	assert_log(env, "settings pod");
	assert_non_null(env_find(env, "default/old"));
	proxy_list_begin(env->p, PROXY_SLICE);
	proxy_list_end(env->p, PROXY_SLICE);
	env_run(env);
	assert_non_null(env_find(env, "default/old"));
	/* That there are no Nodes is fine; it has to be said. */
	proxy_list_begin(env->p, PROXY_NODE);
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
	assert_null(env_find(env, "default/old"));
	env_assert_frontends(env, "default/web", "10.96.0.1");
	assert_int_equal(kernel_fake_settings(env->k)->pod_cidrs.n, 1);
}

static void test_first_load_is_one_sync(void **state)
{
	struct env *env = *state;

	env_put_by_hand(env, "mine", "hand", "192.0.2.9");
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 0), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 0), false);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "settings pod; sync_begin; set default/a+defer; set default/b+defer; "
		   "sync_end");
	assert_non_null(env_find(env, "mine"));
	env_run(env);
	assert_log(env, "");
}

static void test_changes_cost_what_changed(void **state)
{
	struct env *env = *state;
	unsigned int calls;
	char name[32], ip[32];
	int i;

	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(ip, sizeof(ip), "10.96.%d.%d", i / 250, i % 250 + 1);
		env_tell(env, PROXY_SERVICE, env_service(name, ip, NULL, 0), false);
	}
	env_start(env);
	env_lists_done(env);
	/* The lists of env_start() were complete without them. */
	assert_int_equal(kernel_fake_services(env->k)->n, 0);
	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(ip, sizeof(ip), "10.96.%d.%d", i / 250, i % 250 + 1);
		env_tell(env, PROXY_SERVICE, env_service(name, ip, NULL, 0), false);
	}
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 500);
	calls = kernel_fake_calls(env->k, KERNEL_FAKE_ANY);
	env_log(env);
	env_tell(env, PROXY_SLICE, env_slice("s7", ENV_ENDPOINT), false);
	env_run(env);
	assert_log(env, "set default/s7");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), calls + 1);
	/* Told again without a change. */
	env_tell(env, PROXY_SLICE, env_slice("s7", ENV_ENDPOINT), false);
	env_run(env);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), calls + 1);
	assert_int_equal(env_find(env, "default/s7")->nendpoints, 1);
}

static void test_deleted_objects(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("web", "10.96.0.1", NULL, 0), false);
	env_tell(env, PROXY_SLICE, env_slice("web", ENV_ENDPOINT), false);
	env_run(env);
	assert_int_equal(env_find(env, "default/web")->nendpoints, 1);
	env_tell(env, PROXY_SLICE, env_slice("web", ""), true);
	env_run(env);
	assert_int_equal(env_find(env, "default/web")->nendpoints, 0);
	env_tell(env, PROXY_SERVICE, env_service("web", "10.96.0.1", NULL, 0), true);
	env_run(env);
	assert_null(env_find(env, "default/web"));
	env_tell(env, PROXY_SERVICE, env_service("never", "10.96.0.1", NULL, 0), true);
	env_run(env);
}

static void test_relist_drops_what_is_gone(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 0), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 0), false);
	env_run(env);
	proxy_list_begin(env->p, PROXY_SERVICE);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 0), false);
	/* The connection breaks, and the list starts over. */
	proxy_list_begin(env->p, PROXY_SERVICE);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 0), false);
	env_run(env);
	assert_non_null(env_find(env, "default/a"));
	proxy_list_end(env->p, PROXY_SERVICE);
	env_run(env);
	assert_null(env_find(env, "default/a"));
	assert_non_null(env_find(env, "default/b"));
}

/* The fake refuses an address that is taken: wrong orders show as errors. */
static void test_addresses_move(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 1), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", "192.0.2.2", 2), false);
	env_run(env);
	/* The receiver is told of first. */
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.2", 1), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", "192.0.2.1", 2), false);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.2");
	env_assert_frontends(env, "default/b", "10.96.0.2 192.0.2.1");
	assert_string_equal(env->warnings, "");
	env_tell(env, PROXY_SERVICE, env_service("c", "10.96.0.3", "192.0.2.2", 3), false);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), true);
	env_run(env);
	env_assert_frontends(env, "default/c", "10.96.0.3 192.0.2.2");
}

static void test_older_keeps_younger_takes_over(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("young", "10.96.0.1", "192.0.2.1", 9), false);
	env_run(env);
	env_assert_frontends(env, "default/young", "10.96.0.1 192.0.2.1");
	env_tell(env, PROXY_SERVICE, env_service("old", "10.96.0.2", "192.0.2.1", 1), false);
	env_run(env);
	env_assert_frontends(env, "default/old", "10.96.0.2 192.0.2.1");
	env_assert_frontends(env, "default/young", "10.96.0.1");
	assert_string_equal(env->warnings,
			    "young AddressConflict: 192.0.2.1:80/TCP is used by the older service "
			    "default/old; it takes over when that one is deleted\n");
	/* Only once, whatever else changes. */
	env_tell(env, PROXY_SLICE, env_slice("young", ENV_ENDPOINT), false);
	env_run(env);
	env_run(env);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	env_log(env);
	env_tell(env, PROXY_SERVICE, env_service("old", "10.96.0.2", "192.0.2.1", 1), true);
	env_run(env);
	assert_log(env, "del default/old+defer; set default/young");
	env_assert_frontends(env, "default/young", "10.96.0.1 192.0.2.1");
	/* A new conflict is told of anew. */
	env->warnings[0] = '\0';
	env_tell(env, PROXY_SERVICE, env_service("old", "10.96.0.2", "192.0.2.1", 1), false);
	env_run(env);
	assert_non_null(strstr(env->warnings, "default/old"));
}

static void test_failed_writes_are_tried_again(void **state)
{
	struct env *env = *state;
	struct err e;

	env_start(env);
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 1, ENOSPC);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 2), false);
	assert_int_equal(proxy_run(env->p, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "service 'default/a' (TCP): "));
	/* One refused does not hold up the other. */
	assert_null(env_find(env, "default/a"));
	assert_non_null(env_find(env, "default/b"));
	assert_non_null(strstr(env->warnings, "a NotProgrammed: "));
	env_log(env);
	env_run(env);
	assert_log(env, "set default/a");
	kernel_fake_fail(env->k, KERNEL_FAKE_DEL, 1, EINVAL);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), true);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	env_run(env);
	assert_null(env_find(env, "default/a"));
}

static void fail_one_call(struct env *env, unsigned int nth, int code)
{
	const char *external = nth % 2 ? "192.0.2.2" : NULL;

	proxy_attach(env->p, env->k);
	env_put_by_hand(env, "default/stale", "svcd", "192.0.2.1");
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 1), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", external, 2), false);
	env_tell(env, PROXY_SERVICE, env_service("c", "10.96.0.3", NULL, 3), nth % 3 == 0);
	kernel_fake_fail(env->k, KERNEL_FAKE_ANY, nth, code);
	proxy_run(env->p, NULL);
	kernel_fake_fail(env->k, KERNEL_FAKE_ANY, 0, 0);
	env_run(env);
	assert_null(env_find(env, "default/stale"));
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_assert_frontends(env, "default/b", external ? "10.96.0.2 192.0.2.2" : "10.96.0.2");
	assert_int_equal(env_find(env, "default/c") != NULL, nth % 3 != 0);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), true);
	env_run(env);
	env_log(env);
}

/* Outside of a sync, where changes of endpoints are written as such. */
static void fail_one_change(struct env *env, unsigned int nth, int code)
{
	static const unsigned int n[] = { 8, 9, 7, 8 };
	size_t i;

	env_tell(env, PROXY_SERVICE, env_service("d", "10.96.0.4", NULL, 4), false);
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		env_tell(env, PROXY_SLICE, env_large_slice("d", 1, n[i]), false);
		kernel_fake_fail(env->k, KERNEL_FAKE_ANY, nth, code);
		proxy_run(env->p, NULL);
		kernel_fake_fail(env->k, KERNEL_FAKE_ANY, 0, 0);
		env_run(env);
		assert_int_equal(env_find(env, "default/d")->nendpoints, n[i]);
	}
	env_tell(env, PROXY_SERVICE, env_service("d", "10.96.0.4", NULL, 4), true);
	env_run(env);
	env_log(env);
}

/* Whatever call fails, and however: the next good run makes the kernel equal. */
static void test_each_call_fails_in_turn(void **state)
{
	static const int codes[] = { EIO, EINVAL, ENODEV, ESTALE, ENOMEM, EEXIST, ENOSPC, EACCES,
				     EBUSY, ENOENT };
	struct env *env = *state;
	unsigned int nth;
	size_t c;

	env_start(env);
	for (c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		for (nth = 1; nth <= 12; nth++)
			fail_one_call(env, nth, codes[c]);
		for (nth = 1; nth <= 3; nth++)
			fail_one_change(env, nth, codes[c]);
	}
}

static void test_module_comes_back_empty(void **state)
{
	struct env *env = *state;
	struct err e;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	kernel_fake_break(env->k, ENODEV);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), false);
	assert_int_equal(proxy_run(env->p, &e), -ENODEV);
	proxy_attach(env->p, NULL);
	env_tell(env, PROXY_SERVICE, env_service("c", "10.96.0.3", NULL, 1), false);
	env_run(env);
	kernel_fake_break(env->k, 0);
	kernel_fake_reset(env->k);
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	assert_int_equal(kernel_fake_settings(env->k)->pod_cidrs.n, 1);
}

/* The same handle, but nobody knows what the call that failed for good has met. */
static void test_fatal_error_loads_anew(void **state)
{
	struct env *env = *state;
	struct err e;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	kernel_fake_break(env->k, EIO);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), false);
	assert_int_equal(proxy_run(env->p, &e), -EIO);
	kernel_fake_break(env->k, 0);
	kernel_fake_reset(env->k);
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 2);
	assert_int_equal(kernel_fake_settings(env->k)->pod_cidrs.n, 1);
}

/* A restart under traffic: what is right is not touched but for its mark. */
static void test_load_over_an_earlier_run(void **state)
{
	struct env *env = *state;

	/* Had by a service that is gone, and by one that gave it up while nobody looked. */
	env_put_by_hand(env, "default/gone:http", "svcd", "192.0.2.1");
	env_put_by_hand(env, "default/b", "svcd", "192.0.2.2");
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 1), false);
	env_tell(env, PROXY_SERVICE, env_service("c", "10.96.0.3", "192.0.2.2", 1), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), false);
	env_lists_done(env);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_assert_frontends(env, "default/b", "10.96.0.2");
	env_assert_frontends(env, "default/c", "10.96.0.3 192.0.2.2");
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	/* Once more, over what is right already: each is marked, nothing is lost. */
	env_log(env);
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	assert_null(strstr(env_log(env), "del"));
}

static void test_address_held_by_hand(void **state)
{
	struct env *env = *state;
	struct err e;

	env_put_by_hand(env, "mine", "hand", "192.0.2.1");
	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 1), false);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_string_equal(env->warnings,
			    "a AddressConflict: the frontend 192.0.2.1:80/TCP is taken by service "
			    "'mine' of owner 'hand'\n");
	env_assert_frontends(env, "default/a", "10.96.0.1");
	/* The endpoints follow all the same, and it is told of once. */
	env_tell(env, PROXY_SLICE, env_slice("a", ENV_ENDPOINT), false);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_int_equal(env_find(env, "default/a")->nendpoints, 1);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	/* Also through a full load. */
	proxy_attach(env->p, env->k);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	env_assert_frontends(env, "default/a", "10.96.0.1");
	assert_int_equal(env_find(env, "default/a")->nendpoints, 1);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	assert_int_equal(env->k->ops->service_del(env->k, "mine", AF_INET, IPPROTO_TCP, "hand", 0,
						  &e), 0);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_log(env);
	env_run(env);
	assert_log(env, "");
}

/* What a sync cannot change must survive its end. */
static void test_refused_in_a_sync_is_held(void **state)
{
	struct env *env = *state;
	struct err e;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.7", NULL, 1), false);
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 1, ENOSPC);
	assert_int_equal(proxy_run(env->p, &e), -ENOSPC);
	env_assert_frontends(env, "default/a", "10.96.0.1");
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.7");
}

static void test_stale_sync_starts_over(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	kernel_fake_fail(env->k, KERNEL_FAKE_SYNC_END, 1, ESTALE);
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SYNC_BEGIN), 3);
	assert_non_null(env_find(env, "default/a"));
}

static void test_owner_must_fit(void **state)
{
	struct proxy_config c = { .owner = "" };
	struct proxy *p;
	struct err e;

	(void)state;
	assert_int_equal(proxy_alloc(&p, &c, &e), -EINVAL);
	c.owner = "an owner of more than thirty-one bytes";
	assert_int_equal(proxy_alloc(&p, &c, &e), -EINVAL);
	assert_non_null(strstr(e.text, c.owner));
	proxy_free(NULL);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, env_setup, env_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_nothing_before_complete_lists),
		CASE(test_first_load_is_one_sync),
		CASE(test_changes_cost_what_changed),
		CASE(test_deleted_objects),
		CASE(test_relist_drops_what_is_gone),
		CASE(test_addresses_move),
		CASE(test_older_keeps_younger_takes_over),
		CASE(test_failed_writes_are_tried_again),
		CASE(test_each_call_fails_in_turn),
		CASE(test_module_comes_back_empty),
		CASE(test_fatal_error_loads_anew),
		CASE(test_load_over_an_earlier_run),
		CASE(test_address_held_by_hand),
		CASE(test_refused_in_a_sync_is_held),
		CASE(test_stale_sync_starts_over),
		CASE(test_owner_must_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
