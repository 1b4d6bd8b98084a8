/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_HASH_H
#define KSHIM_HASH_H

#define GOLDEN_RATIO_32	0x61C88647

#endif
