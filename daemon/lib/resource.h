/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The object types that svcd serves, one row each: the words for them in
 * manifests, in URLs and on the command line. Shared by the API and its
 * clients; it knows nothing of what the objects contain.
 */
#ifndef SVCNAT_RESOURCE_H
#define SVCNAT_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct resource {
	const char *api_version;	/* "v1" */
	const char *kind;		/* "Service" */
	const char *plural;		/* "services" */
	const char *singular;		/* "service" */
	const char *short_name;		/* "svc", or NULL */
	bool namespaced;
	bool has_status;		/* a status subresource */
};

/* The table; NULL past its end. */
const struct resource *resource_at(size_t i);

/* NULL: no such type. All but by_word compare exactly. */
const struct resource *resource_by_plural(const char *api_version, const char *plural);
const struct resource *resource_by_kind(const char *api_version, const char *kind);
/* Plural, singular or short, in any case. */
const struct resource *resource_by_word(const char *word);

/*
 * "/api/v1/namespaces/NS/services/NAME/SUB", or /apis/... for a version with a
 * group. ns NULL: across namespaces, and always for a type without one; name
 * and sub may be NULL. Names are percent-encoded. To be freed; NULL: no memory.
 */
char *resource_path(const struct resource *res, const char *ns, const char *name,
		    const char *sub);

#endif
