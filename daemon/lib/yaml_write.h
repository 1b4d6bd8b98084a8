/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON values as YAML, in the hand of Kubernetes' tools: keys sorted, two
 * columns a level, lists not indented, quotes only where another reader would
 * take a string for something else. yaml_read() reads back the same value.
 */
#ifndef SVCNAT_YAML_WRITE_H
#define SVCNAT_YAML_WRITE_H

#include <jansson.h>
#include <stdio.h>

/* One document, with a newline at its end and without "---". -ENOMEM, -EIO. */
int yaml_write(FILE *f, const json_t *value);

#endif
