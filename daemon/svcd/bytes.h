/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes that come piece by piece. All zero is an empty one. */
#ifndef SVCNAT_BYTES_H
#define SVCNAT_BYTES_H

#include <stddef.h>

struct err;

struct bytes {
	char *v;	/* not terminated; NULL when nothing came yet */
	size_t len, size;
};

/* -EFBIG: they would be more than max, which the authority sent; -ENOMEM. Then b is as before. */
int bytes_append(struct bytes *b, const char *data, size_t len, size_t max, struct err *e);
void bytes_clear(struct bytes *b);

#endif
