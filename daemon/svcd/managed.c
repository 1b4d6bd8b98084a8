// SPDX-License-Identifier: GPL-2.0
#include "managed.h"

#include "jx.h"
#include "status.h"
#include "termination.h"

#include <string.h>

static const char *note(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(jx_get(object, "metadata.annotations"), key));
}

const char *managed_by(const json_t *object)
{
	return note(object, MANAGED_FILE);
}

const char *managed_hash(const json_t *object)
{
	const char *hash = note(object, MANAGED_HASH);

	return hash ? hash : "";
}

void managed_mark(json_t *object, const char *file, const char *hash)
{
	json_t *notes = jx_get(object, "metadata.annotations");

	/* What is no map is the schema's to refuse. */
	if (notes && !json_is_null(notes) && !json_is_object(notes))
		return;
	if (!json_is_object(notes)) {
		notes = jx_must(json_object());
		jx_set(object, "metadata.annotations", notes);
	}
	json_object_set_new(notes, MANAGED_FILE, jx_string(file));
	json_object_set_new(notes, MANAGED_HASH, jx_string(hash));
}

int managed_check(const struct registry *r, const struct resource *res, const json_t *old,
		  unsigned int flags, struct reply *out)
{
	const char *file = managed_by(old);

	/* What is on its way out is left to those who hold it, or end it. */
	if (!file || !r->guard || (flags & REGISTRY_FILE) || termination_begun(old))
		return 0;
	return status_managed(out, res, jx_str(old, "metadata.name"), file);
}

/* The first one in the namespace that another file than this one has. */
static const json_t *find_other(const struct registry *r, const char *ns, const char *file,
				const struct resource **res)
{
	for (size_t i = 0; (*res = resource_at(i)); i++) {
		const struct objects *o = txn_objects(r, *res);

		if (!(*res)->namespaced)
			continue;
		for (size_t j = objects_first(o, ns); j < o->n && !strcmp(o->v[j].ns, ns); j++) {
			const char *owner = managed_by(o->v[j].object);

			if (owner && strcmp(owner, file) && !termination_begun(o->v[j].object))
				return o->v[j].object;
		}
	}
	return NULL;
}

int managed_check_contents(const struct registry *r, const json_t *object, unsigned int flags,
			   struct reply *out)
{
	const char *file = flags & REGISTRY_FILE ? managed_by(object) : NULL;
	const char *name = jx_str(object, "metadata.name");
	const struct resource *res;
	const json_t *other;

	if (!r->guard || strcmp(jx_str(object, "kind"), "Namespace"))
		return 0;
	other = find_other(r, name, file ? file : "", &res);
	if (!other)
		return 0;
	return status_fail(out, 403, "Forbidden", resource_by_plural("v1", "namespaces"), name,
			   "namespaces \"%s\" holds %s \"%s\", which is managed by the file %s: "
			   "delete it there first", name, res->plural,
			   jx_str(other, "metadata.name"), managed_by(other));
}

static void validate_note(const json_t *obj, const json_t *old, const char *key,
			  struct field_errors *errs)
{
	const char *now = note(obj, key), *was = note(old, key);

	if (now && (!was || strcmp(now, was)))
		field_forbidden(errs, "only svcd sets it, on what comes from its folder of "
				"manifests", "metadata.annotations[%s]", key);
}

void managed_validate(const json_t *obj, const json_t *old, struct field_errors *errs)
{
	validate_note(obj, old, MANAGED_FILE, errs);
	validate_note(obj, old, MANAGED_HASH, errs);
}
