/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_BITOPS_H
#define KSHIM_BITOPS_H

#include <linux/bitmap.h>
#include <linux/kernel.h>

#define BIT(nr)		(1UL << (nr))
#define U64_MAX		UINT64_MAX
#define BITS_PER_TYPE(t)	(8 * sizeof(t))

static inline unsigned long __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

static inline bool test_and_set_bit_lock(unsigned long nr, unsigned long *word)
{
	return __atomic_fetch_or(word, BIT(nr), __ATOMIC_ACQUIRE) & BIT(nr);
}

static inline void clear_bit_unlock(unsigned long nr, unsigned long *word)
{
	__atomic_fetch_and(word, ~BIT(nr), __ATOMIC_RELEASE);
}

#endif
