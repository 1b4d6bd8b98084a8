/* SPDX-License-Identifier: GPL-2.0 */
/* What svcd says of itself and of its node, for people. */
#ifndef SVCNAT_SVCCTL_STATUS_PRINT_H
#define SVCNAT_SVCCTL_STATUS_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* status: as svcd(8) describes it; what is missing in it is not printed. */
void status_print(FILE *f, const json_t *status, time_t now, bool color);

#endif
