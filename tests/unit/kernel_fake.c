// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

#include "addrport.h"
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kernel_fake_note(struct kernel_fake *f, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = strlen(text);
	f->log = realloc(f->log, f->log_len + n + 3);
	sprintf(f->log + f->log_len, "%s%s", f->log_len ? "; " : "", text);
	f->log_len += strlen(f->log + f->log_len);
}

static int one_call(struct kernel_fake *f, enum kernel_fake_op op)
{
	f->calls[op]++;
	if (f->fail[op].code && f->calls[op] == f->fail[op].at)
		return f->fail[op].code;
	return 0;
}

/* Reading events is no request: whatever else fails, it does not. */
int kernel_fake_call(struct kernel *k, enum kernel_fake_op op, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	const bool request = op != KERNEL_FAKE_EVENTS_READ;
	int any = request ? one_call(f, KERNEL_FAKE_ANY) : 0;
	int code = one_call(f, op);

	if (!code)
		code = any || !request ? any : f->broken;
	return code ? err_set(e, code, "the test asked for this: %s", strerror(code)) : 0;
}

static struct kernel_fake_sync *find_sync(struct kernel_fake *f, const char *owner)
{
	size_t i;

	for (i = 0; i < sizeof(f->syncs) / sizeof(f->syncs[0]); i++)
		if (!strcmp(f->syncs[i].owner, owner))
			return &f->syncs[i];
	return NULL;
}

static struct kernel_fake_sync *oldest_sync(struct kernel_fake *f)
{
	struct kernel_fake_sync *s = f->syncs;
	size_t i;

	for (i = 1; i < sizeof(f->syncs) / sizeof(f->syncs[0]); i++)
		if (f->syncs[i].token < s->token)
			s = &f->syncs[i];
	return s;
}

static int check_token(struct kernel_fake *f, const char *owner, uint32_t token, struct err *e)
{
	struct kernel_fake_sync *s = find_sync(f, owner);

	if (s && s->token == token)
		return 0;
	return err_set(e, ESTALE, "the sync token is void: the owner began another sync");
}

static struct kservice *find(const struct kernel_fake *f, const char *name, uint8_t family,
			     uint8_t proto)
{
	size_t i;

	for (i = 0; i < f->l.n; i++)
		if (!strcmp(f->l.v[i].name, name) && f->l.v[i].family == family &&
		    f->l.v[i].proto == proto)
			return &f->l.v[i];
	return NULL;
}

void kernel_fake_count(struct kernel_fake *f)
{
	uint32_t *now = f->settings.now;
	size_t i;

	memset(now, 0, sizeof(f->settings.now));
	now[KLIMIT_SERVICES] = (uint32_t)f->l.n;
	now[KLIMIT_AFFINITY] = (uint32_t)f->affinities.n;
	for (i = 0; i < f->l.n; i++) {
		now[KLIMIT_FRONTENDS] += (uint32_t)f->l.v[i].nfrontends;
		now[KLIMIT_ENDPOINTS] += (uint32_t)f->l.v[i].nendpoints;
		now[KLIMIT_RANGES] += (uint32_t)f->l.v[i].nranges;
	}
}

/* A write succeeded: its stale connections are ended, and those left before; or it waits too. */
static void end_stale(struct kernel_fake *f, unsigned int flags)
{
	f->deferred = flags & KERNEL_DEFER ? f->deferred + 1 : 0;
}

/* --- services --- */

static int check_set(struct kernel_fake *f, const struct kservice *s, const struct kservice *old,
		     unsigned int mode, uint32_t token, struct err *e)
{
	int err;

	mode &= KERNEL_CREATE | KERNEL_REPLACE;
	if (!mode)
		return err_set(e, EINVAL, "neither NLM_F_CREATE nor NLM_F_REPLACE is set");
	err = kernel_fake_check_members(s, e);
	if (err)
		return err;
	if (old && mode == KERNEL_CREATE)
		return err_set(e, EEXIST, "the service exists");
	if (!old && !(mode & KERNEL_CREATE))
		return err_set(e, ENOENT, "there is no such service");
	if (old && strcmp(old->owner, s->owner))
		return err_set(e, EBUSY, "the service belongs to owner '%s'", old->owner);
	err = token ? check_token(f, s->owner, token, e) : 0;
	return err ? err : kernel_fake_check_table(f, s, old, e);
}

/* What was counted stays with the service, and with the endpoints that stay. */
static void keep_counters(struct kservice *now, const struct kservice *old)
{
	struct kendpoint kept;
	size_t i, j;

	memcpy(now->counts, old->counts, sizeof(now->counts));
	now->has_counts = old->has_counts;
	/* Quadratic, so only where a test has put counters. */
	for (i = 0; old->has_counts && i < now->nendpoints; i++)
		for (j = 0; j < old->nendpoints; j++) {
			if (!kernel_fake_same_endpoint(&now->endpoints[i], &old->endpoints[j]))
				continue;
			kept = old->endpoints[j];
			kept.lists = now->endpoints[i].lists;
			kept.weight = now->endpoints[i].weight;
			now->endpoints[i] = kept;
		}
}

void kernel_fake_forget_counters(struct kservice *s)
{
	size_t i;

	s->has_counts = false;
	memset(s->counts, 0, sizeof(s->counts));
	for (i = 0; i < s->nendpoints; i++)
		s->endpoints[i] = (struct kendpoint){
			.addr = s->endpoints[i].addr, .port = s->endpoints[i].port,
			.lists = s->endpoints[i].lists, .weight = s->endpoints[i].weight,
		};
}

static struct kservice *append(struct kernel_fake *f, const struct kservice *s)
{
	struct kservice *new;

	kservices_add(&f->l, s);
	f->marks = reallocarray(f->marks, f->l.n, sizeof(*f->marks));
	new = &f->l.v[f->l.n - 1];
	new->id = ++f->last_id;
	f->marks[f->l.n - 1] = 0;
	kernel_fake_forget_counters(new);
	return new;
}

static void replace(struct kernel_fake *f, struct kservice *old, const struct kservice *s)
{
	struct kservice now;

	kservice_copy(&now, s);
	now.id = old->id;
	kernel_fake_forget_counters(&now);
	keep_counters(&now, old);
	kernel_fake_affinity_forget(f, old, &now);
	kservice_clear(old);
	*old = now;
}

static int fake_set(struct kernel *k, const struct kservice *s, unsigned int mode,
		    uint32_t sync_token, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kservice *old;
	bool changed;
	int err = kernel_fake_call(k, KERNEL_FAKE_SET, e);

	if (err)
		return err;
	if (f->refuse && !strcmp(f->refuse, s->name))
		return err_set(e, f->refuse_code, "the test refuses this service");
	old = find(f, s->name, s->family, s->proto);
	err = check_set(f, s, old, mode, sync_token, e);
	if (err)
		return err;
	changed = !old || !kservice_equal(old, s);
	if (!old)
		old = append(f, s);
	else if (changed)
		replace(f, old, s);
	if (sync_token)
		f->marks[old - f->l.v] = sync_token;
	f->settings.enabled = true;
	kernel_fake_count(f);
	end_stale(f, mode);
	kernel_fake_note(f, "set %s", s->name);
	if (changed)
		kernel_fake_event_service(f, SVCNAT_CMD_SERVICE_SET, old);
	return 0;
}

static void delete_at(struct kernel_fake *f, size_t i)
{
	kernel_fake_event_service(f, SVCNAT_CMD_SERVICE_DEL, &f->l.v[i]);
	kernel_fake_affinity_forget(f, &f->l.v[i], NULL);
	kservice_clear(&f->l.v[i]);
	memmove(&f->l.v[i], &f->l.v[i + 1], (f->l.n - i - 1) * sizeof(f->l.v[0]));
	memmove(&f->marks[i], &f->marks[i + 1], (f->l.n - i - 1) * sizeof(f->marks[0]));
	f->l.n--;
	kernel_fake_count(f);
}

/* The service of that key, if owner (NULL: anybody) may write it. */
static int find_owned(struct kernel_fake *f, const char *name, uint8_t family, uint8_t proto,
		      const char *owner, struct kservice **out, struct err *e)
{
	*out = find(f, name, family, proto);
	if (!*out)
		return err_set(e, ENOENT, "there is no such service");
	if (owner && strcmp(owner, (*out)->owner))
		return err_set(e, EBUSY, "the service belongs to owner '%s'", (*out)->owner);
	return 0;
}

static int fake_del(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
		    const char *owner, unsigned int flags, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kservice *s;
	int err = kernel_fake_call(k, KERNEL_FAKE_DEL, e);

	if (!err)
		err = find_owned(f, name, family, proto, owner, &s, e);
	if (err)
		return err;
	kernel_fake_note(f, "del %s", name);
	end_stale(f, flags);
	delete_at(f, (size_t)(s - f->l.v));
	return 0;
}

/* --- endpoints --- */

static struct kendpoint *find_endpoint(struct kservice *s, const struct kendpoint *p)
{
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		if (kernel_fake_same_endpoint(&s->endpoints[i], p))
			return &s->endpoints[i];
	return NULL;
}

static int merge_one(struct kservice *now, const struct kendpoint *p, struct err *e)
{
	struct kendpoint *have = find_endpoint(now, p);

	if (have) {
		have->lists = p->lists;
		have->weight = p->weight;
		return 0;
	}
	return kservice_add_endpoint(now, p) ?
	       err_set(e, E2BIG, "a service has at most %d endpoints", SVCNAT_ENDPOINTS_MAX) : 0;
}

static int remove_one(struct kservice *now, const struct kendpoint *p, struct err *e)
{
	struct kendpoint *have = find_endpoint(now, p);
	char buf[ADDRPORT_STRLEN];

	if (!have)
		return err_set(e, ENOENT, "the service has no endpoint %s/%s",
			       addrport_print(&p->addr, p->port, buf), ip_proto_name(now->proto));
	memmove(have, have + 1,
		(size_t)(now->endpoints + --now->nendpoints - have) * sizeof(*have));
	return 0;
}

static int check_change(struct kernel_fake *f, const struct kservice *change,
			struct kservice **s, struct err *e)
{
	int err = kernel_fake_check_members(change, e);

	if (err)
		return err;
	if (!change->nendpoints)
		return err_set(e, EINVAL, "the endpoint is missing");
	return find_owned(f, change->name, change->family, change->proto,
			  change->owner[0] ? change->owner : NULL, s, e);
}

/* s as change makes it, unless that is refused. */
static int apply(struct kernel_fake *f, struct kservice *s, const struct kservice *change,
		 bool del, bool *changed, struct err *e)
{
	struct kservice now;
	size_t i;
	int err = 0;

	kservice_copy(&now, s);
	for (i = 0; !err && i < change->nendpoints; i++)
		err = del ? remove_one(&now, &change->endpoints[i], e) :
			    merge_one(&now, &change->endpoints[i], e);
	if (!err)
		err = kernel_fake_check_table(f, &now, s, e);
	*changed = !err && !kservice_equal(s, &now);
	if (*changed)
		replace(f, s, &now);
	kservice_clear(&now);
	return err;
}

static int change_endpoints(struct kernel *k, const struct kservice *change, bool del,
			    unsigned int flags, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kservice *s, sent;
	bool changed;
	int err;

	err = kernel_fake_call(k, del ? KERNEL_FAKE_ENDPOINT_DEL : KERNEL_FAKE_ENDPOINT_SET, e);
	if (!err)
		err = check_change(f, change, &s, e);
	if (!err)
		err = apply(f, s, change, del, &changed, e);
	if (err)
		return err;
	kernel_fake_count(f);
	end_stale(f, flags);
	kernel_fake_note(f, "%s %s", del ? "epdel" : "epset", s->name);
	if (changed) {
		sent = *s;
		sent.endpoints = change->endpoints;
		sent.nendpoints = change->nendpoints;
		kernel_fake_event_service(f, del ? SVCNAT_CMD_ENDPOINT_DEL :
						   SVCNAT_CMD_ENDPOINT_SET, &sent);
	}
	return 0;
}

static int fake_endpoint_set(struct kernel *k, const struct kservice *s, unsigned int flags,
			     struct err *e)
{
	return change_endpoints(k, s, false, flags, e);
}

static int fake_endpoint_del(struct kernel *k, const struct kservice *s, unsigned int flags,
			     struct err *e)
{
	struct kservice addresses;
	int err;

	/* These alone are in the message. */
	kservice_copy(&addresses, s);
	for (size_t i = 0; i < s->nendpoints; i++) {
		addresses.endpoints[i].lists = SVCNAT_LIST_CLUSTER;
		addresses.endpoints[i].weight = 1;
	}
	err = change_endpoints(k, &addresses, true, flags, e);
	kservice_clear(&addresses);
	return err;
}

/* --- syncs --- */

static int fake_sync_begin(struct kernel *k, const char *owner, uint32_t *token, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kernel_fake_sync *s;
	int err = kernel_fake_call(k, KERNEL_FAKE_SYNC_BEGIN, e);

	if (err)
		return err;
	s = find_sync(f, owner);
	if (!s)
		s = find_sync(f, "");
	if (!s)
		s = oldest_sync(f);
	snprintf(s->owner, sizeof(s->owner), "%s", owner);
	s->token = *token = ++f->last_token;
	f->settings.enabled = true;
	kernel_fake_note(f, "sync_begin");
	return 0;
}

/* Delete those of owner (NULL: anybody) that have not this mark; 0: none has it. */
static uint32_t sweep(struct kernel_fake *f, const char *owner, uint32_t mark)
{
	uint32_t deleted = 0;
	size_t i = 0;

	while (i < f->l.n) {
		if ((owner && strcmp(f->l.v[i].owner, owner)) || (mark && f->marks[i] == mark)) {
			i++;
			continue;
		}
		delete_at(f, i);
		deleted++;
	}
	end_stale(f, 0);
	return deleted;
}

static int fake_sync_end(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
			 struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_SYNC_END, e);

	if (!err)
		err = check_token(f, owner, token, e);
	if (err)
		return err;
	if (f->settings.armed) {
		f->settings.armed = false;
		kernel_fake_event_settings(f);
	}
	*deleted = sweep(f, owner, token);
	memset(find_sync(f, owner), 0, sizeof(struct kernel_fake_sync));
	kernel_fake_note(f, "sync_end");
	kernel_fake_event_sync_end(f, owner, *deleted);
	return 0;
}

static int fake_flush(struct kernel *k, const char *owner, uint32_t *deleted, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_FLUSH, e);

	if (err)
		return err;
	*deleted = sweep(f, owner, 0);
	kernel_fake_note(f, "flush");
	return 0;
}

/* --- the others --- */

static int fake_stats_get(struct kernel *k, struct kstats *out, struct err *e)
{
	int err = kernel_fake_call(k, KERNEL_FAKE_STATS_GET, e);

	if (!err)
		*out = kernel_fake_of(k)->stats;
	return err;
}

static int fake_hold(struct kernel *k, struct err *e)
{
	int code = one_call(kernel_fake_of(k), KERNEL_FAKE_HOLD);

	return code ? err_set(e, code, "nothing can be held") : 0;
}

static void fake_close(struct kernel *k)
{
	kernel_fake_of(k)->closed++;
}

static const struct kernel_ops fake_ops = {
	.service_set = fake_set,
	.service_del = fake_del,
	.endpoint_set = fake_endpoint_set,
	.endpoint_del = fake_endpoint_del,
	.service_list = kernel_fake_list,
	.walk_open = kernel_fake_walk_open,
	.walk_read = kernel_fake_walk_read,
	.walk_close = kernel_fake_walk_close,
	.settings_set = kernel_fake_settings_set,
	.settings_get = kernel_fake_settings_get,
	.sync_begin = fake_sync_begin,
	.sync_end = fake_sync_end,
	.flush = fake_flush,
	.stats_get = fake_stats_get,
	.affinity_list = kernel_fake_affinity_list,
	.affinity_flush = kernel_fake_affinity_flush,
	.resolve = kernel_fake_resolve,
	.events_open = kernel_fake_events_open,
	.events_fd = kernel_fake_events_fd,
	.events_read = kernel_fake_events_read,
	.events_close = kernel_fake_events_close,
	.hold = fake_hold,
	.close = fake_close,
};

/* --- for tests --- */

void kernel_fake_reset(struct kernel *k)
{
	static const uint32_t limits[KLIMIT_N] = {
		65536, 262144, 1048576, 1048576, 1048576, 1048576,
	};
	struct kernel_fake *f = kernel_fake_of(k);

	kservices_clear(&f->l);
	free(f->marks);
	f->marks = NULL;
	kaffinities_clear(&f->affinities);
	kernel_fake_event_clear(f, false);
	memset(f->syncs, 0, sizeof(f->syncs));
	memset(&f->stats, 0, sizeof(f->stats));
	f->deferred = 0;
	ksettings_clear(&f->settings);
	strcpy(f->settings.version, "1.2.3");
	f->settings.echo = true;
	memcpy(f->settings.max, limits, sizeof(limits));
}

struct kernel *kernel_fake_open(void)
{
	struct kernel_fake *f = calloc(1, sizeof(*f));

	f->k.ops = &fake_ops;
	f->events.fd = -1;
	f->log = strdup("");
	kernel_fake_reset(&f->k);
	return &f->k;
}

void kernel_fake_free(struct kernel *k)
{
	kernel_fake_reset(k);
	kernel_fake_event_clear(kernel_fake_of(k), true);
	free(kernel_fake_of(k)->refuse);
	free(kernel_fake_of(k)->log);
	free(k);
}

unsigned int kernel_fake_closed(const struct kernel *k)
{
	return kernel_fake_of(k)->closed;
}

const struct kservices *kernel_fake_services(const struct kernel *k)
{
	return &kernel_fake_of(k)->l;
}

const struct ksettings *kernel_fake_settings(const struct kernel *k)
{
	return &kernel_fake_of(k)->settings;
}

void kernel_fake_set_version(struct kernel *k, const char *version)
{
	struct ksettings *s = &kernel_fake_of(k)->settings;

	snprintf(s->version, sizeof(s->version), "%s", version);
}

const struct kservice *kernel_fake_find(const struct kernel *k, const char *name, uint8_t family,
					uint8_t proto)
{
	return find(kernel_fake_of(k), name, family, proto);
}

struct kservice *kernel_fake_counters(struct kernel *k, const char *name, uint8_t family,
				      uint8_t proto)
{
	struct kservice *s = find(kernel_fake_of(k), name, family, proto);

	if (s)
		s->has_counts = true;
	return s;
}

void kernel_fake_set_stats(struct kernel *k, const struct kstats *s)
{
	kernel_fake_of(k)->stats = *s;
}

void kernel_fake_fail(struct kernel *k, enum kernel_fake_op op, unsigned int nth, int code)
{
	struct kernel_fake *f = kernel_fake_of(k);

	f->fail[op].at = f->calls[op] + nth;
	f->fail[op].code = code;
	kernel_fake_events_wake(f);
}

void kernel_fake_break(struct kernel *k, int code)
{
	kernel_fake_of(k)->broken = code;
}

void kernel_fake_refuse(struct kernel *k, const char *name, int code)
{
	struct kernel_fake *f = kernel_fake_of(k);

	free(f->refuse);
	f->refuse = name ? strdup(name) : NULL;
	f->refuse_code = code;
}

unsigned int kernel_fake_calls(const struct kernel *k, enum kernel_fake_op op)
{
	return kernel_fake_of(k)->calls[op];
}

unsigned int kernel_fake_deferred(const struct kernel *k)
{
	return kernel_fake_of(k)->deferred;
}

const char *kernel_fake_log(const struct kernel *k)
{
	return kernel_fake_of(k)->log;
}

void kernel_fake_clear_log(struct kernel *k)
{
	kernel_fake_of(k)->log_len = 0;
	kernel_fake_of(k)->log[0] = '\0';
}
