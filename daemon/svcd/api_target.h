/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a path of the API stands for: /api/v1/namespaces/NS/TYPE/NAME/SUB and
 * its shorter forms, /apis/GROUP/VERSION/... likewise. No HTTP, no registry.
 */
#ifndef SVCNAT_API_TARGET_H
#define SVCNAT_API_TARGET_H

#include "resource.h"

struct api_target {
	const struct resource *res;	/* NULL: the list of types of api_version */
	char api_version[128];
	char *ns;			/* NULL: all, or a type without namespaces */
	char *name;			/* NULL: the collection */
	char *sub;			/* NULL: the object itself */
};

/*
 * path is as in the request: still percent-encoded, without the query.
 * -ENOENT: no API has such a path. -ESRCH: it has the API but not the type.
 * -EINVAL: badly encoded. t is to be cleared after success only.
 */
int api_target_parse(struct api_target *t, const char *path);
void api_target_clear(struct api_target *t);

/* Is there a type of this version? */
bool api_target_version_known(const char *api_version);

#endif
