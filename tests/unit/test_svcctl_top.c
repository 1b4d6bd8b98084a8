// SPDX-License-Identifier: GPL-2.0
/* "top": rates by a clock and counters of the test's; and the real terminal, on a pty. */
#include "svcctl_env.h"

#include "err.h"
#include "top_host.h"
#include "top_rates.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the test makes of each wait; the default is that the time passes. */
struct world {
	struct ctl_env *env;
	struct top_host host;
	int64_t now;
	unsigned int columns, lines;	/* lines 0: no terminal */
	unsigned int waits, quit_at;	/* the wait that ends it; 0: none */
	unsigned int draw_at;		/* the wait that only draws */
	void (*meanwhile)(struct world *w);
	int begun;
};

static int64_t tell_time(void *arg)
{
	struct world *w = arg;

	return w->now;
}

static bool tell_size(void *arg, unsigned int *columns, unsigned int *lines)
{
	struct world *w = arg;

	if (!w->lines)
		return false;
	*columns = w->columns;
	*lines = w->lines;
	return true;
}

static int begin(void *arg, struct err *e)
{
	struct world *w = arg;

	(void)e;
	w->begun++;
	return 0;
}

static void end(void *arg)
{
	struct world *w = arg;

	w->begun--;
}

static enum top_wake wait_for(void *arg, int64_t ms)
{
	struct world *w = arg;

	w->waits++;
	if (w->quit_at == w->waits)
		return TOP_QUIT;
	if (w->draw_at == w->waits) {
		w->now += ms / 2;
		return TOP_DRAW;
	}
	w->now += ms;
	if (w->meanwhile)
		w->meanwhile(w);
	return TOP_TIME;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	void *env;

	ctl_setup(&env);
	w->env = env;
	w->now = 5000;
	w->host = (struct top_host){ tell_time, tell_size, begin, end, wait_for, w };
	w->env->top = &w->host;
	ctl_ok(w->env, "add service default/web tcp --frontend 10.96.0.1:80 "
		       "--endpoint 10.244.1.1:80 --endpoint 10.244.1.2:80");
	ctl_ok(w->env, "add service default/acc tcp --frontend 10.96.0.2:80 --account "
		       "--endpoint 10.244.1.1:80");
	ctl_ok(w->env, "add service default/six udp --frontend [fd00::1]:53 "
		       "--endpoint [fd00::9]:53 --owner svcd");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	void *env = w->env;

	assert_int_equal(w->begun, 0);
	ctl_teardown(&env);
	free(w);
	return 0;
}

static struct kservice *counters(struct world *w, const char *name)
{
	struct kservice *s = kernel_fake_counters(w->env->k, name, AF_INET, IPPROTO_TCP);

	assert_non_null(s);
	return s;
}

/* 10 connections to web, of which 4 go to its second endpoint, and 6 refused; 1 MB in acc */
static void traffic(struct world *w)
{
	struct kservice *web = counters(w, "default/web"), *acc = counters(w, "default/acc");

	web->counts[SVCNAT_REASON_ENDPOINT] += 6;
	web->counts[SVCNAT_REASON_AFFINITY] += 4;
	web->counts[SVCNAT_REASON_NO_LOCAL] += 6;
	web->endpoints[0].connections += 6;
	web->endpoints[1].connections += 4;
	acc->counts[SVCNAT_REASON_ENDPOINT] += 1;
	acc->endpoints[0].connections += 1;
	acc->endpoints[0].active = 3;
	acc->endpoints[0].packets_to += 1000;
	acc->endpoints[0].packets_from += 500;
	acc->endpoints[0].bytes_to += 900000;
	acc->endpoints[0].bytes_from += 100000;
}

#define TABLE \
	"3 services, 5.5 connections/s, every 2s\n" \
	"SERVICE                           PROTO   CONN/S REFUSED  ACTIVE   PKT/S  BYTE/S\n" \
	"default/web                       TCP        5.0     3.0       -       -       -\n" \
	"  10.244.1.1:80                              3.0               -       -       -\n" \
	"  10.244.1.2:80                              2.0               -       -       -\n" \
	"default/acc                       TCP        0.5       0       3     750    500k\n" \
	"  10.244.1.1:80                              0.5               3     750    500k\n" \
	"default/six                       UDP6         0       0       -       -       -\n" \
	"  [fd00::9]:53                                 0               -       -       -\n"

static void test_once(void **state)
{
	struct world *w = *state;

	/* What was before the first look does not count. */
	traffic(w);
	w->meanwhile = traffic;
	ctl_prints(w->env, "top --once", TABLE);
	assert_int_equal(w->waits, 1);
	ctl_prints(w->env, "top -n 2", TABLE "\n" TABLE);
	ctl_prints(w->env, "top default/acc --once -d 1",
		   "1 service, 1.0 connections/s, every 1s\n"
		   "SERVICE                           PROTO   CONN/S REFUSED  ACTIVE   PKT/S"
		   "  BYTE/S\n"
		   "default/acc                       TCP        1.0       0       3    1500"
		   "    1.0M\n"
		   "  10.244.1.1:80                              1.0               3    1500"
		   "    1.0M\n");
	ctl_ok(w->env, "top --once --sort bytes");
	assert_true(strstr(w->env->out, "default/acc") < strstr(w->env->out, "default/web"));
	ctl_ok(w->env, "top --once --owner svcd");
	assert_null(strstr(w->env->out, "default/web"));
}

static void test_json(void **state)
{
	struct world *w = *state;

	w->meanwhile = traffic;
	ctl_prints_json(w->env, "top -j --once --owner svcd",
			"{'seconds': 2.0, 'services': [{'name': 'default/six', 'family': 'IPv6',"
			" 'protocol': 'UDP', 'owner': 'svcd', 'refusedPerSecond': 0.0,"
			" 'connectionsPerSecond': 0.0, 'endpoints': [{'address': 'fd00::9',"
			" 'port': 53, 'connectionsPerSecond': 0.0}]}]}");
	ctl_prints_json(w->env, "top default/acc -j --once",
			"{'seconds': 2.0, 'services': [{'name': 'default/acc', 'family': 'IPv4',"
			" 'protocol': 'TCP', 'owner': 'hand', 'refusedPerSecond': 0.0,"
			" 'connectionsPerSecond': 0.5, 'active': 3, 'packetsPerSecond': 750.0,"
			" 'bytesPerSecond': 500000.0, 'endpoints': [{'address': '10.244.1.1',"
			" 'port': 80, 'connectionsPerSecond': 0.5, 'active': 3,"
			" 'packetsPerSecond': 750.0, 'bytesPerSecond': 500000.0}]}]}");
	/* A line each time. */
	ctl_ok(w->env, "top -j -n 3");
	assert_int_equal(w->waits, 5);
	assert_non_null(strstr(w->env->out, "}]}\n{\"seconds\":2.0"));
}

/* Whatever becomes of the counters, a rate is at least 0 and no more than what was counted. */
static void test_counters_that_start_anew(void **state)
{
	static const struct {
		const char *name;
		uint32_t id_before, id_now;
		uint64_t before, now;
		double rate;
	} cases[] = {
		{ "goes on", 7, 7, 100, 110, 5 },
		{ "stands", 7, 7, 100, 100, 0 },
		{ "lower than it was", 7, 7, 1000000, 4, 2 },
		{ "another service of this name", 7, 8, 2, 6, 3 },
		{ "one that is new", 0, 8, 0, 6, 3 },
		{ "much", 7, 7, 0, UINT64_MAX, (double)UINT64_MAX / 2 },
	};
	struct kendpoint e = { .addr.family = AF_INET, .port = 80, .has_records = true };
	struct kservice s = { .name = "a", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kservices before = { 0 }, now = { 0 };
	struct top_rates r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.nendpoints = 0;
		s.id = cases[i].id_before;
		e.connections = e.bytes_to = s.counts[SVCNAT_REASON_ENDPOINT] = cases[i].before;
		assert_int_equal(kservice_add_endpoint(&s, &e), 0);
		if (s.id)
			assert_int_equal(kservices_add(&before, &s), 0);
		s.id = cases[i].id_now;
		s.endpoints[0].connections = s.endpoints[0].bytes_to = cases[i].now;
		s.counts[SVCNAT_REASON_ENDPOINT] = cases[i].now;
		assert_int_equal(kservices_add(&now, &s), 0);
		assert_int_equal(top_rates_make(&r, &before, &now, 2, TOP_BYTES), 0);
		if (r.v[0].rate.connections != cases[i].rate ||
		    r.v[0].rate.bytes != cases[i].rate ||
		    r.v[0].endpoints[0].rate.connections != cases[i].rate)
			fail_msg("%s: %f", cases[i].name, r.v[0].rate.connections);
		top_rates_clear(&r);
		kservices_clear(&before);
		kservices_clear(&now);
	}
	kservice_clear(&s);
}

/* Endpoints that come and go between two looks, in any order. */
static void test_endpoints_that_change(void **state)
{
	static const unsigned int first[] = { 9, 2, 5 }, second[] = { 1, 9, 7, 5 };
	static const double expected[] = { 0, 10, 0, 0, 0, 5, 0, 10, 0, 5 };
	struct kendpoint e = { .addr.family = AF_INET, .port = 80 };
	struct kservice s = { .id = 1, .name = "a", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kservices before = { 0 }, now = { 0 };
	struct top_rates r;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		e.addr.v4.s_addr = htonl(first[i]);
		e.connections = 5;
		kservice_add_endpoint(&s, &e);
	}
	kservices_add(&before, &s);
	s.nendpoints = 0;
	for (i = 0; i < 4; i++) {
		e.addr.v4.s_addr = htonl(second[i]);
		e.connections = 10;
		kservice_add_endpoint(&s, &e);
	}
	kservices_add(&now, &s);
	top_rates_sort(&before);
	top_rates_sort(&now);
	assert_int_equal(top_rates_make(&r, &before, &now, 1, TOP_CONNECTIONS), 0);
	assert_int_equal(r.v[0].n, 4);
	for (i = 0; i < 4; i++)
		assert_true(r.v[0].endpoints[i].rate.connections ==
			    expected[ntohl(r.v[0].endpoints[i].endpoint->addr.v4.s_addr)]);
	top_rates_clear(&r);
	/* No time has passed: nothing is known, and nothing is divided by nothing. */
	assert_int_equal(top_rates_make(&r, &before, &now, 0, TOP_CONNECTIONS), 0);
	assert_false(r.known);
	assert_true(r.v[0].rate.connections == 0);
	top_rates_clear(&r);
	kservices_clear(&before);
	kservices_clear(&now);
	kservice_clear(&s);
}

/* --- on a terminal --- */

/* The longest line, without what moves the cursor; *lines: how many there are. */
static size_t widest(const char *text, unsigned int *lines)
{
	size_t width = 0, max = 0;

	for (*lines = 0; *text; text++) {
		if (*text == '\033')
			text += strcspn(text, "HJK");
		else if (*text == '\n' && ++*lines)
			width = 0;
		else if (++width > max)
			max = width;
	}
	return max;
}

static void test_screens(void **state)
{
	static const unsigned int sizes[][2] = { { 80, 24 }, { 80, 6 }, { 60, 4 }, { 200, 3 } };
	struct world *w = *state;
	unsigned int lines;
	size_t i;

	ctl_ok(w->env, "add service default/a-name-that-is-longer-than-what-a-line-has-room-for "
		       "tcp --frontend 10.96.0.9:80");
	w->meanwhile = traffic;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		w->columns = sizes[i][0];
		w->lines = sizes[i][1];
		w->waits = 0;
		w->quit_at = 1;
		ctl_ok(w->env, "top -v");
		assert_ptr_equal(strstr(w->env->out, "\033[H"), w->env->out);
		assert_in_range(widest(w->env->out, &lines), 40, w->columns);
		assert_in_range(lines, 2, w->lines - 1);
		/* Before the second look there are no rates. */
		assert_non_null(strstr(w->env->out, "services, - connections/s"));
	}
}

/* Drawn anew in the new size at once, and that is no look at the counters. */
static void test_resize(void **state)
{
	struct world *w = *state;
	unsigned int looks;

	w->meanwhile = traffic;
	w->columns = 80;
	w->lines = 24;
	w->draw_at = 2;
	w->quit_at = 5;
	looks = kernel_fake_calls(w->env->k, KERNEL_FAKE_LIST);
	ctl_ok(w->env, "top");
	assert_int_equal(kernel_fake_calls(w->env->k, KERNEL_FAKE_LIST), looks + 4);
	/* Two whole intervals, though one of them was interrupted: the rates are the same. */
	assert_non_null(strstr(w->env->out, "default/web                       TCP        5.0"));
	assert_null(strstr(w->env->out, "10.0"));
}

static void test_the_kernel_ends_it(void **state)
{
	struct world *w = *state;

	kernel_fake_fail(w->env->k, KERNEL_FAKE_LIST, 2, ENODEV);
	ctl_fails(w->env, "top -n 5", 1, "svcctl: the test asked for this: No such device\n");
	w->env->open_code = ENOENT;
	ctl_fails(w->env, "top", 1, "svcctl: the svcnat module is not loaded\n");
}

static void test_wrong(void **state)
{
	static const struct ctl_wrong wrong[] = {
		{ 2, "top -d 0", "-d 0: '0' is not a number from 1 to 3600" },
		{ 2, "top --interval 3601", "--interval 3601: '3601' is not a number from 1 to "
					    "3600" },
		{ 2, "top -n 0", "-n 0: '0' is not a number from 1 to 4294967295" },
		{ 2, "top --sort name", "--sort name: it is none of connections, active, packets, "
					"bytes" },
		{ 2, "top a b", "unexpected argument 'b'" },
		{ 2, "top --twice", "unknown flag: --twice" },
		{ 1, "top none --once", "there is no such service: 'none'" },
	};
	struct world *w = *state;

	ctl_all_wrong(w->env, wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* --- the real terminal --- */

struct pty {
	int master, slave;
	struct termios before;
	char out[1 << 16];
	size_t n;
};

static int give_fake(struct ctx *ctx, struct kernel **out, struct err *e)
{
	(void)e;
	*out = ctx->kernel_arg;
	return 0;
}

/* svcctl top on the pty, as a shell would have started it. */
static pid_t start(struct pty *p, struct kernel *k)
{
	char *argv[] = { (char *)"svcctl", (char *)"top" };
	struct ctx ctx = { .open_kernel = give_fake, .kernel_arg = k };
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	ioctl(p->slave, TIOCSCTTY, 0);
	dup2(p->slave, STDIN_FILENO);
	ctx.in = stdin;
	ctx.out = ctx.err = fdopen(p->slave, "w");
	_exit(verbs_run(&ctx, 2, argv));
}

static void open_pty(struct pty *p)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };

	memset(p, 0, sizeof(*p));
	p->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(p->master >= 0 && !grantpt(p->master) && !unlockpt(p->master));
	p->slave = open(ptsname(p->master), O_RDWR | O_NOCTTY);
	assert_true(p->slave >= 0);
	assert_int_equal(ioctl(p->master, TIOCSWINSZ, &size), 0);
	assert_int_equal(tcgetattr(p->slave, &p->before), 0);
}

/* Read until text was printed behind from. */
static void expect(struct pty *p, size_t from, const char *text)
{
	ssize_t got;

	alarm(30);
	while (!strstr(p->out + from, text)) {
		got = read(p->master, p->out + p->n, sizeof(p->out) - p->n - 1);
		assert_true(got > 0);
		p->n += (size_t)got;
		p->out[p->n] = '\0';
	}
	alarm(0);
}

static bool same_modes(const struct pty *p)
{
	struct termios now;

	return !tcgetattr(p->slave, &now) && now.c_lflag == p->before.c_lflag &&
	       now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag;
}

#define SCREEN_TAKEN	"\033[?1049h"
#define SCREEN_GIVEN	"\033[?1049l"

/* The cursor, the lines and the first screen are back, and so are the modes. */
static void assert_given_back(struct pty *p, size_t from)
{
	expect(p, from, SCREEN_GIVEN);
	assert_non_null(strstr(p->out + from, "\033[?25h"));
	assert_true(same_modes(p));
}

static void end_pty(struct pty *p, pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_given_back(p, 0);
	close(p->master);
	close(p->slave);
}

static void test_q_ends_it(void **state)
{
	struct world *w = *state;
	struct pty p;
	pid_t pid;

	open_pty(&p);
	pid = start(&p, w->env->k);
	expect(&p, 0, "default/web");
	assert_non_null(strstr(p.out, SCREEN_TAKEN));
	assert_false(same_modes(&p));
	assert_int_equal(write(p.master, "xq", 2), 2);
	end_pty(&p, pid);
}

static void test_signals_end_it(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct world *w = *state;
	struct pty p;
	pid_t pid;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		open_pty(&p);
		pid = start(&p, w->env->k);
		expect(&p, 0, "default/web");
		if (signals[i] == SIGINT)
			assert_int_equal(write(p.master, "\003", 1), 1);
		else
			kill(pid, signals[i]);
		end_pty(&p, pid);
	}
}

static void test_a_terminal_of_another_size(void **state)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 100 };
	struct world *w = *state;
	struct pty p;
	pid_t pid;

	open_pty(&p);
	pid = start(&p, w->env->k);
	expect(&p, 0, "default/web");
	assert_int_equal(ioctl(p.master, TIOCSWINSZ, &size), 0);
	expect(&p, 0, "SERVICE                                               PROTO ");
	kill(pid, SIGTERM);
	end_pty(&p, pid);
}

/* Ctrl-Z gives the terminal to the shell, and takes it again. */
static void test_suspend(void **state)
{
	struct world *w = *state;
	struct pty p;
	size_t from;
	int status;
	pid_t pid;

	open_pty(&p);
	pid = start(&p, w->env->k);
	expect(&p, 0, "default/web");
	kill(pid, SIGTSTP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_given_back(&p, 0);
	from = p.n;
	kill(pid, SIGCONT);
	expect(&p, from, "default/web");
	assert_non_null(strstr(p.out + from, SCREEN_TAKEN));
	assert_false(same_modes(&p));
	kill(pid, SIGTERM);
	end_pty(&p, pid);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_once),
		CASE(test_json),
		CASE(test_counters_that_start_anew),
		CASE(test_endpoints_that_change),
		CASE(test_screens),
		CASE(test_resize),
		CASE(test_the_kernel_ends_it),
		CASE(test_wrong),
		CASE(test_q_ends_it),
		CASE(test_signals_end_it),
		CASE(test_a_terminal_of_another_size),
		CASE(test_suspend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
