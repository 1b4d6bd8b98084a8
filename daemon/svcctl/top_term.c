// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal: its second screen, without a cursor, keys without echo. Signals
 * are read like keys, so that whatever ends the program gives it back.
 */
#include "top_host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* its second screen, no cursor, and no line that goes on in the next one */
#define SCREEN_TAKE	"\033[?1049h\033[?25l\033[?7l"
#define SCREEN_GIVE	"\033[?7h\033[?25h\033[?1049l"

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP };

static int64_t now(void *arg)
{
	struct timespec ts;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static bool size(void *arg, unsigned int *columns, unsigned int *lines)
{
	struct top_term *t = arg;
	struct winsize w;

	if (!isatty(fileno(t->out)))
		return false;
	*columns = 80;
	*lines = 24;
	if (ioctl(fileno(t->out), TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row) {
		*columns = w.ws_col;
		*lines = w.ws_row;
	}
	return true;
}

static void take(struct top_term *t)
{
	struct termios raw;

	t->drawing = isatty(fileno(t->out));
	t->keys = t->drawing && tcgetattr(STDIN_FILENO, &t->before) == 0;
	if (t->keys) {
		raw = t->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (t->drawing)
		fputs(SCREEN_TAKE, t->out);
}

static void give(struct top_term *t)
{
	if (t->drawing) {
		fputs(SCREEN_GIVE, t->out);
		fflush(t->out);
	}
	if (t->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
}

static sigset_t signal_set(void)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	return set;
}

static int begin(void *arg, struct err *e)
{
	struct top_term *t = arg;
	sigset_t set = signal_set();

	sigprocmask(SIG_BLOCK, &set, NULL);
	t->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (t->signals < 0) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		return err_set(e, errno, "cannot wait for an interrupt: %s", strerror(errno));
	}
	take(t);
	return 0;
}

static void end(void *arg)
{
	struct top_term *t = arg;
	struct signalfd_siginfo info;
	sigset_t set = signal_set();

	give(t);
	/* What was obeyed shall not kill us when it is let through again. */
	while (read(t->signals, &info, sizeof(info)) > 0)
		;
	close(t->signals);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The shell gets its terminal, and we get it back when we go on. */
static void suspend(struct top_term *t)
{
	give(t);
	raise(SIGSTOP);
	take(t);
}

static enum top_wake take_signal(struct top_term *t)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof(info)) != sizeof(info) || info.ssi_signo == SIGWINCH)
		return TOP_DRAW;
	if (info.ssi_signo != SIGTSTP)
		return TOP_QUIT;
	suspend(t);
	return TOP_DRAW;
}

/* The end of the input is no wish to end. */
static enum top_wake take_key(struct top_term *t)
{
	char key;

	if (read(STDIN_FILENO, &key, 1) != 1) {
		tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
		t->keys = false;
		return TOP_DRAW;
	}
	return key == 'q' || key == 'Q' ? TOP_QUIT : TOP_DRAW;
}

static enum top_wake wait_for(void *arg, int64_t ms)
{
	struct top_term *t = arg;
	struct pollfd fds[] = {
		{ .fd = t->signals, .events = POLLIN },
		{ .fd = t->keys ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int n = poll(fds, 2, ms < 0 ? 0 : (int)ms);

	if (n > 0 && fds[0].revents)
		return take_signal(t);
	if (n > 0 && fds[1].revents)
		return take_key(t);
	return n ? TOP_DRAW : TOP_TIME;
}

struct top_host top_term_host(struct top_term *t, FILE *out)
{
	*t = (struct top_term){ .out = out, .signals = -1 };
	return (struct top_host){ now, size, begin, end, wait_for, t };
}
