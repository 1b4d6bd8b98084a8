// SPDX-License-Identifier: GPL-2.0
/* "save" and "restore": the round trip, what is refused and where, and what is left alone. */
#include "svcctl_env.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEADER		"# svcctl save, format 1\n"
#define DEFAULTS	"settings pod-cidrs none\n" \
			"settings service-cidrs none\n" \
			"settings nodeport-cidrs none\n" \
			"settings external-cidrs none\n" \
			"settings loopback-nodeports off\n" \
			"settings masquerade-all off\n" \
			"settings echo on\n" \
			"settings armed off\n" \
			"settings max-services 65536\n" \
			"settings max-frontends 262144\n" \
			"settings max-endpoints 1048576\n" \
			"settings max-ranges 1048576\n" \
			"settings max-affinity 1048576\n" \
			"settings max-connections 1048576\n"

/* Everything that there is to be saved, in no order. */
static void fill(struct ctl_env *env)
{
	ctl_ok(env, "settings pod-cidrs fd44::/16,10.244.0.0/16 service-cidrs 10.96.0.0/12 "
		    "nodeport-cidrs 192.0.2.0/24 external-cidrs 198.51.100.0/24,192.0.2.0/24 "
		    "loopback-nodeports on masquerade-all on echo off armed on max-services 100 "
		    "max-frontends 101 max-endpoints 102 max-ranges 103 max-affinity 104 "
		    "max-connections 105");
	ctl_ok(env, "add service web tcp --frontend nodeport:30080 "
		    "--frontend loadbalancer:192.0.2.9:80 --frontend external:192.0.2.8:80 "
		    "--frontend 10.96.0.1:81 --frontend 10.96.0.1:80 --scheduler leastconn "
		    "--affinity 86400 --reset --account --internal-local --external-local "
		    "--source-range 10.0.0.0/8 --source-range 0.0.0.0/0 "
		    "--endpoint 10.244.1.2:8080,drain,weight=0 --endpoint 10.244.1.1:8080,local "
		    "--endpoint 10.244.1.10:8080,local-only,weight=256 "
		    "--endpoint 10.244.1.1:80,weight=2");
	ctl_ok(env, "add service web udp --frontend [fd00::1]:53 --endpoint [fd00::9]:53 "
		    "--owner svcd --scheduler maglev");
	ctl_ok(env, "add service web udp --frontend 10.96.0.1:53");
	ctl_ok(env, "add service bare sctp --family 6 --owner svcd");
	ctl_ok(env, "add service node tcp --frontend nodeport:30081 --family 6");
	ctl_ok(env, "add --owner -o- --frontend 10.96.0.3:80 -- service --owner tcp");
}

#define FULL	HEADER \
	"settings pod-cidrs 10.244.0.0/16,fd44::/16\n" \
	"settings service-cidrs 10.96.0.0/12\n" \
	"settings nodeport-cidrs 192.0.2.0/24\n" \
	"settings external-cidrs 192.0.2.0/24,198.51.100.0/24\n" \
	"settings loopback-nodeports on\n" \
	"settings masquerade-all on\n" \
	"settings echo off\n" \
	"settings armed on\n" \
	"settings max-services 100\n" \
	"settings max-frontends 101\n" \
	"settings max-endpoints 102\n" \
	"settings max-ranges 103\n" \
	"settings max-affinity 104\n" \
	"settings max-connections 105\n" \
	"add service --owner -o- --frontend cluster:10.96.0.3:80 -- --owner TCP\n" \
	"add service bare SCTP --owner svcd --family 6\n" \
	"add service node TCP --owner hand --family 6 --frontend nodeport:30081\n" \
	"add service web TCP --owner hand --scheduler leastconn --affinity 86400 " \
	"--internal-local --external-local --reset --account " \
	"--frontend cluster:10.96.0.1:80 --frontend cluster:10.96.0.1:81 " \
	"--frontend external:192.0.2.8:80 --frontend loadbalancer:192.0.2.9:80 " \
	"--frontend nodeport:30080 --source-range 0.0.0.0/0 --source-range 10.0.0.0/8 " \
	"--endpoint 10.244.1.1:80,weight=2 --endpoint 10.244.1.1:8080,local " \
	"--endpoint 10.244.1.2:8080,drain,weight=0 " \
	"--endpoint 10.244.1.10:8080,local-only,weight=256\n" \
	"add service web UDP --owner hand --frontend cluster:10.96.0.1:53\n" \
	"add service web UDP --owner svcd --scheduler maglev --frontend cluster:[fd00::1]:53 " \
	"--endpoint [fd00::9]:53\n" \
	"# end\n"

static void test_save(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "save", HEADER DEFAULTS "# end\n");
	fill(env);
	ctl_prints(env, "save", FULL);
	ctl_prints(env, "save --owner svcd",
		   HEADER
		   "add service bare SCTP --owner svcd --family 6\n"
		   "add service web UDP --owner svcd --scheduler maglev "
		   "--frontend cluster:[fd00::1]:53 --endpoint [fd00::9]:53\n"
		   "# end\n");
	ctl_prints(env, "save --owner nobody", HEADER "# end\n");
}

/* Onto nothing, onto itself, and onto something else: the second save is the first. */
static void test_round_trip(void **state)
{
	struct ctl_env *env = *state;

	env->in = FULL;
	ctl_prints(env, "restore", "6 services restored, 0 deleted\n");
	ctl_prints(env, "save", FULL);
	ctl_prints(env, "restore -", "6 services restored, 0 deleted\n");
	ctl_prints(env, "save", FULL);
	ctl_ok(env, "flush");
	ctl_ok(env, "settings external-cidrs none service-cidrs none echo on max-services 7 "
		    "armed off");
	ctl_ok(env, "add service old tcp --frontend external:203.0.113.1:80");
	ctl_ok(env, "add service web tcp --frontend [fd00::2]:80 --owner hand");
	ctl_prints(env, "restore", "6 services restored, 2 deleted\n");
	ctl_prints(env, "save", FULL);
	assert_int_equal(kernel_fake_deferred(env->k), 0);
}

static void test_from_a_file(void **state)
{
	struct ctl_env *env = *state;
	FILE *f = fopen("saved", "w");

	fputs(FULL, f);
	fclose(f);
	ctl_ok(env, "restore saved");
	ctl_prints(env, "save", FULL);
	f = fopen("saved", "w");
	fputs("add service web tcp\n", f);
	fclose(f);
	ctl_fails(env, "restore ./saved", 2,
		  "svcctl: ./saved:1: no address says the family of the service: "
		  "give --family 4 or --family 6\n"
		  "svcctl: nothing was changed\n");
	unlink("saved");
	ctl_fails(env, "restore .", 2, "svcctl: .: cannot be read: Is a directory\n"
				       "svcctl: nothing was changed\n");
}

/* By hand: no header, comments, blanks, several settings in a line, any order. */
static void test_by_hand(void **state)
{
	struct ctl_env *env = *state;

	env->in = "\n"
		  "  # a comment\n"
		  "add service a tcp --frontend 10.96.0.1:80 --replace\r\n"
		  "\tsettings  echo off\tmax-services 9 \n"
		  "   \n"
		  "settings pod-cidrs 10.244.0.0/16\n"
		  "add service b udp --frontend 10.96.0.1:53 --owner me";
	ctl_prints(env, "restore", "2 services restored, 0 deleted\n");
	assert_string_equal(kernel_fake_log(env->k),
			    "sync_begin; sync_begin; settings; set a; set b; sync_end; sync_end");
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_SERVICES], 9);
	assert_false(kernel_fake_settings(env->k)->echo);
	/* Only services: the settings stay. */
	env->in = "add service a tcp --frontend 10.96.0.1:80";
	kernel_fake_clear_log(env->k);
	ctl_prints(env, "restore", "1 service restored, 0 deleted\n");
	assert_string_equal(kernel_fake_log(env->k), "sync_begin; set a; sync_end");
	/* Only settings: the services stay. */
	env->in = "settings echo on";
	ctl_prints(env, "restore", "0 services restored, 0 deleted\n");
	assert_int_equal(kernel_fake_services(env->k)->n, 2);
	assert_true(kernel_fake_settings(env->k)->echo);
}

static void test_owners(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service mine tcp --frontend 10.96.0.1:80");
	ctl_ok(env, "add service theirs tcp --frontend 10.96.0.2:80 --owner svcd");
	ctl_ok(env, "add service theirs udp --frontend 10.96.0.2:80 --owner svcd");
	env->in = "add service new tcp --frontend 10.96.0.3:80\n";
	ctl_prints(env, "restore", "1 service restored, 1 deleted\n");
	assert_null(kernel_fake_find(env->k, "mine", AF_INET, IPPROTO_TCP));
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
	ctl_prints(env, "restore --flush", "1 service restored, 2 deleted\n");
	assert_int_equal(kernel_fake_services(env->k)->n, 1);
	/* Of a file that names no owner, --flush leaves nothing. */
	env->in = HEADER "# end\n";
	ctl_prints(env, "restore", "0 services restored, 0 deleted\n");
	ctl_prints(env, "restore - --flush", "0 services restored, 1 deleted\n");
}

/* --- what is wrong with a file --- */

static const struct {
	const char *in, *err;
} files[] = {
	{ "", "STDIN: there is nothing in it" },
	{ "# only a comment\n", "STDIN: there is nothing in it" },
	{ HEADER DEFAULTS, "STDIN:15: the last line is not '# end': the file was cut off" },
	{ "# svcctl save, format 2\nadd service w tcp --family 4\n# end\n",
	  "STDIN:1: this is of another format than 1, which this svcctl reads: use the one that "
	  "saved it" },
	{ "del service w tcp\n", "STDIN:1: 'del' stands where 'add service' or 'settings' is "
				 "expected" },
	{ "svcctl flush\n", "STDIN:1: 'svcctl' stands where 'add service' or 'settings' is "
			    "expected" },
	{ "add endpoint w tcp 10.0.0.1:80\n",
	  "STDIN:1: 'add endpoint' cannot be restored: write --endpoint in the line of the "
	  "service" },
	{ "settings\n", "STDIN:1: a setting is missing (settings KEY VALUE)" },
	{ "settings -j\n", "STDIN:1: unknown shorthand flag: 'j' in -j" },
	{ "settings echo\n", "STDIN:1: echo needs a value" },
	{ "settings echo on\nsettings echo off\n", "STDIN:2: echo is given twice" },
	{ "settings max-ranges 5\n\nsettings max-ranges 5\n",
	  "STDIN:3: max-ranges is given twice" },
	{ "add service w tcp --help\n", "STDIN:1: unknown flag: --help" },
	{ "add service w tcp --family 4\nadd service w TCP --family 4 --owner x\n",
	  "STDIN:2: service 'w' (TCP, IPv4) stands in line 1 already" },
	{ "add service w tcp --frontend 10.0.0.1:80 --frontend external:10.0.0.1:80\n",
	  "STDIN:1: --frontend external:10.0.0.1:80 stands twice" },
	{ "add service w tcp --frontend 10.0.0.1:80\n"
	  "add service x tcp --frontend 10.0.0.2:80 --frontend external:10.0.0.1:80\n",
	  "STDIN:2: --frontend external:10.0.0.1:80: service 'w' in line 1 has it already" },
	{ "add service w tcp --frontend nodeport:30080 --family 4\n"
	  "add service x tcp --frontend nodeport:30080 --family 4\n",
	  "STDIN:2: --frontend nodeport:30080: service 'w' in line 1 has it already" },
	{ "add service w tcp --endpoint 10.0.0.1:80 --endpoint 10.0.0.2:80 "
	  "--endpoint 10.0.0.1:80,drain\n", "STDIN:1: --endpoint 10.0.0.1:80 stands twice" },
	{ "add service w tcp --source-range 10.0.0.0/8 --source-range 10.0.0.0/8\n",
	  "STDIN:1: --source-range 10.0.0.0/8 stands twice" },
	{ "add service w udp --frontend 10.0.0.1:80 --scheduler rr\n",
	  "STDIN:1: --scheduler rr: with this scheduler two first packets of one UDP socket may "
	  "get two endpoints, and one be lost: use hash, source or maglev" },
};

static void test_wrong_files(void **state)
{
	struct ctl_env *env = *state;
	char expected[512];
	size_t i;

	fill(env);
	kernel_fake_clear_log(env->k);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		env->in = files[i].in;
		snprintf(expected, sizeof(expected), "svcctl: %s\nsvcctl: nothing was changed\n",
			 files[i].err);
		ctl_fails(env, "restore --flush", 2, expected);
	}
	assert_string_equal(kernel_fake_log(env->k), "");
	ctl_prints(env, "save", FULL);
}

/* No false alarms: the same port of the other family, of another protocol. */
static void test_not_twice(void **state)
{
	struct ctl_env *env = *state;

	env->in = "add service w tcp --frontend nodeport:30080 --frontend 10.0.0.1:80\n"
		  "add service w tcp --frontend nodeport:30080 --frontend [fd00::1]:80\n"
		  "add service w udp --frontend nodeport:30080 --frontend 10.0.0.1:80\n"
		  "add service x tcp --frontend 10.0.0.1:30080 --endpoint 10.0.0.1:80 "
		  "--endpoint 10.0.0.1:81 --source-range 10.0.0.0/8 --source-range 10.0.0.0/9\n";
	ctl_prints(env, "restore", "4 services restored, 0 deleted\n");
}

/* Every bad line is named, and the good ones count for nothing. */
static void test_all_bad_lines(void **state)
{
	struct ctl_env *env = *state;

	env->in = "add service w tcp --frontend 10.0.0.1\n"
		  "add service x tcp --frontend 10.0.0.1:80\n"
		  "settings echo maybe\n"
		  "nonsense\n";
	ctl_fails(env, "restore", 2,
		  "svcctl: STDIN:1: --frontend 10.0.0.1: the port is missing (write ADDR:PORT)\n"
		  "svcctl: STDIN:3: echo maybe: 'maybe' is not on or off\n"
		  "svcctl: STDIN:4: 'nonsense' stands where 'add service' or 'settings' is "
		  "expected\n"
		  "svcctl: nothing was changed\n");
	assert_int_equal(env->opened, 0);
}

static void test_nul_byte(void **state)
{
	static const char text[] = "settings echo off\0 armed on\n";
	struct ctl_env *env = *state;
	FILE *f = fopen("nul", "w");

	fwrite(text, 1, sizeof(text) - 1, f);
	fclose(f);
	ctl_fails(env, "restore nul", 2, "svcctl: nul:1: there is a NUL byte in it\n"
					 "svcctl: nothing was changed\n");
	unlink("nul");
}

/* --- what the kernel refuses --- */

#define TWO	"add service a tcp --frontend 10.96.0.1:80\n" \
		"add service b tcp --frontend 10.96.0.2:80\n"

/* The line is named, the rest is set, and nothing is swept. */
static void test_refused_service(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service old tcp --frontend 10.96.0.9:80");
	ctl_ok(env, "add service svcds tcp --frontend 10.96.0.1:80 --owner svcd");
	ctl_ok(env, "settings armed on");
	env->in = "settings armed off echo off\n" TWO;
	kernel_fake_clear_log(env->k);
	ctl_fails(env, "restore", 1,
		  "svcctl: STDIN:2: cannot add service 'a' (TCP): the frontend 10.96.0.1:80/TCP is "
		  "taken by service 'svcds' of owner 'svcd'\n"
		  "svcctl: STDIN: not all of it could be restored: 1 of 2 services were set, "
		  "0 deleted\n");
	assert_string_equal(kernel_fake_log(env->k), "sync_begin; settings; set b");
	assert_non_null(kernel_fake_find(env->k, "old", AF_INET, IPPROTO_TCP));
	/* One walk is enough for all of them. */
	assert_int_equal(kernel_fake_deferred(env->k), 1);
	/* What could not be loaded whole, is not loaded. */
	assert_true(kernel_fake_settings(env->k)->armed);
	/* Without what was in the way, it is. */
	ctl_ok(env, "flush --owner svcd");
	ctl_prints(env, "restore", "2 services restored, 1 deleted\n");
	assert_false(kernel_fake_settings(env->k)->armed);
}

/* What every other line would be refused for ends it. */
static void test_module_goes(void **state)
{
	struct ctl_env *env = *state;

	env->in = TWO;
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 1, ENODEV);
	ctl_fails(env, "restore", 1,
		  "svcctl: STDIN:1: cannot add service 'a' (TCP): the test asked for this: No such "
		  "device\n"
		  "svcctl: STDIN: not all of it could be restored: 0 of 2 services were set, "
		  "0 deleted\n");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_SET), 1);
}

static void test_each_call_refused(void **state)
{
	static const struct {
		enum kernel_fake_op op;
		const char *err;
	} calls[] = {
		{ KERNEL_FAKE_LIST, "svcctl: the test asked for this: I/O error\n" },
		{ KERNEL_FAKE_SETTINGS_GET, "svcctl: the test asked for this: I/O error\n" },
		{ KERNEL_FAKE_SYNC_BEGIN,
		  "svcctl: cannot begin to load the services of owner 'hand': the test asked for "
		  "this: I/O error\n" },
		{ KERNEL_FAKE_SETTINGS_SET,
		  "svcctl: STDIN: cannot change the settings: the test asked for this: "
		  "I/O error\n" },
		{ KERNEL_FAKE_SYNC_END,
		  "svcctl: STDIN: cannot end the load of the services of owner 'hand': the test "
		  "asked for this: I/O error\n"
		  "svcctl: STDIN: not all of it could be restored: 2 of 2 services were set, "
		  "0 deleted\n" },
		{ KERNEL_FAKE_FLUSH,
		  "svcctl: STDIN: cannot delete the services of owner 'x': the test asked for "
		  "this: I/O error\n"
		  "svcctl: STDIN: not all of it could be restored: 2 of 2 services were set, "
		  "1 deleted\n" },
	};
	struct ctl_env *env = *state;
	char *expected, *at;
	size_t i;

	ctl_ok(env, "add service old tcp --frontend 10.96.0.9:80");
	ctl_ok(env, "add service old udp --frontend 10.96.0.9:80 --owner x");
	env->in = "settings echo off\n" TWO;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		expected = calloc(1, strlen(calls[i].err) + 64);
		at = strstr(calls[i].err, "I/O error");
		sprintf(expected, "%.*s%s%s", (int)(at - calls[i].err), calls[i].err,
			strerror(EIO), at + strlen("I/O error"));
		kernel_fake_fail(env->k, calls[i].op, 1, EIO);
		ctl_fails(env, "restore --flush", 1, expected);
		free(expected);
	}
	ctl_prints(env, "restore --flush", "2 services restored, 1 deleted\n");
}

/* --- what stands in the way of what the file has, and goes anyway --- */

/* A service with another name has the frontend, and another owner has the name. */
static void test_old_is_in_the_way(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service old tcp --frontend 10.96.0.1:80 --frontend nodeport:30080");
	ctl_ok(env, "add service far tcp --frontend 10.96.0.8:80");
	ctl_ok(env, "add service b tcp --frontend 10.96.0.7:80 --owner me");
	env->in = "add service a tcp --frontend external:10.96.0.1:80\n"
		  "add service b tcp --frontend 10.96.0.2:80\n"
		  "add service c tcp --frontend nodeport:30080 --family 4 --owner me\n";
	kernel_fake_clear_log(env->k);
	ctl_prints(env, "restore", "3 services restored, 3 deleted\n");
	assert_string_equal(kernel_fake_log(env->k),
			    "sync_begin; sync_begin; del old; del b; set a; set b; set c; "
			    "sync_end; sync_end");
	ctl_ok(env, "save");
	assert_null(strstr(env->out, "far"));
}

/* Two services exchange their addresses: both stay, and neither is ever gone. */
static void test_exchange(void **state)
{
	struct ctl_env *env = *state;
	uint32_t id;

	ctl_ok(env, "add service a tcp --frontend 10.96.0.1:80 --frontend 10.96.0.3:80");
	ctl_ok(env, "add service b tcp --frontend 10.96.0.2:80");
	id = kernel_fake_find(env->k, "a", AF_INET, IPPROTO_TCP)->id;
	env->in = "add service a tcp --frontend 10.96.0.2:80 --frontend 10.96.0.3:80\n"
		  "add service b tcp --frontend 10.96.0.1:80\n";
	kernel_fake_clear_log(env->k);
	ctl_prints(env, "restore", "2 services restored, 0 deleted\n");
	assert_string_equal(kernel_fake_log(env->k),
			    "sync_begin; set a; set b; set a; set b; sync_end");
	assert_int_equal(kernel_fake_find(env->k, "a", AF_INET, IPPROTO_TCP)->id, id);
	ctl_prints(env, "save --owner hand",
		   HEADER
		   "add service a TCP --owner hand --frontend cluster:10.96.0.2:80 "
		   "--frontend cluster:10.96.0.3:80\n"
		   "add service b TCP --owner hand --frontend cluster:10.96.0.1:80\n"
		   "# end\n");
}

static void test_others_in_the_way(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service a tcp --frontend 10.96.0.9:80 --owner svcd");
	env->in = TWO;
	ctl_fails(env, "restore", 1,
		  "svcctl: STDIN:1: cannot add service 'a' (TCP): the service belongs to owner "
		  "'svcd'\n"
		  "svcctl: STDIN: not all of it could be restored: 1 of 2 services were set, "
		  "0 deleted\n");
	ctl_prints(env, "restore --flush", "2 services restored, 1 deleted\n");
}

/* As many as are allowed, all of them new: for a while there are twice as many. */
static void test_limits(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service x tcp --frontend 10.96.0.8:80 --endpoint 10.0.0.1:80");
	ctl_ok(env, "add service y tcp --frontend 10.96.0.9:80 --source-range 10.0.0.0/8");
	ctl_ok(env, "settings max-services 2 max-frontends 2 max-endpoints 1 max-ranges 1");
	env->in = "settings max-endpoints 2\n"
		  "add service a tcp --frontend 10.96.0.1:80 --source-range 10.0.0.0/8\n"
		  "add service b tcp --frontend 10.96.0.2:80 --endpoint 10.0.0.1:80 "
		  "--endpoint 10.0.0.2:80\n";
	ctl_prints(env, "restore", "2 services restored, 2 deleted\n");
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_SERVICES], 2);
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_FRONTENDS], 2);
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_ENDPOINTS], 2);
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_RANGES], 1);
	/* The limits come back after a refusal, too. */
	kernel_fake_fail(env->k, KERNEL_FAKE_SET, 2, ENOSPC);
	assert_int_equal(ctl_run(env, "restore"), 1);
	assert_int_equal(kernel_fake_settings(env->k)->max[KLIMIT_SERVICES], 2);
	assert_int_equal(ctl_run(env, "add service c tcp --frontend 10.96.0.3:80"), 1);
}

/* Neither the old services fit into the new list, nor the new ones into the old list. */
static void test_external_cidrs(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "settings external-cidrs 192.0.2.0/24");
	ctl_ok(env, "add service x tcp --frontend external:192.0.2.1:80");
	env->in = "settings external-cidrs 198.51.100.0/24\n"
		  "add service x tcp --frontend external:198.51.100.1:80\n";
	ctl_prints(env, "restore", "1 service restored, 0 deleted\n");
	ctl_ok(env, "settings");
	assert_non_null(strstr(env->out, "\nexternal-cidrs      198.51.100.0/24\n"));
	/* Another owner's stays outside of it. */
	ctl_ok(env, "add service y tcp --frontend external:198.51.100.2:80 --owner svcd");
	env->in = "settings external-cidrs 203.0.113.0/24\n"
		  "add service x tcp --frontend external:203.0.113.1:80\n";
	ctl_fails(env, "restore", 1,
		  "svcctl: STDIN: cannot set external-cidrs after the load: service 'y' of "
		  "owner 'svcd' has the external address 198.51.100.2\n"
		  "svcctl: STDIN: not all of it could be restored: 1 of 1 services were set, "
		  "0 deleted\n");
	ctl_prints(env, "restore --flush", "1 service restored, 1 deleted\n");
	ctl_ok(env, "settings");
	assert_non_null(strstr(env->out, "\nexternal-cidrs      203.0.113.0/24\n"));
}

/* Armed from before the first service to behind the last, whatever the end disarms. */
static void test_armed(void **state)
{
	struct ctl_env *env = *state;

	env->in = "settings armed on service-cidrs 10.96.0.0/12\n" TWO;
	ctl_ok(env, "restore");
	assert_true(kernel_fake_settings(env->k)->armed);
	assert_string_equal(kernel_fake_log(env->k),
			    "sync_begin; settings; set a; set b; sync_end; settings");
	env->in = "settings armed off";
	ctl_ok(env, "restore");
	assert_false(kernel_fake_settings(env->k)->armed);
	/* Not said: the end of the load disarms. */
	ctl_ok(env, "settings armed on");
	env->in = TWO;
	ctl_ok(env, "restore");
	assert_false(kernel_fake_settings(env->k)->armed);
}

static void test_many(void **state)
{
	struct ctl_env *env = *state;
	char *text, *saved;
	size_t len;
	FILE *f;
	int i;

	f = open_memstream(&text, &len);
	for (i = 0; i < 500; i++)
		fprintf(f, "add service s%03d TCP --owner o%d --frontend cluster:10.96.%d.%d:80 "
			"--endpoint 10.244.1.1:%d\n", i, i % 7, i / 200, i % 200 + 1, i + 1);
	fprintf(f, "add service t UDP --frontend 10.96.0.1:53");
	for (i = 0; i < 3000; i++)
		fprintf(f, " --endpoint 10.245.%d.%d:53,weight=%d", i / 200, i % 200 + 1, i % 257);
	fclose(f);
	env->in = text;
	ctl_prints(env, "restore", "501 services restored, 0 deleted\n");
	free(text);
	env->in = NULL;
	ctl_ok(env, "save");
	saved = strdup(env->out);
	ctl_ok(env, "flush");
	env->in = saved;
	ctl_prints(env, "restore", "501 services restored, 0 deleted\n");
	env->in = NULL;
	ctl_prints(env, "save", saved);
	free(saved);
}

static void test_hold(void **state)
{
	struct ctl_env *env = *state;

	env->in = TWO;
	ctl_ok(env, "restore");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 1);
	env->in = "nonsense";
	ctl_run(env, "restore");
	ctl_ok(env, "save");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 1);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, ctl_setup, ctl_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_save),
		CASE(test_round_trip),
		CASE(test_from_a_file),
		CASE(test_by_hand),
		CASE(test_owners),
		CASE(test_wrong_files),
		CASE(test_not_twice),
		CASE(test_all_bad_lines),
		CASE(test_nul_byte),
		CASE(test_refused_service),
		CASE(test_module_goes),
		CASE(test_each_call_refused),
		CASE(test_old_is_in_the_way),
		CASE(test_exchange),
		CASE(test_others_in_the_way),
		CASE(test_limits),
		CASE(test_external_cidrs),
		CASE(test_armed),
		CASE(test_many),
		CASE(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
