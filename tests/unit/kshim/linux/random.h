/* SPDX-License-Identifier: GPL-2.0 */
/* A test's random numbers are those that it asks for. */
#ifndef KSHIM_RANDOM_H
#define KSHIM_RANDOM_H

#include <linux/types.h>

static u32 kshim_random __attribute__((unused)) = 1;

static inline u32 get_random_u32(void)
{
	return kshim_random;
}

#endif
