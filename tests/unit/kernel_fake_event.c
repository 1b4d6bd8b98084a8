// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Has a test ordered an error of a call to come? */
static bool will_fail(const struct kernel_fake *f)
{
	return f->fail[KERNEL_FAKE_EVENTS_READ].code &&
	       f->fail[KERNEL_FAKE_EVENTS_READ].at > f->calls[KERNEL_FAKE_EVENTS_READ];
}

void kernel_fake_events_wake(struct kernel_fake *f)
{
	eventfd_t value;

	if (f->events.fd < 0)
		return;
	if (f->events.n || f->events.lost || will_fail(f))
		eventfd_write(f->events.fd, 1);
	else
		eventfd_read(f->events.fd, &value);
}

/* Takes what ev has. */
static void push(struct kernel_fake *f, struct kevent *ev)
{
	if (f->events.fd < 0) {
		kevent_clear(ev);
		return;
	}
	if (f->events.first + f->events.n == f->events.room) {
		f->events.room = f->events.room ? 2 * f->events.room : 16;
		f->events.v = reallocarray(f->events.v, f->events.room, sizeof(*ev));
	}
	f->events.v[f->events.first + f->events.n++] = *ev;
	kernel_fake_events_wake(f);
}

static struct kservice without_members(const struct kservice *s, bool options)
{
	struct kservice out = { .id = s->id, .family = s->family, .proto = s->proto };

	strcpy(out.name, s->name);
	strcpy(out.owner, s->owner);
	if (options) {
		out.flags = s->flags;
		out.scheduler = s->scheduler;
		out.affinity = s->affinity;
	}
	return out;
}

/* How many of n members stand in this message that begins with the *from-th of all. */
static size_t share(size_t n, size_t *from, size_t *room)
{
	size_t here;

	if (*from >= n) {
		*from -= n;
		return 0;
	}
	here = n - *from < *room ? n - *from : *room;
	*room -= here;
	return here;
}

/* Up to room members of s, from the from-th of all on. */
static void add_members(struct kservice *out, const struct kservice *s, size_t from, size_t room)
{
	size_t i, n;

	n = share(s->nfrontends, &from, &room);
	for (i = 0; i < n; i++)
		kservice_add_frontend(out, &s->frontends[from + i]);
	from = n ? 0 : from;
	n = share(s->nranges, &from, &room);
	for (i = 0; i < n; i++)
		kservice_add_range(out, &s->ranges[from + i]);
	from = n ? 0 : from;
	n = share(s->nendpoints, &from, &room);
	for (i = 0; i < n; i++)
		kservice_add_endpoint(out, &s->endpoints[from + i]);
}

/* s with its members over as many events as that takes. */
static void push_service(struct kernel_fake *f, enum svcnat_cmd cmd, const struct kservice *s)
{
	const size_t all = s->nfrontends + s->nranges + s->nendpoints;
	const size_t room = f->events.split ? f->events.split : all;
	struct kevent ev;
	size_t from = 0;

	do {
		ev = (struct kevent){ .cmd = cmd };
		ev.service = without_members(s, cmd == SVCNAT_CMD_SERVICE_SET);
		add_members(&ev.service, s, from, room);
		from += room;
		ev.more = from < all;
		push(f, &ev);
	} while (from < all);
}

void kernel_fake_event_service(struct kernel_fake *f, enum svcnat_cmd cmd,
			       const struct kservice *s)
{
	struct kservice part = *s;

	if (cmd != SVCNAT_CMD_SERVICE_SET)
		part.nfrontends = part.nranges = 0;
	if (cmd == SVCNAT_CMD_SERVICE_DEL)
		part.nendpoints = 0;
	push_service(f, cmd, &part);
}

void kernel_fake_event_settings(struct kernel_fake *f)
{
	struct kevent ev = { .cmd = SVCNAT_CMD_SETTINGS_SET };

	ev.settings = kernel_fake_copy_settings(&f->settings);
	push(f, &ev);
}

void kernel_fake_event_sync_end(struct kernel_fake *f, const char *owner, uint32_t deleted)
{
	struct kevent ev = { .cmd = SVCNAT_CMD_SYNC_END, .deleted = deleted };

	snprintf(ev.owner, sizeof(ev.owner), "%s", owner);
	push(f, &ev);
}

static void drop_all(struct kernel_fake *f)
{
	size_t i;

	for (i = 0; i < f->events.n; i++)
		kevent_clear(&f->events.v[f->events.first + i]);
	free(f->events.v);
	f->events.v = NULL;
	f->events.first = f->events.n = f->events.room = 0;
}

void kernel_fake_event_clear(struct kernel_fake *f, bool end)
{
	drop_all(f);
	f->events.lost = false;
	kernel_fake_events_wake(f);
	if (!end || f->events.fd < 0)
		return;
	close(f->events.fd);
	f->events.fd = -1;
}

void kernel_fake_lose_events(struct kernel *k)
{
	struct kernel_fake *f = kernel_fake_of(k);

	drop_all(f);
	f->events.lost = true;
	kernel_fake_events_wake(f);
}

void kernel_fake_split_events(struct kernel *k, size_t members)
{
	kernel_fake_of(k)->events.split = members;
}

int kernel_fake_events_open(struct kernel *k, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_EVENTS_OPEN, e);

	if (err || f->events.fd >= 0)
		return err;
	f->events.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (f->events.fd < 0)
		return err_set(e, errno, "eventfd: %s", strerror(errno));
	kernel_fake_events_wake(f);
	return 0;
}

int kernel_fake_events_fd(struct kernel *k)
{
	return kernel_fake_of(k)->events.fd;
}

int kernel_fake_events_read(struct kernel *k, struct kevent *out, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kernel_fake_events *ev = &f->events;
	int err = kernel_fake_call(k, KERNEL_FAKE_EVENTS_READ, e);

	if (!err && ev->lost) {
		ev->lost = false;
		err = err_set(e, ENOBUFS, "events were lost: they came faster than they were read");
	} else if (!err && ev->n) {
		*out = ev->v[ev->first++];
		ev->first = --ev->n ? ev->first : 0;
		err = 1;
	}
	kernel_fake_events_wake(f);
	return err;
}

void kernel_fake_events_close(struct kernel *k)
{
	kernel_fake_event_clear(kernel_fake_of(k), true);
}
