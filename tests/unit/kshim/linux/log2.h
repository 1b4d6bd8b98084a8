/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_LOG2_H
#define KSHIM_LOG2_H

#include <linux/types.h>

/* The least power of two that is not below n. */
static inline unsigned int order_base_2(unsigned long n)
{
	unsigned int order = 0;

	while (1UL << order < n)
		order++;
	return order;
}

#endif
