// SPDX-License-Identifier: GPL-2.0
#include "mergepatch.h"

#include "jx.h"

json_t *mergepatch_apply(const json_t *target, const json_t *patch)
{
	const char *key;
	json_t *out, *v;

	if (!json_is_object(patch))
		return jx_copy(patch);
	/* Shallow: what the patch names is replaced by a value of its own below. */
	out = jx_must(json_is_object(target) ? json_copy((json_t *)target) : json_object());
	json_object_foreach((json_t *)patch, key, v) {
		if (json_is_null(v))
			json_object_del(out, key);
		else if (json_object_set_new(out, key,
					     mergepatch_apply(json_object_get(target, key), v)))
			jx_must(NULL);
	}
	return out;
}
