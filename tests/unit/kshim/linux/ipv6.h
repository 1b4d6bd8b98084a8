/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_IPV6_H
#define KSHIM_IPV6_H

#include <net/fakenet.h>

#endif
