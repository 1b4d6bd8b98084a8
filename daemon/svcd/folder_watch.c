// SPDX-License-Identifier: GPL-2.0
#include "folder_watch.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/*
 * A file that is made is complete when it is closed; but a link has no close. One that
 * is being written is looked at too early then, which whoever reads it has to notice.
 */
#define IN_FOLDER	(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
			 IN_ATTRIB)
#define ON_THE_WAY	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define ITSELF		(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED | \
			 IN_Q_OVERFLOW)

/* A folder on the way, and the name in it that leads on; NULL: it is the folder. */
struct level {
	char *path, *next;
	int wd;			/* -1: it is not watched */
};

struct folder_watch {
	int fd;
	struct event *event;
	struct level *v;
	size_t n;
	folder_watch_fn *changed;
	void *ctx;
};

static void add_level(struct folder_watch *w, const char *path, size_t len, const char *next)
{
	w->v = jx_must(realloc(w->v, (w->n + 1) * sizeof(*w->v)));
	w->v[w->n++] = (struct level){
		.path = jx_must(len ? strndup(path, len) : strdup("/")),
		.next = next ? jx_must(strndup(next, strcspn(next, "/"))) : NULL,
		.wd = -1,
	};
}

/* "/a/b": "/" with a, "/a" with b, "/a/b". */
static void make_levels(struct folder_watch *w, const char *path)
{
	const char *p = path;
	size_t len = 0;

	for (;;) {
		p += strspn(p, "/");
		add_level(w, path, len, *p ? p : NULL);
		if (!*p)
			return;
		p += strcspn(p, "/");
		len = (size_t)(p - path);
	}
}

static bool concerns(const struct folder_watch *w, const struct inotify_event *ev)
{
	if (ev->mask & ITSELF)
		return true;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].wd == ev->wd &&
		    (!w->v[i].next || (ev->len && !strcmp(ev->name, w->v[i].next))))
			return true;
	return false;
}

static void on_events(evutil_socket_t fd, short what, void *ctx)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct folder_watch *w = ctx;
	const struct inotify_event *ev;
	bool changed = false;
	ssize_t n;

	(void)what;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (const char *p = buf; p < buf + n; p += sizeof(*ev) + ev->len) {
			ev = (const struct inotify_event *)p;
			changed |= concerns(w, ev);
		}
	if (changed)
		w->changed(w->ctx);
}

int folder_watch_open(struct folder_watch **out, struct event_base *base, const char *path,
		      folder_watch_fn *changed, void *ctx, struct err *e)
{
	struct folder_watch *w = jx_must(calloc(1, sizeof(*w)));

	*w = (struct folder_watch){ .changed = changed, .ctx = ctx };
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		free(w);
		return err_set(e, errno, "%s cannot be watched: %m", path);
	}
	make_levels(w, path);
	w->event = event_new(base, w->fd, EV_READ | EV_PERSIST, on_events, w);
	if (!w->event || event_add(w->event, NULL) < 0) {
		folder_watch_close(w);
		return err_set(e, ENOMEM, "out of memory");
	}
	*out = w;
	return 0;
}

/* Two ways may lead to one folder, which has one number. */
static bool is_used(const struct folder_watch *w, int wd)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].wd == wd)
			return true;
	return false;
}

static void refresh(struct folder_watch *w, struct level *l)
{
	int was = l->wd;
	uint32_t mask = (l->next ? ON_THE_WAY : IN_FOLDER) | IN_DELETE_SELF | IN_MOVE_SELF |
			IN_ONLYDIR | IN_MASK_ADD;

	l->wd = inotify_add_watch(w->fd, l->path, mask);
	if (was >= 0 && was != l->wd && !is_used(w, was))
		inotify_rm_watch(w->fd, was);
}

void folder_watch_refresh(struct folder_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		refresh(w, &w->v[i]);
}

void folder_watch_close(struct folder_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].path);
		free(w->v[i].next);
	}
	free(w->v);
	if (w->event)
		event_free(w->event);
	close(w->fd);
	free(w);
}
