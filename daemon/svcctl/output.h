/* SPDX-License-Identifier: GPL-2.0 */
/* -o: what is printed of an object. */
#ifndef SVCNAT_SVCCTL_OUTPUT_H
#define SVCNAT_SVCCTL_OUTPUT_H

#include "err.h"
#include "resource.h"

#include <jansson.h>
#include <stdio.h>

enum output_format { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_NAME, OUTPUT_JSON, OUTPUT_YAML };

/* allowed: a mask of 1 << format. -EINVAL. */
int output_parse(const char *word, unsigned int allowed, enum output_format *out, struct err *e);

/* "service/web", "endpointslice.discovery.k8s.io/web-1" */
void output_name(FILE *f, const struct resource *res, const char *name);

/* As JSON or YAML, without metadata.managedFields. -ENOMEM, -EIO. */
int output_object(FILE *f, enum output_format format, const json_t *object);

/*
 * One of several, which come as they are made: separates YAML documents.
 * *printed counts them.
 */
int output_next(FILE *f, enum output_format format, const json_t *object, size_t *printed);

#endif
