// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "getter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static int init(struct getter_result *r, struct err *e)
{
	r->items = json_array();
	r->refusals = json_array();
	r->version = NULL;
	return r->items && r->refusals ? 0 : no_memory(e);
}

void getter_clear(struct getter_result *r)
{
	json_decref(r->items);
	json_decref(r->refusals);
	free(r->version);
	memset(r, 0, sizeof(*r));
}

static int keep(struct getter_result *r, const struct client_reply *reply, struct err *e)
{
	json_t *to = client_failed(reply) ? r->refusals : r->items;

	if (json_array_append(to, reply->body))
		return no_memory(e);
	if (!client_failed(reply)) {
		free(r->version);
		r->version = strdup(field_string(reply->body, "metadata.resourceVersion"));
	}
	return 0;
}

static int get(struct client *c, const char *path, struct getter_result *out, struct err *e)
{
	struct client_reply reply;
	int ret;

	ret = client_do(c, "GET", path, NULL, &reply, e);
	if (!ret)
		ret = keep(out, &reply, e);
	client_reply_clear(&reply);
	return ret;
}

/* The API leaves out the items' kind: the list's says it. */
static int take_items(struct getter_result *out, const struct resource *res, struct err *e)
{
	json_t *list = json_incref(json_array_get(out->items, 0)), *item;
	size_t i;
	int ret = 0;

	json_array_clear(out->items);
	json_array_foreach(json_object_get(list, "items"), i, item) {
		if (json_object_set_new(item, "kind", json_string(res->kind)) ||
		    json_object_set_new(item, "apiVersion", json_string(res->api_version)) ||
		    json_array_append(out->items, item))
			ret = no_memory(e);
	}
	json_decref(list);
	return ret;
}

int getter_list(struct client *c, const char *path, const struct resource *res,
		struct getter_result *out, struct err *e)
{
	int ret = init(out, e);

	if (!ret)
		ret = get(c, path, out, e);
	if (!ret)
		ret = take_items(out, res, e);
	if (ret)
		getter_clear(out);
	return ret;
}

static int fetch_names(struct client *c, const struct scope *scope,
		       const struct selection_target *t, struct getter_result *out, struct err *e)
{
	struct scope own;
	char *path;
	size_t i;
	int ret;

	ret = init(out, e);
	for (i = 0; i < t->nnames && !ret; i++) {
		own = scope_of_name(scope, t, i);
		path = scope_path(&own, t->res, t->names[i]);
		ret = path ? get(c, path, out, e) : no_memory(e);
		free(path);
	}
	if (ret)
		getter_clear(out);
	return ret;
}

int getter_fetch(struct client *c, const struct scope *scope, const struct selection_target *t,
		 struct getter_result *out, struct err *e)
{
	char *path;
	int ret;

	if (t->nnames)
		return fetch_names(c, scope, t, out, e);
	path = scope_path(scope, t->res, NULL);
	ret = path ? getter_list(c, path, t->res, out, e) : no_memory(e);
	free(path);
	return ret;
}

void getter_print_none(FILE *f, const struct scope *scope, const struct resource *res)
{
	const char *ns = scope_ns(scope, res);

	if (ns)
		fprintf(f, "No resources found in %s namespace.\n", ns);
	else
		fputs("No resources found\n", f);
}
