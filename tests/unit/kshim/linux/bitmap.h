/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_BITMAP_H
#define KSHIM_BITMAP_H

#include <linux/types.h>

#define KSHIM_LONG_BITS		(8 * sizeof(long))
#define BITS_TO_LONGS(n)	(((n) + KSHIM_LONG_BITS - 1) / KSHIM_LONG_BITS)

static inline bool test_bit(unsigned long nr, const unsigned long *bits)
{
	return bits[nr / KSHIM_LONG_BITS] >> nr % KSHIM_LONG_BITS & 1;
}

static inline void __set_bit(unsigned long nr, unsigned long *bits)
{
	bits[nr / KSHIM_LONG_BITS] |= 1UL << nr % KSHIM_LONG_BITS;
}

static inline bool test_and_set_bit(unsigned long nr, unsigned long *bits)
{
	bool was = test_bit(nr, bits);

	__set_bit(nr, bits);
	return was;
}

static inline unsigned long find_next_zero_bit(const unsigned long *bits, unsigned long size,
					       unsigned long from)
{
	while (from < size && test_bit(from, bits))
		from++;
	return from;
}

#endif
