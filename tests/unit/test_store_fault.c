// SPDX-License-Identifier: GPL-2.0
/*
 * Every write and every sync fails in turn, in each way that disks fail. What
 * was acknowledged stays, what was refused has changed nothing, and when the
 * disk is well again so is the registry, without a restart. And the power fails
 * at each of them.
 */
#include "jx.h"
#include "registry_help.h"
#include "txn.h"
#include "vfs_fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOPS	6
#define BIG	"{'metadata':{'annotations':{'x':'%020000d'}}}"

struct faulty {
	struct registry_help h;
	struct vfs_fault vfs;
	char copy[96];			/* the folder of a copy */
	char *dump[NOPS + 1];		/* after each operation; [0]: before all */
	int doing;			/* the operation that is on its way, from 1 */
	int cut;			/* likewise, when the power failed; 0: it did not */
};

static int operate(struct registry_help *h, int i)
{
	static const char service[] = "{'metadata':{'name':'%s'},'spec':{'selector':{'app':'x'},"
				      "'ports':[{'port':80}]}}";
	char body[24000];

	switch (i) {
	case 1:
		snprintf(body, sizeof(body), service, "a");
		return registry_help_create(h, "services", body);
	case 2:
		return registry_help_patch(h, "services", "a", NULL,
					   "{'metadata':{'labels':{'x':'y'}}}");
	case 3:
		snprintf(body, sizeof(body), service, "b");
		return registry_help_create(h, "services", body);
	case 4:
		return registry_help_delete(h, "services", "a");
	case 5:
		snprintf(body, sizeof(body), BIG, 7);
		return registry_help_patch(h, "services", "b", NULL, body);
	default:
		return registry_help_patch(h, "services", "b", NULL,
					   "{'metadata':{'annotations':{'x':null}}}");
	}
}

static bool done(int code)
{
	return code == 200 || code == 201;
}

static void expect_dump(const struct registry_help *h, const char *want)
{
	char *got = registry_help_dump(h->r);

	assert_string_equal(got, want);
	free(got);
}

/* The very first database, and those before each run. */
static void start_anew(struct faulty *f)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[128];

	registry_close(f->h.r);
	f->h.r = NULL;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", f->h.path, ends[i]);
		unlink(path);
	}
	f->vfs.calls = 0;
	f->vfs.at = 0;
	f->vfs.fails = false;
}

static void heal(struct faulty *f)
{
	f->vfs.at = 0;
}

static void open_with_fault(struct faulty *f)
{
	struct err e = { "" };

	if (!registry_open(&f->h.r, f->h.path, &f->h.config, &e))
		return;
	if (!strstr(e.text, f->h.path))
		fail_msg("%s", e.text);
	heal(f);
	registry_help_open(&f->h);
}

static void operate_with_fault(struct faulty *f, int i)
{
	char *before = registry_help_dump(f->h.r);
	int code = operate(&f->h, i);

	if (!done(code)) {
		if (code != (f->vfs.kind <= VFS_FAULT_HALF ? 507 : 500) && code != 500)
			fail_msg("%d: %s", code, registry_help_message(&f->h));
		assert_true(*registry_help_message(&f->h));
		expect_dump(&f->h, before);
		heal(f);
		code = operate(&f->h, i);
		if (!done(code))
			fail_msg("not well again: %s", registry_help_message(&f->h));
	}
	free(before);
}

/* One run with one fault. false: so many calls are not made at all. */
static bool run(struct faulty *f, unsigned int at, enum vfs_fault_kind kind, bool stays)
{
	bool met;
	char *all;

	start_anew(f);
	f->vfs.kind = kind;
	f->vfs.stays = stays;
	f->vfs.fails = true;
	f->vfs.at = at;
	open_with_fault(f);
	for (int i = 1; i <= NOPS; i++)
		operate_with_fault(f, i);
	all = registry_help_dump(f->h.r);
	registry_close(f->h.r);
	f->h.r = NULL;
	met = f->vfs.calls >= at;
	heal(f);
	registry_help_open(&f->h);
	expect_dump(&f->h, all);
	free(all);
	return met;
}

static void run_all(struct faulty *f, enum vfs_fault_kind kind, bool stays, unsigned int every)
{
	unsigned int at = 1;

	while (run(f, at, kind, stays))
		at += every;
	/* Else this test tests nothing. */
	assert_true(at > 50);
}

static void test_each_call_fails_once(void **state)
{
	run_all(*state, VFS_FAULT_FULL, false, 1);
	run_all(*state, VFS_FAULT_IO, false, 1);
	run_all(*state, VFS_FAULT_HALF, false, 3);
	run_all(*state, VFS_FAULT_READ_ONLY, false, 3);
}

static void test_each_call_and_all_after_it(void **state)
{
	run_all(*state, VFS_FAULT_FULL, true, 2);
	run_all(*state, VFS_FAULT_READ_ONLY, true, 2);
}

/* Every call from at on fails. Answers the operation that is refused for it; 0: none is. */
static int operate_until_refused(struct faulty *f, unsigned int at, char **before)
{
	start_anew(f);
	registry_help_open(&f->h);
	f->vfs.kind = VFS_FAULT_IO;
	f->vfs.fails = f->vfs.stays = true;
	f->vfs.calls = 0;
	f->vfs.at = at;
	for (int i = 1; i <= NOPS; i++) {
		*before = registry_help_dump(f->h.r);
		if (!done(operate(&f->h, i)))
			return i;
		free(*before);
	}
	return 0;
}

/* It fails, and then svcd is gone, too: the request is done wholly or not at all. */
static void test_fault_then_death(void **state)
{
	size_t undone = 0, done_after_all = 0;
	struct faulty *f = *state;
	char *before, *after;
	int i;

	for (unsigned int at = 1; (i = operate_until_refused(f, at, &before)); at++) {
		registry_close(f->h.r);
		f->h.r = NULL;
		heal(f);
		registry_help_open(&f->h);
		after = registry_help_dump(f->h.r);
		if (!strcmp(after, before)) {
			undone++;
		} else {
			/* Then the next one must be possible on top of it. */
			done_after_all++;
			assert_true(i == NOPS || done(operate(&f->h, i + 1)));
		}
		free(before);
		free(after);
	}
	assert_true(undone > 5);
	print_message("# a write or sync fails, then svcd dies: %zu times undone, %zu times done "
		      "nevertheless\n", undone, done_after_all);
}

static void cut_power(void *ctx)
{
	static const char *const names[] = { "svcd.db", "svcd.db-wal" };
	char from[160], to[160];
	struct faulty *f = ctx;

	f->cut = f->doing;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(from, sizeof(from), "%s/%s", f->h.dir, names[i]);
		snprintf(to, sizeof(to), "%s/%s", f->copy, names[i]);
		unlink(to);
		if (access(from, F_OK) == 0)
			registry_help_copy_file(from, to);
	}
	vfs_fault_lose_power(&f->vfs, f->h.dir, f->copy);
}

static void expect_after_power_cut(struct faulty *f, unsigned int at)
{
	struct registry_help copy = { .config = f->h.config };
	char *got;

	snprintf(copy.path, sizeof(copy.path), "%.80s/svcd.db", f->copy);
	registry_help_open(&copy);
	got = registry_help_dump(copy.r);
	if (strcmp(got, f->dump[f->cut - 1]) && strcmp(got, f->dump[f->cut]))
		fail_msg("call %u, operation %d: neither before nor after it", at, f->cut);
	registry_close(copy.r);
	free(got);
}

static bool run_with_power_cut(struct faulty *f, unsigned int at)
{
	start_anew(f);
	registry_help_open(&f->h);
	f->vfs.calls = 0;
	f->vfs.at = at;
	f->cut = 0;
	f->dump[0] = registry_help_dump(f->h.r);
	for (f->doing = 1; f->doing <= NOPS; f->doing++) {
		assert_true(done(operate(&f->h, f->doing)));
		f->dump[f->doing] = registry_help_dump(f->h.r);
	}
	f->doing = NOPS;
	registry_close(f->h.r);
	f->h.r = NULL;
	if (f->cut)
		expect_after_power_cut(f, at);
	for (int i = 0; i <= NOPS; i++)
		free(f->dump[i]);
	return f->cut;
}

/* What was not synced is lost, or some of it, at every call. */
static void test_power_fails(void **state)
{
	struct faulty *f = *state;
	unsigned int at = 0;

	srand(13);
	f->vfs.hook = cut_power;
	f->vfs.ctx = f;
	for (int again = 0; again < 2; again++)
		for (at = 1; run_with_power_cut(f, at); at++)
			;
	assert_true(at > 40);
}

/* In memory where there is a place for it: no disk is needed here. */
static void make_folder(char *path, size_t room)
{
	snprintf(path, room, "/dev/shm/svcnat-XXXXXX");
	if (mkdtemp(path))
		return;
	snprintf(path, room, "/tmp/svcnat-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int setup(void **state)
{
	struct faulty *f = jx_must(calloc(1, sizeof(*f)));
	void *help;

	assert_int_equal(registry_help_setup(&help), 0);
	f->h = *(struct registry_help *)help;
	free(help);
	f->h.config.now_ctx = &f->h.now;
	start_anew(f);
	rmdir(f->h.dir);
	make_folder(f->h.dir, sizeof(f->h.dir));
	make_folder(f->copy, sizeof(f->copy));
	snprintf(f->h.path, sizeof(f->h.path), "%.64s/svcd.db", f->h.dir);
	vfs_fault_install(&f->vfs);
	registry_help_open(&f->h);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct faulty *f = *state;
	char path[128];

	start_anew(f);
	vfs_fault_remove(&f->vfs);
	json_decref(f->h.reply.body);
	/* Nothing else was left behind, however it failed. */
	assert_return_code(rmdir(f->h.dir), errno);
	snprintf(path, sizeof(path), "%s/svcd.db", f->copy);
	unlink(path);
	assert_return_code(rmdir(f->copy), errno);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(test_each_call_fails_once), T(test_each_call_and_all_after_it),
		T(test_fault_then_death), T(test_power_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
