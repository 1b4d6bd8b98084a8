// SPDX-License-Identifier: GPL-2.0
#include "registry_load.h"

#include "controllers.h"
#include "jx.h"
#include "lb_controller.h"
#include "log.h"
#include "meta.h"
#include "rules.h"
#include "status.h"
#include "txn.h"
#include "version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct loading {
	struct registry *r;
	struct objects *then;	/* the objects as they were after the change that is looked at */
	struct err *e;
};

static const struct resource *type_of(const struct loading *l, const char *plural,
				      const json_t *object)
{
	const struct resource *res = resource_by_plural(jx_str(object, "apiVersion"), plural);

	if (!res)
		err_set(l->e, EUCLEAN, "the database holds objects of the unknown type %s",
			plural);
	return res;
}

/*
 * What an earlier svcd kept and the type does not have, or has otherwise, is left out, so
 * that what is shown is what can be put back. On the disk it stays until the next write.
 */
static json_t *as_read_today(const struct resource *res, const json_t *object)
{
	return object ? schema_clean(&rules_of(res)->schema, object, NULL) : NULL;
}

static int load_object(void *ctx, const char *resource, json_t *object)
{
	struct loading *l = ctx;
	const struct resource *res = type_of(l, resource, object);
	json_t *clean;

	if (!res)
		return -EUCLEAN;
	clean = as_read_today(res, object);
	txn_keep(l->r, res, clean, false);
	json_decref(clean);
	return 0;
}

static int does_not_fit(const struct loading *l, const struct store_change *c)
{
	return err_set(l->e, EUCLEAN, "the database is damaged: change %llu in its log, of %s "
		       "%s/%s, does not lead to the object that is there; put back a copy",
		       (unsigned long long)c->version, c->resource, c->ns, c->name);
}

/* What the object is after the change; NULL: it is gone. The type is in either state of it. */
static json_t *state_after(const struct loading *l, const struct store_change *c)
{
	for (size_t i = 0; i < l->r->ntypes; i++) {
		json_t *o;

		if (strcmp(resource_at(i)->plural, c->resource))
			continue;
		o = objects_find(&l->then[i], c->ns, c->name);
		if (o)
			return o;
	}
	return NULL;
}

/* The log says what was before: going back from the present, it says what came after, too. */
static int load_change(void *ctx, const struct store_change *c)
{
	struct loading *l = ctx;
	json_t *after = state_after(l, c), *gone = NULL;
	struct registry_event ev = { .version = c->version };
	bool kept;

	if (!after && !c->old)
		return does_not_fit(l, c);
	if (after && strtoull(jx_str(after, "metadata.resourceVersion"), NULL, 10) != c->version)
		return does_not_fit(l, c);
	ev.res = type_of(l, c->resource, after ? after : c->old);
	if (!ev.res)
		return -EUCLEAN;
	ev.old = as_read_today(ev.res, c->old);
	if (!after)
		gone = meta_at_version(ev.old, c->version);
	ev.object = after ? after : gone;
	ev.change = !after ? REGISTRY_DELETED : c->old ? REGISTRY_MODIFIED : REGISTRY_ADDED;
	kept = history_recall(&l->r->history, &ev, c->bytes);
	history_undo(&l->then[ev.res - resource_at(0)], &ev);
	json_decref(gone);
	json_decref((json_t *)ev.old);
	return kept ? 0 : 1;
}

static int load_history(struct registry *r, struct err *e)
{
	struct loading l = { .r = r, .e = e };
	int rc;

	if (history_init(&r->history, r->config.history, r->config.history_bytes,
			 store_floor(r->store)))
		return err_set(e, ENOMEM, "out of memory");
	l.then = jx_must(calloc(r->ntypes, sizeof(*l.then)));
	for (size_t i = 0; i < r->ntypes; i++)
		l.then[i] = objects_copy(&r->objects[i]);
	rc = store_load_log(r->store, load_change, &l, e);
	for (size_t i = 0; i < r->ntypes; i++)
		objects_clear(&l.then[i]);
	free(l.then);
	return rc < 0 ? rc : 0;
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

/* Who waits gets an address at the tick at last: a full disk keeps nobody from starting. */
static void look_at_pools(struct registry *r)
{
	struct err e = { "" };

	if (lb_controller_resync(r, &e))
		log_error("the addresses of load balancers are looked at again later: %s", e.text);
}

int registry_load(struct registry *r, struct err *e)
{
	struct loading l = { .r = r, .e = e };
	int rc = store_load(r->store, load_object, &l, e);

	r->version = store_version(r->store);
	r->step = version_random_step();
	if (!rc)
		rc = load_history(r, e);
	if (!rc)
		rc = make_default_namespace(r, e);
	/* Old Events can wait: a start that changes nothing writes nothing. */
	r->swept = txn_now(r);
	if (!rc)
		rc = controllers_resync(r, e);
	if (!rc)
		look_at_pools(r);
	if (!rc)
		service_ranges_check(r);
	return rc;
}
