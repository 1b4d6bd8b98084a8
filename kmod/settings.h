/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What holds for a whole namespace. Immutable once published: a change is a
 * new copy. The lists are never NULL.
 */
#ifndef SVCNAT_SETTINGS_H
#define SVCNAT_SETTINGS_H

#include <linux/types.h>

#include "cidr.h"

struct svcnat_settings {
	struct rcu_head rcu;
	struct svcnat_cidrs *pods;		/* who is a pod */
	struct svcnat_cidrs *services;		/* where nothing else lives */
	struct svcnat_cidrs *nodeports;		/* the node's addresses that have them */
	struct svcnat_cidrs *externals;		/* what EXTERNAL frontends may be */
	bool loopback_nodeports;
	bool masquerade_all;
	bool echo;
	bool armed;				/* no SYNC_END came yet */
	u32 max_services;
	u32 max_frontends;
	u32 max_endpoints;
	u32 max_ranges;
	u32 max_affinity;
	u32 max_connections;
};

/* The defaults. NULL: no memory. */
struct svcnat_settings *svcnat_settings_alloc(void);

/* All of old. NULL: no memory. */
struct svcnat_settings *svcnat_settings_copy(const struct svcnat_settings *old);

void svcnat_settings_free(struct svcnat_settings *set);

/* Free after a grace period. */
void svcnat_settings_retire(struct svcnat_settings *set);

#endif /* SVCNAT_SETTINGS_H */
