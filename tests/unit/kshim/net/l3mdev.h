/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_L3MDEV_H
#define KSHIM_L3MDEV_H

#include <net/fakenet.h>

#endif
