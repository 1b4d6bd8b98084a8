// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake.h"

#include "addrport.h"
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOPS	(KERNEL_FAKE_ANY + 1)

struct sync {
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t token;
};

struct kernel_fake {
	struct kernel k;
	struct kservices l;
	uint32_t *marks;	/* the sync token of each service's last SET; as many as l.n */
	struct ksettings settings;
	struct sync syncs[8];
	uint32_t last_id, last_token;
	unsigned int calls[NOPS];
	struct {
		unsigned int at;
		int code;
	} fail[NOPS];
	int broken;
	unsigned int closed;
	char *log;
	size_t log_len;
};

static struct kernel_fake *fake_of(const struct kernel *k)
{
	return (struct kernel_fake *)k;
}

static void note(struct kernel_fake *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct kernel_fake *f, const char *fmt, ...)
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

/* Count the call; an error when a test asked for one. */
static int call(struct kernel *k, enum kernel_fake_op op, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	int any = one_call(f, KERNEL_FAKE_ANY);
	int code = one_call(f, op);

	if (!code)
		code = any ? any : f->broken;
	return code ? err_set(e, code, "the test asked for this: %s", strerror(code)) : 0;
}

static bool same_frontend(const struct kfrontend *a, const struct kfrontend *b)
{
	const bool nodeport = a->kind == SVCNAT_KIND_NODEPORT;

	if (a->port != b->port || nodeport != (b->kind == SVCNAT_KIND_NODEPORT))
		return false;
	return nodeport || ip_addr_equal(&a->addr, &b->addr);
}

static const char *frontend_text(const struct kfrontend *f, char buf[ADDRPORT_STRLEN])
{
	if (f->kind == SVCNAT_KIND_NODEPORT)
		snprintf(buf, ADDRPORT_STRLEN, "nodeport %u", f->port);
	else
		addrport_print(&f->addr, f->port, buf);
	return buf;
}

static int taken(const struct kfrontend *f, const struct kservice *by, struct err *e)
{
	char buf[ADDRPORT_STRLEN];

	return err_set(e, EEXIST, "the frontend %s/%s is taken by service '%s' of owner '%s'",
		       frontend_text(f, buf), ip_proto_name(by->proto), by->name, by->owner);
}

/* Is one of s's frontends another's, or twice in s? */
static int check_frontends(const struct kernel_fake *fake, const struct kservice *s,
			   const struct kservice *old, struct err *e)
{
	const struct kservice *o;
	char buf[ADDRPORT_STRLEN];
	size_t i, j, n;

	for (i = 0; i < s->nfrontends; i++) {
		for (j = 0; j < i; j++)
			if (same_frontend(&s->frontends[i], &s->frontends[j]))
				return err_set(e, EEXIST, "the frontend %s/%s stands twice",
					       frontend_text(&s->frontends[i], buf),
					       ip_proto_name(s->proto));
		for (n = 0; n < fake->l.n; n++) {
			o = &fake->l.v[n];
			for (j = 0; o != old && o->family == s->family && o->proto == s->proto &&
				    j < o->nfrontends; j++)
				if (same_frontend(&s->frontends[i], &o->frontends[j]))
					return taken(&s->frontends[i], o, e);
		}
	}
	return 0;
}

static int check_endpoints(const struct kservice *s, struct err *e)
{
	char buf[ADDRPORT_STRLEN];
	size_t i, j;

	/* Quadratic: enough for what tests of this rule hold. */
	for (i = 0; i < s->nendpoints && s->nendpoints <= 1000; i++)
		for (j = 0; j < i; j++)
			if (ip_addr_equal(&s->endpoints[i].addr, &s->endpoints[j].addr) &&
			    s->endpoints[i].port == s->endpoints[j].port)
				return err_set(e, EEXIST, "the endpoint %s stands twice",
					       addrport_print(&s->endpoints[i].addr,
							      s->endpoints[i].port, buf));
	return 0;
}

static struct sync *find_sync(struct kernel_fake *f, const char *owner)
{
	size_t i;

	for (i = 0; i < sizeof(f->syncs) / sizeof(f->syncs[0]); i++)
		if (!strcmp(f->syncs[i].owner, owner))
			return &f->syncs[i];
	return NULL;
}

static int check_token(struct kernel_fake *f, const char *owner, uint32_t token, struct err *e)
{
	struct sync *s = find_sync(f, owner);

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

static int check_limits(const struct kernel_fake *f, const struct kservice *s,
			const struct kservice *old, struct err *e)
{
	size_t frontends = s->nfrontends, endpoints = s->nendpoints;

	if (!old && f->l.n + 1 > f->settings.max_services)
		return err_set(e, ENOSPC, "the limit max-services is reached");
	frontends += f->settings.frontends - (old ? old->nfrontends : 0);
	endpoints += f->settings.endpoints - (old ? old->nendpoints : 0);
	if (frontends > f->settings.max_frontends && s->nfrontends)
		return err_set(e, ENOSPC, "the limit max-frontends is reached");
	if (endpoints > f->settings.max_endpoints && s->nendpoints)
		return err_set(e, ENOSPC, "the limit max-endpoints is reached");
	return 0;
}

static int check_set(struct kernel_fake *f, const struct kservice *s, const struct kservice *old,
		     unsigned int mode, uint32_t token, struct err *e)
{
	int err;

	if (old && mode == KERNEL_CREATE)
		return err_set(e, EEXIST, "the service exists");
	if (!old && !(mode & KERNEL_CREATE))
		return err_set(e, ENOENT, "there is no such service");
	if (old && strcmp(old->owner, s->owner))
		return err_set(e, EBUSY, "the service belongs to owner '%s'", old->owner);
	err = token ? check_token(f, s->owner, token, e) : 0;
	if (!err)
		err = check_frontends(f, s, old, e);
	if (!err)
		err = check_endpoints(s, e);
	return err ? err : check_limits(f, s, old, e);
}

/* The numbers that SETTINGS_GET tells. */
static void count(struct kernel_fake *f)
{
	size_t i;

	f->settings.services = (uint32_t)f->l.n;
	f->settings.frontends = 0;
	f->settings.endpoints = 0;
	for (i = 0; i < f->l.n; i++) {
		f->settings.frontends += (uint32_t)f->l.v[i].nfrontends;
		f->settings.endpoints += (uint32_t)f->l.v[i].nendpoints;
	}
}

static int fake_set(struct kernel *k, const struct kservice *s, unsigned int mode,
		    uint32_t sync_token, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	struct kservice *old, copy;
	int err = call(k, KERNEL_FAKE_SET, e);

	if (err)
		return err;
	old = find(f, s->name, s->family, s->proto);
	err = check_set(f, s, old, mode, sync_token, e);
	if (err)
		return err;
	if (old) {
		kservice_copy(&copy, s);
		copy.id = old->id;
		kservice_clear(old);
		*old = copy;
	} else {
		kservices_add(&f->l, s);
		f->marks = reallocarray(f->marks, f->l.n, sizeof(*f->marks));
		old = &f->l.v[f->l.n - 1];
		old->id = ++f->last_id;
	}
	f->marks[old - f->l.v] = sync_token;
	f->settings.enabled = true;
	count(f);
	note(f, "set %s", s->name);
	return 0;
}

static void delete_at(struct kernel_fake *f, size_t i)
{
	kservice_clear(&f->l.v[i]);
	memmove(&f->l.v[i], &f->l.v[i + 1], (f->l.n - i - 1) * sizeof(f->l.v[0]));
	memmove(&f->marks[i], &f->marks[i + 1], (f->l.n - i - 1) * sizeof(f->marks[0]));
	f->l.n--;
	count(f);
}

static int fake_del(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
		    const char *owner, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	struct kservice *s;
	int err = call(k, KERNEL_FAKE_DEL, e);

	if (err)
		return err;
	s = find(f, name, family, proto);
	if (!s)
		return err_set(e, ENOENT, "there is no such service");
	if (owner && strcmp(owner, s->owner))
		return err_set(e, EBUSY, "the service belongs to owner '%s'", s->owner);
	note(f, "del %s", name);
	delete_at(f, (size_t)(s - f->l.v));
	return 0;
}

static bool matches(const struct kfilter *f, const struct kservice *s)
{
	return !f || ((!f->name || !strcmp(f->name, s->name)) &&
		      (!f->family || f->family == s->family) &&
		      (!f->proto || f->proto == s->proto) &&
		      (!f->owner || !strcmp(f->owner, s->owner)));
}

static int fake_list(struct kernel *k, const struct kfilter *filter, struct kservices *out,
		     struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	int err = call(k, KERNEL_FAKE_LIST, e);
	size_t i;

	for (i = 0; !err && i < f->l.n; i++)
		if (matches(filter, &f->l.v[i]))
			err = kservices_add(out, &f->l.v[i]);
	return err;
}

static void copy_cidrs(struct ksettings *dst, const struct ksettings *src)
{
	dst->npod_cidrs = src->npod_cidrs;
	dst->pod_cidrs = reallocarray(NULL, src->npod_cidrs + 1, sizeof(*dst->pod_cidrs));
	if (src->npod_cidrs)
		memcpy(dst->pod_cidrs, src->pod_cidrs,
		       src->npod_cidrs * sizeof(*dst->pod_cidrs));
}

static int fake_settings_set(struct kernel *k, const struct ksettings *s, bool set_cidrs,
			     struct err *e)
{
	struct ksettings *mine = &fake_of(k)->settings;
	int err = call(k, KERNEL_FAKE_SETTINGS_SET, e);

	if (err)
		return err;
	if (s->max_services)
		mine->max_services = s->max_services;
	if (s->max_frontends)
		mine->max_frontends = s->max_frontends;
	if (s->max_endpoints)
		mine->max_endpoints = s->max_endpoints;
	if (set_cidrs) {
		free(mine->pod_cidrs);
		copy_cidrs(mine, s);
	}
	mine->enabled = true;
	note(fake_of(k), "settings");
	return 0;
}

static int fake_settings_get(struct kernel *k, struct ksettings *out, struct err *e)
{
	int err = call(k, KERNEL_FAKE_SETTINGS_GET, e);

	if (err)
		return err;
	*out = fake_of(k)->settings;
	copy_cidrs(out, &fake_of(k)->settings);
	return 0;
}

static int fake_sync_begin(struct kernel *k, const char *owner, uint32_t *token, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	struct sync *s;
	int err = call(k, KERNEL_FAKE_SYNC_BEGIN, e);

	if (err)
		return err;
	s = find_sync(f, owner);
	if (!s)
		s = find_sync(f, "");
	if (!s)
		return err_set(e, ENOSPC, "too many owners have begun a sync and not ended it");
	snprintf(s->owner, sizeof(s->owner), "%s", owner);
	s->token = *token = ++f->last_token;
	note(f, "sync_begin");
	return 0;
}

static int fake_sync_end(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
			 struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	int err = call(k, KERNEL_FAKE_SYNC_END, e);
	size_t i;

	if (!err)
		err = check_token(f, owner, token, e);
	if (err)
		return err;
	*deleted = 0;
	for (i = f->l.n; i-- > 0; ) {
		if (strcmp(f->l.v[i].owner, owner) || f->marks[i] == token)
			continue;
		delete_at(f, i);
		++*deleted;
	}
	memset(find_sync(f, owner), 0, sizeof(struct sync));
	note(f, "sync_end");
	return 0;
}

static int fake_flush(struct kernel *k, const char *owner, uint32_t *deleted, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	int err = call(k, KERNEL_FAKE_FLUSH, e);
	size_t i;

	if (err)
		return err;
	*deleted = 0;
	for (i = f->l.n; i-- > 0; ) {
		if (owner && strcmp(f->l.v[i].owner, owner))
			continue;
		delete_at(f, i);
		++*deleted;
	}
	note(f, "flush");
	return 0;
}

static const struct kservice *lookup(const struct kernel_fake *f, const struct kresolve *r,
				     enum svcnat_kind *kind)
{
	size_t i, j;

	for (i = 0; i < f->l.n; i++)
		for (j = 0; j < f->l.v[i].nfrontends; j++) {
			const struct kfrontend *fe = &f->l.v[i].frontends[j];

			*kind = fe->kind;
			if (f->l.v[i].proto == r->proto && fe->port == r->dst_port &&
			    fe->kind != SVCNAT_KIND_NODEPORT && ip_addr_equal(&fe->addr, &r->dst))
				return &f->l.v[i];
		}
	return NULL;
}

static bool in_cidr(const struct ip_cidr *c, const struct ip_addr *a)
{
	const uint8_t *x = c->addr.v6.s6_addr, *y = a->v6.s6_addr;
	unsigned int i;

	if (c->addr.family != a->family)
		return false;
	for (i = 0; i < c->prefix; i++)
		if ((x[i / 8] ^ y[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static bool is_pod(const struct ksettings *s, const struct ip_addr *a)
{
	size_t i;

	for (i = 0; i < s->npod_cidrs; i++)
		if (in_cidr(&s->pod_cidrs[i], a))
			return true;
	return false;
}

static void masquerade(const struct kernel_fake *f, struct kresolve *r)
{
	r->has_masquerade = true;
	if (r->has_endpoint && ip_addr_equal(&r->endpoint.addr, &r->src))
		r->masquerade = SVCNAT_MASQUERADE_HAIRPIN;
	else if (r->kind != SVCNAT_KIND_CLUSTER)
		r->masquerade = SVCNAT_MASQUERADE_EXTERNAL;
	else if (!f->settings.npod_cidrs)
		r->masquerade = SVCNAT_MASQUERADE_NO_CIDR;
	else
		r->masquerade = r->origin == SVCNAT_ORIGIN_POD ? SVCNAT_MASQUERADE_NO_POD :
								 SVCNAT_MASQUERADE_OFF_CLUSTER;
}

static int fake_hold(struct kernel *k, struct err *e)
{
	int code = one_call(fake_of(k), KERNEL_FAKE_HOLD);

	return code ? err_set(e, code, "nothing can be held") : 0;
}

static int fake_resolve(struct kernel *k, struct kresolve *r, struct err *e)
{
	struct kernel_fake *f = fake_of(k);
	const struct kservice *s;
	int err = call(k, KERNEL_FAKE_RESOLVE, e);

	if (err)
		return err;
	r->origin = is_pod(&f->settings, &r->src) ? SVCNAT_ORIGIN_POD : SVCNAT_ORIGIN_OUTSIDE;
	s = lookup(f, r, &r->kind);
	r->has_service = s;
	if (!s) {
		r->verdict = SVCNAT_VERDICT_PASS;
		r->reason = SVCNAT_REASON_NO_SERVICE;
		return 0;
	}
	strcpy(r->service, s->name);
	strcpy(r->owner, s->owner);
	r->endpoints = (uint32_t)s->nendpoints;
	r->verdict = s->nendpoints ? SVCNAT_VERDICT_DNAT : SVCNAT_VERDICT_REJECT;
	r->reason = s->nendpoints ? SVCNAT_REASON_ENDPOINT : SVCNAT_REASON_NO_ENDPOINTS;
	r->has_endpoint = s->nendpoints && r->src_port;
	if (r->has_endpoint)
		r->endpoint = s->endpoints[r->src_port % s->nendpoints];
	if (s->nendpoints)
		masquerade(f, r);
	return 0;
}

static void fake_close(struct kernel *k)
{
	fake_of(k)->closed++;
}

static const struct kernel_ops fake_ops = {
	.service_set = fake_set,
	.service_del = fake_del,
	.service_list = fake_list,
	.settings_set = fake_settings_set,
	.settings_get = fake_settings_get,
	.sync_begin = fake_sync_begin,
	.sync_end = fake_sync_end,
	.flush = fake_flush,
	.resolve = fake_resolve,
	.hold = fake_hold,
	.close = fake_close,
};

void kernel_fake_reset(struct kernel *k)
{
	struct kernel_fake *f = fake_of(k);

	kservices_clear(&f->l);
	free(f->marks);
	f->marks = NULL;
	ksettings_clear(&f->settings);
	memset(f->syncs, 0, sizeof(f->syncs));
	strcpy(f->settings.version, "1.2.3");
	f->settings.max_services = 65536;
	f->settings.max_frontends = 262144;
	f->settings.max_endpoints = 1048576;
}

struct kernel *kernel_fake_open(void)
{
	struct kernel_fake *f = calloc(1, sizeof(*f));

	f->k.ops = &fake_ops;
	f->log = strdup("");
	kernel_fake_reset(&f->k);
	return &f->k;
}

void kernel_fake_free(struct kernel *k)
{
	kernel_fake_reset(k);
	free(fake_of(k)->log);
	free(k);
}

unsigned int kernel_fake_closed(const struct kernel *k)
{
	return fake_of(k)->closed;
}

const struct kservices *kernel_fake_services(const struct kernel *k)
{
	return &fake_of(k)->l;
}

const struct ksettings *kernel_fake_settings(const struct kernel *k)
{
	return &fake_of(k)->settings;
}

const struct kservice *kernel_fake_find(const struct kernel *k, const char *name, uint8_t family,
					uint8_t proto)
{
	return find(fake_of(k), name, family, proto);
}

void kernel_fake_fail(struct kernel *k, enum kernel_fake_op op, unsigned int nth, int code)
{
	fake_of(k)->fail[op].at = fake_of(k)->calls[op] + nth;
	fake_of(k)->fail[op].code = code;
}

void kernel_fake_break(struct kernel *k, int code)
{
	fake_of(k)->broken = code;
}

unsigned int kernel_fake_calls(const struct kernel *k, enum kernel_fake_op op)
{
	return fake_of(k)->calls[op];
}

const char *kernel_fake_log(const struct kernel *k)
{
	return fake_of(k)->log;
}

void kernel_fake_clear_log(struct kernel *k)
{
	fake_of(k)->log_len = 0;
	fake_of(k)->log[0] = '\0';
}
