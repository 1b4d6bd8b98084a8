/* SPDX-License-Identifier: GPL-2.0 */
/* A name server that tests ask, on the test's own loop, as bad as it is wanted. */
#ifndef SVCNAT_DNS_UPSTREAM_H
#define SVCNAT_DNS_UPSTREAM_H

#include "dns_help.h"

#include <event2/event.h>

enum upstream_mood {
	UPSTREAM_GOOD,
	UPSTREAM_SILENT,
	UPSTREAM_OTHER_ID,
	UPSTREAM_OTHER_QUESTION,
	UPSTREAM_OTHER_SOURCE,		/* a good answer, but from another port */
	UPSTREAM_GUESSES,		/* a hundred wrong ones, and then the right one */
	UPSTREAM_NO_ANSWER,		/* the question itself comes back */
	UPSTREAM_GARBAGE,
	UPSTREAM_UNREADABLE,		/* it is whole, but for an address of three bytes */
	UPSTREAM_BROKEN,		/* the answer ends too early, without a word */
	UPSTREAM_CUT,			/* with the flag, by UDP only */
	UPSTREAM_CUT_ALWAYS,
	UPSTREAM_REFUSES,
	UPSTREAM_FAILS,			/* SERVFAIL */
	UPSTREAM_DENIES,		/* NXDOMAIN */
	UPSTREAM_OLD,			/* it does not know EDNS */
	UPSTREAM_CLOSES,		/* cut by UDP; and by TCP nothing */
	UPSTREAM_PIECES,		/* likewise; and by TCP byte by byte */
	UPSTREAM_ASKS_BACK,		/* it asks what it is asked, and does not wait for it */
};

struct dns_upstream {
	struct event_base *base;
	struct dns_peer where, back;	/* back: whom UPSTREAM_ASKS_BACK asks */
	enum upstream_mood mood;
	const char *records[80];	/* of a good answer; NULL: the end */
	const char *soa;		/* what it puts into authority; NULL: nothing */
	bool well;			/* silent as it may be, it answers how it is */
	unsigned int asked, asked_tcp;	/* so far */
	unsigned int probed;		/* of name servers, by UDP: how it is */
	unsigned int checked;		/* by UDP, whether it asks who asks it */
	struct dns_query last;		/* of clients, or of name servers */
	struct dns_query last_check;
	uint16_t last_port;		/* of who asked, by UDP */
	/* its own */
	int fd, other;
	struct event *readable;
	struct evconnlistener *listener;
};

/* Zero it but for what it should be like. */
void dns_upstream_open(struct dns_upstream *u, struct event_base *base, struct dns_peer where);
void dns_upstream_close(struct dns_upstream *u);

#endif
