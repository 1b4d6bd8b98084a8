// SPDX-License-Identifier: GPL-2.0
#include <linux/bits.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "settings.h"

/* Some ten times what the largest clusters known to Kubernetes' own tests have. */
#define SVCNAT_DEFAULT_MAX_SERVICES	BIT(18)
#define SVCNAT_DEFAULT_MAX_FRONTENDS	BIT(20)
#define SVCNAT_DEFAULT_MAX_ENDPOINTS	BIT(22)
#define SVCNAT_DEFAULT_MAX_RANGES	BIT(20)

/* What clients can fill: an entry is about 100 bytes. */
#define SVCNAT_DEFAULT_MAX_AFFINITY	BIT(20)
#define SVCNAT_DEFAULT_MAX_CONNECTIONS	BIT(20)

static bool svcnat_settings_complete(const struct svcnat_settings *set)
{
	return set->pods && set->services && set->nodeports && set->externals;
}

struct svcnat_settings *svcnat_settings_alloc(void)
{
	struct svcnat_settings *set;

	set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;

	set->pods = svcnat_cidrs_alloc(0);
	set->services = svcnat_cidrs_alloc(0);
	set->nodeports = svcnat_cidrs_alloc(0);
	set->externals = svcnat_cidrs_alloc(0);
	if (!svcnat_settings_complete(set)) {
		svcnat_settings_free(set);
		return NULL;
	}
	set->echo = true;
	set->max_services = SVCNAT_DEFAULT_MAX_SERVICES;
	set->max_frontends = SVCNAT_DEFAULT_MAX_FRONTENDS;
	set->max_endpoints = SVCNAT_DEFAULT_MAX_ENDPOINTS;
	set->max_ranges = SVCNAT_DEFAULT_MAX_RANGES;
	set->max_affinity = SVCNAT_DEFAULT_MAX_AFFINITY;
	set->max_connections = SVCNAT_DEFAULT_MAX_CONNECTIONS;
	return set;
}

struct svcnat_settings *svcnat_settings_copy(const struct svcnat_settings *old)
{
	struct svcnat_settings *set;

	set = kmemdup(old, sizeof(*old), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;

	set->pods = svcnat_cidrs_copy(old->pods);
	set->services = svcnat_cidrs_copy(old->services);
	set->nodeports = svcnat_cidrs_copy(old->nodeports);
	set->externals = svcnat_cidrs_copy(old->externals);
	if (!svcnat_settings_complete(set)) {
		svcnat_settings_free(set);
		return NULL;
	}
	return set;
}

void svcnat_settings_free(struct svcnat_settings *set)
{
	kvfree(set->pods);
	kvfree(set->services);
	kvfree(set->nodeports);
	kvfree(set->externals);
	kfree(set);
}

static void svcnat_settings_free_rcu(struct rcu_head *rcu)
{
	svcnat_settings_free(container_of(rcu, struct svcnat_settings, rcu));
}

void svcnat_settings_retire(struct svcnat_settings *set)
{
	call_rcu(&set->rcu, svcnat_settings_free_rcu);
}
