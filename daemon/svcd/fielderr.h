/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is wrong with an object, field by field, all of it at once: the causes
 * of an Invalid Status. The words and the order of their parts are those that
 * users of Kubernetes know.
 */
#ifndef SVCNAT_FIELDERR_H
#define SVCNAT_FIELDERR_H

#include "format.h"

#include <jansson.h>
#include <stdbool.h>

/* So many are shown, and so many bytes of values: the one that goes past them is the last. */
#define FIELD_ERRORS_MAX 1000
#define FIELD_ERRORS_LEN (4 * 1024 * 1024)

/* Starts as {0}, ends with field_errors_clear(). */
struct field_errors {
	json_t *causes;	/* a JSON array of {reason, message, field} */
	size_t n;	/* of all, those that are not shown as well */
	size_t len;	/* of the messages */
	bool cut;	/* the last cause says that there are more */
};

#define FIELD_PATH(n) __attribute__((format(printf, n, (n) + 1)))

/*
 * The path is a format, as in "spec.ports[%zu].port". value is borrowed; one that
 * is absent, NULL, is shown as the word that it is to users of Kubernetes: "null".
 */
void field_invalid(struct field_errors *l, const json_t *value, const char *detail,
		   const char *path, ...) FIELD_PATH(4);
/* One error for each rule that value, a string, breaks. Is it fine? */
bool field_format(struct field_errors *l, const json_t *value, const struct format_rule *rules,
		  const char *path, ...) FIELD_PATH(4);
void field_required(struct field_errors *l, const char *detail, const char *path, ...)
	FIELD_PATH(3);
void field_forbidden(struct field_errors *l, const char *detail, const char *path, ...)
	FIELD_PATH(3);
void field_duplicate(struct field_errors *l, const json_t *value, const char *path, ...)
	FIELD_PATH(3);
void field_not_found(struct field_errors *l, const json_t *value, const char *path, ...)
	FIELD_PATH(3);
/* supported: in the order in which they are shown, NULL at the end. */
void field_unsupported(struct field_errors *l, const json_t *value, const char *const *supported,
		       const char *path, ...) FIELD_PATH(4);
/* n items where at most max may be. */
void field_too_many(struct field_errors *l, size_t n, size_t max, const char *path, ...)
	FIELD_PATH(4);
void field_too_long(struct field_errors *l, size_t max, const char *path, ...) FIELD_PATH(3);

bool field_errors_any(const struct field_errors *l);
/* "a: Invalid value: 1: words", or "[..., ...]" for several. To be freed. */
char *field_errors_print(const struct field_errors *l);
void field_errors_clear(struct field_errors *l);

#endif
