// SPDX-License-Identifier: GPL-2.0
#include "announce_routes.h"

#include "cidr.h"
#include "err.h"
#include "jx.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void announce_routes_add(struct announce_routes *l, const struct announce_route *r)
{
	/* A power of two: it is full. */
	if (!(l->n & (l->n - 1)))
		l->v = jx_must(realloc(l->v, (l->n ? 2 * l->n : 1) * sizeof(*l->v)));
	l->v[l->n++] = *r;
}

void announce_routes_clear(struct announce_routes *l)
{
	free(l->v);
	*l = (struct announce_routes){ 0 };
}

/* --- what differs --- */

static int by_key(const void *a, const void *b)
{
	const struct announce_route *x = a, *y = b;
	int c = cidr_addr_cmp(&x->addr, &y->addr);

	return c ? c : x->passed_on - y->passed_on;
}

static void sort(struct announce_routes *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_key);
}

static bool same_source(const struct announce_route *a, const struct announce_route *b)
{
	if (a->source.family != b->source.family)
		return false;
	return !a->source.family || ip_addr_equal(&a->source, &b->source);
}

void announce_routes_plan(struct announce_routes *have, struct announce_routes *want,
			  struct announce_routes *add, struct announce_routes *del)
{
	size_t i = 0, j = 0;
	int c;

	sort(have);
	sort(want);
	while (i < have->n || j < want->n) {
		c = i == have->n ? 1 : j == want->n ? -1 : by_key(&have->v[i], &want->v[j]);
		if (!c && same_source(&have->v[i], &want->v[j])) {
			i++;
			j++;
			continue;
		}
		if (c <= 0)
			announce_routes_add(del, &have->v[i++]);
		if (c >= 0)
			announce_routes_add(add, &want->v[j++]);
	}
}

/* --- the kernel --- */

static uint32_t table_of(const struct rtmsg *m, struct nlattr **a)
{
	return a[RTA_TABLE] ? nla_get_u32(a[RTA_TABLE]) : m->rtm_table;
}

/* Kernels that filter nothing send all of them. */
static bool is_ours(const struct rtmsg *m, uint32_t table)
{
	if (m->rtm_protocol != ANNOUNCE_PROTOCOL)
		return false;
	return (table == RT_TABLE_LOCAL && m->rtm_type == RTN_LOCAL) ||
	       (table == RT_TABLE_MAIN && m->rtm_type == RTN_UNREACHABLE);
}

static void each_route(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *m = nlmsg_data(h);
	struct announce_route r = { 0 };
	struct nlattr *a[RTA_MAX + 1];
	uint32_t table;

	if (h->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*m), a, RTA_MAX, NULL) < 0)
		return;
	table = table_of(m, a);
	if (!is_ours(m, table) || !rtnl_addr(a[RTA_DST], m->rtm_family, &r.addr) ||
	    m->rtm_dst_len != ip_addr_len(&r.addr) * 8)
		return;
	r.passed_on = table == RT_TABLE_MAIN;
	rtnl_addr(a[RTA_PREFSRC], m->rtm_family, &r.source);
	announce_routes_add(ctx, &r);
}

static int read_table(struct nl_sock *sk, uint8_t family, uint8_t table,
		      struct announce_routes *out, struct err *e)
{
	const struct rtmsg m = { .rtm_family = family, .rtm_table = table,
				 .rtm_protocol = ANNOUNCE_PROTOCOL };

	return rtnl_dump(sk, rtnl_message(RTM_GETROUTE, 0, &m, sizeof(m)), each_route, out,
			 "the routes cannot be read", e);
}

int announce_routes_read(struct nl_sock *sk, struct announce_routes *out, struct err *e)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	static const uint8_t tables[] = { RT_TABLE_LOCAL, RT_TABLE_MAIN };
	struct announce_routes l = { 0 };
	int i, ret = 0;

	for (i = 0; i < 4 && !ret; i++)
		ret = read_table(sk, families[i / 2], tables[i % 2], &l, e);
	if (ret) {
		announce_routes_clear(&l);
		return ret;
	}
	announce_routes_clear(out);
	*out = l;
	return 0;
}

/* NULL: no memory. */
static struct nl_msg *message(int type, int flags, const struct announce_route *r)
{
	bool v4 = r->addr.family == AF_INET;
	const struct rtmsg m = {
		.rtm_family = r->addr.family,
		.rtm_dst_len = (uint8_t)(ip_addr_len(&r->addr) * 8),
		.rtm_table = r->passed_on ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
		.rtm_protocol = ANNOUNCE_PROTOCOL,
		.rtm_scope = v4 && !r->passed_on ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
		.rtm_type = r->passed_on ? RTN_UNREACHABLE : RTN_LOCAL,
	};
	struct nl_msg *msg = rtnl_message(type, flags, &m, sizeof(m));
	int err = 0;

	if (!msg)
		return NULL;
	err = rtnl_put_addr(msg, RTA_DST, &r->addr);
	if (!err && !r->passed_on)
		err = nla_put_u32(msg, RTA_OIF, if_nametoindex("lo"));
	if (!err && !r->passed_on && r->source.family)
		err = rtnl_put_addr(msg, RTA_PREFSRC, &r->source);
	if (!err)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* One with our number is there, as r is but for its source. */
static bool is_there(struct nl_sock *sk, const struct announce_route *r)
{
	struct announce_routes l = { 0 };
	bool there = false;
	struct err e;
	size_t i;

	if (!announce_routes_read(sk, &l, &e))
		for (i = 0; i < l.n && !there; i++)
			there = by_key(&l.v[i], r) == 0;
	announce_routes_clear(&l);
	return there;
}

/* The kernel tells not whose the route is that is in the way: it may be an interface's. */
int announce_route_add(struct nl_sock *sk, const struct announce_route *r, struct err *e)
{
	char what[INET6_ADDRSTRLEN + 64], buf[INET6_ADDRSTRLEN];
	struct err refused;
	int ret;

	snprintf(what, sizeof(what), "the route of %s cannot be added",
		 ip_addr_print(&r->addr, buf));
	ret = rtnl_do(sk, message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r), what, &refused);
	if (!ret || (ret == -EEXIST && is_there(sk, r)))
		return 0;
	*e = refused;
	return ret;
}

int announce_route_del(struct nl_sock *sk, const struct announce_route *r, struct err *e)
{
	char what[INET6_ADDRSTRLEN + 64], buf[INET6_ADDRSTRLEN];
	int ret;

	snprintf(what, sizeof(what), "the route of %s cannot be deleted",
		 ip_addr_print(&r->addr, buf));
	ret = rtnl_do(sk, message(RTM_DELROUTE, 0, r), what, e);
	return ret == -ESRCH || ret == -ENOENT ? 0 : ret;
}
