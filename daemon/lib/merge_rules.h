/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the lists and maps of the types are merged, field by field: a fact of the
 * API's types (the patch strategies and list types of Kubernetes' API
 * reference), which patches, both sorts of apply and the OpenAPI documents share.
 * What is not in the table is replaced as a whole when it is a list, and merged
 * when it is a map.
 */
#ifndef SVCNAT_MERGE_RULES_H
#define SVCNAT_MERGE_RULES_H

#include <stdbool.h>

#define MERGE_KEYS_MAX	2

struct merge_rule {
	const char *kind;		/* NULL: every one */
	const char *path;		/* "spec.containers.ports": through lists without a sign */
	const char *patch_key;		/* a strategic merge's; "": values; NULL: it replaces */
	bool retain_keys;		/* clients that know the type send $retainKeys */
	/* Of server-side apply: */
	bool atomic;			/* one owner for the whole */
	bool set;			/* values, each with owners of its own */
	const char *keys[MERGE_KEYS_MAX];	/* of a list whose items have owners */
};

/* NULL: no rule. */
const struct merge_rule *merge_rule_find(const char *kind, const char *path);

#define MERGE_PATH_MAX	256

/* Append ".key" to path, or cut it off again at the length that going down answered. */
unsigned long merge_path_down(char path[MERGE_PATH_MAX], const char *key);

#endif
