// SPDX-License-Identifier: GPL-2.0
/* Who may use the socket, whatever its mode has become. */
#include "http_fixture.h"
#include "socket_peer.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SVCD	12301u		/* a user, a group */
#define ADMINS	12302u		/* a group */
#define NOBODY	12303u

static void test_rule(void **state)
{
	static const gid_t few[] = { NOBODY, 4, ADMINS }, many[] = { 4, 24, SVCD }, root[] = { 0 };
	static const struct {
		struct socket_peer peer;
		struct socket_owner owner;
		bool may;
	} cases[] = {
		{ { 0, 0, NULL, 0 }, { 0, 0 }, true },
		{ { 0, NOBODY, NULL, 0 }, { SVCD, ADMINS }, true },
		{ { SVCD, NOBODY, NULL, 0 }, { SVCD, ADMINS }, true },
		{ { NOBODY, ADMINS, NULL, 0 }, { 0, ADMINS }, true },
		{ { NOBODY, NOBODY, few, 3 }, { 0, ADMINS }, true },
		{ { NOBODY, NOBODY, few, 2 }, { 0, ADMINS }, false },
		{ { NOBODY, NOBODY, many, 3 }, { 0, ADMINS }, false },
		{ { NOBODY, NOBODY, NULL, 0 }, { SVCD, ADMINS }, false },
		/* The group root is nobody's group. */
		{ { NOBODY, 0, NULL, 0 }, { 0, 0 }, false },
		{ { NOBODY, NOBODY, root, 1 }, { 0, 0 }, false },
		/* Nobody that the kernel could name. */
		{ { (uid_t)-1, (gid_t)-1, NULL, 0 }, { 0, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (socket_peer_may(&cases[i].peer, &cases[i].owner) != cases[i].may)
			fail_msg("case %zu", i);
}

static void test_no_socket(void **state)
{
	const struct socket_owner o = { 0, 0 };
	uid_t uid;
	int p[2];

	(void)state;
	assert_return_code(pipe(p), errno);
	assert_false(socket_peer_allowed(p[0], &o, &uid));
	assert_int_equal(uid, (uid_t)-1);
	close(p[0]);
	close(p[1]);
	assert_false(socket_peer_allowed(-1, &o, &uid));
}

/* In a process of its own: what is answered to that user, with that group and another one. */
static int ask_as(const char *path, uid_t uid, gid_t gid, gid_t other)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status = 0;
	char text[512] = "";

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (setgroups(1, &other) || setgid(gid) || setuid(uid))
		return 1;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return errno == EACCES ? 13 : 2;
	dprintf(fd, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	if (read(fd, text, sizeof(text) - 1) <= 0 || sscanf(text, "HTTP/1.1 %d", &status) != 1)
		return 3;
	/* Of an exit code there are eight bits. */
	return status / 100 * 10 + status % 10;
}

struct child {
	pid_t pid;
	int status;
};

static bool has_ended(void *ctx)
{
	struct child *c = ctx;

	return waitpid(c->pid, &c->status, WNOHANG) == c->pid;
}

static void check(struct http_fixture *f, uid_t uid, gid_t gid, gid_t other, int want)
{
	struct child c = { .pid = fork() };

	assert_return_code(c.pid, errno);
	if (!c.pid)
		_exit(ask_as(f->socket, uid, gid, other));
	assert_true(http_wait(f->base, has_ended, &c));
	assert_true(WIFEXITED(c.status));
	if (WEXITSTATUS(c.status) != want)
		fail_msg("user %u, groups %u, %u: %d, not %d", uid, gid, other,
			 WEXITSTATUS(c.status), want);
}

/* 20: "200 OK"; 43: "403 Forbidden"; 13: the mode keeps it from connecting. */
static void test_peers(void **state)
{
	struct http_fixture *f;

	(void)state;
	if (geteuid()) {
		print_message("not root: nobody else can be asked for\n");
		skip();
	}
	f = http_fixture_open(NULL);
	/* For others to find; the socket itself says who may. */
	assert_return_code(chmod(f->dir, 0755), errno);
	check(f, 0, 0, NOBODY, 20);
	check(f, NOBODY, NOBODY, NOBODY, 13);
	check(f, NOBODY, NOBODY, 0, 43);
	assert_return_code(chmod(f->socket, 0666), errno);
	check(f, 0, 0, NOBODY, 20);
	check(f, NOBODY, NOBODY, NOBODY, 43);
	check(f, NOBODY, NOBODY, 0, 43);

	/* The group that svcd has is who may. */
	http_fixture_stop_server(f);
	assert_return_code(setegid(ADMINS), errno);
	http_fixture_start_server(f);
	assert_return_code(setegid(0), errno);
	check(f, NOBODY, ADMINS, NOBODY, 20);
	check(f, NOBODY, NOBODY, ADMINS, 20);
	check(f, NOBODY, NOBODY, SVCD, 13);
	assert_return_code(chmod(f->socket, 0666), errno);
	check(f, NOBODY, NOBODY, SVCD, 43);
	http_fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_no_socket),
		cmocka_unit_test(test_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
