// SPDX-License-Identifier: GPL-2.0
#include "later.h"

#include "err.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int later_load(const char *library, const struct later_symbol *symbols, struct err *e)
{
	void *handle = dlopen(library, RTLD_NOW), *function;

	for (; handle && symbols->name; symbols++) {
		function = dlsym(handle, symbols->name);
		if (!function)
			break;
		memcpy(symbols->slot, &function, sizeof(function));
	}
	if (handle && !symbols->name)
		return 0;
	return err_set(e, ENOENT, "%s is needed for this, and cannot be loaded: %s", library,
		       dlerror());
}
