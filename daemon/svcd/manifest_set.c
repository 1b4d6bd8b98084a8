// SPDX-License-Identifier: GPL-2.0
#include "manifest_set.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

char *manifest_set_key(const struct resource *res, const char *ns, const char *name)
{
	char *key = NULL;

	if (asprintf(&key, "%s %s/%s", res->plural, res->namespaced && ns ? ns : "", name) < 0)
		jx_must(NULL);
	return key;
}

const char *manifest_set_namespace(const struct manifest_object *o)
{
	if (!o->res->namespaced)
		return NULL;
	return *o->ns ? o->ns : "default";
}

int manifest_set_fail(const struct manifest_object *o, const char *field, struct err *e,
		      const char *fmt, ...)
{
	struct yaml_place p = manifest_find(o, field);
	char text[896];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, EINVAL, "%s:%u:%u: %s", o->file, p.line, p.column, text);
}

static int check(const struct manifest_object *o, struct err *e)
{
	if (!o->res)
		return manifest_set_fail(o, "kind", e, "kind: there is no kind \"%s\" in version "
					 "\"%s\"", o->kind, o->api_version);
	/* They are forgotten after an hour, and a file would bring them back. */
	if (!strcmp(o->res->plural, "events"))
		return manifest_set_fail(o, "kind", e, "kind: Events cannot come from a file");
	if (!*o->name)
		return manifest_set_fail(o, "metadata", e, "metadata.name: what comes from a file "
					 "needs a name of its own");
	return 0;
}

static int add(struct manifest_set *s, size_t i, struct err *e)
{
	const struct manifest_object *o = &s->m.v[i], *other;
	struct yaml_place p;

	if (check(o, e))
		return -EINVAL;
	s->keys[i] = manifest_set_key(o->res, manifest_set_namespace(o), o->name);
	other = strmap_find(&s->names, s->keys[i]);
	if (other) {
		p = manifest_find(other, "metadata.name");
		return manifest_set_fail(o, "metadata.name", e, "metadata.name: %s \"%s\" is in "
					 "line %u already", o->res->plural, o->name, p.line);
	}
	if (strmap_add(&s->names, s->keys[i], (void *)o))
		jx_must(NULL);
	return 0;
}

int manifest_set_read(struct manifest_set *s, const char *name, const char *text, size_t len,
		      struct err *e)
{
	int ret;

	*s = (struct manifest_set){ .keys = NULL };
	ret = manifest_parse(&s->m, name, text, len, e);
	if (ret)
		return ret;
	s->keys = jx_must(calloc(s->m.n + 1, sizeof(*s->keys)));
	for (size_t i = 0; i < s->m.n && !ret; i++)
		ret = add(s, i, e);
	if (ret)
		manifest_set_clear(s);
	return ret;
}

void manifest_set_clear(struct manifest_set *s)
{
	for (size_t i = 0; s->keys && i < s->m.n; i++)
		free(s->keys[i]);
	free(s->keys);
	strmap_clear(&s->names);
	manifest_clear(&s->m);
	*s = (struct manifest_set){ .keys = NULL };
}
