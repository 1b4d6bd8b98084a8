/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets of DNS: datagrams and streams on some addresses. Answers go out from the address
 * that was asked. Knows nothing of what is asked.
 *
 *	dns_server.c	which addresses
 *	dns_udp.c	datagrams
 *	dns_tcp.c	streams: pieces, pipelines, limits
 */
#ifndef SVCNAT_DNS_SERVER_H
#define SVCNAT_DNS_SERVER_H

#include "dns_request.h"

#include <event2/event.h>

struct dns_server;

struct dns_server_config {
	struct event_base *base;	/* borrowed */
	dns_handler *handle;
	void *ctx;			/* of the handler */
	/* May a stream come from there? NULL: yes. Datagrams are the handler's matter. */
	bool (*allowed)(void *ctx, const struct ip_addr *from);
	void *allowed_ctx;
	unsigned int idle_ms;		/* of a stream; 0: 10 s */
	unsigned int yield_ms;		/* then one that waits makes room for another; 0: 2 s */
	unsigned int streams_max;	/* 0: 256 */
	unsigned int client_max;	/* of them from one address; 0: a quarter */
};

struct dns_server *dns_server_alloc(const struct dns_server_config *c);	/* NULL: no memory */
/* Whoever still has a request is told that its client is gone. */
void dns_server_free(struct dns_server *s);

/*
 * Listen there and nowhere else; what is open already stays open. The first error; what
 * can be opened is, and a further call tries the rest.
 */
int dns_server_listen(struct dns_server *s, const struct dns_peer *v, size_t n, struct err *e);
/* By UDP and TCP? */
bool dns_server_listens(const struct dns_server *s, const struct dns_peer *where);
/* Streams that are open. */
size_t dns_server_streams(const struct dns_server *s);

#endif
