/* SPDX-License-Identifier: GPL-2.0 */
/* Memory, which a test can make scarce. */
#ifndef KSHIM_SLAB_H
#define KSHIM_SLAB_H

#include <errno.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL		1u
#define GFP_KERNEL_ACCOUNT	2u
#define __GFP_NOWARN		4u
#define GFP_ATOMIC		8u

#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define array_size(a, b)		((size_t)(a) * (b))

/* How many allocations there were, and which fails: 1 is the next; 0: none. */
static unsigned int kshim_allocated, kshim_fail;

/* Not zeroed, and not zero. */
static inline void *kvmalloc(size_t size, gfp_t flags)
{
	u8 *p;

	(void)flags;
	kshim_allocated++;
	if (kshim_fail && !--kshim_fail)
		return NULL;

	p = malloc(size);
	while (p && size--)
		p[size] = 0xa5;
	return p;
}

static inline void *kvzalloc(size_t size, gfp_t flags)
{
	u8 *p = kvmalloc(size, flags);

	while (p && size--)
		p[size] = 0;
	return p;
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc(n * size, flags);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvzalloc(n * size, flags);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kvzalloc(size, flags);
}

/* A power of two is aligned as such. */
static inline void *kmalloc(size_t size, gfp_t flags)
{
	void *p = NULL;

	(void)flags;
	kshim_allocated++;
	if ((kshim_fail && !--kshim_fail) || posix_memalign(&p, size, size))
		return NULL;
	return p;
}

static inline void kfree(const void *p)
{
	free((void *)p);
}

static inline void kvfree(const void *p)
{
	free((void *)p);
}

#endif
