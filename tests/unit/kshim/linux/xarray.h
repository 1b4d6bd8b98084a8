/* SPDX-License-Identifier: GPL-2.0 */
/* A short list of numbers; and its lock, which must be held by nobody else. */
#ifndef KSHIM_XARRAY_H
#define KSHIM_XARRAY_H

#include <assert.h>
#include <linux/slab.h>

#define XA_FLAGS_LOCK_BH	1u

struct xarray {
	struct {
		unsigned long index;
		void *entry;
	} v[64];
	size_t n;
	bool locked;
};

static inline void xa_init_flags(struct xarray *xa, unsigned int flags)
{
	(void)flags;
	xa->n = 0;
	xa->locked = false;
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->n;
}

static inline void xa_lock_bh(struct xarray *xa)
{
	assert(!xa->locked);
	xa->locked = true;
}

static inline void xa_unlock_bh(struct xarray *xa)
{
	assert(xa->locked);
	xa->locked = false;
}

static inline size_t kshim_xa_find(const struct xarray *xa, unsigned long index)
{
	size_t i = 0;

	while (i < xa->n && xa->v[i].index != index)
		i++;
	return i;
}

static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	size_t i = kshim_xa_find(xa, index);

	return i < xa->n ? xa->v[i].entry : NULL;
}

static inline int xa_insert_bh(struct xarray *xa, unsigned long index, void *entry, gfp_t flags)
{
	(void)flags;
	assert(!xa->locked && !xa_load(xa, index));
	kshim_allocated++;
	if (kshim_fail && !--kshim_fail)
		return -ENOMEM;
	assert(xa->n < sizeof(xa->v) / sizeof(*xa->v));
	xa->v[xa->n].index = index;
	xa->v[xa->n++].entry = entry;
	return 0;
}

static inline void *__xa_erase(struct xarray *xa, unsigned long index)
{
	size_t i = kshim_xa_find(xa, index);
	void *entry = xa_load(xa, index);

	assert(xa->locked);
	if (entry)
		xa->v[i] = xa->v[--xa->n];
	return entry;
}

#endif
