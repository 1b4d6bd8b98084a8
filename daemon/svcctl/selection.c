// SPDX-License-Identifier: GPL-2.0
#include "client.h"
#include "manifest.h"
#include "selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

int selection_check_name(const char *what, const char *name, struct err *e)
{
	if (!*name)
		return err_set(e, EINVAL, "the %s may not be empty", what);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(e, EINVAL, "invalid %s \"%s\": may not be '%s'", what, name, name);
	if (strpbrk(name, "/%"))
		return err_set(e, EINVAL, "invalid %s \"%s\": may not contain '/' or '%%'", what,
			       name);
	return 0;
}

/* The target of a type, made when there is none yet: "svc/a pod/x svc/b" are two. */
static struct selection_target *target_of(struct selection *s, const struct resource *res)
{
	struct selection_target *v;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].res == res)
			return &s->v[i];
	v = reallocarray(s->v, s->n + 1, sizeof(*v));
	if (!v)
		return NULL;
	s->v = v;
	v[s->n] = (struct selection_target){ .res = res };
	return &v[s->n++];
}

static int add_name(struct selection_target *t, const char *name, struct err *e)
{
	const char **names;
	int ret;

	ret = selection_check_name("name", name, e);
	if (ret)
		return ret;
	names = reallocarray(t->names, t->nnames + 1, sizeof(*names));
	if (!names)
		return no_memory(e);
	t->names = names;
	names[t->nnames++] = name;
	return 0;
}

static int add_type(struct selection *s, const char *word, size_t len,
		    struct selection_target **out, struct err *e)
{
	const struct resource *res;
	char type[64];

	if (len >= sizeof(type))
		len = sizeof(type) - 1;
	memcpy(type, word, len);
	type[len] = '\0';
	res = resource_by_word(type);
	if (!res)
		return err_set(e, ENOENT, "the server doesn't have a resource type \"%s\"", type);
	*out = target_of(s, res);
	return *out ? 0 : no_memory(e);
}

/* The first word: "svc", "svc,pods" or "all". */
static int add_types(struct selection *s, const char *word, struct err *e)
{
	struct selection_target *t;
	const char *comma;
	int ret;

	if (!strcmp(word, "all"))
		word = "pods,services";
	while ((comma = strchr(word, ','))) {
		ret = add_type(s, word, (size_t)(comma - word), &t, e);
		if (ret)
			return ret;
		word = comma + 1;
	}
	return add_type(s, word, strlen(word), &t, e);
}

static int add_typed_name(struct selection *s, const char *word, struct err *e)
{
	const char *slash = strchr(word, '/');
	struct selection_target *t;
	int ret;

	if (!slash)
		return err_set(e, EINVAL, "\"%s\" needs its type, as the others: TYPE/%s", word,
			       word);
	ret = add_type(s, word, (size_t)(slash - word), &t, e);
	return ret ? ret : add_name(t, slash + 1, e);
}

static int parse(struct selection *s, const char **words, size_t n, struct err *e)
{
	size_t i, j;
	int ret;

	if (strchr(words[0], '/')) {
		for (i = 0; i < n; i++) {
			ret = add_typed_name(s, words[i], e);
			if (ret)
				return ret;
		}
		return 0;
	}
	ret = add_types(s, words[0], e);
	for (i = 0; !ret && i < s->n; i++)
		for (j = 1; !ret && j < n; j++)
			ret = add_name(&s->v[i], words[j], e);
	return ret;
}

int selection_parse(struct selection *s, const char **words, size_t n, struct err *e)
{
	int ret;

	memset(s, 0, sizeof(*s));
	if (!n)
		return err_set(e, EINVAL, SELECTION_NO_TYPE);
	ret = parse(s, words, n, e);
	if (ret)
		selection_clear(s);
	return ret;
}

static int add_object(struct selection *s, const struct manifest_object *o, struct err *e)
{
	struct selection_target *t = target_of(s, o->res);
	const char **ns;
	int ret;

	ret = t ? add_name(t, o->name, e) : no_memory(e);
	if (ret)
		return ret;
	ns = reallocarray(t->ns, t->nnames, sizeof(*ns));
	if (!ns)
		return no_memory(e);
	t->ns = ns;
	ns[t->nnames - 1] = *o->ns ? o->ns : NULL;
	return 0;
}

int selection_of_manifest(struct selection *s, const struct manifest *m, struct err *e)
{
	size_t i;
	int ret = 0;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < m->n && !ret; i++)
		ret = add_object(s, &m->v[i], e);
	if (ret)
		selection_clear(s);
	return ret;
}

void selection_clear(struct selection *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].names);
		free(s->v[i].ns);
	}
	free(s->v);
	memset(s, 0, sizeof(*s));
}

size_t selection_names(const struct selection *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->v[i].nnames;
	return n;
}

struct scope scope_of_name(const struct scope *s, const struct selection_target *t, size_t i)
{
	struct scope scope = *s;

	if (t->ns && t->ns[i])
		scope.ns = t->ns[i];
	return scope;
}

const char *scope_ns(const struct scope *s, const struct resource *res)
{
	if (!res->namespaced || s->all_namespaces)
		return NULL;
	return s->ns ? s->ns : NAMESPACE_DEFAULT;
}

char *scope_path(const struct scope *s, const struct resource *res, const char *name)
{
	char *path = resource_path(res, scope_ns(s, res), name, NULL);

	if (!path || name)
		return path;
	if ((s->labels && client_add_query(&path, "labelSelector", s->labels)) ||
	    (s->fields && client_add_query(&path, "fieldSelector", s->fields))) {
		free(path);
		return NULL;
	}
	return path;
}
