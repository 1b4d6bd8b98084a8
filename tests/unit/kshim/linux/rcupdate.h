/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_RCUPDATE_H
#define KSHIM_RCUPDATE_H

#include <linux/types.h>

#endif
