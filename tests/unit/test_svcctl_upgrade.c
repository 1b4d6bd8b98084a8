// SPDX-License-Identifier: GPL-2.0
/*
 * "upgrade": what is done in which order, and what is left behind, wherever it
 * fails or is killed. One namespace uses the module: that of the fake kernel.
 */
#include "svcctl_env.h"

#include "err.h"
#include "natgate.h"
#include "upgrade_host.h"
#include "upgrade_saved.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define USED	77u
#define COOKIE	7700u

struct machine {
	struct ctl_env *env;
	struct upgrade_host host;
	char dir[64];
	char log[256];		/* what was done: "gate remove insert ungate" */
	const char *fails;	/* this one does */
	const char *loaded;	/* srcversion; NULL: none */
	const char *comes_back;	/* whoever loads this one as soon as it is gone */
	bool gated;
	uint32_t at;		/* the namespace that we are in */
};

static int did(struct machine *m, const char *what, struct err *e)
{
	strcat(m->log, *m->log ? " " : "");
	strcat(m->log, what);
	return m->fails && !strcmp(m->fails, what) ? err_set(e, EIO, "%s fails", what) : 0;
}

static int namespaces(void *arg, struct upgrade_list *out, struct err *e)
{
	(void)arg;
	(void)e;
	out->v = calloc(1, sizeof(*out->v));
	out->v[0] = (struct upgrade_netns){ .fd = -1, .inode = USED, .cookie = COOKIE };
	out->n = 1;
	return 0;
}

static int enter(void *arg, const struct upgrade_netns *ns, struct err *e)
{
	struct machine *m = arg;

	(void)e;
	m->at = ns->inode;
	return 0;
}

static int gate(void *arg, const struct kservices *l, const struct ksettings *s, struct err *e)
{
	struct machine *m = arg;

	(void)s;
	assert_int_equal(l->n, kernel_fake_services(m->env->k)->n);
	if (did(m, "gate", e))
		return -EIO;
	m->gated = true;
	return 0;
}

static int ungate(void *arg, struct err *e)
{
	struct machine *m = arg;

	if (did(m, "ungate", e))
		return -EIO;
	m->gated = false;
	return 0;
}

static bool loaded(void *arg, struct upgrade_build *out)
{
	const struct machine *m = arg;

	if (!m->loaded)
		return false;
	snprintf(out->version, sizeof(out->version), "1.%s", m->loaded);
	snprintf(out->source, sizeof(out->source), "%s", m->loaded);
	return true;
}

static int check(void *arg, const char *file, struct upgrade_build *out, struct err *e)
{
	(void)arg;
	if (file && !strcmp(file, "bad.ko"))
		return err_set(e, EINVAL, "bad.ko was built for another kernel");
	strcpy(out->version, "1.new");
	strcpy(out->source, "new");
	return 0;
}

/* The services go with the module, but for a test that looks whether they would. */
static int module_remove(void *arg, struct err *e)
{
	struct machine *m = arg;
	uint32_t n;

	if (did(m, "remove", e))
		return -EIO;
	m->loaded = m->comes_back;
	m->env->k->ops->flush(m->env->k, NULL, &n, e);
	return 0;
}

static int insert(void *arg, const char *file, struct err *e)
{
	struct machine *m = arg;

	(void)file;
	if (did(m, "insert", e))
		return -EIO;
	m->loaded = "new";
	return 0;
}

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	void *env = NULL;

	ctl_setup(&env);
	m->env = env;
	strcpy(m->dir, "/tmp/svcnat-upgrade-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	m->host = (struct upgrade_host){
		.dir = m->dir, .namespaces = namespaces, .enter = enter, .gate = gate,
		.ungate = ungate, .loaded = loaded, .check = check,
		.remove = module_remove, .insert = insert, .arg = m,
	};
	m->loaded = "old";
	m->env->upgrade = &m->host;
	*state = m;
	return 0;
}

static size_t files(const struct machine *m, bool and_delete)
{
	const struct dirent *entry;
	char path[512];
	DIR *d = opendir(m->dir);
	size_t n = 0;

	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", m->dir, entry->d_name);
		if (and_delete)
			unlink(path);
	}
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct machine *m = *state;
	void *env = m->env;

	files(m, true);
	rmdir(m->dir);
	ctl_teardown(&env);
	free(m);
	return 0;
}

/* A namespace with two services; each test compares what is there with what was. */
static char *fill(struct machine *m)
{
	ctl_ok(m->env, "settings pod-cidrs 10.244.0.0/16 service-cidrs 10.96.0.0/12");
	ctl_ok(m->env, "add service web tcp --frontend 10.96.0.1:80 --frontend nodeport:30080 "
		       "--endpoint 10.244.1.1:8080 --owner svcd");
	ctl_ok(m->env, "add service dns udp --frontend 10.96.0.10:53 --endpoint 10.244.1.2:53");
	ctl_ok(m->env, "save");
	return strdup(m->env->out);
}

static void assert_same(struct machine *m, char *before)
{
	ctl_prints(m->env, "save", before);
	free(before);
	assert_false(m->gated);
	assert_int_equal(files(m, false), 0);
}

static void test_whole(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	ctl_prints(m->env, "upgrade",
		   "module 1.old replaced by 1.new\n"
		   "2 services restored in 1 network namespace\n");
	assert_string_equal(m->log, "gate remove insert ungate");
	assert_int_equal(m->at, USED);
	assert_same(m, before);
}

static void test_same(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	m->loaded = "new";
	ctl_prints(m->env, "upgrade", "module 1.new is loaded already\n");
	assert_string_equal(m->log, "");
	ctl_prints(m->env, "upgrade --force new.ko",
		   "module 1.new replaced by 1.new\n"
		   "2 services restored in 1 network namespace\n");
	assert_string_equal(m->log, "gate remove insert ungate");
	assert_same(m, before);
}

/* As long as the old module is there, a failure changes nothing. */
static void test_nothing_changed(void **state)
{
	static const struct {
		const char *fails, *log, *says;
	} v[] = {
		{ "gate", "gate ungate", "network namespace 77: gate fails" },
		{ "remove", "gate remove ungate", "remove fails" },
	};
	struct machine *m = *state;
	char *before = fill(m), says[128];
	size_t i;

	for (i = 0; i < 2; i++) {
		m->fails = v[i].fails;
		m->log[0] = 0;
		snprintf(says, sizeof(says), "svcctl: nothing was changed: %s\n", v[i].says);
		ctl_fails(m->env, "upgrade", 1, says);
		assert_string_equal(m->log, v[i].log);
		ctl_prints(m->env, "save", before);
	}
	assert_same(m, before);
}

static void test_refused_before(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	ctl_fails(m->env, "upgrade bad.ko", 1, "svcctl: bad.ko was built for another kernel\n");
	ctl_fails(m->env, "upgrade a.ko b.ko", 2, "svcctl: unexpected argument 'b.ko'\n");
	m->loaded = NULL;
	ctl_fails(m->env, "upgrade", 1, "svcctl: the svcnat module is not loaded: there is nothing "
					"to upgrade (modprobe svcnat)\n");
	assert_string_equal(m->log, "");
	assert_same(m, before);
}

/* The new one cannot be loaded: all stays ready for the next try. */
static void test_insert_fails(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	m->fails = "insert";
	assert_int_equal(ctl_run(m->env, "upgrade"), 1);
	assert_non_null(strstr(m->env->err, "insert fails"));
	assert_non_null(strstr(m->env->err, "svcctl upgrade"));
	assert_true(m->gated);
	assert_int_equal(files(m, false), 1);
	assert_int_equal(kernel_fake_services(m->env->k)->n, 0);

	m->fails = NULL;
	ctl_prints(m->env, "upgrade",
		   "module 1.new loaded\n2 services restored in 1 network namespace\n");
	assert_same(m, before);
}

/* Killed when the new module was there: what came meanwhile stays as it is. */
static void test_killed(void **state)
{
	struct machine *m = *state;
	const struct kservice *dns;
	uint32_t n;
	struct err e;
	char *before = fill(m);

	free(before);
	assert_int_equal(upgrade_saved_write(m->dir, COOKIE, m->env->k, &e), 0);
	m->gated = true;
	m->loaded = "new";
	m->env->k->ops->flush(m->env->k, NULL, &n, &e);
	ctl_ok(m->env, "add service dns udp --frontend 10.96.0.10:53 --endpoint 10.244.9.9:53");
	ctl_ok(m->env, "add service own udp --frontend 10.96.0.11:53 --endpoint 10.244.9.9:53");
	ctl_prints(m->env, "upgrade",
		   "an upgrade that was interrupted is finished now\n"
		   "1 service restored in 1 network namespace\n"
		   "module 1.new is loaded already\n");
	assert_string_equal(m->log, "ungate");
	assert_int_equal(kernel_fake_services(m->env->k)->n, 3);
	dns = kernel_fake_find(m->env->k, "dns", AF_INET, IPPROTO_UDP);
	assert_int_equal(dns->endpoints[0].addr.v4.s_addr, htonl(0x0af40909));
	assert_int_equal(files(m, false), 0);
}

/* A namespace that has gone meanwhile is forgotten. */
static void test_namespace_gone(void **state)
{
	struct machine *m = *state;
	uint32_t n;
	struct err e;
	char *before = fill(m);

	free(before);
	assert_int_equal(upgrade_saved_write(m->dir, COOKIE + 1, m->env->k, &e), 0);
	m->env->k->ops->flush(m->env->k, NULL, &n, &e);
	m->loaded = "new";
	ctl_prints(m->env, "upgrade",
		   "an upgrade that was interrupted is finished now\n"
		   "0 services restored in 0 network namespaces\n"
		   "module 1.new is loaded already\n");
	assert_int_equal(kernel_fake_services(m->env->k)->n, 0);
	assert_int_equal(files(m, false), 0);
}

/* What was interrupted is finished, whatever becomes of the file that is named now. */
static void test_finished_first(void **state)
{
	struct machine *m = *state;
	struct err e;
	char *before = fill(m);

	assert_int_equal(upgrade_saved_write(m->dir, COOKIE, m->env->k, &e), 0);
	m->gated = true;
	assert_int_equal(ctl_run(m->env, "upgrade bad.ko"), 1);
	assert_string_equal(m->env->err, "svcctl: bad.ko was built for another kernel\n");
	assert_string_equal(m->log, "ungate");
	assert_same(m, before);
}

/* svcd has loaded the installed one, and this one cannot be: the gates do not stay shut. */
static void test_loaded_by_other(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	m->comes_back = "other";
	m->fails = "insert";
	assert_int_equal(ctl_run(m->env, "upgrade"), 1);
	assert_non_null(strstr(m->env->err, "module 1.other has been loaded meanwhile"));
	assert_same(m, before);
}

/* A gate that does not open is said, and tried again by the next one. */
static void test_gate_stays(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	m->fails = "ungate";
	assert_int_equal(ctl_run(m->env, "upgrade"), 1);
	assert_non_null(strstr(m->env->err, "network namespace 77: ungate fails"));
	assert_int_equal(files(m, false), 1);
	m->fails = NULL;
	ctl_ok(m->env, "upgrade");
	assert_same(m, before);
}

/* Settings that somebody has set anew since stay as well. */
static void test_settings_stay(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);

	free(before);
	m->fails = "insert";
	assert_int_equal(ctl_run(m->env, "upgrade"), 1);
	m->fails = NULL;
	ctl_ok(m->env, "settings pod-cidrs 10.9.0.0/16");
	ctl_ok(m->env, "settings service-cidrs none");
	ctl_ok(m->env, "upgrade");
	ctl_ok(m->env, "save");
	assert_non_null(strstr(m->env->out, "pod-cidrs 10.9.0.0/16\n"));
	assert_non_null(strstr(m->env->out, "service-cidrs 10.96.0.0/12\n"));
}

/* A service that the new module refuses does not keep the others away, nor the gate shut. */
static void test_refused_after(void **state)
{
	struct machine *m = *state;
	char *before = fill(m), path[UPGRADE_PATH_MAX];

	free(before);
	kernel_fake_fail(m->env->k, KERNEL_FAKE_SET, 1, EINVAL);
	assert_int_equal(ctl_run(m->env, "upgrade"), 1);
	assert_non_null(strstr(m->env->err, "not all of 2 services could be restored"));
	snprintf(path, sizeof(path), "%s/7700.refused", m->dir);
	assert_non_null(strstr(m->env->err, path));
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(kernel_fake_services(m->env->k)->n, 1);
	assert_false(m->gated);
}

/* No folder to save to: the module is not touched. */
static void test_cannot_save(void **state)
{
	struct machine *m = *state;
	char *before = fill(m), says[256];

	m->host.dir = "/dev/null/upgrade";
	snprintf(says, sizeof(says), "svcctl: cannot make the folder %s: Not a directory\n",
		 m->host.dir);
	ctl_fails(m->env, "upgrade", 1, says);
	assert_string_equal(m->log, "");
	m->host.dir = m->dir;
	assert_same(m, before);
}

/* One at a time. */
static void test_lock(void **state)
{
	struct machine *m = *state;
	char *before = fill(m);
	struct err e;
	int lock = upgrade_saved_lock(m->dir, &e);

	assert_true(lock >= 0);
	ctl_fails(m->env, "upgrade", 1, "svcctl: another upgrade is under way\n");
	assert_string_equal(m->log, "");
	close(lock);
	assert_same(m, before);
	ctl_ok(m->env, "upgrade");
}

static void test_gate_text(void **state)
{
	struct machine *m = *state;
	char *text = NULL;
	size_t len;
	FILE *f;

	ctl_ok(m->env, "settings service-cidrs 10.96.0.0/12");
	ctl_ok(m->env, "add service web tcp --frontend 10.96.0.1:80 --frontend 10.96.0.2:80 "
		       "--frontend nodeport:30080");
	ctl_ok(m->env, "add service six sctp --frontend [fd96::1]:80");
	f = open_memstream(&text, &len);
	natgate_print(f, kernel_fake_services(m->env->k), kernel_fake_settings(m->env->k));
	fclose(f);
#define T "inet svcnat-gate"
#define HOOK(h) \
	"add chain " T " " h " { type filter hook " h " priority -150; policy accept; }\n" \
	"add rule " T " " h " ct state new jump new comment " \
	"\"svcctl upgrade is under way; see svcctl(8)\"\n"
	assert_string_equal(text,
		"add table " T "\ndelete table " T "\nadd table " T "\nadd chain " T " new\n"
		"add set " T " addresses4 { type ipv4_addr . inet_proto . inet_service; "
		"elements = { 10.96.0.1 . tcp . 80, 10.96.0.2 . tcp . 80 }; }\n"
		"add rule " T " new ip daddr . meta l4proto . th dport @addresses4 drop\n"
		"add set " T " addresses6 { type ipv6_addr . inet_proto . inet_service; "
		"elements = { fd96::1 . sctp . 80 }; }\n"
		"add rule " T " new ip6 daddr . meta l4proto . th dport @addresses6 drop\n"
		"add set " T " ports4 { type inet_proto . inet_service; "
		"elements = { tcp . 30080 }; }\n"
		"add rule " T " new meta nfproto ipv4 fib daddr type local meta l4proto . th dport "
		"@ports4 drop\n"
		"add set " T " networks4 { type ipv4_addr; flags interval; auto-merge; "
		"elements = { 10.96.0.0/12 }; }\n"
		"add rule " T " new ip daddr @networks4 drop\n"
		HOOK("prerouting") HOOK("output"));
	free(text);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_whole),
		CASE(test_same),
		CASE(test_nothing_changed),
		CASE(test_refused_before),
		CASE(test_insert_fails),
		CASE(test_killed),
		CASE(test_namespace_gone),
		CASE(test_finished_first),
		CASE(test_loaded_by_other),
		CASE(test_gate_stays),
		CASE(test_settings_stay),
		CASE(test_refused_after),
		CASE(test_cannot_save),
		CASE(test_lock),
		CASE(test_gate_text),
	};

	return cmocka_run_group_tests_name("svcctl_upgrade", tests, NULL, NULL);
}
