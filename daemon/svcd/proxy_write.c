// SPDX-License-Identifier: GPL-2.0
/*
 * The order of writes. An address must be given up before another service can
 * have it, and no service should lose one that it keeps:
 *
 *	1. delete what is not wanted any more
 *	2. replace the services that give up addresses
 *	3. write the others
 *	4. what was refused because an address was taken: once more, then address
 *	   by address, so that one that somebody holds by hand does not keep the
 *	   endpoints of the others from following
 */
#include "proxy_entry.h"

#include "err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct write {
	struct proxy *p;
	struct proxy_entry *entry;	/* the present one */
	uint32_t token;
	struct err *e;
	int err;		/* the first */
};

typedef int step(struct write *w, struct proxy_slot *s);

bool proxy_write_fatal(int err)
{
	switch (err) {
	case -ENODEV:
	case -ENOMEM:
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
static int note(struct write *w, const struct proxy_slot *s, int err, const struct err *text)
{
	if (err && (!w->err || proxy_write_fatal(err))) {
		w->err = err;
		err_set(w->e, -err, "service '%s' (%s): %s", s->have.name,
			ip_proto_name(s->have.proto), text->text);
	}
	return proxy_write_fatal(err) ? err : 0;
}

/* What the kernel refuses for good is told to whoever wrote the Service, once. */
static void warn(struct write *w, struct proxy_slot *s, int err, const struct err *text)
{
	if (proxy_write_fatal(err) || (s->warned && !strcmp(s->warned, text->text)))
		return;
	free(s->warned);
	s->warned = strdup(text->text);
	proxy_warn(w->p, w->entry, err == -EEXIST ? "AddressConflict" : "NotProgrammed",
		   text->text);
}

/* Write service, which may be slot->have itself. */
static int put(struct write *w, struct proxy_slot *slot, const struct kservice *service,
	       struct err *e)
{
	struct kservice copy;
	int err;

	if (kservice_copy(&copy, service))
		return err_set(e, ENOMEM, "out of memory");
	err = w->p->k->ops->service_set(w->p->k, &copy, KERNEL_CREATE | KERNEL_REPLACE, w->token,
					e);
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

static void done(struct proxy_slot *s)
{
	kservice_clear(&s->want);
	s->todo = false;
	free(s->warned);
	s->warned = NULL;
}

static int put_want(struct write *w, struct proxy_slot *s)
{
	struct err e;

	s->refused = put(w, s, &s->want, &e);
	if (!s->refused) {
		done(s);
		return 0;
	}
	/* Who holds the address may give it up in this very run. */
	if (s->refused == -EEXIST)
		return 0;
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

	if (!s->installed || s->wanted)
		return 0;
	err = w->p->k->ops->service_del(w->p->k, h->name, h->family, h->proto, w->p->owner, &e);
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

	if (!s->todo || !s->installed || !gives_up(s))
		return 0;
	err = put_want(w, s);
	if (err || s->refused != -EEXIST)
		return err;
	/* It also wants what another one still has: give up first, the rest comes later. */
	return note(w, s, put_base(w, s, &e), &e);
}

static int step_grow(struct write *w, struct proxy_slot *s)
{
	return s->todo && !s->refused ? put_want(w, s) : 0;
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

static int put_one_by_one(struct write *w, struct proxy_slot *s)
{
	bool conflict = false;
	struct err e;
	size_t i;
	int err;

	err = put_base(w, s, &e);
	if (err) {
		warn(w, s, err, &e);
		return note(w, s, err, &e);
	}
	for (i = 0; i < s->want.nfrontends; i++) {
		if (has_frontend(&s->have, &s->want.frontends[i]))
			continue;
		err = add_one(w, s, &s->want.frontends[i], &e);
		if (!err)
			continue;
		if (!conflict)
			warn(w, s, err, &e);
		conflict = true;
		if (note(w, s, err, &e))
			return err;
	}
	if (!conflict)
		done(s);
	return 0;
}

static int step_retry(struct write *w, struct proxy_slot *s)
{
	int err;

	if (!s->todo || s->refused != -EEXIST)
		return 0;
	err = put_want(w, s);
	return err || s->refused != -EEXIST ? err : put_one_by_one(w, s);
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

static int forget_refusals(struct write *w, struct proxy_slot *s)
{
	(void)w;
	s->refused = 0;
	s->written = false;
	return 0;
}

int proxy_write(struct proxy *p, uint32_t token, struct err *e)
{
	static step *const steps[] = {
		forget_refusals, step_delete, step_shrink, step_grow, step_retry, step_hold,
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
