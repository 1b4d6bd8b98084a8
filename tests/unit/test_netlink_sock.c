// SPDX-License-Identifier: GPL-2.0
/*
 * What is common to all answers, and what this machine's kernel says, whether
 * the module is there or not.
 */
#include "err.h"
#include "kernel.h"
#include "kernel_watch.h"
#include "netlink_events.h"
#include "netlink_fill.h"
#include "netlink_help.h"
#include "netlink_parse.h"
#include "netlink_sock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define make_ack	netlink_help_ack

static void test_number(void **state)
{
	struct nl_msg *msg = netlink_help_message(256);
	struct attrs a;
	uint32_t n;

	(void)state;
	assert_int_equal(netlink_fill_sync(msg, "svcd", 77), 0);
	a = netlink_help_take(msg);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_TOKEN, &n, NULL), 0);
	assert_int_equal(n, 77);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_DELETED, &n, NULL), -EPROTO);
	assert_int_equal(netlink_parse_u32(a.v, a.len, SVCNAT_A_SYNC_OWNER, &n, NULL), -EPROTO);
	free(a.v);
}

/* --- acknowledgements --- */

static void assert_ack(struct ack a, int expected, const char *text, bool own)
{
	struct err e = { "untouched" };
	bool has_text;

	assert_int_equal(netlink_parse_ack(&a.h, &has_text, &e), expected);
	assert_string_equal(e.text, text);
	assert_int_equal(has_text, own);
}

static void test_acks(void **state)
{
	(void)state;
	assert_ack(make_ack(NLMSG_ERROR, 0, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_DONE, 0, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_DONE, 4, 0, NULL), 0, "untouched", false);
	assert_ack(make_ack(NLMSG_ERROR, -EEXIST, 0, "it is there"), -EEXIST, "it is there", true);
	assert_ack(make_ack(NLMSG_ERROR, -EEXIST, 37, "it is there"), -EEXIST, "it is there", true);
	assert_ack(make_ack(NLMSG_DONE, -EINVAL, 0, "bad filter"), -EINVAL, "bad filter", true);
	assert_ack(make_ack(NLMSG_ERROR, -EPERM, 0, NULL), -EPERM,
		   "this needs root (CAP_NET_ADMIN)", false);
	assert_ack(make_ack(NLMSG_ERROR, -ENOENT, 0, NULL), -ENOENT, strerror(ENOENT), false);
}

#define OLDER	"the svcnat module that is loaded may be older than this program: see " \
		"\"svcctl version\""

/* What an older module does not have: the kernel's own words say too little of it. */
static void test_acks_of_an_older_module(void **state)
{
	(void)state;
	assert_ack(make_ack(NLMSG_ERROR, -EOPNOTSUPP, 0, NULL), -EOPNOTSUPP,
		   "the kernel does not know this command: " OLDER, false);
	assert_ack(make_ack(NLMSG_ERROR, -EINVAL, 0, "Unknown attribute type"), -EINVAL,
		   "Unknown attribute type: " OLDER, true);
	assert_ack(make_ack(NLMSG_ERROR, -EINVAL, 37, "Unsupported attribute"), -EINVAL,
		   "Unsupported attribute: " OLDER, true);
}

static void test_cut_ack(void **state)
{
	struct ack a = make_ack(NLMSG_ERROR, -EEXIST, 0, "it is there");
	struct nlmsghdr *cut;
	uint32_t n, whole = a.h.nlmsg_len;
	bool has_text;
	int err;

	(void)state;
	for (n = NLMSG_HDRLEN; n < whole; n++) {
		a.h.nlmsg_len = n;
		cut = malloc(n);
		memcpy(cut, &a, n);
		err = netlink_parse_ack(cut, &has_text, NULL);
		assert_int_equal(err, n < NLMSG_LENGTH(sizeof(struct nlmsgerr)) ? -EPROTO :
									  -EEXIST);
		assert_false(has_text && n < whole - NLA_ALIGNTO);
		free(cut);
	}
}

/* --- this machine: needs no privilege --- */

static void test_open(void **state)
{
	struct kernel_watch *w;
	struct kernel *k;
	struct err e;
	int err, broken;
	bool present;

	(void)state;
	assert_int_equal(kernel_watch_open(&w, &e), 0);
	assert_true(kernel_watch_fd(w) >= 0);
	assert_int_equal(kernel_watch_read(w, &present, &e), 0);
	/* What it reads breaks: that is said, not taken for silence. */
	broken = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_return_code(dup2(broken, kernel_watch_fd(w)), errno);
	close(broken);
	assert_int_equal(kernel_watch_read(w, &present, &e), -EIO);
	assert_non_null(strstr(e.text, "cannot read the news of modules: "));
	kernel_watch_close(w);
	err = kernel_open(&k, &e);
	if (err) {
		assert_int_equal(err, -ENOENT);
		assert_non_null(strstr(e.text, "modprobe svcnat"));
	} else {
		kernel_close(k);
	}
}

/* Families and groups are looked up alike, whosever they are. */
static void test_find(void **state)
{
	struct netlink_events *events;
	struct netlink_family f;
	struct nl_sock *sk;
	struct err e;

	(void)state;
	assert_int_equal(netlink_sock_open(&sk, &e), 0);
	assert_int_equal(netlink_sock_find(sk, "nlctrl", "notify", &f, &e), 0);
	assert_int_equal(f.id, GENL_ID_CTRL);
	assert_true(f.group > 0);
	assert_int_equal(netlink_sock_find(sk, "nlctrl", NULL, &f, &e), 0);
	assert_int_equal(f.group, 0);
	assert_int_equal(netlink_sock_find(sk, "nlctrl", "no-such-group", &f, &e), -EPROTO);
	assert_int_equal(netlink_sock_find(sk, "no-such-family", NULL, &f, &e), -ENOENT);
	netlink_sock_close(sk);
	/* No module, or one of another number than when it was opened. */
	assert_int_equal(netlink_events_open(&events, 0xffff, &e), -ENODEV);
	assert_non_null(strstr(e.text, "removed from this kernel or loaded anew"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_acks),
		cmocka_unit_test(test_acks_of_an_older_module),
		cmocka_unit_test(test_cut_ack),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
