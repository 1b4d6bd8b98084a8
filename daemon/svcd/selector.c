// SPDX-License-Identifier: GPL-2.0
#include "selector.h"

#include "err.h"
#include "format.h"
#include "jx.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum op { OP_IN, OP_NOT_IN, OP_EXISTS, OP_ABSENT };

struct requirement {
	struct requirement *next;
	enum op op;
	char *key;
	char **values;
	size_t n;
};

/* What is left to read of a selector, and its whole for messages. */
struct input {
	const char *p, *whole;
	struct err *e;
};

struct field_set {
	const char *plural;
	const char *const *fields;
};

static const char *const any_fields[] = { "metadata.name", "metadata.namespace", NULL };

/* As far as Kubernetes lets one select: it keeps no index for others either. */
static const struct field_set field_sets[] = {
	{ "services", (const char *const[]){ "spec.clusterIP", "spec.type", NULL } },
	{ "namespaces", (const char *const[]){ "status.phase", NULL } },
	{ "pods", (const char *const[]){ "spec.hostNetwork", "spec.nodeName",
		"spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
		"status.nominatedNodeName", "status.phase", "status.podIP", NULL } },
	{ "nodes", (const char *const[]){ "spec.unschedulable", NULL } },
	{ "events", (const char *const[]){ "involvedObject.kind", "involvedObject.namespace",
		"involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
		"involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
		"reportingComponent", "source.component", "type", NULL } },
};

/* Of them: true or false, and false when absent. */
static const char *const bool_fields[] = { "spec.hostNetwork", "spec.unschedulable", NULL };

static void requirement_free(struct requirement *r)
{
	while (r) {
		struct requirement *next = r->next;

		for (size_t i = 0; i < r->n; i++)
			free(r->values[i]);
		free(r->values);
		free(r->key);
		free(r);
		r = next;
	}
}

static void skip_space(struct input *in)
{
	while (isspace((unsigned char)*in->p))
		in->p++;
}

static bool eat(struct input *in, const char *token)
{
	size_t n = strlen(token);

	skip_space(in);
	if (strncmp(in->p, token, n))
		return false;
	in->p += n;
	return true;
}

/* The characters up to the next operator. May be empty. */
static char *read_word(struct input *in)
{
	const char *start;
	size_t n;

	skip_space(in);
	start = in->p;
	n = strcspn(start, "=!,() \t\r\n");
	in->p += n;
	return jx_must(strndup(start, n));
}

static int malformed(const struct input *in, const char *expected)
{
	skip_space((struct input *)in);
	return err_set(in->e, EINVAL, "unable to parse requirement: found '%.20s', expected: %s "
		       "(in \"%.200s\")", in->p, expected, in->whole);
}

/* Takes value over. */
static int add_value(struct requirement *r, char *value, const struct input *in)
{
	const char *bad = format_label_value(value);

	r->values = jx_must(realloc(r->values, (r->n + 1) * sizeof(*r->values)));
	r->values[r->n++] = value;
	if (bad)
		return err_set(in->e, EINVAL, "unable to parse requirement: values[%zu][%.64s]: "
			       "Invalid value: \"%.64s\": %s", r->n - 1, r->key, value, bad);
	return 0;
}

static int parse_set(struct input *in, struct requirement *r)
{
	if (!eat(in, "("))
		return malformed(in, "'('");
	do {
		int rc = add_value(r, read_word(in), in);

		if (rc)
			return rc;
	} while (eat(in, ","));
	return eat(in, ")") ? 0 : malformed(in, "',' or ')'");
}

/* After the key: an operator with its values, or the end. */
static int parse_operator(struct input *in, struct requirement *r)
{
	char *word;
	int rc;

	if (eat(in, "!=")) {
		r->op = OP_NOT_IN;
		return add_value(r, read_word(in), in);
	}
	if (eat(in, "==") || eat(in, "=")) {
		r->op = OP_IN;
		return add_value(r, read_word(in), in);
	}
	word = read_word(in);
	if (!*word) {
		r->op = OP_EXISTS;
		rc = 0;
	} else if (!strcmp(word, "in") || !strcmp(word, "notin")) {
		r->op = *word == 'i' ? OP_IN : OP_NOT_IN;
		rc = parse_set(in, r);
	} else {
		in->p -= strlen(word);
		rc = malformed(in, "in, notin, =, ==, !=");
	}
	free(word);
	return rc;
}

static int parse_requirement(struct input *in, struct requirement *r)
{
	bool absent = false;
	const char *bad;

	skip_space(in);
	if (in->p[0] == '!' && in->p[1] != '=') {
		in->p++;
		absent = true;
	}
	r->key = read_word(in);
	if (!*r->key)
		return malformed(in, "!, identifier");
	bad = format_qualified_name(r->key);
	if (bad)
		return err_set(in->e, EINVAL, "unable to parse requirement: <nil>: Invalid value: "
			       "\"%.64s\": %s", r->key, bad);
	if (absent) {
		r->op = OP_ABSENT;
		return 0;
	}
	return parse_operator(in, r);
}

static int parse_labels(struct requirement **list, const char *text, struct err *e)
{
	struct input in = { text, text, e };
	int rc;

	skip_space(&in);
	if (!*in.p)
		return 0;
	do {
		struct requirement *r = jx_must(calloc(1, sizeof(*r)));

		r->next = *list;
		*list = r;
		rc = parse_requirement(&in, r);
		if (rc)
			return rc;
	} while (eat(&in, ","));
	skip_space(&in);
	return *in.p ? malformed(&in, "',' or 'end of string'") : 0;
}

static bool listed(const char *const *list, const char *s)
{
	for (; *list; list++)
		if (!strcmp(*list, s))
			return true;
	return false;
}

static bool field_known(const struct resource *res, const char *field)
{
	if (listed(any_fields, field))
		return true;
	for (size_t i = 0; i < sizeof(field_sets) / sizeof(field_sets[0]); i++)
		if (!strcmp(field_sets[i].plural, res->plural))
			return listed(field_sets[i].fields, field);
	return false;
}

/* One "field=value" of n characters. */
static int parse_field(struct requirement *r, const struct resource *res, const char *text,
		       size_t n, const char *whole, struct err *e)
{
	const char *eq = memchr(text, '=', n);
	const char *end = text + n, *value;

	if (!eq || eq == text)
		return err_set(e, EINVAL, "invalid selector: '%.200s'; can't understand '%.*s'",
			       whole, (int)n, text);
	value = eq + 1;
	r->op = eq[-1] == '!' ? OP_NOT_IN : OP_IN;
	if (r->op == OP_IN && value < end && *value == '=')
		value++;
	r->key = jx_must(strndup(text, eq - text - (r->op == OP_NOT_IN)));
	r->values = jx_must(malloc(sizeof(*r->values)));
	r->values[r->n++] = jx_must(strndup(value, end - value));
	if (!field_known(res, r->key))
		return err_set(e, EINVAL,
			       "Unable to find \"%s%s, Resource=%s\" that match label "
			       "selector \"\", field selector \"%.200s\": field label not "
			       "supported: %s",
			       strchr(res->api_version, '/') ? "" : "/", res->api_version,
			       res->plural, whole, r->key);
	return 0;
}

static int parse_fields(struct requirement **list, const struct resource *res, const char *text,
			struct err *e)
{
	const char *p = text;

	while (*p) {
		size_t n = strcspn(p, ",");

		if (n) {
			struct requirement *r = jx_must(calloc(1, sizeof(*r)));
			int rc;

			r->next = *list;
			*list = r;
			rc = parse_field(r, res, p, n, text, e);
			if (rc)
				return rc;
		}
		p += n + (p[n] == ',');
	}
	return 0;
}

int selector_parse(struct selector *s, const struct resource *res,
		   const struct registry_query *q, struct err *e)
{
	int rc = 0;

	*s = (struct selector){ 0 };
	if (q && q->label_selector)
		rc = parse_labels(&s->labels, q->label_selector, e);
	if (!rc && q && q->field_selector)
		rc = parse_fields(&s->fields, res, q->field_selector, e);
	if (rc)
		selector_clear(s);
	return rc;
}

void selector_clear(struct selector *s)
{
	requirement_free(s->labels);
	requirement_free(s->fields);
	*s = (struct selector){ 0 };
}

static bool holds(const struct requirement *r, const char *value)
{
	bool in = false;

	switch (r->op) {
	case OP_EXISTS:
		return value;
	case OP_ABSENT:
		return !value;
	default:
		for (size_t i = 0; value && i < r->n; i++)
			in |= !strcmp(r->values[i], value);
		return in == (r->op == OP_IN);
	}
}

static const char *field_of(const json_t *object, const char *field)
{
	if (listed(bool_fields, field))
		return jx_bool(object, field) ? "true" : "false";
	return jx_str(object, field);
}

bool selector_match(const struct selector *s, const json_t *object)
{
	const json_t *labels = jx_get(object, "metadata.labels");

	for (const struct requirement *r = s->labels; r; r = r->next)
		if (!holds(r, json_string_value(json_object_get(labels, r->key))))
			return false;
	for (const struct requirement *r = s->fields; r; r = r->next)
		if (!holds(r, field_of(object, r->key)))
			return false;
	return true;
}

bool selector_map_match(const json_t *selector, const json_t *labels)
{
	const char *key;
	json_t *want;

	if (!json_object_size(selector))
		return false;
	json_object_foreach((json_t *)selector, key, want) {
		const char *have = json_string_value(json_object_get(labels, key));

		if (!have || strcmp(have, json_string_value(want)))
			return false;
	}
	return true;
}
