// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "store_priv.h"

#include <errno.h>

/*
 * A file size limit or a quota is a full disk in other words, but SQLite calls
 * it an I/O error, and forgets the system's word for it while it rolls back.
 */
static bool disk_full(int code, int sys)
{
	return (code & 0xff) == SQLITE_FULL ||
	       ((code & 0xff) == SQLITE_IOERR && (sys == EFBIG || sys == EDQUOT || sys == ENOSPC));
}

static int damaged(const struct store *s, const char *what, struct err *e)
{
	return err_set(e, EUCLEAN,
		       "%s is damaged or not a database of svcd (%s); put back a copy, or move it "
		       "away to start with nothing",
		       s->path, what);
}

static int read_only(const struct store *s, const char *what, struct err *e)
{
	return err_set(e, EROFS, "%s cannot be written: %s; check its owner, mode and mount",
		       s->path, what);
}

int store_explain(const struct store *s, int code, struct err *e)
{
	const char *what = sqlite3_errmsg(s->db);
	int sys = errno;

	if (disk_full(code, sys))
		return err_set(e, ENOSPC, "cannot write to %s: the disk is full; make room there",
			       s->path);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, EBUSY,
			       "%s is in use by another process; is another svcd running?",
			       s->path);
	case SQLITE_READONLY:
		return read_only(s, what, e);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return damaged(s, what, e);
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return err_set(e, EACCES,
			       "cannot open %s: %s; check that its folder is there and writable",
			       s->path, what);
	case SQLITE_IOERR:
		if (sys == EROFS)
			return read_only(s, "the file system is read-only", e);
		/* fallthrough */
	default:
		return err_set(e, EIO, "%s: %s", s->path, what);
	}
}

int store_run(struct store *s, const char *sql, struct err *e)
{
	int code;

	errno = 0;
	code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : store_explain(s, code, e);
}

int store_number(struct store *s, const char *query, int64_t *out, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int code, rc = 0;

	errno = 0;
	code = sqlite3_prepare_v2(s->db, query, -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	else if (code == SQLITE_DONE)
		rc = damaged(s, "a row is missing", e);
	else
		rc = store_explain(s, code, e);
	sqlite3_finalize(q);
	return rc;
}
