// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody else does to the kernel. Each event is compared with what the
 * proxy left there, by which its own changes are known: when all events up to
 * the last of its own writes were read, and none contradicted, the kernel holds
 * it. What contradicts is only a suspicion, since the proxy may have written
 * since then: the kernel is asked before anything is done about it.
 *
 * Looks are gathered, and a service that is changed again and again is put
 * right less and less often (proxy_retry.c), so two who disagree do not keep
 * the kernel busy.
 */
#include "proxy_entry.h"

#include "err.h"
#include "log.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define LOOK_MS		100	/* between two looks at single services */
#define LOOK_ALL_MS	1000	/* between two looks at all */
#define LOOK_EACH_MAX	16	/* services that are asked for one by one */
#define WAKE_MS		1000	/* between two tries of what was refused, for news */
#define COMPARE_MAX	64	/* endpoints of one event that are worth comparing */

/* --- events --- */

static const struct kendpoint *find_endpoint(const struct kservice *s, const struct kendpoint *p)
{
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		if (s->endpoints[i].port == p->port &&
		    ip_addr_equal(&s->endpoints[i].addr, &p->addr))
			return &s->endpoints[i];
	return NULL;
}

/* Are those that were set as have has them, those that were deleted not in it? */
static bool endpoints_agree(const struct kservice *have, const struct kevent *ev)
{
	const struct kservice *change = &ev->service;
	const struct kendpoint *mine, *theirs;
	size_t i;

	if (change->nendpoints > COMPARE_MAX)
		return false;
	for (i = 0; i < change->nendpoints; i++) {
		theirs = &change->endpoints[i];
		mine = find_endpoint(have, theirs);
		if (ev->cmd == SVCNAT_CMD_ENDPOINT_DEL ? !!mine :
		    !mine || mine->lists != theirs->lists || mine->weight != theirs->weight)
			return false;
	}
	return true;
}

static bool agrees(const struct proxy_slot *s, const struct kevent *ev, bool is_ours)
{
	if (ev->cmd == SVCNAT_CMD_SERVICE_DEL)
		return !s->installed;
	if (!s->installed)
		return !is_ours;
	if (ev->cmd == SVCNAT_CMD_SERVICE_SET)
		return kservice_equal(&s->have, &ev->service);
	return endpoints_agree(&s->have, ev);
}

static void suspect(struct proxy *p, struct proxy_entry *n, struct proxy_slot *s)
{
	s->suspect = true;
	p->suspects = true;
	proxy_entry_pend(p, n);
}

/* One that nobody here knows of, and that is ours by its owner. */
static void suspect_new(struct proxy *p, const struct kservice *key)
{
	struct proxy_entry *n = proxy_entry_of(p, key->name, true);
	struct proxy_slot *s = n ? proxy_entry_slot(n, key) : NULL;

	if (s)
		suspect(p, n, s);
	else
		p->lost = true;
}

static void service_event(struct proxy *p, const struct kevent *ev)
{
	const struct kservice *key = &ev->service;
	bool is_ours = strcmp(key->owner, p->owner) == 0;
	struct proxy_entry *n = proxy_entry_of(p, key->name, false);
	struct proxy_slot *s = n ? proxy_entry_find_slot(n, key) : NULL;

	if (!s) {
		if (is_ours && ev->cmd != SVCNAT_CMD_SERVICE_DEL)
			suspect_new(p, key);
	} else if (!agrees(s, ev, is_ours)) {
		suspect(p, n, s);
	} else if (ev->cmd == SVCNAT_CMD_SERVICE_SET || ev->cmd == SVCNAT_CMD_SERVICE_DEL) {
		/* All of it is as it should be: whatever was before it is over. */
		s->suspect = false;
	}
	/* An address that somebody gave up, or a limit that is not reached any more. */
	p->wake |= !is_ours;
}

static void settings_event(struct proxy *p, const struct ksettings *s)
{
	int64_t now = p->clock(p->clock_ctx);

	p->wake = true;
	if (proxy_settings_hold(p, s))
		return;
	p->foreign.changes++;
	p->foreign.last = now;
	p->settings_todo = p->settings_drift = true;
	if (proxy_fight_on(&p->settings_fight, now))
		log_warning("somebody else keeps changing settings of the kernel that svcd was "
			    "given: they are put right less often");
	else if (p->settings_fight.times == 1)
		log_warning("somebody else changed settings of the kernel that svcd was given: "
			    "they are put right");
}

void proxy_kernel_event(struct proxy *p, const struct kevent *ev)
{
	/* The next run reads all services anyway; of the settings it only writes what is due. */
	if (!p->k || (p->full && ev->cmd != SVCNAT_CMD_SETTINGS_SET))
		return;
	switch (ev->cmd) {
	case SVCNAT_CMD_SERVICE_SET:
	case SVCNAT_CMD_SERVICE_DEL:
	case SVCNAT_CMD_ENDPOINT_SET:
	case SVCNAT_CMD_ENDPOINT_DEL:
		service_event(p, ev);
		break;
	case SVCNAT_CMD_SETTINGS_SET:
		settings_event(p, &ev->settings);
		break;
	default:
		/* The end of a sync: each service that it deleted has an event of its own. */
		break;
	}
}

void proxy_kernel_lost(struct proxy *p)
{
	p->lost = true;
	p->wake = true;
}

/* --- looks --- */

struct look {
	struct proxy *p;
	size_t changed;		/* services, of which it was not to be expected */
	char first[SVCNAT_NAME_MAX + 1];
};

static void say_fight(const struct proxy *p, const struct proxy_entry *n,
		      const struct proxy_slot *s)
{
	static const char text[] =
		"somebody else keeps changing this service in the kernel; it is put right less "
		"and less often, at last once a minute";

	log_warning("service '%s' (%s): %s", s->have.name, ip_proto_name(s->have.proto), text);
	if (p->warn && n->service)
		p->warn(p->ctx, n->service, "ForeignChange", text);
}

/* have is what the kernel holds, and not what was left there. */
static void changed(struct look *l, struct proxy_entry *n, struct proxy_slot *s)
{
	struct proxy *p = l->p;

	p->foreign.changes++;
	p->foreign.last = p->now;
	n->touched = true;
	proxy_entry_pend(p, n);
	if (proxy_fight_on(&s->fight, p->now))
		say_fight(p, n, s);
	if (s->fight.times == 1 && !l->changed++)
		strcpy(l->first, s->have.name);
}

static int found(struct look *l, const struct kservice *real)
{
	struct proxy_entry *n = proxy_entry_of(l->p, real->name, true);
	struct proxy_slot *s = n ? proxy_entry_slot(n, real) : NULL;
	struct kservice copy;

	if (!s)
		return -ENOMEM;
	s->seen = true;
	s->suspect = false;
	if (s->installed && kservice_equal(&s->have, real))
		return 0;
	if (kservice_copy(&copy, real))
		return -ENOMEM;
	kservice_clear(&s->have);
	s->have = copy;
	s->installed = true;
	changed(l, n, s);
	return 0;
}

static void missing(struct look *l, struct proxy_entry *n, struct proxy_slot *s)
{
	s->suspect = false;
	if (!s->installed)
		return;
	proxy_slot_uninstall(s);
	changed(l, n, s);
}

static void set_unseen(struct proxy *p)
{
	struct proxy_entry *n;
	size_t i;

	TAILQ_FOREACH(n, &p->all, in_all)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			n->slots[i].seen = false;
}

static void miss_unseen(struct look *l)
{
	struct proxy_entry *n;
	size_t i;

	TAILQ_FOREACH(n, &l->p->all, in_all)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			if (!n->slots[i].seen)
				missing(l, n, &n->slots[i]);
}

static int look_at_all(struct look *l, struct err *e)
{
	const struct kfilter filter = { .owner = l->p->owner };
	struct kservices list = { 0 };
	size_t i;
	int err;

	err = l->p->k->ops->service_list(l->p->k, &filter, &list, e);
	if (!err)
		set_unseen(l->p);
	for (i = 0; !err && i < list.n; i++) {
		err = found(l, &list.v[i]);
		if (err)
			err_set(e, ENOMEM, "out of memory");
	}
	kservices_clear(&list);
	if (!err)
		miss_unseen(l);
	return err;
}

/* They are due ahead of the services: the next run writes them. */
static int look_at_settings(struct proxy *p, struct err *e)
{
	struct ksettings s = { 0 };
	int err;

	if (!p->settings_what)
		return 0;
	err = p->k->ops->settings_get(p->k, &s, e);
	if (!err)
		settings_event(p, &s);
	ksettings_clear(&s);
	return err;
}

static int look_at(struct look *l, struct proxy_entry *n, struct proxy_slot *s, struct err *e)
{
	const struct kfilter filter = {
		.name = s->have.name, .family = s->have.family, .proto = s->have.proto,
		.owner = l->p->owner,
	};
	struct kservices list = { 0 };
	int err;

	err = l->p->k->ops->service_list(l->p->k, &filter, &list, e);
	if (!err && list.n && found(l, &list.v[0]))
		err = err_set(e, ENOMEM, "out of memory");
	else if (!err && !list.n)
		missing(l, n, s);
	kservices_clear(&list);
	return err;
}

static int look_at_each(struct look *l, struct err *e)
{
	struct proxy_entry *n;
	int err = 0;
	size_t i;

	TAILQ_FOREACH(n, &l->p->pending, in_pending)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; !err && i < n->nslots; i++)
			if (n->slots[i].suspect)
				err = look_at(l, n, &n->slots[i], e);
	return err;
}

static void say(const struct look *l)
{
	if (l->changed == 1)
		log_warning("somebody else changed the service '%s' in the kernel: it is put "
			    "right", l->first);
	else if (l->changed)
		log_warning("somebody else changed %zu services of svcd in the kernel, such as "
			    "'%s': they are put right", l->changed, l->first);
}

/* Ends fights that are over, lets what was refused be tried; returns how many are suspect. */
static size_t walk_pending(struct proxy *p)
{
	bool wake = p->wake && p->now >= p->woken + WAKE_MS;
	struct proxy_entry *n;
	size_t i, suspects = 0;

	TAILQ_FOREACH(n, &p->pending, in_pending)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++) {
			proxy_fight_end(&n->slots[i].fight, p->now);
			n->slots[i].retry.hurry |= wake;
			suspects += n->slots[i].suspect;
		}
	if (wake) {
		p->wake = false;
		p->woken = p->now;
	}
	return suspects;
}

int proxy_drift_look(struct proxy *p, struct err *e)
{
	struct look l = { .p = p };
	size_t n = walk_pending(p);
	int err;

	if (!p->lost && !n)
		p->suspects = false;
	if ((!p->lost && !p->suspects) ||
	    p->now < p->looked + (p->lost ? LOOK_ALL_MS : LOOK_MS))
		return 0;
	p->looked = p->now;
	err = p->lost || n > LOOK_EACH_MAX ? look_at_all(&l, e) : look_at_each(&l, e);
	if (!err && p->lost)
		err = look_at_settings(p, e);
	if (err)
		return err;
	p->lost = p->suspects = false;
	say(&l);
	return 0;
}

void proxy_drift_forget(struct proxy *p)
{
	struct proxy_entry *n;
	size_t i;

	TAILQ_FOREACH(n, &p->all, in_all)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			n->slots[i].suspect = false;
	p->lost = p->suspects = p->wake = false;
	p->looked = p->now;
}

/* --- when --- */

/* The sooner of the two; -1: never. */
static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t slot_due(const struct proxy *p, const struct proxy_slot *s)
{
	int64_t due = -1, next;

	if (s->fight.times)
		due = proxy_fight_over(&s->fight);
	if (!s->todo && (!s->installed || s->wanted))
		return due;
	if (!s->retry.wait && s->fight.until <= p->now)
		return due;
	next = s->retry.wait && !s->retry.hurry ? s->retry.next : 0;
	next = s->fight.until > next ? s->fight.until : next;
	if (p->wake && s->retry.wait)
		next = sooner(next, p->woken + WAKE_MS);
	return sooner(due, next);
}

int proxy_next(const struct proxy *p)
{
	const struct proxy_entry *n;
	int64_t due = -1, left;
	size_t i;

	/* Without a kernel, and while all of it is to be written, others know when. */
	if (!p->k || p->full || !proxy_listed(p))
		return -1;
	if (p->lost)
		due = p->looked + LOOK_ALL_MS;
	else if (p->suspects)
		due = p->looked + LOOK_MS;
	if (p->settings_drift)
		due = sooner(due, p->settings_fight.until);
	TAILQ_FOREACH(n, &p->pending, in_pending)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			due = sooner(due, slot_due(p, &n->slots[i]));
	if (due < 0)
		return -1;
	left = due - p->clock(p->clock_ctx);
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}
