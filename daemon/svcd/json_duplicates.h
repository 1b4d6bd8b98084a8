/* SPDX-License-Identifier: GPL-2.0 */
/* JSON objects that have a field twice: the parser keeps the last one, or stops at the first. */
#ifndef SVCNAT_JSON_DUPLICATES_H
#define SVCNAT_JSON_DUPLICATES_H

#include <jansson.h>

/*
 * An array of the paths, "spec.ports[0].port", in the order of the text, each one
 * once and not endlessly many. text is JSON that was parsed without trouble.
 */
json_t *json_duplicates(const char *text, size_t len);

#endif
