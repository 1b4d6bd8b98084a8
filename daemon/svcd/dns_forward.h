/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions to other servers, the upstreams: by UDP, each from a port and with a number that
 * nobody can guess; by TCP when the answer is cut and is wanted whole. Who does not answer, or
 * does not answer well, is followed by the next one, and rests for a while: then it is asked
 * last, until it answers a question of our own. One that is silent is asked that at once: it may
 * be the question that nobody answers. Who asks us what we ask it is not asked any more, until
 * that has an end.
 *
 *	dns_forward.c		questions on their way
 *	dns_forward_health.c	who is asked first
 *	dns_forward_loop.c	who asks us
 */
#ifndef SVCNAT_DNS_FORWARD_H
#define SVCNAT_DNS_FORWARD_H

#include "dns_metrics.h"
#include "dns_peer.h"
#include "dns_wire.h"

#include <event2/event.h>

struct dns_forward;
struct dns_ask;

struct dns_forward_config {
	struct event_base *base;	/* borrowed */
	struct dns_metrics *metrics;	/* likewise */
	unsigned int try_ms;		/* one upstream has so long at most; 0: 1.5 s */
	unsigned int total_ms;		/* all of them have; 0: 4.5 s, less than clients wait */
	unsigned int rest_ms;		/* 0: 10 s */
	unsigned int check_ms;		/* at most so often is one that answers, or asks us, asked
					   whether it does; 0: 60 s */
	unsigned int asks_max;		/* at a time; 0: 1000 */
	unsigned int client_max;	/* of them for one client; 0: an eighth */
	/* Who asks us is not who it was. Not to change f. NULL: nobody wants to know. */
	void (*loops_changed)(void *ctx);
	void *ctx;
};

/* NULL: no memory. */
struct dns_forward *dns_forward_alloc(const struct dns_forward_config *c);
/* Nobody who has asked hears of it. */
void dns_forward_free(struct dns_forward *f);

/* From the next question on; at most DNS_UPSTREAMS_MAX, the first one is preferred. */
void dns_forward_set(struct dns_forward *f, const struct dns_peer *v, size_t n);
/* Those that are asked. */
size_t dns_forward_upstreams(const struct dns_forward *f);
/* Those that are not, for what they ask us. */
size_t dns_forward_loops(const struct dns_forward *f, struct dns_peer v[DNS_UPSTREAMS_MAX]);

/* What is heard: NULL: nobody has answered well, in time. The ask is gone after that. */
typedef void dns_asked(void *ctx, enum dns_heard heard, const uint8_t *data, size_t len);

/*
 * Ask the question of q, with its flags, for a client. whole: a cut answer will not do. asked
 * is called later, never from within this. -ENOENT: there is no upstream; -EBUSY: too many
 * questions are on their way, in all or of this client; -ENOMEM.
 */
int dns_forward_ask(struct dns_forward *f, const struct ip_addr *client, const struct dns_query *q,
		    bool whole, dns_asked *asked, void *ctx, struct dns_ask **out);
void dns_ask_cancel(struct dns_ask *a);

/* Is this a question of ours, that an upstream has sent back to us? */
bool dns_forward_is_own(struct dns_forward *f, const struct dns_query *q,
			const struct dns_peer *from);

#endif
