// SPDX-License-Identifier: GPL-2.0
/*
 * The order of writes. An address must be given up before another service can
 * have it, and no service should lose one that it keeps:
 *
 *	1. delete what is not wanted any more
 *	2. replace the services that give up addresses
 *	3. write the others
 *	4. what was refused because of an address: address by address, so that one
 *	   that somebody holds by hand, or that the kernel does not allow, does
 *	   not keep the endpoints of the others from following
 *
 * All writes but the last one defer their stale connections, so that one walk
 * through the connection table ends those of a whole run; a sync leaves that to
 * its end. Which is the last one is counted beforehand, of those that should
 * succeed: what the kernel refused the last time does not count. When the last
 * one is refused unexpectedly, the kernel does the walk by itself.
 */
#include "proxy_entry.h"

#include "addrport.h"
#include "err.h"
#include "proxy_delta.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct write {
	struct proxy *p;
	struct proxy_entry *entry;	/* the present one */
	uint32_t token;
	size_t left;		/* slots that are counted */
	struct err *e;
	int err;		/* the first */
};

typedef int step(struct write *w, struct proxy_slot *s);

bool proxy_write_fatal(int err)
{
	switch (err) {
	case -ENODEV:
	case -EIO:
	case -EPERM:
	case -EPROTO:
	case -ESTALE:
		return true;
	default:
		return false;
	}
}

/* Keep the first error, or the one that ends it all; returns err if it is that one. */
static int note(struct write *w, struct proxy_slot *s, int err, const struct err *text)
{
	if (err)
		proxy_retry_refused(w->p, s);
	if (err && (!w->err || proxy_write_fatal(err))) {
		w->err = err;
		err_set(w->e, -err, "service '%s' (%s): %s", s->have.name,
			ip_proto_name(s->have.proto), text->text);
	}
	return proxy_write_fatal(err) ? err : 0;
}

/* One of the service's addresses is the trouble, the others are fine. */
static bool is_of_address(int err)
{
	return err == -EEXIST || err == -EACCES;
}

static const char *reason_of(int err)
{
	if (err == -EACCES)
		return "AddressNotAllowed";
	return err == -EEXIST ? "AddressConflict" : "NotProgrammed";
}

/* What the kernel refuses for good is told to whoever wrote the Service, once. */
static void warn(struct write *w, struct proxy_slot *s, int err, const struct err *text)
{
	json_t *now = json_array();

	/* A loss of memory only costs the Event. */
	if (!proxy_write_fatal(err) && !proxy_tell_add(now, reason_of(err), text->text))
		proxy_tell(w->p, w->entry, &s->told, json_incref(now));
	json_decref(now);
}

/* --- one write --- */

static unsigned int deferred(const struct write *w, const struct proxy_slot *s)
{
	return w->token || w->left > s->counted ? KERNEL_DEFER : 0;
}

/* Nothing more is written of this slot that was counted. */
static void settled(struct write *w, struct proxy_slot *s)
{
	w->left -= s->counted;
	s->counted = false;
}

/* Only the endpoints that changed; false: it cannot be done that way. */
static bool put_delta(struct write *w, struct proxy_slot *slot, const struct kservice *service)
{
	const struct kernel_ops *ops = w->p->k->ops;
	unsigned int flags = deferred(w, slot);
	struct kservice change;
	enum proxy_delta delta;
	int err = -EINVAL;

	/* A sync goes by the services that are set in it. */
	if (w->token || !slot->installed)
		return false;
	delta = proxy_delta(&slot->have, service, &change);
	if (delta == PROXY_DELTA_SET)
		err = ops->endpoint_set(w->p->k, &change, flags, NULL);
	else if (delta == PROXY_DELTA_DEL)
		err = ops->endpoint_del(w->p->k, &change, flags, NULL);
	kservice_clear(&change);
	return !err;
}

/* Write service, which may be slot->have itself. */
static int put(struct write *w, struct proxy_slot *slot, const struct kservice *service,
	       struct err *e)
{
	unsigned int mode = KERNEL_CREATE | KERNEL_REPLACE | deferred(w, slot);
	struct kservice copy;
	int err = 0;

	if (kservice_copy(&copy, service))
		return err_set(e, ENOMEM, "out of memory");
	/* Refused, such as when somebody took endpoints away by hand: all of it puts that right. */
	if (!put_delta(w, slot, service))
		err = w->p->k->ops->service_set(w->p->k, &copy, mode, w->token, e);
	if (err) {
		kservice_clear(&copy);
		return err;
	}
	kservice_clear(&slot->have);
	slot->have = copy;
	slot->installed = true;
	slot->written = true;
	return 0;
}

static void done(struct write *w, struct proxy_slot *s)
{
	settled(w, s);
	kservice_clear(&s->want);
	s->todo = false;
	proxy_slot_unrefuse(s);
}

static int put_want(struct write *w, struct proxy_slot *s)
{
	struct err e;

	s->refused = put(w, s, &s->want, &e);
	if (!s->refused) {
		done(w, s);
		return 0;
	}
	/* Who holds the address may give it up in this very run. */
	if (is_of_address(s->refused))
		return 0;
	settled(w, s);
	warn(w, s, s->refused, &e);
	return note(w, s, s->refused, &e);
}

static bool has_frontend(const struct kservice *s, const struct kfrontend *f)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		if (s->frontends[i].kind == f->kind && s->frontends[i].port == f->port &&
		    ip_addr_equal(&s->frontends[i].addr, &f->addr))
			return true;
	return false;
}

static bool gives_up(const struct proxy_slot *s)
{
	size_t i;

	for (i = 0; i < s->have.nfrontends; i++)
		if (!has_frontend(&s->want, &s->have.frontends[i]))
			return true;
	return false;
}

/* want, with those addresses only that the service has already. */
static int make_base(const struct proxy_slot *s, struct kservice *base)
{
	size_t i, kept = 0;

	if (kservice_copy(base, &s->want))
		return -ENOMEM;
	for (i = 0; s->installed && i < base->nfrontends; i++)
		if (has_frontend(&s->have, &base->frontends[i]))
			base->frontends[kept++] = base->frontends[i];
	base->nfrontends = kept;
	return 0;
}

static int put_base(struct write *w, struct proxy_slot *s, struct err *e)
{
	struct kservice base;
	int err = 0;

	if (make_base(s, &base))
		return err_set(e, ENOMEM, "out of memory");
	if (!s->installed || (w->token && !s->written) || !kservice_equal(&base, &s->have))
		err = put(w, s, &base, e);
	kservice_clear(&base);
	return err;
}

/* --- the steps --- */

static int step_delete(struct write *w, struct proxy_slot *s)
{
	const struct kservice *h = &s->have;
	struct err e;
	int err;

	if (!s->installed || s->wanted || s->waits)
		return 0;
	err = w->p->k->ops->service_del(w->p->k, h->name, h->family, h->proto, w->p->owner,
					deferred(w, s), &e);
	settled(w, s);
	/* Gone, or somebody else's by now: not ours in either case. */
	if (!err || err == -ENOENT || err == -EBUSY)
		proxy_slot_uninstall(s);
	else
		return note(w, s, err, &e);
	return 0;
}

static int step_shrink(struct write *w, struct proxy_slot *s)
{
	struct err e;
	int err;

	if (!s->todo || s->waits || !s->installed || !gives_up(s))
		return 0;
	err = put_want(w, s);
	if (err || !is_of_address(s->refused))
		return err;
	/* It also wants what another one still has: give up first, the rest comes later. */
	return note(w, s, put_base(w, s, &e), &e);
}

static int step_grow(struct write *w, struct proxy_slot *s)
{
	return s->todo && !s->waits && !s->refused ? put_want(w, s) : 0;
}

static int add_one(struct write *w, struct proxy_slot *s, const struct kfrontend *f,
		   struct err *e)
{
	struct kservice more;
	int err;

	if (kservice_copy(&more, &s->have))
		return err_set(e, ENOMEM, "out of memory");
	err = kservice_add_frontend(&more, f);
	err = err ? err_set(e, -err, "out of memory") : put(w, s, &more, e);
	kservice_clear(&more);
	return err;
}

/* The kernel's words, and the address where they leave it out. */
static int tell_refused(const struct kservice *s, const struct kfrontend *f, int err,
			struct err *text, json_t *now)
{
	char key[CLAIMS_KEYLEN], ip[INET6_ADDRSTRLEN];

	if (f->kind != SVCNAT_KIND_NODEPORT && !strstr(text->text, ip_addr_print(&f->addr, ip)))
		err_prefix(text, "%s", claims_key(f, s->proto, key));
	return proxy_tell_add(now, reason_of(err), text->text);
}

/* Add those addresses that it does not have; now gets a text for each that is refused. */
static int put_addresses(struct write *w, struct proxy_slot *s, json_t *now)
{
	const struct kfrontend *f;
	struct err e;
	size_t i;
	int err;

	for (i = 0; i < s->want.nfrontends; i++) {
		f = &s->want.frontends[i];
		if (has_frontend(&s->have, f))
			continue;
		err = add_one(w, s, f, &e);
		if (!err)
			continue;
		if (!proxy_write_fatal(err) && tell_refused(&s->want, f, err, &e, now))
			err = err_set(&e, ENOMEM, "out of memory");
		if (note(w, s, err, &e))
			return err;
	}
	return 0;
}

static int put_one_by_one(struct write *w, struct proxy_slot *s)
{
	json_t *now;
	struct err e;
	int err;

	err = put_base(w, s, &e);
	if (err) {
		warn(w, s, err, &e);
		return note(w, s, err, &e);
	}
	now = json_array();
	if (!now)
		return note(w, s, err_set(&e, ENOMEM, "out of memory"), &e);
	err = put_addresses(w, s, now);
	if (!err && !json_array_size(now))
		done(w, s);
	else if (!err)
		proxy_tell(w->p, w->entry, &s->told, json_incref(now));
	json_decref(now);
	return err;
}

static int step_retry(struct write *w, struct proxy_slot *s)
{
	int err = 0;

	if (!s->todo || !is_of_address(s->refused))
		return 0;
	if (s->refused == -EEXIST)
		err = put_want(w, s);
	if (!err && is_of_address(s->refused))
		err = put_one_by_one(w, s);
	settled(w, s);
	return err;
}

/*
 * A sync takes what was not written in it for stale. So what is right already,
 * and what the kernel refused to change, is written as it is.
 */
static int step_hold(struct write *w, struct proxy_slot *s)
{
	struct err e;

	if (!w->token || !s->installed || !s->wanted || s->written)
		return 0;
	return note(w, s, put(w, s, &s->have, &e), &e);
}

static int for_each_slot(struct write *w, step *fn)
{
	size_t i;
	int err;

	TAILQ_FOREACH(w->entry, &w->p->pending, in_pending)
		for (i = 0; i < w->entry->nslots; i++) {
			err = fn(w, &w->entry->slots[i]);
			if (err)
				return err;
		}
	return 0;
}

static int step_count(struct write *w, struct proxy_slot *s)
{
	s->refused = 0;
	s->written = false;
	s->waits = proxy_retry_waits(w->p, s);
	s->counted = !s->waits &&
		     ((s->installed && !s->wanted) || (s->todo && !s->told));
	w->left += s->counted;
	return 0;
}

int proxy_write(struct proxy *p, uint32_t token, struct err *e)
{
	static step *const steps[] = {
		step_count, step_delete, step_shrink, step_grow, step_retry, step_hold,
	};
	struct write w = { .p = p, .token = token, .e = e };
	size_t i;
	int err;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		err = for_each_slot(&w, steps[i]);
		if (err)
			return err;
	}
	return w.err;
}
