// SPDX-License-Identifier: GPL-2.0
/* What changes when the options are read again while svcd runs. */
#include "options_priv.h"

#include "cidr.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool same_settings(const struct options *a, const struct options *b)
{
	const struct ksettings *s = &a->settings, *t = &b->settings;

	return a->settings_what == b->settings_what &&
	       s->masquerade_all == t->masquerade_all &&
	       s->loopback_nodeports == t->loopback_nodeports &&
	       kcidrs_equal(&s->pod_cidrs, &t->pod_cidrs) &&
	       kcidrs_equal(&s->service_cidrs, &t->service_cidrs) &&
	       kcidrs_equal(&s->nodeport_cidrs, &t->nodeport_cidrs) &&
	       kcidrs_equal(&s->external_cidrs, &t->external_cidrs);
}

static bool same_ports(const struct options *a, const struct options *b)
{
	return listen_address_equal(&a->healthz, &b->healthz) &&
	       listen_address_equal(&a->metrics, &b->metrics) &&
	       a->metrics_endpoints == b->metrics_endpoints;
}

static bool same_ranges(const struct options *a, const struct options *b)
{
	size_t i;

	/* In this order: the first is the default family's. */
	for (i = 0; i < a->nservice_cidrs && i < b->nservice_cidrs; i++)
		if (!cidr_equal(&a->service_cidrs[i], &b->service_cidrs[i]))
			return false;
	return a->nservice_cidrs == b->nservice_cidrs && a->node_port_min == b->node_port_min &&
	       a->node_port_max == b->node_port_max;
}

/* By another path it is still the same database, which is not opened beside itself. */
static bool same_folder(const char *a, const char *b)
{
	struct stat s, t;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* Both of the same role. */
static bool same_source(const struct options *a, const struct options *b)
{
	if (!a->follow.name)
		return same_folder(a->data_dir, b->data_dir);
	/* To choose among nodes is to know all of them. */
	return upstream_equal(&a->follow, &b->follow) && strcmp(a->node_name, b->node_name) == 0 &&
	       (a->announce.mode == ANNOUNCE_LAYER2) == (b->announce.mode == ANNOUNCE_LAYER2);
}

static unsigned int changes_of_authority(const struct options *now, const struct options *next)
{
	unsigned int what = 0;

	if (!same_ranges(now, next))
		what |= OPTIONS_RANGES;
	if (!pools_equal(&now->pools, &next->pools))
		what |= OPTIONS_POOLS;
	if (strcmp(now->manifests, next->manifests) != 0 ||
	    now->manifests_named != next->manifests_named)
		what |= OPTIONS_MANIFESTS;
	return what;
}

unsigned int options_changes(const struct options *now, const struct options *next)
{
	bool follows = now->follow.name, will = next->follow.name;
	unsigned int what = 0;

	if (now->log_level != next->log_level || now->log_json != next->log_json)
		what |= OPTIONS_LOG;
	if (!same_settings(now, next))
		what |= OPTIONS_SETTINGS;
	if (!announce_options_equal(&now->announce, &next->announce))
		what |= OPTIONS_ANNOUNCE;
	if (now->fastpath.on != next->fastpath.on ||
	    !fastpath_patterns_equal(&now->fastpath.devices, &next->fastpath.devices))
		what |= OPTIONS_FASTPATH;
	if (!same_ports(now, next))
		what |= OPTIONS_OBSERVE;
	if (!options_dns_equal(&now->dns, &next->dns))
		what |= OPTIONS_DNS;
	if (strcmp(now->node_name, next->node_name) != 0)
		what |= OPTIONS_NODE_NAME;
	if (strcmp(now->socket, next->socket) != 0)
		what |= OPTIONS_SOCKET;
	if (follows != will || !same_source(now, next))
		what |= OPTIONS_SOURCE;
	return follows || will ? what : what | changes_of_authority(now, next);
}
