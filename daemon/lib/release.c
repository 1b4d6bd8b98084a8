// SPDX-License-Identifier: GPL-2.0
#include "release.h"

#include <errno.h>
#include <string.h>

bool release_module_differs(const char *who, const char *module, struct err *e)
{
	if (!strcmp(module, SVCNAT_VERSION))
		return false;
	err_set(e, EPROTO, "the svcnat module that is loaded is of version %s, and %s of "
		SVCNAT_VERSION ": what the older one does not know it refuses; install both from "
		"one release, and run \"svcctl upgrade\"", module, who);
	return true;
}

bool release_svcd_differs(const char *who, const char *svcd, struct err *e)
{
	if (!strcmp(svcd, SVCNAT_VERSION))
		return false;
	err_set(e, EPROTO, "svcd is of version %s, and %s of " SVCNAT_VERSION ": install both "
		"from one release, and run \"systemctl restart svcd\"", svcd, who);
	return true;
}
