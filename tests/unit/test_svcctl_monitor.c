// SPDX-License-Identifier: GPL-2.0
/*
 * "monitor": events that are there are printed before an interrupt ends it, so
 * each test sends itself one beforehand.
 */
#include "svcctl_env.h"

#include "err.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int setup(void **state)
{
	struct ctl_env *env;
	sigset_t set;

	ctl_setup(state);
	env = *state;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return env->k->ops->events_open(env->k, NULL);
}

static int teardown(void **state)
{
	sigset_t pending;

	/* The interrupt was taken. */
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM));
	return ctl_teardown(state);
}

static void monitors(struct ctl_env *env, const char *line, const char *expected)
{
	kill(getpid(), SIGINT);
	ctl_prints(env, line, expected);
}

static void test_nothing(void **state)
{
	struct ctl_env *env = *state;

	monitors(env, "monitor", "");
	kill(getpid(), SIGTERM);
	ctl_prints(env, "monitor -j", "");
}

static void change(struct ctl_env *env)
{
	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --scheduler maglev "
		    "--source-range 192.0.2.0/24 --endpoint 10.244.1.1:80 "
		    "--endpoint 10.244.1.2:80 --endpoint 10.244.1.3:80 --endpoint 10.244.1.4:80");
	ctl_ok(env, "add endpoint web tcp 10.244.1.1:80,drain,weight=9");
	ctl_ok(env, "del endpoint web tcp 10.244.1.1:80");
	ctl_ok(env, "del service web tcp");
}

static void test_services(void **state)
{
	struct ctl_env *env = *state;

	change(env);
	monitors(env, "monitor",
		 "service-set web TCP IPv4 owner hand\n"
		 "  scheduler    maglev\n"
		 "  cluster      10.96.0.1:80\n"
		 "  source-range 192.0.2.0/24\n"
		 "  endpoints    10.244.1.1:80, 10.244.1.2:80, 10.244.1.3:80 + 1 more\n"
		 "endpoint-set web TCP IPv4 owner hand\n"
		 "  endpoints    10.244.1.1:80,drain,weight=9\n"
		 "endpoint-del web TCP IPv4 owner hand\n"
		 "  endpoints    10.244.1.1:80\n"
		 "service-del web TCP IPv4 owner hand\n");
	change(env);
	kill(getpid(), SIGINT);
	ctl_ok(env, "monitor --all");
	assert_non_null(strstr(env->out, "10.244.1.3:80, 10.244.1.4:80\n"));
}

static void test_json_lines(void **state)
{
	struct ctl_env *env = *state;

	change(env);
	monitors(env, "monitor -j",
		 "{\"event\":\"service-set\",\"service\":{\"name\":\"web\",\"family\":\"IPv4\","
		 "\"protocol\":\"TCP\",\"owner\":\"hand\",\"scheduler\":\"maglev\","
		 "\"frontends\":[{\"kind\":\"cluster\",\"address\":\"10.96.0.1\",\"port\":80}],"
		 "\"sourceRanges\":[\"192.0.2.0/24\"],\"endpoints\":["
		 "{\"address\":\"10.244.1.1\",\"port\":80},"
		 "{\"address\":\"10.244.1.2\",\"port\":80},"
		 "{\"address\":\"10.244.1.3\",\"port\":80},"
		 "{\"address\":\"10.244.1.4\",\"port\":80}]}}\n"
		 "{\"event\":\"endpoint-set\",\"service\":{\"name\":\"web\",\"family\":\"IPv4\","
		 "\"protocol\":\"TCP\",\"owner\":\"hand\",\"endpoints\":["
		 "{\"address\":\"10.244.1.1\",\"port\":80,\"lists\":[],\"weight\":9}]}}\n"
		 "{\"event\":\"endpoint-del\",\"service\":{\"name\":\"web\",\"family\":\"IPv4\","
		 "\"protocol\":\"TCP\",\"owner\":\"hand\",\"endpoints\":["
		 "{\"address\":\"10.244.1.1\",\"port\":80}]}}\n"
		 "{\"event\":\"service-del\",\"service\":{\"name\":\"web\",\"family\":\"IPv4\","
		 "\"protocol\":\"TCP\",\"owner\":\"hand\"}}\n");
}

static void test_settings_and_syncs(void **state)
{
	struct ctl_env *env = *state;
	uint32_t token, deleted;
	struct err e;

	ctl_ok(env, "settings pod-cidrs 10.244.0.0/16");
	env->k->ops->sync_begin(env->k, "me", &token, &e);
	env->k->ops->sync_end(env->k, "me", token, &deleted, &e);
	kill(getpid(), SIGINT);
	ctl_ok(env, "monitor");
	assert_ptr_equal(strstr(env->out, "settings-set\n  version             1.2.3\n"), env->out);
	assert_non_null(strstr(env->out, "\n  pod-cidrs           10.244.0.0/16\n"));
	assert_non_null(strstr(env->out, "\nsync-end owner me, 0 services deleted\n"));

	ctl_ok(env, "settings echo off");
	kill(getpid(), SIGINT);
	ctl_ok(env, "monitor -j");
	assert_non_null(strstr(env->out, "{\"event\":\"settings-set\",\"settings\":{\"version\":"));
	assert_non_null(strstr(env->out, "\"echo\":false"));
	env->k->ops->sync_begin(env->k, "me", &token, &e);
	env->k->ops->sync_end(env->k, "me", token, &deleted, &e);
	monitors(env, "monitor -j", "{\"event\":\"sync-end\",\"owner\":\"me\",\"deleted\":0}\n");
}

/* What comes in parts is printed as one. */
static void test_parts(void **state)
{
	struct ctl_env *env = *state;
	char *whole;

	change(env);
	kill(getpid(), SIGINT);
	ctl_ok(env, "monitor -v");
	whole = strdup(env->out);
	kernel_fake_split_events(env->k, 1);
	change(env);
	monitors(env, "monitor -v", whole);
	free(whole);
}

static void test_losses(void **state)
{
	struct ctl_env *env = *state;

	change(env);
	kernel_fake_lose_events(env->k);
	ctl_ok(env, "add service late tcp --frontend 10.96.0.1:80");
	monitors(env, "monitor",
		 "events were lost: they came faster than they were read\n"
		 "service-set late TCP IPv4 owner hand\n"
		 "  cluster      10.96.0.1:80\n"
		 "  endpoints    none, connections are refused\n");
	kernel_fake_lose_events(env->k);
	monitors(env, "monitor -j", "{\"event\":\"lost\"}\n");
}

/* The first half of an event, and then a loss: the half is not printed, nor put before another. */
static void test_loss_of_a_part(void **state)
{
	struct ctl_env *env = *state;

	kernel_fake_split_events(env->k, 1);
	ctl_ok(env, "add service half tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80");
	kernel_fake_fail(env->k, KERNEL_FAKE_EVENTS_READ, 2, ENOBUFS);
	ctl_ok(env, "del service half tcp");
	kill(getpid(), SIGINT);
	ctl_ok(env, "monitor");
	assert_ptr_equal(strstr(env->out, "events were lost: they came faster than they were "
					  "read\n"), env->out);
	assert_null(strstr(env->out, "  cluster "));
	assert_non_null(strstr(env->out, "service-del half TCP IPv4 owner hand\n"));
}

static void test_refusals(void **state)
{
	struct ctl_env *env = *state;

	kernel_fake_fail(env->k, KERNEL_FAKE_EVENTS_OPEN, 1, EPERM);
	ctl_fails(env, "monitor", 1, "svcctl: the test asked for this: Operation not permitted\n");
	kernel_fake_fail(env->k, KERNEL_FAKE_EVENTS_READ, 1, ENODEV);
	ctl_fails(env, "monitor", 1, "svcctl: the test asked for this: No such device\n");
	/* A module that goes says nothing: it is asked. */
	kernel_fake_fail(env->k, KERNEL_FAKE_SETTINGS_GET, 1, ENODEV);
	ctl_fails(env, "monitor", 1, "svcctl: the test asked for this: No such device\n");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_nothing),
		CASE(test_services),
		CASE(test_json_lines),
		CASE(test_settings_and_syncs),
		CASE(test_parts),
		CASE(test_losses),
		CASE(test_loss_of_a_part),
		CASE(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
