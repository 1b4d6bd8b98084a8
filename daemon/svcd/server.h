/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The HTTP server on a unix socket. Whoever may use it, may do everything: root, and the
 * group that the socket has (socket_peer.h). Its mode says so, and each request is asked.
 */
#ifndef SVCNAT_SERVER_H
#define SVCNAT_SERVER_H

#include <event2/event.h>
#include <event2/http.h>

#define SERVER_IDLE_SECONDS	300	/* a connection without a request is closed then */

struct err;
struct evconnlistener;
struct server;

/* The request is answered in handle, or kept and answered later. */
typedef void server_handler(struct evhttp_request *req, void *ctx);

/*
 * Listen on path (mode 0660, svcd's own user and group). What a dead svcd left
 * there is replaced, a live one is -EADDRINUSE. The path leads to a listening socket
 * or to nothing new: it is renamed into place.
 */
int server_open(struct server **out, struct event_base *base, const char *path,
		server_handler *handle, void *ctx, struct err *e);

/* Take no new connection; those that exist go on. */
void server_stop(struct server *s);

/* Close all connections and remove the socket, unless somebody else's is there by now. */
void server_close(struct server *s);

/*
 * For evconnlistener_set_error_cb(). Out of descriptors: to ask again at once
 * would only burn the processor until one is closed.
 */
void server_accept_failed(struct evconnlistener *listener, void *ctx);

#endif
