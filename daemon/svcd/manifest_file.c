// SPDX-License-Identifier: GPL-2.0
#include "manifest_file.h"

#include "err.h"
#include "fnv.h"
#include "jx.h"
#include "slurp.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/*
 * The clock of a file system may stand for so long: what was changed within it of the
 * reading may be changed again without a sign.
 */
#define CLOCK_SECONDS	2
/* Who has just written may go on writing. */
#define SETTLE_MSEC	50

struct manifest_file *manifest_file_alloc(const char *name)
{
	struct manifest_file *f = jx_must(calloc(1, sizeof(*f)));

	f->name = jx_must(strdup(name));
	return f;
}

void manifest_file_drop(struct manifest_file *f)
{
	if (f->set)
		manifest_set_clear(f->set);
	free(f->set);
	f->set = NULL;
}

void manifest_file_judge(struct manifest_file *f, const char *text)
{
	free(f->verdict);
	f->verdict = text ? jx_must(strdup(text)) : NULL;
}

void manifest_file_free(struct manifest_file *f)
{
	manifest_file_drop(f);
	free(f->verdict);
	free(f->refusal);
	free(f->name);
	free(f);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* For sure: it need not even be read. */
static bool is_unchanged(const struct manifest_file *f, const struct stat *st)
{
	return f->read_at.tv_sec && !f->again && st->st_dev == f->st.st_dev &&
	       st->st_ino == f->st.st_ino && st->st_size == f->st.st_size &&
	       same_time(&st->st_mtim, &f->st.st_mtim) && same_time(&st->st_ctim, &f->st.st_ctim) &&
	       f->read_at.tv_sec > st->st_ctim.tv_sec + CLOCK_SECONDS;
}

/* Clocks may differ, or have been set: what is from the future is not waited for. */
static bool is_unsettled(const struct stat *st, const struct timespec *now)
{
	long long msec = (now->tv_sec - st->st_mtim.tv_sec) * 1000LL +
			 (now->tv_nsec - st->st_mtim.tv_nsec) / 1000000;

	return msec >= 0 && msec < SETTLE_MSEC;
}

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

static void take(struct manifest_file *f, const char *text, size_t len)
{
	struct err e = { "" };

	manifest_file_drop(f);
	manifest_file_judge(f, NULL);
	/* Half of a change, most likely: the other half is still to be written. */
	if (is_blank(text)) {
		err_set(&e, EINVAL, "%s is empty: delete it if nothing of it shall stay", f->name);
		manifest_file_judge(f, e.text);
		return;
	}
	f->set = jx_must(calloc(1, sizeof(*f->set)));
	if (!manifest_set_read(f->set, f->name, text, len, &e))
		return;
	manifest_file_judge(f, e.text);
	free(f->set);
	f->set = NULL;
}

/* It cannot be read: what it had stays. */
static void fail(struct manifest_file *f, const struct err *e)
{
	manifest_file_drop(f);
	f->read_at.tv_sec = 0;
	manifest_file_judge(f, e->text);
}

static void read_file(struct manifest_file *f, const char *path, const struct stat *st,
		      const struct timespec *now)
{
	bool known = f->read_at.tv_sec && !f->again;
	struct err e = { "" };
	uint64_t hash;
	size_t len;
	char *text;

	if (slurp(path, YAML_TEXT_MAX, &text, &len, &e)) {
		fail(f, &e);
		return;
	}
	hash = fnv(text, len);
	if (!known || hash != f->hash || len != (size_t)f->st.st_size)
		take(f, text, len);
	free(text);
	f->st = *st;
	f->st.st_size = (off_t)len;
	f->hash = hash;
	f->read_at = *now;
	f->again = false;
}

bool manifest_file_look(struct manifest_file *f, const char *folder)
{
	struct err e = { "" };
	struct timespec now;
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", folder, f->name) >= (int)sizeof(path)) {
		err_set(&e, ENAMETOOLONG, "%s: the path is too long", f->name);
		fail(f, &e);
		return false;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	if (stat(path, &st) < 0) {
		err_set(&e, errno, "%s cannot be read: %m", path);
		fail(f, &e);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(&e, EINVAL, "%s is no file", path);
		fail(f, &e);
		return false;
	}
	if (is_unchanged(f, &st))
		return false;
	if (is_unsettled(&st, &now))
		return true;
	read_file(f, path, &st, &now);
	return false;
}
