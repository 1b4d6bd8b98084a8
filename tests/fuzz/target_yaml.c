// SPDX-License-Identifier: GPL-2.0
/*
 * A manifest: text to values, values to objects, objects through all checks of the registry, of
 * which nothing is kept. What is refused is so with a place; what is read is written so that it
 * reads back as the same; what is taken as an object is taken again as it was shown.
 */
#include "api_env.h"
#include "target.h"

#include "manifest.h"
#include "yaml_write.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME	"f"

static void check_refusal(int ret, const struct err *e, const uint8_t *data, size_t len)
{
	unsigned int line = target_line_of(e->text, NAME);

	must(ret == -EINVAL || ret == -E2BIG, "%d: %s", ret, e->text);
	must(line && line <= target_lines(data, len), "no place: %s", e->text);
	must(target_is_utf8(e->text), "not UTF-8: %s", e->text);
}

static char *print(const json_t *value, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	must(f && yaml_write(f, value) == 0 && fclose(f) == 0, "it is not written");
	return text;
}

static bool same(const json_t *a, const json_t *b);

static bool same_members(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)a, key, v)
		if (!same(v, json_object_get(b, key)))
			return false;
	return json_object_size(a) == json_object_size(b);
}

/* As json_equal(); but 80.0 may have become 80. */
static bool same(const json_t *a, const json_t *b)
{
	size_t i;

	if (json_is_number(a) && json_is_number(b))
		return json_equal(a, b) || json_number_value(a) == json_number_value(b);
	if (json_is_object(a) && json_is_object(b))
		return same_members(a, b);
	if (!json_is_array(a) || !json_is_array(b) || json_array_size(a) != json_array_size(b))
		return json_equal(a, b);
	for (i = 0; i < json_array_size(a); i++)
		if (!same(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

/* What is written reads back as the same value. */
static void check_round(const json_t *value)
{
	struct yaml_docs docs;
	struct err e = { "" };
	size_t len;
	char *text = print(value, &len);

	must(yaml_read("written", text, len, &docs, &e) == 0, "%s\n%s", e.text, text);
	must(docs.n == 1 && same(docs.v[0].value, value), "it reads back as another:\n%s", text);
	yaml_docs_clear(&docs);
	free(text);
}

/* Each value has a place, inside of the text. */
static void check_places(const struct yaml_doc *doc, const json_t *v, const char *at,
			 unsigned int lines)
{
	struct yaml_place value = yaml_find(doc, at), key = yaml_find_key(doc, at);
	const char *name;
	char path[256];
	json_t *member;
	size_t i;

	must(value.line && value.line <= lines && value.column, "%s: line %u", at, value.line);
	must(key.line && key.line <= lines && key.column, "%s: line %u", at, key.line);
	if (strlen(at) > 200)
		return;
	json_object_foreach((json_t *)v, name, member) {
		snprintf(path, sizeof(path), "%s%s%s", at, *at ? "." : "", name);
		check_places(doc, member, path, lines);
	}
	json_array_foreach(v, i, member) {
		snprintf(path, sizeof(path), "%s[%zu]", at, i);
		check_places(doc, member, path, lines);
	}
}

/* libyaml wants a key and its colon in one line, and within 1024 characters. */
static bool has_odd_key(const uint8_t *data, size_t len)
{
	size_t i, from = 0, last = 0;

	for (i = 0; i < len; i++) {
		if (data[i] == '"') {
			from = last;
			last = i;
		}
		if (data[i] == ':' && (i - from > 1000 || memchr(data + from, '\n', i - from) ||
				       memchr(data + from, '\r', i - from)))
			return true;
	}
	return false;
}

/* What YAML has no room for. */
static bool may_be_refused(const char *why, const uint8_t *data, size_t len)
{
	static const char *const reasons[] = { "nested too deeply", "control characters",
					       "too large" };
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strstr(why, reasons[i]))
			return true;
	return has_odd_key(data, len);
}

/* JSON is YAML. */
static void check_json(const uint8_t *data, size_t len, const struct yaml_docs *docs,
		       const struct err *e)
{
	json_t *j = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);

	if (j && docs->n)
		must(docs->n == 1 && same(docs->v[0].value, j), "JSON reads as another value");
	else if (j)
		must(may_be_refused(e->text, data, len), "JSON is refused: %s", e->text);
	json_decref(j);
}

/* --- objects --- */

/* What the registry gives, and takes of nobody. */
static void drop_given(json_t *object)
{
	static const char *const given[] = { "uid", "resourceVersion", "creationTimestamp",
					     "generation", "managedFields" };
	json_t *meta = json_object_get(object, "metadata");
	size_t i;

	for (i = 0; i < sizeof(given) / sizeof(*given); i++)
		json_object_del(meta, given[i]);
}

static struct reply create(struct api_env *env, const struct resource *res, const char *ns,
			   const json_t *object, unsigned int flags)
{
	struct reply reply = { 0 };

	registry_create(env->registry, res, res->namespaced ? ns : NULL, object,
			flags | REGISTRY_DRY_RUN, &reply);
	must(reply.code && reply.body, "no reply");
	return reply;
}

/* As it is shown it is taken again, and is then the same. */
static void check_again(struct api_env *env, const struct resource *res, const char *ns,
			const json_t *shown)
{
	json_t *first = json_deep_copy(shown);
	struct reply reply;

	drop_given(first);
	check_round(first);
	reply = create(env, res, ns, first, REGISTRY_STRICT);
	api_env_must(reply.code == 201, reply.body, "taken, but not as it was shown");
	drop_given(reply.body);
	api_env_must(json_equal(reply.body, first), reply.body, "taken again, it is another");
	json_decref(reply.body);
	json_decref(first);
}

/* Each cause has a place in the text. */
static void check_causes(const struct manifest_object *o, const json_t *status,
			 unsigned int lines)
{
	const json_t *causes = json_object_get(json_object_get(status, "details"), "causes");
	const json_t *cause;
	size_t i;

	json_array_foreach(causes, i, cause) {
		const char *field = json_string_value(json_object_get(cause, "field"));
		const char *why = json_string_value(json_object_get(cause, "message"));
		struct yaml_place place;

		api_env_must(field && why && *why, status, "a cause without words");
		place = manifest_find(o, field);
		api_env_must(place.line && place.line <= lines, status, "no place");
	}
}

static void check_object(struct api_env *env, const struct manifest_object *o,
			 unsigned int lines)
{
	const char *ns = *o->ns ? o->ns : "default";
	struct reply reply;
	json_t *shown;

	if (!o->res)
		return;
	reply = create(env, o->res, ns, o->value, 0);
	if (reply.code == 201) {
		/* A dry run's own may be shared. */
		shown = json_deep_copy(reply.body);
		check_again(env, o->res, ns, shown);
		json_decref(shown);
	} else {
		api_env_check_status(reply.code, reply.body);
		check_causes(o, reply.body, lines);
	}
	json_decref(reply.body);
}

static void check_manifest(const uint8_t *data, size_t len)
{
	unsigned int lines = target_lines(data, len);
	struct api_env *env = api_env();
	struct err e = { "" };
	struct manifest m;
	size_t i;

	if (manifest_parse(&m, NAME, (const char *)data, len, &e)) {
		must(target_line_of(e.text, NAME), "no place: %s", e.text);
		return;
	}
	for (i = 0; i < m.n; i++)
		check_object(env, &m.v[i], lines);
	manifest_clear(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct yaml_docs docs;
	struct err e = { "" };
	size_t i;
	int ret;

	ret = yaml_read(NAME, (const char *)data, len, &docs, &e);
	if (ret)
		check_refusal(ret, &e, data, len);
	must(!ret || (!docs.n && !docs.v), "something is left of what is refused");
	check_json(data, len, &docs, &e);
	for (i = 0; i < docs.n; i++) {
		check_round(docs.v[i].value);
		check_places(&docs.v[i], docs.v[i].value, "", target_lines(data, len));
	}
	yaml_docs_clear(&docs);
	if (!ret)
		check_manifest(data, len);
	return 0;
}
