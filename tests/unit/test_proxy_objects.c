// SPDX-License-Identifier: GPL-2.0
/* How Services, EndpointSlices and the own Node, told in any order, come together. */
#include "proxy_env.h"

#include <stdio.h>
#include <string.h>

#define AT(ip)		"{'addresses': ['10.244.1." #ip "']}"
#define HINTED(ip, zone) \
	"{'addresses': ['10.244.1." #ip "'], 'hints': {'forZones': [{'name': '" zone "'}]}}"
#define LEAVING(ip) \
	"{'addresses': ['10.244.1." #ip "'], 'conditions':" \
	" {'ready': false, 'serving': true, 'terminating': true}}"

static void tell_service(struct env *env, const char *name, const char *ip)
{
	env_tell(env, PROXY_SERVICE, env_service(name, ip, NULL, 0), false);
}

static void tell_slice(struct env *env, const char *name, const char *service,
		       const char *endpoints)
{
	env_tell(env, PROXY_SLICE, env_named_slice(name, service, endpoints), false);
}

static void drop_slice(struct env *env, const char *name)
{
	env_tell(env, PROXY_SLICE, env_named_slice(name, "whatever", ""), true);
}

/* The last bytes of those in the cluster list, then in brackets of those that drain. */
static void assert_endpoints(struct env *env, const char *name, const char *expected)
{
	const struct kservice *s = env_find(env, name);
	char text[256] = "";
	size_t i, n;

	assert_non_null(s);
	for (i = 0; i < s->nendpoints; i++) {
		const struct kendpoint *p = &s->endpoints[i];
		unsigned int last = ntohl(p->addr.v4.s_addr) & 0xff;

		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, p->lists ? "%s%u" : "%s[%u]", n ? " " : "",
			 last);
	}
	assert_string_equal(text, expected);
}

static void test_slices_are_merged(void **state)
{
	struct env *env = *state;

	env_start(env);
	/* Ahead of its Service. */
	tell_slice(env, "x", "web", AT(1) "," AT(2));
	env_run(env);
	assert_int_equal(kernel_fake_services(env->k)->n, 0);
	tell_service(env, "web", "10.96.0.1");
	env_run(env);
	assert_endpoints(env, "default/web", "1 2");
	tell_slice(env, "y", "web", AT(2) "," AT(3));
	tell_slice(env, "z", "other", AT(4));
	env_run(env);
	assert_endpoints(env, "default/web", "1 2 3");
	/* What stands in two slices is there until both have dropped it. */
	tell_slice(env, "x", "web", AT(1));
	env_run(env);
	assert_endpoints(env, "default/web", "1 2 3");
	drop_slice(env, "y");
	env_run(env);
	assert_endpoints(env, "default/web", "1");
	drop_slice(env, "y");
	drop_slice(env, "never");
	drop_slice(env, "x");
	env_run(env);
	assert_endpoints(env, "default/web", "");
}

/* A pod that moves from slice to slice is never away, whichever is told first. */
static void test_pod_moves_between_slices(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "web", "10.96.0.1");
	tell_slice(env, "x", "web", AT(1) "," AT(2));
	tell_slice(env, "y", "web", AT(3));
	env_run(env);
	env_log(env);
	tell_slice(env, "x", "web", AT(1));
	tell_slice(env, "y", "web", AT(2) "," AT(3));
	env_run(env);
	assert_log(env, "");
	tell_slice(env, "x", "web", AT(1) "," AT(2));
	env_run(env);
	tell_slice(env, "y", "web", AT(3));
	env_run(env);
	assert_log(env, "");
	assert_endpoints(env, "default/web", "1 2 3");
}

static void test_slice_changes_its_service(void **state)
{
	struct env *env = *state;
	json_t *foreign;

	env_start(env);
	tell_service(env, "a", "10.96.0.1");
	tell_service(env, "b", "10.96.0.2");
	tell_service(env, "c", "10.96.0.3");
	tell_slice(env, "x", "a", AT(1));
	env_run(env);
	env_log(env);
	tell_slice(env, "x", "b", AT(1));
	env_run(env);
	assert_endpoints(env, "default/a", "");
	assert_endpoints(env, "default/b", "1");
	assert_log(env, "set default/a+defer; set default/b");
	/* Of none, or not for this proxy, any more. */
	env_tell(env, PROXY_SLICE, env_load("{'metadata': {'name': 'x', 'namespace': 'default'},"
					    " 'addressType': 'IPv4', 'endpoints': [" AT(1) "],"
					    " 'ports': [{'port': 8080}]}"), false);
	env_run(env);
	assert_endpoints(env, "default/b", "");
	tell_slice(env, "x", "c", AT(1));
	env_run(env);
	assert_endpoints(env, "default/c", "1");
	foreign = env_named_slice("x", "c", AT(1));
	json_object_set_new(json_object_get(json_object_get(foreign, "metadata"), "labels"),
			    "service.kubernetes.io/headless", json_string(""));
	env_tell(env, PROXY_SLICE, foreign, false);
	env_run(env);
	assert_endpoints(env, "default/c", "");
	/* A slice of the same name in another namespace is another one. */
	tell_slice(env, "x", "a", AT(1));
	env_tell(env, PROXY_SLICE, env_load("{'metadata': {'name': 'x', 'namespace': 'other',"
					    " 'labels': {'kubernetes.io/service-name': 'a'}},"
					    " 'addressType': 'IPv4', 'endpoints': [" AT(2) "],"
					    " 'ports': [{'port': 8080}]}"), false);
	env_run(env);
	assert_endpoints(env, "default/a", "1");
}

static void test_relist_of_slices(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "a", "10.96.0.1");
	tell_service(env, "b", "10.96.0.2");
	tell_slice(env, "x", "a", AT(1));
	tell_slice(env, "y", "a", AT(2));
	tell_slice(env, "z", "b", AT(3));
	env_run(env);
	env_log(env);
	proxy_list_begin(env->p, PROXY_SLICE);
	tell_slice(env, "x", "a", AT(1));
	/* The connection breaks, and the list starts over. */
	proxy_list_begin(env->p, PROXY_SLICE);
	tell_slice(env, "y", "b", AT(2));
	tell_slice(env, "z", "b", AT(3));
	env_run(env);
	assert_endpoints(env, "default/a", "1");
	proxy_list_end(env->p, PROXY_SLICE);
	env_run(env);
	assert_endpoints(env, "default/a", "");
	assert_endpoints(env, "default/b", "2 3");
	/* The lists of the others are as they were. */
	assert_int_equal(kernel_fake_services(env->k)->n, 2);
}

/* Whichever list comes last, nothing is written before it, nor without it. */
static void test_each_list_is_waited_for(void **state)
{
	enum proxy_kind last, kind;
	struct env *env;

	(void)state;
	for (last = PROXY_SERVICE; last < PROXY_KINDS; last++) {
		env = env_open(NULL, 0);
		env_put_by_hand(env, "default/old", "svcd", "192.0.2.1");
		proxy_attach(env->p, env->k);
		tell_service(env, "web", "10.96.0.1");
		for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
			proxy_list_begin(env->p, kind);
			if (kind != last)
				proxy_list_end(env->p, kind);
		}
		env_run(env);
		assert_false(proxy_listed(env->p));
		assert_log(env, "");
		assert_non_null(env_find(env, "default/old"));
		proxy_list_end(env->p, last);
		assert_true(proxy_listed(env->p));
		env_run(env);
		assert_null(env_find(env, "default/old"));
		env_close(env);
	}
}

static void test_terminating_drains(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "web", "10.96.0.1");
	tell_slice(env, "x", "web", AT(1) "," AT(2) "," AT(3) "," AT(4));
	env_run(env);
	env_log(env);
	tell_slice(env, "x", "web", AT(1) "," AT(2) "," AT(3) "," LEAVING(4));
	env_run(env);
	assert_endpoints(env, "default/web", "1 2 3 [4]");
	/* It is there still, for what leads to it. */
	assert_log(env, "endpoint_set default/web 1");
	tell_slice(env, "x", "web", AT(1) "," AT(2) "," AT(3));
	env_run(env);
	assert_log(env, "endpoint_del default/web 1");
	tell_slice(env, "x", "web", LEAVING(1) "," LEAVING(2));
	env_run(env);
	assert_endpoints(env, "default/web", "1 2");
}

/* The objects come from another place: what is there stays until all of it was heard of. */
static void test_lists_are_void(void **state)
{
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	env_log(env);
	proxy_lists_void(env->p);
	proxy_list_begin(env->p, PROXY_SERVICE);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), false);
	proxy_list_end(env->p, PROXY_SERVICE);
	env_run(env);
	assert_log(env, "");
	proxy_list_end(env->p, PROXY_SLICE);
	env_run(env);
	assert_log(env, "");
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
	assert_non_null(kernel_fake_find(env->k, "default/b", AF_INET, IPPROTO_TCP));
	assert_null(kernel_fake_find(env->k, "default/a", AF_INET, IPPROTO_TCP));
}

static void test_zone_of_the_node(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "near", "10.96.0.1");
	tell_service(env, "plain", "10.96.0.2");
	tell_slice(env, "x", "near", HINTED(1, "a") "," HINTED(2, "b"));
	tell_slice(env, "y", "plain", AT(3));
	env_run(env);
	assert_endpoints(env, "default/near", "1 2");
	env_log(env);
	env_tell(env, PROXY_NODE, env_node("n1", "a"), false);
	env_tell(env, PROXY_NODE, env_node("n2", "b"), false);
	env_run(env);
	assert_endpoints(env, "default/near", "1 [2]");
	assert_log(env, "set default/near");
	/* A status that is written each few seconds is no change. */
	env_tell(env, PROXY_NODE, env_node("n1", "a"), false);
	env_tell(env, PROXY_NODE, env_node("n2", "b"), true);
	env_run(env);
	assert_log(env, "");
	env_tell(env, PROXY_NODE, env_node("n1", "b"), false);
	env_run(env);
	assert_endpoints(env, "default/near", "[1] 2");
	env_tell(env, PROXY_NODE, env_node("n1", "b"), true);
	env_run(env);
	assert_endpoints(env, "default/near", "1 2");
	env_tell(env, PROXY_NODE, env_load("{'metadata': {'name': 'n1', 'labels': null}}"), false);
	env_run(env);
	assert_endpoints(env, "default/near", "1 2");
}

/* A list in which the own Node is missing takes the zone away, one with it does not. */
static void test_relist_of_nodes(void **state)
{
	struct env *env = *state;

	env_start(env);
	tell_service(env, "near", "10.96.0.1");
	tell_slice(env, "x", "near", HINTED(1, "a") "," HINTED(2, "b"));
	env_tell(env, PROXY_NODE, env_node("n1", "a"), false);
	env_run(env);
	env_log(env);
	proxy_list_begin(env->p, PROXY_NODE);
	env_run(env);
	env_tell(env, PROXY_NODE, env_node("n1", "a"), false);
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
	assert_log(env, "");
	proxy_list_begin(env->p, PROXY_NODE);
	env_tell(env, PROXY_NODE, env_node("n2", "a"), false);
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
	assert_endpoints(env, "default/near", "1 2");
}

/* The zone is known before the first load: nothing is written twice. */
static void test_zone_before_the_first_load(void **state)
{
	struct env *env = *state;

	proxy_attach(env->p, env->k);
	tell_service(env, "near", "10.96.0.1");
	tell_slice(env, "x", "near", HINTED(1, "a") "," HINTED(2, "b"));
	proxy_list_end(env->p, PROXY_SERVICE);
	proxy_list_end(env->p, PROXY_SLICE);
	env_run(env);
	env_tell(env, PROXY_NODE, env_node("n1", "b"), false);
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
	assert_log(env, "settings pod; sync_begin; set default/near+defer; sync_end");
	assert_endpoints(env, "default/near", "[1] 2");
}

/* --- whatever the order of things, the kernel is what a fresh start would make of it --- */

#define NSERVICES	4
#define NSLICES		6

struct world {
	bool service[NSERVICES];
	int of[NSLICES];		/* Service of a slice; NSERVICES: none; -1: not there */
	unsigned int endpoints[NSLICES];	/* bits, two for each of eight */
	const char *zone;		/* NULL: no Node */
};

static unsigned int random_below(unsigned int n)
{
	static unsigned long long x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned int)(x >> 20) % n;
}

static void tell_random_service(struct env *env, const struct world *w, int i)
{
	char name[16], ip[16];

	snprintf(name, sizeof(name), "s%d", i);
	snprintf(ip, sizeof(ip), "10.96.0.%d", i + 1);
	env_tell(env, PROXY_SERVICE, env_service(name, ip, NULL, i), !w->service[i]);
}

static void tell_random_slice(struct env *env, const struct world *w, int i)
{
	static const char *const kinds[] = {
		", 'hints': {'forZones': [{'name': 'a'}]}",
		", 'hints': {'forZones': [{'name': 'b'}]}",
		", 'conditions': {'ready': false, 'serving': true, 'terminating': true}",
	};
	char name[16], service[16], list[2048] = "";
	size_t n;
	int bit;

	for (bit = 0; bit < 8; bit++) {
		unsigned int kind = w->endpoints[i] >> 2 * bit & 3;

		n = strlen(list);
		if (kind)
			snprintf(list + n, sizeof(list) - n,
				 "%s{'addresses': ['10.244.1.%d']%s}", n ? "," : "", bit + 1,
				 kinds[kind - 1]);
	}
	snprintf(name, sizeof(name), "x%d", i);
	snprintf(service, sizeof(service), w->of[i] < NSERVICES ? "s%d" : "", w->of[i]);
	env_tell(env, PROXY_SLICE, env_named_slice(name, service, list), w->of[i] < 0);
}

static void change_something(struct env *env, struct world *w)
{
	int i = (int)random_below(NSLICES);

	switch (random_below(8)) {
	case 0:
		i %= NSERVICES;
		w->service[i] = !w->service[i];
		tell_random_service(env, w, i);
		break;
	case 1:
		w->zone = w->zone ? NULL : random_below(2) ? "a" : "b";
		env_tell(env, PROXY_NODE, env_node("n1", w->zone ? w->zone : ""), !w->zone);
		break;
	case 2:
		w->of[i] = (int)random_below(NSERVICES + 2) - 1;
		tell_random_slice(env, w, i);
		break;
	default:
		w->endpoints[i] = random_below(1 << 16);
		tell_random_slice(env, w, i);
	}
}

static void assert_as_fresh(struct env *env, const struct world *w)
{
	struct env *fresh = env_open(NULL, 0);
	const struct kservices *a = kernel_fake_services(env->k), *b;
	size_t i, j;
	int n;

	proxy_attach(fresh->p, fresh->k);
	for (n = 0; n < NSERVICES; n++)
		tell_random_service(fresh, w, n);
	for (n = 0; n < NSLICES; n++)
		tell_random_slice(fresh, w, n);
	env_tell(fresh, PROXY_NODE, env_node("n1", w->zone ? w->zone : ""), !w->zone);
	env_lists_done(fresh);
	env_run(fresh);
	b = kernel_fake_services(fresh->k);
	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n && kservice_key_cmp(&a->v[i], &b->v[j]); j++)
			;
		assert_true(j < b->n);
		assert_true(kservice_equal(&a->v[i], &b->v[j]));
	}
	env_close(fresh);
}

static void test_random_changes(void **state)
{
	struct world w = { .service = { true, true } };
	struct env *env = *state;
	int i, n;

	env_start(env);
	for (i = 0; i < NSERVICES; i++)
		tell_random_service(env, &w, i);
	for (i = 0; i < 1000; i++) {
		for (n = (int)random_below(4); n >= 0; n--)
			change_something(env, &w);
		env_run(env);
		if (i % 5 == 0)
			assert_as_fresh(env, &w);
	}
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, env_setup, env_teardown)

static json_t *local_service(const char *name, const char *ip)
{
	json_t *s = env_service(name, ip, NULL, 0);

	json_object_set_new(json_object_get(s, "spec"), "internalTrafficPolicy",
			    json_string("Local"));
	return s;
}

static void name_node(struct env *env, const char *name)
{
	assert_int_equal(proxy_set_node_name(env->p, name), 0);
	proxy_list_begin(env->p, PROXY_NODE);
	env_tell(env, PROXY_NODE, env_node("n1", "a"), false);
	env_tell(env, PROXY_NODE, env_node("n2", "b"), false);
	proxy_list_end(env->p, PROXY_NODE);
	env_run(env);
}

static size_t nlocal(struct env *env, const char *name)
{
	const struct kservice *s = env_find(env, name);
	size_t i, n = 0;

	for (i = 0; i < s->nendpoints; i++)
		if (s->endpoints[i].lists & SVCNAT_LIST_LOCAL)
			n |= 1u << i;
	return n;
}

/* Everything is compiled for the other name; what is the same then is not written. */
static void test_another_name_of_the_node(void **state)
{
	struct env *env = *state;
	json_t *leaving = env_node("n1", "a");

	env_start(env);
	tell_service(env, "plain", "10.96.0.1");
	tell_slice(env, "x", "plain", AT(1));
	env_tell(env, PROXY_SERVICE, local_service("local", "10.96.0.2"), false);
	tell_slice(env, "y", "local", "{'addresses': ['10.244.1.2'], 'nodeName': 'n1'},"
		   "{'addresses': ['10.244.1.3'], 'nodeName': 'n2'}");
	tell_service(env, "near", "10.96.0.3");
	tell_slice(env, "z", "near", HINTED(4, "a") "," HINTED(5, "b"));
	json_object_set_new(leaving, "spec", env_load("{'taints': [{'key': "
			    "'ToBeDeletedByClusterAutoscaler', 'effect': 'NoSchedule'}]}"));
	env_tell(env, PROXY_NODE, leaving, false);
	env_run(env);
	assert_int_equal(nlocal(env, "default/local"), 1);
	assert_endpoints(env, "default/near", "4 [5]");
	assert_false(proxy_eligible(env->p));
	env_log(env);

	name_node(env, "n2");
	assert_int_equal(nlocal(env, "default/local"), 2);
	assert_endpoints(env, "default/near", "[4] 5");
	assert_true(proxy_eligible(env->p));
	assert_null(strstr(env_log(env), "plain"));
	/* What becomes of the old one is nothing to it. */
	env_tell(env, PROXY_NODE, env_node("n1", "c"), true);
	env_run(env);
	assert_log(env, "");
	assert_true(proxy_eligible(env->p));

	/* One that there is no Node of has no zone, and may do without. */
	name_node(env, "n3");
	assert_int_equal(nlocal(env, "default/local"), 0);
	assert_endpoints(env, "default/near", "4 5");
	assert_true(proxy_eligible(env->p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_slices_are_merged),
		CASE(test_pod_moves_between_slices),
		CASE(test_slice_changes_its_service),
		CASE(test_relist_of_slices),
		cmocka_unit_test(test_each_list_is_waited_for),
		CASE(test_terminating_drains),
		CASE(test_lists_are_void),
		CASE(test_zone_of_the_node),
		CASE(test_relist_of_nodes),
		CASE(test_zone_before_the_first_load),
		CASE(test_random_changes),
		CASE(test_another_name_of_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
