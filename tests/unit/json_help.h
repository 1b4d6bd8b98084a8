/* SPDX-License-Identifier: GPL-2.0 */
/* JSON in the tables of tests, with ' for ", so that they stay readable. */
#ifndef SVCNAT_JSON_HELP_H
#define SVCNAT_JSON_HELP_H

#include <jansson.h>

/* Any value; the caller's. Fails the test when it is none. */
json_t *json_help_parse(const char *text);
/* Fails the test, which is called name, when they differ. */
void json_help_equal(const char *name, const json_t *got, const char *want);

#endif
