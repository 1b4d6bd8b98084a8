// SPDX-License-Identifier: GPL-2.0
/* When the folder is looked at. */
#include "manifests_priv.h"

#include "jx.h"
#include "log.h"
#include "managed.h"
#include "watchdog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Many files may change at once; but who changes them all the time does not keep us from it. */
#define QUIET_MSEC	100
#define PATIENCE_MSEC	1000
/* What inotify does not tell: a file behind a link, a file system of the network. */
#define IDLE_SECONDS	30
/* What the registry refuses is tried again after changes of it, less and less often. */
#define RETRY_SECONDS_MAX	16

static long long msec_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - t->tv_sec) * 1000LL + (now.tv_nsec - t->tv_nsec) / 1000000;
}

static void set_timer(struct event *timer, long msec)
{
	const struct timeval tv = { .tv_sec = msec / 1000, .tv_usec = msec % 1000 * 1000 };

	event_add(timer, &tv);
}

/* An end of the look, or there was none. */
static void wait_for_next(struct manifests *m)
{
	if (m->look.unsettled) {
		m->look.unsettled = false;
		manifests_look(m);
	}
	if (!m->asked.tv_sec)
		set_timer(m->timer, IDLE_SECONDS * 1000L);
}

static void look_to_its_end(struct manifests *m)
{
	struct timespec told = { 0 };

	/* Not each time: who is told too often makes us wait. */
	while (look_go_on(m)) {
		if (msec_since(&told) < 1000)
			continue;
		watchdog_tell();
		clock_gettime(CLOCK_MONOTONIC, &told);
	}
	wait_for_next(m);
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct manifests *m = ctx;

	(void)fd;
	(void)what;
	if (m->moving)
		look_to_its_end(m);
	else if (look_go_on(m))
		set_timer(m->turn, 0);
	else
		wait_for_next(m);
}

/* One that is on its way goes on to its end first. */
static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct manifests *m = ctx;

	(void)fd;
	(void)what;
	if (m->look.phase != LOOK_NONE) {
		set_timer(m->timer, QUIET_MSEC);
		return;
	}
	m->asked = (struct timespec){ 0 };
	look_begin(m);
	set_timer(m->turn, 0);
}

void manifests_look(struct manifests *m)
{
	long long left = PATIENCE_MSEC;

	if (!m->asked.tv_sec)
		clock_gettime(CLOCK_MONOTONIC, &m->asked);
	else
		left -= msec_since(&m->asked);
	if (left < 0)
		left = 0;
	set_timer(m->timer, left < QUIET_MSEC ? left : QUIET_MSEC);
}

static void on_folder(void *ctx)
{
	struct manifests *m = ctx;

	m->retry_seconds = 1;
	manifests_look(m);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	manifests_look(ctx);
}

static void retry_later(struct manifests *m)
{
	if (event_pending(m->retry, EV_TIMEOUT, NULL))
		return;
	set_timer(m->retry, m->retry_seconds * 1000);
	if (m->retry_seconds < RETRY_SECONDS_MAX)
		m->retry_seconds *= 2;
}

static bool any_refused(const struct manifests *m)
{
	for (size_t i = 0; i < m->nfiles; i++)
		if (m->files[i]->refusal && (m->files[i]->set || m->files[i]->gone))
			return true;
	return false;
}

/* The file whose object is deleted though it asks for it: with its owner, or by a controller. */
static struct manifest_file *robbed(struct manifests *m, const struct registry_event *ev)
{
	const char *file = ev->change == REGISTRY_DELETED ? managed_by(ev->old) : NULL;
	struct manifest_file *f = file ? manifests_find(m, file) : NULL;
	bool wanted;
	char *key;

	if (!f || f->gone)
		return NULL;
	key = manifest_set_key(ev->res, jx_str(ev->old, "metadata.namespace"),
			       jx_str(ev->old, "metadata.name"));
	wanted = !f->set || strmap_find(&f->set->names, key);
	free(key);
	return wanted ? f : NULL;
}

/* Others change the registry, too: what they leave or take may be what a file waits for, or had. */
static void on_change(void *ctx, const struct registry_event *ev)
{
	struct manifests *m = ctx;
	struct manifest_file *f = robbed(m, ev);

	if (!strcmp(ev->res->plural, "events"))
		return;
	if (f)
		f->again = true;
	if (f || (!m->applying && any_refused(m)))
		retry_later(m);
}

static int make_events(struct manifests *m, struct err *e)
{
	m->timer = evtimer_new(m->c.base, on_timer, m);
	m->turn = evtimer_new(m->c.base, on_turn, m);
	m->retry = evtimer_new(m->c.base, on_retry, m);
	if (!m->timer || !m->turn || !m->retry || registry_listen(m->c.registry, on_change, m))
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

/* Without inotify it is only slower. */
static void start_watch(struct manifests *m)
{
	struct err e = { "" };

	if (folder_watch_open(&m->watch, m->c.base, m->folder, on_folder, m, &e))
		log_warning("manifests: %s; it is looked at each %d seconds", e.text,
			    IDLE_SECONDS);
}

int manifests_open(struct manifests **out, const struct manifests_config *c, struct err *e)
{
	struct manifests *m = jx_must(calloc(1, sizeof(*m)));
	int ret;

	*m = (struct manifests){
		.c = *c,
		.folder = jx_must(strdup(c->folder)),
		.node_name = jx_must(strdup(c->node_name)),
		.retry_seconds = 1,
	};
	ret = make_events(m, e);
	if (ret) {
		manifests_close(m);
		return ret;
	}
	start_watch(m);
	registry_guard(c->registry, true);
	look_begin(m);
	look_to_its_end(m);
	*out = m;
	return 0;
}

void manifests_set_folder(struct manifests *m, const char *folder, bool expected)
{
	look_abort(m);
	event_del(m->turn);
	folder_watch_close(m->watch);
	m->watch = NULL;
	free(m->folder);
	m->folder = jx_must(strdup(folder));
	m->c.expected = expected;
	for (size_t i = 0; i < m->nfiles; i++) {
		manifest_file_drop(m->files[i]);
		m->files[i]->again = true;
	}
	start_watch(m);
	m->moving = MOVING_LOOKS;
	look_begin(m);
	look_to_its_end(m);
}

void manifests_set_node_name(struct manifests *m, const char *node_name)
{
	free(m->node_name);
	m->node_name = jx_must(strdup(node_name));
}

void manifests_close(struct manifests *m)
{
	if (!m)
		return;
	registry_unlisten(m->c.registry, on_change, m);
	registry_guard(m->c.registry, false);
	look_abort(m);
	folder_watch_close(m->watch);
	if (m->timer)
		event_free(m->timer);
	if (m->turn)
		event_free(m->turn);
	if (m->retry)
		event_free(m->retry);
	for (size_t i = 0; i < m->nfiles; i++)
		manifest_file_free(m->files[i]);
	free(m->files);
	free(m->folder);
	free(m->node_name);
	free(m);
}
