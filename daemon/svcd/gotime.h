/* SPDX-License-Identifier: GPL-2.0 */
/* A time as Go prints it by default, which is what kube-proxy puts into its answers. Pure. */
#ifndef SVCNAT_GOTIME_H
#define SVCNAT_GOTIME_H

#include <stdint.h>
#include <time.h>

#define GOTIME_STRLEN	96

/*
 * "2026-11-22 17:41:58.25 +0000 UTC m=+12.345678901": the fraction without zeros
 * at its end, always in UTC, and run_ns, nanoseconds since the process began. wall
 * NULL: Go's zero time, "0001-01-01 00:00:00 +0000 UTC".
 */
const char *gotime_print(const struct timespec *wall, int64_t run_ns, char buf[GOTIME_STRLEN]);

#endif
