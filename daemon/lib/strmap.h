/* SPDX-License-Identifier: GPL-2.0 */
/* A hash table from strings to pointers. The keys belong to the values: they are not copied. */
#ifndef SVCNAT_STRMAP_H
#define SVCNAT_STRMAP_H

#include <stddef.h>

struct strmap_slot {
	const char *key;	/* NULL: empty */
	void *value;
	size_t hash;
};

/* Zero it to start with. */
struct strmap {
	struct strmap_slot *slots;
	size_t size;		/* 0 or a power of two */
	size_t n;
};

void *strmap_find(const struct strmap *m, const char *key);	/* NULL: not there */

/* key must not be there, and must live until it is deleted. -ENOMEM. */
int strmap_add(struct strmap *m, const char *key, void *value);

void strmap_del(struct strmap *m, const char *key);

/* Frees the table, not the values. */
void strmap_clear(struct strmap *m);

#endif
