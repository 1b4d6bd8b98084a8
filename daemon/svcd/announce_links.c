// SPDX-License-Identifier: GPL-2.0
#include "announce_links.h"

#include "cidr.h"
#include "err.h"
#include "jx.h"
#include "rtnl.h"
#include "rtnl_hops.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* --- reading --- */

static void *more(void *v, size_t n, size_t size)
{
	/* A power of two: it is full. */
	return n & (n - 1) ? v : jx_must(realloc(v, (n ? 2 * n : 1) * size));
}

static void each_link(const struct nlmsghdr *h, void *ctx)
{
	const struct ifinfomsg *info = nlmsg_data(h);
	struct announce_links *l = ctx;
	struct announce_link link = { 0 };
	struct nlattr *a[IFLA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*info), a, IFLA_MAX, NULL) < 0)
		return;
	if (info->ifi_type != ARPHRD_ETHER || !(info->ifi_flags & IFF_UP) ||
	    info->ifi_flags & IFF_NOARP || !a[IFLA_IFNAME] || !a[IFLA_ADDRESS] ||
	    nla_len(a[IFLA_ADDRESS]) != ETH_ALEN)
		return;
	link.index = info->ifi_index;
	nla_strlcpy(link.name, a[IFLA_IFNAME], sizeof(link.name));
	memcpy(link.mac, nla_data(a[IFLA_ADDRESS]), ETH_ALEN);
	l->links = more(l->links, l->nlinks, sizeof(*l->links));
	l->links[l->nlinks++] = link;
}

/* What is not to be used as a source yet, or any more. */
static bool is_usable(const struct ifaddrmsg *m, const struct nlattr *flags)
{
	uint32_t f = flags && nla_len(flags) >= 4 ? nla_get_u32(flags) : m->ifa_flags;

	return !(f & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED));
}

static void each_addr(const struct nlmsghdr *h, void *ctx)
{
	const struct ifaddrmsg *m = nlmsg_data(h);
	struct announce_links *l = ctx;
	struct announce_prefix p = { 0 };
	struct nlattr *a[IFA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*m), a, IFA_MAX, NULL) < 0)
		return;
	/* On a point-to-point link the other one is the peer's. */
	if (!rtnl_addr(a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS], m->ifa_family, &p.addr) ||
	    m->ifa_prefixlen > ip_addr_len(&p.addr) * 8)
		return;
	p.unusable = m->ifa_scope >= RT_SCOPE_LINK || !is_usable(m, a[IFA_FLAGS]);
	p.index = (int)m->ifa_index;
	p.len = m->ifa_prefixlen;
	l->prefixes = more(l->prefixes, l->nprefixes, sizeof(*l->prefixes));
	l->prefixes[l->nprefixes++] = p;
}

static void add_gateway(struct announce_links *l, const struct ip_addr *addr)
{
	if (!addr->family || announce_links_gateway(l, addr))
		return;
	l->gateways = more(l->gateways, l->ngateways, sizeof(*l->gateways));
	l->gateways[l->ngateways++] = *addr;
}

/* All its gateways; and where it leads, by the first of several. */
static int take_hops(struct announce_links *l, struct nlattr **a, uint8_t family)
{
	struct rtnl_hops hops = rtnl_hops(a, family);
	struct rtnl_hop hop;
	int index = 0;

	while (rtnl_hops_next(&hops, &hop)) {
		add_gateway(l, &hop.gateway);
		index = index ? index : hop.device;
	}
	return index;
}

struct best {
	struct announce_links *links;
	int index;
	uint32_t metric;
	bool asked;		/* it is the answer to a question, wherever it stands */
};

static void each_route(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *m = nlmsg_data(h);
	struct best *best = ctx;
	struct nlattr *a[RTA_MAX + 1];
	uint32_t metric;
	int index;

	if (h->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*m), a, RTA_MAX, NULL) < 0 ||
	    m->rtm_type != RTN_UNICAST || (m->rtm_table != RT_TABLE_MAIN && !best->asked))
		return;
	index = take_hops(best->links, a, m->rtm_family);
	if (m->rtm_dst_len && !best->asked)
		return;
	metric = a[RTA_PRIORITY] ? nla_get_u32(a[RTA_PRIORITY]) : 0;
	if (index && (!best->index || metric < best->metric))
		*best = (struct best){ best->links, index, metric, best->asked };
}

/*
 * What routing daemons have learned may be the whole Internet: that is not read. The kernel
 * leaves it out, of what is asked for by protocol.
 */
static const uint8_t protocols[] = { RTPROT_BOOT, RTPROT_STATIC, RTPROT_DHCP, RTPROT_RA };

static int read_made(struct nl_sock *sk, uint8_t family, struct best *best, struct err *e)
{
	struct rtmsg m = { .rtm_family = family, .rtm_table = RT_TABLE_MAIN,
			   .rtm_type = RTN_UNICAST };
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(protocols) && !ret; i++) {
		m.rtm_protocol = protocols[i];
		ret = rtnl_dump(sk, rtnl_message(RTM_GETROUTE, 0, &m, sizeof(m)), each_route, best,
				"the routes cannot be read", e);
	}
	return ret;
}

/*
 * Of a default route that a daemon has made, one question: where to, for what no network has.
 * Each of the two is matched by a default route, and by its halves that some have instead.
 */
static int ask_default(struct nl_sock *sk, uint8_t family, struct best *best, struct err *e)
{
	const char *nowhere = family == AF_INET ? "0.0.0.1" : "2000::1";
	struct ip_addr dst;
	const struct rtmsg m = { .rtm_family = family, .rtm_flags = RTM_F_FIB_MATCH,
				 .rtm_dst_len = family == AF_INET ? 32 : 128 };
	struct nl_msg *msg = rtnl_message(RTM_GETROUTE, 0, &m, sizeof(m));
	struct err none;
	int ret;

	ip_addr_parse(nowhere, &dst, NULL);
	if (msg && rtnl_put_addr(msg, RTA_DST, &dst)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	best->asked = true;
	ret = rtnl_ask(sk, msg, each_route, best, "the default route cannot be read", &none);
	if (ret == -EIO || ret == -ENOMEM) {
		*e = none;
		return ret;
	}
	/* Else the kernel says that there is none, in several ways. */
	return 0;
}

static int read_routes(struct nl_sock *sk, uint8_t family, struct announce_links *out,
		       struct err *e)
{
	struct best best = { .links = out };
	int ret = read_made(sk, family, &best, e);

	if (!ret && !best.index)
		ret = ask_default(sk, family, &best, e);
	out->defaults[family == AF_INET6] = best.index;
	return ret;
}

int announce_links_read(struct nl_sock *sk, struct announce_links *out, struct err *e)
{
	const struct ifinfomsg link = { 0 };
	const struct ifaddrmsg addr = { 0 };
	struct announce_links l = { 0 };
	int ret;

	ret = rtnl_dump(sk, rtnl_message(RTM_GETLINK, 0, &link, sizeof(link)), each_link, &l,
			"the interfaces cannot be read", e);
	if (!ret)
		ret = rtnl_dump(sk, rtnl_message(RTM_GETADDR, 0, &addr, sizeof(addr)), each_addr,
				&l, "the addresses of the interfaces cannot be read", e);
	if (!ret)
		ret = read_routes(sk, AF_INET, &l, e);
	if (!ret)
		ret = read_routes(sk, AF_INET6, &l, e);
	if (ret) {
		announce_links_clear(&l);
		return ret;
	}
	announce_links_clear(out);
	*out = l;
	return 0;
}

void announce_links_clear(struct announce_links *l)
{
	free(l->links);
	free(l->prefixes);
	free(l->gateways);
	*l = (struct announce_links){ 0 };
}

/* --- what follows from them --- */

bool announce_links_own(const struct announce_links *l, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < l->nprefixes; i++)
		if (ip_addr_equal(&l->prefixes[i].addr, addr))
			return true;
	return false;
}

bool announce_links_gateway(const struct announce_links *l, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < l->ngateways; i++)
		if (ip_addr_equal(&l->gateways[i], addr))
			return true;
	return false;
}

static bool is_near(const struct announce_prefix *p, const struct ip_addr *addr)
{
	struct ip_cidr net;

	if (p->unusable || p->addr.family != addr->family)
		return false;
	net = cidr_make(&p->addr, p->len);
	return cidr_has(&net, addr);
}

static const struct announce_prefix *near_on(const struct announce_links *l, int index,
					     const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < l->nprefixes; i++)
		if (l->prefixes[i].index == index && is_near(&l->prefixes[i], addr))
			return &l->prefixes[i];
	return NULL;
}

static bool is_named(const struct announce_options *o, const struct announce_link *link)
{
	size_t i;

	for (i = 0; i < o->ninterfaces; i++)
		if (strcmp(o->interfaces[i], link->name) == 0)
			return true;
	return false;
}

size_t announce_links_for(const struct announce_links *l, const struct announce_options *o,
			  const struct ip_addr *addr,
			  const struct announce_link *out[ANNOUNCE_ON_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < l->nlinks && n < ANNOUNCE_ON_MAX; i++)
		if (o->ninterfaces ? is_named(o, &l->links[i]) :
				     near_on(l, l->links[i].index, addr) != NULL)
			out[n++] = &l->links[i];
	if (n || o->ninterfaces)
		return n;
	for (i = 0; i < l->nlinks && !n; i++)
		if (l->links[i].index == l->defaults[addr->family == AF_INET6])
			out[n++] = &l->links[i];
	return n;
}

static bool is_on(const struct announce_prefix *p, const struct announce_link *const *on, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (on[i]->index == p->index)
			return true;
	return false;
}

struct ip_addr announce_links_source(const struct announce_links *l,
				     const struct announce_options *o,
				     const struct ip_addr *addr)
{
	const struct announce_link *on[ANNOUNCE_ON_MAX];
	const struct announce_prefix *p, *best = NULL;
	size_t i, n = announce_links_for(l, o, addr, on);
	int rank, best_rank = 0;

	for (i = 0; i < l->nprefixes; i++) {
		p = &l->prefixes[i];
		if (p->unusable || p->addr.family != addr->family)
			continue;
		rank = 1 + is_on(p, on, n) + 2 * is_near(p, addr);
		if (rank > best_rank) {
			best = p;
			best_rank = rank;
		}
	}
	return best ? best->addr : (struct ip_addr){ 0 };
}
