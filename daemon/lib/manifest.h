/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Manifests: what svcctl's -f names, files, folders and "-", or one text, whole, as
 * a list of objects that know where they come from.
 */
#ifndef SVCNAT_MANIFEST_H
#define SVCNAT_MANIFEST_H

#include "err.h"
#include "resource.h"
#include "yaml_read.h"

#include <stdio.h>

struct manifest_object {
	const char *file;		/* as it was named; STDIN for "-" */
	const struct yaml_doc *doc;
	long item;			/* its place in a List; -1: it is the document */
	json_t *value;			/* borrowed */
	const char *api_version, *kind;
	const char *name;		/* "" when it has none */
	const char *ns;			/* likewise */
	const struct resource *res;	/* NULL: svcd has no such type */
};

struct manifest_file;

struct manifest {
	struct manifest_object *v;
	size_t n;
	struct manifest_file *files;
	size_t nfiles;
};

/*
 * Read paths, in their order; a folder stands for its *.yaml, *.yml and *.json,
 * sorted, and when recursive for those of the folders in it. Either everything
 * is read or nothing, and e says what kubectl says behind its "error: ", with
 * FILE:LINE:COLUMN for what is in a file. Lists (kind: List, ServiceList and so on)
 * are taken apart.
 */
int manifest_load(struct manifest *m, const char **paths, size_t n, bool recursive, FILE *in,
		  struct err *e);
/* The same of one text; there may be no objects in it. name is what errors call it. */
int manifest_parse(struct manifest *m, const char *name, const char *text, size_t len,
		   struct err *e);
void manifest_clear(struct manifest *m);

/* Is a file of that name one, in a folder of them: *.yaml, *.yml, *.json? */
bool manifest_is_name(const char *name);

/* The YAML of one file or "-", whatever it holds; to be cleared. */
int manifest_read_yaml(const char *path, FILE *in, struct yaml_docs *out, struct err *e);

/* Where a field of the object stands, or the nearest parent that the file has. */
struct yaml_place manifest_find(const struct manifest_object *o, const char *path);
struct yaml_place manifest_find_key(const struct manifest_object *o, const char *path);

#endif
