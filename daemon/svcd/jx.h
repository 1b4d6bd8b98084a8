/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Short ways through JSON objects. The readers take any JSON (or NULL) and
 * answer with the default when a field is absent or of another type.
 *
 * The writers end the process when memory is out: what was acknowledged is on
 * the disk, and a restart is the one way out of it that is tested.
 */
#ifndef SVCNAT_JX_H
#define SVCNAT_JX_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Objects come in lists and events, a few levels further down, and a client's
 * parser has a limit as well: one object that is too deep would hide all.
 */
#define JX_DEPTH_MAX	100

/* Fails never: jx_must(NULL) ends the process. */
void *jx_must(void *p);

/* path: keys with dots between them, "metadata.name". */
json_t *jx_get(const json_t *o, const char *path);
const char *jx_str(const json_t *o, const char *path);	/* "" when absent */
json_int_t jx_int(const json_t *o, const char *path);	/* 0 when absent */
bool jx_bool(const json_t *o, const char *path);
bool jx_is(const json_t *o, const char *path, const char *value);

/* value is taken over. Objects on the way are made. */
void jx_set(json_t *o, const char *path, json_t *value);
void jx_set_str(json_t *o, const char *path, const char *value);
json_t *jx_string(const char *s);	/* bytes that are not UTF-8 become '?' */
void jx_set_int(json_t *o, const char *path, json_int_t value);
void jx_del(json_t *o, const char *path);
void jx_append(json_t *array, json_t *value);

json_t *jx_copy(const json_t *o);	/* deep */
char *jx_print(const json_t *o);	/* compact; to be freed */

/* Do left levels hold it? Looks no deeper than that. */
bool jx_depth_fits(const json_t *o, size_t left);

#endif
