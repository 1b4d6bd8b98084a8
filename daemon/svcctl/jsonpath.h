/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of kubectl's JSONPath that names one value: {.status.phase},
 * .spec.ports[0].nodePort, {.metadata.labels['app.kubernetes.io/name']} or, with
 * a backslash before its dots, {.metadata.labels.app\.kubernetes\.io/name}.
 */
#ifndef SVCNAT_SVCCTL_JSONPATH_H
#define SVCNAT_SVCCTL_JSONPATH_H

#include "err.h"

#include <jansson.h>

/* 0, and *out borrowed or NULL when it is not there; -EINVAL: no such path. value may be NULL. */
int jsonpath_get(const json_t *value, const char *path, const json_t **out, struct err *e);

#endif
