/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_BSEARCH_H
#define KSHIM_BSEARCH_H

#include <stdlib.h>

#endif
