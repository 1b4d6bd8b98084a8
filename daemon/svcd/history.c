// SPDX-License-Identifier: GPL-2.0
#include "history.h"

#include "jx.h"

#include <errno.h>
#include <stdlib.h>

struct registry_event history_hold(const struct registry_event *ev)
{
	json_incref((json_t *)ev->object);
	json_incref((json_t *)ev->old);
	return *ev;
}

void history_drop(struct registry_event *ev)
{
	json_decref((json_t *)ev->object);
	json_decref((json_t *)ev->old);
}

static struct history_entry *entry(const struct history *h, size_t i)
{
	return &h->ring[(h->first + i) % h->room];
}

static void forget_oldest(struct history *h)
{
	struct history_entry *x = entry(h, 0);

	h->floor = x->ev.version;
	h->bytes -= x->bytes;
	history_drop(&x->ev);
	h->first = (h->first + 1) % h->room;
	h->n--;
}

int history_init(struct history *h, size_t room, size_t bytes_max, uint64_t floor)
{
	*h = (struct history){ .room = room, .bytes_max = bytes_max, .floor = floor };
	h->ring = calloc(room, sizeof(*h->ring));
	return h->ring ? 0 : -ENOMEM;
}

void history_exit(struct history *h)
{
	while (h->n)
		forget_oldest(h);
	free(h->ring);
	h->ring = NULL;
}

/* The newest is kept, however large it is. */
static bool too_many(const struct history *h, size_t n, size_t bytes)
{
	return n > h->room || (n > 1 && bytes > h->bytes_max);
}

void history_add(struct history *h, const struct registry_event *ev, size_t bytes)
{
	while (too_many(h, h->n + 1, h->bytes + bytes))
		forget_oldest(h);
	*entry(h, h->n) = (struct history_entry){ history_hold(ev), bytes };
	h->bytes += bytes;
	h->n++;
}

uint64_t history_floor(const struct history *h, const struct registry_event *ev,
		       const size_t *bytes, size_t n)
{
	size_t total = h->n + n, sum = h->bytes;
	uint64_t floor = h->floor;

	for (size_t i = 0; i < n; i++)
		sum += bytes[i];
	for (size_t i = 0; too_many(h, total - i, sum); i++) {
		bool kept = i < h->n;

		floor = kept ? entry(h, i)->ev.version : ev[i - h->n].version;
		sum -= kept ? entry(h, i)->bytes : bytes[i - h->n];
	}
	return floor;
}

bool history_recall(struct history *h, const struct registry_event *ev, size_t bytes)
{
	if (too_many(h, h->n + 1, h->bytes + bytes)) {
		h->floor = ev->version;
		return false;
	}
	h->first = (h->first + h->room - 1) % h->room;
	*entry(h, 0) = (struct history_entry){ history_hold(ev), bytes };
	h->bytes += bytes;
	h->n++;
	return true;
}

/* The index of the first change after version. */
static size_t after(const struct history *h, uint64_t version)
{
	size_t lo = 0, hi = h->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (entry(h, mid)->ev.version <= version)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool history_knows(const struct history *h, uint64_t version)
{
	size_t i = after(h, version);

	return version == h->floor || (i && entry(h, i - 1)->ev.version == version);
}

int history_replay(const struct history *h, const struct resource *res, uint64_t since,
		   registry_listener *fn, void *ctx)
{
	if (!history_knows(h, since))
		return -ESTALE;
	for (size_t i = after(h, since); i < h->n; i++)
		if (entry(h, i)->ev.res == res)
			fn(ctx, &entry(h, i)->ev);
	return 0;
}

void history_undo(struct objects *o, const struct registry_event *ev)
{
	if (ev->old)
		objects_put(o, (json_t *)ev->old);
	else
		objects_del(o, jx_str(ev->object, "metadata.namespace"),
			    jx_str(ev->object, "metadata.name"));
}

int history_at(const struct history *h, const struct resource *res, const struct objects *now,
	       uint64_t version, struct objects *out)
{
	size_t from = after(h, version);

	if (!history_knows(h, version))
		return -ESTALE;
	*out = objects_copy(now);
	for (size_t i = h->n; i-- > from;)
		if (entry(h, i)->ev.res == res)
			history_undo(out, &entry(h, i)->ev);
	return 0;
}
