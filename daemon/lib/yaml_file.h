/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SVCNAT_YAML_FILE_H
#define SVCNAT_YAML_FILE_H

#include "yaml_read.h"

/* As yaml_read(), of a file of at most max bytes; besides, what slurp() says. */
int yaml_read_file(const char *path, size_t max, struct yaml_docs *out, struct err *e);

#endif
