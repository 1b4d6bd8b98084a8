/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_SORT_H
#define KSHIM_SORT_H

#include <stdlib.h>

#define sort(base, n, size, cmp, swap)	qsort(base, n, size, cmp)

#endif
