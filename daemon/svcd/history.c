// SPDX-License-Identifier: GPL-2.0
#include "history.h"

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

static size_t addresses(const struct registry_event *ev)
{
	const json_t *subsets = json_object_get(ev->object, "subsets");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(subsets); i++) {
		const json_t *s = json_array_get(subsets, i);

		n += json_array_size(json_object_get(s, "addresses")) +
		     json_array_size(json_object_get(s, "notReadyAddresses"));
	}
	return n;
}

static void forget_oldest(struct history *h)
{
	struct registry_event *ev = &h->ring[h->first];

	h->floor = ev->version;
	h->addresses -= addresses(ev);
	history_drop(ev);
	h->first = (h->first + 1) % h->room;
	h->n--;
}

int history_init(struct history *h, size_t room, uint64_t floor)
{
	*h = (struct history){ .room = room, .floor = floor };
	h->ring = calloc(room, sizeof(*h->ring));
	return h->ring ? 0 : -ENOMEM;
}

void history_exit(struct history *h)
{
	while (h->n)
		forget_oldest(h);
	free(h->ring);
}

void history_add(struct history *h, const struct registry_event *ev)
{
	size_t n = addresses(ev);

	while (h->n == h->room || (h->n && h->addresses + n > HISTORY_ADDRESSES))
		forget_oldest(h);
	h->addresses += n;
	h->ring[(h->first + h->n) % h->room] = history_hold(ev);
	h->n++;
}

int history_replay(const struct history *h, const struct resource *res, uint64_t since,
		   registry_listener *fn, void *ctx)
{
	if (since < h->floor)
		return -ESTALE;
	for (size_t i = 0; i < h->n; i++) {
		const struct registry_event *ev = &h->ring[(h->first + i) % h->room];

		if (ev->version > since && ev->res == res)
			fn(ctx, ev);
	}
	return 0;
}
