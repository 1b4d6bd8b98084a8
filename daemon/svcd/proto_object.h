/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects in Kubernetes' protobuf (application/vnd.kubernetes.protobuf): what
 * kubectl sends for "create service" and "create namespace" since 1.32. The
 * numbers of the fields are those of its generated.proto files.
 */
#ifndef SVCNAT_PROTO_OBJECT_H
#define SVCNAT_PROTO_OBJECT_H

#include <jansson.h>
#include <stddef.h>

struct err;

/* -EOPNOTSUPP: there is no table for this kind. -EINVAL. With e. */
int proto_object_read(const char *kind, const void *data, size_t len, json_t **out,
		      struct err *e);

#endif
