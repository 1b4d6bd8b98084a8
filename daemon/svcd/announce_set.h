/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses there are to announce, for which Services, and which nodes may do it: what
 * the objects say, and not yet who of the nodes lives. It ends the process when memory is out:
 * what is announced goes on in the kernel.
 */
#ifndef SVCNAT_ANNOUNCE_SET_H
#define SVCNAT_ANNOUNCE_SET_H

#include "announce_mode.h"
#include "proxy.h"
#include "strmap.h"

#include <sys/queue.h>

struct announce_slice {
	TAILQ_ENTRY(announce_slice) link;
	struct announce_owner *owner;
	char *name;		/* namespace/name */
	json_t *slice;
	bool told;
};

TAILQ_HEAD(announce_slices, announce_slice);

/* A Node. */
struct announce_node {
	TAILQ_ENTRY(announce_node) link;
	char *name;
	bool told;		/* in the list that comes now */
	bool excluded;		/* it announces nothing: so says its label, or that it goes */
	struct ip_addr addr;	/* its first InternalIP; family 0: none */
	struct ip_addr *all;	/* its addresses, of whatever type */
	size_t nall;
};

/* A Service, or what is known of one: its slices may come first. */
struct announce_owner {
	TAILQ_ENTRY(announce_owner) link;
	char *name;		/* namespace/name */
	json_t *service;	/* NULL: none for a load balancer */
	bool told;
	bool local;		/* externalTrafficPolicy Local */
	struct announce_slices slices;
	/* with a ready endpoint; sorted; only if it is local and they were asked for */
	char **nodes;
	size_t nnodes;
	bool nodes_known;
};

struct announce_addr {
	struct ip_addr addr;
	struct announce_owner **owners;	/* who have it */
	size_t nowners;
	size_t nlocal;			/* how many of them are local */
};

TAILQ_HEAD(announce_nodes, announce_node);
TAILQ_HEAD(announce_owners, announce_owner);

/* Zero it, then announce_set_init(). */
struct announce_set {
	struct announce_nodes nodes;
	size_t nnodes;
	struct announce_owners owners;
	struct strmap nodes_by_name, owners_by_name, slices_by_name;
	bool listed[PROXY_KINDS];
	bool changed;			/* since the last announce_set_build() */
	struct announce_addr *addrs;	/* sorted */
	size_t naddrs;
	struct announce_owner **refs;	/* what their owners are in */
};

void announce_set_init(struct announce_set *s);
void announce_set_clear(struct announce_set *s);

/* As node_listener_ops. */
void announce_set_list_begin(struct announce_set *s, enum proxy_kind kind);
void announce_set_object(struct announce_set *s, enum proxy_kind kind, const json_t *object,
			 bool deleted);
void announce_set_list_end(struct announce_set *s, enum proxy_kind kind);
void announce_set_lists_void(struct announce_set *s);
/* Were all kinds listed? */
bool announce_set_listed(const struct announce_set *s);

/* announce_addrs.c: make addrs, of those that the options have. */
void announce_set_build(struct announce_set *s, const struct announce_options *o);

/* addrs is empty, until it is made again. */
void announce_set_forget(struct announce_set *s);

/* Is it the address of a Node? Then no Service's status makes it anybody else's. */
bool announce_set_is_node(const struct announce_set *s, const struct ip_addr *addr);

const struct announce_node *announce_set_node(const struct announce_set *s, const char *name);
/* Of how many local owners of the address has the node a ready endpoint? */
size_t announce_addr_local(const struct announce_addr *a, const char *node);

#endif
