// SPDX-License-Identifier: GPL-2.0
/*
 * Colours: that they are where they should be, and that nothing else changes; a
 * pipe gets none, whatever the environment says.
 */
#include "color.h"
#include "kernel.h"
#include "print.h"
#include "status_print.h"
#include "svcctl_env.h"
#include "table.h"
#include "top_print.h"
#include "verbs.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW	1767225600	/* 2026-01-01T00:00:00Z */
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define RED	"\033[31m"
#define BOLD	"\033[1m"
#define OFF	"\033[0m"

static bool yes(FILE *f)
{
	(void)f;
	return true;
}

static bool no(FILE *f)
{
	(void)f;
	return false;
}

/* --- when --- */

static void test_when(void **state)
{
	static const struct {
		const char *name;
		enum color_when when;
		struct color_host host;
		bool wanted;
	} rows[] = {
		{ "a terminal", COLOR_AUTO, { yes, NULL, "xterm" }, true },
		{ "a pipe", COLOR_AUTO, { no, NULL, "xterm" }, false },
		{ "NO_COLOR", COLOR_AUTO, { yes, "1", "xterm" }, false },
		{ "NO_COLOR, empty: not set", COLOR_AUTO, { yes, "", "xterm" }, true },
		{ "a dumb terminal", COLOR_AUTO, { yes, NULL, "dumb" }, false },
		{ "nobody knows which", COLOR_AUTO, { yes, NULL, NULL }, false },
		{ "nor by an empty TERM", COLOR_AUTO, { yes, NULL, "" }, false },
		{ "always, in a pipe", COLOR_ALWAYS, { no, "1", "dumb" }, true },
		{ "never, on a terminal", COLOR_NEVER, { yes, NULL, "xterm" }, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (color_wanted(rows[i].when, &rows[i].host, NULL) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	assert_false(color_wanted(COLOR_AUTO, NULL, NULL));
}

static void test_parse(void **state)
{
	enum color_when when;
	struct err e;

	(void)state;
	assert_int_equal(color_parse("always", &when, &e), 0);
	assert_int_equal(when, COLOR_ALWAYS);
	assert_int_equal(color_parse("auto", &when, &e), 0);
	assert_int_equal(when, COLOR_AUTO);
	assert_int_equal(color_parse("never", &when, &e), 0);
	assert_int_equal(when, COLOR_NEVER);
	assert_int_equal(color_parse("", &when, &e), -EINVAL);
	assert_int_equal(color_parse("Always", &when, &e), -EINVAL);
	assert_string_equal(e.text, "--color=Always: must be auto, always or never");
}

/* --- whole command lines --- */

static int no_kernel(struct ctx *ctx, struct kernel **out, struct err *e)
{
	(void)ctx;
	(void)out;
	return err_set(e, ENOENT, "there is no module");
}

/* What the standard error output gets of "svcctl WORD WORD", on host. */
static void assert_error(const struct color_host *host, const char *one, const char *two,
			 const char *expected)
{
	char *words[] = { (char *)"svcctl", strdup(one), strdup(two), NULL };
	struct ctx ctx = { .open_kernel = no_kernel, .color_host = host };
	char *argv[] = { words[0], words[1], words[2], NULL };
	char *out, *err;
	size_t n, m;

	ctx.out = open_memstream(&out, &n);
	ctx.err = open_memstream(&err, &m);
	verbs_run(&ctx, *two ? 3 : 2, argv);
	fclose(ctx.out);
	fclose(ctx.err);
	assert_string_equal(err, expected);
	assert_string_equal(out, "");
	free(words[1]);
	free(words[2]);
	free(out);
	free(err);
}

static void test_errors(void **state)
{
	static const struct color_host terminal = { yes, NULL, "xterm" };
	static const struct color_host pipe = { no, NULL, "xterm" };

	(void)state;
	assert_error(&terminal, "show", "", RED "svcctl:" OFF " there is no module\n");
	assert_error(&terminal, "status", "x", RED "error:" OFF " unexpected argument 'x'\n"
		     "See 'svcctl status --help' for usage.\n");
	assert_error(&pipe, "show", "", "svcctl: there is no module\n");
	assert_error(&pipe, "show", "--color=always", RED "svcctl:" OFF " there is no module\n");
	assert_error(&terminal, "--color=never", "show", "svcctl: there is no module\n");
	/* Behind "--" it is a word like any other. */
	assert_error(&pipe, "show", "--", "svcctl: there is no module\n");
}

/* What stands at the beginning of a line, and nothing else; also when it comes in pieces. */
static void test_error_lines(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len), *f = color_errors(to);

	(void)state;
	fputs("Error from server", f);
	fprintf(f, " (%s)", "NotFound");
	fputs(": an error: of it\n", f);
	fputs("Warning: resource\nsvcctl: warning: x\n  error: indented\n", f);
	fputs("no end", f);
	fflush(f);
	fputs("error: still the same line\nError from server without an end\n", f);
	fclose(f);
	fclose(to);
	assert_string_equal(text, RED "Error from server (NotFound):" OFF " an error: of it\n"
			    YELLOW "Warning:" OFF " resource\n"
			    YELLOW "svcctl: warning:" OFF " x\n"
			    "  error: indented\n"
			    "no enderror: still the same line\n"
			    RED "Error from server" OFF " without an end\n");
	free(text);
}

/* --- printers: with colours, and byte for byte the same without --- */

/* Takes the colours out of text, in place. */
static char *plain_of(char *text)
{
	char *from = text, *to = text;

	while (*from) {
		if (!strncmp(from, "\033[", 2)) {
			from += strcspn(from, "m") + 1;
			continue;
		}
		*to++ = *from++;
	}
	*to = '\0';
	return text;
}

/* Calls print() twice: in colours it is expected, without them the same without them. */
static void assert_colored(void (*print)(FILE *f, bool color, const void *arg), const void *arg,
			   const char *expected)
{
	char *text[2];
	size_t len, i;
	FILE *f;

	for (i = 0; i < 2; i++) {
		f = open_memstream(&text[i], &len);
		print(f, i, arg);
		fclose(f);
	}
	assert_string_equal(text[1], expected);
	assert_null(strchr(text[0], '\033'));
	assert_string_equal(text[0], plain_of(text[1]));
	free(text[0]);
	free(text[1]);
}

static void print_pods(FILE *f, bool color, const void *arg)
{
	static const char *const phases[] = { "Running", "Pending", "Failed", "Init:0/1" };
	const struct table_layout layout = { .color = color };
	struct table *t = table_alloc(resource_by_word("pods"), &layout);
	json_t *pod;
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		pod = json_pack("{s:{s:s}, s:{s:s}}", "metadata", "name", "p", "status", "phase",
				phases[i]);
		table_add(t, pod, NOW);
		json_decref(pod);
	}
	table_flush(t, f);
	table_free(t);
}

static void test_pods(void **state)
{
	(void)state;
	assert_colored(print_pods, NULL,
		       "NAME   READY   STATUS     RESTARTS   AGE\n"
		       "p      0/0     " GREEN "Running" OFF "    0          <unknown>\n"
		       "p      0/0     " YELLOW "Pending" OFF "    0          <unknown>\n"
		       "p      0/0     " RED "Failed" OFF "     0          <unknown>\n"
		       "p      0/0     " YELLOW "Init:0/1" OFF "   0          <unknown>\n");
}

static void test_cells(void **state)
{
	static const struct {
		const char *type, *column, *text;
		enum color color;
	} rows[] = {
		{ "pods", "Status", "CrashLoopBackOff", COLOR_BAD },
		{ "pods", "Status", "Init:CrashLoopBackOff", COLOR_BAD },
		{ "pods", "Status", "Terminating", COLOR_WARN },
		{ "pods", "Status", "Completed", COLOR_GOOD },
		{ "pods", "Status", "", COLOR_NONE },
		{ "pods", "Name", "Failed", COLOR_NONE },
		{ "nodes", "Status", "Ready", COLOR_GOOD },
		{ "nodes", "Status", "NotReady", COLOR_BAD },
		{ "nodes", "Status", "Ready,SchedulingDisabled", COLOR_WARN },
		{ "namespaces", "Status", "Terminating", COLOR_WARN },
		{ "services", "External-IP", "<pending>", COLOR_WARN },
		{ "services", "External-IP", "<none>", COLOR_NONE },
		{ "services", "Cluster-IP", "<pending>", COLOR_NONE },
		{ "events", "Type", "Warning", COLOR_WARN },
		{ "events", "Type", "Normal", COLOR_NONE },
		{ "endpoints", "Status", "Failed", COLOR_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (color_of_cell(resource_by_word(rows[i].type), rows[i].column, rows[i].text) !=
		    rows[i].color)
			fail_msg("%s %s", rows[i].type, rows[i].text);
}

static void print_state(FILE *f, bool color, const void *arg)
{
	json_t *status = json_loads(arg, 0, NULL);

	assert_non_null(status);
	status_print(f, status, NOW, color);
	json_decref(status);
}

#define HEAD	"svcd 1 on node n: "
#define REST	"module      not loaded\n" \
		"objects     its own, it is the authority\n" \
		"lists       not read so far\n" \
		"services    0 desired, 0 in the kernel, of 0 Services\n" \
		"frontends   0 desired, 0 in the kernel\n" \
		"endpoints   0 desired, 0 in the kernel\n"

static void test_status(void **state)
{
	(void)state;
	assert_colored(print_state, "{\"version\":\"1\",\"node\":\"n\",\"ok\":true,"
		       "\"since\":\"2025-12-31T23:59:50Z\"}",
		       HEAD GREEN "all is in the kernel, for 10s" OFF "\n" REST);
	assert_colored(print_state, "{\"version\":\"1\",\"node\":\"n\",\"ready\":true}",
		       HEAD YELLOW "not all is in the kernel" OFF "\n" REST);
	assert_colored(print_state, "{\"version\":\"1\",\"node\":\"n\",\"ready\":true,\"stuck\":["
		       "{\"service\":\"d/s\",\"reason\":\"NotProgrammed\",\"message\":\"full\","
		       "\"since\":\"2025-12-31T23:59:50Z\"}]}",
		       HEAD RED "1 stuck, for 10s" OFF "\n" REST "\n"
		       "d/s: " RED "NotProgrammed" OFF "\n"
		       "  full\n"
		       "  for 10s\n"
		       "  do: svcctl settings shows the limits, and how much is in use\n"
		       "  see: svcctl describe service s -n d\n");
	assert_colored(print_state, "{\"version\":\"1\",\"node\":\"n\",\"message\":\"why not\"}",
		       HEAD RED "not ready" OFF "\nwhy         why not\n" REST);
}

static void print_event_of(FILE *f, bool color, const void *arg)
{
	const struct print p = { .out = f, .color = color };
	struct kevent ev = { .cmd = *(const enum svcnat_cmd *)arg };

	strcpy(ev.service.name, "d/s");
	strcpy(ev.service.owner, "hand");
	ev.service.family = AF_INET;
	ev.service.proto = IPPROTO_TCP;
	print_event(&p, &ev);
}

static void print_loss(FILE *f, bool color, const void *arg)
{
	const struct print p = { .out = f, .color = color };

	(void)arg;
	print_events_lost(&p);
}

static void test_events(void **state)
{
	static const enum svcnat_cmd gone = SVCNAT_CMD_SERVICE_DEL;

	(void)state;
	assert_colored(print_event_of, &gone,
		       YELLOW "service-del" OFF " d/s TCP IPv4 owner hand\n");
	assert_colored(print_loss, NULL, RED "events were lost" OFF
		       ": they came faster than they were read\n");
}

static void print_verdict(FILE *f, bool color, const void *arg)
{
	const struct print p = { .out = f, .color = color };
	struct kresolve r = { .verdict = *(const enum svcnat_verdict *)arg, .family = AF_INET,
			      .proto = IPPROTO_TCP, .reason = SVCNAT_REASON_NO_SERVICE };

	r.src.family = r.dst.family = AF_INET;
	print_resolve(&p, &r);
}

static void test_verdicts(void **state)
{
	static const enum svcnat_verdict drop = SVCNAT_VERDICT_DROP, pass = SVCNAT_VERDICT_PASS;

	(void)state;
	assert_colored(print_verdict, &drop,
		       "connection     0.0.0.0 -> 0.0.0.0/TCP\n"
		       "origin         outside: it comes in, from no pod CIDR\n"
		       "armed          no\n"
		       "verdict        " RED "drop" OFF ": the client hears nothing\n"
		       "reason         no-service: no service has this destination\n");
	assert_colored(print_verdict, &pass,
		       "connection     0.0.0.0 -> 0.0.0.0/TCP\n"
		       "origin         outside: it comes in, from no pod CIDR\n"
		       "armed          no\n"
		       "verdict        pass: it is not touched\n"
		       "reason         no-service: no service has this destination\n");
}

static void print_top(FILE *f, bool color, const void *arg)
{
	const struct top_view v = { .columns = 80, .interval = 2, .color = color };
	const struct top_rates r = { .known = true };

	(void)arg;
	top_print(f, &r, &v);
}

static void test_top(void **state)
{
	(void)state;
	assert_colored(print_top, NULL, BOLD "0 services, 0 connections/s, every 2s" OFF "\n"
		       "SERVICE                           PROTO   CONN/S REFUSED  ACTIVE   PKT/S"
		       "  BYTE/S\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_error_lines),
		cmocka_unit_test(test_pods),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
