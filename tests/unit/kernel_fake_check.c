// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

#include "addrport.h"
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* --- by itself --- */

static int check_options(const struct kservice *s, struct err *e)
{
	if (s->flags & ~(uint32_t)SVCNAT_F_ALL)
		return err_set(e, EINVAL, "reserved bit set");
	if (s->scheduler > SVCNAT_SCHEDULER_MAX || s->affinity > SVCNAT_AFFINITY_MAX)
		return err_set(e, ERANGE, "integer out of range");
	if (s->proto == IPPROTO_UDP && (s->scheduler == SVCNAT_SCHEDULER_RR ||
					s->scheduler == SVCNAT_SCHEDULER_LEASTCONN))
		return err_set(e, EINVAL,
			       "with this scheduler two first packets of one UDP socket may get "
			       "two endpoints, and one be lost: use hash, source or maglev");
	return 0;
}

static int check_ranges(const struct kservice *s, struct err *e)
{
	size_t i, j;

	for (i = 0; i < s->nranges; i++) {
		if (!ip_cidr_valid(&s->ranges[i]))
			return err_set(e, EINVAL, "the CIDR's address has bits past the prefix");
		if (s->ranges[i].addr.family != s->family)
			return err_set(e, EINVAL,
				       "the source range is not of the service's family");
		for (j = 0; j < i; j++)
			if (ip_addr_equal(&s->ranges[i].addr, &s->ranges[j].addr) &&
			    s->ranges[i].prefix == s->ranges[j].prefix)
				return err_set(e, EEXIST, "a source range stands twice");
	}
	return 0;
}

static int check_endpoint(const struct kservice *s, const struct kendpoint *p, struct err *e)
{
	if (p->addr.family != s->family)
		return err_set(e, EINVAL, "the endpoint's address has %zu bytes, the family's "
			       "have %d", ip_addr_len(&p->addr), s->family == AF_INET ? 4 : 16);
	if (p->lists & ~SVCNAT_LIST_ALL)
		return err_set(e, EINVAL, "reserved bit set");
	if (p->weight > SVCNAT_WEIGHT_MAX)
		return err_set(e, ERANGE, "integer out of range");
	return 0;
}

bool kernel_fake_same_endpoint(const struct kendpoint *a, const struct kendpoint *b)
{
	return a->port == b->port && ip_addr_equal(&a->addr, &b->addr);
}

static int check_endpoints(const struct kservice *s, struct err *e)
{
	char buf[ADDRPORT_STRLEN];
	size_t i, j;
	int err = 0;

	for (i = 0; !err && i < s->nendpoints; i++)
		err = check_endpoint(s, &s->endpoints[i], e);
	/* Quadratic: enough for what tests of this rule hold. */
	for (i = 0; !err && i < s->nendpoints && s->nendpoints <= 1000; i++)
		for (j = 0; j < i; j++)
			if (kernel_fake_same_endpoint(&s->endpoints[i], &s->endpoints[j]))
				return err_set(e, EEXIST, "the endpoint %s stands twice",
					       addrport_print(&s->endpoints[i].addr,
							      s->endpoints[i].port, buf));
	return err;
}

int kernel_fake_check_members(const struct kservice *s, struct err *e)
{
	int err = check_options(s, e);

	if (!err)
		err = check_ranges(s, e);
	return err ? err : check_endpoints(s, e);
}

/* --- beside the others --- */

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

/* The first frontend of s that these do not allow; NULL: none. */
static const struct kfrontend *outside(const struct kservice *s, const struct kcidrs *l)
{
	size_t i;

	for (i = 0; l->n && i < s->nfrontends; i++)
		if (s->frontends[i].kind == SVCNAT_KIND_EXTERNAL &&
		    !kernel_fake_in_cidrs(l, &s->frontends[i].addr))
			return &s->frontends[i];
	return NULL;
}

int kernel_fake_check_externals(const struct kernel_fake *f, const struct kcidrs *l,
				struct err *e)
{
	const struct kfrontend *fe;
	char ip[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < f->l.n; i++) {
		fe = outside(&f->l.v[i], l);
		if (fe)
			return err_set(e, EBUSY,
				       "service '%s' of owner '%s' has the external address %s",
				       f->l.v[i].name, f->l.v[i].owner,
				       ip_addr_print(&fe->addr, ip));
	}
	return 0;
}

/* Growth past the limit is refused, not what is past it already. */
static bool reached(const struct kernel_fake *f, enum klimit limit, size_t more, size_t less)
{
	return more > less && f->settings.now[limit] + more - less > f->settings.max[limit];
}

static int check_limits(const struct kernel_fake *f, const struct kservice *s,
			const struct kservice *old, struct err *e)
{
	const char *limit;

	if (reached(f, KLIMIT_SERVICES, 1, !!old))
		limit = "max-services";
	else if (reached(f, KLIMIT_FRONTENDS, s->nfrontends, old ? old->nfrontends : 0))
		limit = "max-frontends";
	else if (reached(f, KLIMIT_ENDPOINTS, s->nendpoints, old ? old->nendpoints : 0))
		limit = "max-endpoints";
	else if (reached(f, KLIMIT_RANGES, s->nranges, old ? old->nranges : 0))
		limit = "max-ranges";
	else
		return 0;
	return err_set(e, ENOSPC, "the limit %s is reached", limit);
}

int kernel_fake_check_table(const struct kernel_fake *f, const struct kservice *s,
			    const struct kservice *old, struct err *e)
{
	const struct kfrontend *fe = outside(s, &f->settings.external_cidrs);
	char buf[ADDRPORT_STRLEN];
	int err;

	if (fe)
		return err_set(e, EACCES, "the external address of %s/%s is outside of the "
			       "allowed external CIDRs", frontend_text(fe, buf),
			       ip_proto_name(s->proto));
	err = check_frontends(f, s, old, e);
	if (err || (old && kservice_equal(s, old)))
		return err;
	return check_limits(f, s, old, e);
}
