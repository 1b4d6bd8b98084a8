/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ClusterIPs and node ports of all Services: what a Service asks for is
 * checked, what it leaves open is chosen, and the books follow what is
 * committed.
 */
#ifndef SVCNAT_SERVICE_ALLOC_H
#define SVCNAT_SERVICE_ALLOC_H

#include "alloc_ip.h"
#include "alloc_port.h"

#include <jansson.h>

struct registry;
struct write;
struct reply;
struct registry_config;

struct service_alloc {
	struct alloc_ip ip[2];		/* the first is the default family's */
	size_t nip;
	struct alloc_port port;
	uint64_t random;		/* the state of the generator */
};

int service_alloc_init(struct service_alloc *a, const struct registry_config *c, struct err *e);
void service_alloc_exit(struct service_alloc *a);

/* "IPv4" or "IPv6": its range, or NULL when none is configured. */
const struct alloc_ip *service_alloc_family(const struct service_alloc *a, const char *family);
const char *service_alloc_family_name(const struct alloc_ip *ip);

/* Errors for each address and port that is asked for and cannot be had. */
void service_alloc_check(struct write *w);
/* Fill in the others. -1: out says which range is full. */
int service_alloc_fill(struct write *w, struct reply *out);

/* The protocols, ALLOC_PORT_*, for which one of ports has this node port. */
uint8_t service_alloc_node_port(const json_t *ports, json_int_t node_port);

/* A committed change. old and now may be NULL. */
void service_alloc_commit(struct service_alloc *a, const json_t *old, const json_t *now);

/* service_ranges.c: say which Services have what is not in the ranges. */
void service_ranges_check(struct registry *r);

#endif
