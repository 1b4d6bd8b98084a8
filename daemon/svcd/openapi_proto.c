// SPDX-License-Identifier: GPL-2.0
#include "openapi_proto.h"

#include "jx.h"
#include "proto.h"

#include <stdlib.h>
#include <string.h>

/* How a value of the document is put into a message. */
enum shape {
	SHAPE_STRING,
	SHAPE_BOOL,
	SHAPE_STRINGS,
	SHAPE_MESSAGE,		/* of: its fields */
	SHAPE_INSIDE,		/* a message with nothing but the value, as its field 1 */
	SHAPE_NAMED,		/* a message with a list of pairs of name and value */
	SHAPE_PARAMS,		/* a list of parameters */
	SHAPE_EXTENSION,	/* a pair of name and value; of all keys "x-..." */
};

struct slot {
	const char *key;	/* NULL: the end */
	unsigned int number;
	enum shape shape;
	const struct slot *of;
	unsigned int pairs;	/* SHAPE_NAMED: the number of the list */
};

#define EXTENSIONS(n)	{ "x-", n, SHAPE_EXTENSION, NULL, 0 }
#define STRING(k, n)	{ k, n, SHAPE_STRING, NULL, 0 }
#define END		{ NULL, 0, SHAPE_STRING, NULL, 0 }

static const struct slot schema[] = {
	STRING("$ref", 1), STRING("format", 2), STRING("description", 4),
	{ "additionalProperties", 21, SHAPE_INSIDE, schema, 0 },
	/* A list of types, of which there is one. */
	{ "type", 22, SHAPE_INSIDE, NULL, 0 },
	{ "items", 23, SHAPE_INSIDE, schema, 0 },
	{ "properties", 25, SHAPE_NAMED, schema, 1 },
	EXTENSIONS(31), END
};
static const struct slot response[] = {
	STRING("description", 1), { "schema", 2, SHAPE_INSIDE, schema, 0 }, END
};
/* One of a response and a reference to it. */
static const struct slot response_value[] = {
	{ "", 1, SHAPE_MESSAGE, response, 0 }, END
};
static const struct slot operation[] = {
	STRING("operationId", 5), { "consumes", 7, SHAPE_STRINGS, NULL, 0 },
	{ "parameters", 8, SHAPE_PARAMS, NULL, 0 },
	{ "responses", 9, SHAPE_NAMED, response_value, 1 }, EXTENSIONS(13), END
};
static const struct slot path_item[] = {
	{ "get", 2, SHAPE_MESSAGE, operation, 0 }, { "put", 3, SHAPE_MESSAGE, operation, 0 },
	{ "post", 4, SHAPE_MESSAGE, operation, 0 }, { "delete", 5, SHAPE_MESSAGE, operation, 0 },
	{ "patch", 8, SHAPE_MESSAGE, operation, 0 }, END
};
static const struct slot info[] = { STRING("title", 1), STRING("version", 2), END };
static const struct slot document[] = {
	STRING("swagger", 1), { "info", 2, SHAPE_MESSAGE, info, 0 },
	{ "paths", 8, SHAPE_NAMED, path_item, 2 },
	{ "definitions", 9, SHAPE_NAMED, schema, 1 }, END
};

/* The three sorts of parameters that there are, each in two wrappings. */
static const struct slot body_param[] = {
	STRING("name", 2), STRING("in", 3), { "required", 4, SHAPE_BOOL, NULL, 0 },
	{ "schema", 5, SHAPE_MESSAGE, schema, 0 }, END
};
static const struct slot query_param[] = {
	{ "required", 1, SHAPE_BOOL, NULL, 0 }, STRING("in", 2), STRING("name", 4),
	STRING("type", 6), END
};
static const struct slot path_param[] = {
	{ "required", 1, SHAPE_BOOL, NULL, 0 }, STRING("in", 2), STRING("name", 4),
	STRING("type", 5), END
};

/* A message while it is made; what it is made in is cleared when memory runs out. */
struct message {
	FILE *f;
	char *data;
	size_t len;
};

static void put_fields(FILE *f, const struct slot *slots, const json_t *value);

static void begin(struct message *m)
{
	m->f = jx_must(open_memstream(&m->data, &m->len));
}

static void end(struct message *m, FILE *f, unsigned int number)
{
	if (fclose(m->f))
		jx_must(NULL);
	proto_put_bytes(f, number, m->data, m->len);
	free(m->data);
}

/* Field number of f: value as a message, or as a string when it has no fields. */
static void put_value(FILE *f, unsigned int number, const struct slot *of, const json_t *value)
{
	struct message m;

	if (!of) {
		proto_put_string(f, number, json_string_value(value));
		return;
	}
	begin(&m);
	put_fields(m.f, of, value);
	end(&m, f, number);
}

static void put_inside(FILE *f, const struct slot *s, const json_t *value)
{
	struct message m;

	begin(&m);
	put_value(m.f, 1, s->of, value);
	end(&m, f, s->number);
}

static void put_named(FILE *f, const struct slot *s, const json_t *value)
{
	struct message list, pair;
	const char *name;
	json_t *v;

	begin(&list);
	json_object_foreach((json_t *)value, name, v) {
		begin(&pair);
		proto_put_string(pair.f, 1, name);
		put_value(pair.f, 2, s->of, v);
		end(&pair, list.f, s->pairs);
	}
	end(&list, f, s->number);
}

/* Its value is YAML, which JSON is too. */
static void put_extension(FILE *f, unsigned int number, const char *name, const json_t *value)
{
	char *text = jx_print(value);
	struct message pair, any;

	begin(&pair);
	proto_put_string(pair.f, 1, name);
	begin(&any);
	proto_put_string(any.f, 2, text);
	end(&any, pair.f, 2);
	end(&pair, f, number);
	free(text);
}

static void put_param(FILE *f, unsigned int number, const json_t *p)
{
	struct message item, param, other;
	bool body = jx_is(p, "in", "body"), path = jx_is(p, "in", "path");

	begin(&item);
	begin(&param);
	if (body) {
		put_value(param.f, 1, body_param, p);
	} else {
		begin(&other);
		put_value(other.f, path ? 4 : 3, path ? path_param : query_param, p);
		end(&other, param.f, 2);
	}
	end(&param, item.f, 1);
	end(&item, f, number);
}

static void put_list(FILE *f, const struct slot *s, const json_t *list)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		if (s->shape == SHAPE_PARAMS)
			put_param(f, s->number, v);
		else
			put_value(f, s->number, NULL, v);
	}
}

static void put_slot(FILE *f, const struct slot *s, const json_t *value)
{
	switch (s->shape) {
	case SHAPE_BOOL:
		proto_put_int(f, s->number, json_is_true(value));
		break;
	case SHAPE_INSIDE:
		put_inside(f, s, value);
		break;
	case SHAPE_NAMED:
		put_named(f, s, value);
		break;
	case SHAPE_STRINGS:
	case SHAPE_PARAMS:
		put_list(f, s, value);
		break;
	default:
		put_value(f, s->number, s->of, value);
	}
}

static void put_extensions(FILE *f, unsigned int number, const json_t *value)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)value, key, v)
		if (!strncmp(key, "x-", 2))
			put_extension(f, number, key, v);
}

/* A slot without a name takes the whole value. */
static void put_fields(FILE *f, const struct slot *slots, const json_t *value)
{
	for (const struct slot *s = slots; s->key; s++) {
		const json_t *v = *s->key ? json_object_get(value, s->key) : value;

		if (s->shape == SHAPE_EXTENSION)
			put_extensions(f, s->number, value);
		else if (v)
			put_slot(f, s, v);
	}
}

char *openapi_proto(const json_t *doc, size_t *len)
{
	struct message m;

	begin(&m);
	put_fields(m.f, document, doc);
	if (fclose(m.f))
		return NULL;
	*len = m.len;
	return m.data;
}
