/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_ADDRCONF_H
#define KSHIM_ADDRCONF_H

#include <net/fakenet.h>

#endif
