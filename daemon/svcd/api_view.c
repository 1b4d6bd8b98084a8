// SPDX-License-Identifier: GPL-2.0
#include "api_view.h"

#include "rows.h"

#include <string.h>

static json_t *typed(const char *kind, const char *version)
{
	return json_pack("{s:s, s:s}", "kind", kind, "apiVersion", version);
}

static json_t *metadata_of(const json_t *object)
{
	json_t *o = typed("PartialObjectMetadata", "meta.k8s.io/v1");

	if (o && json_object_set(o, "metadata", json_object_get(object, "metadata")) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Items of a list come without their type. */
static json_t *whole(const struct resource *res, json_t *object)
{
	json_t *o = typed(res->kind, res->api_version);

	if (o && json_object_update(o, object) == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *columns_of(const struct rows_type *type)
{
	const struct rows_column *c;
	json_t *columns = json_array();

	for (c = type->columns; columns && c->name; c++)
		if (json_array_append_new(columns,
					  json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", c->name,
						    "type", c->type, "format", c->format,
						    "description", c->description, "priority",
						    c->priority)) < 0) {
			json_decref(columns);
			return NULL;
		}
	return columns;
}

static json_t *row_of(const struct api_view *view, const struct resource *res, json_t *object,
		      time_t now)
{
	json_t *cells = rows_cells(rows_of(res), object, now), *beside;

	if (view->include == API_INCLUDE_NONE)
		beside = json_null();
	else if (view->include == API_INCLUDE_OBJECT)
		beside = whole(res, object);
	else
		beside = metadata_of(object);
	return json_pack("{s:o, s:o}", "cells", cells, "object", beside);
}

static json_t *new_table(const struct resource *res, json_t *metadata, bool headers)
{
	json_t *columns = headers ? columns_of(rows_of(res)) : json_array();

	return json_pack("{s:s, s:s, s:o, s:o, s:[]}", "kind", "Table", "apiVersion",
			 "meta.k8s.io/v1", "metadata", metadata, "columnDefinitions", columns,
			 "rows");
}

static json_t *table_of_object(const struct api_view *view, const struct resource *res,
			       json_t *object, time_t now, bool headers)
{
	json_t *version = json_object_get(json_object_get(object, "metadata"), "resourceVersion");
	json_t *table = new_table(res, json_pack("{s:O*}", "resourceVersion", version), headers);

	if (table && json_array_append_new(json_object_get(table, "rows"),
					   row_of(view, res, object, now)) == 0)
		return table;
	json_decref(table);
	return NULL;
}

static json_t *table_of_list(const struct api_view *view, const struct resource *res,
			     const json_t *list, time_t now)
{
	json_t *table = new_table(res, json_incref(json_object_get(list, "metadata")), true);
	json_t *rows = json_object_get(table, "rows"), *item;
	size_t i;

	json_array_foreach(json_object_get(list, "items"), i, item) {
		if (json_array_append_new(rows, row_of(view, res, item, now)) < 0) {
			json_decref(table);
			return NULL;
		}
	}
	return table;
}

static json_t *metadata_list(const json_t *list)
{
	json_t *out = json_pack("{s:s, s:s, s:O, s:[]}", "kind", "PartialObjectMetadataList",
				"apiVersion", "meta.k8s.io/v1", "metadata",
				json_object_get(list, "metadata"), "items");
	json_t *items = json_object_get(out, "items"), *item;
	size_t i;

	json_array_foreach(json_object_get(list, "items"), i, item) {
		if (json_array_append_new(items, metadata_of(item)) < 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

json_t *api_view_object(const struct api_view *view, const struct resource *res, json_t *object,
			time_t now, bool headers)
{
	json_t *out;

	if (view->media.form == API_FORM_TABLE)
		out = table_of_object(view, res, object, now, headers);
	else if (view->media.form == API_FORM_METADATA)
		out = metadata_of(object);
	else
		return object;
	json_decref(object);
	return out;
}

json_t *api_view_list(const struct api_view *view, const struct resource *res, json_t *list,
		      time_t now)
{
	json_t *out;

	if (view->media.form == API_FORM_TABLE)
		out = table_of_list(view, res, list, now);
	else if (view->media.form == API_FORM_METADATA_LIST)
		out = metadata_list(list);
	else
		return list;
	json_decref(list);
	return out;
}
