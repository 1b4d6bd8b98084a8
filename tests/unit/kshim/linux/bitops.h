/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_BITOPS_H
#define KSHIM_BITOPS_H

#include <linux/bitmap.h>

#define BIT(nr)	(1UL << (nr))

#endif
