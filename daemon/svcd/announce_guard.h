/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What keeps the kernel from answering ARP for what is announced where it should not: an nft
 * table of the family arp. On interfaces that an address is not announced on, it is silent. And
 * for what another node may take over, it answers only as long as svcd says now and then that
 * it lives: when svcd has died, hangs, or was stopped, the node falls silent at about the time
 * when another one takes over, though its routes, and all else that the kernel does, go on.
 *
 * Of IPv6 svcd itself answers, and is silent then by itself.
 */
#ifndef SVCNAT_ANNOUNCE_GUARD_H
#define SVCNAT_ANNOUNCE_GUARD_H

#include "kservice.h"

#define ANNOUNCE_TABLE		"svcnat-announce"

#define ANNOUNCE_BEAT_MS	500	/* it says so that often */
#define ANNOUNCE_SILENT_MS	1500	/* after that long without, the kernel is silent */
#define ANNOUNCE_RECENT_MS	1000	/* up to then nobody can have taken over */

/* An address of IPv4, and an interface that it is announced on. */
struct announce_guarded {
	struct in_addr addr;
	const char *interface;
};

/* Pure: the commands that make the table. An address on no interface has "". To be freed. */
char *announce_guard_text(const struct announce_guarded *v, size_t n, bool shared);

/* shared: other nodes may take over. */
int announce_guard_set(const struct announce_guarded *v, size_t n, bool shared, struct err *e);
/* svcd lives. */
int announce_guard_beat(struct err *e);
/* Did one say so within ANNOUNCE_RECENT_MS? No table: no. */
bool announce_guard_recent(void);
/*
 * Is it there, made where no other node could take over? Then the kernel answers for good, also
 * without svcd.
 */
bool announce_guard_lasting(void);
/* The table goes, if it is there. */
int announce_guard_clear(struct err *e);
/* Is it there, whoever has made it? What cannot be asked is taken for no. */
bool announce_guard_there(void);
/* Is it there with all of its rules, as set had to make it? */
bool announce_guard_whole(bool shared);
/* Can there be such a table? It is there then; what is in it stays. */
int announce_guard_prepare(struct err *e);

/* The above: what announces reaches it by this. */
struct announce_guard_ops {
	int (*set)(const struct announce_guarded *v, size_t n, bool shared, struct err *e);
	int (*beat)(struct err *e);
	bool (*recent)(void);
	bool (*lasting)(void);
	int (*clear)(struct err *e);
	bool (*there)(void);
	bool (*whole)(bool shared);
	int (*prepare)(struct err *e);
};

extern const struct announce_guard_ops announce_guard_nft;

#endif
