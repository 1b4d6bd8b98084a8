// SPDX-License-Identifier: GPL-2.0
#include "slurp.h"

#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In steps, for the size of a file in /proc or of one that grows is not known before. */
#define STEP	((size_t)8192)

static int slurp_fd(int fd, const char *path, size_t max, char **out, size_t *len, struct err *e)
{
	size_t size = 0;
	char *more;
	ssize_t n;

	for (;;) {
		if (size < *len + STEP) {
			size = 2 * size + STEP + 1;
			more = realloc(*out, size);
			if (!more)
				return err_set(e, ENOMEM, "out of memory");
			*out = more;
		}
		n = read(fd, *out + *len, size - *len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "%s cannot be read: %m", path);
		if (!n)
			break;
		*len += n;
		if (*len > max)
			return err_set(e, EFBIG, "%s is larger than %zu bytes", path, max);
	}
	(*out)[*len] = '\0';
	return 0;
}

int slurp(const char *path, size_t max, char **out, size_t *len, struct err *e)
{
	int fd, ret;

	*out = NULL;
	*len = 0;
	/* O_NONBLOCK: a fifo in the place of a file shall not hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, errno, "%s cannot be opened: %m", path);
	ret = slurp_fd(fd, path, max, out, len, e);
	close(fd);
	if (ret) {
		free(*out);
		*out = NULL;
	}
	return ret;
}
