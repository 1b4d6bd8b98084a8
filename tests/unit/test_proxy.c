// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "kernel_fake.h"
#include "proxy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct env {
	struct kernel *k;
	struct proxy *p;
	char warnings[4096];	/* "name reason: message\n" each */
};

static void take_warning(void *ctx, const json_t *service, const char *reason,
			 const char *message)
{
	const json_t *meta = json_object_get(service, "metadata");
	struct env *env = ctx;
	size_t n = strlen(env->warnings);

	snprintf(env->warnings + n, sizeof(env->warnings) - n, "%s %s: %s\n",
		 json_string_value(json_object_get(meta, "name")), reason, message);
}

static int setup(void **state)
{
	struct env *env = calloc(1, sizeof(*env));
	struct proxy_config c = { .owner = "svcd", .warn = take_warning, .ctx = env };
	struct ip_cidr cidr;

	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &cidr, NULL), 0);
	c.pod_cidrs = &cidr;
	c.npod_cidrs = 1;
	env->k = kernel_fake_open();
	assert_int_equal(proxy_alloc(&env->p, &c, NULL), 0);
	*state = env;
	return 0;
}

static int teardown(void **state)
{
	struct env *env = *state;

	proxy_free(env->p);
	kernel_fake_free(env->k);
	free(env);
	return 0;
}

/* A JSON text with ' for ". */
static json_t *load(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static json_t *load(const char *fmt, ...)
{
	char text[4096], *c;
	json_error_t e;
	json_t *value;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(text, 0, &e);
	if (!value)
		fail_msg("%s at %d of %s", e.text, e.position, text);
	return value;
}

/* One port 80/TCP; external may be NULL; second is the seconds of its creation. */
static json_t *service(const char *name, const char *ip, const char *external, int second)
{
	return load("{'metadata': {'name': '%s', 'namespace': 'default',"
		    "              'creationTimestamp': '2026-01-01T00:00:%02dZ'},"
		    " 'spec': {'clusterIP': '%s', 'clusterIPs': ['%s'], 'externalIPs': [%s%s%s],"
		    "          'ports': [{'port': 80, 'protocol': 'TCP'}]}}",
		    name, second, ip, ip, external ? "'" : "", external ? external : "",
		    external ? "'" : "");
}

static json_t *endpoints(const char *name, const char *addresses)
{
	return load("{'metadata': {'name': '%s', 'namespace': 'default'},"
		    " 'subsets': [{'addresses': [%s], 'ports': [{'port': 8080}]}]}",
		    name, addresses);
}

static void tell(struct env *env, enum proxy_kind kind, json_t *object, bool deleted)
{
	assert_int_equal(proxy_object(env->p, kind, object, deleted), 0);
	json_decref(object);
}

static void lists_done(struct env *env)
{
	assert_int_equal(proxy_list_end(env->p, PROXY_SERVICE), 0);
	assert_int_equal(proxy_list_end(env->p, PROXY_ENDPOINTS), 0);
}

static void run(struct env *env)
{
	struct err e = { "" };

	if (proxy_run(env->p, &e))
		fail_msg("proxy_run: %s", e.text);
}

/* Attached, both lists empty. */
static void start(struct env *env)
{
	proxy_attach(env->p, env->k);
	proxy_list_begin(env->p, PROXY_SERVICE);
	proxy_list_begin(env->p, PROXY_ENDPOINTS);
	lists_done(env);
	run(env);
	kernel_fake_clear_log(env->k);
}

static const struct kservice *find(struct env *env, const char *name)
{
	return kernel_fake_find(env->k, name, AF_INET, IPPROTO_TCP);
}

static void assert_frontends(struct env *env, const char *name, const char *expected)
{
	const struct kservice *s = find(env, name);
	char text[512] = "", ip[INET6_ADDRSTRLEN];
	size_t i, n;

	assert_non_null(s);
	for (i = 0; i < s->nfrontends; i++) {
		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
			 ip_addr_print(&s->frontends[i].addr, ip));
	}
	assert_string_equal(text, expected);
}

static struct kservice by_hand(const char *name, const char *owner, const char *ip)
{
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .kind = SVCNAT_KIND_EXTERNAL, .port = 80 };

	strcpy(s.name, name);
	strcpy(s.owner, owner);
	assert_int_equal(ip_addr_parse(ip, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), 0);
	return s;
}

static void put_by_hand(struct env *env, const char *name, const char *owner, const char *ip)
{
	struct kservice s = by_hand(name, owner, ip);

	assert_int_equal(env->k->ops->service_set(env->k, &s, KERNEL_CREATE, 0, NULL), 0);
	kservice_clear(&s);
}

static void test_nothing_before_complete_lists(void **state)
{
	struct env *env = *state;

	put_by_hand(env, "default/old", "svcd", "192.0.2.1");
	run(env);
	proxy_attach(env->p, env->k);
	proxy_list_begin(env->p, PROXY_SERVICE);
	tell(env, PROXY_SERVICE, service("web", "10.96.0.1", NULL, 0), false);
	run(env);
	assert_int_equal(proxy_list_end(env->p, PROXY_SERVICE), 0);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "set default/old");
	proxy_list_begin(env->p, PROXY_ENDPOINTS);
	assert_int_equal(proxy_list_end(env->p, PROXY_ENDPOINTS), 0);
	run(env);
	assert_null(find(env, "default/old"));
	assert_frontends(env, "default/web", "10.96.0.1");
	assert_int_equal(kernel_fake_settings(env->k)->npod_cidrs, 1);
}

static void test_first_load_is_one_sync(void **state)
{
	struct env *env = *state;

	put_by_hand(env, "mine", "hand", "192.0.2.9");
	kernel_fake_clear_log(env->k);
	proxy_attach(env->p, env->k);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 0), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 0), false);
	lists_done(env);
	run(env);
	assert_string_equal(kernel_fake_log(env->k),
			    "settings; sync_begin; set default/a; set default/b; sync_end");
	assert_non_null(find(env, "mine"));
	kernel_fake_clear_log(env->k);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "");
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
		tell(env, PROXY_SERVICE, service(name, ip, NULL, 0), false);
	}
	start(env);
	lists_done(env);
	/* The lists of start() were complete without them. */
	assert_int_equal(kernel_fake_services(env->k)->n, 0);
	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(ip, sizeof(ip), "10.96.%d.%d", i / 250, i % 250 + 1);
		tell(env, PROXY_SERVICE, service(name, ip, NULL, 0), false);
	}
	run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 500);
	calls = kernel_fake_calls(env->k, KERNEL_FAKE_ANY);
	kernel_fake_clear_log(env->k);
	tell(env, PROXY_ENDPOINTS, endpoints("s7", "{'ip': '10.244.1.1'}"), false);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "set default/s7");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), calls + 1);
	/* Told again without a change. */
	tell(env, PROXY_ENDPOINTS, endpoints("s7", "{'ip': '10.244.1.1'}"), false);
	run(env);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_ANY), calls + 1);
	assert_int_equal(find(env, "default/s7")->nendpoints, 1);
}

static void test_deleted_objects(void **state)
{
	struct env *env = *state;

	start(env);
	tell(env, PROXY_SERVICE, service("web", "10.96.0.1", NULL, 0), false);
	tell(env, PROXY_ENDPOINTS, endpoints("web", "{'ip': '10.244.1.1'}"), false);
	run(env);
	assert_int_equal(find(env, "default/web")->nendpoints, 1);
	tell(env, PROXY_ENDPOINTS, endpoints("web", ""), true);
	run(env);
	assert_int_equal(find(env, "default/web")->nendpoints, 0);
	tell(env, PROXY_SERVICE, service("web", "10.96.0.1", NULL, 0), true);
	run(env);
	assert_null(find(env, "default/web"));
	tell(env, PROXY_SERVICE, service("never", "10.96.0.1", NULL, 0), true);
	run(env);
}

static void test_relist_drops_what_is_gone(void **state)
{
	struct env *env = *state;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 0), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 0), false);
	run(env);
	proxy_list_begin(env->p, PROXY_SERVICE);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 0), false);
	/* The connection breaks, and the list starts over. */
	proxy_list_begin(env->p, PROXY_SERVICE);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 0), false);
	run(env);
	assert_non_null(find(env, "default/a"));
	assert_int_equal(proxy_list_end(env->p, PROXY_SERVICE), 0);
	run(env);
	assert_null(find(env, "default/a"));
	assert_non_null(find(env, "default/b"));
}

/* The fake refuses an address that is taken: wrong orders show as errors. */
static void test_addresses_move(void **state)
{
	struct env *env = *state;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", "192.0.2.1", 1), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", "192.0.2.2", 2), false);
	run(env);
	/* The receiver is told of first. */
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", "192.0.2.2", 1), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", "192.0.2.1", 2), false);
	run(env);
	assert_frontends(env, "default/a", "10.96.0.1 192.0.2.2");
	assert_frontends(env, "default/b", "10.96.0.2 192.0.2.1");
	assert_string_equal(env->warnings, "");
	tell(env, PROXY_SERVICE, service("c", "10.96.0.3", "192.0.2.2", 3), false);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), true);
	run(env);
	assert_frontends(env, "default/c", "10.96.0.3 192.0.2.2");
}

static void test_older_keeps_younger_takes_over(void **state)
{
	struct env *env = *state;

	start(env);
	tell(env, PROXY_SERVICE, service("young", "10.96.0.1", "192.0.2.1", 9), false);
	run(env);
	assert_frontends(env, "default/young", "10.96.0.1 192.0.2.1");
	tell(env, PROXY_SERVICE, service("old", "10.96.0.2", "192.0.2.1", 1), false);
	run(env);
	assert_frontends(env, "default/old", "10.96.0.2 192.0.2.1");
	assert_frontends(env, "default/young", "10.96.0.1");
	assert_string_equal(env->warnings,
			    "young AddressConflict: 192.0.2.1:80/TCP is used by the older service "
			    "default/old; it takes over when that one is deleted\n");
	/* Only once, whatever else changes. */
	tell(env, PROXY_ENDPOINTS, endpoints("young", "{'ip': '10.244.1.1'}"), false);
	run(env);
	run(env);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	kernel_fake_clear_log(env->k);
	tell(env, PROXY_SERVICE, service("old", "10.96.0.2", "192.0.2.1", 1), true);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "del default/old; set default/young");
	assert_frontends(env, "default/young", "10.96.0.1 192.0.2.1");
	/* A new conflict is told of anew. */
	env->warnings[0] = '\0';
	tell(env, PROXY_SERVICE, service("old", "10.96.0.2", "192.0.2.1", 1), false);
	run(env);
	assert_non_null(strstr(env->warnings, "default/old"));
}

static void test_failed_writes_are_tried_again(void **state)
{
	struct env *env = *state;
	struct err e;

	start(env);
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 1, ENOSPC);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 2), false);
	assert_int_equal(proxy_run(env->p, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "service 'default/a' (TCP): "));
	/* One refused does not hold up the other. */
	assert_null(find(env, "default/a"));
	assert_non_null(find(env, "default/b"));
	assert_non_null(strstr(env->warnings, "a NotProgrammed: "));
	kernel_fake_clear_log(env->k);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "set default/a");
	kernel_fake_fail(env->k, KERNEL_FAKE_DEL, 1, EINVAL);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), true);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	run(env);
	assert_null(find(env, "default/a"));
}

/* Whatever call fails, and however: the next good run makes the kernel equal. */
static void test_each_call_fails_in_turn(void **state)
{
	static const int codes[] = { EIO, EINVAL, ENODEV, ESTALE, ENOMEM, EEXIST, ENOSPC };
	struct env *env = *state;
	size_t c;
	unsigned int nth;

	start(env);
	for (c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		for (nth = 1; nth <= 12; nth++) {
			proxy_attach(env->p, env->k);
			put_by_hand(env, "default/stale", "svcd", "192.0.2.1");
			tell(env, PROXY_SERVICE, service("a", "10.96.0.1", "192.0.2.1", 1), false);
			tell(env, PROXY_SERVICE,
			     service("b", "10.96.0.2", nth % 2 ? "192.0.2.2" : NULL, 2), false);
			tell(env, PROXY_SERVICE, service("c", "10.96.0.3", NULL, 3), nth % 3 == 0);
			kernel_fake_fail(env->k, KERNEL_FAKE_ANY, nth, codes[c]);
			proxy_run(env->p, NULL);
			kernel_fake_fail(env->k, KERNEL_FAKE_ANY, 0, 0);
			run(env);
			assert_null(find(env, "default/stale"));
			assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
			assert_frontends(env, "default/b",
					 nth % 2 ? "10.96.0.2 192.0.2.2" : "10.96.0.2");
			assert_int_equal(find(env, "default/c") != NULL, nth % 3 != 0);
			tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), true);
			run(env);
		}
	}
}

static void test_module_comes_back_empty(void **state)
{
	struct env *env = *state;
	struct err e;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), false);
	run(env);
	kernel_fake_break(env->k, ENODEV);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 1), false);
	assert_int_equal(proxy_run(env->p, &e), -ENODEV);
	proxy_attach(env->p, NULL);
	tell(env, PROXY_SERVICE, service("c", "10.96.0.3", NULL, 1), false);
	run(env);
	kernel_fake_break(env->k, 0);
	kernel_fake_reset(env->k);
	proxy_attach(env->p, env->k);
	run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	assert_int_equal(kernel_fake_settings(env->k)->npod_cidrs, 1);
}

/* The same handle, but nobody knows what the call that failed for good has met. */
static void test_fatal_error_loads_anew(void **state)
{
	struct env *env = *state;
	struct err e;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), false);
	run(env);
	kernel_fake_break(env->k, EIO);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 1), false);
	assert_int_equal(proxy_run(env->p, &e), -EIO);
	kernel_fake_break(env->k, 0);
	kernel_fake_reset(env->k);
	run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 2);
	assert_int_equal(kernel_fake_settings(env->k)->npod_cidrs, 1);
}

/* A restart under traffic: what is right is not touched but for its mark. */
static void test_load_over_an_earlier_run(void **state)
{
	struct env *env = *state;

	/* Had by a service that is gone, and by one that gave it up while nobody looked. */
	put_by_hand(env, "default/gone:http", "svcd", "192.0.2.1");
	put_by_hand(env, "default/b", "svcd", "192.0.2.2");
	kernel_fake_clear_log(env->k);
	proxy_attach(env->p, env->k);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", "192.0.2.1", 1), false);
	tell(env, PROXY_SERVICE, service("c", "10.96.0.3", "192.0.2.2", 1), false);
	tell(env, PROXY_SERVICE, service("b", "10.96.0.2", NULL, 1), false);
	lists_done(env);
	run(env);
	assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	assert_frontends(env, "default/b", "10.96.0.2");
	assert_frontends(env, "default/c", "10.96.0.3 192.0.2.2");
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	/* Once more, over what is right already: each is marked, nothing is lost. */
	kernel_fake_clear_log(env->k);
	proxy_attach(env->p, env->k);
	run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	assert_null(strstr(kernel_fake_log(env->k), "del"));
}

static void test_address_held_by_hand(void **state)
{
	struct env *env = *state;
	struct err e;

	put_by_hand(env, "mine", "hand", "192.0.2.1");
	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", "192.0.2.1", 1), false);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_string_equal(env->warnings,
			    "a AddressConflict: the frontend 192.0.2.1:80/TCP is taken by service "
			    "'mine' of owner 'hand'\n");
	assert_frontends(env, "default/a", "10.96.0.1");
	/* The endpoints follow all the same, and it is told of once. */
	tell(env, PROXY_ENDPOINTS, endpoints("a", "{'ip': '10.244.1.1'}"), false);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_int_equal(find(env, "default/a")->nendpoints, 1);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	/* Also through a full load. */
	proxy_attach(env->p, env->k);
	assert_int_equal(proxy_run(env->p, &e), -EEXIST);
	assert_frontends(env, "default/a", "10.96.0.1");
	assert_int_equal(find(env, "default/a")->nendpoints, 1);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
	assert_int_equal(env->k->ops->service_del(env->k, "mine", AF_INET, IPPROTO_TCP, "hand", &e),
			 0);
	run(env);
	assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	kernel_fake_clear_log(env->k);
	run(env);
	assert_string_equal(kernel_fake_log(env->k), "");
}

/* What a sync cannot change must survive its end. */
static void test_refused_in_a_sync_is_held(void **state)
{
	struct env *env = *state;
	struct err e;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), false);
	run(env);
	proxy_attach(env->p, env->k);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.7", NULL, 1), false);
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 1, ENOSPC);
	assert_int_equal(proxy_run(env->p, &e), -ENOSPC);
	assert_frontends(env, "default/a", "10.96.0.1");
	run(env);
	assert_frontends(env, "default/a", "10.96.0.7");
}

static void test_stale_sync_starts_over(void **state)
{
	struct env *env = *state;

	start(env);
	tell(env, PROXY_SERVICE, service("a", "10.96.0.1", NULL, 1), false);
	kernel_fake_fail(env->k, KERNEL_FAKE_SYNC_END, 1, ESTALE);
	proxy_attach(env->p, env->k);
	run(env);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SYNC_BEGIN), 3);
	assert_non_null(find(env, "default/a"));
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

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

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
