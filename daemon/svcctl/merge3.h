/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The three-way merge of "apply": what the manifest says now is set, what it
 * said last time and says no longer is taken away, and everything else of the
 * object is left as others made it. Lists merge as Kubernetes' strategic merge
 * has it: by their items' keys where the type has some, whole where not.
 */
#ifndef SVCNAT_SVCCTL_MERGE3_H
#define SVCNAT_SVCCTL_MERGE3_H

#include <jansson.h>

/*
 * The object as it should become. last: the manifest that was applied last, or
 * NULL. To be freed; NULL: no memory.
 */
json_t *merge3(const char *kind, const json_t *last, const json_t *now, const json_t *live);

/* The JSON merge patch (RFC 7396) that makes to of from; {}: they are equal. */
json_t *merge3_diff(const json_t *from, const json_t *to);

#endif
