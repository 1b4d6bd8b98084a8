/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json_loadb() for what we and our clients write, for a quarter of the instructions: jansson
 * takes a text byte by byte through three functions. What is not simple is left to it: reals,
 * \u escapes, keys that stand twice, deep nesting, and all that is wrong, so that it alone
 * says what is no JSON, and why.
 */
#ifndef SVCNAT_JSON_READ_H
#define SVCNAT_JSON_READ_H

#include <jansson.h>

/* flags: 0, JSON_REJECT_DUPLICATES or JSON_ALLOW_NUL. error may be NULL. */
json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error);

#endif
