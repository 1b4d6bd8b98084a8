// SPDX-License-Identifier: GPL-2.0
/* The database file: what survives, and what is refused when it is opened. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct files {
	char dir[64], path[96];
};

static int setup(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/svcnat-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/x.db", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	struct files *f = *state;
	char file[128];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", f->path, ends[i]);
		unlink(file);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct store *open_store(const struct files *f)
{
	struct err e = { "" };
	struct store *s;

	if (store_open(&s, f->path, &e))
		fail_msg("%s", e.text);
	return s;
}

static json_t *object(const char *name, int version, const char *note)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", version);
	return json_pack("{s:{s:s, s:s, s:s, s:s}, s:s}", "metadata", "name", name, "namespace",
			 "ns", "uid", "u", "resourceVersion", text, "note", note);
}

static int put(struct store *s, const char *name, int version, const char *note, struct err *e)
{
	json_t *o = object(name, version, note);
	int rc = store_begin(s, e);
	size_t bytes;

	if (!rc)
		rc = store_put(s, "things", o, &bytes, e);
	if (!rc)
		rc = store_commit(s, version, 1, e);
	json_decref(o);
	return rc;
}

/* "name=note;" of all, in order. */
static int list_one(void *ctx, const char *resource, json_t *o)
{
	char *text = ctx;

	assert_string_equal(resource, "things");
	sprintf(text + strlen(text), "%s=%s;",
		json_string_value(json_object_get(json_object_get(o, "metadata"), "name")),
		json_string_value(json_object_get(o, "note")));
	return 0;
}

static void expect_all(struct store *s, const char *want)
{
	char text[4096] = "";

	assert_int_equal(store_load(s, list_one, text, NULL), 0);
	assert_string_equal(text, want);
}

static void sql(const struct files *f, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void expect_refused(const struct files *f, int code, const char *words)
{
	struct err e = { "" };
	struct store *s = NULL;

	assert_int_equal(store_open(&s, f->path, &e), -code);
	if (!strstr(e.text, words) || !strstr(e.text, f->path))
		fail_msg("%s", e.text);
}

static void test_keeps(void **state)
{
	struct files *f = *state;
	struct store *s = open_store(f);
	struct stat st;
	size_t bytes;
	struct err e;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_version(s), 1);
	assert_int_equal(put(s, "b", 2, "first", &e), 0);
	assert_int_equal(put(s, "a", 3, "x", &e), 0);
	assert_int_equal(put(s, "b", 4, "second", &e), 0);
	expect_all(s, "a=x;b=second;");
	store_close(s);

	s = open_store(f);
	assert_int_equal(store_version(s), 4);
	expect_all(s, "a=x;b=second;");
	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(store_del(s, "things", "ns", "a", 5, &bytes, &e), 0);
	assert_int_equal(store_commit(s, 5, 1, &e), 0);
	expect_all(s, "b=second;");
	store_close(s);
	s = open_store(f);
	assert_int_equal(store_version(s), 5);
	store_close(s);
}

static void test_rollback(void **state)
{
	struct store *s = open_store(*state);
	json_t *o = object("a", 2, "x");
	size_t bytes;
	struct err e;

	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(store_put(s, "things", o, &bytes, &e), 0);
	store_rollback(s);
	expect_all(s, "");
	assert_int_equal(store_version(s), 1);
	assert_int_equal(put(s, "a", 2, "y", &e), 0);
	expect_all(s, "a=y;");
	json_decref(o);
	store_close(s);
}

/* A row that could not be read back would make the whole database one that is refused. */
static void test_nul(void **state)
{
	struct files *f = *state;
	struct store *s = open_store(f);
	json_t *o = object("a", 2, "");
	struct err e = { "" };
	size_t bytes;

	json_object_set_new(o, "note", json_stringn("x\\\0y", 4));
	assert_int_equal(store_begin(s, &e), 0);
	assert_int_equal(store_put(s, "things", o, &bytes, &e), -EINVAL);
	assert_string_equal(e.text, "things ns/a has a NUL in a string and could not be read back: "
			    "it is not written");
	/* Only a text that looks like one. */
	assert_int_equal(put(s, "b", 2, "\\u0000\\\\u0000", &e), 0);
	store_close(s);
	s = open_store(f);
	expect_all(s, "b=\\u0000\\\\u0000;");
	store_close(s);
	json_decref(o);
}

static void test_one_owner(void **state)
{
	struct files *f = *state;
	int fd;

	store_close(open_store(f));
	fd = open(f->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	expect_refused(f, EBUSY, "in use by another process");
	close(fd);
	store_close(open_store(f));
}

/* Has this process a lock of SQLite's on it? Only another one can ask. */
static bool is_locked(const char *path)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int status, fd;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		_exit(fd >= 0 && fcntl(fd, F_GETLK, &all) == 0 && all.l_type != F_UNLCK);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* By another name it would take the locks away from the one that is open. */
static void test_one_of_a_file(void **state)
{
	struct files *f = *state;
	struct store *s = open_store(f);
	struct files other = *f;

	strcat(other.path, "-link");
	assert_int_equal(link(f->path, other.path), 0);
	assert_true(is_locked(f->path));
	expect_refused(f, EBUSY, "is the database that is in use already");
	expect_refused(&other, EBUSY, "is the database that is in use already");
	assert_true(is_locked(f->path));
	unlink(other.path);
	store_close(s);
	assert_false(is_locked(f->path));
	store_close(open_store(f));
}

static void test_disk_full(void **state)
{
	struct files *f = *state;
	struct store *s = open_store(f);
	struct err e = { "" };
	int version = 1, rc;
	char big[2000];

	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(put(s, "small", ++version, "x", &e), 0);
	assert_int_equal(store_limit(s, 14), 0);
	do {
		char name[16];

		snprintf(name, sizeof(name), "n%d", ++version);
		rc = put(s, name, version, big, &e);
	} while (!rc && version < 100);
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(e.text, "the disk is full"));
	assert_int_equal(store_version(s), version - 1);

	/* The room comes back, and so does the store. */
	assert_int_equal(store_limit(s, 0), 0);
	assert_int_equal(put(s, "after", version, "x", &e), 0);
	assert_int_equal(store_version(s), version);
	store_close(s);
}

static void test_strange_files(void **state)
{
	struct files *f = *state;
	char noise[4096];
	int fd;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * 7 + 1);
	fd = open(f->path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	close(fd);
	expect_refused(f, EUCLEAN, "damaged");
	unlink(f->path);

	sql(f, "CREATE TABLE songs(title TEXT)");
	expect_refused(f, EUCLEAN, "not a database of svcd");
}

static void test_newer(void **state)
{
	struct files *f = *state;

	store_close(open_store(f));
	sql(f, "PRAGMA user_version = 99");
	expect_refused(f, EPROTO, "newer svcd");
}

static void test_damage(void **state)
{
	struct files *f = *state;
	struct err e = { "" };
	struct store *s = open_store(f);
	char text[64] = "", noise[512];
	int fd;

	assert_int_equal(put(s, "a", 2, "x", &e), 0);
	store_close(s);
	sql(f, "UPDATE object SET json = '{\"metadata\":{\"name\":\"b\",\"namespace\":\"ns\"}}'");
	s = open_store(f);
	assert_int_equal(store_load(s, list_one, text, &e), -EUCLEAN);
	assert_non_null(strstr(e.text, "things ns/a"));
	store_close(s);

	/* What would not be below 2^63 much longer, or never was a version. */
	sql(f, "UPDATE state SET version = 9223372036854775807");
	expect_refused(f, EUCLEAN, "9223372036854775807 is no version");
	sql(f, "UPDATE state SET version = 0");
	expect_refused(f, EUCLEAN, "0 is no version");
	sql(f, "UPDATE state SET version = 2");

	/* The first table's page, behind the header's. */
	memset(noise, 0xff, sizeof(noise));
	fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, noise, sizeof(noise), 4096), sizeof(noise));
	close(fd);
	expect_refused(f, EUCLEAN, "damaged");
}

static void test_no_folder(void **state)
{
	struct files *f = *state;
	char good[sizeof(f->path)];

	strcpy(good, f->path);
	snprintf(f->path, sizeof(f->path), "%s/absent/x.db", f->dir);
	expect_refused(f, ENOENT, "folder");
	strcpy(f->path, good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(test_keeps), T(test_rollback), T(test_nul), T(test_one_owner), T(test_disk_full),
		T(test_one_of_a_file),
		T(test_strange_files), T(test_newer), T(test_damage), T(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
