// SPDX-License-Identifier: GPL-2.0
/* Lists: whole or in pages, as they are or as they were. */
#include "registry.h"

#include "err.h"
#include "jx.h"
#include "list_token.h"
#include "selector.h"
#include "status.h"
#include "txn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One list on its way. */
struct listing {
	struct registry *r;
	const struct resource *res;
	const char *ns;			/* NULL: all */
	struct selector s;
	const struct objects *objects;	/* as they are, or past */
	struct objects past;
	uint64_t version;		/* of the objects */
	size_t from, limit;
	struct reply *out;
};

/* An item of a list says nothing of its type: the list does. */
static json_t *item(json_t *object)
{
	json_t *o = jx_must(json_copy(object));

	json_object_del(o, "kind");
	json_object_del(o, "apiVersion");
	return o;
}

static json_t *empty_list(const struct listing *l)
{
	json_t *list = jx_must(json_object());
	char text[64];

	snprintf(text, sizeof(text), "%sList", l->res->kind);
	jx_set_str(list, "kind", text);
	jx_set_str(list, "apiVersion", l->res->api_version);
	snprintf(text, sizeof(text), "%" PRIu64, l->version);
	jx_set_str(list, "metadata.resourceVersion", text);
	return list;
}

static bool in_scope(const struct listing *l, size_t i)
{
	return i < l->objects->n && (!l->ns || !strcmp(l->objects->v[i].ns, l->ns));
}

/* The first one from i on that matches, or where the scope ends. */
static size_t next_match(const struct listing *l, size_t i)
{
	while (in_scope(l, i) && !selector_match(&l->s, l->objects->v[i].object))
		i++;
	return i;
}

/* The list is not at its end: how to go on, and how many there are left. */
static void set_continue(const struct listing *l, json_t *list, size_t next)
{
	const struct objects_entry *last = &l->objects->v[next - 1];
	char *token = list_token_print(l->version, last->ns, last->name);
	size_t n = next;

	jx_set_str(list, "metadata.continue", token);
	free(token);
	/* With a selector it would take looking at each of them; Kubernetes leaves it out too. */
	if (l->s.labels || l->s.fields)
		return;
	while (in_scope(l, n))
		n++;
	jx_set_int(list, "metadata.remainingItemCount", (json_int_t)(n - next));
}

static void give(const struct listing *l)
{
	json_t *list = empty_list(l), *items = jx_must(json_array());
	size_t i = next_match(l, l->from), next;

	while (in_scope(l, i)) {
		jx_append(items, item(l->objects->v[i].object));
		next = i + 1;
		i = next_match(l, next);
		if (l->limit && json_array_size(items) == l->limit && in_scope(l, i)) {
			set_continue(l, list, next);
			break;
		}
	}
	jx_set(list, "items", items);
	status_object(l->out, 200, list);
}

static int too_new(const struct listing *l, uint64_t version)
{
	char text[128];

	snprintf(text, sizeof(text), "Timeout: Too large resource version: %" PRIu64 ", current: %"
		 PRIu64, version, l->r->version);
	status_fail(l->out, 504, "Timeout", NULL, NULL, "%s", text);
	return status_details(l->out,
			      jx_must(json_pack("{s:[{s:s, s:s}], s:i}", "causes", "reason",
						"ResourceVersionTooLarge", "message",
						"Too large resource version", "retryAfterSeconds",
						1)));
}

static int too_old(const struct listing *l)
{
	return status_fail(l->out, 410, "Expired", NULL, NULL,
			   "The resourceVersion for the provided list is too old.");
}

/* -1: the objects of that version are not kept any more. */
static int go_back(struct listing *l, uint64_t version)
{
	const struct objects *now = txn_objects(l->r, l->res);

	if (version == l->r->version)
		return 0;
	if (history_at(&l->r->history, l->res, now, version, &l->past))
		return -1;
	l->objects = &l->past;
	l->version = version;
	return 0;
}

/* Of the first page. */
static int begin(struct listing *l, const struct registry_page *p)
{
	l->from = l->ns ? objects_first(l->objects, l->ns) : 0;
	if (p->version > l->r->version)
		return too_new(l, p->version);
	if (!p->exact)
		return 0;
	if (go_back(l, p->version))
		return too_old(l);
	l->from = l->ns ? objects_first(l->objects, l->ns) : 0;
	return 0;
}

static int expired(const struct listing *l, const struct list_token *t)
{
	char *fresh = list_token_print(0, t->ns, t->name);

	status_fail(l->out, 410, "Expired", NULL, NULL, "The provided continue parameter is too "
		    "old to display a consistent list result. You can start a new list without "
		    "the continue parameter, or use the continue token in this response to "
		    "retrieve the remainder of the results. Continuing with the provided token "
		    "results in an inconsistent list - objects that were created, modified, or "
		    "deleted between the time the first chunk was returned and now may show up "
		    "in the list.");
	jx_set_str(l->out->body, "metadata.continue", fresh);
	free(fresh);
	return -1;
}

/* Of the pages after it. */
static int resume(struct listing *l, const char *token)
{
	struct list_token t;
	struct err e = { "" };
	int rc = 0;

	if (list_token_parse(&t, token, &e))
		return status_bad_request(l->out, "invalid continue token: %s", e.text);
	if (l->ns && strcmp(t.ns, l->ns))
		rc = status_bad_request(l->out, "invalid continue token: continue key is not "
					"valid: it is of another namespace");
	else if (t.version && go_back(l, t.version))
		rc = expired(l, &t);
	else
		l->from = objects_after(l->objects, t.ns, t.name);
	list_token_clear(&t);
	return rc;
}

void registry_list_page(struct registry *r, const struct resource *res, const char *ns,
			const struct registry_query *q, const struct registry_page *page,
			struct reply *out)
{
	struct listing l = {
		.r = r,
		.res = res,
		.ns = res->namespaced ? ns : NULL,
		.objects = txn_objects(r, res),
		.version = r->version,
		.limit = page->limit,
		.out = out,
	};
	struct err e = { "" };

	*out = (struct reply){ 0 };
	if (selector_parse(&l.s, res, q, &e)) {
		status_bad_request(out, "%s", e.text);
		return;
	}
	if (!(page->token ? resume(&l, page->token) : begin(&l, page)))
		give(&l);
	selector_clear(&l.s);
	objects_clear(&l.past);
}

void registry_list(struct registry *r, const struct resource *res, const char *ns,
		   const struct registry_query *q, struct reply *out)
{
	static const struct registry_page whole;

	registry_list_page(r, res, ns, q, &whole, out);
}
