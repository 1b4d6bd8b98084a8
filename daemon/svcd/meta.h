/* SPDX-License-Identifier: GPL-2.0 */
/* An object's metadata: what the server gives, what it carries over, what it refuses. */
#ifndef SVCNAT_META_H
#define SVCNAT_META_H

#include "fielderr.h"

#include <stdint.h>
#include <time.h>

#define META_TIME_LEN	21	/* "2026-11-22T17:41:58Z" and a NUL */

void meta_print_time(time_t t, char buf[META_TIME_LEN]);
time_t meta_parse_time(const char *text);	/* 0: not in the format above */

/* A new object gets uid and creationTimestamp; what a client may not give is dropped. */
void meta_create(json_t *obj, const char *ns, time_t now);
/* So much of generateName, and five random characters, become the name. */
#define META_PREFIX_MAX	58
void meta_generate_name(json_t *obj);
/* An update keeps what is the server's. */
void meta_update(json_t *obj, const json_t *old);

/* A copy of obj that says another version of itself. What is deeper is shared: read only. */
json_t *meta_at_version(const json_t *obj, uint64_t version);

void meta_validate(const json_t *obj, const json_t *old, const struct format_rule *name_rules,
		   struct field_errors *errs);
void meta_validate_labels(const json_t *labels, const char *path, struct field_errors *errs);

#endif
