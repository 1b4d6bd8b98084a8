// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

#include <stdio.h>
#include <string.h>

static bool matches(const struct kfilter *f, const struct kservice *s)
{
	return !f || ((!f->name || !strcmp(f->name, s->name)) &&
		      (!f->family || f->family == s->family) &&
		      (!f->proto || f->proto == s->proto) &&
		      (!f->owner || !strcmp(f->owner, s->owner)));
}

/* Connections without records, unless the service has these. */
static void show_counters(struct kservice *s)
{
	const bool records = s->flags & SVCNAT_F_ACCOUNT ||
			     s->scheduler == SVCNAT_SCHEDULER_LEASTCONN;
	struct kendpoint *p;
	uint64_t connections;
	size_t i;

	s->has_counts = true;
	for (i = 0; i < s->nendpoints; i++) {
		p = &s->endpoints[i];
		connections = p->connections;
		if (!records)
			*p = (struct kendpoint){
				.addr = p->addr, .port = p->port, .lists = p->lists,
				.weight = p->weight,
			};
		p->connections = connections;
		p->has_records = records;
	}
}

static int add_one(struct kservices *out, const struct kfilter *filter, const struct kservice *s)
{
	int err = kservices_add(out, s);

	if (!err && filter && filter->stats)
		show_counters(&out->v[out->n - 1]);
	else if (!err)
		kernel_fake_forget_counters(&out->v[out->n - 1]);
	return err;
}

int kernel_fake_list(struct kernel *k, const struct kfilter *filter, struct kservices *out,
		     struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_LIST, e);
	size_t i;

	for (i = 0; !err && i < f->l.n; i++)
		if (matches(filter, &f->l.v[i]))
			err = add_one(out, filter, &f->l.v[i]);
	return err;
}

/* --- a walk --- */

int kernel_fake_walk_open(struct kernel *k, const struct kfilter *filter, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_WALK_OPEN, e);

	kernel_fake_walk_close(k);
	if (err)
		return err;
	f->walk.filter = *filter;
	if (filter->owner)
		snprintf(f->walk.owner, sizeof(f->walk.owner), "%s", filter->owner);
	f->walk.filter.owner = filter->owner ? f->walk.owner : NULL;
	f->walk.filter.name = NULL;
	f->walk.open = true;
	return 0;
}

/* A few at a time, behind the last id that was told. */
int kernel_fake_walk_read(struct kernel *k, struct kservices *out, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_WALK_READ, e);
	size_t i, n = 0;

	if (err || !f->walk.open)
		return err;
	for (i = 0; !err && i < f->l.n; i++) {
		if (f->l.v[i].id <= f->walk.last_id || !matches(&f->walk.filter, &f->l.v[i]))
			continue;
		if (n++ == KERNEL_FAKE_WALK_PART)
			return 1;
		f->walk.last_id = f->l.v[i].id;
		err = add_one(out, &f->walk.filter, &f->l.v[i]);
	}
	return err;
}

void kernel_fake_walk_close(struct kernel *k)
{
	memset(&kernel_fake_of(k)->walk, 0, sizeof(struct kernel_fake_walk));
}
