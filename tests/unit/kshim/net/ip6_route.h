/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_IP6_ROUTE_H
#define KSHIM_IP6_ROUTE_H

#include <net/fakenet.h>

#endif
