// SPDX-License-Identifier: GPL-2.0
#include "dns_seen.h"

#include <errno.h>
#include <stdlib.h>

static size_t hash_of(const void *thing, size_t number)
{
	uint64_t h = ((uint64_t)(uintptr_t)thing + number * 0x632be59bd9b4e019u) *
		     0x9e3779b97f4a7c15u;

	/* The low bits choose the slot, and the high ones are the good ones. */
	return (size_t)(h >> 32);
}

/* Where it is or would be. The table is never full. */
static struct dns_seen_slot *probe(const struct dns_seen *s, const void *thing, size_t number)
{
	size_t i = hash_of(thing, number) & (s->size - 1);

	while (s->slots[i].thing &&
	       (s->slots[i].thing != thing || s->slots[i].number != number))
		i = (i + 1) & (s->size - 1);
	return &s->slots[i];
}

static int grow(struct dns_seen *s)
{
	struct dns_seen bigger = { .size = s->size ? s->size * 2 : 16, .n = s->n };
	size_t i;

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (i = 0; i < s->size; i++)
		if (s->slots[i].thing)
			*probe(&bigger, s->slots[i].thing, s->slots[i].number) = s->slots[i];
	free(s->slots);
	*s = bigger;
	return 0;
}

int dns_seen_add(struct dns_seen *s, const void *thing, size_t number)
{
	struct dns_seen_slot *slot;

	if (s->n >= s->size / 2 && grow(s))
		return -ENOMEM;
	slot = probe(s, thing, number);
	if (slot->thing)
		return 0;
	*slot = (struct dns_seen_slot){ thing, number };
	s->n++;
	return 1;
}

void dns_seen_clear(struct dns_seen *s)
{
	free(s->slots);
	*s = (struct dns_seen){ 0 };
}
