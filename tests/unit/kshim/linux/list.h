/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_LIST_H
#define KSHIM_LIST_H

#include <linux/types.h>

#endif
