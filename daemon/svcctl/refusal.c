// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "refusal.h"
#include "selection.h"

#include <ctype.h>
#include <string.h>

bool refusal_is(const json_t *status, const char *reason)
{
	return !strcmp(field_string(status, "reason"), reason);
}

static void print_cause(FILE *f, const json_t *cause)
{
	const char *field = field_string(cause, "field");

	fprintf(f, "%s%s%s\n", field, *field ? ": " : "", field_string(cause, "message"));
}

static void print_invalid(FILE *f, const json_t *status)
{
	const json_t *causes = field_get(status, "details.causes");
	json_t *cause;
	size_t i;

	fprintf(f, "The %s \"%s\" is invalid", field_string(status, "details.kind"),
		field_string(status, "details.name"));
	if (!json_array_size(causes)) {
		fputc('\n', f);
		return;
	}
	fputs(": ", f);
	if (json_array_size(causes) > 1)
		fputc('\n', f);
	json_array_foreach(causes, i, cause) {
		if (json_array_size(causes) > 1)
			fputs("* ", f);
		print_cause(f, cause);
	}
}

void refusal_print(FILE *f, const json_t *status, const char *doing, const char *file)
{
	const char *reason = field_string(status, "reason");

	if (!strcmp(reason, "Invalid") && field_get(status, "details")) {
		print_invalid(f, status);
		return;
	}
	fputs("Error from server", f);
	if (*reason)
		fprintf(f, " (%s)", reason);
	fputs(": ", f);
	if (doing)
		fprintf(f, "error when %s \"%s\": ", doing, file);
	fprintf(f, "%s\n", field_string(status, "message"));
}

void refusal_print_place(FILE *f, const struct manifest_object *o, const char *field,
			 struct yaml_place p)
{
	fprintf(f, "  %s:%u:%u: %s\n", o->file, p.line, p.column, field);
}

/* Fields that are one too many, or there twice: the key is at fault, not its value. */
static size_t print_strict(FILE *f, const char *message, const struct manifest_object *o)
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
		refusal_print_place(f, o, path, manifest_find_key(o, path));
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
static size_t print_named(FILE *f, const char *message, const struct manifest_object *o)
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
		refusal_print_place(f, o, path, manifest_find(o, path));
		return 1;
	}
	return 0;
}

/* No field is named: at least say which of the file's objects it is about. */
static void print_object(FILE *f, const json_t *status, const struct manifest_object *o)
{
	struct yaml_place p = manifest_find(o, "");
	json_int_t code = field_int(status, "code", 0);

	if (code == 400 || code == 403 || code == 422)
		fprintf(f, "  %s:%u:%u: %s \"%s\"\n", o->file, p.line, p.column, o->kind, o->name);
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

static size_t print_causes(FILE *f, const json_t *status, const struct manifest_object *o)
{
	const char *field;
	size_t i, n = 0;
	json_t *cause;

	json_array_foreach(field_get(status, "details.causes"), i, cause) {
		field = field_string(cause, "field");
		if (!*field)
			continue;
		refusal_print_place(f, o, field, place_of(o, field));
		n++;
	}
	return n;
}

static size_t print_namespace(FILE *f, const json_t *status, const struct manifest_object *o)
{
	if (!refusal_is(status, "NotFound") ||
	    strcmp(field_string(status, "details.kind"), "namespaces"))
		return 0;
	refusal_print_place(f, o, "metadata.namespace", manifest_find(o, "metadata.namespace"));
	return 1;
}

void refusal_print_places(FILE *f, const json_t *status, const struct manifest_object *o)
{
	const char *message = field_string(status, "message");

	if (!print_causes(f, status, o) && !print_strict(f, message, o) &&
	    !print_namespace(f, status, o) && !print_named(f, message, o))
		print_object(f, status, o);
}

bool refusal_of_kind(FILE *f, const struct manifest_object *o)
{
	if (o->res)
		return false;
	fprintf(f, "error: resource mapping not found for name: \"%s\" namespace: \"%s\" from "
		"\"%s\": no matches for kind \"%s\" in version \"%s\"\n", o->name, o->ns, o->file,
		o->kind, o->api_version);
	refusal_print_place(f, o, "kind", manifest_find(o, "kind"));
	return true;
}

/* Where the object is named in a URL. */
bool refusal_of_name(FILE *f, const struct manifest_object *o)
{
	bool generated = !*o->name && *field_string(o->value, "metadata.generateName");
	struct yaml_place p = manifest_find(o, "metadata.name");
	struct err e;

	if (!selection_check_name("name", o->name, &e) &&
	    (!*o->ns || !selection_check_name("namespace", o->ns, &e)))
		return false;
	fprintf(f, "error: %s:%u:%u: %s%s\n", o->file, p.line, p.column, e.text,
		generated ? " (generateName is for create alone)" : "");
	return true;
}

/* -n is for objects that do not say where they belong; it moves none. */
bool refusal_of_namespace(FILE *f, const struct manifest_object *o, const char *ns)
{
	if (!o->res->namespaced || !*o->ns || !ns || !strcmp(o->ns, ns))
		return false;
	fprintf(f,
		"error: the namespace from the provided object \"%s\" does not match the "
		"namespace \"%s\". You must pass '--namespace=%s' to perform this operation.\n",
		o->ns, ns, o->ns);
	refusal_print_place(f, o, "metadata.namespace", manifest_find(o, "metadata.namespace"));
	return true;
}
