/* SPDX-License-Identifier: GPL-2.0 */
/* The other nodes that may announce, and how they answer. */
#ifndef SVCNAT_ANNOUNCE_PEERS_H
#define SVCNAT_ANNOUNCE_PEERS_H

#include "announce_peer.h"
#include "announce_set.h"

#include <event2/event.h>

/* Each is asked that often; of very many each less often, so that all together are bearable. */
#define ANNOUNCE_ASK_EACH_MS	500
#define ANNOUNCE_ASK_PACE_MS	10	/* between two questions, on average */
#define ANNOUNCE_ASK_MAX_MS	2000

struct announce_peers;

struct announce_known {
	TAILQ_ENTRY(announce_known) link;
	struct announce_peers *all;
	char *name;
	struct ip_addr addr;
	struct announce_peer state;
	enum announce_grade grade;	/* as the last tick had it, as is without */
	enum announce_without without;
	struct announce_ask *ask;	/* NULL: none is under way */
	int64_t next;			/* when it is asked */
	bool seen;			/* in the present sync */
	bool was_up;			/* ever */
};

TAILQ_HEAD(announce_knowns, announce_known);

struct announce_peers {
	struct event_base *base;	/* borrowed */
	uint16_t port;			/* of all of them; it is this node's, too */
	char *self;			/* this node's name, as it is told to them */
	int64_t (*now)(void);		/* milliseconds */
	struct announce_knowns list;
	struct strmap by_name;
	size_t n;
	bool came;			/* see announce_peers_came() */
};

void announce_peers_init(struct announce_peers *p, struct event_base *base, uint16_t port,
			 int64_t (*now)(void));
void announce_peers_clear(struct announce_peers *p);
/* Forget how they answered: whoever asks is new. */
void announce_peers_restart(struct announce_peers *p);

/* Those Nodes that are not self, not excluded, and have an address. */
void announce_peers_sync(struct announce_peers *p, const struct announce_set *set,
			 const char *self);

/* Each is asked that often; milliseconds. */
int64_t announce_peers_period(const struct announce_peers *p);

/* Ask who is due. true: of one at least another is thought than before. */
bool announce_peers_tick(struct announce_peers *p);
/* Since the last call: did one come back? It may have announced what others have. */
bool announce_peers_came(struct announce_peers *p);

enum announce_grade announce_peers_grade(const struct announce_peers *p, const char *name);
/* Is of all known what they do? */
bool announce_peers_known(const struct announce_peers *p);
/* Does any of them answer, be it that it holds or returns? */
bool announce_peers_alive(const struct announce_peers *p);
/* The name of one that has announced without this node for at least so long; NULL: none has. */
const char *announce_peers_without(const struct announce_peers *p, int64_t ms);
size_t announce_peers_up(const struct announce_peers *p);

#endif
