// SPDX-License-Identifier: GPL-2.0
/* What somebody else does to the kernel, and what the kernel refuses, by the proxy's clock. */
#include "proxy_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the node does when the kernel's socket is readable. */
static void hear(struct env *env)
{
	struct kevent whole = { 0 }, part = { 0 };
	int ret;

	while ((ret = env->k->ops->events_read(env->k, &part, NULL))) {
		if (ret < 0)
			proxy_kernel_lost(env->p);
		else if (kevent_join(&whole, &part) == 1)
			proxy_kernel_event(env->p, &whole);
	}
	kevent_clear(&whole);
}

/* What the node does until ms later: hears, and runs when a run is due. Returns the runs. */
static unsigned int live(struct env *env, int64_t ms)
{
	const int64_t end = env->now + ms;
	unsigned int runs = 0;
	int next;

	for (;;) {
		hear(env);
		next = proxy_next(env->p);
		if (next < 0 || env->now + next > end)
			break;
		env->now += next;
		proxy_run(env->p, NULL);
		runs++;
		assert_true(runs < 10000);
	}
	env->now = end;
	return runs;
}

static void tell_service(struct env *env, const char *name, const char *ip, const char *external)
{
	env_tell(env, PROXY_SERVICE, env_service(name, ip, external, 1), false);
}

/* a with eight endpoints, b and c with none; the clock stands unless a test moves it */
static int setup(void **state)
{
	struct env *env;

	env_setup(state);
	env = *state;
	env->step = 0;
	assert_int_equal(env->k->ops->events_open(env->k, NULL), 0);
	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	env_tell(env, PROXY_SLICE, env_large_slice("a", 1, 8), false);
	tell_service(env, "b", "10.96.0.2", NULL);
	tell_service(env, "c", "10.96.0.3", NULL);
	env_run(env);
	live(env, 60000);
	env_log(env);
	return 0;
}

static unsigned int lists(struct env *env)
{
	return kernel_fake_calls(env->k, KERNEL_FAKE_LIST);
}

/* By somebody else: past the spy. */
static void foreign_del(struct env *env, const char *name)
{
	assert_int_equal(env->fake_ops->service_del(env->k, name, AF_INET, IPPROTO_TCP, NULL, 0,
						    NULL), 0);
}

static struct kservice foreign_service(const char *name, const char *owner)
{
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };

	strcpy(s.name, name);
	strcpy(s.owner, owner);
	return s;
}

static void foreign_set(struct env *env, const char *name, const char *owner, const char *ip)
{
	struct kservice s = foreign_service(name, owner);
	struct kfrontend f = { .kind = SVCNAT_KIND_CLUSTER, .port = 80 };

	assert_int_equal(ip_addr_parse(ip, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), 0);
	assert_int_equal(env->fake_ops->service_set(env->k, &s, KERNEL_CREATE | KERNEL_REPLACE, 0,
						    NULL), 0);
	kservice_clear(&s);
}

static void foreign_endpoint(struct env *env, const char *ip, uint16_t weight, bool del)
{
	struct kservice s = foreign_service("default/a", "");
	struct kendpoint p = { .port = 8080, .lists = SVCNAT_LIST_CLUSTER, .weight = weight };

	assert_int_equal(ip_addr_parse(ip, &p.addr, NULL), 0);
	assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	assert_int_equal((del ? env->fake_ops->endpoint_del : env->fake_ops->endpoint_set)(
				 env->k, &s, 0, NULL), 0);
	kservice_clear(&s);
}

/* --- its own changes --- */

static void own_moves(struct env *env)
{
	tell_service(env, "b", "10.96.0.2", "192.0.2.1");
	env_run(env);
	tell_service(env, "c", "10.96.0.3", "192.0.2.1");
	tell_service(env, "b", "10.96.0.2", NULL);
	env_run(env);
}

static void own_endpoints(struct env *env)
{
	unsigned int n;

	for (n = 9; n < 12; n++) {
		env_tell(env, PROXY_SLICE, env_large_slice("a", 1, n), false);
		env_run(env);
	}
	env_tell(env, PROXY_SLICE, env_large_slice("a", 2, 10), false);
	env_run(env);
}

static void own_deletes(struct env *env)
{
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), true);
	env_run(env);
	tell_service(env, "b", "10.96.0.2", NULL);
	env_run(env);
}

static void own_load(struct env *env)
{
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), true);
	proxy_attach(env->p, env->k);
	env_run(env);
}

/* Heard of after each run, own changes are no reason for as much as a look. */
static void test_own_changes_are_no_news(void **state)
{
	static void (*const changes[])(struct env *) = {
		own_moves, own_endpoints, own_deletes, own_load, own_endpoints,
	};
	struct env *env = *state;
	unsigned int before;
	size_t i, split;

	for (split = 0; split < 3; split++) {
		kernel_fake_split_events(env->k, split);
		for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
			changes[i](env);
			before = lists(env);
			/* At most one look, for an event that another run has overtaken. */
			live(env, 60000);
			assert_in_range(lists(env), before, before + 1);
			env_log(env);
			assert_int_equal(live(env, 3600000), 0);
			assert_log(env, "");
		}
	}
}

static void test_one_run_is_no_news_at_all(void **state)
{
	struct env *env = *state;
	unsigned int before = lists(env), n;

	for (n = 9; n < 30; n++) {
		env_tell(env, PROXY_SLICE, env_large_slice("a", n / 2, n), false);
		tell_service(env, n % 2 ? "b" : "c", n % 2 ? "10.96.0.2" : "10.96.0.3",
			     "192.0.2.1");
		tell_service(env, n % 2 ? "c" : "b", n % 2 ? "10.96.0.3" : "10.96.0.2", NULL);
		env_run(env);
		assert_int_equal(live(env, 1000), 0);
	}
	assert_int_equal(lists(env), before);
}

/* --- somebody else's --- */

static void del_b(struct env *env)
{
	foreign_del(env, "default/b");
}

static void set_b(struct env *env)
{
	foreign_set(env, "default/b", "svcd", "10.96.0.77");
}

static void flags_of_b(struct env *env)
{
	struct kservice s;

	assert_int_equal(kservice_copy(&s, env_find(env, "default/b")), 0);
	s.flags |= SVCNAT_F_RESET;
	assert_int_equal(env->fake_ops->service_set(env->k, &s, KERNEL_REPLACE, 0, NULL), 0);
	kservice_clear(&s);
}

static void more_endpoints(struct env *env)
{
	foreign_endpoint(env, "10.244.9.9", 1, false);
}

static void other_weight(struct env *env)
{
	foreign_endpoint(env, "10.244.0.3", 0, false);
}

static void less_endpoints(struct env *env)
{
	foreign_endpoint(env, "10.244.0.3", 1, true);
}

static void del_and_set_b(struct env *env)
{
	foreign_del(env, "default/b");
	foreign_set(env, "default/b", "svcd", "10.96.0.2");
}

static void orphan(struct env *env)
{
	foreign_set(env, "default/gone:http", "svcd", "10.96.0.50");
}

static void strange_orphan(struct env *env)
{
	foreign_set(env, "no slash", "svcd", "10.96.0.50");
}


static void all_of_svcd(struct env *env)
{
	uint32_t deleted;

	assert_int_equal(env->fake_ops->flush(env->k, "svcd", &deleted, NULL), 0);
}

static void test_put_right(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct env *);
		const char *written;
	} cases[] = {
		{ "deleted", del_b, "set default/b" },
		{ "another address", set_b, "set default/b" },
		{ "a flag", flags_of_b, "set default/b" },
		{ "an endpoint more", more_endpoints, "endpoint_del default/a 1" },
		{ "an endpoint otherwise", other_weight, "endpoint_set default/a 1" },
		{ "an endpoint less", less_endpoints, "endpoint_set default/a 1" },
		{ "there and back", del_and_set_b, "" },
		{ "one that nobody wants", orphan, "del default/gone:http" },
		{ "one that no Service can be behind", strange_orphan, "del no slash" },
		{ "all", all_of_svcd,
		  "set default/a+defer; set default/c+defer; set default/b" },
	};
	struct env *env = *state;
	const char *written;
	size_t i, split;

	for (split = 0; split < 2; split++)
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			kernel_fake_split_events(env->k, split);
			cases[i].change(env);
			/* Within a moment; and long after that nothing is remembered. */
			live(env, 100);
			written = env_log(env);
			if (strcmp(written, cases[i].written))
				fail_msg("%s: %s", cases[i].name, written);
			live(env, 3600000);
			assert_log(env, "");
			assert_int_equal(kernel_fake_services(env->k)->n, 3);
			assert_int_equal(env_find(env, "default/a")->nendpoints, 8);
		}
}

/* One that nobody wants is not forgotten for a change of its Service ahead of the look. */
static void test_a_new_one_beside_a_change(void **state)
{
	struct kservice udp = foreign_service("default/a", "svcd");
	struct env *env = *state;

	foreign_del(env, "default/b");
	live(env, 1000);
	/* It was just looked at: the next look has to wait. */
	foreign_del(env, "default/b");
	live(env, 0);
	udp.proto = IPPROTO_UDP;
	assert_int_equal(env->fake_ops->service_set(env->k, &udp, KERNEL_CREATE, 0, NULL), 0);
	hear(env);
	tell_service(env, "a", "10.96.0.1", "192.0.2.7");
	proxy_run(env->p, NULL);
	live(env, 60000);
	assert_null(kernel_fake_find(env->k, "default/a", AF_INET, IPPROTO_UDP));
}

/* Services of other owners are theirs; one of another family or protocol is another one. */
static void test_others_are_left_alone(void **state)
{
	struct env *env = *state;
	struct kservice udp = foreign_service("default/a", "hand");
	unsigned int before = lists(env);

	udp.proto = IPPROTO_UDP;
	assert_int_equal(env->fake_ops->service_set(env->k, &udp, KERNEL_CREATE, 0, NULL), 0);
	foreign_set(env, "default/theirs", "hand", "10.96.0.60");
	foreign_del(env, "default/theirs");
	live(env, 60000);
	assert_log(env, "");
	assert_int_equal(lists(env), before);
	assert_non_null(kernel_fake_find(env->k, "default/a", AF_INET, IPPROTO_UDP));
}

/* The name itself is somebody else's: said, and taken back as soon as it is free. */
static void test_the_name_is_taken(void **state)
{
	struct env *env = *state;

	foreign_del(env, "default/b");
	foreign_set(env, "default/b", "hand", "10.96.0.99");
	live(env, 1000);
	assert_log(env, "");
	assert_non_null(strstr(env->warnings, "b NotProgrammed: the service belongs to owner "
					      "'hand'\n"));
	live(env, 3600000);
	foreign_del(env, "default/b");
	live(env, 1000);
	assert_log(env, "set default/b");
}

static void test_lost_events(void **state)
{
	struct env *env = *state;
	unsigned int before = lists(env);

	foreign_del(env, "default/b");
	foreign_set(env, "default/gone", "svcd", "10.96.0.50");
	more_endpoints(env);
	kernel_fake_lose_events(env->k);
	live(env, 2000);
	/* One look, and only what differs, outside of any sync. */
	assert_int_equal(lists(env), before + 1);
	assert_log(env, "del default/gone+defer; endpoint_del default/a 1+defer; set default/b");
	kernel_fake_lose_events(env->k);
	live(env, 2000);
	assert_int_equal(lists(env), before + 2);
	assert_log(env, "");
}

/* However often: a look each second. */
static void test_losses_without_end(void **state)
{
	struct env *env = *state;
	unsigned int before = lists(env);
	int i;

	for (i = 0; i < 1000; i++) {
		kernel_fake_lose_events(env->k);
		live(env, 10);
	}
	assert_in_range(lists(env), before + 9, before + 11);
}

#define MANY	1000

/* A thousand changes at once are one look and one write for each. */
static void test_storm(void **state)
{
	struct env *env = *state;
	unsigned int before, any;
	char name[64], ip[32];
	uint32_t deleted;
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(ip, sizeof(ip), "10.97.%d.%d", i / 250, i % 250);
		tell_service(env, name, ip, NULL);
	}
	env->k->ops = env->fake_ops;
	env_run(env);
	assert_int_equal(live(env, 60000), 0);
	before = lists(env);
	any = kernel_fake_calls(env->k, KERNEL_FAKE_ANY);
	assert_int_equal(env->fake_ops->flush(env->k, "svcd", &deleted, NULL), 0);
	assert_int_equal(live(env, 90), 1);
	assert_int_equal(lists(env), before + 1);
	/* the flush, the list, and a service each */
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), any + 2 + MANY + 3);
	assert_int_equal(kernel_fake_services(env->k)->n, MANY + 3);
	live(env, 3600000);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), any + 2 + MANY + 3);
}

/* --- fights --- */

/* Somebody who deletes it whenever it is there: how often is it written within ms? */
static unsigned int fight(struct env *env, const char *name, int64_t ms)
{
	unsigned int before = kernel_fake_calls(env->k, KERNEL_FAKE_SET);
	const int64_t end = env->now + ms;

	while (env->now < end) {
		if (kernel_fake_find(env->k, name, AF_INET, IPPROTO_TCP))
			foreign_del(env, name);
		live(env, 100);
	}
	return kernel_fake_calls(env->k, KERNEL_FAKE_SET) - before;
}

static void test_fight_is_damped_and_said_once(void **state)
{
	struct env *env = *state;
	char *said;

	env->k->ops = env->fake_ops;
	assert_in_range(fight(env, "default/b", 60000), 5, 8);
	assert_in_range(fight(env, "default/b", 600000), 9, 11);
	said = strstr(env->warnings, "b ForeignChange: ");
	assert_non_null(said);
	assert_null(strstr(said + 1, "b ForeignChange"));
	/* Others do not wait for it. */
	foreign_del(env, "default/c");
	live(env, 200);
	assert_non_null(env_find(env, "default/c"));
	/* The other one gives up. */
	live(env, 61000);
	assert_non_null(env_find(env, "default/b"));
	live(env, 100000);
	assert_int_equal(proxy_next(env->p), -1);
	/* Long after it, the first answer is at once again, and it is said again. */
	foreign_del(env, "default/b");
	live(env, 200);
	assert_non_null(env_find(env, "default/b"));
	fight(env, "default/b", 60000);
	assert_non_null(strstr(said + 1, "b ForeignChange"));
}

/* What is changed by its owner is written at once, fight or not. */
static void test_objects_do_not_wait_for_a_fight(void **state)
{
	struct env *env = *state;

	env->k->ops = env->fake_ops;
	fight(env, "default/b", 60000);
	assert_null(env_find(env, "default/b"));
	tell_service(env, "b", "10.96.0.22", NULL);
	env_run(env);
	env_assert_frontends(env, "default/b", "10.96.0.22");
}

static void test_fight_for_an_orphan(void **state)
{
	struct env *env = *state;
	unsigned int before = kernel_fake_calls(env->k, KERNEL_FAKE_DEL);
	const int64_t end = env->now + 60000;

	while (env->now < end) {
		if (!env_find(env, "default/gone"))
			foreign_set(env, "default/gone", "svcd", "10.96.0.50");
		live(env, 100);
	}
	assert_in_range(kernel_fake_calls(env->k, KERNEL_FAKE_DEL) - before, 5, 8);
	live(env, 3600000);
	assert_null(env_find(env, "default/gone"));
	assert_int_equal(proxy_next(env->p), -1);
}

/* --- what the kernel refuses --- */

static void test_each_refused_one_waits_for_itself(void **state)
{
	struct env *env = *state;
	unsigned int before;
	struct err e;

	env->k->ops = env->fake_ops;
	kernel_fake_refuse(env->k, "default/d", EINVAL);
	before = kernel_fake_calls(env->k, KERNEL_FAKE_SET);
	tell_service(env, "d", "10.96.0.4", NULL);
	tell_service(env, "e", "10.96.0.5", NULL);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	assert_true(proxy_refused(env->p));
	assert_non_null(env_find(env, "default/e"));
	assert_string_equal(env->warnings, "d NotProgrammed: the test refuses this service\n");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SET), before + 2);
	/* 100 ms, 200 ms, ... a minute; e is not written again. */
	live(env, 60000);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SET), before + 2 + 9);
	live(env, 600000);
	assert_in_range(kernel_fake_calls(env->k, KERNEL_FAKE_SET), before + 20, before + 22);
	/* A run for another one does not try it, and is no failure. */
	before = kernel_fake_calls(env->k, KERNEL_FAKE_SET);
	tell_service(env, "f", "10.96.0.6", NULL);
	env_run(env);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SET), before + 1);
	/* A change of its own does. */
	kernel_fake_refuse(env->k, NULL, 0);
	tell_service(env, "d", "10.96.0.44", NULL);
	env_run(env);
	env_assert_frontends(env, "default/d", "10.96.0.44");
	assert_int_equal(proxy_next(env->p), -1);
	assert_string_equal(env->warnings, "d NotProgrammed: the test refuses this service\n");
}

/* Memory that one service does not get is its own trouble, and it is told. */
static void test_no_memory_for_one(void **state)
{
	struct env *env = *state;
	struct err e;

	kernel_fake_refuse(env->k, "default/d", ENOMEM);
	tell_service(env, "d", "10.96.0.4", NULL);
	tell_service(env, "e", "10.96.0.5", NULL);
	assert_int_equal(proxy_run(env->p, &e), -ENOMEM);
	assert_true(proxy_refused(env->p));
	assert_log(env, "set default/e");
	assert_int_equal(proxy_stuck(env->p), 1);
	assert_non_null(strstr(env->warnings, "d NotProgrammed: "));
}

/* One that cannot be set in a sync, not even as it is, is not deleted by the sync's end. */
static void test_no_sync_deletes_what_is_wanted(void **state)
{
	struct env *env = *state;
	struct err e;

	kernel_fake_refuse(env->k, "default/b", EINVAL);
	proxy_attach(env->p, env->k);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	assert_false(proxy_refused(env->p));
	assert_non_null(env_find(env, "default/b"));
	kernel_fake_refuse(env->k, NULL, 0);
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	assert_int_equal(live(env, 3600000), 0);
}

/* An address that is given up is news; without news it is the pause that ends. */
static void test_an_address_comes_free(void **state)
{
	struct env *env = *state;
	struct err e;

	foreign_set(env, "theirs", "hand", "192.0.2.1");
	tell_service(env, "b", "10.96.0.2", "192.0.2.1");
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	live(env, 3600000);
	env_log(env);
	foreign_del(env, "theirs");
	live(env, 1000);
	assert_log(env, "set default/b");
	env_assert_frontends(env, "default/b", "10.96.0.2 192.0.2.1");
}

/* Likewise a limit. */
static void test_a_limit_is_raised(void **state)
{
	struct env *env = *state;
	struct ksettings s = { .max[KLIMIT_SERVICES] = 3 };
	struct err e;

	assert_int_equal(env->fake_ops->settings_set(env->k, &s, KSETTINGS_LIMITS, NULL), 0);
	tell_service(env, "d", "10.96.0.4", NULL);
	assert_int_equal(proxy_run(env->p, &e), -ENOSPC);
	live(env, 3600000);
	assert_null(env_find(env, "default/d"));
	s.max[KLIMIT_SERVICES] = 4;
	assert_int_equal(env->fake_ops->settings_set(env->k, &s, KSETTINGS_LIMITS, NULL), 0);
	live(env, 1000);
	assert_non_null(env_find(env, "default/d"));
}

/* Others who change much do not make the refused ones be tried each time. */
static void test_news_are_gathered(void **state)
{
	struct env *env = *state;
	unsigned int before;
	struct err e;
	int i;

	env->k->ops = env->fake_ops;
	kernel_fake_refuse(env->k, "default/d", EINVAL);
	tell_service(env, "d", "10.96.0.4", NULL);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	live(env, 3600000);
	before = kernel_fake_calls(env->k, KERNEL_FAKE_SET);
	for (i = 0; i < 500; i++) {
		foreign_set(env, "theirs", "hand", "192.0.2.1");
		foreign_del(env, "theirs");
		live(env, 10);
	}
	assert_in_range(kernel_fake_calls(env->k, KERNEL_FAKE_SET) - before - 500, 4, 6);
}

/* --- settings --- */

static void set_pod_cidrs(struct env *env, const char *cidr)
{
	struct ksettings s = { .pod_cidrs = env_cidr(cidr) };

	assert_int_equal(env->fake_ops->settings_set(env->k, &s, KSETTINGS_POD_CIDRS, NULL), 0);
	ksettings_clear(&s);
}

static void test_settings_are_put_right(void **state)
{
	struct env *env = *state;
	struct ksettings s = { .echo = false, .service_cidrs = env_cidr("10.96.0.0/12") };

	set_pod_cidrs(env, "10.1.0.0/16");
	live(env, 100);
	assert_log(env, "settings pod");
	live(env, 3600000);
	assert_log(env, "");
	/* What svcd was not given is not its own. */
	assert_int_equal(env->fake_ops->settings_set(env->k, &s, KSETTINGS_ECHO |
						     KSETTINGS_SERVICE_CIDRS, NULL), 0);
	ksettings_clear(&s);
	live(env, 3600000);
	assert_log(env, "");
}

static void test_lost_settings(void **state)
{
	struct env *env = *state;

	set_pod_cidrs(env, "10.1.0.0/16");
	kernel_fake_lose_events(env->k);
	live(env, 3000);
	assert_log(env, "settings pod");
	live(env, 3600000);
	assert_log(env, "");
}

static void expect_own_settings(struct env *env)
{
	assert_int_equal(kernel_fake_settings(env->k)->pod_cidrs.v[0].addr.v4.s_addr,
			 htonl(10u << 24 | 244u << 16));
}

/* A load that failed reads the services once more, but has written the settings. */
static void test_settings_between_loads(void **state)
{
	struct env *env = *state;
	struct err e = { "" };
	int lost;

	for (lost = 0; lost < 2; lost++) {
		proxy_attach(env->p, env->k);
		kernel_fake_fail(env->k, KERNEL_FAKE_SYNC_END, 1, EBUSY);
		assert_int_equal(proxy_run(env->p, &e), -EBUSY);
		set_pod_cidrs(env, "10.1.0.0/16");
		if (lost)
			kernel_fake_lose_events(env->k);
		live(env, 100);
		/* Who runs it tries again. */
		env_run(env);
		expect_own_settings(env);
	}
}

static void test_fight_for_settings(void **state)
{
	struct env *env = *state;
	unsigned int before = kernel_fake_calls(env->k, KERNEL_FAKE_SETTINGS_SET), i;

	for (i = 0; i < 600; i++) {
		set_pod_cidrs(env, i % 2 ? "10.1.0.0/16" : "10.2.0.0/16");
		live(env, 100);
	}
	assert_in_range(kernel_fake_calls(env->k, KERNEL_FAKE_SETTINGS_SET) - before - 600, 1, 8);
	live(env, 61000);
	assert_true(ip_addr_len(&kernel_fake_settings(env->k)->pod_cidrs.v[0].addr) == 4);
	expect_own_settings(env);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, env_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_own_changes_are_no_news),
		CASE(test_one_run_is_no_news_at_all),
		CASE(test_put_right),
		CASE(test_a_new_one_beside_a_change),
		CASE(test_others_are_left_alone),
		CASE(test_the_name_is_taken),
		CASE(test_lost_events),
		CASE(test_losses_without_end),
		CASE(test_storm),
		CASE(test_fight_is_damped_and_said_once),
		CASE(test_objects_do_not_wait_for_a_fight),
		CASE(test_fight_for_an_orphan),
		CASE(test_each_refused_one_waits_for_itself),
		CASE(test_no_memory_for_one),
		CASE(test_no_sync_deletes_what_is_wanted),
		CASE(test_an_address_comes_free),
		CASE(test_a_limit_is_raised),
		CASE(test_news_are_gathered),
		CASE(test_settings_are_put_right),
		CASE(test_lost_settings),
		CASE(test_settings_between_loads),
		CASE(test_fight_for_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
