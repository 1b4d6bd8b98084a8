/* SPDX-License-Identifier: GPL-2.0 */
/* A small file, whole. */
#ifndef SVCNAT_SLURP_H
#define SVCNAT_SLURP_H

#include <stddef.h>

struct err;

/*
 * *out has *len bytes and a NUL behind them, and is to be freed. -ENOENT and the other errors
 * of open() and read(); -EFBIG: more than max; -ENOMEM. Each names the file.
 */
int slurp(const char *path, size_t max, char **out, size_t *len, struct err *e);

#endif
