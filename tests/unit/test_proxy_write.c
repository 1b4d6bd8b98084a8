// SPDX-License-Identifier: GPL-2.0
/* In which words the proxy writes what changed, and what it does with a refusal. */
#include "proxy_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell_service(struct env *env, const char *name, const char *ip, const char *external)
{
	env_tell(env, PROXY_SERVICE, env_service(name, ip, external, 1), false);
}

static void tell_many(struct env *env, const char *name, unsigned int first, unsigned int n)
{
	env_tell(env, PROXY_SLICE, env_large_slice(name, first, n), false);
}

static void delete_service(struct env *env, const char *name)
{
	env_tell(env, PROXY_SERVICE, env_service(name, "10.96.0.1", NULL, 1), true);
}

/* a, b and c at 10.96.0.1 to 3, without endpoints */
static void start_with_three(struct env *env)
{
	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_service(env, "b", "10.96.0.2", NULL);
	tell_service(env, "c", "10.96.0.3", NULL);
	env_run(env);
}

/* --- stale connections: one walk for a run --- */

static void test_all_but_the_last_defer(void **state)
{
	struct env *env = *state;

	start_with_three(env);
	assert_log(env, "set default/a+defer; set default/b+defer; set default/c");
	tell_many(env, "b", 1, 1);
	env_run(env);
	assert_log(env, "set default/b");
	delete_service(env, "a");
	tell_many(env, "b", 2, 1);
	tell_many(env, "c", 1, 1);
	env_run(env);
	assert_log(env, "del default/a+defer; set default/b+defer; set default/c");
	delete_service(env, "b");
	delete_service(env, "c");
	env_run(env);
	assert_log(env, "del default/b+defer; del default/c");
}

/* An address that moves: the one who gives it up is written first, the other one walks. */
static void test_moves_defer(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "a", "10.96.0.1", "192.0.2.1");
	tell_service(env, "b", "10.96.0.2", NULL);
	env_run(env);
	env_log(env);
	tell_service(env, "b", "10.96.0.2", "192.0.2.1");
	tell_service(env, "a", "10.96.0.1", NULL);
	env_run(env);
	assert_log(env, "set default/a+defer; set default/b");
	env_assert_frontends(env, "default/b", "10.96.0.2 192.0.2.1");
}

static void test_syncs_defer_to_their_end(void **state)
{
	struct env *env = *state;

	start_with_three(env);
	env_log(env);
	proxy_attach(env->p, env->k);
	delete_service(env, "a");
	tell_many(env, "b", 1, 1);
	env_run(env);
	assert_log(env, "settings pod; sync_begin; del default/a+defer; set default/b+defer; "
		   "set default/c+defer; sync_end");
}

/* What was refused before, and will be again, does not keep the last good one from walking. */
static void test_known_refusals_do_not_count(void **state)
{
	struct env *env = *state;
	struct err e;

	env_put_by_hand(env, "mine", "hand", "192.0.2.1");
	env_start(env);
	tell_service(env, "z", "10.96.0.9", "192.0.2.1");
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	env_log(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_service(env, "b", "10.96.0.2", NULL);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_log(env, "set default/a+defer; set default/b");
	delete_service(env, "a");
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_log(env, "del default/a");
}

/* The first time nobody knows: what could be written of the refused one walks. */
static void test_new_refusals_walk(void **state)
{
	struct env *env = *state;
	struct err e;

	env_put_by_hand(env, "mine", "hand", "192.0.2.1");
	env_start(env);
	tell_service(env, "z", "10.96.0.9", "192.0.2.1");
	tell_service(env, "a", "10.96.0.1", NULL);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_log(env, "set default/a+defer; set default/z; set default/z");
	env_assert_frontends(env, "default/z", "10.96.0.9");
}

/* --- changes of endpoints --- */

static void assert_endpoints(struct env *env, const char *name, unsigned int first, unsigned int n)
{
	const struct kservice *s = env_find(env, name);
	bool *seen = calloc(n + 1, sizeof(*seen));
	size_t i;

	assert_non_null(s);
	assert_int_equal(s->nendpoints, n);
	for (i = 0; i < n; i++) {
		uint32_t at = ntohl(s->endpoints[i].addr.v4.s_addr) - (10u << 24 | 244u << 16);

		assert_in_range(at, first, first + n - 1);
		assert_false(seen[at - first]);
		assert_int_equal(s->endpoints[i].port, 8080);
		seen[at - first] = true;
	}
	free(seen);
}

/* From a state of endpoints [first, first + n) to the next one. */
static const struct {
	const char *name;
	unsigned int first, n;
	const char *written;
} changes[] = {
	{ "the first ones", 10, 8, "set default/a" },
	{ "one more", 10, 9, "endpoint_set default/a 1" },
	{ "one more in front", 9, 10, "endpoint_set default/a 1" },
	{ "one less", 9, 9, "endpoint_del default/a 1" },
	{ "two less in front", 11, 7, "endpoint_del default/a 2" },
	{ "more than a quarter of them", 11, 10, "set default/a" },
	{ "one comes, one goes: as one", 12, 10, "set default/a" },
	{ "none changes", 12, 10, "" },
	{ "others altogether", 40, 10, "set default/a" },
	{ "less than a half", 40, 4, "set default/a" },
	{ "one of four", 40, 3, "endpoint_del default/a 1" },
	{ "one of three", 40, 2, "set default/a" },
	{ "none is left", 40, 0, "set default/a" },
	{ "ten thousand", 40, 10000, "set default/a" },
	{ "one more than that", 40, 10001, "endpoint_set default/a 1" },
	{ "one less than that", 41, 10000, "endpoint_del default/a 1" },
};

static void test_changes_of_endpoints(void **state)
{
	struct env *env = *state;
	const char *written;
	size_t i;

	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	env_run(env);
	env_log(env);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		tell_many(env, "a", changes[i].first, changes[i].n);
		env_run(env);
		written = env_log(env);
		if (strcmp(written, changes[i].written))
			fail_msg("%s: %s", changes[i].name, written);
		assert_endpoints(env, "default/a", changes[i].first, changes[i].n);
	}
}

#define AT(ip, more)	"{'addresses': ['10.244.0." #ip "']" more "}"
#define EIGHT(node)	AT(1, "") "," AT(2, "") "," AT(3, "") "," AT(4, "") "," AT(5, "") "," \
			AT(6, "") "," AT(7, "") "," AT(8, ", 'nodeName': '" node "'")

static uint8_t lists_of(struct env *env, const char *ip)
{
	const struct kservice *s = env_find(env, "default/a");
	struct ip_addr a;
	size_t i;

	assert_int_equal(ip_addr_parse(ip, &a, NULL), 0);
	for (i = 0; i < s->nendpoints; i++)
		if (ip_addr_equal(&s->endpoints[i].addr, &a))
			return s->endpoints[i].lists;
	fail_msg("%s is no endpoint", ip);
	return 0;
}

/* An endpoint that is told to be somewhere else is one that changed. */
static void test_changes_of_lists(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	env_tell(env, PROXY_SLICE, env_slice("a", EIGHT("n2")), false);
	env_run(env);
	env_log(env);
	assert_int_equal(lists_of(env, "10.244.0.8"), SVCNAT_LIST_CLUSTER);
	env_tell(env, PROXY_SLICE, env_slice("a", EIGHT("n1")), false);
	env_run(env);
	assert_log(env, "endpoint_set default/a 1");
	assert_int_equal(lists_of(env, "10.244.0.8"), SVCNAT_LIST_CLUSTER | SVCNAT_LIST_LOCAL);
	assert_int_equal(lists_of(env, "10.244.0.7"), SVCNAT_LIST_CLUSTER);
	assert_int_equal(env_find(env, "default/a")->nendpoints, 8);
}

/* Whatever else changes with them is one change with them. */
static void test_changes_of_more(void **state)
{
	struct env *env = *state;
	json_t *s;

	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_many(env, "a", 1, 8);
	env_run(env);
	env_log(env);
	tell_service(env, "a", "10.96.0.1", "192.0.2.1");
	tell_many(env, "a", 1, 9);
	env_run(env);
	assert_log(env, "set default/a");
	s = env_service("a", "10.96.0.1", "192.0.2.1", 1);
	json_object_set_new(json_object_get(s, "spec"), "externalTrafficPolicy",
			    json_string("Local"));
	env_tell(env, PROXY_SERVICE, s, false);
	tell_many(env, "a", 1, 10);
	env_run(env);
	assert_log(env, "set default/a");
	assert_int_equal(env_find(env, "default/a")->flags, SVCNAT_F_EXTERNAL_LOCAL);
	assert_endpoints(env, "default/a", 1, 10);
}

static void test_changes_defer(void **state)
{
	struct env *env = *state;

	start_with_three(env);
	tell_many(env, "a", 1, 8);
	tell_many(env, "b", 1, 8);
	tell_many(env, "c", 1, 8);
	env_run(env);
	env_log(env);
	tell_many(env, "a", 1, 7);
	tell_many(env, "b", 1, 9);
	tell_many(env, "c", 2, 7);
	env_run(env);
	assert_log(env, "endpoint_del default/a 1+defer; endpoint_set default/b 1+defer; "
		   "endpoint_del default/c 1");
}

/* A sync goes by the services that are set in it. */
static void test_syncs_write_whole_services(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_many(env, "a", 1, 8);
	env_run(env);
	env_log(env);
	proxy_attach(env->p, env->k);
	tell_many(env, "a", 1, 9);
	env_run(env);
	assert_log(env, "settings pod; sync_begin; set default/a+defer; sync_end");
	tell_many(env, "a", 1, 10);
	env_run(env);
	assert_log(env, "endpoint_set default/a 1");
	assert_endpoints(env, "default/a", 1, 10);
}

/* What an earlier run left, in the order in which the kernel gives it. */
static void test_changes_after_a_restart(void **state)
{
	struct env *env = *state;
	struct kservice left = { .name = "default/a", .family = AF_INET, .proto = IPPROTO_TCP,
				 .owner = "svcd" };
	struct kfrontend f = { .kind = SVCNAT_KIND_CLUSTER, .port = 80 };
	struct kendpoint p = { .port = 8080, .lists = SVCNAT_LIST_CLUSTER, .weight = 1 };
	char ip[INET6_ADDRSTRLEN];
	int i;

	assert_int_equal(ip_addr_parse("10.96.0.1", &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&left, &f), 0);
	for (i = 8; i; i--) {
		snprintf(ip, sizeof(ip), "10.244.0.%d", i);
		assert_int_equal(ip_addr_parse(ip, &p.addr, NULL), 0);
		assert_int_equal(kservice_add_endpoint(&left, &p), 0);
	}
	assert_int_equal(env->fake_ops->service_set(env->k, &left, KERNEL_CREATE, 0, NULL), 0);
	kservice_clear(&left);
	proxy_attach(env->p, env->k);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_many(env, "a", 1, 8);
	env_lists_done(env);
	env_run(env);
	env_log(env);
	tell_many(env, "a", 1, 9);
	env_run(env);
	assert_log(env, "endpoint_set default/a 1");
	assert_endpoints(env, "default/a", 1, 9);
}

/* Where somebody changed the service by hand, what svcd wants comes whole. */
static void test_refused_changes_come_whole(void **state)
{
	struct env *env = *state;
	struct kservice last = { .name = "default/a", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kendpoint p = { .port = 8080 };

	env_start(env);
	tell_service(env, "a", "10.96.0.1", NULL);
	tell_many(env, "a", 1, 8);
	env_run(env);
	env_log(env);
	assert_int_equal(ip_addr_parse("10.244.0.8", &p.addr, NULL), 0);
	assert_int_equal(kservice_add_endpoint(&last, &p), 0);
	assert_int_equal(env->fake_ops->endpoint_del(env->k, &last, 0, NULL), 0);
	kservice_clear(&last);
	tell_many(env, "a", 1, 7);
	env_run(env);
	assert_log(env, "set default/a");
	assert_endpoints(env, "default/a", 1, 7);
	assert_int_equal(env->fake_ops->service_del(env->k, "default/a", AF_INET, IPPROTO_TCP,
						    NULL, 0, NULL), 0);
	tell_many(env, "a", 1, 8);
	env_run(env);
	assert_log(env, "set default/a");
	assert_endpoints(env, "default/a", 1, 8);
}

/* --- addresses that the kernel does not allow --- */

static void allow_by_hand(struct env *env, const char *cidr)
{
	struct ksettings s = { 0 };

	if (cidr)
		s.external_cidrs = env_cidr(cidr);
	assert_int_equal(env->fake_ops->settings_set(env->k, &s, KSETTINGS_EXTERNAL_CIDRS, NULL),
			 0);
	ksettings_clear(&s);
}

static json_t *with_external_ips(const char *name, const char *list)
{
	json_t *s = env_service(name, "10.96.0.1", NULL, 1);

	json_object_set_new(json_object_get(s, "spec"), "externalIPs", env_load("[%s]", list));
	return s;
}

static unsigned int lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_address_not_allowed(void **state)
{
	struct env *env = *state;
	struct err e;

	allow_by_hand(env, "192.0.2.0/24");
	env_start(env);
	env_tell(env, PROXY_SERVICE, with_external_ips("a", "'198.51.100.1', '192.0.2.1',"
						       "'198.51.100.2'"), false);
	tell_service(env, "b", "10.96.0.2", NULL);
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	assert_non_null(strstr(e.text, "198.51.100.1"));
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_assert_frontends(env, "default/b", "10.96.0.2");
	/* One Event for each address, which it names. */
	assert_int_equal(lines(env->warnings), 2);
	assert_memory_equal(env->warnings, "a AddressNotAllowed: ", 21);
	assert_non_null(strstr(env->warnings, "198.51.100.1"));
	assert_non_null(strstr(env->warnings, "198.51.100.2"));
	/* The endpoints follow, also one of many; it is told of once. */
	tell_many(env, "a", 1, 8);
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	assert_endpoints(env, "default/a", 1, 8);
	tell_many(env, "a", 1, 9);
	env_log(env);
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	assert_log(env, "endpoint_set default/a 1");
	proxy_attach(env->p, env->k);
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	assert_endpoints(env, "default/a", 1, 9);
	assert_int_equal(lines(env->warnings), 2);
	/* Allowed after all. */
	allow_by_hand(env, NULL);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 198.51.100.1 192.0.2.1 198.51.100.2");
	assert_int_equal(lines(env->warnings), 2);
}

/* A name by hand that is no UTF-8, as an Event's text has to be. */
static void test_taken_by_any_bytes(void **state)
{
	struct env *env = *state;
	struct err e;

	env_put_by_hand(env, "m\xff", "hand", "192.0.2.1");
	env_start(env);
	tell_service(env, "a", "10.96.0.1", "192.0.2.1");
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	env_assert_frontends(env, "default/a", "10.96.0.1");
	assert_non_null(strstr(env->warnings, "a AddressConflict: "));
	assert_non_null(strstr(env->warnings, "'m?'"));
}

static void test_not_allowed_and_taken(void **state)
{
	struct env *env = *state;
	struct err e;

	env_put_by_hand(env, "mine", "hand", "192.0.2.1");
	allow_by_hand(env, "192.0.2.0/24");
	env_start(env);
	env_tell(env, PROXY_SERVICE, with_external_ips("a", "'192.0.2.1', '198.51.100.1',"
						       "'192.0.2.2'"), false);
	assert_int_not_equal(proxy_run(env->p, &e), 0);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.2");
	assert_int_equal(lines(env->warnings), 2);
	assert_non_null(strstr(env->warnings, "a AddressConflict: "));
	assert_non_null(strstr(env->warnings, "a AddressNotAllowed: "));
	/* The Service gives both up, takes one again: that is news. */
	tell_service(env, "a", "10.96.0.1", "192.0.2.2");
	env_run(env);
	env->warnings[0] = '\0';
	tell_service(env, "a", "10.96.0.1", "198.51.100.1");
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	assert_int_equal(lines(env->warnings), 1);
	env_assert_frontends(env, "default/a", "10.96.0.1");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, env_setup, env_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_all_but_the_last_defer),
		CASE(test_moves_defer),
		CASE(test_syncs_defer_to_their_end),
		CASE(test_known_refusals_do_not_count),
		CASE(test_new_refusals_walk),
		CASE(test_changes_of_endpoints),
		CASE(test_changes_of_lists),
		CASE(test_changes_of_more),
		CASE(test_changes_defer),
		CASE(test_syncs_write_whole_services),
		CASE(test_changes_after_a_restart),
		CASE(test_refused_changes_come_whole),
		CASE(test_address_not_allowed),
		CASE(test_taken_by_any_bytes),
		CASE(test_not_allowed_and_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
