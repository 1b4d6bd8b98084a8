// SPDX-License-Identifier: GPL-2.0
/*
 * What may stand at the database's place after an accident or a mistake. It is
 * refused with the file's name and what to do, and is the same file afterwards,
 * bit by bit; or nothing of it was damaged, and everything is there.
 */
#include "jx.h"
#include "registry_help.h"
#include "txn.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE		4096
#define WAL_HEADER	32
#define FRAME		(24 + PAGE)
#define SERVICES	40

struct bytes {
	unsigned char *v;
	size_t n;
};

struct damage {
	struct registry_help h;		/* closed */
	struct bytes db, wal;		/* as a kill leaves them; db alone is a whole one, too */
	struct bytes clean;		/* as a stop leaves it */
	char *all;			/* the objects */
	char wal_path[112];
};

static struct bytes slurp(const char *path)
{
	struct bytes b = { 0 };
	struct stat st;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	b.n = st.st_size;
	b.v = jx_must(malloc(b.n + 1));
	assert_int_equal(fread(b.v, 1, b.n, f), b.n);
	fclose(f);
	return b;
}

static void put(const char *path, const unsigned char *v, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(v, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void clear(struct damage *d)
{
	char shm[128];

	snprintf(shm, sizeof(shm), "%s-shm", d->h.path);
	unlink(d->h.path);
	unlink(d->wal_path);
	unlink(shm);
}

static void expect_same_file(const char *path, const unsigned char *v, size_t n)
{
	struct bytes now = slurp(path);

	assert_int_equal(now.n, n);
	assert_memory_equal(now.v, v, n);
	free(now.v);
}

static void expect_refused(struct damage *d, int code, const char *words)
{
	struct err e = { "" };
	struct registry *r;
	int rc = registry_open(&r, d->h.path, &d->h.config, &e);

	if (!rc)
		fail_msg("opened, instead of: %s", words);
	if (rc != -code || !strstr(e.text, words) || !strstr(e.text, d->h.path))
		fail_msg("%d: %s", rc, e.text);
}

/*
 * Whatever is wrong with the files: refused, named and left alone, or read as if
 * nothing were wrong. true: refused.
 */
static bool expect_refused_or_whole(struct damage *d, const struct bytes *db,
				    const struct bytes *wal)
{
	struct err e = { "" };
	struct registry *r;
	char *all;

	clear(d);
	put(d->h.path, db->v, db->n);
	if (wal)
		put(d->wal_path, wal->v, wal->n);
	if (registry_open(&r, d->h.path, &d->h.config, &e)) {
		if (!strstr(e.text, "damage") && !strstr(e.text, d->h.path))
			fail_msg("%s", e.text);
		expect_same_file(d->h.path, db->v, db->n);
		if (wal)
			expect_same_file(d->wal_path, wal->v, wal->n);
		return true;
	}
	all = registry_help_dump(r);
	assert_string_equal(all, d->all);
	free(all);
	registry_close(r);
	return false;
}

static void test_flipped_in_header(void **state)
{
	struct damage *d = *state;
	size_t refused = 0;

	for (size_t at = 0; at < 100; at++) {
		struct bytes b = d->clean;

		b.v[at] ^= 0x41;
		refused += expect_refused_or_whole(d, &b, NULL);
		b.v[at] ^= 0x41;
	}
	assert_true(refused > 30);
}

/* The structure of each page, and the words of the objects. */
static void test_flipped_in_pages(void **state)
{
	struct damage *d = *state;
	size_t refused = 0, pages = d->clean.n / PAGE;

	for (size_t page = 0; page < pages; page++) {
		struct bytes b = d->clean;

		for (size_t at = page ? 0 : 100; at < 12 + (page ? 0 : 100); at++) {
			size_t i = page * PAGE + at;

			b.v[i] ^= 0x81;
			refused += expect_refused_or_whole(d, &b, NULL);
			b.v[i] ^= 0x81;
		}
	}
	assert_true(refused > pages);
}

static void test_truncated(void **state)
{
	struct damage *d = *state;

	for (size_t n = 0; n < d->clean.n; n += n < 200 ? 50 : 3000) {
		struct bytes b = { d->clean.v, n };

		assert_true(expect_refused_or_whole(d, &b, NULL));
	}
	clear(d);
	put(d->h.path, d->clean.v, 0);
	expect_refused(d, EUCLEAN, "it is empty");
	expect_same_file(d->h.path, d->clean.v, 0);
}

static void test_no_database(void **state)
{
	static const char *const words[] = { "a list of songs\n", "SQLite format 3", "{}" };
	struct damage *d = *state;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		clear(d);
		put(d->h.path, (const unsigned char *)words[i], strlen(words[i]));
		expect_refused(d, EUCLEAN, "not a database of svcd");
		expect_same_file(d->h.path, (const unsigned char *)words[i], strlen(words[i]));
	}
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Other programs' and newer ones': not a bit of them changes, not even the journal's mode. */
static void test_foreign(void **state)
{
	static const struct {
		const char *make;
		int code;
		const char *words;
	} rows[] = {
		{ "CREATE TABLE songs(title TEXT)", EUCLEAN, "not a database of svcd" },
		{ "CREATE TABLE object(a); PRAGMA user_version = 2", EUCLEAN, "not a database of" },
		{ "PRAGMA application_id = 0x73766364", EUCLEAN, "not a database of svcd" },
		{ "CREATE TABLE object(a); PRAGMA user_version = 99;"
		  "PRAGMA application_id = 0x73766364", EPROTO, "a newer svcd (format 99" },
	};
	struct damage *d = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes b;

		clear(d);
		sql(d->h.path, rows[i].make);
		b = slurp(d->h.path);
		expect_refused(d, rows[i].code, rows[i].words);
		expect_same_file(d->h.path, b.v, b.n);
		free(b.v);
	}
}

/* A newer one that was killed: its log stays where it is. */
static void test_newer_with_log(void **state)
{
	struct damage *d = *state;
	struct bytes wal;

	clear(d);
	put(d->h.path, d->db.v, d->db.n);
	put(d->wal_path, d->wal.v, d->wal.n);
	{
		sqlite3 *db;
		sqlite3_stmt *q;

		/* Without closing it properly, which would move the log into the file. */
		assert_int_equal(sqlite3_open(d->h.path, &db), SQLITE_OK);
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version = 99", -1, &q, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_step(q), SQLITE_DONE);
		sqlite3_finalize(q);
		sqlite3_close(db);
	}
	wal = slurp(d->wal_path);
	assert_true(wal.n > d->wal.n);
	expect_refused(d, EPROTO, "newer svcd");
	expect_same_file(d->h.path, d->db.v, d->db.n);
	expect_same_file(d->wal_path, wal.v, wal.n);
	free(wal.v);
}

static void test_not_a_file(void **state)
{
	struct damage *d = *state;
	char gone[128];

	clear(d);
	assert_return_code(mkdir(d->h.path, 0700), errno);
	expect_refused(d, EUCLEAN, "is a folder");
	assert_return_code(rmdir(d->h.path), errno);
	assert_return_code(mkfifo(d->h.path, 0600), errno);
	expect_refused(d, EUCLEAN, "is a pipe");
	assert_return_code(unlink(d->h.path), errno);
	snprintf(gone, sizeof(gone), "%s/gone.db", d->h.dir);
	assert_return_code(symlink(gone, d->h.path), errno);
	expect_refused(d, EUCLEAN, "a symbolic link to what is not there");
	assert_int_equal(access(gone, F_OK), -1);
	/* One that leads to the database is as good as it. */
	put(gone, d->clean.v, d->clean.n);
	registry_help_open(&d->h);
	registry_close(d->h.r);
	d->h.r = NULL;
	unlink(gone);
}

static void test_log_without_database(void **state)
{
	struct damage *d = *state;

	clear(d);
	put(d->wal_path, d->wal.v, d->wal.n);
	expect_refused(d, EUCLEAN, "-wal, which belongs to it, is");
	assert_int_equal(access(d->h.path, F_OK), -1);
	expect_same_file(d->wal_path, d->wal.v, d->wal.n);
}

/* As somebody whom the file does not belong to. Modes do not stop root. */
static void test_not_ours(void **state)
{
	struct damage *d = *state;
	int status;
	pid_t pid;

	clear(d);
	put(d->h.path, d->clean.v, d->clean.n);
	chmod(d->h.path, 0400);
	chmod(d->h.dir, 0755);
	pid = fork();
	if (!pid) {
		struct err e = { "" };
		struct registry *r;
		int rc;

		if (!geteuid() && seteuid(65534))
			_exit(2);
		rc = registry_open(&r, d->h.path, &d->h.config, &e);
		_exit(rc == -EACCES && strstr(e.text, "check its owner, mode") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	chmod(d->h.path, 0600);
	expect_same_file(d->h.path, d->clean.v, d->clean.n);
}

/*
 * A bit of the log. In the last transaction it looks like a crash, which takes
 * back what nobody was told of; before that it is damage.
 */
static void test_flipped_in_log(void **state)
{
	struct damage *d = *state;
	size_t frames = (d->wal.n - WAL_HEADER) / FRAME, commits = 0, refused = 0, last = 0;

	for (size_t i = 0; i < frames; i++) {
		const unsigned char *size = &d->wal.v[WAL_HEADER + i * FRAME + 4];

		if (memcmp(size, "\0\0\0", 4)) {
			commits++;
			last = i + 1 < frames ? i + 1 : last;
		}
	}
	assert_true(commits > 10);
	for (size_t i = 0; i < last; i++) {
		/* The page's number, the size, the salt, the checksum, the page. */
		static const size_t places[] = { 1, 5, 9, 17, 24, 2000, FRAME - 1 };
		size_t at = WAL_HEADER + i * FRAME + places[i % 7];

		d->wal.v[at] ^= 0x10;
		clear(d);
		put(d->h.path, d->db.v, d->db.n);
		put(d->wal_path, d->wal.v, d->wal.n);
		expect_refused(d, EUCLEAN, "-wal is damaged: changes that were acknowledged");
		expect_same_file(d->h.path, d->db.v, d->db.n);
		expect_same_file(d->wal_path, d->wal.v, d->wal.n);
		d->wal.v[at] ^= 0x10;
		refused++;
	}
	for (size_t at = 0; at < WAL_HEADER; at++) {
		d->wal.v[at] ^= 0x04;
		assert_true(expect_refused_or_whole(d, &d->db, &d->wal));
		d->wal.v[at] ^= 0x04;
	}
	assert_true(refused > 10);
	assert_false(expect_refused_or_whole(d, &d->db, &d->wal));
}

/* A crash while the last transaction was written: what was before it is there. */
static void test_torn_end_of_log(void **state)
{
	struct damage *d = *state;
	struct bytes torn = d->wal;
	struct registry *r;
	struct err e;

	for (size_t cut = 1; cut < 3 * FRAME; cut += 700) {
		torn.n = d->wal.n - cut;
		clear(d);
		put(d->h.path, d->db.v, d->db.n);
		put(d->wal_path, torn.v, torn.n);
		if (registry_open(&r, d->h.path, &d->h.config, &e))
			fail_msg("%s", e.text);
		assert_int_equal(txn_objects(r, registry_help_type("services"))->n, SERVICES - 1);
		registry_close(r);
	}
}

/* Another program may read, such as one that makes a backup, but not write behind our back. */
static void test_other_programs(void **state)
{
	struct damage *d = *state;
	sqlite3_backup *b;
	char path[128], *all;
	sqlite3 *from, *to;

	clear(d);
	put(d->h.path, d->clean.v, d->clean.n);
	registry_help_open(&d->h);
	snprintf(path, sizeof(path), "%s/backup.db", d->h.dir);
	assert_int_equal(sqlite3_open(d->h.path, &from), SQLITE_OK);
	assert_int_equal(sqlite3_open(path, &to), SQLITE_OK);
	b = sqlite3_backup_init(to, "main", from, "main");
	assert_non_null(b);
	assert_int_equal(sqlite3_backup_step(b, 1), SQLITE_OK);
	/* Meanwhile life goes on, and the backup takes it along. */
	assert_int_equal(registry_help_delete(&d->h, "services", "s1"), 200);
	assert_int_equal(sqlite3_backup_step(b, -1), SQLITE_DONE);
	sqlite3_backup_finish(b);
	sqlite3_close(to);
	all = registry_help_dump(d->h.r);
	assert_int_equal(registry_help_delete(&d->h, "services", "s2"), 200);

	assert_int_equal(sqlite3_exec(from, "DELETE FROM object WHERE name = 's3'", NULL, NULL,
				      NULL), SQLITE_OK);
	sqlite3_close(from);
	assert_int_equal(registry_help_delete(&d->h, "services", "s4"), 500);
	assert_non_null(strstr(registry_help_message(&d->h), "was changed by another program"));
	assert_int_equal(registry_help_get(&d->h, "services", "s4"), 200);
	registry_close(d->h.r);

	/* The copy is whole, with what was there when it was done. */
	clear(d);
	assert_return_code(rename(path, d->h.path), errno);
	registry_help_open(&d->h);
	{
		char *got = registry_help_dump(d->h.r);

		assert_string_equal(got, all);
		free(got);
	}
	free(all);
	registry_close(d->h.r);
	d->h.r = NULL;
}

/* What a kill leaves is had by copying the files of one that runs. */
static void fill(struct damage *d)
{
	char body[160];

	for (int i = 0; i < SERVICES; i++) {
		snprintf(body, sizeof(body), "{'metadata':{'name':'s%d'},'spec':{'ports':"
			 "[{'port':80}],'selector':{'app':'x'}}}", i);
		assert_int_equal(registry_help_create(&d->h, "services", body), 201);
	}
	d->all = registry_help_dump(d->h.r);
	d->db = slurp(d->h.path);
	d->wal = slurp(d->wal_path);
	registry_close(d->h.r);
	d->h.r = NULL;
	d->clean = slurp(d->h.path);
}

static int setup(void **state)
{
	struct damage *d = jx_must(calloc(1, sizeof(*d)));
	void *help;

	assert_int_equal(registry_help_setup(&help), 0);
	d->h = *(struct registry_help *)help;
	free(help);
	d->h.config.now_ctx = &d->h.now;
	registry_help_reopen(&d->h);
	snprintf(d->wal_path, sizeof(d->wal_path), "%s-wal", d->h.path);
	fill(d);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct damage *d = *state;

	json_decref(d->h.reply.body);
	clear(d);
	assert_return_code(rmdir(d->h.dir), errno);
	free(d->all);
	free(d->db.v);
	free(d->wal.v);
	free(d->clean.v);
	free(d);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_flipped_in_header), T(test_flipped_in_pages), T(test_truncated),
		T(test_no_database), T(test_foreign), T(test_newer_with_log), T(test_not_a_file),
		T(test_log_without_database), T(test_not_ours), T(test_flipped_in_log),
		T(test_torn_end_of_log), T(test_other_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
