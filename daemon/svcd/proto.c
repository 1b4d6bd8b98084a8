// SPDX-License-Identifier: GPL-2.0
#include "proto.h"

#include "err.h"
#include "jx.h"
#include "meta.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum wire { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_START, WIRE_END, WIRE_32 };

/* What is left to read. */
struct input {
	const unsigned char *p, *end;
	struct err *e;
};

/* One field of a message. */
struct field {
	unsigned int number;
	enum wire wire;
	uint64_t value;		/* a varint */
	struct input bytes;
};

static int cut(const struct input *in)
{
	return err_set(in->e, EINVAL, "the protobuf message is cut off or damaged");
}

static int read_varint(struct input *in, uint64_t *out)
{
	*out = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (in->p == in->end)
			return cut(in);
		*out |= (uint64_t)(*in->p & 0x7f) << shift;
		if (!(*in->p++ & 0x80))
			return 0;
	}
	return cut(in);
}

static int take(struct input *in, uint64_t n, struct input *out)
{
	if (n > (uint64_t)(in->end - in->p))
		return cut(in);
	*out = (struct input){ in->p, in->p + n, in->e };
	in->p += n;
	return 0;
}

static int next_field(struct input *in, struct field *f)
{
	uint64_t tag, n;

	if (read_varint(in, &tag))
		return -EINVAL;
	f->number = (unsigned int)(tag >> 3);
	f->wire = (enum wire)(tag & 7);
	switch (f->wire) {
	case WIRE_VARINT:
		return read_varint(in, &f->value);
	case WIRE_BYTES:
		return read_varint(in, &n) ? -EINVAL : take(in, n, &f->bytes);
	case WIRE_64:
		return take(in, 8, &f->bytes);
	case WIRE_32:
		return take(in, 4, &f->bytes);
	default:
		return cut(in);
	}
}

static json_t *read_message(const struct proto_field *fields, struct input in);

static json_t *text_of(const struct input *in)
{
	size_t len = in->end - in->p;
	json_t *s;

	/* As in a JSON body: the database does not take it back. */
	if (len && memchr(in->p, '\0', len)) {
		err_set(in->e, EINVAL, "a string of the protobuf message has a NUL in it");
		return NULL;
	}
	s = json_stringn((const char *)in->p, len);
	if (!s)
		err_set(in->e, EINVAL, "a string of the protobuf message is not UTF-8");
	return s;
}

static const struct proto_field int_or_string[] = {
	{ 1, "type", PROTO_INT, NULL }, { 2, "int", PROTO_INT, NULL },
	{ 3, "string", PROTO_STRING, NULL }, { 0, NULL, PROTO_SKIP, NULL }
};
static const struct proto_field time_fields[] = {
	{ 1, "seconds", PROTO_INT, NULL }, { 2, "nanos", PROTO_INT, NULL },
	{ 0, NULL, PROTO_SKIP, NULL }
};
static const struct proto_field entry_fields[] = {
	{ 1, "key", PROTO_STRING, NULL }, { 2, "value", PROTO_STRING, NULL },
	{ 0, NULL, PROTO_SKIP, NULL }
};

static json_t *read_int_or_string(struct input in)
{
	json_t *m = read_message(int_or_string, in), *v;

	if (!m)
		return NULL;
	if (jx_int(m, "type"))
		v = jx_string(jx_str(m, "string"));
	else
		v = jx_must(json_integer(jx_int(m, "int")));
	json_decref(m);
	return v;
}

static json_t *print_time(struct err *e, json_int_t seconds)
{
	char text[META_TIME_LEN];

	meta_print_time(seconds, text);
	if (*text)
		return jx_string(text);
	err_set(e, EINVAL, "a time of the protobuf message is out of range");
	return NULL;
}

/* No time at all is an empty message. */
static json_t *read_time(struct input in)
{
	json_t *m = read_message(time_fields, in), *v;

	if (!m)
		return NULL;
	v = jx_get(m, "seconds") ? print_time(in.e, jx_int(m, "seconds")) : json_null();
	json_decref(m);
	return v;
}

/* Both halves of an entry may be left out when they are empty. */
static int put_entry(json_t *object, const char *key, struct input in)
{
	json_t *map = json_object_get(object, key), *entry = read_message(entry_fields, in);

	if (!entry)
		return -EINVAL;
	if (!map) {
		map = jx_must(json_object());
		json_object_set_new(object, key, map);
	}
	json_object_set_new(map, jx_str(entry, "key"), jx_string(jx_str(entry, "value")));
	json_decref(entry);
	return 0;
}

static int append(json_t *object, const char *key, json_t *value)
{
	json_t *list = json_object_get(object, key);

	if (!value)
		return -EINVAL;
	if (!list) {
		list = jx_must(json_array());
		json_object_set_new(object, key, list);
	}
	jx_append(list, value);
	return 0;
}

static int put(json_t *object, const char *key, json_t *value)
{
	if (!value)
		return -EINVAL;
	return json_object_set_new(object, key, value);
}

static int put_number(json_t *object, const struct proto_field *t, const struct field *f)
{
	if (t->type == PROTO_BOOL)
		return put(object, t->key, json_boolean(f->value));
	return put(object, t->key, json_integer((json_int_t)f->value));
}

static int put_field(json_t *object, const struct proto_field *t, const struct field *f)
{
	switch (t->type) {
	case PROTO_INT:
	case PROTO_BOOL:
		return put_number(object, t, f);
	case PROTO_STRING:
		return put(object, t->key, text_of(&f->bytes));
	case PROTO_STRINGS:
		return append(object, t->key, text_of(&f->bytes));
	case PROTO_MESSAGE:
		return put(object, t->key, read_message(t->of, f->bytes));
	case PROTO_MESSAGES:
		return append(object, t->key, read_message(t->of, f->bytes));
	case PROTO_MAP:
		return put_entry(object, t->key, f->bytes);
	case PROTO_INT_OR_STRING:
		return put(object, t->key, read_int_or_string(f->bytes));
	case PROTO_TIME:
		return put(object, t->key, read_time(f->bytes));
	default:
		return 0;
	}
}

static const struct proto_field *find(const struct proto_field *fields, unsigned int number)
{
	for (; fields->key; fields++)
		if (fields->number == number)
			return fields;
	return NULL;
}

static int read_field(json_t *object, const struct proto_field *fields, struct input *in)
{
	const struct proto_field *t;
	struct field f;
	bool number;

	if (next_field(in, &f))
		return -EINVAL;
	t = find(fields, f.number);
	if (!t)
		return err_set(in->e, EINVAL, "the protobuf message has a field %u behind \"%s\" "
			       "that is not known here: send JSON", f.number, fields->key);
	number = t->type == PROTO_INT || t->type == PROTO_BOOL;
	if (t->type != PROTO_SKIP && f.wire != (number ? WIRE_VARINT : WIRE_BYTES))
		return cut(in);
	return put_field(object, t, &f);
}

/* No deeper than the tables are. */
static json_t *read_message(const struct proto_field *fields, struct input in)
{
	json_t *object = jx_must(json_object());

	while (in.p < in.end) {
		if (read_field(object, fields, &in)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

json_t *proto_read(const struct proto_field *fields, const void *data, size_t len, struct err *e)
{
	const unsigned char *p = data;

	return read_message(fields, (struct input){ p, p + len, e });
}

static void put_varint(FILE *f, unsigned long long v)
{
	for (; v > 0x7f; v >>= 7)
		fputc((int)(v & 0x7f) | 0x80, f);
	fputc((int)v, f);
}

void proto_put_int(FILE *f, unsigned int number, unsigned long long value)
{
	put_varint(f, number << 3 | WIRE_VARINT);
	put_varint(f, value);
}

void proto_put_bytes(FILE *f, unsigned int number, const void *data, size_t len)
{
	put_varint(f, number << 3 | WIRE_BYTES);
	put_varint(f, len);
	fwrite(data, 1, len, f);
}

void proto_put_string(FILE *f, unsigned int number, const char *text)
{
	proto_put_bytes(f, number, text, strlen(text));
}
