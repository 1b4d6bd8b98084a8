/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_ROUTE_H
#define KSHIM_ROUTE_H

#include <net/fakenet.h>

#endif
