// SPDX-License-Identifier: GPL-2.0
/* Settings and counters of a namespace. */
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>

static int cidrs_member(void *into, const struct nlattr *a)
{
	struct kcidrs *l = into;
	struct ip_cidr c;

	return netlink_get_cidr(a, &c) ? -EPROTO : kcidrs_add(l, &c);
}

static netlink_handler *const cidrs_handlers[SVCNAT_A_CIDRS_MAX + 1] = {
	[SVCNAT_A_CIDR] = cidrs_member,
};

static int settings_version(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;

	return netlink_get_string(a, s->version, sizeof(s->version));
}

static int settings_cidrs(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;
	struct kcidrs *const fields[] = {
		[SVCNAT_A_SETTINGS_POD_CIDRS] = &s->pod_cidrs,
		[SVCNAT_A_SETTINGS_SERVICE_CIDRS] = &s->service_cidrs,
		[SVCNAT_A_SETTINGS_NODEPORT_CIDRS] = &s->nodeport_cidrs,
		[SVCNAT_A_SETTINGS_EXTERNAL_CIDRS] = &s->external_cidrs,
	};
	unsigned int seen;

	return netlink_walk_nest(a, cidrs_handlers, SVCNAT_A_CIDRS_MAX, fields[nla_type(a)], &seen);
}

static int settings_bool(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;
	bool *const fields[] = {
		[SVCNAT_A_SETTINGS_ENABLED] = &s->enabled,
		[SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS] = &s->loopback_nodeports,
		[SVCNAT_A_SETTINGS_MASQUERADE_ALL] = &s->masquerade_all,
		[SVCNAT_A_SETTINGS_ECHO] = &s->echo,
		[SVCNAT_A_SETTINGS_ARMED] = &s->armed,
	};

	return netlink_get_bool(a, fields[nla_type(a)]);
}

static int settings_limit(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;

	return netlink_get_u32(a, &s->max[nla_type(a) - SVCNAT_A_SETTINGS_MAX_SERVICES]);
}

static int settings_number(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;

	return netlink_get_u32(a, &s->now[nla_type(a) - SVCNAT_A_SETTINGS_SERVICES]);
}

static netlink_handler *const settings_handlers[SVCNAT_A_SETTINGS_MAX + 1] = {
	[SVCNAT_A_SETTINGS_VERSION] = settings_version,
	[SVCNAT_A_SETTINGS_ENABLED] = settings_bool,
	[SVCNAT_A_SETTINGS_POD_CIDRS] = settings_cidrs,
	[SVCNAT_A_SETTINGS_SERVICE_CIDRS] = settings_cidrs,
	[SVCNAT_A_SETTINGS_NODEPORT_CIDRS] = settings_cidrs,
	[SVCNAT_A_SETTINGS_EXTERNAL_CIDRS] = settings_cidrs,
	[SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS] = settings_bool,
	[SVCNAT_A_SETTINGS_MASQUERADE_ALL] = settings_bool,
	[SVCNAT_A_SETTINGS_ECHO] = settings_bool,
	[SVCNAT_A_SETTINGS_ARMED] = settings_bool,
	[SVCNAT_A_SETTINGS_MAX_SERVICES] = settings_limit,
	[SVCNAT_A_SETTINGS_MAX_FRONTENDS] = settings_limit,
	[SVCNAT_A_SETTINGS_MAX_ENDPOINTS] = settings_limit,
	[SVCNAT_A_SETTINGS_MAX_RANGES] = settings_limit,
	[SVCNAT_A_SETTINGS_MAX_AFFINITY] = settings_limit,
	[SVCNAT_A_SETTINGS_MAX_CONNECTIONS] = settings_limit,
	[SVCNAT_A_SETTINGS_SERVICES] = settings_number,
	[SVCNAT_A_SETTINGS_FRONTENDS] = settings_number,
	[SVCNAT_A_SETTINGS_ENDPOINTS] = settings_number,
	[SVCNAT_A_SETTINGS_RANGES] = settings_number,
	[SVCNAT_A_SETTINGS_AFFINITY] = settings_number,
	[SVCNAT_A_SETTINGS_CONNECTIONS] = settings_number,
};

_Static_assert(SVCNAT_A_SETTINGS_MAX_CONNECTIONS - SVCNAT_A_SETTINGS_MAX_SERVICES + 1 == KLIMIT_N &&
	       SVCNAT_A_SETTINGS_CONNECTIONS - SVCNAT_A_SETTINGS_SERVICES + 1 == KLIMIT_N,
	       "enum klimit is in the order of the attributes");

int netlink_parse_settings(const struct nlattr *attrs, int len, struct ksettings *out,
			   struct err *e)
{
	struct ksettings s = { 0 };
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, settings_handlers, SVCNAT_A_SETTINGS_MAX, &s, &seen, &bad);
	if (!err) {
		bad = netlink_missing(seen, netlink_handled(settings_handlers,
							    SVCNAT_A_SETTINGS_MAX));
		err = bad ? -EPROTO : 0;
	}
	if (err) {
		ksettings_clear(&s);
		return netlink_malformed(e, err, "settings", bad);
	}
	*out = s;
	return 0;
}

/* --- counters --- */

struct stats_message {
	struct kstats s;
	unsigned int reasons;	/* seen */
};

static int stats_count(void *into, const struct nlattr *a)
{
	struct stats_message *m = into;

	return netlink_get_count(a, m->s.counts, &m->reasons);
}

static int stats_number(void *into, const struct nlattr *a)
{
	struct stats_message *m = into;
	uint64_t *const fields[] = {
		[SVCNAT_A_STATS_MASQUERADED] = &m->s.masqueraded,
		[SVCNAT_A_STATS_NAT_FAILED] = &m->s.nat_failed,
		[SVCNAT_A_STATS_INVALID] = &m->s.invalid,
		[SVCNAT_A_STATS_STALE_UDP] = &m->s.stale_udp,
		[SVCNAT_A_STATS_STALE_TCP] = &m->s.stale_tcp,
		[SVCNAT_A_STATS_STALE_WALKS] = &m->s.stale_walks,
		[SVCNAT_A_STATS_RESCHEDULED] = &m->s.rescheduled,
		[SVCNAT_A_STATS_AFFINITY_FULL] = &m->s.affinity_full,
		[SVCNAT_A_STATS_CONNECTIONS_FULL] = &m->s.connections_full,
	};

	return netlink_get_u64(a, fields[nla_type(a)]);
}

static netlink_handler *const stats_handlers[SVCNAT_A_STATS_MAX + 1] = {
	[SVCNAT_A_STATS_COUNT] = stats_count,
	[SVCNAT_A_STATS_MASQUERADED] = stats_number,
	[SVCNAT_A_STATS_NAT_FAILED] = stats_number,
	[SVCNAT_A_STATS_INVALID] = stats_number,
	[SVCNAT_A_STATS_STALE_UDP] = stats_number,
	[SVCNAT_A_STATS_STALE_TCP] = stats_number,
	[SVCNAT_A_STATS_STALE_WALKS] = stats_number,
	[SVCNAT_A_STATS_RESCHEDULED] = stats_number,
	[SVCNAT_A_STATS_AFFINITY_FULL] = stats_number,
	[SVCNAT_A_STATS_CONNECTIONS_FULL] = stats_number,
};

int netlink_parse_stats(const struct nlattr *attrs, int len, struct kstats *out, struct err *e)
{
	struct stats_message m = { 0 };
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, stats_handlers, SVCNAT_A_STATS_MAX, &m, &seen, &bad);
	if (!err) {
		bad = netlink_missing(seen, netlink_handled(stats_handlers, SVCNAT_A_STATS_MAX));
		/* one for each reason */
		if (!bad && m.reasons != NETLINK_BIT(SVCNAT_REASON_MAX + 1) - 1)
			bad = SVCNAT_A_STATS_COUNT;
		err = bad ? -EPROTO : 0;
	}
	if (err)
		return netlink_malformed(e, err, "stats", bad);
	*out = m.s;
	return 0;
}
