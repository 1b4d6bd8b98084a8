/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What holds for a whole namespace. Immutable once published: a change is a
 * new copy.
 */
#ifndef SVCNAT_SETTINGS_H
#define SVCNAT_SETTINGS_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct svcnat_cidr {
	union nf_inet_addr addr;	/* no bits past the prefix */
	union nf_inet_addr mask;
	u8 family;
	u8 prefix;
};

struct svcnat_settings {
	struct rcu_head rcu;
	u32 max_services;
	u32 max_frontends;
	u32 max_endpoints;
	bool pods_known[2];		/* a pod CIDR of the family: IPv4, IPv6 */
	u32 npod_cidrs;
	struct svcnat_cidr pod_cidrs[];
};

/* The defaults. NULL: no memory. Free with kfree(). */
struct svcnat_settings *svcnat_settings_alloc(void);

/* All of old but the pod CIDRs, for which there is room. NULL: no memory. */
struct svcnat_settings *svcnat_settings_copy(const struct svcnat_settings *old,
					     u32 npod_cidrs);

/* A CIDR of prefix bits. -EINVAL: the prefix is too long; -EDOM: addr has bits past it. */
int svcnat_cidr_init(struct svcnat_cidr *cidr, u8 family,
		     const union nf_inet_addr *addr, u8 prefix);

#endif /* SVCNAT_SETTINGS_H */
