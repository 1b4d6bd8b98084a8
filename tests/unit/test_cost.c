// SPDX-License-Identifier: GPL-2.0
/*
 * What many changes at once cost, by counting: commits, as syncs of the disk, and
 * steps, as looks into JSON objects and arrays. Four times as much may take some more than
 * four times as many steps, and not sixteen times.
 */
#include "apply.h"
#include "authority.h"
#include "events.h"
#include "fieldset.h"
#include "jx.h"
#include "kernel_fake.h"
#include "registry_help.h"
#include "steps.h"
#include "termination.h"
#include "txn.h"
#include "vfs_fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FEW		100
#define MANY		(4 * FEW)
#define TOO_MUCH	6	/* times */
/* A sync for the log, another one when it starts anew, and what copies it into the file. */
#define SYNCS_MAX	4

/* A registry on a disk that counts. */
struct counted {
	struct vfs_fault disk;
	struct registry_help *h;
};

static int setup(void **state)
{
	struct counted *c = calloc(1, sizeof(*c));

	vfs_fault_install(&c->disk);
	registry_help_setup((void **)&c->h);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct counted *c = *state;

	registry_help_teardown((void **)&c->h);
	vfs_fault_remove(&c->disk);
	free(c);
	return 0;
}

static void disk_is_full(struct counted *c, bool full)
{
	c->disk.at = c->disk.calls + 1;
	c->disk.fails = c->disk.stays = full;
}

static size_t count(struct counted *c, const char *plural)
{
	return txn_objects(c->h->r, registry_help_type(plural))->n;
}

static json_t *service(int i)
{
	return registry_help_json("{'kind':'Service','apiVersion':'v1','metadata':{'name':'s%04d',"
				  "'namespace':'default','uid':'s%d'},'spec':{'type':'ClusterIP',"
				  "'clusterIP':'10.100.%d.%d','clusterIPs':['10.100.%d.%d'],"
				  "'ipFamilies':['IPv4'],'selector':{'app':'a%d'},'ports':"
				  "[{'port':80,'targetPort':80,'protocol':'TCP'}]}}", i, i,
				  i >> 8, i & 255, i >> 8, i & 255, i);
}

static json_t *pod(int i)
{
	return registry_help_json("{'kind':'Pod','apiVersion':'v1','metadata':{'name':'p%04d',"
				  "'namespace':'default','uid':'p%d','labels':{'app':'a%d'}},"
				  "'spec':{},'status':{'phase':'Running','podIP':'10.1.%d.%d',"
				  "'podIPs':[{'ip':'10.1.%d.%d'}],'conditions':[{'type':'Ready',"
				  "'status':'True'}]}}", i, i, i, i >> 8, i & 255, i >> 8,
				  i & 255);
}

static void put_all(struct counted *c, const char *plural, json_t *(*make)(int i), int n)
{
	struct txn t;

	txn_begin(&t, c->h->r);
	for (int i = 0; i < n; i++)
		txn_put(&t, registry_help_type(plural), make(i), NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
}

/* --- the Events of a pass --- */

struct refusing {
	struct kernel_ops ops;
	struct kernel *k;
	struct event_base *base;
	struct node *node;
};

static int refuse(struct kernel *k, const struct kservice *s, unsigned int mode,
		  uint32_t sync_token, struct err *e)
{
	(void)k;
	(void)mode;
	(void)sync_token;
	return err_set(e, EINVAL, "%s is not liked", s->name);
}

static int open_refusing(struct kernel **out, void *ctx, struct err *e)
{
	struct refusing *x = ctx;

	(void)e;
	x->ops = *x->k->ops;
	x->ops.service_set = refuse;
	x->k->ops = &x->ops;
	*out = x->k;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*n = 0;
	*out = calloc(1, sizeof(**out));
	return 0;
}

static void begin_refusing(struct counted *c, struct refusing *x)
{
	const struct node_config config = {
		.base = x->base = event_base_new(), .node_name = "n1", .warn = authority_warn,
		.warned = authority_warned, .warn_ctx = c->h->r, .open = open_refusing,
		.open_ctx = x, .addresses = no_addresses,
	};

	x->k = kernel_fake_open();
	assert_int_equal(node_alloc(&x->node, &config, NULL), 0);
	node_start(x->node);
	assert_int_equal(authority_start(c->h->r, x->node, NULL), 0);
}

static void end_refusing(struct counted *c, struct refusing *x)
{
	authority_stop(c->h->r, x->node);
	node_free(x->node);
	kernel_fake_free(x->k);
	event_base_free(x->base);
}

static void test_events_of_a_pass(void **state)
{
	struct counted *c = *state;
	struct refusing x;
	unsigned int syncs;

	put_all(c, "services", service, EVENTS_MAX);
	begin_refusing(c, &x);
	syncs = c->disk.syncs;
	node_run(x.node);
	assert_int_equal(count(c, "events"), EVENTS_MAX);
	assert_in_range(c->disk.syncs - syncs, 1, SYNCS_MAX);
	/* There is nothing left for the tick. */
	syncs = c->disk.syncs;
	assert_int_equal(registry_tick(c->h->r, NULL), 0);
	assert_int_equal(c->disk.syncs, syncs);
	end_refusing(c, &x);
}

/* They wait until there is room for them, and the first ones are kept. */
static void test_events_and_a_full_disk(void **state)
{
	struct counted *c = *state;
	struct err e = { "" };
	struct refusing x;
	json_t *svc;

	put_all(c, "services", service, FEW);
	begin_refusing(c, &x);
	disk_is_full(c, true);
	node_run(x.node);
	assert_int_equal(count(c, "events"), 0);
	assert_int_equal(registry_tick(c->h->r, &e), -ENOSPC);
	assert_string_not_equal(e.text, "");
	for (int i = 0; i < 2 * EVENTS_MAX; i++) {
		svc = service(i);
		registry_record_event(c->h->r, svc, "Warning", "Late", "too many by now");
		json_decref(svc);
	}
	disk_is_full(c, false);
	assert_int_equal(registry_tick(c->h->r, &e), 0);
	assert_int_equal(count(c, "events"), EVENTS_MAX);
	registry_help_reopen(c->h);
	assert_int_equal(count(c, "events"), EVENTS_MAX);
	end_refusing(c, &x);
}

/* Twice in one transaction is one Event that happened twice. */
static void test_events_repeat(void **state)
{
	struct counted *c = *state;
	const struct objects *events = txn_objects(c->h->r, registry_help_type("events"));
	json_t *svc = service(1);

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2; i++)
			registry_record_event(c->h->r, svc, "Warning", "Same", "again");
		registry_record_event(c->h->r, svc, "Warning", "Other", "again");
		assert_int_equal(registry_write_events(c->h->r, NULL), 0);
	}
	assert_int_equal(events->n, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(jx_int(events->v[i].object, "count"),
				 jx_is(events->v[i].object, "reason", "Same") ? 4 : 2);
	json_decref(svc);
}

static size_t steps_of_events(struct counted *c, int n)
{
	json_t *svc;

	steps = 0;
	for (int i = 0; i < n; i++) {
		svc = service(i);
		registry_record_event(c->h->r, svc, "Warning", "Said", "it happened");
		json_decref(svc);
	}
	assert_int_equal(registry_write_events(c->h->r, NULL), 0);
	return steps;
}

/* Over the limit, too: each new one drives an old one out. */
static void test_steps_of_events(void **state)
{
	struct counted *c = *state;
	size_t few, many;

	put_all(c, "services", service, 2 * EVENTS_MAX);
	steps_of_events(c, EVENTS_MAX);
	c->h->now++;
	few = steps_of_events(c, FEW);
	many = steps_of_events(c, MANY);
	print_message("# %d events %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
	assert_int_equal(count(c, "events"), EVENTS_MAX);
}

/* --- the deletion of many --- */

struct heard {
	struct counted *c;
	uint64_t version;
	size_t n, full_after;	/* 0: never */
};

static void on_change(void *ctx, const struct registry_event *ev)
{
	struct heard *heard = ctx;

	assert_true(ev->version > heard->version);
	heard->version = ev->version;
	if (ev->res != registry_help_type("pods"))
		return;
	assert_int_equal(ev->change, REGISTRY_DELETED);
	if (++heard->n == heard->full_after)
		disk_is_full(heard->c, true);
}

static json_t *all_of(struct counted *c, const char *plural)
{
	const struct registry_query all = { NULL, NULL };
	struct reply list = { 0 };

	registry_list(c->h->r, registry_help_type(plural), NULL, &all, &list);
	assert_int_equal(list.code, 200);
	return list.body;
}

static int delete_all(struct counted *c, const char *plural, unsigned int flags)
{
	json_t *list = all_of(c, plural);
	struct reply r;
	int code = 0;

	if (registry_delete_all(c->h->r, registry_help_type(plural),
				json_object_get(list, "items"), -1, flags, &r))
		code = r.code;
	json_decref(r.body);
	json_decref(list);
	return code;
}

#define PODS	(2 * TERMINATION_BATCH + 100)

static void test_delete_collection(void **state)
{
	struct counted *c = *state;
	struct heard heard = { .c = c };
	unsigned int syncs;

	put_all(c, "pods", pod, PODS);
	assert_int_equal(registry_listen(c->h->r, on_change, &heard), 0);
	syncs = c->disk.syncs;
	assert_int_equal(delete_all(c, "pods", REGISTRY_DRY_RUN), 0);
	assert_int_equal(count(c, "pods"), PODS);
	assert_int_equal(c->disk.syncs, syncs);
	assert_int_equal(delete_all(c, "pods", 0), 0);
	assert_int_equal(count(c, "pods"), 0);
	assert_int_equal(heard.n, PODS);
	assert_in_range(c->disk.syncs - syncs, 3, 3 * SYNCS_MAX);
}

/* What was committed before the disk was full is gone, all else is there. */
static void test_delete_collection_and_a_full_disk(void **state)
{
	struct counted *c = *state;
	struct heard heard = { .c = c, .full_after = TERMINATION_BATCH };

	put_all(c, "pods", pod, PODS);
	assert_int_equal(registry_listen(c->h->r, on_change, &heard), 0);
	assert_int_equal(delete_all(c, "pods", 0), 507);
	assert_int_equal(heard.n, TERMINATION_BATCH);
	assert_int_equal(count(c, "pods"), PODS - TERMINATION_BATCH);
	disk_is_full(c, false);
	registry_help_reopen(c->h);
	assert_int_equal(count(c, "pods"), PODS - TERMINATION_BATCH);
	assert_int_equal(delete_all(c, "pods", 0), 0);
	assert_int_equal(count(c, "pods"), 0);
}

/* A transaction that fails once is done in smaller parts. */
static void test_delete_collection_one_by_one(void **state)
{
	struct counted *c = *state;
	struct heard heard = { .c = c };

	put_all(c, "pods", pod, PODS);
	assert_int_equal(registry_listen(c->h->r, on_change, &heard), 0);
	disk_is_full(c, true);
	c->disk.stays = false;
	assert_int_equal(delete_all(c, "pods", 0), 0);
	assert_int_equal(heard.n, PODS);
	assert_int_equal(count(c, "pods"), 0);
	assert_true(c->disk.syncs > TERMINATION_BATCH);
}

/* So does a namespace that ends. */
static void test_namespace_in_parts(void **state)
{
	struct counted *c = *state;
	struct err e = { "" };
	struct txn t;
	int turns = 0;

	assert_int_equal(registry_help_create(c->h, "namespaces", "{'metadata':{'name':'other'}}"),
			 201);
	txn_begin(&t, c->h->r);
	for (int i = 0; i < PODS; i++) {
		json_t *p = pod(i);

		jx_set_str(p, "metadata.namespace", "other");
		txn_put(&t, registry_help_type("pods"), p, NULL);
	}
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(registry_help_delete(c->h, "namespaces", "other"), 200);
	disk_is_full(c, true);
	c->disk.stays = false;
	assert_int_equal(registry_tick(c->h->r, &e), -ENOSPC);
	assert_int_equal(count(c, "pods"), PODS - TERMINATION_BATCH);
	assert_int_equal(registry_tick(c->h->r, &e), 1);
	assert_int_equal(count(c, "pods"), PODS - TERMINATION_BATCH - 1);
	while (registry_tick(c->h->r, &e) > 0)
		assert_true(++turns < 15);
	assert_int_equal(registry_help_get(c->h, "namespaces", "other"), 404);
}

/* The one that is refused ends it; those before it are gone. */
static void test_delete_collection_refused(void **state)
{
	struct counted *c = *state;
	static const char *const names[] = { "before", "then" };
	char text[64];

	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "{'metadata':{'name':'%s'}}", names[i]);
		assert_int_equal(registry_help_create(c->h, "namespaces", text), 201);
	}
	assert_int_equal(delete_all(c, "namespaces", 0), 403);
	assert_int_equal(registry_help_get(c->h, "namespaces", "before"), 404);
	assert_int_equal(registry_help_get(c->h, "namespaces", "default"), 200);
	assert_int_equal(registry_help_get(c->h, "namespaces", "then"), 200);
}

/* --- many changes in one transaction --- */

static size_t steps_of_services(struct counted *c, int n)
{
	struct txn t;

	steps = 0;
	txn_begin(&t, c->h->r);
	for (int i = 0; i < n; i++) {
		txn_put(&t, registry_help_type("services"), service(i), NULL);
		txn_put(&t, registry_help_type("pods"), pod(i), NULL);
	}
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(count(c, "endpointslices"), n);
	assert_int_equal(count(c, "endpoints"), n);
	txn_begin(&t, c->h->r);
	for (int i = n - 1; i >= 0; i--) {
		char name[16];

		snprintf(name, sizeof(name), "s%04d", i);
		txn_del(&t, registry_help_type("services"),
			txn_find(&t, registry_help_type("services"), "default", name));
		name[0] = 'p';
		txn_del(&t, registry_help_type("pods"),
			txn_find(&t, registry_help_type("pods"), "default", name));
	}
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(count(c, "endpointslices"), 0);
	return steps;
}

static void test_large_transaction(void **state)
{
	struct counted *c = *state;
	size_t few = steps_of_services(c, FEW), many = steps_of_services(c, MANY);

	print_message("# %d Services and Pods %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

/* --- the fields of long lists --- */

/* The names begin at from. */
static json_t *containers(int from, int n, const char *image)
{
	json_t *list = json_array();

	for (int i = from; i < from + n; i++)
		jx_append(list, jx_must(json_pack("{s:o, s:s}", "name",
						  json_sprintf("c%05d", i), "image", image)));
	return jx_must(json_pack("{s:s, s:s, s:{s:s, s:{s:i}}, s:{s:o}}", "kind", "Pod",
				 "apiVersion", "v1", "metadata", "name", "p", "labels", "x", 1,
				 "spec", "containers", list));
}

static json_t *config_of(const char *manager, json_t *live, json_t *config, bool force,
			 bool conflicts)
{
	const struct apply a = { .kind = "Pod", .api_version = "v1", .manager = manager,
				 .force = force };
	struct apply_result r;
	struct err e = { "" };

	assert_int_equal(apply_config(&a, live, config, &r, &e), 0);
	assert_int_equal(!!r.conflicts, conflicts);
	json_decref(r.conflicts);
	json_decref(live);
	json_decref(config);
	if (r.object)
		jx_set(r.object, "metadata.managedFields", r.managers);
	return r.object;
}

/* Made, half of it left out and as much new, said differently by another, taken, changed. */
static size_t steps_of_apply(int n)
{
	json_t *live, *old;

	steps = 0;
	live = config_of("a", NULL, containers(0, n, "x"), false, false);
	live = config_of("a", live, containers(n / 2, n, "x"), false, false);
	assert_int_equal(json_array_size(jx_get(live, "spec.containers")), n);
	assert_null(config_of("b", json_incref(live), containers(n / 2, n, "y"), false, true));
	live = config_of("b", live, containers(n / 2, n, "y"), true, false);
	old = live;
	live = jx_copy(live);
	json_array_remove(jx_get(live, "spec.containers"), 0);
	apply_forget(live, old);
	assert_int_equal(json_array_size(jx_get(live, "metadata.managedFields")), 2);
	json_decref(old);
	json_decref(live);
	return steps;
}

static void test_long_lists(void **state)
{
	size_t few = steps_of_apply(FEW), many = steps_of_apply(MANY);

	(void)state;
	print_message("# %d containers applied %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

static size_t steps_of_finalizers(struct counted *c, int n)
{
	json_t *list = json_array(), *node;
	struct reply r;

	for (int i = 0; i < n; i++)
		jx_append(list, json_sprintf("x.io/f%d", i));
	node = json_pack("{s:{s:s, s:o}}", "metadata", "name", "n1", "finalizers", list);
	steps = 0;
	registry_create(c->h->r, registry_help_type("nodes"), NULL, node, 0, &r);
	assert_int_equal(r.code, 201);
	json_decref(r.body);
	assert_int_equal(registry_help_delete(c->h, "nodes", "n1"), 200);
	json_array_remove(list, 0);
	registry_update(c->h->r, registry_help_type("nodes"), NULL, "n1", NULL, node, 0, &r);
	assert_int_equal(r.code, 200);
	json_decref(r.body);
	assert_int_equal(registry_help_patch(c->h, "nodes", "n1", NULL,
					     "{'metadata':{'finalizers':null}}"), 200);
	json_decref(node);
	return steps;
}

static void test_many_finalizers(void **state)
{
	struct counted *c = *state;
	size_t few = steps_of_finalizers(c, FEW), many = steps_of_finalizers(c, MANY);

	print_message("# %d finalizers %zu steps, %d %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_events_of_a_pass), T(test_events_and_a_full_disk), T(test_events_repeat),
		T(test_steps_of_events), T(test_delete_collection),
		T(test_delete_collection_and_a_full_disk), T(test_delete_collection_one_by_one),
		T(test_namespace_in_parts), T(test_delete_collection_refused),
		T(test_large_transaction), cmocka_unit_test(test_long_lists),
		T(test_many_finalizers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
