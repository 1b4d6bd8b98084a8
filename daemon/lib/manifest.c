// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct manifest_file {
	char *name;
	struct yaml_docs docs;
};

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static int read_all(FILE *f, const char *name, char **text, size_t *len, struct err *e)
{
	char buf[65536];
	FILE *out;
	size_t n;

	*text = NULL;
	out = open_memstream(text, len);
	if (!out)
		return no_memory(e);
	while ((n = fread(buf, 1, sizeof(buf), f)) && fwrite(buf, 1, n, out) == n)
		if (ftell(out) > (long)YAML_TEXT_MAX)
			break;	/* yaml_read() says so */
	n = (size_t)ferror(out);
	if (fclose(out) || n) {
		free(*text);
		return no_memory(e);
	}
	if (!ferror(f))
		return 0;
	n = (size_t)errno;
	free(*text);
	return err_set(e, (int)n, "cannot read \"%s\": %s", name, strerror((int)n));
}

static int read_yaml(FILE *f, const char *name, struct yaml_docs *out, struct err *e)
{
	char *text;
	size_t len;
	int ret;

	ret = read_all(f, name, &text, &len, e);
	if (ret)
		return ret;
	ret = yaml_read(name, text, len, out, e);
	free(text);
	return ret;
}

static int add_stream(struct manifest *m, FILE *f, const char *name, struct err *e)
{
	struct manifest_file *v, *file;
	int ret;

	v = reallocarray(m->files, m->nfiles + 1, sizeof(*v));
	if (!v)
		return no_memory(e);
	m->files = v;
	file = &v[m->nfiles];
	ret = read_yaml(f, name, &file->docs, e);
	if (ret)
		return ret;
	file->name = strdup(name);
	if (!file->name) {
		yaml_docs_clear(&file->docs);
		return no_memory(e);
	}
	m->nfiles++;
	return 0;
}

static int open_failed(const char *path, int error, struct err *e)
{
	if (error == ENOENT)
		return err_set(e, error, "the path \"%s\" does not exist", path);
	return err_set(e, error, "the path \"%s\" cannot be read: %s", path, strerror(error));
}

static int add_file(struct manifest *m, const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	int ret;

	if (!f)
		return open_failed(path, errno, e);
	ret = add_stream(m, f, path, e);
	fclose(f);
	return ret;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

bool manifest_is_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".json"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct manifest *m, const char *path, bool recursive, struct err *e);

/* Links to folders are not followed: they may lead round and round. */
static int add_entry(struct manifest *m, const char *path, const char *name, bool recursive,
		     struct err *e)
{
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	bool here = !strcmp(path, ".") || !strcmp(path, "./");
	char full[4096];
	struct stat st;

	if (snprintf(full, sizeof(full), "%s%s%s", here ? "" : path, here ? "" : slash, name) >=
	    (int)sizeof(full))
		return open_failed(path, ENAMETOOLONG, e);
	if (recursive && !lstat(full, &st) && S_ISDIR(st.st_mode))
		return add_folder(m, full, true, e);
	return manifest_is_name(name) ? add_file(m, full, e) : 0;
}

static int add_folder(struct manifest *m, const char *path, bool recursive, struct err *e)
{
	struct dirent **names;
	int i, n, ret = 0;

	n = scandir(path, &names, is_visible, by_name);
	if (n < 0)
		return open_failed(path, errno, e);
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = add_entry(m, path, names[i]->d_name, recursive, e);
		free(names[i]);
	}
	free(names);
	return ret;
}

static int add_top_folder(struct manifest *m, const char *path, bool recursive, struct err *e)
{
	size_t before = m->nfiles;
	int ret;

	ret = add_folder(m, path, recursive, e);
	if (ret || m->nfiles > before)
		return ret;
	return err_set(e, ENOENT, "the folder \"%s\" has no *.yaml, *.yml or *.json file%s", path,
		       recursive ? "" : " (those of the folders in it: -R)");
}

static int add_path(struct manifest *m, const char *path, bool recursive, FILE *in,
		    struct err *e)
{
	struct stat st;

	if (!strcmp(path, "-"))
		return add_stream(m, in, "STDIN", e);
	if (!strncmp(path, "http://", 7) || !strncmp(path, "https://", 8))
		return err_set(e, EINVAL, "\"%s\" is a URL: fetch it first, and name the file",
			       path);
	if (stat(path, &st))
		return open_failed(path, errno, e);
	return S_ISDIR(st.st_mode) ? add_top_folder(m, path, recursive, e) : add_file(m, path, e);
}

int manifest_read_yaml(const char *path, FILE *in, struct yaml_docs *out, struct err *e)
{
	FILE *f;
	int ret;

	if (!strcmp(path, "-"))
		return read_yaml(in, "STDIN", out, e);
	f = fopen(path, "re");
	if (!f)
		return open_failed(path, errno, e);
	ret = read_yaml(f, path, out, e);
	fclose(f);
	return ret;
}

/* FILE:LINE:COLUMN: what */
static int fail_at(const struct manifest_object *o, const char *path, const char *what,
		   struct err *e)
{
	struct yaml_place p = manifest_find(o, path);

	return err_set(e, EINVAL, "%s:%u:%u: %s", o->file, p.line, p.column, what);
}

/* Only what is needed to know where to send it; the rest is svcd's to judge. */
static int check_object(struct manifest_object *o, struct err *e)
{
	const json_t *meta = json_object_get(o->value, "metadata");

	if (!json_is_object(o->value))
		return fail_at(o, "", "an object is a map, with apiVersion, kind and so on", e);
	o->api_version = field_string(o->value, "apiVersion");
	o->kind = field_string(o->value, "kind");
	if (!*o->kind)
		return fail_at(o, "kind",
			       "kind is not set: write \"kind: Service\" or the like", e);
	if (!*o->api_version)
		return fail_at(o, "apiVersion", "apiVersion is not set: write \"apiVersion: v1\"",
			       e);
	if (meta && !json_is_object(meta))
		return fail_at(o, "metadata", "metadata must be a map", e);
	o->name = field_string(o->value, "metadata.name");
	o->ns = field_string(o->value, "metadata.namespace");
	o->res = resource_by_kind(o->api_version, o->kind);
	return 0;
}

static int add_object(struct manifest *m, const struct manifest_object *object, struct err *e)
{
	struct manifest_object *v;

	/* Room doubles at each power of two. */
	if (!(m->n & (m->n - 1))) {
		v = reallocarray(m->v, m->n ? m->n * 2 : 1, sizeof(*v));
		if (!v)
			return no_memory(e);
		m->v = v;
	}
	m->v[m->n] = *object;
	return check_object(&m->v[m->n++], e);
}

/* How much of the kind of a list is the kind of its items: of "ServiceList" 7, of "List" 0. */
static int kind_of_items(const json_t *value)
{
	const char *kind = field_string(value, "kind");
	size_t n = strlen(kind);

	if (n < 4 || strcmp(kind + n - 4, "List") ||
	    !json_is_array(json_object_get(value, "items")))
		return -1;
	return (int)n - 4;
}

/* The API's own lists do not say of each item what it is. */
static int inherit_type(json_t *item, const json_t *list, int kind, struct err *e)
{
	if (!kind || !json_is_object(item) || json_object_get(item, "kind"))
		return 0;
	if (json_object_set_new(item, "kind",
				json_stringn(field_string(list, "kind"), (size_t)kind)) ||
	    json_object_set_new(item, "apiVersion",
				json_string(field_string(list, "apiVersion"))))
		return no_memory(e);
	return 0;
}

static int add_doc(struct manifest *m, const char *file, const struct yaml_doc *doc,
		   struct err *e)
{
	struct manifest_object o = { .file = file, .doc = doc, .item = -1, .value = doc->value };
	int ret, kind = kind_of_items(doc->value);
	size_t i;

	if (json_is_null(doc->value))
		return 0;
	if (kind < 0)
		return add_object(m, &o, e);
	for (i = 0; i < json_array_size(json_object_get(doc->value, "items")); i++) {
		o.item = (long)i;
		o.value = json_array_get(json_object_get(doc->value, "items"), i);
		ret = inherit_type(o.value, doc->value, kind, e);
		if (!ret)
			ret = add_object(m, &o, e);
		if (ret)
			return ret;
	}
	return 0;
}

/* Objects point into the files: only when all files are there do those stay where they are. */
static int add_objects(struct manifest *m, struct err *e)
{
	size_t i, j;
	int ret;

	for (i = 0; i < m->nfiles; i++)
		for (j = 0; j < m->files[i].docs.n; j++) {
			ret = add_doc(m, m->files[i].name, &m->files[i].docs.v[j], e);
			if (ret)
				return ret;
		}
	return 0;
}

int manifest_load(struct manifest *m, const char **paths, size_t n, bool recursive, FILE *in,
		  struct err *e)
{
	int ret = 0;
	size_t i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < n && !ret; i++)
		ret = add_path(m, paths[i], recursive, in, e);
	if (!ret)
		ret = add_objects(m, e);
	if (!ret && !m->n)
		ret = err_set(e, ENOENT, "no objects in what -f names");
	if (ret)
		manifest_clear(m);
	return ret;
}

int manifest_parse(struct manifest *m, const char *name, const char *text, size_t len,
		   struct err *e)
{
	int ret;

	memset(m, 0, sizeof(*m));
	m->files = calloc(1, sizeof(*m->files));
	if (!m->files)
		return no_memory(e);
	ret = yaml_read(name, text, len, &m->files->docs, e);
	m->nfiles = 1;
	if (!ret) {
		m->files->name = strdup(name);
		ret = m->files->name ? add_objects(m, e) : no_memory(e);
	}
	if (ret)
		manifest_clear(m);
	return ret;
}

void manifest_clear(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->nfiles; i++) {
		free(m->files[i].name);
		yaml_docs_clear(&m->files[i].docs);
	}
	free(m->files);
	free(m->v);
	memset(m, 0, sizeof(*m));
}

static struct yaml_place find(const struct manifest_object *o, const char *path,
			      struct yaml_place (*how)(const struct yaml_doc *, const char *))
{
	char full[1024];

	if (o->item < 0)
		return how(o->doc, path);
	snprintf(full, sizeof(full), "items[%ld]%s%s", o->item, *path ? "." : "", path);
	return how(o->doc, full);
}

struct yaml_place manifest_find(const struct manifest_object *o, const char *path)
{
	return find(o, path, yaml_find);
}

struct yaml_place manifest_find_key(const struct manifest_object *o, const char *path)
{
	return find(o, path, yaml_find_key);
}
