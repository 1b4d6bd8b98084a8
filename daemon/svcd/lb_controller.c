// SPDX-License-Identifier: GPL-2.0
#include "lb_controller.h"

#include "events.h"
#include "jx.h"
#include "lb_plan.h"
#include "log.h"
#include "rules.h"
#include "service.h"
#include "termination.h"
#include "touched.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many changes in one transaction, when all Services are looked at. */
#define RESYNC_BATCH	64

/* What is done in one transaction. */
struct run {
	struct txn *t;
	struct lb_choice choice;
	bool freed;			/* an address that somebody had */
};

static const struct resource *services(void)
{
	return resource_by_plural("v1", "services");
}

static const char *ns_of(const json_t *svc)
{
	return jx_str(svc, "metadata.namespace");
}

static const char *name_of(const json_t *svc)
{
	return jx_str(svc, "metadata.name");
}

static json_t *ingress(const json_t *svc)
{
	return jx_get(svc, "status.loadBalancer.ingress");
}

/* As it was before the transaction; NULL: it is new. */
static const json_t *before(const struct txn *t, const char *ns, const char *name)
{
	return objects_find(txn_objects(t->r, services()), ns, name);
}

static void run_begin(struct run *run, struct txn *t, bool hold)
{
	*run = (struct run){ .t = t };
	lb_choice_init(&run->choice, t);
	run->choice.hold = hold;
}

static void run_end(struct run *run)
{
	lb_choice_exit(&run->choice);
}

/* pools "": none of it is from us. */
static void put_mark(json_t *svc, const char *pools)
{
	json_t *notes = jx_get(svc, "metadata.annotations");

	if (*pools && !notes) {
		notes = jx_must(json_object());
		jx_set(svc, "metadata.annotations", notes);
	}
	if (*pools)
		json_object_set_new(notes, LB_FROM, jx_string(pools));
	else
		json_object_del(notes, LB_FROM);
	if (notes && !json_object_size(notes))
		jx_del(svc, "metadata.annotations");
}

/* list is taken over. Answers the Service as it is then; borrowed. */
static const json_t *write(struct txn *t, const json_t *svc, json_t *list, const char *pools)
{
	const json_t *was = ingress(svc);
	json_t *now, *clean;

	if ((was ? json_equal(was, list) : !json_array_size(list)) &&
	    !strcmp(lb_service_note(svc, LB_FROM), pools)) {
		json_decref(list);
		return svc;
	}
	now = jx_copy(svc);
	put_mark(now, pools);
	jx_set(now, "status.loadBalancer", json_object());
	if (json_array_size(list))
		jx_set(now, "status.loadBalancer.ingress", list);
	else
		json_decref(list);
	clean = schema_clean(&rules_of(services())->schema, now, NULL);
	json_decref(now);
	txn_put(t, services(), clean, svc);
	return clean;
}

/* It is not for us any more; one that is on its way out gives its address back already. */
static void let_go(struct txn *t, const json_t *svc)
{
	const json_t *was = before(t, ns_of(svc), name_of(svc));
	bool clear = termination_begun(svc) && *lb_service_note(was, LB_FROM);

	if (*lb_service_note(svc, LB_FROM))
		write(t, svc, !clear && ingress(svc) ? jx_copy(ingress(svc)) : json_array(), "");
}

static bool is_from_pools(const struct run *run, const json_t *list)
{
	const struct pool *p;
	struct ip_addr ip;

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (ip_addr_parse(jx_str(json_array_get(list, i), "ip"), &ip, NULL))
			return false;
		p = pools_of(run->choice.pools, &ip);
		if (!p)
			return false;
	}
	return true;
}

/* Did somebody else write the status? What we gave before the transaction, and stands, is ours. */
static bool is_foreign(const struct run *run, const json_t *svc)
{
	const json_t *was = before(run->t, ns_of(svc), name_of(svc)), *list = ingress(svc);

	return json_array_size(list) && !is_from_pools(run, list) &&
	       !(*lb_service_note(was, LB_FROM) && json_equal(list, ingress(was)));
}

static void say_released(void *ctx, const json_t *svc, const char *ip, const char *why)
{
	struct run *run = ctx;
	char text[1200];

	snprintf(text, sizeof(text), "Released IP %s: %s", ip, why);
	log_warning("Service %s/%s: %s", ns_of(svc), name_of(svc), text);
	events_stage(run->t, svc, "Warning", "IPReleased", text);
}

static void say_given(struct txn *t, const struct lb_plan *p, const json_t *svc, const char *pools)
{
	char *ips = lb_plan_text(p, true), *text;

	if (asprintf(&text, "Assigned IP %s from pool %s", ips, pools) < 0)
		jx_must(NULL);
	if (*ips)
		events_stage(t, svc, "Normal", "IPAllocated", text);
	free(text);
	free(ips);
}

/* changed: the Service is what the transaction is about, so it is said again. */
static void wait_for_more(struct txn *t, const struct lb_plan *p, const json_t *svc, bool changed)
{
	struct lb_waiting *w = &t->r->waiting;
	char *ips, *text = NULL;

	if (!p->lacks || !p->choice->pools->n) {
		lb_waiting_del(w, ns_of(svc), name_of(svc));
		return;
	}
	if (!lb_plan_fails(p)) {
		lb_waiting_put(w, ns_of(svc), name_of(svc), NULL);
		return;
	}
	ips = lb_plan_text(p, false);
	if (asprintf(&text, "Failed to allocate IP: %s%s%s", p->problem.text,
		     *ips ? "; until then it has " : "", ips) < 0)
		jx_must(NULL);
	if (lb_waiting_put(w, ns_of(svc), name_of(svc), text) || changed)
		events_stage(t, svc, "Warning", "AllocationFailed", text);
	free(text);
	free(ips);
}

static void give(struct run *run, const json_t *svc, bool changed)
{
	struct lb_plan p;
	char *pools;

	lb_plan_make(&p, &run->choice, svc, say_released, run);
	pools = lb_plan_pools(&p);
	svc = write(run->t, svc, lb_plan_ingress(&p), pools);
	say_given(run->t, &p, svc, pools);
	wait_for_more(run->t, &p, svc, changed);
	run->freed |= p.gave_up;
	free(pools);
}

static void look_at(struct run *run, const char *ns, const char *name, bool changed)
{
	const json_t *svc = txn_find(run->t, services(), ns, name);

	/* Without pools only what they gave once is looked at. */
	if (svc && !run->choice.pools->n && !*lb_service_note(svc, LB_FROM))
		return;
	if (svc && lb_service_ours(svc) && !is_foreign(run, svc)) {
		give(run, svc, changed);
		return;
	}
	lb_waiting_del(&run->t->r->waiting, ns, name);
	if (svc)
		let_go(run->t, svc);
}

struct waiter {
	char *key;			/* "namespace/name" */
	const json_t *svc;		/* NULL: it is gone */
};

static int by_age(const void *a, const void *b)
{
	const struct waiter *x = a, *y = b;

	return lb_service_older(y->svc, x->svc) - lb_service_older(x->svc, y->svc);
}

static const json_t *find_by_key(const struct txn *t, const char *key)
{
	const char *slash = strchr(key, '/');
	char ns[256] = "";

	if ((size_t)(slash - key) < sizeof(ns))
		memcpy(ns, key, slash - key);
	return txn_find(t, services(), ns, slash + 1);
}

static size_t list_waiters(const struct txn *t, struct waiter **out)
{
	struct waiter *v;
	char **keys;
	size_t n = lb_waiting_list(&t->r->waiting, &keys);

	*out = v = jx_must(calloc(n + 1, sizeof(*v)));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct waiter){ keys[i], find_by_key(t, keys[i]) };
	free(keys);
	qsort(v, n, sizeof(*v), by_age);
	return n;
}

static void free_waiters(struct waiter *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].key);
	free(v);
}

static void look_at_waiter(struct run *run, const struct waiter *w)
{
	char *ns = jx_must(strdup(w->key)), *name = strchr(ns, '/');

	*name++ = '\0';
	look_at(run, ns, name, false);
	free(ns);
}

/* Who moves to the address that it wishes for leaves another one to others. */
static void retry(struct run *run)
{
	while (run->freed && run->t->r->waiting.map.n) {
		struct waiter *v;
		size_t n = list_waiters(run->t, &v);

		run->freed = false;
		lb_choice_freed(&run->choice);
		for (size_t i = 0; i < n; i++)
			look_at_waiter(run, &v[i]);
		free_waiters(v, n);
	}
}

/* It had an address, and is gone, or others may have a place beside it now. */
static bool makes_room(const struct txn *t, const char *ns, const char *name)
{
	const json_t *was = before(t, ns, name), *now = txn_find(t, services(), ns, name);

	if (!json_array_size(ingress(was)))
		return false;
	return !now || !json_equal(ingress(was), ingress(now)) ||
	       strcmp(lb_service_note(was, LB_SHARED), lb_service_note(now, LB_SHARED)) ||
	       !json_equal(jx_get(was, "spec"), jx_get(now, "spec"));
}

void lb_controller_run(struct txn *t)
{
	struct touched_list l = { .n = 0 };
	struct run run;

	if (!t->r->config.pools || !t->r->config.pools->n)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].res == services())
			touched_mark(&l, ns_of(t->v[i].object), name_of(t->v[i].object));
	run_begin(&run, t, false);
	for (size_t i = 0; i < l.n; i++)
		look_at(&run, l.v[i].ns, l.v[i].name, true);
	for (size_t i = 0; i < l.n; i++)
		run.freed |= makes_room(t, l.v[i].ns, l.v[i].name);
	retry(&run);
	run_end(&run);
	touched_clear(&l);
}

/* Write what was done so far, if it is much, and go on. */
static int next_batch(struct run *run, size_t most, bool hold, struct err *e)
{
	struct registry *r = run->t->r;
	int rc;

	if (run->t->n < most)
		return 0;
	rc = txn_write(run->t, e);
	txn_begin(run->t, r);
	run->choice.hold = hold;
	return rc;
}

/* The first look, at those who have something; the others have to wait. */
static int hold_all(struct run *run, struct err *e)
{
	const struct objects *o = txn_objects(run->t->r, services());
	int rc = 0;

	for (size_t i = 0; i < o->n && !rc; i++) {
		look_at(run, o->v[i].ns, o->v[i].name, false);
		rc = next_batch(run, RESYNC_BATCH, true, e);
	}
	return rc ? rc : next_batch(run, 1, false, e);
}

static int give_all(struct run *run, struct err *e)
{
	struct waiter *v;
	size_t n = list_waiters(run->t, &v);
	int rc = 0;

	run->choice.hold = false;
	run->freed = false;
	lb_choice_freed(&run->choice);
	for (size_t i = 0; i < n && !rc; i++) {
		look_at_waiter(run, &v[i]);
		rc = next_batch(run, RESYNC_BATCH, false, e);
	}
	free_waiters(v, n);
	return rc ? rc : next_batch(run, 1, false, e);
}

int lb_controller_resync(struct registry *r, struct err *e)
{
	struct run run;
	struct txn t;
	int rc;

	lb_waiting_clear(&r->waiting);
	txn_begin(&t, r);
	run_begin(&run, &t, true);
	rc = hold_all(&run, e);
	run.freed = true;
	while (!rc && run.freed)
		rc = give_all(&run, e);
	run_end(&run);
	txn_abort(&t);
	r->pools_due = rc;
	return rc;
}
