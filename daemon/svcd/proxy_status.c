// SPDX-License-Identifier: GPL-2.0
/* What is desired, what of it is in the kernel, and what is in the way of the rest. */
#include "proxy_entry.h"

#include "jx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIME_LEN	21	/* "2026-11-22T17:41:58Z" and a NUL */

json_t *proxy_when(const struct proxy *p, int64_t t)
{
	time_t at = time(NULL) - (time_t)((p->clock(p->clock_ctx) - t) / 1000);
	char text[TIME_LEN];
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		text[0] = '\0';
	return json_string(text);
}

/* Is it not as it should be, and was that tried? */
static bool is_stuck(const struct proxy_slot *s)
{
	if (!s->todo && (!s->installed || s->wanted))
		return false;
	return s->retry.wait || s->fight.times > 1;
}

size_t proxy_stuck(const struct proxy *p)
{
	const struct proxy_entry *n;
	size_t i, stuck = p->nlost;

	TAILQ_FOREACH(n, &p->pending, in_pending)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			stuck += is_stuck(&n->slots[i]);
	return stuck;
}

/* --- counts --- */

struct count {
	size_t services, frontends, endpoints;
};

static void count(struct count *c, const struct kservice *s)
{
	c->services++;
	c->frontends += s->nfrontends;
	c->endpoints += s->nendpoints;
}

static void count_slots(const struct proxy_entry *n, struct count *desired, struct count *kernel)
{
	const struct proxy_slot *s;
	size_t i;

	for (i = 0; i < n->nslots; i++) {
		s = &n->slots[i];
		if (s->wanted)
			count(desired, s->todo ? &s->want : &s->have);
		if (s->installed)
			count(kernel, &s->have);
	}
}

static json_t *pair(size_t desired, size_t kernel)
{
	return json_pack("{s:I, s:I}", "desired", (json_int_t)desired, "kernel",
			 (json_int_t)kernel);
}

static json_t *counts(const struct proxy *p)
{
	struct count desired = { 0 }, kernel = { 0 };
	const struct proxy_entry *n;
	size_t objects = 0;

	TAILQ_FOREACH(n, &p->all, in_all) {
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		objects += n->service != NULL;
		count_slots(n, &desired, &kernel);
	}
	return json_pack("{s:I, s:o, s:o, s:o}", "objects", (json_int_t)objects,
			 "services", pair(desired.services, kernel.services),
			 "frontends", pair(desired.frontends, kernel.frontends),
			 "endpoints", pair(desired.endpoints, kernel.endpoints));
}

/* --- what is stuck --- */

/* next -1: when something else changes */
static json_t *stuck(const struct proxy *p, const char *name, const char *reason,
		     const char *message, int64_t since, int64_t next)
{
	return json_pack("{s:o, s:s, s:s, s:o, s:o*}", "service", jx_string(name), "reason",
			 reason, "message", message, "since", proxy_when(p, since), "nextTry",
			 next < 0 ? NULL : proxy_when(p, next));
}

/* Which of a Service's services in the kernel it is. */
static json_t *with_key(json_t *item, const struct kservice *key)
{
	json_object_set_new(item, "protocol", json_string(ip_proto_name(key->proto)));
	json_object_set_new(item, "family", json_string(key->family == AF_INET ? "IPv4" : "IPv6"));
	return item;
}

static void add_slot(const struct proxy *p, const struct proxy_slot *s, json_t *list)
{
	const char *name = s->have.name;
	const json_t *told;
	size_t i;

	if (!s->retry.wait) {
		json_array_append_new(list, with_key(stuck(p, name, "ForeignChange",
			"somebody else keeps changing it in the kernel", s->fight.last,
			s->fight.until), &s->have));
		return;
	}
	if (!json_array_size(s->told))
		json_array_append_new(list, with_key(stuck(p, name, "NotProgrammed",
			"the kernel refused to write it", s->retry.since, s->retry.next),
			&s->have));
	json_array_foreach(s->told, i, told)
		json_array_append_new(list, with_key(stuck(p, name,
			json_string_value(json_array_get(told, 0)),
			json_string_value(json_array_get(told, 1)), s->retry.since,
			s->retry.next), &s->have));
}

static void add_lost(const struct proxy *p, const struct proxy_entry *n, json_t *list)
{
	const json_t *told;
	size_t i;

	json_array_foreach(n->lost, i, told)
		json_array_append_new(list, stuck(p, n->key,
			json_string_value(json_array_get(told, 0)),
			json_string_value(json_array_get(told, 1)), n->lost_since, -1));
}

static json_t *stuck_list(const struct proxy *p)
{
	const struct proxy_entry *n;
	json_t *list = json_array();
	size_t i;

	TAILQ_FOREACH(n, &p->all, in_all) {
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			if (is_stuck(&n->slots[i]))
				add_slot(p, &n->slots[i], list);
		add_lost(p, n, list);
	}
	return list;
}

int proxy_status(const struct proxy *p, json_t *status)
{
	json_t *foreign = json_pack("{s:I}", "count", (json_int_t)p->foreign.changes);

	if (p->foreign.changes)
		json_object_set_new(foreign, "last", proxy_when(p, p->foreign.last));
	return json_object_set_new(status, "counts", counts(p)) ||
	       json_object_set_new(status, "stuck", stuck_list(p)) ||
	       json_object_set_new(status, "foreignChanges", foreign) ? -ENOMEM : 0;
}
