/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_CACHE_H
#define KSHIM_CACHE_H

#define ____cacheline_aligned_in_smp

#endif
