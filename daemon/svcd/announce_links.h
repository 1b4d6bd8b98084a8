/* SPDX-License-Identifier: GPL-2.0 */
/* The node's interfaces and addresses, as far as announcing depends on them. */
#ifndef SVCNAT_ANNOUNCE_LINKS_H
#define SVCNAT_ANNOUNCE_LINKS_H

#include "announce_mode.h"

#include <net/ethernet.h>

struct nl_sock;

/* One that Ethernet frames can be sent by. */
struct announce_link {
	int index;
	char name[IF_NAMESIZE];
	uint8_t mac[ETH_ALEN];
};

/* An address of the node. */
struct announce_prefix {
	int index;		/* of the interface, of whatever kind that is */
	struct ip_addr addr;
	uint8_t len;
	bool unusable;		/* link-local, tentative or deprecated: no source, no network */
};

/* Zero it to start with. */
struct announce_links {
	struct announce_link *links;
	size_t nlinks;
	struct announce_prefix *prefixes;
	size_t nprefixes;
	/* of IPv4 and of IPv6: where the default route leads; 0: nowhere */
	int defaults[2];
	struct ip_addr *gateways;	/* of routes, each once */
	size_t ngateways;
};

/* out takes the place of what was in there; on an error it is as it was. */
int announce_links_read(struct nl_sock *sk, struct announce_links *out, struct err *e);
void announce_links_clear(struct announce_links *l);

/* --- pure */

#define ANNOUNCE_TAKEN_STRLEN	128

/* Is it an address of one of the interfaces? */
bool announce_links_own(const struct announce_links *l, const struct ip_addr *addr);

/* Is it the gateway of a route? Then it is a router's. */
bool announce_links_gateway(const struct announce_links *l, const struct ip_addr *addr);

/*
 * Whose an address is that no node may announce, in words: a router's, or that of all in a
 * network of this node. "": nobody's. See announce_taken.c.
 */
void announce_links_taken(const struct announce_links *l, const struct ip_addr *addr,
			  char out[ANNOUNCE_TAKEN_STRLEN]);

#define ANNOUNCE_ON_MAX	ANNOUNCE_INTERFACES_MAX

/*
 * The links to announce addr on: those that the options name; else those in whose network it
 * is; else that of the default route. How many.
 */
size_t announce_links_for(const struct announce_links *l, const struct announce_options *o,
			  const struct ip_addr *addr,
			  const struct announce_link *out[ANNOUNCE_ON_MAX]);

/*
 * The node's address that speaks to whoever is behind addr: one in its network, else one of the
 * interfaces that it is announced on, else any. family 0: there is none.
 */
struct ip_addr announce_links_source(const struct announce_links *l,
				     const struct announce_options *o,
				     const struct ip_addr *addr);

#endif
