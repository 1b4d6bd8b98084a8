// SPDX-License-Identifier: GPL-2.0
#include "bytes.h"

#include "err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bytes_append(struct bytes *b, const char *data, size_t len, size_t max, struct err *e)
{
	size_t size = b->size ? b->size : 1024;
	char *more;

	if (len > max - b->len)
		return err_set(e, EFBIG, "the authority sends more than %zu bytes in one piece",
			       max);
	while (size < b->len + len)
		size *= 2;
	if (size != b->size) {
		more = realloc(b->v, size);
		if (!more)
			return err_set(e, ENOMEM, "out of memory");
		b->v = more;
		b->size = size;
	}
	if (len)
		memcpy(b->v + b->len, data, len);
	b->len += len;
	return 0;
}

void bytes_clear(struct bytes *b)
{
	free(b->v);
	*b = (struct bytes){ 0 };
}
