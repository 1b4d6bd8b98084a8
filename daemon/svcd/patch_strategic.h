/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strategic merge patches: merge patches that know the types, so that a list of
 * objects is merged item by item. kubectl's edit, patch and client-side apply
 * send them. The directives are those of Kubernetes: $patch, $retainKeys,
 * $deleteFromPrimitiveList and $setElementOrder.
 */
#ifndef SVCNAT_PATCH_STRATEGIC_H
#define SVCNAT_PATCH_STRATEGIC_H

#include <jansson.h>

struct err;

/*
 * *out: a new value, old with patch applied; both are left as they are. kind
 * says whose lists they are. -EINVAL and e: the patch makes no sense.
 */
int patch_strategic(const char *kind, const json_t *old, const json_t *patch, json_t **out,
		    struct err *e);

#endif
