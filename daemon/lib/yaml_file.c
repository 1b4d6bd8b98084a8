// SPDX-License-Identifier: GPL-2.0
#include "yaml_file.h"

#include "slurp.h"

#include <stdlib.h>

int yaml_read_file(const char *path, size_t max, struct yaml_docs *out, struct err *e)
{
	char *text;
	size_t len;
	int ret;

	ret = slurp(path, max, &text, &len, e);
	if (ret)
		return ret;
	ret = yaml_read(path, text, len, out, e);
	free(text);
	return ret;
}
