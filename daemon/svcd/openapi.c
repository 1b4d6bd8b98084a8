// SPDX-License-Identifier: GPL-2.0
#include "openapi.h"

#include "api_body.h"
#include "api_call.h"
#include "api_target.h"
#include "jx.h"
#include "openapi_schema.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct doc {
	struct openapi_schemas schemas;
	json_t *paths;
};

static const char *method_of(const struct api_verb *v)
{
	switch (v->method) {
	case EVHTTP_REQ_POST:
		return "post";
	case EVHTTP_REQ_PUT:
		return "put";
	case EVHTTP_REQ_PATCH:
		return "patch";
	case EVHTTP_REQ_DELETE:
		return "delete";
	default:
		return "get";
	}
}

static bool reads(const struct api_verb *v)
{
	return v->method == EVHTTP_REQ_GET || v->method == EVHTTP_REQ_DELETE;
}

static json_t *param(const struct doc *d, const char *in, const char *name, const char *type)
{
	json_t *p = jx_must(json_pack("{s:s, s:s}", "name", name, "in", in));

	if (!strcmp(in, "path"))
		jx_set(p, "required", json_true());
	if (d->schemas.v3)
		jx_set(p, "schema", json_pack("{s:s}", "type", type));
	else
		jx_set_str(p, "type", type);
	return p;
}

static json_t *params_of(const struct doc *d, const char *path, const struct api_verb *v)
{
	json_t *list = jx_must(json_array());
	const struct api_query_param *q;
	size_t i;

	if (strstr(path, "{namespace}"))
		jx_append(list, param(d, "path", "namespace", "string"));
	if (strstr(path, "{name}"))
		jx_append(list, param(d, "path", "name", "string"));
	for (i = 0; (q = api_query_param_at(i)); i++)
		if (strstr(q->options, v->options))
			jx_append(list, param(d, "query", q->name, q->type));
	return list;
}

static json_t *content(const char *const *types, json_t *schema)
{
	json_t *c = jx_must(json_object());

	for (size_t i = 0; types[i]; i++)
		json_object_set_new(c, types[i], json_pack("{s:O}", "schema", schema));
	json_decref(schema);
	return c;
}

static json_t *names(const char *const *types)
{
	json_t *list = jx_must(json_array());

	for (size_t i = 0; types[i]; i++)
		jx_append(list, json_string(types[i]));
	return list;
}

/* A patch may be anything; all else that is written is an object of the type. */
static json_t *body_schema(const struct doc *d, const struct resource *res,
			   const struct api_verb *v)
{
	char name[OPENAPI_NAME_MAX];

	if (v->method == EVHTTP_REQ_PATCH || v->scope == API_BINDING)
		return jx_must(json_pack("{s:s}", "type", "object"));
	return openapi_ref(&d->schemas, openapi_name(res->api_version, res->kind, name));
}

static void put_body(const struct doc *d, json_t *op, const struct resource *res,
		     const struct api_verb *v)
{
	const char *const *types = v->method == EVHTTP_REQ_PATCH ? api_patch_types :
								   api_body_types;
	json_t *schema;

	if (reads(v))
		return;
	schema = body_schema(d, res, v);
	if (d->schemas.v3) {
		jx_set(op, "requestBody", json_pack("{s:o, s:b}", "content", content(types, schema),
						    "required", 1));
		return;
	}
	jx_set(op, "consumes", names(types));
	jx_append(json_object_get(op, "parameters"),
		  json_pack("{s:s, s:s, s:b, s:o}", "name", "body", "in", "body", "required", 1,
			    "schema", schema));
}

static const char *const reply_types[] = { "application/json", "application/yaml", NULL };

static json_t *responses(const struct doc *d, const struct resource *res,
			 const struct api_verb *v)
{
	bool list = v->scope == API_COLLECTION && reads(v);
	json_t *ok = jx_must(json_pack("{s:s}", "description", "OK")), *schema;
	char name[OPENAPI_NAME_MAX], whole[OPENAPI_NAME_MAX + 8];

	openapi_name(res->api_version, res->kind, name);
	snprintf(whole, sizeof(whole), "%s%s", name, list ? "List" : "");
	schema = openapi_ref(&d->schemas, whole);
	if (d->schemas.v3)
		jx_set(ok, "content", content(reply_types, schema));
	else
		jx_set(ok, "schema", schema);
	return jx_must(json_pack("{s:o}", v->method == EVHTTP_REQ_POST ? "201" : "200", ok));
}

static const char *action_of(const struct api_verb *v)
{
	if (!strcmp(v->word, "create"))
		return "post";
	return !strcmp(v->word, "update") ? "put" : v->word;
}

/* "patchApiV1NamespacesNamespaceServicesName": one for each operation. */
static json_t *operation_id(const char *path, const struct api_verb *v)
{
	char text[256];
	size_t n = snprintf(text, sizeof(text), "%s", v->word);
	bool up = true;

	for (; *path && n < sizeof(text) - 1; path++) {
		if (isalnum((unsigned char)*path))
			text[n++] = (char)(up ? toupper((unsigned char)*path) : *path);
		up = !isalnum((unsigned char)*path);
	}
	text[n] = '\0';
	return json_string(text);
}

static void add_operation(struct doc *d, const struct resource *res, const char *path,
			  const struct api_verb *v)
{
	json_t *item = json_object_get(d->paths, path), *op;

	if (!item) {
		item = jx_must(json_object());
		json_object_set_new(d->paths, path, item);
	}
	op = jx_must(json_pack("{s:o, s:o, s:s, s:o}", "operationId", operation_id(path, v),
			       "parameters", params_of(d, path, v), "x-kubernetes-action",
			       action_of(v), "x-kubernetes-group-version-kind", openapi_gvk(res)));
	put_body(d, op, res, v);
	jx_set(op, "responses", responses(d, res, v));
	json_object_set_new(item, method_of(v), op);
}

static void add_verb(struct doc *d, const struct resource *res, const struct api_verb *v)
{
	static const char *const tails[API_SCOPES] = {
		[API_COLLECTION] = "",
		[API_OBJECT] = "/{name}",
		[API_STATUS] = "/{name}/status",
		[API_BINDING] = "/{name}/binding",
	};
	const char *base = strchr(res->api_version, '/') ? "/apis" : "/api";
	char path[256];

	snprintf(path, sizeof(path), "%s/%s%s/%s%s", base, res->api_version,
		 res->namespaced ? "/namespaces/{namespace}" : "", res->plural, tails[v->scope]);
	add_operation(d, res, path, v);
	if (!res->namespaced || v->needs_namespace)
		return;
	snprintf(path, sizeof(path), "%s/%s/%s", base, res->api_version, res->plural);
	add_operation(d, res, path, v);
}

/* api_version NULL: all. */
static json_t *make(struct doc *d, const char *api_version)
{
	const struct resource *res;
	const struct api_verb *v;
	size_t i, j;

	d->schemas.defined = jx_must(json_object());
	d->paths = jx_must(json_object());
	for (i = 0; (res = resource_at(i)); i++) {
		if (api_version && strcmp(res->api_version, api_version))
			continue;
		openapi_define(&d->schemas, res);
		for (j = 0; (v = api_verb_at(j))->run; j++)
			if (api_verb_applies(v, res))
				add_verb(d, res, v);
	}
	return jx_must(json_pack("{s:s, s:{s:s, s:s}, s:o}", d->schemas.v3 ? "openapi" : "swagger",
				 d->schemas.v3 ? "3.0.0" : "2.0", "info", "title", "svcd",
				 "version", SVCNAT_VERSION, "paths", d->paths));
}

json_t *openapi_v2(void)
{
	struct doc d = { .schemas = { .v3 = false } };
	json_t *out = make(&d, NULL);

	jx_set(out, "definitions", d.schemas.defined);
	return out;
}

json_t *openapi_v3(const char *api_version)
{
	struct doc d = { .schemas = { .v3 = true } };
	json_t *out;

	if (!api_target_version_known(api_version))
		return NULL;
	out = make(&d, api_version);
	jx_set(out, "components", json_pack("{s:o}", "schemas", d.schemas.defined));
	return out;
}

json_t *openapi_v3_index(void)
{
	json_t *paths = jx_must(json_object());
	const struct resource *res;
	const char *version;
	char path[160];
	size_t i;

	for (i = 0; (res = resource_at(i)); i++) {
		version = res->api_version;
		snprintf(path, sizeof(path), "%s/%s", strchr(version, '/') ? "apis" : "api",
			 version);
		/* The hash names the document's state: it changes with the program alone. */
		json_object_set_new(paths, path,
				    json_pack("{s:o}", "serverRelativeURL",
					      json_sprintf("/openapi/v3/%s?hash=" SVCNAT_VERSION,
							   path)));
	}
	return jx_must(json_pack("{s:o}", "paths", paths));
}
