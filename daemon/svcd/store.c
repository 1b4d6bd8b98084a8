// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include "jx.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_VERSION	1
#define APPLICATION_ID	0x73766364	/* "svcd" */

enum statement { PUT, DEL, VERSION, BEGIN, COMMIT, NSTATEMENTS };

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmt[NSTATEMENTS];
	uint64_t version;
	char *path;
};

static const char *const sql[NSTATEMENTS] = {
	[PUT] = "INSERT INTO object(resource, namespace, name, uid, version, json) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(resource, namespace, name) DO UPDATE "
		"SET uid = ?4, version = ?5, json = ?6",
	[DEL] = "DELETE FROM object WHERE resource = ?1 AND namespace = ?2 AND name = ?3",
	[VERSION] = "UPDATE state SET version = ?1",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
};

static const char create[] =
	"CREATE TABLE object(resource TEXT NOT NULL, namespace TEXT NOT NULL, "
	"name TEXT NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, "
	"UNIQUE(resource, namespace, name));"
	"CREATE TABLE state(version INTEGER NOT NULL);"
	"INSERT INTO state(version) VALUES(1);"
	"PRAGMA application_id = 0x73766364;"
	"PRAGMA user_version = 1;";

/*
 * A file size limit or a quota is a full disk in other words, but SQLite calls
 * it an I/O error, and forgets the system's word for it while it rolls back.
 */
static bool disk_full(int code, int sys)
{
	return (code & 0xff) == SQLITE_FULL ||
	       ((code & 0xff) == SQLITE_IOERR && (sys == EFBIG || sys == EDQUOT || sys == ENOSPC));
}

/* Turn the database's last error into ours. errno: as the failed call left it. */
static int explain(const struct store *s, int code, struct err *e)
{
	if (disk_full(code, errno))
		return err_set(e, ENOSPC, "cannot write to %s: the disk is full; make room there",
			       s->path);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, EBUSY,
			       "%s is in use by another process; is another svcd running?",
			       s->path);
	case SQLITE_READONLY:
		return err_set(e, EROFS,
			       "%s cannot be written: %s; check its owner, mode and mount", s->path,
			       sqlite3_errmsg(s->db));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, EUCLEAN,
			       "%s is damaged or not a database of svcd (%s); put back a "
			       "copy, or move it away to start with nothing",
			       s->path, sqlite3_errmsg(s->db));
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return err_set(e, EACCES,
			       "cannot open %s: %s; check that its folder is there and writable",
			       s->path, sqlite3_errmsg(s->db));
	default:
		return err_set(e, EIO, "%s: %s", s->path, sqlite3_errmsg(s->db));
	}
}

static int run(struct store *s, const char *text, struct err *e)
{
	int code;

	errno = 0;
	code = sqlite3_exec(s->db, text, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : explain(s, code, e);
}

/* The one number that a query answers. */
static int number(struct store *s, const char *query, int64_t *out, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code;

	code = sqlite3_prepare_v2(s->db, query, -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code == SQLITE_ROW) {
		*out = sqlite3_column_int64(q, 0);
		code = SQLITE_OK;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_CORRUPT;
	}
	sqlite3_finalize(q);
	return code == SQLITE_OK ? 0 : explain(s, code, e);
}

static int check_intact(struct store *s, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	code = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code != SQLITE_ROW)
		rc = explain(s, code, e);
	else if (strcmp((const char *)sqlite3_column_text(q, 0), "ok"))
		rc = err_set(e, EUCLEAN,
			     "%s is damaged: %s; put back a copy, or move it away to start "
			     "with nothing",
			     s->path, sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return rc;
}

/* A new file gets its tables; an older one would be brought up to date here. */
static int check_schema(struct store *s, struct err *e)
{
	int64_t id, version, tables;
	int rc;

	rc = number(s, "PRAGMA application_id", &id, e);
	if (!rc)
		rc = number(s, "PRAGMA user_version", &version, e);
	if (!rc)
		rc = number(s, "SELECT count(*) FROM sqlite_master", &tables, e);
	if (rc)
		return rc;
	if (!id && !version && !tables)
		return run(s, create, e);
	if (id != APPLICATION_ID || version < 1)
		return err_set(e, EUCLEAN, "%s is not a database of svcd; name another file",
			       s->path);
	if (version > SCHEMA_VERSION)
		return err_set(e, EPROTO,
			       "%s was written by a newer svcd (format %lld, this one knows "
			       "%d); install that version",
			       s->path, (long long)version, SCHEMA_VERSION);
	return 0;
}

/*
 * Exclusive from the first lock on: nobody else gets between two of our
 * transactions, and the kernel drops the lock when we die.
 */
static int set_up(struct store *s, struct err *e)
{
	int64_t version = 0;
	int rc;

	rc = run(s, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		    "PRAGMA synchronous = FULL; BEGIN EXCLUSIVE;", e);
	if (rc)
		return rc;
	rc = check_schema(s, e);
	if (!rc)
		rc = run(s, "COMMIT", e);
	if (!rc)
		rc = check_intact(s, e);
	if (!rc)
		rc = number(s, "SELECT version FROM state", &version, e);
	if (!rc && (version < 1 || version > STORE_VERSION_MAX))
		rc = err_set(e, EUCLEAN, "%s is damaged: %lld is no version; put back a copy",
			     s->path, (long long)version);
	s->version = version;
	return rc;
}

static int prepare(struct store *s, struct err *e)
{
	for (int i = 0; i < NSTATEMENTS; i++) {
		int code = sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					      &s->stmt[i], NULL);

		if (code != SQLITE_OK)
			return explain(s, code, e);
	}
	return 0;
}

/* A new file is for its owner only: pods have secrets in their environment. */
static void make_private(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	/* If it cannot be made, or is there already, SQLite says what is to be said. */
	if (fd >= 0)
		close(fd);
}

int store_open(struct store **out, const char *path, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int code, rc;

	if (!s)
		return err_set(e, ENOMEM, "out of memory");
	s->path = strdup(path);
	if (!s->path) {
		rc = err_set(e, ENOMEM, "out of memory");
		goto fail;
	}
	make_private(path);
	code = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	rc = code == SQLITE_OK ? 0 : explain(s, code, e);
	if (!rc)
		rc = set_up(s, e);
	if (!rc)
		rc = prepare(s, e);
	if (rc)
		goto fail;
	*out = s;
	return 0;
fail:
	store_close(s);
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < NSTATEMENTS; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

uint64_t store_version(const struct store *s)
{
	return s->version;
}

static int load_row(struct store *s, sqlite3_stmt *q,
		    int (*fn)(void *ctx, const char *resource, json_t *object), void *ctx,
		    struct err *e)
{
	const char *resource = (const char *)sqlite3_column_text(q, 0);
	const char *text = (const char *)sqlite3_column_text(q, 3);
	size_t len = sqlite3_column_bytes(q, 3);
	json_t *object = NULL;
	int rc;

	if (text)
		object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	/* The row's key and the object's must agree, or it could never be updated again. */
	if (!json_is_object(object) ||
	    !jx_is(object, "metadata.namespace", (const char *)sqlite3_column_text(q, 1)) ||
	    !jx_is(object, "metadata.name", (const char *)sqlite3_column_text(q, 2))) {
		json_decref(object);
		return err_set(e, EUCLEAN, "%s is damaged: the row of %s %s/%s does not hold its "
			       "object; put back a copy", s->path, resource,
			       sqlite3_column_text(q, 1), sqlite3_column_text(q, 2));
	}
	rc = fn(ctx, resource, object);
	json_decref(object);
	return rc;
}

int store_load(struct store *s, int (*fn)(void *ctx, const char *resource, json_t *object),
	       void *ctx, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	code = sqlite3_prepare_v2(s->db, "SELECT resource, namespace, name, json FROM object "
				  "ORDER BY resource, namespace, name", -1, &q, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(q);
		if (code != SQLITE_ROW)
			break;
		rc = load_row(s, q, fn, ctx, e);
		if (rc)
			break;
	}
	if (!rc && code != SQLITE_DONE)
		rc = explain(s, code, e);
	sqlite3_finalize(q);
	return rc;
}

/* Run a prepared statement to its end and make it ready for the next time. */
static int step(struct store *s, enum statement which, struct err *e)
{
	int code, rc;

	errno = 0;
	code = sqlite3_step(s->stmt[which]);
	rc = code == SQLITE_DONE ? 0 : explain(s, code, e);
	sqlite3_reset(s->stmt[which]);
	sqlite3_clear_bindings(s->stmt[which]);
	if (rc)
		store_rollback(s);
	return rc;
}

static void bind_text(sqlite3_stmt *q, int i, const char *text)
{
	sqlite3_bind_text(q, i, text, -1, SQLITE_STATIC);
}

int store_begin(struct store *s, struct err *e)
{
	return step(s, BEGIN, e);
}

int store_put(struct store *s, const char *resource, const json_t *object, struct err *e)
{
	sqlite3_stmt *q = s->stmt[PUT];
	char *text = jx_print(object);
	int rc;

	bind_text(q, 1, resource);
	bind_text(q, 2, jx_str(object, "metadata.namespace"));
	bind_text(q, 3, jx_str(object, "metadata.name"));
	bind_text(q, 4, jx_str(object, "metadata.uid"));
	sqlite3_bind_int64(q, 5, strtoll(jx_str(object, "metadata.resourceVersion"), NULL, 10));
	bind_text(q, 6, text);
	rc = step(s, PUT, e);
	free(text);
	return rc;
}

int store_del(struct store *s, const char *resource, const char *ns, const char *name,
	      struct err *e)
{
	sqlite3_stmt *q = s->stmt[DEL];

	bind_text(q, 1, resource);
	bind_text(q, 2, ns);
	bind_text(q, 3, name);
	return step(s, DEL, e);
}

int store_commit(struct store *s, uint64_t version, struct err *e)
{
	int rc;

	sqlite3_bind_int64(s->stmt[VERSION], 1, (sqlite3_int64)version);
	rc = step(s, VERSION, e);
	if (!rc)
		rc = step(s, COMMIT, e);
	if (!rc)
		s->version = version;
	return rc;
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
