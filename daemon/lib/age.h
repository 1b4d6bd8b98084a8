/* SPDX-License-Identifier: GPL-2.0 */
/* How long ago, in the two largest units that matter: 5s, 3m20s, 4h, 2d3h, 1y40d. */
#ifndef SVCNAT_AGE_H
#define SVCNAT_AGE_H

#include <time.h>

#define AGE_SIZE	48

const char *age_print(long long seconds, char buf[AGE_SIZE]);

/* An RFC 3339 time in UTC, as the API writes it. -EINVAL. */
int age_parse(const char *stamp, time_t *out);

/* From such a time until now; "<unknown>" when it is none. */
const char *age_since(const char *stamp, time_t now, char buf[AGE_SIZE]);

#endif
