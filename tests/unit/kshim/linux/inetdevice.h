/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_INETDEVICE_H
#define KSHIM_INETDEVICE_H

#include <net/fakenet.h>

#endif
