// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

const char verb_monitor_usage[] =
	"usage: svcctl monitor [-v] [-j]\n"
	"\n"
	"Print each change of the services and settings in the kernel as it comes, until\n"
	"interrupted. What comes faster than it can be read is lost; that is said.\n"
	"\n"
	"  -v, --all   all endpoints, not just the first three\n"
	"  -j, --json  each event as JSON, in one line\n"
	"\n"
	"Example: svcctl monitor -j >changes.json\n";

enum { ALL = ARGS_WORD + 1, JSON };

static const struct args_option options[] = {
	{ "all", 'v', false, ALL },
	{ "json", 'j', false, JSON },
	{ 0 },
};

#define IDLE_MS		1000	/* then look whether the module is there still */
#define BURST_MAX	1000	/* events, before an interrupt is looked for */

struct monitor {
	struct ctx *ctx;
	struct kernel *k;
	struct print print;
	int signals;		/* readable when interrupted */
	struct kevent whole;	/* an event that comes in parts, as far as it has come */
};

static int parse(struct print *p, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		if (id == ALL)
			p->all = true;
		else
			p->json = true;
	}
	return id;
}

/* Who reads a pipe sees it at once. */
static int flush_output(struct monitor *m, struct err *e)
{
	if (fflush(m->ctx->out) || ferror(m->ctx->out))
		return err_set(e, EIO, "cannot write the output: %s", strerror(errno));
	return 0;
}

static int show(struct monitor *m, struct kevent *part, struct err *e)
{
	int ret = kevent_join(&m->whole, part);

	if (ret == 1)
		ret = print_event(&m->print, &m->whole);
	return ret ? err_set(e, ENOMEM, "out of memory") : flush_output(m, e);
}

static int show_loss(struct monitor *m, struct err *e)
{
	/* The rest of a part may be what was lost. */
	kevent_clear(&m->whole);
	if (print_events_lost(&m->print))
		return err_set(e, ENOMEM, "out of memory");
	return flush_output(m, e);
}

static int read_events(struct monitor *m, struct err *e)
{
	struct kevent ev;
	int ret = 1, n;

	for (n = 0; ret == 1 && n < BURST_MAX; n++) {
		memset(&ev, 0, sizeof(ev));
		ret = m->k->ops->events_read(m->k, &ev, e);
		if (ret == 1)
			ret = show(m, &ev, e) ? -EIO : 1;
		else if (ret == -ENOBUFS)
			ret = show_loss(m, e) ? -EIO : 1;
	}
	return ret < 0 ? ret : 0;
}

/* A module that went sends no event of it. */
static int check_module(struct monitor *m, struct err *e)
{
	struct ksettings s;
	int err = m->k->ops->settings_get(m->k, &s, e);

	if (!err)
		ksettings_clear(&s);
	return err;
}

static int follow(struct monitor *m, struct err *e)
{
	struct pollfd fds[] = {
		{ .fd = m->k->ops->events_fd(m->k), .events = POLLIN },
		{ .fd = m->signals, .events = POLLIN },
	};
	int n, err = 0;

	/* What came before the interrupt is printed before it ends. */
	while (!err && !fds[1].revents) {
		n = poll(fds, 2, IDLE_MS);
		if (n < 0 && errno != EINTR)
			err = err_set(e, errno, "cannot wait for events: %s", strerror(errno));
		else if (!n)
			err = check_module(m, e);
		else if (n > 0 && fds[0].revents)
			err = read_events(m, e);
	}
	return err;
}

static int monitor(struct monitor *m, struct err *e)
{
	int err = m->k->ops->events_open(m->k, e);

	if (!err)
		err = follow(m, e);
	kevent_clear(&m->whole);
	return err;
}

/* Interrupts are read like events, so that they never come between. */
static int with_signals(struct monitor *m, struct err *e)
{
	struct signalfd_siginfo info;
	sigset_t set, before;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	m->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (m->signals < 0) {
		err = err_set(e, errno, "cannot wait for an interrupt: %s", strerror(errno));
	} else {
		err = monitor(m, e);
		/* It was obeyed: it shall not kill us when it is let through again. */
		while (read(m->signals, &info, sizeof(info)) > 0)
			;
		close(m->signals);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

int verb_monitor(struct ctx *ctx, int argc, char **argv)
{
	struct monitor m = { .ctx = ctx, .print = { .out = ctx->out, .color = ctx->color,
						      .one_line = true } };
	struct err e;
	int code;

	if (parse(&m.print, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &m.k);
	if (code)
		return code;
	if (with_signals(&m, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(m.k);
	return code;
}
