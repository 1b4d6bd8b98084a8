/* SPDX-License-Identifier: GPL-2.0 */
/* What dns_server.c, dns_udp.c and dns_tcp.c share; others have dns_server.h. */
#ifndef SVCNAT_DNS_SERVER_PRIV_H
#define SVCNAT_DNS_SERVER_PRIV_H

#include "dns_server.h"

#include <sys/queue.h>

struct dns_udp;
struct dns_stream;

TAILQ_HEAD(dns_streams, dns_stream);

/* One address. */
struct dns_place {
	struct dns_peer where;
	struct dns_udp *udp;		/* NULL: not open; likewise */
	struct evconnlistener *tcp;
	bool wanted;
};

struct dns_server {
	struct dns_server_config config;
	struct dns_place **v;
	size_t n;
	struct dns_streams waiting;	/* for a query, or for the client to take answers */
	struct dns_streams busy;	/* queries of theirs are being answered */
	size_t nstreams;
	struct dns_streams ready;	/* of all of these, those with a query that may be taken */
	struct event *more;		/* takes them */
	size_t taken;			/* bytes of answers since it did so last */
};

/* A socket that is bound and does not block; -errno. */
int dns_socket(const struct dns_peer *where, int type);

/* -errno; closes fd in every case. */
int dns_udp_open(struct dns_udp **out, struct dns_server *s, int fd);
void dns_udp_close(struct dns_udp *u);

/* false: no memory. */
bool dns_tcp_init(struct dns_server *s);
int dns_tcp_open(struct evconnlistener **out, struct dns_server *s, int fd);
/* With the streams that came by it. */
void dns_tcp_close(struct dns_server *s, struct evconnlistener *listener);

#endif
