/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Swagger 2 document as the protobuf that clients of Kubernetes read it in
 * (gnostic's OpenAPIv2.proto): kubectl before 1.29 takes nothing else, and
 * later ones ask for it when a manifest has a type that they cannot find.
 */
#ifndef SVCNAT_OPENAPI_PROTO_H
#define SVCNAT_OPENAPI_PROTO_H

#include <jansson.h>
#include <stddef.h>

/* What of doc clients use; to be freed. NULL: no memory. */
char *openapi_proto(const json_t *doc, size_t *len);

#endif
