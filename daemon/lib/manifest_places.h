/* SPDX-License-Identifier: GPL-2.0 */
/* Where in its file stands what the API refuses of an object. */
#ifndef SVCNAT_MANIFEST_PLACES_H
#define SVCNAT_MANIFEST_PLACES_H

#include "manifest.h"

/* field: its path, or 'KIND "NAME"' of the whole object. */
typedef void manifest_place_fn(void *ctx, const struct manifest_object *o, const char *field,
			       struct yaml_place p);

/* fn for each field that the Status names; where it names none, for the object, if that is bad. */
void manifest_places(const json_t *status, const struct manifest_object *o, manifest_place_fn *fn,
		     void *ctx);

#endif
