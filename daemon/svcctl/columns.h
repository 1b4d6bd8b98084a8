/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Elastic tab stops: a cell is text that ends in a tab; the cells above and
 * below each other get the width of the widest and two spaces. Text after a
 * line's last tab is left as it is.
 */
#ifndef SVCNAT_SVCCTL_COLUMNS_H
#define SVCNAT_SVCCTL_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS_GAP	2

/* -ENOMEM: nothing was printed. */
int columns_print(FILE *f, const char *text, size_t len);

/* How many characters a terminal shows for n bytes of UTF-8. */
size_t columns_width(const char *s, size_t n);

#endif
