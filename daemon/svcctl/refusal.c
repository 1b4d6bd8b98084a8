// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "manifest_places.h"
#include "refusal.h"
#include "selection.h"

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

static void print_place(void *ctx, const struct manifest_object *o, const char *field,
			struct yaml_place p)
{
	refusal_print_place(ctx, o, field, p);
}

void refusal_print_places(FILE *f, const json_t *status, const struct manifest_object *o)
{
	manifest_places(status, o, print_place, f);
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
