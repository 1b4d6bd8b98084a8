// SPDX-License-Identifier: GPL-2.0
#include "addresses.h"
#include "err.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void up(int fd)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK };

	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
}

static void set_address(int fd, const char *ip)
{
	struct ifreq r = { .ifr_name = "lo" };
	struct sockaddr_in *sin = (struct sockaddr_in *)&r.ifr_addr;
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(ip, &a, NULL), 0);
	sin->sin_family = AF_INET;
	sin->sin_addr = a.v4;
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &r), 0);
}

/* The addresses with spaces between them; in front of it "+" if there was news. */
static void assert_addresses(int watch, const char *expected)
{
	struct pollfd p = { .fd = watch, .events = POLLIN };
	char text[256] = "", ip[INET6_ADDRSTRLEN];
	struct ip_addr *v;
	struct err e;
	size_t i, n;

	/* The news is there when the call that made it returns. */
	assert_int_equal(poll(&p, 1, 0), *expected == '+');
	assert_int_equal(addresses_news(watch, &e), *expected == '+');
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(addresses_read(NULL, &v, &n, &e), 0);
	for (i = 0; i < n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, ip_addr_print(&v[i], ip));
	}
	free(v);
	assert_string_equal(text, expected + (*expected == '+'));
}

static void assert_local(const char *ip, int expected)
{
	struct err e = { "" };
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(ip, &a, NULL), 0);
	if (addresses_local(NULL, &a, &e) != expected)
		fail_msg("%s: %s", ip, e.text);
}

/* On the loopback device of a network namespace of its own. */
static void test_addresses(void **state)
{
	struct err e = { "" };
	int fd, watch;

	(void)state;
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		skip();
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	watch = addresses_watch(&e);
	assert_true(watch >= 0);
	assert_addresses(watch, "");
	assert_local("127.0.0.1", 0);
	/* 127.0.0.1 and ::1 come. */
	up(fd);
	assert_addresses(watch, "+");
	assert_local("127.0.0.1", 1);
	assert_local("::1", 1);
	assert_local("fd00::1", 0);
	assert_local("192.0.2.7", 0);
	assert_addresses(watch, "");
	set_address(fd, "192.0.2.7");
	assert_addresses(watch, "+192.0.2.7");
	assert_local("192.0.2.7", 1);
	assert_local("169.254.0.1", 0);
	set_address(fd, "169.254.0.1");
	assert_addresses(watch, "+");
	assert_local("192.0.2.7", 0);
	assert_local("169.254.0.1", 1);
	set_address(fd, "198.51.100.1");
	assert_addresses(watch, "+198.51.100.1");
	assert_addresses(watch, "198.51.100.1");
	close(watch);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
