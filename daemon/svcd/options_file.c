// SPDX-License-Identifier: GPL-2.0
/* svcd.yaml: one key for each option, with the same values. */
#include "options_priv.h"

#include "err.h"
#include "yaml_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX	((size_t)1 << 20)

struct reading {
	struct options *o;
	const char *path;
	const struct yaml_doc *doc;
};

static int refuse(const struct reading *r, const char *at, struct err *e, const char *why)
{
	struct yaml_place place = yaml_find(r->doc, at);

	return err_set(e, EINVAL, "%s:%u:%u: %s: %s", r->path, place.line, place.column, at, why);
}

static const struct option_row *find_row(const char *key)
{
	size_t i;

	for (i = 0; i < noption_rows; i++)
		if (option_rows[i].key && strcmp(option_rows[i].key, key) == 0)
			return &option_rows[i];
	return NULL;
}

/* As it would stand on the command line; NULL: it is no such value. */
static const char *value_text(const json_t *v, char *buf, size_t size)
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	if (!json_is_integer(v))
		return NULL;
	snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return buf;
}

static int read_value(const struct reading *r, const struct option_row *row, const char *at,
		      const json_t *v, struct err *e)
{
	char buf[32];
	const char *text = value_text(v, buf, sizeof(buf));
	struct err why = { "" };
	int ret;

	if (!text)
		return refuse(r, at, e, row->forget ?
			      "this has to be a list of values" : "this has to be one value");
	ret = row->parse(r->o, text, &why);
	if (ret)
		refuse(r, at, e, why.text);
	return ret;
}

static int read_key(const struct reading *r, const char *key, const json_t *v, struct err *e);

/* Of options that belong together; no map is in another one. */
static int read_map(const struct reading *r, const char *map, const json_t *v, struct err *e)
{
	const json_t *value;
	const char *key;
	char at[128];
	int ret = 0;

	json_object_foreach((json_t *)v, key, value) {
		snprintf(at, sizeof(at), "%s.%s", map, key);
		ret = read_key(r, at, value, e);
		if (ret)
			break;
	}
	return ret;
}

static int read_key(const struct reading *r, const char *key, const json_t *v, struct err *e)
{
	const struct option_row *row = find_row(key);
	struct yaml_place place;
	char at[128];
	size_t i;
	int ret = 0;

	if (!strcmp(key, "dns") && json_is_object(v))
		return read_map(r, key, v, e);
	if (!strcmp(key, "pools"))
		return options_read_pools(&r->o->pools, r->path, r->doc, v, e);
	if (!row) {
		place = yaml_find_key(r->doc, key);
		return err_set(e, EINVAL, "%s:%u:%u: %s: there is no such key: see svcd.yaml(5)",
			       r->path, place.line, place.column, key);
	}
	if (!json_is_array(v) || !row->forget)
		return read_value(r, row, key, v, e);
	/* None at all is no range, and would be taken for any. */
	if (!json_array_size(v))
		return refuse(r, key, e, "this list is empty: leave the key out");
	for (i = 0; i < json_array_size(v) && !ret; i++) {
		snprintf(at, sizeof(at), "%s[%zu]", key, i);
		ret = read_value(r, row, at, json_array_get(v, i), e);
	}
	return ret;
}

static int refuse_document(const char *path, const struct yaml_doc *doc, struct err *e,
			   const char *why)
{
	struct yaml_place place = yaml_find(doc, "");

	return err_set(e, EINVAL, "%s:%u:%u: %s", path, place.line, place.column, why);
}

/* A file of comments only says nothing. */
static int read_docs(const struct reading *r, const struct yaml_docs *docs, struct err *e)
{
	const json_t *v;
	const char *key;
	int ret;

	if (!docs->n || json_is_null(docs->v[0].value))
		return 0;
	if (docs->n > 1)
		return refuse_document(r->path, &docs->v[1], e, "this is a second document, and "
				       "one is read");
	if (!json_is_object(docs->v[0].value))
		return refuse_document(r->path, r->doc, e, "this has to be keys and values: see "
				       "svcd.yaml(5)");
	json_object_foreach(docs->v[0].value, key, v) {
		ret = read_key(r, key, v, e);
		if (ret)
			return ret;
	}
	return 0;
}

int options_read_file(struct options *o, const char *path, struct err *e)
{
	struct reading r = { .o = o, .path = path };
	struct yaml_docs docs;
	int ret;

	ret = yaml_read_file(path, FILE_MAX, &docs, e);
	if (ret)
		return ret;
	r.doc = docs.n ? &docs.v[0] : NULL;
	ret = read_docs(&r, &docs, e);
	yaml_docs_clear(&docs);
	return ret;
}
