// SPDX-License-Identifier: GPL-2.0
#include "lb_choice.h"

#include "cidr.h"
#include "err.h"
#include "jx.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pools no_pools;

void lb_choice_init(struct lb_choice *c, const struct txn *t)
{
	*c = (struct lb_choice){ .t = t, .pools = t->r->config.pools };
	if (!c->pools)
		c->pools = &no_pools;
	c->taken = jx_must(calloc(2 * c->pools->n + 1, sizeof(*c->taken)));
}

void lb_choice_exit(struct lb_choice *c)
{
	free(c->taken);
}

void lb_choice_freed(struct lb_choice *c)
{
	memset(c->taken, 0, 2 * c->pools->n * sizeof(*c->taken));
}

static bool is_same(const json_t *a, const json_t *b)
{
	return jx_is(a, "metadata.name", jx_str(b, "metadata.name")) &&
	       jx_is(a, "metadata.namespace", jx_str(b, "metadata.namespace"));
}

/* The transaction says something newer of it. */
static bool outdated(const struct txn *t, const json_t *svc)
{
	return txn_change(t, resource_by_plural("v1", "services"),
			  jx_str(svc, "metadata.namespace"), jx_str(svc, "metadata.name"));
}

/* Who of these keeps svc from having ip; NULL: nobody. */
static const json_t *find_other(const struct lb_choice *c, const struct ingress_index *x,
				const json_t *svc, const struct ip_addr *ip, const char **why)
{
	const struct ingress_use *v;
	size_t n = ingress_index_find(x, ip, &v);

	for (size_t i = 0; i < n; i++) {
		const json_t *other = v[i].service;

		if (is_same(svc, other) ||
		    (x == &c->t->r->ingress && outdated(c->t, other)) ||
		    (c->hold && lb_service_older(svc, other)))
			continue;
		*why = lb_service_apart(svc, other);
		if (*why)
			return other;
	}
	return NULL;
}

static const json_t *in_the_way(const struct lb_choice *c, const json_t *svc,
				const struct ip_addr *ip, const char **why)
{
	const json_t *other = find_other(c, &c->t->r->ingress, svc, ip, why);

	return other ? other : find_other(c, &c->t->ingress, svc, ip, why);
}

bool lb_choice_allows(const struct lb_choice *c, const json_t *svc, const struct ip_addr *ip,
		      struct err *e)
{
	const struct pool *p = pools_of(c->pools, ip);
	char text[INET6_ADDRSTRLEN];
	const char *why = NULL;
	const json_t *other;

	ip_addr_print(ip, text);
	if (!p) {
		err_set(e, EINVAL, "%s is in no pool", text);
		return false;
	}
	if (!pool_serves(p, svc)) {
		err_set(e, EINVAL, "%s is in the pool \"%s\", which is not for this Service", text,
			p->name);
		return false;
	}
	other = in_the_way(c, svc, ip, &why);
	if (other)
		err_set(e, EBUSY, "%s is in use by %s/%s, and %s", text,
			jx_str(other, "metadata.namespace"), jx_str(other, "metadata.name"), why);
	return !other;
}

/* The lowest one that others have with the text that svc has, too, and that it may share. */
static bool find_shared(const struct lb_choice *c, const struct ingress_index *x,
			const json_t *svc, const struct pool *p, int family, struct ip_addr *out)
{
	const char *key = lb_service_note(svc, LB_SHARED), *why;

	for (size_t i = 0; *key && i < x->n; i++) {
		const struct ingress_use *use = &x->v[i];

		if (use->ip.family != family || !pool_has(p, &use->ip) ||
		    strcmp(key, lb_service_note(use->service, LB_SHARED)) ||
		    (x == &c->t->r->ingress && outdated(c->t, use->service)) ||
		    in_the_way(c, svc, &use->ip, &why))
			continue;
		*out = use->ip;
		return true;
	}
	return false;
}

/*
 * What is in the way of one that cannot share it is in the way of all such; for who can,
 * find_shared() has found it already.
 */
static bool find_free(const struct lb_choice *c, const json_t *svc, const struct pool *p,
		      int family, struct ip_addr *out)
{
	struct pool_walk *taken = &c->taken[2 * (p - c->pools->v) + (family == AF_INET6)];
	struct pool_walk w = *taken;
	const char *why;

	while (pool_walk_next(&w, p, family)) {
		if (!in_the_way(c, svc, &w.ip, &why)) {
			*out = w.ip;
			return true;
		}
		*taken = w;
	}
	*taken = w;
	return false;
}

static bool find_in(const struct lb_choice *c, const json_t *svc, const struct pool *p, int family,
		    struct ip_addr *out)
{
	return find_shared(c, &c->t->r->ingress, svc, p, family, out) ||
	       find_shared(c, &c->t->ingress, svc, p, family, out) ||
	       find_free(c, svc, p, family, out);
}

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* n pools that svc may use, of which p is one, are full. */
static void say_full(struct err *e, const struct pool *p, size_t n, int family)
{
	if (n == 1)
		err_set(e, ENOSPC, "all %" PRIu64 " %s addresses of the pool \"%s\" are in use",
			pool_size(p, family), family_name(family), p->name);
	else
		err_set(e, ENOSPC, "all %s addresses of %zu pools are in use, the last one of "
			"which is \"%s\"", family_name(family), n, p->name);
}

static bool find_in_named(const struct lb_choice *c, const json_t *svc, const char *name,
			  int family, struct ip_addr *out, struct err *e)
{
	const struct pool *p = pools_named(c->pools, name);

	if (!p)
		err_set(e, EINVAL, "there is no pool \"%s\"", name);
	else if (!pool_serves(p, svc))
		err_set(e, EINVAL, "the pool \"%s\" is not for this Service", name);
	else if (!pool_has_family(p, family))
		err_set(e, EINVAL, "the pool \"%s\" has no %s addresses", name,
			family_name(family));
	else if (find_in(c, svc, p, family, out))
		return true;
	else
		say_full(e, p, 1, family);
	return false;
}

bool lb_choice_find(const struct lb_choice *c, const json_t *svc, const char *pool, int family,
		    struct ip_addr *out, struct err *e)
{
	const struct pool *last = NULL;
	size_t n = 0;

	if (*pool)
		return find_in_named(c, svc, pool, family, out, e);
	for (size_t i = 0; i < c->pools->n; i++) {
		const struct pool *p = &c->pools->v[i];

		if (!p->auto_assign || !pool_has_family(p, family) || !pool_serves(p, svc))
			continue;
		if (find_in(c, svc, p, family, out))
			return true;
		last = p;
		n++;
	}
	if (n)
		say_full(e, last, n, family);
	else
		err_set(e, ENOSPC, "no pool gives out %s addresses to this Service",
			family_name(family));
	return false;
}
