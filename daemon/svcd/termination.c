// SPDX-License-Identifier: GPL-2.0
#include "termination.h"

#include "jx.h"
#include "meta.h"
#include "podview.h"
#include "rules.h"

#include <string.h>

#define TIMESTAMP	"metadata.deletionTimestamp"
#define GRACE		"metadata.deletionGracePeriodSeconds"

/* More is no time that anybody waits for, and far from what a clock can count. */
#define GRACE_MAX	(365LL * 24 * 60 * 60)

bool termination_begun(const json_t *object)
{
	return *jx_str(object, TIMESTAMP);
}

bool termination_held(const json_t *object)
{
	return json_array_size(jx_get(object, "metadata.finalizers"));
}

bool termination_over(const json_t *object)
{
	return termination_begun(object) && !termination_held(object) && !jx_int(object, GRACE);
}

/* The rules are those of Kubernetes' strategy for pods. */
json_int_t termination_grace(const struct resource *res, const json_t *object, json_int_t asked)
{
	json_int_t n = asked;

	if (strcmp(res->kind, "Pod") || !*jx_str(object, "spec.nodeName") ||
	    podview_terminal(object))
		return 0;
	if (n < 0)
		n = jx_int(object, "spec.terminationGracePeriodSeconds");
	if (n < 0)
		n = 1;
	return n < GRACE_MAX ? n : GRACE_MAX;
}

json_t *termination_mark(const struct resource *res, const json_t *object, time_t now,
			 json_int_t seconds)
{
	json_int_t n = jx_int(object, "metadata.generation");
	char text[META_TIME_LEN];
	json_t *o, *clean;
	time_t end = now;

	if (termination_begun(object)) {
		if (seconds >= jx_int(object, GRACE))
			return NULL;
		end = meta_parse_time(jx_str(object, TIMESTAMP)) - jx_int(object, GRACE);
	}
	end += seconds;
	meta_print_time(end < now ? now : end, text);
	o = jx_must(json_copy((json_t *)object));
	jx_set(o, "metadata", jx_copy(jx_get(object, "metadata")));
	jx_set_str(o, TIMESTAMP, text);
	jx_set_int(o, GRACE, seconds);
	if (n)
		jx_set_int(o, "metadata.generation", n + 1);
	if (!strcmp(res->kind, "Namespace"))
		jx_set(o, "status", json_pack("{s:s}", "phase", "Terminating"));
	/* The order of the fields. */
	clean = jx_must(schema_clean(&rules_of(res)->schema, o, NULL));
	json_decref(o);
	return clean;
}

bool termination_remove(struct txn *t, const struct resource *res, const json_t *object)
{
	json_t *marked;

	if (!termination_held(object)) {
		txn_del(t, res, object);
		return false;
	}
	marked = termination_mark(res, object, txn_now(t->r), 0);
	if (marked)
		txn_put(t, res, marked, object);
	return true;
}

void termination_end_pods(struct txn *t, size_t *room)
{
	const struct resource *pods = resource_by_plural("v1", "pods");
	const struct objects *o = txn_objects(t->r, pods);
	time_t now = txn_now(t->r);

	for (size_t i = 0; i < o->n && *room; i++) {
		const json_t *pod = o->v[i].object;

		if (!termination_begun(pod) || !jx_int(pod, GRACE) ||
		    meta_parse_time(jx_str(pod, TIMESTAMP)) > now)
			continue;
		termination_remove(t, pods, pod);
		--*room;
	}
}
