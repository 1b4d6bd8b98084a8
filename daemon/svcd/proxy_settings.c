// SPDX-License-Identifier: GPL-2.0
/*
 * What does not come from objects: the settings that svcd was given for the
 * kernel, and the addresses that the node has.
 */
#include "proxy_entry.h"

#include "err.h"

#include <errno.h>
#include <stdlib.h>

/* Sets *dst even when it fails: as much of it as there is. */
static int copy_cidrs(struct kcidrs *dst, const struct kcidrs *src)
{
	size_t i;
	int err = 0;

	*dst = (struct kcidrs){ 0 };
	for (i = 0; !err && i < src->n; i++)
		err = kcidrs_add(dst, &src->v[i]);
	return err;
}

/* What is meant: what svcd was told, and where that is nothing of pods, what the Node has. */
static int copy_settings(struct ksettings *dst, const struct ksettings *src, unsigned int *what,
			 const struct kcidrs *node_cidrs)
{
	bool of_node = !(*what & KSETTINGS_POD_CIDRS) && node_cidrs->n;
	static const struct kcidrs none;
	int err;

	*dst = *src;
	dst->armed = true;
	dst->service_cidrs = dst->nodeport_cidrs = dst->external_cidrs = none;
	*what |= of_node ? KSETTINGS_POD_CIDRS : 0;
	err = copy_cidrs(&dst->pod_cidrs, of_node ? node_cidrs : &src->pod_cidrs);
	if (!err)
		err = copy_cidrs(&dst->service_cidrs, &src->service_cidrs);
	if (!err)
		err = copy_cidrs(&dst->nodeport_cidrs, &src->nodeport_cidrs);
	if (!err)
		err = copy_cidrs(&dst->external_cidrs, &src->external_cidrs);
	return err;
}

/* Which externalIPs are left out is compile()'s to say. */
static void compile_external_ips(struct proxy *p)
{
	struct proxy_entry *n;

	TAILQ_FOREACH(n, &p->all, in_all) {
		if (!json_array_size(json_object_get(json_object_get(n->service, "spec"),
						     "externalIPs")))
			continue;
		n->changed = true;
		proxy_entry_pend(p, n);
	}
}

int proxy_set_settings(struct proxy *p, const struct ksettings *settings, unsigned int what)
{
	unsigned int given = what;
	struct ksettings copy;
	bool other_external;
	int err;

	err = copy_settings(&copy, settings, &what, &p->node_cidrs);
	if (err) {
		ksettings_clear(&copy);
		return err;
	}
	other_external = !kcidrs_equal(&copy.external_cidrs, &p->settings.external_cidrs);
	ksettings_clear(&p->settings);
	p->settings = copy;
	p->settings_given = given;
	p->settings_what = what;
	p->settings_todo = true;
	if (other_external)
		compile_external_ips(p);
	return 0;
}

static int read_node_cidrs(struct kcidrs *out, const json_t *spec)
{
	const json_t *list = json_object_get(spec, "podCIDRs"), *v;
	struct ip_cidr cidr;
	size_t i;
	int err = 0;

	*out = (struct kcidrs){ 0 };
	json_array_foreach(list, i, v)
		if (!err && json_is_string(v) &&
		    ip_cidr_parse(json_string_value(v), &cidr, NULL) == 0)
			err = kcidrs_add(out, &cidr);
	return err == -ENOMEM ? err : 0;
}

int proxy_settings_of_node(struct proxy *p, const json_t *node)
{
	struct kcidrs cidrs;
	int err;

	err = read_node_cidrs(&cidrs, json_object_get(node, "spec"));
	if (err || !cidrs.n || kcidrs_equal(&cidrs, &p->node_cidrs)) {
		kcidrs_clear(&cidrs);
		return err;
	}
	kcidrs_clear(&p->node_cidrs);
	p->node_cidrs = cidrs;
	if (p->settings_given & KSETTINGS_POD_CIDRS)
		return 0;
	kcidrs_clear(&p->settings.pod_cidrs);
	p->settings_what |= KSETTINGS_POD_CIDRS;
	p->settings_todo = true;
	return copy_cidrs(&p->settings.pod_cidrs, &p->node_cidrs);
}

/*
 * Has the module just come up? Then nothing may pass by to an address of a
 * service that it will only hear of. SYNC_END disarms, at the end of a full
 * load.
 */
static int first_load(struct proxy *p, bool *first, struct err *e)
{
	const struct kfilter mine = { .owner = p->owner };
	struct kservices list = { 0 };
	int err;

	*first = false;
	if (!p->full || !(p->settings_what & KSETTINGS_SERVICE_CIDRS) ||
	    !p->settings.service_cidrs.n)
		return 0;
	err = p->k->ops->service_list(p->k, &mine, &list, e);
	*first = !err && !list.n;
	kservices_clear(&list);
	return err;
}

static int set(struct proxy *p, unsigned int what, struct err *e)
{
	return what ? p->k->ops->settings_set(p->k, &p->settings, what, e) : 0;
}

/*
 * What an earlier run was allowed may be in the way of narrower external
 * CIDRs. That is taken away by the load, and the CIDRs have to wait for it.
 */
int proxy_settings_write(struct proxy *p, struct err *e)
{
	unsigned int what = p->settings_what;
	bool first;
	int err;

	/* A load reads the services, and no settings: what was said of them may be lost. */
	if (p->full && p->lost)
		p->settings_todo = true;
	if (!p->settings_todo || (!p->full && p->settings_fight.until > p->now))
		return 0;
	p->settings_drift = false;
	err = first_load(p, &first, e);
	if (err)
		return err;
	what |= first ? KSETTINGS_ARMED : 0;
	err = set(p, what, e);
	p->external_todo = err == -EBUSY && (what & KSETTINGS_EXTERNAL_CIDRS);
	if (p->external_todo)
		err = set(p, what & ~KSETTINGS_EXTERNAL_CIDRS, e);
	p->settings_todo = err;
	return err;
}

int proxy_settings_finish(struct proxy *p, struct err *e)
{
	int err;

	if (!p->external_todo)
		return 0;
	err = set(p, KSETTINGS_EXTERNAL_CIDRS, e);
	if (err)
		err_prefix(e, "the ranges of --external-cidr are not in force");
	p->external_todo = err;
	return err;
}

bool proxy_settings_hold(const struct proxy *p, const struct ksettings *s)
{
	const struct ksettings *w = &p->settings;
	unsigned int what = p->settings_what;

	/* What has to wait is no news. */
	if (p->external_todo)
		what &= ~KSETTINGS_EXTERNAL_CIDRS;
	return (!(what & KSETTINGS_POD_CIDRS) || kcidrs_equal(&w->pod_cidrs, &s->pod_cidrs)) &&
	       (!(what & KSETTINGS_SERVICE_CIDRS) ||
		kcidrs_equal(&w->service_cidrs, &s->service_cidrs)) &&
	       (!(what & KSETTINGS_NODEPORT_CIDRS) ||
		kcidrs_equal(&w->nodeport_cidrs, &s->nodeport_cidrs)) &&
	       (!(what & KSETTINGS_EXTERNAL_CIDRS) ||
		kcidrs_equal(&w->external_cidrs, &s->external_cidrs)) &&
	       (!(what & KSETTINGS_LOOPBACK_NODEPORTS) ||
		w->loopback_nodeports == s->loopback_nodeports) &&
	       (!(what & KSETTINGS_MASQUERADE_ALL) || w->masquerade_all == s->masquerade_all);
}

/* --- the addresses of the node --- */

static bool same_addrs(const struct proxy *p, const struct ip_addr *addrs, size_t n)
{
	size_t i;

	if (!p->addrs_known || p->naddrs != n)
		return false;
	for (i = 0; i < n; i++)
		if (!ip_addr_equal(&p->addrs[i], &addrs[i]))
			return false;
	return true;
}

static void compile_again(struct proxy *p)
{
	struct proxy_entry *n;

	TAILQ_FOREACH(n, &p->all, in_all) {
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		if (!n->ranged)
			continue;
		n->changed = true;
		proxy_entry_pend(p, n);
	}
}

int proxy_addrs_read(struct proxy *p, struct err *e)
{
	struct ip_addr *addrs = NULL;
	size_t n = 0;
	int err;

	if (!p->nranged || !p->addresses)
		return 0;
	err = p->addresses(p->addresses_ctx, &addrs, &n, e);
	if (err)
		return err;
	if (same_addrs(p, addrs, n)) {
		free(addrs);
		return 0;
	}
	free(p->addrs);
	p->addrs = addrs;
	p->naddrs = n;
	p->addrs_known = true;
	compile_again(p);
	return 0;
}
