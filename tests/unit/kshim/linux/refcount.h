/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_REFCOUNT_H
#define KSHIM_REFCOUNT_H

#include <linux/types.h>

typedef struct {
	int refs;
} refcount_t;

static inline void refcount_inc(refcount_t *r)
{
	r->refs++;
}

#endif
