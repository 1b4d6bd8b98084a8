// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "watchdog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <setjmp.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* The service manager's end: an abstract socket. */
static int manager_open(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(name, sizeof(name), "@svcnat-watchdog-%d", getpid());
	strcpy(addr.sun_path + 1, name + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			      offsetof(struct sockaddr_un, sun_path) + strlen(name)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void test_told(void **state)
{
	struct event_base *base = event_base_new();
	struct err e = { "" };
	char text[64] = "";
	struct event *ev;
	int fd, i, told = 0;

	(void)state;
	fd = manager_open();
	setenv("WATCHDOG_USEC", "30000", 1);
	unsetenv("WATCHDOG_PID");
	assert_int_equal(watchdog_start(&ev, base, &e), 0);
	assert_non_null(ev);
	for (i = 0; i < 200 && told < 3; i++) {
		event_base_loop(base, EVLOOP_ONCE);
		for (; recv(fd, text, sizeof(text) - 1, 0) > 0; told++)
			assert_string_equal(text, "WATCHDOG=1");
	}
	assert_true(told >= 3);
	event_free(ev);
	event_base_free(base);
	close(fd);
}

static void test_nobody_asks(void **state)
{
	struct event_base *base = event_base_new();
	struct err e = { "" };
	struct event *ev;

	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(watchdog_start(&ev, base, &e), 0);
	assert_null(ev);
	/* Meant for another process. */
	setenv("WATCHDOG_USEC", "30000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(watchdog_start(&ev, base, &e), 0);
	assert_null(ev);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_nobody_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
