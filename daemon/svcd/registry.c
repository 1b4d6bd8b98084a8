// SPDX-License-Identifier: GPL-2.0
/* Opening, reading, listening. What writes is in registry_write.c. */
#include "registry.h"

#include "endpoints_controller.h"
#include "err.h"
#include "jx.h"
#include "meta.h"
#include "rules.h"
#include "selector.h"
#include "status.h"
#include "txn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HISTORY_DEFAULT	1000
/* Above what any clock that is right says, and far enough below what the store takes. */
#define CLOCK_VERSION_MAX	(STORE_VERSION_MAX / 2)
#define USEC_PER_SEC		1000000

struct loading {
	struct registry *r;
	struct err *e;
};

static int load_one(void *ctx, const char *resource, json_t *object)
{
	const struct resource *res = resource_by_plural(jx_str(object, "apiVersion"), resource);
	struct loading *l = ctx;

	if (!res)
		return err_set(l->e, EUCLEAN, "the database holds objects of the unknown type %s",
			       resource);
	objects_put(txn_objects(l->r, res), object);
	if (!strcmp(resource, "services"))
		service_alloc_commit(&l->r->alloc, NULL, object);
	return 0;
}

static int make_default_namespace(struct registry *r, struct err *e)
{
	const struct resource *res = resource_by_plural("v1", "namespaces");
	struct reply reply = { 0 };
	json_t *ns;
	int rc = 0;

	if (objects_find(txn_objects(r, res), "", "default"))
		return 0;
	ns = jx_must(json_pack("{s:{s:s}}", "metadata", "name", "default"));
	registry_create(r, res, NULL, ns, 0, &reply);
	if (reply.code != 201)
		rc = err_set(e, EIO, "cannot make the namespace default: %s",
			     jx_str(reply.body, "message"));
	json_decref(reply.body);
	json_decref(ns);
	return rc;
}

/* The wall clock in microseconds; 0 when it is before the epoch. */
static uint64_t clock_version(const struct registry *r)
{
	struct timespec ts = { 0 };

	if (r->config.now)
		ts.tv_sec = txn_now(r);
	else
		clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec < 0)
		return 0;
	if (ts.tv_sec >= CLOCK_VERSION_MAX / USEC_PER_SEC)
		return CLOCK_VERSION_MAX;
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

/*
 * The database may be a fresh one or an older copy of the one that was here
 * before. A count that goes on in it would come to the same versions again with
 * other objects, and who knew those would never find out. The clock leaves
 * them behind: changes come slower than one each microsecond. If it was set
 * back, the count still grows.
 */
static int raise_version(struct registry *r, struct err *e)
{
	uint64_t least = clock_version(r);
	struct err full;
	int rc;

	r->version = store_version(r->store) + 1;
	if (r->version < least)
		r->version = least;
	rc = store_begin(r->store, &full);
	if (!rc)
		rc = store_commit(r->store, r->version, &full);
	/* Reading works on a full disk, and the first write that does not fail says it as well. */
	if (rc == -ENOSPC)
		return 0;
	return rc ? err_set(e, -rc, "%s", full.text) : 0;
}

static int load(struct registry *r, struct err *e)
{
	struct loading l = { r, e };
	int rc = store_load(r->store, load_one, &l, e);

	if (!rc)
		rc = raise_version(r, e);
	if (!rc && history_init(&r->history, r->config.history, r->version))
		rc = err_set(e, ENOMEM, "out of memory");
	if (!rc)
		rc = make_default_namespace(r, e);
	return rc ? rc : endpoints_controller_resync(r, e);
}

int registry_open(struct registry **out, const char *path, const struct registry_config *c,
		  struct err *e)
{
	struct registry *r = jx_must(calloc(1, sizeof(*r)));
	int rc;

	r->config = *c;
	if (!r->config.history)
		r->config.history = HISTORY_DEFAULT;
	while (resource_at(r->ntypes))
		r->ntypes++;
	r->objects = jx_must(calloc(r->ntypes, sizeof(*r->objects)));
	rc = service_alloc_init(&r->alloc, c, e);
	if (!rc)
		rc = store_open(&r->store, path, e);
	if (!rc)
		rc = load(r, e);
	if (rc) {
		registry_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void registry_close(struct registry *r)
{
	if (!r)
		return;
	history_exit(&r->history);
	for (size_t i = 0; i < r->ntypes; i++)
		objects_clear(&r->objects[i]);
	free(r->objects);
	service_alloc_exit(&r->alloc);
	store_close(r->store);
	free(r->listeners);
	free(r->queue);
	free(r);
}

uint64_t registry_version(const struct registry *r)
{
	return r->version;
}

time_t registry_now(const struct registry *r)
{
	return txn_now(r);
}

void registry_get(struct registry *r, const struct resource *res, const char *ns,
		  const char *name, struct reply *out)
{
	const json_t *o = objects_find(txn_objects(r, res), res->namespaced && ns ? ns : "", name);

	*out = (struct reply){ 0 };
	if (o)
		status_object(out, 200, jx_must(json_copy((json_t *)o)));
	else
		status_not_found(out, res, name);
}

/* An item of a list says nothing of its type: the list does. */
static json_t *item(json_t *object)
{
	json_t *o = jx_must(json_copy(object));

	json_object_del(o, "kind");
	json_object_del(o, "apiVersion");
	return o;
}

static json_t *empty_list(const struct registry *r, const struct resource *res)
{
	json_t *list = jx_must(json_object());
	char text[64];

	snprintf(text, sizeof(text), "%sList", res->kind);
	jx_set_str(list, "kind", text);
	jx_set_str(list, "apiVersion", res->api_version);
	snprintf(text, sizeof(text), "%" PRIu64, r->version);
	jx_set_str(list, "metadata.resourceVersion", text);
	return list;
}

void registry_list(struct registry *r, const struct resource *res, const char *ns,
		   const struct registry_query *q, struct reply *out)
{
	const struct objects *o = txn_objects(r, res);
	const char *in = res->namespaced ? ns : NULL;
	json_t *list, *items;
	struct selector s;
	struct err e = { "" };

	*out = (struct reply){ 0 };
	if (selector_parse(&s, res, q, &e)) {
		status_bad_request(out, "%s", e.text);
		return;
	}
	list = empty_list(r, res);
	items = jx_must(json_array());
	for (size_t i = in ? objects_first(o, in) : 0; i < o->n; i++) {
		if (in && strcmp(o->v[i].ns, in))
			break;
		if (selector_match(&s, o->v[i].object))
			jx_append(items, item(o->v[i].object));
	}
	jx_set(list, "items", items);
	selector_clear(&s);
	status_object(out, 200, list);
}

int registry_match(const struct resource *res, const char *ns, const struct registry_query *q,
		   const json_t *object, struct err *e)
{
	struct selector s;
	int rc;

	rc = selector_parse(&s, res, q, e);
	if (rc)
		return rc;
	rc = (!ns || !res->namespaced || jx_is(object, "metadata.namespace", ns)) &&
	     selector_match(&s, object);
	selector_clear(&s);
	return rc;
}

int registry_listen(struct registry *r, registry_listener *fn, void *ctx)
{
	struct listener *v = realloc(r->listeners, (r->nlisteners + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	r->listeners = v;
	v[r->nlisteners++] = (struct listener){ fn, ctx };
	return 0;
}

void registry_unlisten(struct registry *r, registry_listener *fn, void *ctx)
{
	for (size_t i = 0; i < r->nlisteners; i++) {
		if (r->listeners[i].fn != fn || r->listeners[i].ctx != ctx)
			continue;
		/* While they are being told, the places must stay. */
		if (r->telling) {
			r->listeners[i].fn = NULL;
			return;
		}
		r->nlisteners--;
		memmove(&r->listeners[i], &r->listeners[i + 1],
			(r->nlisteners - i) * sizeof(*r->listeners));
		return;
	}
}

int registry_replay(struct registry *r, const struct resource *res, uint64_t since,
		    registry_listener *fn, void *ctx)
{
	if (since > r->version)
		return -ERANGE;
	return history_replay(&r->history, res, since, fn, ctx);
}
