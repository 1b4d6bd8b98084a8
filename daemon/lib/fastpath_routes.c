// SPDX-License-Identifier: GPL-2.0
#include "fastpath_routes.h"

#include "cidr.h"
#include "err.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* --- which routes --- */

static bool overlap(const struct ip_cidr *a, const struct ip_cidr *b)
{
	return cidr_has(a->prefix < b->prefix ? a : b, a->prefix < b->prefix ? &b->addr : &a->addr);
}

/* A default route, or one to pods. */
static bool leads_there(const struct rtmsg *m, struct nlattr **a, const struct kcidrs *pods,
			struct ip_cidr *to)
{
	const struct ip_addr any = { .family = m->rtm_family };
	struct ip_addr dst;
	size_t i;

	if (m->rtm_type != RTN_UNICAST || m->rtm_table != RT_TABLE_MAIN ||
	    (m->rtm_family != AF_INET && m->rtm_family != AF_INET6))
		return false;
	*to = cidr_make(&any, 0);
	if (!m->rtm_dst_len)
		return true;
	if (!rtnl_addr(a[RTA_DST], m->rtm_family, &dst) ||
	    m->rtm_dst_len > ip_addr_len(&dst) * 8)
		return false;
	*to = cidr_make(&dst, m->rtm_dst_len);
	for (i = 0; i < pods->n; i++)
		if (overlap(&pods->v[i], to))
			return true;
	return false;
}

static uint32_t number(const struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint32_t) ? nla_get_u32(a) : 0;
}

/* Attributes go to a, all but the hop to out. false: it is none of ours. */
static bool take_route(const struct nlmsghdr *h, const struct kcidrs *pods, struct nlattr **a,
		       struct fastpath_route *out)
{
	const struct rtmsg *m = nlmsg_data(h);

	*out = (struct fastpath_route){ 0 };
	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(*m), a, RTA_MAX, NULL) < 0 ||
	    !leads_there(m, a, pods, &out->to))
		return false;
	out->tos = m->rtm_tos;
	out->metric = number(a[RTA_PRIORITY]);
	out->nexthop = number(a[RTA_NH_ID]);
	/* In IPv6 a route outlives its source, without one, and nothing is said. */
	if (m->rtm_family == AF_INET)
		rtnl_addr(a[RTA_PREFSRC], AF_INET, &out->source);
	return true;
}

/* --- the list --- */

/* Those that are one route, or that one would take the place of the other. */
static int compare_route(const struct fastpath_route *a, const struct fastpath_route *b)
{
	int order = cidr_addr_cmp(&a->to.addr, &b->to.addr);

	if (!order)
		order = (a->to.prefix > b->to.prefix) - (a->to.prefix < b->to.prefix);
	if (!order)
		order = (a->tos > b->tos) - (a->tos < b->tos);
	return order ? order : (a->metric > b->metric) - (a->metric < b->metric);
}

static int compare(const void *x, const void *y)
{
	const struct fastpath_route *a = x, *b = y;
	int order = compare_route(a, b);

	if (!order)
		order = (a->hop.device > b->hop.device) - (a->hop.device < b->hop.device);
	if (!order)
		order = cidr_addr_cmp(&a->hop.gateway, &b->hop.gateway);
	if (!order)
		order = cidr_addr_cmp(&a->source, &b->source);
	return order ? order : (a->nexthop > b->nexthop) - (a->nexthop < b->nexthop);
}

typedef int order_fn(const struct fastpath_route *a, const struct fastpath_route *b);

static int compare_hop(const struct fastpath_route *a, const struct fastpath_route *b)
{
	return compare(a, b);
}

/* The first that is not ahead of r. */
static size_t place_of(const struct fastpath_routes *l, const struct fastpath_route *r,
		       order_fn *order)
{
	size_t low = 0, high = l->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (order(&l->v[middle], r) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool make_room(struct fastpath_routes *l)
{
	struct fastpath_route *v;

	/* A power of two: it may be full. */
	if (l->n & (l->n - 1))
		return true;
	v = realloc(l->v, (l->n ? 2 * l->n : 1) * sizeof(*v));
	l->v = v ? v : l->v;
	return v;
}

static void cut(struct fastpath_routes *l, size_t at)
{
	l->n--;
	memmove(&l->v[at], &l->v[at + 1], (l->n - at) * sizeof(*l->v));
}

void fastpath_routes_clear(struct fastpath_routes *l)
{
	free(l->v);
	*l = (struct fastpath_routes){ 0 };
}

/* --- reading --- */

struct reading {
	struct fastpath_routes routes;
	const struct kcidrs *pods;
	bool no_memory;
};

static void each_route(const struct nlmsghdr *h, void *ctx)
{
	struct nlattr *a[RTA_MAX + 1];
	struct reading *r = ctx;
	struct fastpath_route route;
	struct rtnl_hops hops;

	if (h->nlmsg_type != RTM_NEWROUTE || !take_route(h, r->pods, a, &route))
		return;
	hops = rtnl_hops(a, route.to.addr.family);
	while (rtnl_hops_next(&hops, &route.hop)) {
		if (!make_room(&r->routes)) {
			r->no_memory = true;
			return;
		}
		r->routes.v[r->routes.n++] = route;
	}
}

static int read_family(struct nl_sock *sk, uint8_t family, struct reading *r, struct err *e)
{
	const struct rtmsg m = { .rtm_family = family, .rtm_table = RT_TABLE_MAIN,
				 .rtm_type = RTN_UNICAST };

	return rtnl_dump(sk, rtnl_message(RTM_GETROUTE, 0, &m, sizeof(m)), each_route, r,
			 "the routes cannot be read", e);
}

static void sort(struct fastpath_routes *l)
{
	size_t i, n = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	for (i = 0; i < l->n; i++)
		if (n && !compare(&l->v[n - 1], &l->v[i]))
			l->v[n - 1].twice = true;
		else
			l->v[n++] = l->v[i];
	l->n = n;
}

int fastpath_routes_read(struct nl_sock *sk, const struct kcidrs *pods,
			 struct fastpath_routes *out, struct err *e)
{
	struct reading r = { .pods = pods };
	int ret = read_family(sk, AF_INET, &r, e);

	if (!ret)
		ret = read_family(sk, AF_INET6, &r, e);
	if (!ret && r.no_memory)
		ret = err_set(e, ENOMEM, "out of memory");
	if (ret) {
		fastpath_routes_clear(&r.routes);
		return ret;
	}
	sort(&r.routes);
	r.routes.known = true;
	fastpath_routes_clear(out);
	*out = r.routes;
	return 0;
}

/* --- news --- */

static bool forget(struct fastpath_routes *l)
{
	l->known = false;
	return true;
}

/*
 * true: it was not there. Of IPv4 there may be several routes of one metric to one place, by the
 * same gateway among others.
 */
static bool add_hop(struct fastpath_routes *l, const struct fastpath_route *r)
{
	size_t at = place_of(l, r, compare_hop);

	if (at < l->n && !compare(&l->v[at], r)) {
		l->v[at].twice = true;
		return false;
	}
	if (!make_room(l))
		return forget(l);
	memmove(&l->v[at + 1], &l->v[at], (l->n - at) * sizeof(*l->v));
	l->v[at] = *r;
	l->n++;
	return true;
}

static bool del_hop(struct fastpath_routes *l, const struct fastpath_route *r)
{
	size_t at = place_of(l, r, compare_hop);

	if (at == l->n || compare(&l->v[at], r))
		return false;
	if (l->v[at].twice)
		return forget(l);
	cut(l, at);
	return true;
}

/* One that takes another's place. Where there are several, it is not said whose. */
static bool make_way(struct fastpath_routes *l, const struct fastpath_route *r)
{
	size_t at = place_of(l, r, compare_route), end = at;

	while (end < l->n && !compare_route(&l->v[end], r))
		end++;
	if (end - at > 1 || (end > at && l->v[at].twice))
		return forget(l);
	if (end > at)
		cut(l, at);
	return end > at;
}

static bool hear_route(struct fastpath_routes *l, const struct nlmsghdr *h,
		       const struct kcidrs *pods)
{
	bool comes = h->nlmsg_type == RTM_NEWROUTE, other = false;
	struct nlattr *a[RTA_MAX + 1];
	struct fastpath_route route;
	struct rtnl_hops hops;

	if (!take_route(h, pods, a, &route))
		return false;
	if (!l->known)
		return true;
	if (comes && h->nlmsg_flags & NLM_F_REPLACE)
		other = make_way(l, &route);
	hops = rtnl_hops(a, route.to.addr.family);
	while (l->known && rtnl_hops_next(&hops, &route.hop))
		other = (comes ? add_hop(l, &route) : del_hop(l, &route)) || other;
	return other;
}

static bool is_alone(const struct fastpath_routes *l, size_t i)
{
	return (!i || compare_route(&l->v[i - 1], &l->v[i])) &&
	       (i + 1 == l->n || compare_route(&l->v[i], &l->v[i + 1]));
}

/*
 * What leads to a device that goes, or goes down, goes along without a word, in IPv4 at least.
 * What becomes of a route that leads to others as well depends.
 */
static bool hear_link(struct fastpath_routes *l, const struct nlmsghdr *h)
{
	const struct ifinfomsg *m = nlmsg_data(h);
	bool other = false;
	size_t i;

	/* A bridge has news of its ports of the same type. */
	if (!nlmsg_valid_hdr(h, sizeof(*m)) || m->ifi_family == AF_BRIDGE ||
	    (h->nlmsg_type == RTM_NEWLINK && m->ifi_flags & IFF_UP))
		return false;
	for (i = l->n; i > 0; i--) {
		if (l->v[i - 1].hop.device != m->ifi_index)
			continue;
		if (!is_alone(l, i - 1))
			return forget(l);
		cut(l, i - 1);
		other = true;
	}
	return other;
}

/* With an address those go that have it as their source; with the last one all of the device. */
static bool hear_address(struct fastpath_routes *l, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = nlmsg_data(h);
	struct nlattr *a[IFA_MAX + 1];
	struct ip_addr addr;
	size_t i;

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(*m), a, IFA_MAX, NULL) < 0 ||
	    m->ifa_family != AF_INET || !rtnl_addr(a[IFA_LOCAL], AF_INET, &addr))
		return false;
	for (i = 0; i < l->n; i++)
		if (l->v[i].to.addr.family == AF_INET &&
		    (l->v[i].hop.device == (int)m->ifa_index ||
		     ip_addr_equal(&l->v[i].source, &addr)))
			return forget(l);
	return false;
}

static bool hear_nexthop(struct fastpath_routes *l, const struct nlmsghdr *h)
{
	struct nlattr *a[NHA_MAX + 1];
	uint32_t id;
	size_t i;

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nhmsg), a, NHA_MAX, NULL) < 0)
		return false;
	id = number(a[NHA_ID]);
	for (i = 0; id && i < l->n; i++)
		if (l->v[i].nexthop == id)
			return forget(l);
	return false;
}

bool fastpath_routes_hear(struct fastpath_routes *l, const struct nlmsghdr *h,
			  const struct kcidrs *pods)
{
	if (!h)
		return forget(l);
	switch (h->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return hear_route(l, h, pods);
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return l->known && hear_link(l, h);
	case RTM_DELADDR:
		return l->known && hear_address(l, h);
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return l->known && hear_nexthop(l, h);
	default:
		return false;
	}
}

void fastpath_routes_mark(const struct fastpath_routes *l, struct fastpath_links *links)
{
	struct fastpath_link *link;
	size_t i;

	for (i = 0; i < l->n; i++) {
		link = fastpath_links_find(links, l->v[i].hop.device);
		if (link)
			link->routed = true;
	}
}
