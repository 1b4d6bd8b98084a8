/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types and what may be done with them, in the two languages that clients
 * read: Swagger 2 and OpenAPI 3. Made from the tables of types, schemas, verbs
 * and merge rules, so that they say what the server does. Each result is the
 * caller's.
 */
#ifndef SVCNAT_OPENAPI_H
#define SVCNAT_OPENAPI_H

#include <jansson.h>

json_t *openapi_v2(void);			/* everything */
json_t *openapi_v3_index(void);			/* which documents there are */
json_t *openapi_v3(const char *api_version);	/* NULL: there is no such version */

#endif
