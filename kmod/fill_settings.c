// SPDX-License-Identifier: GPL-2.0
/* Settings and counters of a namespace. */
#include "affinity.h"
#include "cidr.h"
#include "count.h"
#include "fill.h"
#include "netns.h"
#include "settings.h"

static int svcnat_fill_cidrs(struct sk_buff *skb, int type,
			     const struct svcnat_cidrs *cidrs)
{
	struct nlattr *list, *nest;
	u32 i;

	list = nla_nest_start(skb, type);
	if (!list)
		return -EMSGSIZE;

	for (i = 0; i < cidrs->n; i++) {
		const struct svcnat_cidr *cidr = &cidrs->v[i];

		nest = nla_nest_start(skb, SVCNAT_A_CIDR);
		if (!nest ||
		    nla_put_u8(skb, SVCNAT_A_CIDR_FAMILY, cidr->family) ||
		    svcnat_fill_addr(skb, SVCNAT_A_CIDR_ADDR, cidr->family,
				     &cidr->addr) ||
		    nla_put_u8(skb, SVCNAT_A_CIDR_PREFIX, cidr->prefix))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	nla_nest_end(skb, list);
	return 0;
}

static int svcnat_fill_lists(struct sk_buff *skb, const struct svcnat_settings *set)
{
	return svcnat_fill_cidrs(skb, SVCNAT_A_SETTINGS_POD_CIDRS, set->pods) ?:
	       svcnat_fill_cidrs(skb, SVCNAT_A_SETTINGS_SERVICE_CIDRS, set->services) ?:
	       svcnat_fill_cidrs(skb, SVCNAT_A_SETTINGS_NODEPORT_CIDRS, set->nodeports) ?:
	       svcnat_fill_cidrs(skb, SVCNAT_A_SETTINGS_EXTERNAL_CIDRS, set->externals);
}

static int svcnat_fill_switches(struct sk_buff *skb, const struct svcnat_settings *set)
{
	if (nla_put_u8(skb, SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS,
		       set->loopback_nodeports) ||
	    nla_put_u8(skb, SVCNAT_A_SETTINGS_MASQUERADE_ALL, set->masquerade_all) ||
	    nla_put_u8(skb, SVCNAT_A_SETTINGS_ECHO, set->echo) ||
	    nla_put_u8(skb, SVCNAT_A_SETTINGS_ARMED, set->armed))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_limits(struct sk_buff *skb, const struct svcnat_settings *set)
{
	if (nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_SERVICES, set->max_services) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_FRONTENDS, set->max_frontends) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_ENDPOINTS, set->max_endpoints) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_RANGES, set->max_ranges) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_AFFINITY, set->max_affinity) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_CONNECTIONS, set->max_connections))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_numbers(struct sk_buff *skb, const struct svcnat_net *sn)
{
	if (nla_put_u32(skb, SVCNAT_A_SETTINGS_SERVICES, sn->nservices) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_FRONTENDS, sn->nfrontends) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_ENDPOINTS, sn->nendpoints) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_RANGES, sn->nranges) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_AFFINITY, svcnat_affinity_entries(sn)) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_CONNECTIONS, atomic_read(&sn->conns.n)))
		return -EMSGSIZE;
	return 0;
}

int svcnat_fill_settings(struct sk_buff *skb, const struct svcnat_net *sn,
			 const struct svcnat_settings *set)
{
	if (nla_put_string(skb, SVCNAT_A_SETTINGS_VERSION, SVCNAT_VERSION) ||
	    nla_put_u8(skb, SVCNAT_A_SETTINGS_ENABLED, sn->enabled))
		return -EMSGSIZE;
	return svcnat_fill_lists(skb, set) ?:
	       svcnat_fill_switches(skb, set) ?:
	       svcnat_fill_limits(skb, set) ?:
	       svcnat_fill_numbers(skb, sn);
}

/* A namespace that was never enabled has counted nothing. */
static u64 svcnat_fill_sum(const struct svcnat_net *sn, unsigned int counter)
{
	return sn->enabled ? svcnat_count_sum(sn->counts, counter) : 0;
}

static int svcnat_fill_reason(struct sk_buff *skb, const struct svcnat_net *sn, u8 reason)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCNAT_A_STATS_COUNT);
	if (!nest ||
	    nla_put_u8(skb, SVCNAT_A_COUNT_REASON, reason) ||
	    nla_put_u64_64bit(skb, SVCNAT_A_COUNT_N, svcnat_fill_sum(sn, reason),
			      SVCNAT_A_COUNT_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static const struct {
	int type;
	unsigned int counter;
} svcnat_fill_counters[] = {
	{ SVCNAT_A_STATS_MASQUERADED,	SVCNAT_COUNT_MASQUERADED },
	{ SVCNAT_A_STATS_NAT_FAILED,	SVCNAT_COUNT_NAT_FAILED },
	{ SVCNAT_A_STATS_INVALID,	SVCNAT_COUNT_INVALID },
	{ SVCNAT_A_STATS_STALE_UDP,	SVCNAT_COUNT_STALE_UDP },
	{ SVCNAT_A_STATS_STALE_TCP,	SVCNAT_COUNT_STALE_TCP },
	{ SVCNAT_A_STATS_STALE_WALKS,	SVCNAT_COUNT_STALE_WALKS },
	{ SVCNAT_A_STATS_RESCHEDULED,	SVCNAT_COUNT_RESCHEDULED },
	{ SVCNAT_A_STATS_AFFINITY_FULL,	SVCNAT_COUNT_AFFINITY_FULL },
	{ SVCNAT_A_STATS_CONNECTIONS_FULL, SVCNAT_COUNT_CONNECTIONS_FULL },
};

int svcnat_fill_stats(struct sk_buff *skb, const struct svcnat_net *sn)
{
	unsigned int i;

	for (i = 0; i <= SVCNAT_REASON_MAX; i++) {
		if (svcnat_fill_reason(skb, sn, i))
			return -EMSGSIZE;
	}
	for (i = 0; i < ARRAY_SIZE(svcnat_fill_counters); i++) {
		if (nla_put_u64_64bit(skb, svcnat_fill_counters[i].type,
				      svcnat_fill_sum(sn, svcnat_fill_counters[i].counter),
				      SVCNAT_A_STATS_PAD))
			return -EMSGSIZE;
	}
	return 0;
}
