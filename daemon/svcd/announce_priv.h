/* SPDX-License-Identifier: GPL-2.0 */
/* What announce*.c share; others have announce.h. */
#ifndef SVCNAT_ANNOUNCE_PRIV_H
#define SVCNAT_ANNOUNCE_PRIV_H

#include "announce.h"
#include "announce_guard.h"
#include "announce_links.h"
#include "announce_peers.h"
#include "announce_routes.h"
#include "announce_set.h"
#include "announce_wire.h"
#include "err.h"
#include "fdwatch.h"
#include "node_listen.h"

#define ANNOUNCE_GUARD_RETRY_MS	10000

enum announce_trouble {
	TROUBLE_ROUTES,
	TROUBLE_WIRE,
	TROUBLE_GUARD,
	TROUBLE_NODE,
	TROUBLE_TAKEN,
	TROUBLE_OTHERS,
	TROUBLE_ARP,
	ANNOUNCE_TROUBLES
};

/* An address that this node announces. */
struct announce_claim {
	struct ip_addr addr;
	struct ip_addr source;		/* family 0: none */
	/* by layer 2: where */
	struct announce_link on[ANNOUNCE_ON_MAX];
	size_t non;
	bool said;			/* it was announced before: nobody has to be told */
};

/* Sorted by address. */
struct announce_claims {
	struct announce_claim *v;
	size_t n;
	bool waits;		/* there would be more, if the kernel held it */
	struct err taken;	/* one that is not a Service's to have; "": there is none */
};

struct announce {
	struct announce_config config;
	/* see proxy_serves.h */
	bool (*serves)(const struct proxy *p, const char *service, const struct ip_addr *addr);
	struct announce_options options;
	char *name;			/* of this node */
	bool follows;			/* there is at least one other node */
	struct node_listener listener;
	struct announce_set set;
	struct announce_peers peers;
	struct event *soon;		/* something changed: look, and decide */
	struct event *tick;		/* the other nodes, and that this one lives */
	struct event *verify;		/* is the kernel as it should be? */
	int64_t ticked;			/* ms; 0: never */

	/* what svcd found when it started */
	struct announce_routes left;
	bool recent;			/* that was a moment ago: nobody has taken over */
	bool carries;			/* it keeps that alive until all is complete, */
	bool leased;			/* and has to say so to the kernel */
	int64_t ready;			/* lists and kernel are complete since then; 0: not */
	/*
	 * From then on it says so to the others. Those who have not noticed that it was away are
	 * told first that it has nothing, or nobody would have what was its own.
	 */
	int64_t says;
	bool settled;			/* it is known what the others do: it takes its part */
	/* as of the last decision */
	bool held;
	bool waits;			/* for the kernel to hold what is this node's to announce */
	enum announce_grade grade;	/* this node's own */

	struct nl_sock *rt;
	struct nl_sock *news;		/* NULL: there are none */
	struct fdwatch *watch;
	struct announce_links links;
	bool links_stale;
	bool arp_stale;			/* so may be what their sysctls say */
	struct announce_routes routes;	/* in the kernel, as far as is known */
	bool routes_stale;
	struct announce_wire *wire;	/* NULL: none is needed, or it cannot be had */
	const struct announce_guard_ops *guard_ops;
	char *guard;			/* the commands that made it; NULL: it was not made */
	bool unguarded;			/* no table is there: that is known */
	int64_t guard_failed;		/* ms; when none could be had; 0: it was not so */
	bool shared;			/* other nodes may take over */
	int64_t beat;			/* ms; when svcd said last that it lives */

	struct announce_claims have;
	bool did;			/* it was announced from here, by layer 2 */
	bool moved;			/* what is decided is for other reasons than new objects */
	uint64_t takeovers;		/* addresses that came for such a reason */
	struct err trouble[ANNOUNCE_TROUBLES];		/* by enum announce_trouble; "": none */
};

int64_t announce_now(void);

/* Is it time to be told, and known who else there is? See announce_decide.c. */
bool announce_holds(const struct announce *a);
/* Would something else be decided than the last time, because of this node itself? */
bool announce_is_due(const struct announce *a);
/* So long that each of the others has asked, and has heard what this node says. */
int64_t announce_heard_ms(const struct announce *a);
/* So long that those who have this Node count it. */
int64_t announce_hold_ms(const struct announce *a);
/* May this node announce anything at all? */
bool announce_may(const struct announce *a);
/* How this node is, by itself. */
enum announce_grade announce_own_grade(const struct announce *a);
/* announce_decide.c: what this node shall announce now; to be cleared. */
void announce_decide(const struct announce *a, struct announce_claims *out);
/* What was announced from here before svcd started. */
void announce_claims_left(const struct announce *a, struct announce_claims *out);
void announce_claims_clear(struct announce_claims *c);
const struct announce_claim *announce_claim_find(const struct announce_claims *c,
						 const struct ip_addr *addr);

/* announce_apply.c: make it so; want is taken over. What fails is tried again by the verify. */
void announce_apply(struct announce *a, struct announce_claims *want);
/* Has somebody flushed the guard? Then the next decision makes it again. */
void announce_check_guard(struct announce *a);
/* May it answer? Where others take over, only if the kernel can be made to fall silent. */
bool announce_can_guard(struct announce *a);
/* svcd lives: see announce_guard.h. */
void announce_beat(struct announce *a);
/* The sockets for the LAN are there, if they can be had, or are not. */
void announce_need_wire(struct announce *a, bool needed);
/* On the LAN, what is announced is want from now on, which is taken over; nowhere else. */
void announce_speak(struct announce *a, struct announce_claims *want);

/*
 * announce_carry.c: what was found when svcd started goes on while there are no lists yet. The
 * authority may be away for long, and what was announced from here is in the kernel as it was.
 */
void announce_carry_begin(struct announce *a);
void announce_carry(struct announce *a);
/* Links and routes, as far as they are stale. */
void announce_look(struct announce *a);
/* What there is of ours goes: nothing is announced. */
void announce_withdraw(struct announce *a);

#endif
