// SPDX-License-Identifier: GPL-2.0
/*
 * The order is the whole point. Settings that could refuse a service wait, and
 * services that the plan does not have go last, all at once for each owner: a
 * load that is refused half-way has added to what worked, and taken nothing
 * away but what stood in the way of something that the plan has.
 */
#include "load.h"

#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void load_refused(struct load *l, size_t line, int code, const struct err *e)
{
	if (line)
		plan_complain(l->p, l->errors, line, "%s", e->text);
	else
		fprintf(l->errors, "svcctl: %s: %s\n", l->p->file, e->text);
	l->refused++;
	/* Everything after this would be refused for the same reason. */
	if (code == -ENODEV || code == -EPERM || code == -ESTALE || code == -ENOMEM)
		l->stopped = true;
}

static int begin_syncs(struct load *l, struct err *e)
{
	struct plan_owner *owner;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < l->p->nowners; i++) {
		owner = &l->p->owners[i];
		err = l->k->ops->sync_begin(l->k, owner->name, &owner->token, e);
		if (err)
			err_prefix(e, "cannot begin to load the services of owner '%s'",
				   owner->name);
	}
	return err;
}

static int set_service(struct load *l, const struct plan_entry *entry, struct err *e)
{
	const unsigned int mode = KERNEL_CREATE | KERNEL_DEFER |
				  (l->only_add ? 0 : KERNEL_REPLACE);
	int err;

	err = l->k->ops->service_set(l->k, &entry->s, mode, l->p->owners[entry->owner].token, e);
	if (err)
		err_prefix(e, "cannot add service '%s' (%s)", entry->s.name,
			   ip_proto_name(entry->s.proto));
	else
		l->set++;
	return err;
}

static int by_key(const void *a, const void *b)
{
	return kservice_key_cmp(a, b);
}

/*
 * Entries that exist: somebody was faster with the service, and knows better; or
 * has another one with such a frontend, and that is a refusal. One look for all.
 */
static void look_at_existing(struct load *l, const size_t *existing, size_t n)
{
	const struct plan_entry *entry;
	struct kservices now = { 0 };
	struct err e;
	size_t i;
	int err;

	err = l->k->ops->service_list(l->k, NULL, &now, &e);
	if (err)
		load_refused(l, 0, err, &e);
	kservices_sort(&now);
	for (i = 0; !l->stopped && !err && i < n; i++) {
		entry = &l->p->entries[existing[i]];
		if (bsearch(&entry->s, now.v, now.n, sizeof(*now.v), by_key))
			continue;
		if (set_service(l, entry, &e))
			load_refused(l, entry->line, -EEXIST, &e);
	}
	kservices_clear(&now);
}

static void set_services(struct load *l)
{
	size_t *existing = l->only_add ? calloc(l->p->n + 1, sizeof(*existing)) : NULL;
	size_t i, n = 0;
	struct err e;
	int err;

	for (i = 0; !l->stopped && i < l->p->n; i++) {
		err = set_service(l, &l->p->entries[i], &e);
		if (err == -EEXIST && existing)
			existing[n++] = i;
		else if (err)
			load_refused(l, l->p->entries[i].line, err, &e);
	}
	if (n)
		look_at_existing(l, existing, n);
	free(existing);
}

static void end_syncs(struct load *l)
{
	const struct plan_owner *owner;
	uint32_t deleted;
	struct err e;
	size_t i;
	int err;

	for (i = 0; !l->stopped && i < l->p->nowners; i++) {
		owner = &l->p->owners[i];
		err = l->k->ops->sync_end(l->k, owner->name, owner->token, &deleted, &e);
		if (err) {
			err_prefix(&e, "cannot end the load of the services of owner '%s'",
				   owner->name);
			load_refused(l, 0, err, &e);
		} else {
			l->deleted += deleted;
		}
	}
}

/* Is this the first service of an owner whom the plan does not name? */
static bool is_other_owner(const struct load *l, size_t at)
{
	const char *owner = l->have.v[at].owner;
	size_t i;

	if (plan_find_owner(l->p, owner))
		return false;
	for (i = 0; i < at; i++)
		if (!strcmp(l->have.v[i].owner, owner))
			return false;
	return true;
}

static void flush_others(struct load *l)
{
	uint32_t deleted;
	struct err e;
	size_t i;
	int err;

	for (i = 0; !l->stopped && i < l->have.n; i++) {
		if (!is_other_owner(l, i))
			continue;
		err = l->k->ops->flush(l->k, l->have.v[i].owner, &deleted, &e);
		if (err) {
			err_prefix(&e, "cannot delete the services of owner '%s'",
				   l->have.v[i].owner);
			load_refused(l, 0, err, &e);
		} else {
			l->deleted += deleted;
		}
	}
}

static int begin(struct load *l, struct err *e)
{
	int err;

	err = l->k->ops->service_list(l->k, NULL, &l->have, e);
	if (!err)
		err = l->k->ops->settings_get(l->k, &l->now, e);
	if (!err && !l->only_add)
		err = begin_syncs(l, e);
	return err ? err : load_settings_begin(l, e);
}

int load_run(struct load *l, struct err *e)
{
	int err = begin(l, e);

	if (!err) {
		/* no failure beyond this point: refusals are counted */
		if (!l->only_add)
			load_clear_way(l);
		set_services(l);
		if (!l->refused && !l->only_add)
			end_syncs(l);
		if (!l->refused && l->flush)
			flush_others(l);
		load_settings_end(l);
	}
	kservices_clear(&l->have);
	ksettings_clear(&l->now);
	return err;
}
