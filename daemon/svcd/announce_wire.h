/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes over the LAN: for an address that comes to this node, ARP announcements or
 * unsolicited neighbour advertisements, several times; and answers to neighbour solicitations,
 * which the kernel gives only for addresses of interfaces. (It answers ARP by itself.)
 */
#ifndef SVCNAT_ANNOUNCE_WIRE_H
#define SVCNAT_ANNOUNCE_WIRE_H

#include "announce_links.h"

#include <event2/event.h>

/* RFC 4861 has three of them a second apart, RFC 5227 two; a lost one costs more than one more. */
#define ANNOUNCE_ROUNDS		4
#define ANNOUNCE_ROUND_MS	1000
/* Frames a tenth of a second, of all addresses together: no LAN is flooded by a take-over. */
#define ANNOUNCE_BURST		100
#define ANNOUNCE_TICK_MS	100
/* Solicitations that are read in one turn of the loop; the next ones wait for the next turn. */
#define ANNOUNCE_READ_MAX	64

struct announce_wire;

struct announce_wire_counts {
	uint64_t arp, na;	/* announcements sent; an ARP one is a request and a reply */
	uint64_t answers;	/* to solicitations */
	uint64_t failed;	/* could not be sent */
};

/* The sockets are opened now. base is borrowed. */
int announce_wire_open(struct announce_wire **out, struct event_base *base, struct err *e);
void announce_wire_close(struct announce_wire *w);	/* NULL: nothing */

/*
 * addr is announced on link from now on. said: it was so before this svcd, and no neighbour has
 * to be told. On one that it is announced on already, the link's address may be new; and if no
 * solicitations could be heard there, it is tried again.
 */
void announce_wire_add(struct announce_wire *w, const struct ip_addr *addr,
		       const struct announce_link *link, bool said);
/* Neighbours are told of all once more. */
void announce_wire_again(struct announce_wire *w);
/* Nothing more is said of it there. */
void announce_wire_del(struct announce_wire *w, const struct ip_addr *addr, int index);

const struct announce_wire_counts *announce_wire_counts(const struct announce_wire *w);

#endif
