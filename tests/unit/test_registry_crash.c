// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing acknowledged is lost: a child makes Services and says so through a
 * pipe after each; it is killed at a moment that nobody chose.
 */
#include "registry_help.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS	25

struct ack {
	int number;
	char ip[48];
	int port;
};

/* No cmocka in here: a failure is an end of the pipe. */
static void child(struct registry_help *h, int round, int fd)
{
	const struct resource *res = resource_by_plural("v1", "services");

	if (registry_open(&h->r, h->path, &h->config, NULL))
		_exit(1);
	for (int i = 0;; i++) {
		struct ack ack = { .number = round * 100000 + i };
		struct reply reply;
		const char *ip;
		char name[32];
		json_t *body;

		snprintf(name, sizeof(name), "s%d", ack.number);
		body = json_pack("{s:{s:s}, s:{s:s, s:{s:s}, s:[{s:i}]}}", "metadata", "name", name,
				 "spec", "type", "NodePort", "selector", "app", "x", "ports",
				 "port", 80);
		registry_create(h->r, res, "default", body, 0, &reply);
		json_decref(body);
		if (reply.code != 201)
			_exit(2);
		if (json_unpack(reply.body, "{s:{s:s, s:[{s:i}]}}", "spec", "clusterIP", &ip,
				"ports", "nodePort", &ack.port))
			_exit(4);
		snprintf(ack.ip, sizeof(ack.ip), "%s", ip);
		json_decref(reply.body);
		if (write(fd, &ack, sizeof(ack)) != sizeof(ack))
			_exit(3);
	}
}

/* Run a child until it has told of at least one, kill it, and append what it told. */
static size_t one_round(struct registry_help *h, int round, struct ack *acks, size_t n, size_t room)
{
	int fd[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fd[0]);
		child(h, round, fd[1]);
	}
	close(fd[1]);
	assert_int_equal(read(fd[0], &acks[n++], sizeof(*acks)), sizeof(*acks));
	/* Some part of a transaction later; which part is the point. */
	usleep(rand() % 4000);
	kill(pid, SIGKILL);
	while (n < room && (got = read(fd[0], &acks[n], sizeof(*acks))) == sizeof(*acks))
		n++;
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return n;
}

static void expect_there(struct registry_help *h, const struct ack *ack)
{
	char name[32], port[16];

	snprintf(name, sizeof(name), "s%d", ack->number);
	snprintf(port, sizeof(port), "%d", ack->port);
	assert_int_equal(registry_help_get(h, "services", name), 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), ack->ip);
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), port);
	assert_int_equal(registry_help_get(h, "endpoints", name), 200);
}

static void test_kill(void **state)
{
	static struct ack acks[4096];
	struct registry_help *h = *state;
	uint64_t version = registry_version(h->r);
	size_t n = 0;

	srand(getpid());
	h->config.seed = 0;
	for (int round = 0; round < ROUNDS && n < 2000; round++) {
		registry_close(h->r);
		h->r = NULL;
		n = one_round(h, round, acks, n, 4096);
		registry_help_open(h);
		assert_true(registry_version(h->r) >= version);
		version = registry_version(h->r);
		for (size_t i = 0; i < n; i++)
			expect_there(h, &acks[i]);
	}
	assert_true(n >= ROUNDS);
}

/* A file that may not grow: refused with 507, nothing changed, and well again afterwards. */
static void test_file_limit(void **state)
{
	struct rlimit old, tight = { 256 * 1024, 256 * 1024 };
	struct registry_help *h = *state;
	char body[256], name[16];
	uint64_t before;
	int code, i = 0;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	do {
		before = registry_version(h->r);
		snprintf(name, sizeof(name), "s%d", i++);
		snprintf(body, sizeof(body),
			 "{'metadata':{'name':'%s'},'spec':{'ports':[{'port':80}],"
			 "'selector':{'app':'x'}}}",
			 name);
		code = registry_help_create(h, "services", body);
	} while (code == 201 && i < 5000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);

	if (code != 507)
		fail_msg("%d: %s", code, registry_help_message(h));
	assert_non_null(strstr(registry_help_message(h), "the disk is full"));
	assert_int_equal(registry_version(h->r), before);
	assert_int_equal(registry_help_get(h, "services", name), 404);
	assert_int_equal(registry_help_get(h, "endpoints", name), 404);
	assert_int_equal(registry_help_create(h, "services", body), 201);
	registry_help_reopen(h);
	assert_int_equal(registry_help_get(h, "services", name), 200);
	assert_int_equal(registry_help_get(h, "services", "s0"), 200);
}

static void count(void *ctx, const struct registry_event *ev)
{
	(void)ev;
	++*(int *)ctx;
}

/* A start on a disk that is full already: what is there is served, and watches go on. */
static void test_start_on_full_disk(void **state)
{
	static const char body[] = "{'metadata':{'name':'b'},'spec':{'ports':[{'port':80}]}}";
	struct registry_help *h = *state;
	struct rlimit old, tight;
	uint64_t before;
	int code, n = 0;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'a'},'spec':"
					      "{'ports':[{'port':80}]}}"), 201);
	before = registry_version(h->r);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = (struct rlimit){ 1024, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	registry_help_reopen(h);
	code = registry_help_create(h, "services", body);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);

	assert_int_equal(code, 507);
	assert_int_equal(registry_version(h->r), before);
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	assert_int_equal(registry_help_create(h, "services", body), 201);
	assert_int_equal(registry_replay(h->r, registry_help_type("services"), before, count, &n),
			 0);
	assert_int_equal(n, 1);
	registry_help_reopen(h);
	assert_int_equal(registry_help_get(h, "services", "b"), 200);
}

static void test_two_owners(void **state)
{
	struct registry_help *h = *state;
	struct registry *second = NULL;
	struct err e = { "" };

	assert_int_equal(registry_open(&second, h->path, &h->config, &e), -EBUSY);
	assert_non_null(strstr(e.text, "is the database that is in use already"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_kill), T(test_file_limit), T(test_start_on_full_disk),
		T(test_two_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
