// SPDX-License-Identifier: GPL-2.0
#include "proxy_entry.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYNC_TRIES	3

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

/* --- entries --- */

static void set_key(struct kservice *s, const struct kservice *key)
{
	strcpy(s->name, key->name);
	s->family = key->family;
	s->proto = key->proto;
}

void proxy_slot_uninstall(struct proxy_slot *s)
{
	struct kservice key = { 0 };

	set_key(&key, &s->have);
	kservice_clear(&s->have);
	s->have = key;
	s->installed = false;
}

void proxy_slot_unrefuse(struct proxy_slot *s)
{
	json_decref(s->told);
	s->told = NULL;
	memset(&s->retry, 0, sizeof(s->retry));
}

static void slot_clear(struct proxy_slot *s)
{
	kservice_clear(&s->have);
	kservice_clear(&s->want);
	json_decref(s->told);
	memset(s, 0, sizeof(*s));
}

struct proxy_entry *proxy_entry_get(struct proxy *p, const char *key)
{
	struct proxy_entry *n = strmap_find(&p->by_key, key);

	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->key = strdup(key);
	if (!n->key || strmap_add(&p->by_key, n->key, n)) {
		free(n->key);
		free(n);
		return NULL;
	}
	n->user.name = n->key;
	TAILQ_INSERT_TAIL(&p->all, n, in_all);
	return n;
}

struct proxy_entry *proxy_entry_of(struct proxy *p, const char *name, bool make)
{
	char key[SVCNAT_NAME_MAX + 1];

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(name, ":"), name);
	return make ? proxy_entry_get(p, key) : strmap_find(&p->by_key, key);
}

struct proxy_slot *proxy_entry_find_slot(const struct proxy_entry *n, const struct kservice *key)
{
	size_t i;

	for (i = 0; i < n->nslots; i++)
		if (!kservice_key_cmp(&n->slots[i].have, key))
			return &n->slots[i];
	return NULL;
}

struct proxy_slot *proxy_entry_slot(struct proxy_entry *n, const struct kservice *key)
{
	struct proxy_slot *v = proxy_entry_find_slot(n, key);

	if (v)
		return v;
	v = reallocarray(n->slots, n->nslots + 1, sizeof(*v));
	if (!v)
		return NULL;
	n->slots = v;
	v = &n->slots[n->nslots++];
	memset(v, 0, sizeof(*v));
	set_key(&v->have, key);
	return v;
}

void proxy_entry_tidy(struct proxy_entry *n)
{
	size_t i, kept = 0;

	for (i = 0; i < n->nslots; i++) {
		const struct proxy_slot *s = &n->slots[i];

		if (s->wanted || s->installed || s->suspect || s->fight.times)
			n->slots[kept++] = *s;
		else
			slot_clear(&n->slots[i]);
	}
	n->nslots = kept;
}

void proxy_entry_pend(struct proxy *p, struct proxy_entry *n)
{
	if (n->pending)
		return;
	n->pending = true;
	TAILQ_INSERT_TAIL(&p->pending, n, in_pending);
}

static void unpend(struct proxy *p, struct proxy_entry *n)
{
	if (!n->pending)
		return;
	n->pending = false;
	TAILQ_REMOVE(&p->pending, n, in_pending);
}

static void no_touch(void *ctx, struct claims_user *other)
{
	(void)ctx;
	(void)other;
}

static void entry_free(struct proxy *p, struct proxy_entry *n)
{
	const struct kservices nothing = { 0 };
	size_t i;

	unpend(p, n);
	TAILQ_REMOVE(&p->all, n, in_all);
	strmap_del(&p->by_key, n->key);
	/* Cannot fail: it only gives away. Those who gain were touched when the Service went. */
	claims_replace(p->claims, &n->user, "", &nothing, no_touch, NULL);
	p->nranged -= n->ranged;
	p->nlost -= !!n->lost;
	json_decref(n->service);
	for (i = 0; i < n->nslots; i++)
		slot_clear(&n->slots[i]);
	kservices_clear(&n->compiled);
	json_decref(n->lost);
	free(n->slots);
	free(n->slices);
	free(n->key);
	free(n);
}

/* --- what is told --- */

int proxy_tell_add(json_t *now, const char *reason, const char *text)
{
	/* The name of a service that was added by hand may be any bytes. */
	json_t *item = json_pack("[s, o]", reason, jx_string(text));

	return json_array_append_new(now, item) ? -ENOMEM : 0;
}

static bool contains(const json_t *list, const json_t *item)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), item))
			return true;
	return false;
}

void proxy_tell(const struct proxy *p, const struct proxy_entry *n, json_t **told, json_t *now)
{
	const json_t *item;
	size_t i;

	for (i = 0; p->warn && n->service && i < json_array_size(now); i++) {
		item = json_array_get(now, i);
		if (!contains(*told, item))
			p->warn(p->ctx, n->service, json_string_value(json_array_get(item, 0)),
				json_string_value(json_array_get(item, 1)));
	}
	json_decref(*told);
	*told = json_array_size(now) ? json_incref(now) : NULL;
	json_decref(now);
}

/* --- the proxy --- */

int proxy_alloc(struct proxy **out, const struct proxy_config *c, struct err *e)
{
	struct proxy *p;

	if (!*c->owner || strlen(c->owner) > SVCNAT_OWNER_MAX)
		return err_set(e, EINVAL, "the owner '%s' is not 1 to %d bytes long", c->owner,
			       SVCNAT_OWNER_MAX);
	p = calloc(1, sizeof(*p));
	if (!p)
		return no_memory(e);
	TAILQ_INIT(&p->all);
	TAILQ_INIT(&p->pending);
	TAILQ_INIT(&p->slices);
	strcpy(p->owner, c->owner);
	p->warn = c->warn;
	p->ctx = c->ctx;
	p->addresses = c->addresses;
	p->addresses_ctx = c->addresses_ctx;
	p->clock = c->clock ? c->clock : proxy_clock;
	p->clock_ctx = c->clock_ctx;
	p->began = time(NULL);
	p->node_name = strdup(c->node_name ? c->node_name : "");
	if (!p->node_name || claims_alloc(&p->claims) ||
	    (c->settings && proxy_set_settings(p, c->settings, c->settings_what))) {
		proxy_free(p);
		return no_memory(e);
	}
	*out = p;
	return 0;
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	proxy_slices_clear(p);
	while (!TAILQ_EMPTY(&p->all))
		entry_free(p, TAILQ_FIRST(&p->all));
	strmap_clear(&p->by_key);
	claims_free(p->claims);
	ksettings_clear(&p->settings);
	kcidrs_clear(&p->node_cidrs);
	free(p->node_name);
	proxy_own_clear(&p->own);
	free(p->addrs);
	free(p->causes);
	free(p);
}

void proxy_attach(struct proxy *p, struct kernel *k)
{
	p->k = k;
	p->full = true;
	p->settings_todo = true;
}

/* --- a run --- */

static void forget_kernel(struct proxy *p)
{
	struct proxy_entry *n;
	size_t i;

	TAILQ_FOREACH(n, &p->all, in_all) {
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			proxy_slot_uninstall(&n->slots[i]);
		proxy_retry_now(n);
		/* Even without a change: each service is to be written, or to be told of. */
		n->touched = true;
		proxy_entry_pend(p, n);
	}
}

/* A service that the kernel holds; it may be one that no Service is behind any more. */
static int note_installed(struct proxy *p, const struct kservice *s)
{
	struct proxy_entry *n = proxy_entry_of(p, s->name, true);
	struct proxy_slot *slot = n ? proxy_entry_slot(n, s) : NULL;

	if (!slot || kservice_copy(&slot->have, s))
		return -ENOMEM;
	slot->installed = true;
	n->touched = true;
	proxy_entry_pend(p, n);
	return 0;
}

/* What an earlier run, of this process or of another, left in the kernel. */
static int read_kernel(struct proxy *p, struct err *e)
{
	const struct kfilter filter = { .owner = p->owner };
	struct kservices list = { 0 };
	size_t i;
	int err;

	err = p->k->ops->service_list(p->k, &filter, &list, e);
	if (err)
		goto out;
	forget_kernel(p);
	proxy_drift_forget(p);
	for (i = 0; !err && i < list.n; i++)
		err = note_installed(p, &list.v[i]);
	if (err)
		no_memory(e);
out:
	kservices_clear(&list);
	return err;
}

/* Was everything that the kernel has and shall have set in this sync? */
static bool is_held(const struct proxy *p)
{
	const struct proxy_entry *n;
	size_t i;

	TAILQ_FOREACH(n, &p->pending, in_pending)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++)
			if (n->slots[i].installed && n->slots[i].wanted && !n->slots[i].written)
				return false;
	return true;
}

/*
 * Everything, in one sync: what this owner has in the kernel and nobody wants
 * is gone at its end. A service that the kernel refuses does not hold up the
 * others; a refused call of the sync itself does, and so does a service that
 * the sync's end would delete because not even as it is could it be set.
 */
static int load(struct proxy *p, struct err *e)
{
	uint32_t token, deleted;
	struct err later;
	int err, write_err;

	err = read_kernel(p, e);
	if (!err)
		err = proxy_settle(p) ? no_memory(e) : 0;
	if (!err)
		err = p->k->ops->sync_begin(p->k, p->owner, &token, e);
	if (err)
		return err;
	write_err = proxy_write(p, token, e);
	if (proxy_write_fatal(write_err) || (write_err && !is_held(p)))
		return write_err;
	err = p->k->ops->sync_end(p->k, p->owner, token, &deleted, &later);
	if (err) {
		if (e)
			*e = later;
		return err;
	}
	p->full = false;
	p->refused = write_err;
	return write_err;
}

static int load_again(struct proxy *p, struct err *e)
{
	int i, err = -ESTALE;

	for (i = 0; err == -ESTALE && i < SYNC_TRIES; i++)
		err = load(p, e);
	return err;
}

static int update(struct proxy *p, struct err *e)
{
	int err = proxy_drift_look(p, e);

	if (err)
		return err;
	if (proxy_settle(p))
		return no_memory(e);
	err = proxy_write(p, 0, e);
	p->refused = err && !proxy_write_fatal(err);
	return err;
}

static bool is_done(const struct proxy_entry *n)
{
	size_t i;

	for (i = 0; i < n->nslots; i++)
		if (n->slots[i].todo || (n->slots[i].installed && !n->slots[i].wanted) ||
		    n->slots[i].suspect || n->slots[i].fight.times)
			return false;
	return !n->changed && !n->touched;
}

static void finish(struct proxy *p)
{
	struct proxy_entry *n, *next;

	for (n = TAILQ_FIRST(&p->pending); n; n = next) {
		next = TAILQ_NEXT(n, in_pending);
		kservices_clear(&n->compiled);
		if (!is_done(n))
			continue;
		proxy_entry_tidy(n);
		unpend(p, n);
		if (!n->service && !n->nslices && !n->nslots)
			entry_free(p, n);
	}
}

/* What is not in force yet does not keep the services from being written. */
static int write_services(struct proxy *p, struct err *e)
{
	struct err later;
	int err, late_err;

	err = p->full ? load_again(p, e) : update(p, e);
	late_err = proxy_write_fatal(err) || p->full ? 0 : proxy_settings_finish(p, &later);
	if (err || !late_err)
		return err;
	return err_set(e, -late_err, "%s", later.text);
}

static int write_all(struct proxy *p, struct err *e)
{
	int err = proxy_settings_write(p, e);

	if (!err && proxy_listed(p)) {
		err = write_services(p, e);
		finish(p);
	}
	/* A call that failed for good may have met another kernel: nothing is known of it. */
	if (proxy_write_fatal(err)) {
		p->full = true;
		p->settings_todo = true;
	}
	return err;
}

int proxy_run(struct proxy *p, struct err *e)
{
	struct err unread;
	int err, addr_err;

	p->now = p->clock(p->clock_ctx);
	p->refused = false;
	/* When they cannot be read, they are as they were. */
	addr_err = proxy_addrs_read(p, &unread);
	if (p->k)
		err = write_all(p, e);
	else if (proxy_listed(p))
		/* Who has which address is worth a warning without the module, too. */
		err = proxy_settle(p) ? no_memory(e) : 0;
	else
		err = 0;
	return err || !addr_err ? err : err_set(e, -addr_err, "%s", unread.text);
}

bool proxy_is_full(const struct proxy *p)
{
	return p->full;
}

bool proxy_refused(const struct proxy *p)
{
	return p->refused;
}
