/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_KERNEL_H
#define KSHIM_KERNEL_H

#include <linux/types.h>

static inline u32 reciprocal_scale(u32 val, u32 ep_ro)
{
	return (u32)(((u64)val * ep_ro) >> 32);
}

#endif
