/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which objects a command line means: "services web db", "svc,pods",
 * "svc/web pod/x", "all", and the namespace and selectors beside it.
 */
#ifndef SVCNAT_SVCCTL_SELECTION_H
#define SVCNAT_SVCCTL_SELECTION_H

#include "err.h"
#include "resource.h"

#include <stdbool.h>
#include <stddef.h>

#define NAMESPACE_DEFAULT	"default"
#define SELECTION_NO_TYPE \
	"a type is missing: services, pods, endpointslices, endpoints, nodes, namespaces, " \
	"events or all"

/* Objects of one type: those that are named, or all. Names are borrowed. */
struct selection_target {
	const struct resource *res;
	const char **names;
	const char **ns;	/* of each, or NULL: the scope's; NULL at all: so are all */
	size_t nnames;
};

struct selection {
	struct selection_target *v;
	size_t n;
};

/*
 * -ENOENT: no such type; -EINVAL: the words do not fit together or a name
 * cannot be one; -ENOMEM. After an error there is nothing to clear.
 */
int selection_parse(struct selection *s, const char **words, size_t n, struct err *e);
void selection_clear(struct selection *s);

/*
 * Those that a manifest names, which must be checked already and outlive it.
 * Sorted by their types, in the order in which these come. -ENOMEM.
 */
struct manifest;
int selection_of_manifest(struct selection *s, const struct manifest *m, struct err *e);
size_t selection_names(const struct selection *s);

/* A name becomes part of a URL: refuse what would lead elsewhere. */
int selection_check_name(const char *what, const char *name, struct err *e);

struct scope {
	const char *ns;			/* NULL: not given */
	bool all_namespaces;
	const char *labels;		/* -l, or NULL */
	const char *fields;		/* --field-selector, or NULL */
};

/* The scope of one named object. */
struct scope scope_of_name(const struct scope *s, const struct selection_target *t, size_t i);

/* The namespace to ask in; NULL: in none. */
const char *scope_ns(const struct scope *s, const struct resource *res);

/* The URL path of a list, with its selectors, or of one object. To be freed; NULL: no memory. */
char *scope_path(const struct scope *s, const struct resource *res, const char *name);

#endif
