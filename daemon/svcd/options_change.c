// SPDX-License-Identifier: GPL-2.0
/* What changes when the options are read again while svcd runs. */
#include "options.h"

#include "cidr.h"

#include <stdio.h>
#include <string.h>

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

unsigned int options_changes(const struct options *now, const struct options *next)
{
	unsigned int what = 0;

	if (now->log_level != next->log_level || now->log_json != next->log_json)
		what |= OPTIONS_LOG;
	if (!same_settings(now, next))
		what |= OPTIONS_SETTINGS;
	if (!same_ports(now, next))
		what |= OPTIONS_OBSERVE;
	if (now->follow.name && next->follow.name &&
	    (!upstream_equal(&now->follow, &next->follow) ||
	     strcmp(now->node_name, next->node_name) != 0))
		what |= OPTIONS_FOLLOW;
	if (strcmp(now->node_name, next->node_name) != 0)
		what |= OPTIONS_NODE_NAME;
	if (now->follow.name || next->follow.name)
		return what;
	if (!same_ranges(now, next))
		what |= OPTIONS_RANGES;
	if (strcmp(now->manifests, next->manifests) != 0 ||
	    now->manifests_named != next->manifests_named)
		what |= OPTIONS_MANIFESTS;
	return what;
}

const char *options_fixed(const struct options *now, const struct options *next)
{
	bool follows = now->follow.name;

	if (strcmp(now->socket, next->socket) != 0)
		return "socket";
	if (follows != !!next->follow.name)
		return "follow";
	if (follows)
		return NULL;
	if (strcmp(now->data_dir, next->data_dir) != 0)
		return "dataDir";
	return NULL;
}

static void swap(char **a, char **b)
{
	char *was = *a;

	*a = *b;
	*b = was;
}

void options_take(struct options *now, struct options *next)
{
	const struct options was = *now;

	swap(&now->node_name, &next->node_name);
	swap(&now->manifests, &next->manifests);
	now->manifests_named = next->manifests_named;

	now->log_level = next->log_level;
	now->log_json = next->log_json;
	now->healthz = next->healthz;
	now->metrics = next->metrics;
	now->metrics_endpoints = next->metrics_endpoints;
	memcpy(now->service_cidrs, next->service_cidrs, sizeof(now->service_cidrs));
	now->nservice_cidrs = next->nservice_cidrs;
	now->node_port_min = next->node_port_min;
	now->node_port_max = next->node_port_max;
	now->settings = next->settings;
	now->settings_what = next->settings_what;
	next->settings = was.settings;
	if (now->follow.name && next->follow.name) {
		now->follow = next->follow;
		next->follow = was.follow;
	}
}
