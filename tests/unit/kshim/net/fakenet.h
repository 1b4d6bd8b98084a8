/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel knows of the node's own addresses, as far as the module asks it: a
 * test says of one address whether an interface has it, and in which VRF.
 */
#ifndef KSHIM_FAKENET_H
#define KSHIM_FAKENET_H

#include <linux/if_addr.h>
#include <linux/ipv6_route.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <linux/types.h>

#define LOOPBACK_IFINDEX	1

struct net;
struct in_device;

struct net_device {
	int vrf;	/* the VRF's index; 0: in none */
};

struct flowi6 {
	struct in6_addr daddr;
	int flowi6_iif, flowi6_l3mdev;
};

struct dst_entry {
	int error;
};

struct rt6_info {
	struct dst_entry dst;
	u32 rt6i_flags;
};

enum fakenet_where { ELSEWHERE, ON_INTERFACE, ROUTED };

static union nf_inet_addr fakenet_addr;		/* the one that has a place */
static enum fakenet_where fakenet_where;
static int fakenet_vrf;				/* where it has it */
static bool fakenet_ipv6 = true;
static struct in_device *const fakenet_in_dev = (struct in_device *)&fakenet_where;

static inline bool fakenet_is(const void *addr, size_t size, int vrf, enum fakenet_where where)
{
	return fakenet_where == where && fakenet_vrf == vrf && !memcmp(&fakenet_addr, addr, size);
}

/* RCU */
static inline int l3mdev_master_ifindex_rcu(const struct net_device *dev)
{
	return dev->vrf;
}

/* IPv4: of any VRF, as the kernel's. */
static inline struct net_device *__ip_dev_find(struct net *net, u32 addr, bool take)
{
	static struct net_device found;

	(void)net;
	(void)take;
	return fakenet_is(&addr, sizeof(addr), fakenet_vrf, ON_INTERFACE) ? &found : NULL;
}

static inline struct in_device *__in_dev_get_rcu(const struct net_device *dev)
{
	return dev ? fakenet_in_dev : NULL;
}

static inline u32 inet_confirm_addr(struct net *net, struct in_device *in_dev, u32 dst, u32 local,
				    int scope)
{
	(void)net;
	(void)in_dev;
	(void)dst;
	(void)scope;
	return local;
}

static inline unsigned int inet_addr_type_dev_table(struct net *net, const struct net_device *dev,
						    u32 addr)
{
	int vrf = dev ? dev->vrf : 0;

	(void)net;
	return fakenet_is(&addr, sizeof(addr), vrf, ON_INTERFACE) ||
	       fakenet_is(&addr, sizeof(addr), vrf, ROUTED) ? RTN_LOCAL : RTN_UNICAST;
}

/* IPv6 */
static inline bool ipv6_mod_enabled(void)
{
	return fakenet_ipv6;
}

static inline int ipv6_chk_addr_and_flags(struct net *net, const struct in6_addr *addr,
					  const struct net_device *dev, bool skip_dev_check,
					  int strict, u32 banned)
{
	(void)net;
	(void)skip_dev_check;
	(void)strict;
	(void)banned;
	return fakenet_is(addr, sizeof(*addr), dev ? dev->vrf : 0, ON_INTERFACE);
}

static inline struct dst_entry *ip6_route_lookup(struct net *net, struct flowi6 *fl6,
						 const void *skb, int flags)
{
	static struct rt6_info rt;

	(void)net;
	(void)skb;
	(void)flags;
	rt.rt6i_flags = fakenet_is(&fl6->daddr, sizeof(fl6->daddr), fl6->flowi6_l3mdev, ROUTED) ?
			RTF_LOCAL : 0;
	return &rt.dst;
}

static inline void dst_release(struct dst_entry *dst)
{
	(void)dst;
}

#endif
