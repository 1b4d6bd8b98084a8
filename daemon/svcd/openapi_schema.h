/* SPDX-License-Identifier: GPL-2.0 */
/* The schemas of the types in the words of JSON Schema, for both languages of openapi.h. */
#ifndef SVCNAT_OPENAPI_SCHEMA_H
#define SVCNAT_OPENAPI_SCHEMA_H

#include "resource.h"

#include <jansson.h>
#include <stdbool.h>

/* A document's definitions while it is made. */
struct openapi_schemas {
	bool v3;		/* else Swagger 2 */
	json_t *defined;	/* by name; what they refer to is put in as well */
};

#define OPENAPI_NAME_MAX	256

/* "io.k8s.api.core.v1.Service" */
const char *openapi_name(const char *api_version, const char *type, char buf[OPENAPI_NAME_MAX]);

/* {group, version, kind} */
json_t *openapi_gvk(const struct resource *res);

/* Define the type and its list. */
void openapi_define(const struct openapi_schemas *s, const struct resource *res);

/* A reference to what is defined under this name. */
json_t *openapi_ref(const struct openapi_schemas *s, const char *name);

#endif
