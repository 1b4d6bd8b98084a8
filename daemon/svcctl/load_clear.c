// SPDX-License-Identifier: GPL-2.0
/*
 * Services of before that stand in the way: a frontend cannot be two services',
 * nor a name two owners'. Only what a whole load would delete or change anyway
 * is touched, and only where it must be.
 */
#include "kernel.h"
#include "load.h"

#include <errno.h>
#include <string.h>

/* May a load change it? */
static bool is_ours(const struct load *l, const struct kservice *s)
{
	return l->flush || plan_find_owner(l->p, s->owner);
}

/* The service that the plan makes of s; NULL: s goes. */
static const struct plan_entry *successor(const struct load *l, const struct kservice *s)
{
	const struct plan_entry *entry = plan_find(l->p, s);

	return entry && !strcmp(entry->s.owner, s->owner) ? entry : NULL;
}

/* Does the plan have it in another service than in next? */
static bool is_wanted(const struct load *l, const struct kservice *s, const struct kfrontend *f,
		      const struct plan_entry *next)
{
	const struct plan_slot *slot = plan_find_slot(l->p, s->proto, f);

	return slot && slot->entry != next;
}

static bool any_wanted(const struct load *l, const struct kservice *s,
		       const struct plan_entry *next)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		if (is_wanted(l, s, &s->frontends[i], next))
			return true;
	return false;
}

static void delete_service(struct load *l, const struct kservice *s)
{
	struct err e;
	int err;

	err = l->k->ops->service_del(l->k, s->name, s->family, s->proto, s->owner, KERNEL_DEFER,
				     &e);
	if (!err) {
		l->deleted++;
		return;
	}
	if (err == -ENOENT)
		return;
	err_prefix(&e, "cannot delete service '%s' (%s), which is in the way", s->name,
		   ip_proto_name(s->proto));
	load_refused(l, 0, err, &e);
}

/* s stays, and gives up the frontends that are to be another's. */
static void take_frontends(struct load *l, const struct kservice *s,
			   const struct plan_entry *next)
{
	struct kservice less;
	struct err e;
	size_t i;
	int err;

	err = kservice_copy(&less, s);
	if (err) {
		err_set(&e, ENOMEM, "out of memory");
	} else {
		less.nfrontends = 0;
		for (i = 0; i < s->nfrontends; i++)
			if (!is_wanted(l, s, &s->frontends[i], next))
				less.frontends[less.nfrontends++] = s->frontends[i];
		err = l->k->ops->service_set(l->k, &less, KERNEL_REPLACE | KERNEL_DEFER, 0, &e);
		kservice_clear(&less);
	}
	if (err && err != -ENOENT) {
		err_prefix(&e, "cannot take frontends from service '%s' (%s)", s->name,
			   ip_proto_name(s->proto));
		load_refused(l, next->line, err, &e);
	}
}

void load_clear_way(struct load *l)
{
	const struct plan_entry *next;
	const struct kservice *s;
	size_t i;

	for (i = 0; !l->stopped && i < l->have.n; i++) {
		s = &l->have.v[i];
		if (!is_ours(l, s))
			continue;
		next = successor(l, s);
		if (next && any_wanted(l, s, next))
			take_frontends(l, s, next);
		else if (!next && (plan_find(l->p, s) || any_wanted(l, s, NULL)))
			delete_service(l, s);
	}
}
