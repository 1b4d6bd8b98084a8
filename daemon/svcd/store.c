// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include "err.h"
#include "json_read.h"
#include "jx.h"
#include "store_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For a reader that takes over the log of a svcd that was killed; we do it if we are first. */
#define BUSY_MS	200

static const char *const sql[NSTATEMENTS] = {
	[OLD] = "SELECT json FROM object WHERE resource = ?1 AND namespace = ?2 AND name = ?3",
	[LOG] = "INSERT INTO change(version, resource, namespace, name, old) "
		"VALUES(?1, ?2, ?3, ?4, ?5)",
	[PUT] = "INSERT INTO object(resource, namespace, name, uid, version, json) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(resource, namespace, name) DO UPDATE "
		"SET uid = ?4, version = ?5, json = ?6",
	[DEL] = "DELETE FROM object WHERE resource = ?1 AND namespace = ?2 AND name = ?3",
	[TRIM] = "DELETE FROM change WHERE version <= ?1",
	[STATE] = "UPDATE state SET version = ?1, floor = ?2",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[SEEN] = "PRAGMA data_version",
};

/* All of it: a mixture of two databases, such as an old one and a new log, is sound by pages. */
static int check_intact(struct store *s, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	errno = 0;
	code = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check(1)", -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code != SQLITE_ROW)
		rc = store_explain(s, code, e);
	else if (strcmp((const char *)sqlite3_column_text(q, 0), "ok"))
		rc = err_set(e, EUCLEAN,
			     "%s is damaged: %s; put back a copy, or move it away to start "
			     "with nothing",
			     s->path, sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return rc;
}

/* SQLite answers with the mode that it has, which is another one where it cannot do this. */
static int use_wal(struct store *s, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	errno = 0;
	code = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code != SQLITE_ROW)
		rc = store_explain(s, code, e);
	else if (strcmp((const char *)sqlite3_column_text(q, 0), "wal"))
		rc = err_set(e, EIO, "%s: the file system cannot hold a write-ahead log; keep it "
			     "on a local disk", s->path);
	sqlite3_finalize(q);
	return rc;
}

static int read_state(struct store *s, struct err *e)
{
	int64_t version = 0, floor = 0, first = 0, last = 0;
	int rc;

	rc = store_number(s, "SELECT version FROM state", &version, e);
	if (!rc)
		rc = store_number(s, "SELECT floor FROM state", &floor, e);
	if (!rc)
		rc = store_number(s, "SELECT coalesce(min(version), 1) FROM change", &first, e);
	if (!rc)
		rc = store_number(s, "SELECT coalesce(max(version), 0) FROM change", &last, e);
	if (rc)
		return rc;
	if (version < 1 || version > STORE_VERSION_MAX)
		return err_set(e, EUCLEAN, "%s is damaged: %lld is no version; put back a copy",
			       s->path, (long long)version);
	if (floor < 0 || floor > version || first < 1 || last > version)
		return err_set(e, EUCLEAN, "%s is damaged: its log of changes is not one of "
			       "version %lld; put back a copy", s->path, (long long)version);
	s->version = version;
	s->floor = floor;
	return 0;
}

static int prepare(struct store *s, struct err *e)
{
	for (int i = 0; i < NSTATEMENTS; i++) {
		int code = sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					      &s->stmt[i], NULL);

		if (code != SQLITE_OK)
			return store_explain(s, code, e);
	}
	return 0;
}

/* Until the file is known to be ours and whole, nothing is to be moved around in it. */
static void checkpoint_on_close(struct store *s, bool on)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on, NULL);
}

static int connect_to(struct store *s, bool alone, struct err *e)
{
	int code, rc;

	errno = 0;
	code = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL);
	if (code != SQLITE_OK)
		return store_explain(s, code, e);
	checkpoint_on_close(s, false);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	rc = alone ? store_run(s, "PRAGMA locking_mode = EXCLUSIVE", e) : 0;
	return rc ? rc : store_schema_check(s, e);
}

/*
 * The index of the log is a file that readers share with us. Where there is no
 * room for it, or no shared memory, we do without the readers.
 */
static bool wants_to_be_alone(int rc)
{
	return rc == -ENOSPC || rc == -EIO || rc == -EACCES;
}

static int open_connection(struct store *s, struct err *e)
{
	int rc = connect_to(s, false, e);

	if (!wants_to_be_alone(rc))
		return rc;
	sqlite3_close(s->db);
	s->db = NULL;
	return connect_to(s, true, e);
}

static int set_up(struct store *s, struct err *e)
{
	int rc;

	rc = store_file_prepare(s, e);
	if (!rc)
		rc = store_file_lock(s, e);
	if (!rc)
		rc = store_wal_check(s, e);
	if (!rc)
		rc = open_connection(s, e);
	if (!rc)
		rc = check_intact(s, e);
	if (!rc)
		rc = store_run(s, "PRAGMA synchronous = FULL", e);
	if (!rc)
		rc = use_wal(s, e);
	if (!rc)
		rc = store_schema_migrate(s, e);
	if (!rc)
		rc = read_state(s, e);
	if (!rc)
		rc = prepare(s, e);
	if (!rc)
		rc = store_number(s, sql[SEEN], &s->seen, e);
	if (!rc)
		checkpoint_on_close(s, true);
	return rc;
}

int store_open(struct store **out, const char *path, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "out of memory");
	s->fd = -1;
	s->path = strdup(path);
	rc = s->path ? set_up(s, e) : err_set(e, ENOMEM, "out of memory");
	if (rc) {
		store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < NSTATEMENTS; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	/* Last: to close any descriptor of the file drops SQLite's own locks on it. */
	store_file_unlock(s);
	free(s->path);
	free(s);
}

uint64_t store_version(const struct store *s)
{
	return s->version;
}

uint64_t store_floor(const struct store *s)
{
	return s->floor;
}

/* A new reference, or NULL. */
static json_t *parse(sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);
	size_t len = sqlite3_column_bytes(q, column);

	return text ? json_read(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

/* The row's key and the object's must agree, or it could never be updated again. */
static bool fits(const json_t *object, const char *ns, const char *name)
{
	return json_is_object(object) && jx_is(object, "metadata.namespace", ns) &&
	       jx_is(object, "metadata.name", name);
}

static bool is_of(const json_t *object, uint64_t version)
{
	return strtoull(jx_str(object, "metadata.resourceVersion"), NULL, 10) == version;
}

static int load_row(struct store *s, sqlite3_stmt *q,
		    int (*fn)(void *ctx, const char *resource, json_t *object), void *ctx,
		    struct err *e)
{
	const char *resource = (const char *)sqlite3_column_text(q, 0);
	const char *ns = (const char *)sqlite3_column_text(q, 1);
	const char *name = (const char *)sqlite3_column_text(q, 2);
	int64_t version = sqlite3_column_int64(q, 4);
	json_t *object = parse(q, 3);
	int rc;

	if (!fits(object, ns, name) || !is_of(object, version) || version < 1 ||
	    (uint64_t)version > s->version)
		rc = err_set(e, EUCLEAN, "%s is damaged: the row of %s %s/%s does not hold its "
			     "object; put back a copy", s->path, resource, ns, name);
	else
		rc = fn(ctx, resource, object);
	json_decref(object);
	return rc;
}

int store_load(struct store *s, int (*fn)(void *ctx, const char *resource, json_t *object),
	       void *ctx, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	errno = 0;
	code = sqlite3_prepare_v2(s->db, "SELECT resource, namespace, name, json, version "
				  "FROM object ORDER BY resource, namespace, name", -1, &q, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(q);
		if (code != SQLITE_ROW)
			break;
		rc = load_row(s, q, fn, ctx, e);
		if (rc)
			break;
	}
	if (!rc && code != SQLITE_DONE)
		rc = store_explain(s, code, e);
	sqlite3_finalize(q);
	return rc;
}

static int load_change(struct store *s, sqlite3_stmt *q,
		       int (*fn)(void *ctx, const struct store_change *c), void *ctx,
		       struct err *e)
{
	struct store_change c = {
		.version = sqlite3_column_int64(q, 0),
		.resource = (const char *)sqlite3_column_text(q, 1),
		.ns = (const char *)sqlite3_column_text(q, 2),
		.name = (const char *)sqlite3_column_text(q, 3),
		.old = parse(q, 4),
		.bytes = sqlite3_column_bytes(q, 4),
	};
	int rc;

	if (sqlite3_column_type(q, 4) != SQLITE_NULL && !fits(c.old, c.ns, c.name))
		rc = err_set(e, EUCLEAN, "%s is damaged: change %llu does not hold what %s %s/%s "
			     "was; put back a copy", s->path, (unsigned long long)c.version,
			     c.resource, c.ns, c.name);
	else
		rc = fn(ctx, &c);
	json_decref(c.old);
	return rc;
}

int store_load_log(struct store *s, int (*fn)(void *ctx, const struct store_change *c),
		   void *ctx, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	errno = 0;
	code = sqlite3_prepare_v2(s->db, "SELECT version, resource, namespace, name, old "
				  "FROM change ORDER BY version DESC", -1, &q, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(q);
		if (code != SQLITE_ROW)
			break;
		rc = load_change(s, q, fn, ctx, e);
		if (rc)
			break;
	}
	if (!rc && code != SQLITE_DONE)
		rc = store_explain(s, code, e);
	sqlite3_finalize(q);
	return rc;
}

/* Make a prepared statement ready for the next time. */
static int end(struct store *s, enum statement which, int code, struct err *e)
{
	int rc = code == SQLITE_DONE ? 0 : store_explain(s, code, e);

	sqlite3_reset(s->stmt[which]);
	sqlite3_clear_bindings(s->stmt[which]);
	if (rc)
		store_rollback(s);
	return rc;
}

/* Run it to its end. */
static int step(struct store *s, enum statement which, int64_t *out, struct err *e)
{
	sqlite3_stmt *q = s->stmt[which];
	int code;

	errno = 0;
	code = sqlite3_step(q);
	if (out && code == SQLITE_ROW) {
		*out = sqlite3_column_int64(q, 0);
		code = sqlite3_step(q);
	}
	return end(s, which, code, e);
}

static void bind_text(sqlite3_stmt *q, int i, const char *text)
{
	sqlite3_bind_text(q, i, text, -1, SQLITE_STATIC);
}

/* What we have in memory is what was in the file, and no longer what is in it. */
static int check_unchanged(struct store *s, struct err *e)
{
	int64_t seen = s->seen;
	int rc = step(s, SEEN, &seen, e);

	if (rc || seen == s->seen)
		return rc;
	store_rollback(s);
	return err_set(e, EUCLEAN, "%s was changed by another program; restart svcd, which then "
		       "goes on with what is in it now", s->path);
}

int store_begin(struct store *s, struct err *e)
{
	int rc = step(s, BEGIN, NULL, e);

	return rc ? rc : check_unchanged(s, e);
}

static void bind_key(sqlite3_stmt *q, int i, const char *resource, const char *ns,
		     const char *name)
{
	bind_text(q, i, resource);
	bind_text(q, i + 1, ns);
	bind_text(q, i + 2, name);
}

/* As the object is in the file, into the statement that logs it; nothing: it is not there. */
static int bind_old(struct store *s, const char *resource, const char *ns, const char *name,
		    size_t *bytes, struct err *e)
{
	sqlite3_stmt *q = s->stmt[OLD];
	int code;

	*bytes = 0;
	errno = 0;
	bind_key(q, 1, resource, ns, name);
	code = sqlite3_step(q);
	if (code == SQLITE_ROW) {
		*bytes = sqlite3_column_bytes(q, 0);
		code = sqlite3_bind_value(s->stmt[LOG], 5, sqlite3_column_value(q, 0));
		code = code == SQLITE_OK ? SQLITE_DONE : code;
	}
	return end(s, OLD, code, e);
}

static int log_old(struct store *s, const char *resource, const char *ns, const char *name,
		   uint64_t version, size_t *bytes, struct err *e)
{
	sqlite3_stmt *q = s->stmt[LOG];
	int rc = bind_old(s, resource, ns, name, bytes, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, (sqlite3_int64)version);
	bind_key(q, 2, resource, ns, name);
	return step(s, LOG, NULL, e);
}

/* The one escape that jansson writes and parse() does not read. */
static bool has_nul(const char *text)
{
	for (; (text = strchr(text, '\\')); text += 2)
		if (!strncmp(text, "\\u0000", 6))
			return true;
	return false;
}

int store_put(struct store *s, const char *resource, const json_t *object, size_t *bytes,
	      struct err *e)
{
	const char *ns = jx_str(object, "metadata.namespace");
	const char *name = jx_str(object, "metadata.name");
	uint64_t version = strtoull(jx_str(object, "metadata.resourceVersion"), NULL, 10);
	sqlite3_stmt *q = s->stmt[PUT];
	char *text = jx_print(object);
	int rc;

	if (has_nul(text)) {
		free(text);
		store_rollback(s);
		return err_set(e, EINVAL, "%s %s/%s has a NUL in a string and could not be read "
			       "back: it is not written", resource, ns, name);
	}
	rc = log_old(s, resource, ns, name, version, bytes, e);
	if (rc) {
		free(text);
		return rc;
	}
	bind_key(q, 1, resource, ns, name);
	bind_text(q, 4, jx_str(object, "metadata.uid"));
	sqlite3_bind_int64(q, 5, (sqlite3_int64)version);
	bind_text(q, 6, text);
	rc = step(s, PUT, NULL, e);
	free(text);
	return rc;
}

int store_del(struct store *s, const char *resource, const char *ns, const char *name,
	      uint64_t version, size_t *bytes, struct err *e)
{
	sqlite3_stmt *q = s->stmt[DEL];
	int rc;

	rc = log_old(s, resource, ns, name, version, bytes, e);
	if (rc)
		return rc;
	bind_key(q, 1, resource, ns, name);
	return step(s, DEL, NULL, e);
}

int store_commit(struct store *s, uint64_t version, uint64_t floor, struct err *e)
{
	int rc = 0;

	if (floor > s->floor) {
		sqlite3_bind_int64(s->stmt[TRIM], 1, (sqlite3_int64)floor);
		rc = step(s, TRIM, NULL, e);
	}
	sqlite3_bind_int64(s->stmt[STATE], 1, (sqlite3_int64)version);
	sqlite3_bind_int64(s->stmt[STATE], 2, (sqlite3_int64)floor);
	if (!rc)
		rc = step(s, STATE, NULL, e);
	if (!rc)
		rc = step(s, COMMIT, NULL, e);
	if (rc)
		return rc;
	s->version = version;
	s->floor = floor;
	return 0;
}

void store_rollback(struct store *s)
{
	/* After some errors SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_limit(struct store *s, unsigned int pages)
{
	char text[64];

	/* SQLite never goes below the present size; 0 asks, so "no limit" is its largest. */
	snprintf(text, sizeof(text), "PRAGMA max_page_count = %u", pages ? pages : 4294967294u);
	return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}
