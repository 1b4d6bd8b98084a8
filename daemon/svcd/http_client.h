/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to one API, many at once, on the event loop.
 */
#ifndef SVCNAT_HTTP_CLIENT_H
#define SVCNAT_HTTP_CLIENT_H

#include <event2/event.h>
#include <stddef.h>

struct err;
struct http_client;
struct http_get;
struct upstream;

struct http_end {
	long status;			/* 0: there was no answer */
	unsigned int retry_after;	/* seconds that it asks us to wait; 0: it does not */
};

struct http_get_ops {
	/* The head of the answer is there; a watch may have no body for long. May be NULL. */
	void (*head)(void *ctx, long status);
	/* A piece of the body, as it comes. Non-zero: stop, and call done with -ECANCELED. */
	int (*data)(void *ctx, long status, const char *data, size_t len);
	/*
	 * Over: ret 0 when the body ended properly, else a negative errno and e. The request is
	 * gone; others may be made and cancelled here.
	 */
	void (*done)(void *ctx, const struct http_end *end, int ret, const struct err *e);
};

/* base and upstream are borrowed. */
int http_client_alloc(struct http_client **out, struct event_base *base,
		      const struct upstream *upstream, struct err *e);
/* After all requests are done or cancelled. */
void http_client_free(struct http_client *c);

/*
 * path with its query. ops is borrowed. Nothing is called before the loop runs. -ENOMEM, and what
 * upstream_token() says.
 */
int http_client_get(struct http_get **out, struct http_client *c, const char *path,
		    const struct http_get_ops *ops, void *ctx, struct err *e);

/* The same with a body of JSON, which is copied. */
int http_client_post(struct http_get **out, struct http_client *c, const char *path,
		     const char *body, const struct http_get_ops *ops, void *ctx, struct err *e);

/* Forget it without a word. Not from within its own data. NULL is fine. */
void http_client_cancel(struct http_get *g);

#endif
