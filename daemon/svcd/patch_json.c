// SPDX-License-Identifier: GPL-2.0
#include "patch_json.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct patching {
	json_t *root;		/* ours */
	size_t copied;
	struct err *e;
};

/* A place: the value that holds it, and the last step to it. */
struct place {
	json_t *parent;		/* NULL: the place is the whole document */
	char *token;		/* to be freed */
	size_t depth;
};

/* One step of a pointer, unescaped (RFC 6901, 4). NULL: badly escaped. */
static char *next_token(const char **p)
{
	size_t len = strcspn(++*p, "/");
	char *token = jx_must(strndup(*p, len)), *from, *to;

	*p += len;
	for (from = to = token; *from; from++, to++) {
		*to = *from;
		if (*from != '~')
			continue;
		if (from[1] != '0' && from[1] != '1') {
			free(token);
			return NULL;
		}
		*to = *++from == '1' ? '/' : '~';
	}
	*to = '\0';
	return token;
}

/* An index without sign and leading zeros. false: none, or past every list. */
static bool parse_index(const char *token, size_t *out)
{
	size_t len = strspn(token, "0123456789");

	if (!len || token[len] || len > 9 || (*token == '0' && len > 1))
		return false;
	*out = strtoul(token, NULL, 10);
	return true;
}

static json_t *step(const json_t *parent, const char *token)
{
	size_t i;

	if (json_is_object(parent))
		return json_object_get(parent, token);
	if (json_is_array(parent) && parse_index(token, &i))
		return json_array_get(parent, i);
	return NULL;
}

static int missing(struct patching *p, const char *path)
{
	return err_set(p->e, ENOENT, "the path \"%.200s\" is not in the object", path);
}

/* Everything up to the last step must be there. */
static int find_place(struct patching *p, const char *path, struct place *at)
{
	const char *rest = path;

	*at = (struct place){ NULL, NULL, 0 };
	if (!*path)
		return 0;
	if (*path != '/')
		return err_set(p->e, EINVAL, "the path \"%.200s\" must begin with a slash", path);
	for (at->parent = p->root; *rest; at->depth++) {
		if (at->token) {
			at->parent = step(at->parent, at->token);
			free(at->token);
			at->token = NULL;
		}
		if (!json_is_object(at->parent) && !json_is_array(at->parent))
			return missing(p, path);
		at->token = next_token(&rest);
		if (!at->token)
			return err_set(p->e, EINVAL, "the path \"%.200s\" is badly escaped", path);
	}
	return 0;
}

static json_t *value_at(const struct patching *p, const struct place *at)
{
	return at->parent ? step(at->parent, at->token) : p->root;
}

static int add_to_list(struct patching *p, const struct place *at, const char *path, json_t *value)
{
	size_t i = json_array_size(at->parent);

	if (strcmp(at->token, "-") && (!parse_index(at->token, &i) ||
				       i > json_array_size(at->parent))) {
		json_decref(value);
		return missing(p, path);
	}
	if (json_array_insert_new(at->parent, i, value))
		jx_must(NULL);
	return 0;
}

/* value is taken over. */
static int add(struct patching *p, const char *path, json_t *value)
{
	struct place at;
	int rc = find_place(p, path, &at);

	if (!rc && (at.depth > JX_DEPTH_MAX || !jx_depth_fits(value, JX_DEPTH_MAX - at.depth)))
		rc = err_set(p->e, E2BIG, "the patched object would be nested too deeply: at most "
			     "%d levels", JX_DEPTH_MAX);
	if (rc) {
		json_decref(value);
	} else if (!at.parent) {
		json_decref(p->root);
		p->root = value;
	} else if (json_is_array(at.parent)) {
		rc = add_to_list(p, &at, path, value);
	} else if (json_object_set_new(at.parent, at.token, value)) {
		jx_must(NULL);
	}
	free(at.token);
	return rc;
}

/* What stands at path; *removed, when asked for, is the caller's, and it is taken out. */
static int get(struct patching *p, const char *path, json_t **removed, json_t **found)
{
	struct place at;
	int rc = find_place(p, path, &at);
	json_t *v = rc ? NULL : value_at(p, &at);
	size_t i;

	if (!rc && !v)
		rc = missing(p, path);
	if (!rc && removed && !at.parent)
		rc = err_set(p->e, ENOENT, "the whole object cannot be removed");
	if (!rc && found)
		*found = v;
	if (!rc && removed) {
		*removed = json_incref(v);
		if (json_is_object(at.parent))
			json_object_del(at.parent, at.token);
		else if (parse_index(at.token, &i))
			json_array_remove(at.parent, i);
	}
	free(at.token);
	return rc;
}

static int do_add(struct patching *p, const char *path, const json_t *op)
{
	return add(p, path, jx_copy(json_object_get(op, "value")));
}

static int do_remove(struct patching *p, const char *path, const json_t *op)
{
	json_t *gone = NULL;
	int rc = get(p, path, &gone, NULL);

	(void)op;
	json_decref(gone);
	return rc;
}

static int do_replace(struct patching *p, const char *path, const json_t *op)
{
	json_t *gone = NULL;
	int rc = *path ? get(p, path, &gone, NULL) : 0;

	json_decref(gone);
	return rc ? rc : do_add(p, path, op);
}

static int do_move(struct patching *p, const char *path, const json_t *op)
{
	const char *from = jx_str(op, "from");
	size_t n = strlen(from);
	json_t *v = NULL;
	int rc;

	if (!strcmp(from, path))
		return get(p, from, NULL, &v);
	if (!strncmp(from, path, n) && path[n] == '/')
		return err_set(p->e, ENOENT, "\"%.200s\" cannot be moved into itself", from);
	rc = get(p, from, &v, NULL);
	return rc ? rc : add(p, path, v);
}

static int do_copy(struct patching *p, const char *path, const json_t *op)
{
	json_t *v = NULL;
	int rc = get(p, jx_str(op, "from"), NULL, &v);

	if (rc)
		return rc;
	p->copied += json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	if (p->copied > PATCH_JSON_COPY)
		return err_set(p->e, E2BIG, "the patch copies too much: at most %d bytes",
			       PATCH_JSON_COPY);
	return add(p, path, jx_copy(v));
}

static int do_test(struct patching *p, const char *path, const json_t *op)
{
	const json_t *want = json_object_get(op, "value");
	json_t *v = NULL;
	int rc = get(p, path, NULL, &v);

	if (rc)
		return rc;
	/* Numbers are equal by value, whole or not (RFC 6902, 4.6). */
	if (json_is_number(v) && json_is_number(want) ?
	    json_number_value(v) == json_number_value(want) : json_equal(v, want))
		return 0;
	return err_set(p->e, ENOENT, "testing value %.200s failed", path);
}

static const struct {
	const char *name;
	const char *needs;	/* beside op and path */
	int (*run)(struct patching *p, const char *path, const json_t *op);
} ops[] = {
	{ "add", "value", do_add },
	{ "remove", NULL, do_remove },
	{ "replace", "value", do_replace },
	{ "move", "from", do_move },
	{ "copy", "from", do_copy },
	{ "test", "value", do_test },
};

static int run(struct patching *p, const json_t *op)
{
	const char *name = jx_str(op, "op"), *needs;
	const json_t *path = json_object_get(op, "path");

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		if (strcmp(name, ops[i].name))
			continue;
		needs = ops[i].needs;
		if (!json_is_string(path))
			return err_set(p->e, EINVAL, "%s has no \"path\"", name);
		if (needs && !json_object_get(op, needs))
			return err_set(p->e, EINVAL, "%s has no \"%s\"", name, needs);
		if (needs && !strcmp(needs, "from") && !json_is_string(json_object_get(op, needs)))
			return err_set(p->e, EINVAL, "\"from\" must be a string");
		return ops[i].run(p, json_string_value(path), op);
	}
	return err_set(p->e, EINVAL, "unknown operation \"%.64s\": it must be add, remove, "
		       "replace, move, copy or test", name);
}

int patch_json(const json_t *old, const json_t *patch, json_t **out, struct err *e)
{
	struct patching p = { .root = NULL, .e = e };
	int rc = 0;

	if (!json_is_array(patch))
		return err_set(e, EINVAL, "a JSON patch must be a list of operations");
	if (json_array_size(patch) > PATCH_JSON_MAX)
		return err_set(e, E2BIG, "The allowed maximum operations in a JSON patch is %d, "
			       "got %zu", PATCH_JSON_MAX, json_array_size(patch));
	p.root = jx_copy(old);
	for (size_t i = 0; !rc && i < json_array_size(patch); i++) {
		rc = run(&p, json_array_get(patch, i));
		if (rc)
			err_prefix(e, "operation %zu", i);
	}
	if (rc)
		json_decref(p.root);
	else
		*out = p.root;
	return rc;
}
