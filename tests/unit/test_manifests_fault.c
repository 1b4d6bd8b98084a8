// SPDX-License-Identifier: GPL-2.0
/*
 * The disk of the database fails, or svcd dies, at each of its writes while a file of
 * several objects is taken: all of them are there or none, and what the API was told
 * stays. When the disk is well again, so are they.
 */
#include "manifests_help.h"
#include "vfs_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SERVICE(name, port) \
	"{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"" name "\"}," \
	" \"spec\": {\"ports\": [{\"port\": " port "}]}}\n"
#define BEFORE	SERVICE("a", "80") "---\n" SERVICE("b", "80")
#define AFTER	SERVICE("a", "81") "---\n" SERVICE("c", "81")

static struct vfs_fault vfs;

static int setup(void **state)
{
	vfs = (struct vfs_fault){ .calls = 0 };
	vfs_fault_install(&vfs);
	return manifests_help_setup(state);
}

static int teardown(void **state)
{
	int ret;

	vfs.at = 0;
	ret = manifests_help_teardown(state);
	vfs_fault_remove(&vfs);
	return ret;
}

static bool is_before(struct manifests_help *t)
{
	return !strcmp(manifests_help_value(t, "services", "a", "spec.ports.0.port"), "80") &&
	       manifests_help_has(t, "services b") && !manifests_help_has(t, "services c");
}

static bool is_after(struct manifests_help *t)
{
	return !strcmp(manifests_help_value(t, "services", "a", "spec.ports.0.port"), "81") &&
	       !manifests_help_has(t, "services b") && manifests_help_has(t, "services c");
}

/* Back to the file of before, with an acknowledged object of the API beside. */
static void begin(struct manifests_help *t, unsigned int at)
{
	char body[128];

	vfs.at = 0;
	manifests_help_put(t, "x.yaml", BEFORE);
	manifests_help_restart(t);
	assert_true(is_before(t));
	snprintf(body, sizeof(body), "{'metadata':{'name':'api%u'},'spec':{'ports':[{'port':1}]}}",
		 at);
	assert_int_equal(registry_help_create(t->h, "services", body), 201);
	manifests_help_put(t, "x.yaml", AFTER);
	vfs.calls = 0;
	vfs.at = at;
	vfs.fails = true;
}

/* How many writes to the disk it is. */
static unsigned int count_calls(struct manifests_help *t)
{
	begin(t, 0);
	manifests_help_look(t);
	assert_true(is_after(t));
	return vfs.calls;
}

static void test_fails(void **state)
{
	static const enum vfs_fault_kind kinds[] = { VFS_FAULT_FULL, VFS_FAULT_HALF, VFS_FAULT_IO };
	struct manifests_help *t = *state;
	unsigned int n = count_calls(t);
	char name[32];

	assert_true(n >= 2);
	for (unsigned int at = 1; at <= n; at++) {
		begin(t, at);
		vfs.kind = kinds[at % 3];
		vfs.stays = true;
		manifests_help_look(t);
		assert_true(is_before(t) || is_after(t));
		if (is_before(t))
			assert_false(manifests_ok(t->m));
		/* The disk is well again. */
		vfs.at = 0;
		manifests_help_look(t);
		assert_true(is_after(t));
		assert_true(manifests_ok(t->m));
		snprintf(name, sizeof(name), "services api%u", at);
		assert_true(manifests_help_has(t, name));
	}
}

/* It is not even noticed: svcd is started anew on what is there then. */
static void test_dies(void **state)
{
	struct manifests_help *t = *state;
	unsigned int n = count_calls(t);
	char name[32];

	for (unsigned int at = 1; at <= n; at++) {
		begin(t, at);
		vfs.kind = VFS_FAULT_IO;
		vfs.stays = true;
		manifests_help_look(t);
		manifests_help_stop(t);
		registry_close(t->h->r);
		t->h->r = NULL;
		vfs.at = 0;
		registry_help_open(t->h);
		assert_true(is_before(t) || is_after(t));
		manifests_help_start(t);
		assert_true(is_after(t));
		snprintf(name, sizeof(name), "services api%u", at);
		assert_true(manifests_help_has(t, name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dies, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
