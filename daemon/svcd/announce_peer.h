/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this node thinks of another one, by how that one answers on its health port. Pure: the
 * times are milliseconds of a clock that never goes backwards, and never 0.
 *
 * A node that is silent is gone after ANNOUNCE_DEAD_MS. One that answers again and says that it
 * takes its part has its addresses already: it was only not heard, and counts at once, or both
 * would announce. One that says that it holds has nothing yet: it counts when it has answered
 * for ANNOUNCE_UP_MS, and takes a little later, when the others have let go. So one that starts
 * again and again does not take the addresses along each time.
 *
 * One may say that it announces without this node: it does not know its Node yet, or does not
 * hear it. Then it keeps what this node would get.
 */
#ifndef SVCNAT_ANNOUNCE_PEER_H
#define SVCNAT_ANNOUNCE_PEER_H

#include "announce_choice.h"

#define ANNOUNCE_DEAD_MS	2200
#define ANNOUNCE_UP_MS		5000

/* An answer's header, of /healthz; the grade is the status. */
#define ANNOUNCE_HEADER		"Svcnat-Announce"
#define ANNOUNCE_SAYS_NONE	"none"
#define ANNOUNCE_SAYS_RETURNS	"none; returning"
#define ANNOUNCE_SAYS_HOLDS	"layer2; holding"
#define ANNOUNCE_SAYS_LAYER2	"layer2"
#define ANNOUNCE_SAYS_WITHOUT	"layer2; without you"
/* The query of the question, and the name of the node that asks. */
#define ANNOUNCE_ASKER		"node="

enum announce_answer {
	ANNOUNCE_SILENT,	/* none, or it does not speak of announcing: it may just start */
	ANNOUNCE_DECLINED,	/* it says that it does not announce */
	ANNOUNCE_RETURNS,	/* not yet: nobody shall count it, and it lives */
	ANNOUNCE_HOLDS_ILL,	/* it will, soon */
	ANNOUNCE_HOLDS_WELL,
	ANNOUNCE_ANSWER_ILL,
	ANNOUNCE_ANSWER_WELL,
	ANNOUNCE_WITHOUT_ILL,	/* it does, without the node that asked */
	ANNOUNCE_WITHOUT_WELL,
};

/* Zero it to start with. */
struct announce_peer {
	int64_t dead_ms;	/* silent for so long it is gone; 0: ANNOUNCE_DEAD_MS */
	int64_t asked;		/* for the first time */
	int64_t good;		/* it answered the last time */
	int64_t since;		/* and does so since then; 0: it does not */
	bool declined;
	bool returns;		/* it declined, but is about to hold */
	bool up;
	enum announce_grade grade;	/* as it said */
	int64_t without;		/* it says so since then; 0: it does not */
};

/* A question is on its way. */
void announce_peer_asked(struct announce_peer *p, int64_t now);
void announce_peer_heard(struct announce_peer *p, enum announce_answer a, int64_t now);
/* It could not even be asked now, which says nothing of it: all stays as it is. */
void announce_peer_unasked(struct announce_peer *p, int64_t now);
/* As of now. */
enum announce_grade announce_peer_grade(struct announce_peer *p, int64_t now);
/* Does it announce without this node, as far as is known? */
enum announce_without announce_peer_without(const struct announce_peer *p, int64_t now);
/* Does it answer as one that announces, or that will? */
bool announce_peer_lives(const struct announce_peer *p);
/* Is it known what it does: did it answer, or could it have? */
bool announce_peer_known(const struct announce_peer *p, int64_t now);

/*
 * What an answer of a health port says: text, len bytes of it, from its first byte on. false:
 * its head is not complete.
 */
bool announce_answer_parse(const char *text, size_t len, enum announce_answer *out);

#endif
