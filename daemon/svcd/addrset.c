// SPDX-License-Identifier: GPL-2.0
#include "addrset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	/* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

/* Folded: the low bits choose the slot. */
static size_t hash_of(const struct ip_addr *a, uint32_t number)
{
	uint64_t h = mix(14695981039346656037u, &a->v6, ip_addr_len(a));

	h = mix(h, &number, sizeof(number));
	return (size_t)(h ^ (h >> 32));
}

/* Where it is or would be. The table is never full. */
static struct addrset_slot *probe(const struct addrset *s, const struct ip_addr *a,
				  uint32_t number)
{
	size_t i = hash_of(a, number) & (s->size - 1);

	while (s->slots[i].addr.family && (s->slots[i].number != number ||
					   !ip_addr_equal(&s->slots[i].addr, a)))
		i = (i + 1) & (s->size - 1);
	return &s->slots[i];
}

static int grow(struct addrset *s)
{
	struct addrset bigger = { .size = s->size ? s->size * 2 : 16, .n = s->n };

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i].addr.family)
			*probe(&bigger, &s->slots[i].addr, s->slots[i].number) = s->slots[i];
	free(s->slots);
	*s = bigger;
	return 0;
}

int addrset_add(struct addrset *s, const struct ip_addr *a, uint32_t number)
{
	struct addrset_slot *slot;

	if (s->n >= s->size / 2 && grow(s))
		return -ENOMEM;
	slot = probe(s, a, number);
	if (slot->addr.family)
		return 0;
	*slot = (struct addrset_slot){ *a, number };
	s->n++;
	return 1;
}

void addrset_clear(struct addrset *s)
{
	free(s->slots);
	*s = (struct addrset){ 0 };
}
