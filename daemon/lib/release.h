/* SPDX-License-Identifier: GPL-2.0 */
/* The module, svcd and svcctl of one release belong together: what to say where they do not. */
#ifndef SVCNAT_RELEASE_H
#define SVCNAT_RELEASE_H

#include "err.h"

#include <stdbool.h>

/*
 * who is "svcd" or "svcctl", and of this release. True: the other one is of another
 * version, and e says so and what to do. Else e is left alone.
 */
bool release_module_differs(const char *who, const char *module, struct err *e);
bool release_svcd_differs(const char *who, const char *svcd, struct err *e);

#endif
