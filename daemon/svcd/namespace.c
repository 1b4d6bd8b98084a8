// SPDX-License-Identifier: GPL-2.0
/* The rules of Namespaces: one that goes takes all that is in it along. */
#include "rules.h"

#include "format.h"
#include "jx.h"
#include "status.h"
#include "txn.h"

#include <string.h>

#define NAME_LABEL	"kubernetes.io/metadata.name"

static const struct schema spec_fields[] = { { NULL, SCHEMA_ANY, 0, NULL, NULL } };
static const struct schema status_fields[] = {
	{ "phase", SCHEMA_STRING, 0, NULL, NULL }, { NULL, SCHEMA_ANY, 0, NULL, NULL }
};
static const struct schema fields[] = {
	SCHEMA_TOP,
	{ "spec", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, spec_fields, "NamespaceSpec" },
	{ "status", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, status_fields, "NamespaceStatus" },
	{ NULL, SCHEMA_ANY, 0, NULL, NULL },
};

static void prepare(struct write *w)
{
	json_t *labels = jx_get(w->obj, "metadata.labels");

	if (!labels) {
		labels = jx_must(json_object());
		jx_set(w->obj, "metadata.labels", labels);
	}
	json_object_set_new(labels, NAME_LABEL, jx_string(jx_str(w->obj, "metadata.name")));
	if (!jx_get(w->obj, "spec"))
		jx_set(w->obj, "spec", json_object());
	jx_set_str(w->obj, "status.phase", "Active");
}

static void validate(struct write *w)
{
	(void)w;
}

static void remove_all(struct txn *t, const struct resource *res, const char *ns)
{
	const struct objects *o = txn_objects(t->r, res);

	for (size_t i = objects_first(o, ns); i < o->n && !strcmp(o->v[i].ns, ns); i++)
		txn_del(t, res, o->v[i].object);
}

static int remove_contents(struct txn *t, const json_t *object, struct reply *out)
{
	const struct resource *res = resource_by_plural("v1", "namespaces");
	const char *name = jx_str(object, "metadata.name");

	if (!strcmp(name, "default"))
		return status_fail(out, 403, "Forbidden", res, name,
				   "namespaces \"%s\" is forbidden: this namespace may not be "
				   "deleted",
				   name);
	for (size_t i = 0; (res = resource_at(i)); i++)
		if (res->namespaced)
			remove_all(t, res, name);
	return 0;
}

const struct rules namespace_rules = {
	.plural = "namespaces",
	.schema = { NULL, SCHEMA_OBJECT, 0, fields, "Namespace" },
	.name_format = format_dns1123_label,
	.prepare = prepare,
	.validate = validate,
	.remove = remove_contents,
	.delete_returns_object = true,
};
