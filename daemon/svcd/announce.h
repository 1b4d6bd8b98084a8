/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes known where the addresses of load balancers are: by ARP and NDP, of which one node at a
 * time answers for an address, or by routes that a routing daemon passes on. Packets do not
 * need svcd for any of it: what was announced stays in the kernel when svcd is gone, and where
 * another node may take over, the kernel falls silent by itself; see announce_guard.h.
 *
 *	announce.c		when what is due
 *	announce_decide.c	what this node announces
 *	announce_apply.c	that it does
 *	announce_carry.c	and what it does while it cannot know that
 *	announce_status.c	what there is to say of it
 *	announce_set.c, announce_addrs.c	addresses and nodes, by the objects
 *	announce_peers.c, announce_ask.c, announce_peer.c	which nodes live
 *	announce_choice.c	who of them it is
 *	announce_links.c, announce_routes.c, announce_guard.c, announce_wire.c	the system
 */
#ifndef SVCNAT_ANNOUNCE_H
#define SVCNAT_ANNOUNCE_H

#include "announce_mode.h"
#include "node.h"

#include <event2/buffer.h>
#include <event2/event.h>

struct announce;

struct announce_config {
	struct event_base *base;	/* borrowed, as is node */
	struct node *node;
	const char *node_name;		/* copied, as are the options */
	const struct announce_options *options;
	uint16_t health_port;		/* where other nodes answer */
	bool follows;			/* the objects are another node's */
	/* what a Service's owner may like to know; may be NULL */
	void (*note)(void *ctx, const json_t *service, const char *reason, const char *message);
	void (*noted)(void *ctx);	/* these were all for now */
	void *note_ctx;
};

/* Can it be done here as the options say? What is open for that is closed again. */
int announce_check(const struct announce_options *o, struct err *e);

int announce_open(struct announce **out, const struct announce_config *c, struct err *e);
/* From now on so. Out of memory ends the process. */
void announce_set_options(struct announce *a, const struct announce_options *o,
			  const char *node_name, uint16_t health_port, bool follows);
/* What is in the kernel stays there: traffic goes on without svcd. */
void announce_close(struct announce *a);

/*
 * The header of /healthz by which other nodes know what this one does, with its end; or "".
 * asker: the node that asks; NULL: it is unknown.
 */
const char *announce_header(const struct announce *a, const char *asker);

/* Is it the address of a Node? */
bool announce_knows(const struct announce *a, const struct ip_addr *addr);

/* Adds "announce" to the status, if anything is to be announced. true: nothing is wrong. */
bool announce_status(const struct announce *a, json_t *status);
/* The families of /metrics. */
void announce_print(const struct announce *a, struct evbuffer *out);

#endif
