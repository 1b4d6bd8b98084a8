// SPDX-License-Identifier: GPL-2.0
/* Opening, reading, listening. What writes is in registry_write.c. */
#include "registry.h"

#include "err.h"
#include "jx.h"
#include "lb_controller.h"
#include "registry_load.h"
#include "selector.h"
#include "status.h"
#include "termination.h"
#include "txn.h"
#include "version.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the log, and in memory, where the states before take some six times their text. */
#define HISTORY_DEFAULT		8192
#define HISTORY_BYTES_DEFAULT	(8 * 1024 * 1024)

int registry_open(struct registry **out, const char *path, const struct registry_config *c,
		  struct err *e)
{
	struct registry *r = jx_must(calloc(1, sizeof(*r)));
	int rc;

	r->config = *c;
	r->room = TERMINATION_BATCH;
	if (!r->config.history)
		r->config.history = HISTORY_DEFAULT;
	if (!r->config.history_bytes)
		r->config.history_bytes = HISTORY_BYTES_DEFAULT;
	while (resource_at(r->ntypes))
		r->ntypes++;
	r->objects = jx_must(calloc(r->ntypes, sizeof(*r->objects)));
	rc = service_alloc_init(&r->alloc, c, e);
	if (!rc)
		rc = store_open(&r->store, path, e);
	if (!rc)
		rc = registry_load(r, e);
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
	selecting_clear(&r->selecting);
	dependents_clear(&r->dependents);
	event_index_clear(&r->events);
	ingress_index_clear(&r->ingress);
	lb_waiting_clear(&r->waiting);
	json_decref(r->notes);
	store_close(r->store);
	free(r->listeners);
	free(r->queue);
	free(r);
}

void registry_guard(struct registry *r, bool on)
{
	r->guard = on;
}

int registry_pools_changed(struct registry *r, struct err *e)
{
	return lb_controller_resync(r, e);
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
	if (version_is_future(r, since))
		return -ERANGE;
	return history_replay(&r->history, res, since, fn, ctx);
}

bool registry_knows(const struct registry *r, uint64_t version)
{
	return history_knows(&r->history, version);
}
