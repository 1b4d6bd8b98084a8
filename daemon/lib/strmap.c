// SPDX-License-Identifier: GPL-2.0
#include "strmap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, folded: the low bits choose the slot. */
static size_t hash_of(const char *key)
{
	uint64_t h = 14695981039346656037u;

	for (; *key; key++)
		h = (h ^ (uint8_t)*key) * 1099511628211u;
	return (size_t)(h ^ (h >> 32));
}

/* The slot of key, or the empty one where it would be. The table is never full. */
static size_t probe(const struct strmap *m, const char *key, size_t hash)
{
	size_t i = hash & (m->size - 1);

	while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key)))
		i = (i + 1) & (m->size - 1);
	return i;
}

void *strmap_find(const struct strmap *m, const char *key)
{
	if (!m->size)
		return NULL;
	return m->slots[probe(m, key, hash_of(key))].value;
}

static int grow(struct strmap *m)
{
	struct strmap bigger = { .size = m->size ? m->size * 2 : 16, .n = m->n };
	size_t i;

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (i = 0; i < m->size; i++)
		if (m->slots[i].key)
			bigger.slots[probe(&bigger, m->slots[i].key, m->slots[i].hash)] =
				m->slots[i];
	free(m->slots);
	*m = bigger;
	return 0;
}

int strmap_add(struct strmap *m, const char *key, void *value)
{
	size_t hash = hash_of(key);

	if ((m->n + 1) * 4 > m->size * 3 && grow(m))
		return -ENOMEM;
	m->slots[probe(m, key, hash)] = (struct strmap_slot){
		.key = key, .value = value, .hash = hash,
	};
	m->n++;
	return 0;
}

void strmap_del(struct strmap *m, const char *key)
{
	size_t mask = m->size - 1;
	size_t hole, i, home;

	if (!m->size)
		return;
	hole = probe(m, key, hash_of(key));
	if (!m->slots[hole].key)
		return;
	m->n--;
	/* Close the hole: move up each follower that may stand that near to its own place. */
	for (i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
		home = m->slots[i].hash & mask;
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	memset(&m->slots[hole], 0, sizeof(m->slots[hole]));
}

void strmap_clear(struct strmap *m)
{
	free(m->slots);
	memset(m, 0, sizeof(*m));
}
