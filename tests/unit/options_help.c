// SPDX-License-Identifier: GPL-2.0
#include "options_help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int options_help_setup(void **state)
{
	struct options_help *h = calloc(1, sizeof(*h));
	int fd;

	if (!h)
		return -1;
	strcpy(h->path, "/tmp/svcnat-options-XXXXXX");
	fd = mkstemp(h->path);
	*state = h;
	return fd < 0 ? -1 : close(fd);
}

int options_help_teardown(void **state)
{
	struct options_help *h = *state;

	unlink(h->path);
	options_clear(&h->o);
	free(h);
	return 0;
}
