/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The family's YAML specification, include/uapi/linux/svcnat.yaml, as JSON
 * values, for the tests that compare something with it. They write what they
 * find into a report, so that a test can also demand that they find something.
 */
#ifndef SVCNAT_YNL_SPEC_H
#define SVCNAT_YNL_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ynl_report {
	unsigned int n;
	size_t len;
	char text[16384];		/* a line each */
};

void ynl_say(struct ynl_report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fail the test, with the report, unless it is empty; what: of which comparison. */
void ynl_assert_none(const struct ynl_report *r, const char *what);
/* Fail the test unless a line of the report has these words in it. */
void ynl_assert_found(const struct ynl_report *r, const char *what, const char *words);

/* A file of the source tree; to be freed. Fails the test when it cannot. */
char *ynl_source(const char *path);

/* The file of the specification as it is; a new reference. */
json_t *ynl_load(void);

/*
 * Change one thing in what ynl_load() gave. path: keys, or names or numbers of
 * list members, between slashes; "+" is one past the end of a list. value: JSON,
 * NULL to delete.
 */
void ynl_edit(json_t *spec, const char *path, const char *value);

/*
 * Spell out what the schema lets a specification leave out: values that count
 * up, attributes that a fractional set inherits, constants in checks.
 */
void ynl_resolve(json_t *spec, struct ynl_report *r);

/* The member of this name; NULL: none. */
json_t *ynl_find(const json_t *list, const char *name);
json_t *ynl_set(const json_t *spec, const char *name);
json_t *ynl_operation(const json_t *spec, const char *name);

/* "service-set" to "SERVICE_SET", after a prefix; to be freed. */
char *ynl_upper(const char *prefix, const char *name);

enum ynl_kind {
	YNL_NONE,		/* nothing that may be sent */
	YNL_INT,
	YNL_STRING,
	YNL_BINARY,
	YNL_FLAG,
	YNL_NEST,
};

/* One attribute, as a table of the kernel would have it. */
struct ynl_attr {
	const char *name;	/* borrowed from the specification, as nested */
	unsigned int id;
	enum ynl_kind kind;
	unsigned int width;	/* of an integer, in bytes */
	bool big_endian;
	bool multi;
	uint64_t min, max, mask;	/* of an integer */
	size_t min_len, max_len;	/* without the NUL of a string */
	const char *nested;	/* the set inside of a nest */
};

/* Of a resolved specification. false: a type that these tests do not know; then r says so. */
bool ynl_attr_read(const json_t *spec, const json_t *attr, struct ynl_attr *out,
		   struct ynl_report *r);

/* The request of an operation, do or dump; NULL: it has no attributes. Borrowed. */
json_t *ynl_request(const json_t *operation);

/* Does a list of names, as of a request, have this one? */
bool ynl_names(const json_t *list, const char *name);

#endif
