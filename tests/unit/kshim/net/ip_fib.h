/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_IP_FIB_H
#define KSHIM_IP_FIB_H

#include <net/fakenet.h>

#endif
