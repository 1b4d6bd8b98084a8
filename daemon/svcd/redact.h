/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the log may say of an object that is wrong: where and why, and not what stands there.
 * It may be a password in the wrong line.
 */
#ifndef SVCNAT_REDACT_H
#define SVCNAT_REDACT_H

#include <stddef.h>

/* text, as fielderr.h makes it, with "(hidden)" in the place of each value; cut to size. */
void redact_values(const char *text, char *buf, size_t size);

#endif
