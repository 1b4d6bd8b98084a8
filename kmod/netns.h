/* SPDX-License-Identifier: GPL-2.0 */
/* All that the module keeps for one network namespace. */
#ifndef SVCNAT_NETNS_H
#define SVCNAT_NETNS_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "affinity.h"
#include "conns.h"
#include "count.h"
#include "stale.h"

struct svcnat_filter;
struct svcnat_settings;

struct svcnat_net {
	struct net *net;
	struct mutex lock;		/* every change, every dump */
	bool enabled;			/* lock; tables and hooks exist */
	u32 hash_key;		/* set once, before enabled */
	struct rhashtable frontends;	/* frontend.c; change: lock, read: RCU */
	struct rhashtable addresses;	/* address.c; likewise */
	struct svcnat_filter __rcu *filter;	/* of frontends; likewise */
	struct rhltable endpoints;	/* endpoint.c; likewise */
	struct svcnat_counts __percpu *counts;	/* exist while it is enabled */
	struct rhashtable names;	/* service.c; lock */
	struct xarray services;		/* by id; lock */
	struct svcnat_settings __rcu *settings;	/* never NULL; change: lock */
	struct svcnat_affinity affinity;
	struct svcnat_conns conns;
	struct svcnat_stale stale;
	struct list_head syncs;		/* sync.c; lock */
	u32 nsyncs;			/* lock */
	u32 sync_token;			/* lock; the last one given */
	u32 next_id;			/* lock; hint for the next service */
	u32 nservices;			/* lock */
	u32 nfrontends;			/* lock */
	u32 nendpoints;			/* lock */
	u32 nranges;			/* lock */
	unsigned int seq;		/* lock; grows with each change, for dumps */
};

extern unsigned int svcnat_netns_id;

int svcnat_netns_init(void);
void svcnat_netns_exit(void);

struct svcnat_net *svcnat_netns(const struct net *net);

/*
 * The same for a hook, which is in an RCU section already: net_generic() begins one of
 * its own, by two calls.
 */
static inline struct svcnat_net *svcnat_netns_rcu(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[svcnat_netns_id];
}

/*
 * Switch on conntrack, NAT and the hooks here, once. Until a namespace's first
 * command it pays nothing for the module. Lock held; sleeps.
 */
int svcnat_netns_enable(struct net *net, struct svcnat_net *sn);

/* Undo that, when the command that wanted it was refused. Lock held; sleeps. */
void svcnat_netns_disable(struct net *net, struct svcnat_net *sn);

/* The published settings, for the control path. Lock held. */
struct svcnat_settings *svcnat_netns_settings(struct svcnat_net *sn);

/* Replace the settings; takes set over. Lock held. */
void svcnat_netns_publish_settings(struct svcnat_net *sn,
				   struct svcnat_settings *set);

/* Something that dumps show was changed. Lock held. */
void svcnat_netns_changed(struct svcnat_net *sn);

#endif /* SVCNAT_NETNS_H */
