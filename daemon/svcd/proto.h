/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire format of Protocol Buffers (protobuf.dev, "Encoding") to and from
 * JSON, as far as clients of Kubernetes insist on it: newer ones send the
 * objects of some commands in it, older ones read the schemas in it. What stands
 * where is in tables.
 */
#ifndef SVCNAT_PROTO_H
#define SVCNAT_PROTO_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct err;

enum proto_type {
	PROTO_STRING,
	PROTO_STRINGS,		/* a list of them */
	PROTO_INT,
	PROTO_BOOL,
	PROTO_MAP,		/* of strings */
	PROTO_MESSAGE,		/* of: its fields */
	PROTO_MESSAGES,		/* a list of them */
	PROTO_INT_OR_STRING,	/* Kubernetes' own */
	PROTO_TIME,		/* likewise: seconds and nanoseconds, to RFC 3339 */
	PROTO_SKIP,		/* known and of no interest */
};

struct proto_field {
	unsigned int number;
	const char *key;	/* NULL: the end of the table */
	enum proto_type type;
	const struct proto_field *of;
};

/*
 * A new object out of a message. Nothing is left out in silence: a field that
 * is not in the table is an error, as is whatever does not fit. NULL and e.
 */
json_t *proto_read(const struct proto_field *fields, const void *data, size_t len, struct err *e);

/* ---- writing; errors are left to ferror() */

void proto_put_int(FILE *f, unsigned int number, unsigned long long value);
void proto_put_string(FILE *f, unsigned int number, const char *text);
void proto_put_bytes(FILE *f, unsigned int number, const void *data, size_t len);

#endif
