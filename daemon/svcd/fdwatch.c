// SPDX-License-Identifier: GPL-2.0
#include "fdwatch.h"

#include "complaint.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>

#define PAUSE_MIN_MS	100
#define PAUSE_MAX_MS	60000

struct fdwatch {
	struct event_base *base;
	const struct fdwatch_ops *ops;
	void *ctx;
	struct event *readable;	/* NULL: it is not open */
	struct event *again;
	unsigned int pause_ms;	/* the last one; 0: all is well since */
	struct err trouble;	/* what was said last; "": nothing since it was well */
};

static void shut(struct fdwatch *w)
{
	if (!w->readable)
		return;
	event_free(w->readable);
	w->readable = NULL;
	w->ops->close(w->ctx);
}

static void wait_a_while(struct fdwatch *w, int err, const struct err *e)
{
	struct timeval tv;
	struct err text;

	err_set(&text, -err, "%s: %s", w->ops->trouble, e->text);
	complaint(&w->trouble, LOG_LEVEL_WARNING, &text);
	w->pause_ms = w->pause_ms ? 2 * w->pause_ms : PAUSE_MIN_MS;
	if (w->pause_ms > PAUSE_MAX_MS)
		w->pause_ms = PAUSE_MAX_MS;
	tv = (struct timeval){ w->pause_ms / 1000, w->pause_ms % 1000 * 1000 };
	event_add(w->again, &tv);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct err e = { "" };
	struct fdwatch *w = ctx;
	int err = w->ops->read(w->ctx, &e);

	(void)fd;
	(void)what;
	if (!err) {
		w->pause_ms = 0;
		w->trouble.text[0] = '\0';
		return;
	}
	shut(w);
	wait_a_while(w, err, &e);
}

static void try(struct fdwatch *w)
{
	struct err e = { "" };
	int fd = w->ops->open(w->ctx, &e);

	if (fd < 0) {
		wait_a_while(w, fd, &e);
		return;
	}
	w->readable = event_new(w->base, fd, EV_READ | EV_PERSIST, on_readable, w);
	if (w->readable && !event_add(w->readable, NULL))
		return;
	if (w->readable)
		event_free(w->readable);
	w->readable = NULL;
	w->ops->close(w->ctx);
	wait_a_while(w, err_set(&e, ENOMEM, "out of memory"), &e);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct fdwatch *w = ctx;

	(void)fd;
	(void)what;
	try(w);
	if (w->readable)
		w->ops->reopened(w->ctx);
}

int fdwatch_alloc(struct fdwatch **out, struct event_base *base, const struct fdwatch_ops *ops,
		  void *ctx)
{
	struct fdwatch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct fdwatch){ .base = base, .ops = ops, .ctx = ctx };
	w->again = evtimer_new(base, on_again, w);
	if (!w->again) {
		free(w);
		return -ENOMEM;
	}
	try(w);
	*out = w;
	return 0;
}

void fdwatch_free(struct fdwatch *w)
{
	if (!w)
		return;
	shut(w);
	event_free(w->again);
	free(w);
}

const char *fdwatch_trouble(const struct fdwatch *w)
{
	return w->readable ? NULL : w->trouble.text;
}
