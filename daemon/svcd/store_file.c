// SPDX-License-Identifier: GPL-2.0
/*
 * What is at the database's place. A new database is made beside it and put
 * there whole, so that a file without content is never ours: it is what is left
 * of one after an accident, and to go on with it would be to lose everything
 * in silence.
 */
#include "err.h"
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static const char *type_of(mode_t mode)
{
	return S_ISDIR(mode) ? "a folder" :
	       S_ISFIFO(mode) ? "a pipe" :
	       S_ISSOCK(mode) ? "a socket" : "a device";
}

static int check_present(const struct store *s, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, EUCLEAN, "%s is %s, not a database; move it away", s->path,
			       type_of(st->st_mode));
	if (!st->st_size)
		return err_set(e, EUCLEAN, "%s is damaged: it is empty, as svcd never leaves it; "
			       "put back a copy, or move it away to start with nothing", s->path);
	return 0;
}

/* What the log holds of a database is lost when a new one is put beside it. */
static int check_no_log(const struct store *s, struct err *e)
{
	struct stat st;
	char *wal;
	int found;

	if (asprintf(&wal, "%s-wal", s->path) < 0)
		return no_memory(e);
	found = stat(wal, &st) == 0 && st.st_size;
	free(wal);
	if (found)
		return err_set(e, EUCLEAN, "%s is not there, but %s-wal, which belongs to it, is; "
			       "put the database back, or move that away too to start with nothing",
			       s->path, s->path);
	return 0;
}

static int cannot_make(const struct store *s, struct err *e)
{
	int sys = errno;

	if (sys == ENOSPC || sys == EDQUOT)
		return err_set(e, ENOSPC, "cannot make %s: the disk is full; make room there",
			       s->path);
	return err_set(e, sys, "cannot make %s: %s; check that its folder is there and writable",
		       s->path, strerror(sys));
}

static int fill(const char *path, struct err *e)
{
	struct store s = { .path = (char *)path, .fd = -1 };
	int code, rc;

	code = sqlite3_open_v2(path, &s.db, SQLITE_OPEN_READWRITE, NULL);
	/* A failure throws all of it away, so that there is nothing to roll back from a file. */
	rc = code == SQLITE_OK ? store_run(&s, "PRAGMA synchronous = FULL;"
					   "PRAGMA journal_mode = MEMORY", e) :
				 store_explain(&s, code, e);
	if (!rc)
		rc = store_schema_migrate(&s, e);
	code = sqlite3_close(s.db);
	return rc || code == SQLITE_OK ? rc : err_set(e, EIO, "cannot write %s", path);
}

static void sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* Where folders cannot be synced they need not be. */
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

static int put_in_place(const struct store *s, const char *made, struct err *e)
{
	/* If another svcd was faster, its database is as good. */
	if (link(made, s->path) < 0 && errno != EEXIST)
		return cannot_make(s, e);
	sync_folder(s->path);
	return 0;
}

static int make(const struct store *s, struct err *e)
{
	char *temp;
	int fd, rc;

	if (asprintf(&temp, "%s.new-XXXXXX", s->path) < 0)
		return no_memory(e);
	/* For its owner only: pods have secrets in their environment. */
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		rc = cannot_make(s, e);
	} else {
		close(fd);
		rc = fill(temp, e);
		if (!rc)
			rc = put_in_place(s, temp, e);
		unlink(temp);
	}
	free(temp);
	return rc;
}

int store_file_prepare(const struct store *s, struct err *e)
{
	struct stat st;
	int rc;

	if (stat(s->path, &st) == 0)
		return check_present(s, &st, e);
	if (errno != ENOENT)
		return err_set(e, errno, "cannot look at %s: %s", s->path, strerror(errno));
	if (lstat(s->path, &st) == 0)
		return err_set(e, EUCLEAN, "%s is a symbolic link to what is not there; mount or "
			       "put back what it leads to, or remove it", s->path);
	rc = check_no_log(s, e);
	return rc ? rc : make(s, e);
}

/*
 * Those that this process has open. POSIX' locks, which SQLite uses, are the process's: to
 * close any descriptor of a file drops all that it has on it. So the same file, by whatever
 * path, must not even be opened a second time.
 */
static struct store *open_here;

static bool is_open_here(const struct store *s)
{
	struct stat st, other;
	const struct store *o;

	if (stat(s->path, &st) < 0)
		return false;
	for (o = open_here; o; o = o->next_open)
		if (fstat(o->fd, &other) == 0 && other.st_dev == st.st_dev &&
		    other.st_ino == st.st_ino)
			return true;
	return false;
}

void store_file_unlock(struct store *s)
{
	struct store **o;

	for (o = &open_here; *o && *o != s; o = &(*o)->next_open)
		;
	if (*o)
		*o = s->next_open;
	if (s->fd >= 0)
		close(s->fd);
}

int store_file_lock(struct store *s, struct err *e)
{
	if (is_open_here(s))
		return err_set(e, EBUSY, "%s is the database that is in use already", s->path);
	s->fd = open(s->path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0)
		return err_set(e, errno, "cannot open %s: %s; check its owner, mode and mount",
			       s->path, strerror(errno));
	if (flock(s->fd, LOCK_EX | LOCK_NB) == 0) {
		s->next_open = open_here;
		open_here = s;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		return err_set(e, EBUSY,
			       "%s is in use by another process; is another svcd running?",
			       s->path);
	return err_set(e, errno, "cannot lock %s: %s", s->path, strerror(errno));
}
