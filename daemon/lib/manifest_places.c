// SPDX-License-Identifier: GPL-2.0
#include "manifest_places.h"

#include "field.h"

#include <ctype.h>
#include <string.h>

struct sayer {
	manifest_place_fn *fn;
	void *ctx;
	const struct manifest_object *o;
};

static void say(const struct sayer *s, const char *field, struct yaml_place p)
{
	s->fn(s->ctx, s->o, field, p);
}

/* Fields that are one too many, or there twice: the key is at fault, not its value. */
static size_t say_strict(const struct sayer *s, const char *message)
{
	static const char word[] = " field \"";
	const char *at = message, *end;
	char path[512];
	size_t n = 0;

	while ((at = strstr(at, word))) {
		at += sizeof(word) - 1;
		end = strchr(at, '"');
		if (!end)
			break;
		snprintf(path, sizeof(path), "%.*s", (int)(end - at), at);
		say(s, path, manifest_find_key(s->o, path));
		at = end + 1;
		n++;
	}
	return n;
}

static bool in_path(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-_./[]", c));
}

static bool begins_path(const char *word)
{
	static const char * const tops[] = { "metadata", "spec", "status", "subsets" };
	size_t i, len;

	for (i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		len = strlen(tops[i]);
		if (!strncmp(word, tops[i], len) && (word[len] == '.' || word[len] == '['))
			return true;
	}
	return false;
}

/*
 * A message without causes may name its field anywhere, as "spec.ports[0].port"
 * or, with the name of a type before it, as "ServicePort.spec.ports[0].port".
 */
static size_t say_named(const struct sayer *s, const char *message)
{
	const char *at = message, *word, *dot;
	char path[512];
	size_t n;

	for (; *at; at += n ? n : 1) {
		for (n = 0; in_path(at[n]); n++)
			;
		dot = memchr(at, '.', n);
		word = begins_path(at) ? at : dot && begins_path(dot + 1) ? dot + 1 : NULL;
		if (!word)
			continue;
		snprintf(path, sizeof(path), "%.*s", (int)(n - (size_t)(word - at)), word);
		say(s, path, manifest_find(s->o, path));
		return 1;
	}
	return 0;
}

/* No field is named: at least say which of the file's objects it is about. */
static void say_object(const struct sayer *s, const json_t *status)
{
	json_int_t code = field_int(status, "code", 0);
	char text[512];

	if (code != 400 && code != 403 && code != 422)
		return;
	snprintf(text, sizeof(text), "%s \"%s\"", s->o->kind, s->o->name);
	say(s, text, manifest_find(s->o, ""));
}

/* The API makes clusterIPs out of clusterIP, and only then looks at it. */
static struct yaml_place place_of(const struct manifest_object *o, const char *field)
{
	static const char made[] = "spec.clusterIPs", from[] = "spec.clusterIP";
	struct yaml_place p = manifest_find(o, field), q;

	if (p.exact || strncmp(field, made, sizeof(made) - 1))
		return p;
	q = manifest_find(o, from);
	return q.exact ? q : p;
}

static size_t say_causes(const struct sayer *s, const json_t *status)
{
	const char *field;
	size_t i, n = 0;
	json_t *cause;

	json_array_foreach(field_get(status, "details.causes"), i, cause) {
		field = field_string(cause, "field");
		if (!*field)
			continue;
		say(s, field, place_of(s->o, field));
		n++;
	}
	return n;
}

static size_t say_namespace(const struct sayer *s, const json_t *status)
{
	if (strcmp(field_string(status, "reason"), "NotFound") ||
	    strcmp(field_string(status, "details.kind"), "namespaces"))
		return 0;
	say(s, "metadata.namespace", manifest_find(s->o, "metadata.namespace"));
	return 1;
}

void manifest_places(const json_t *status, const struct manifest_object *o, manifest_place_fn *fn,
		     void *ctx)
{
	const struct sayer s = { fn, ctx, o };
	const char *message = field_string(status, "message");

	if (!say_causes(&s, status) && !say_strict(&s, message) && !say_namespace(&s, status) &&
	    !say_named(&s, message))
		say_object(&s, status);
}
