/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asks the other nodes' health ports whether they live and announce: of each node one question
 * at a time, with a bounded answer and a bounded time.
 */
#ifndef SVCNAT_ANNOUNCE_ASK_H
#define SVCNAT_ANNOUNCE_ASK_H

#include "announce_peer.h"

#include <event2/event.h>

#define ANNOUNCE_ASK_MS		800	/* then it is not waited for any more */
#define ANNOUNCE_ANSWER_MAX	4096	/* bytes of an answer's head */

/* One question; several may be under way. */
struct announce_ask;

/* What came of it; the question is over, and is freed behind this. */
typedef void announce_asked(void *ctx, enum announce_answer a);

/* GET /healthz of addr and port, as the node self. NULL: it cannot even be asked now. */
struct announce_ask *announce_ask(struct event_base *base, const struct ip_addr *addr,
				  uint16_t port, const char *self, announce_asked *done,
				  void *ctx);
/* Nobody wants to know any more; done is not called. */
void announce_ask_cancel(struct announce_ask *a);

#endif
