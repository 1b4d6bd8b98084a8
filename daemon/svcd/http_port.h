/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An HTTP server on a TCP port, for probes and scrapes: whoever reaches the port
 * may ask, so each connection is one small request, any method, with a bounded
 * head, a bounded time, and no more of them than a limit, which no client that goes
 * to sleep can use up. libevent's own server
 * (2.1) knows neither a limit nor each method. A body that comes with a request
 * is not looked at.
 */
#ifndef SVCNAT_HTTP_PORT_H
#define SVCNAT_HTTP_PORT_H

#include "kservice.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <sys/queue.h>

#define HTTP_PORT_HEAD_MAX	8192	/* of a request, in bytes; what is longer is a 431 */

struct http_call;	/* a request that is not answered yet */
struct http_port;

TAILQ_HEAD(http_waiting, http_call);

/*
 * Connections; may be shared by several ports. One beyond max takes the place of that
 * one whose client is waited for longest, for a request or to take its answer; where
 * that is not long, it is closed at once. But who is known (see http_port_config) takes the
 * place of one who is not, however short that is: strangers cannot keep it out.
 */
struct http_limit {
	unsigned int max;
	unsigned int now;
	struct http_waiting waiting;
};

void http_limit_init(struct http_limit *l, unsigned int max);

/* Answered in there, or later; see http_call_gone(). */
typedef void http_port_handler(struct http_call *call, void *ctx);

struct http_port_config {
	struct event_base *base;	/* borrowed, as are limit and ctx */
	struct http_limit *limit;
	http_port_handler *handle;
	void *ctx;
	/* who comes ahead of strangers, by its address; NULL: nobody. known_ctx is borrowed */
	bool (*known)(void *ctx, const struct ip_addr *from);
	void *known_ctx;
	/* how long a request may take to come, and an answer to leave; 0: 10 s, 60 s */
	unsigned int request_ms, answer_ms;
	/* after which it is waited for long, see http_limit; 0: 2 s */
	unsigned int yield_ms;
};

/* It listens nowhere. NULL: no memory. */
struct http_port *http_port_alloc(const struct http_port_config *c);

/*
 * Listen on the port of these addresses and on nothing else; the address 0.0.0.0
 * or :: is all of its family, the latter only where the kernel has IPv6. What was
 * there stays. An error is the first one, and of one address: the others are
 * listened on; try again later.
 */
int http_port_listen(struct http_port *p, const struct ip_addr *addrs, size_t n, uint16_t port,
		     struct err *e);

/* Also ends its connections. */
void http_port_free(struct http_port *p);

const char *http_call_method(const struct http_call *c);
const char *http_call_path(const struct http_call *c);	/* without the query */
const char *http_call_query(const struct http_call *c);	/* as it was sent; or NULL */

/*
 * Answer and forget the call. headers: whole lines, each with its end. body (may
 * be NULL) is emptied; for HEAD only its length is told.
 */
void http_call_answer(struct http_call *c, int code, const char *headers, struct evbuffer *body);
/* The same with a text/plain line. */
void http_call_text(struct http_call *c, int code, const char *headers, const char *text);

/* Is it a GET or HEAD? Else it was answered: 405. */
bool http_call_is_get(struct http_call *c);

/* Who answers later is told when nobody waits for it any more: the call is gone then. */
void http_call_gone(struct http_call *c, void (*gone)(void *ctx), void *ctx);

#endif
