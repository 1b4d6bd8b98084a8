/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of a JSON value, compact: what json_dumps() makes of it, for a tenth of the
 * instructions. jansson prints the address of each object and list into a hash table, to find
 * circles; what comes out of a text, or is a copy of that, has none.
 */
#ifndef SVCNAT_JSON_TEXT_H
#define SVCNAT_JSON_TEXT_H

#include <jansson.h>

#define JSON_TEXT_SORTED	0x1	/* the keys of each object; else they are as they came */

/* To be freed, with a NUL behind it; NULL: no memory. len may be NULL. */
char *json_text(const json_t *v, unsigned int flags, size_t *len);

#endif
