/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests of the family svcnat: such as a program would send, of a small world, so that
 * they meet each other; and what becomes of them when something is wrong.
 */
#ifndef SVCNAT_FUZZ_MESSAGE_H
#define SVCNAT_FUZZ_MESSAGE_H

#include "grammar.h"
#include "random.h"

#include <linux/netlink.h>

enum { MESSAGE_ROOM = 1 << 17, MESSAGE_PLACES = 512 };

struct message {
	struct nlmsghdr *head;		/* MESSAGE_ROOM bytes */
	const struct grammar_op *op;
	size_t places[MESSAGE_PLACES];	/* where attributes begin */
	unsigned int nplaces;
	unsigned int wrongs;		/* how many things are wrong with it */
	bool mute;			/* the kernel may ignore it without an answer */
};

/* Exits when there is no memory. */
void message_init(struct message *m);
void message_free(struct message *m);

/* A request with nothing wrong in its form. */
void message_make(struct message *m, const struct grammar *g, struct random *r,
		  int family, unsigned int seq);

/* Make something wrong. */
void message_spoil(struct message *m, struct random *r);

#endif
