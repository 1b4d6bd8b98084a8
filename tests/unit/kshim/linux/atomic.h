/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_ATOMIC_H
#define KSHIM_ATOMIC_H

#include <linux/types.h>

static inline void atomic_set(atomic_t *v, int i)
{
	WRITE_ONCE(v->counter, i);
}

static inline int atomic_inc_return(atomic_t *v)
{
	return __atomic_add_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);
}

static inline void atomic_dec(atomic_t *v)
{
	__atomic_sub_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);
}

#define cmpxchg(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)

#endif
