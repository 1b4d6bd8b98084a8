/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of dns_forward.h share. */
#ifndef SVCNAT_DNS_FORWARD_PRIV_H
#define SVCNAT_DNS_FORWARD_PRIV_H

#include "dns_forward.h"

#include <sys/queue.h>

/* Who wants to know. */
enum dns_ask_kind {
	DNS_ASK_CLIENT,
	DNS_ASK_HEALTH,		/* we: does it answer? */
	DNS_ASK_LOOP,		/* we: does it ask us? */
};

struct upstream_state {
	struct dns_peer peer;
	/* how it is; times are milliseconds of CLOCK_MONOTONIC */
	bool rests, probing;
	int64_t until;		/* then it may be asked how it is */
	int64_t heard;		/* when it was last known to be there */
	/* dns_forward_loop.c */
	struct dns_question token;	/* that it was asked last */
	bool back;			/* ... and that came back */
	bool loops;			/* it is not asked for clients */
	int64_t checked, check_at;	/* when that was, and when it is asked again */
};

struct dns_ask {
	TAILQ_ENTRY(dns_ask) link;
	struct dns_forward *forward;
	enum dns_ask_kind kind;
	struct ip_addr client;	/* of a DNS_ASK_CLIENT, as the next ones */
	bool whole;
	dns_asked *asked;
	void *ctx;
	struct dns_query query;
	struct dns_peer order[DNS_UPSTREAMS_MAX];
	size_t n;		/* of them */
	unsigned int tries, tries_max;
	int64_t began;
	struct event *deadline;
	/* of the present try */
	int64_t tried;
	struct dns_peer peer;
	uint16_t id, port;	/* port: ours */
	unsigned int strange;
	int fd;			/* -1: none */
	struct event *readable;
	struct bufferevent *tcp;
};

TAILQ_HEAD(dns_asks, dns_ask);

struct dns_forward {
	struct dns_forward_config config;
	struct upstream_state v[DNS_UPSTREAMS_MAX];
	size_t n;
	struct dns_asks asks;
	size_t nasks;		/* those of clients */
	struct event *check;	/* dns_forward_loop.c */
};

int64_t dns_forward_now_ms(void);
void dns_forward_set_timer(struct event *timer, int64_t ms);

/* dns_forward.c: ask an upstream a question of ours; false: it is over already, or no memory. */
bool dns_forward_ask_own(struct dns_forward *f, const struct upstream_state *u,
			 enum dns_ask_kind kind, const struct dns_query *q);

/* dns_forward_health.c */
/* A try has ended. */
void dns_forward_note(struct dns_ask *a, enum dns_forward_result how);
/* Whom to ask, one after the other. */
void dns_forward_order(const struct dns_forward *f, struct dns_ask *a);
/* Ask those that have rested how they are. */
void dns_forward_probe_rested(struct dns_forward *f);

/* dns_forward_loop.c */
bool dns_forward_loop_init(struct dns_forward *f);
/* An upstream that is new; dns_forward_loop_plan() is to follow. */
void dns_forward_loop_begin(struct upstream_state *u);
void dns_forward_loop_plan(struct dns_forward *f);
/* A try of a DNS_ASK_LOOP has ended. */
void dns_forward_loop_note(const struct dns_ask *a, struct upstream_state *u,
			   enum dns_forward_result how);
/* What happens might be a loop. */
void dns_forward_loop_suspect(struct dns_forward *f, struct upstream_state *u);

#endif
