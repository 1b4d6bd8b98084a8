/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What svcd was told by its file and, over that, by its command line: parsed and
 * checked as a whole before anything is touched.
 */
#ifndef SVCNAT_OPTIONS_H
#define SVCNAT_OPTIONS_H

#include "announce_mode.h"
#include "dns_peer.h"
#include "fastpath.h"
#include "kservice.h"
#include "listen_address.h"
#include "log.h"
#include "pool.h"
#include "upstream.h"

#include <stdio.h>

#define OPTIONS_DNS_LISTEN_MAX	16

/* Names of Services; see svcd.yaml(5). */
struct dns_options {
	struct dns_peer listen[OPTIONS_DNS_LISTEN_MAX];
	size_t nlisten;			/* 0: nothing of this */
	char *domain;
	char *service;			/* NAMESPACE/NAME of the one that leads here; "": none */
	struct dns_peer upstreams[DNS_UPSTREAMS_MAX];	/* ahead of those in resolv_conf */
	size_t nupstreams;
	char *resolv_conf;		/* a file; NULL: none */
	bool no_upstreams;		/* that was said */
	struct kcidrs allow;		/* none: private addresses */
	uint32_t ttl;
};

struct options {
	char *config;			/* the file that was read; NULL: none */
	char *node_name;
	char *socket;
	char *data_dir;
	char *manifests;		/* the folder; "": none */
	bool manifests_named;		/* it is not only the usual one */
	struct upstream follow;		/* the authority; without a name: be it */
	struct ip_cidr service_cidrs[2];	/* at most one a family, in the order given */
	size_t nservice_cidrs;
	/* for the kernel, of which those that were given are meant: a mask of KSETTINGS_* */
	struct ksettings settings;
	unsigned int settings_what;
	struct pools pools;			/* of load balancers' addresses */
	struct announce_options announce;	/* of these addresses */
	struct fastpath_options fastpath;
	uint16_t node_port_min, node_port_max;
	struct listen_address healthz, metrics;	/* TCP ports for probes and scrapes */
	bool metrics_endpoints;			/* tell of each endpoint by itself */
	struct dns_options dns;
	enum log_level log_level;
	bool log_json;
};

#define OPTIONS_DONE	1	/* --help or --version was answered on out */

/*
 * 0: o is filled, with the defaults for what was not given. OPTIONS_DONE, or
 * -EINVAL with a text that names the option, or the file's line and key. In every
 * case o is to be cleared. usual: the file that is read if it is there and --config
 * names no other; NULL: none.
 */
int options_parse(struct options *o, int argc, char **argv, const char *usual, FILE *out,
		  struct err *e);
void options_clear(struct options *o);

/* What there is to do when they change while svcd runs. */
enum {
	OPTIONS_LOG		= 1 << 0,
	OPTIONS_SETTINGS	= 1 << 1,
	/* other objects: another authority, or to it as another; another database; another role */
	OPTIONS_SOURCE		= 1 << 2,
	OPTIONS_OBSERVE		= 1 << 3,	/* the ports for probes and scrapes */
	OPTIONS_RANGES		= 1 << 4,	/* of what an authority gives out */
	OPTIONS_MANIFESTS	= 1 << 5,	/* an authority's folder */
	OPTIONS_NODE_NAME	= 1 << 6,
	OPTIONS_SOCKET		= 1 << 7,
	OPTIONS_POOLS		= 1 << 8,	/* an authority's */
	OPTIONS_ANNOUNCE	= 1 << 9,
	OPTIONS_DNS		= 1 << 10,
	OPTIONS_FASTPATH	= 1 << 11,
};

/* A mask of them. Both were parsed well. */
unsigned int options_changes(const struct options *now, const struct options *next);

#endif
