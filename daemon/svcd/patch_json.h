/* SPDX-License-Identifier: GPL-2.0 */
/* JSON patches, RFC 6902: lists of operations on places, RFC 6901. */
#ifndef SVCNAT_PATCH_JSON_H
#define SVCNAT_PATCH_JSON_H

#include <jansson.h>

struct err;

#define PATCH_JSON_MAX	10000	/* operations, as Kubernetes */
#define PATCH_JSON_COPY	(3 * 1024 * 1024)	/* bytes that copies may add up to */

/*
 * *out: a new value, old with patch applied, all of it or nothing; both are left
 * as they are. Errors with e: -EINVAL: it is no patch; -ENOENT: it does not fit
 * the object, or a test failed; -E2BIG: too many operations, too much copied or
 * too deep.
 */
int patch_json(const json_t *old, const json_t *patch, json_t **out, struct err *e);

#endif
