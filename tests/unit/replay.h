/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An API server that says what a test or a recording says, byte for byte, on a port
 * of 127.0.0.1, with TLS or without, on the test's own event loop.
 */
#ifndef SVCNAT_REPLAY_H
#define SVCNAT_REPLAY_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

enum replay_end {
	REPLAY_KEEP,	/* the connection may be used again */
	REPLAY_CUT,	/* it is reset when everything was sent */
};

/* The first that fits and is not used up answers a request. */
struct replay_step {
	const char *request;	/* is in the request's head */
	const char *without;	/* is not; NULL: whatever */
	/* NAME.resp in tests/fixtures/kube-api/http, or the text of a reply; NULL: nothing */
	const char *reply;
	enum replay_end end;
	unsigned int times;	/* 0: for ever */
	size_t only;		/* bytes of the reply that are sent; 0: all */
	size_t piece;		/* bytes of it that are sent at once; 0: as all */
	size_t spoil;		/* where a byte of it is another one; 0: nowhere */
};

struct replay;
struct replay_tls;

/* tls may be NULL; the rest is borrowed. piece: bytes that are sent at once. */
struct replay *replay_open(struct event_base *base, const struct replay_step *steps, size_t nsteps,
			   size_t piece, struct replay_tls *tls);
void replay_close(struct replay *r);

/* http://127.0.0.1:PORT, or https:// */
const char *replay_url(const struct replay *r);
/* The head of the request, counted from 0; NULL: there was none. */
const char *replay_request(const struct replay *r, size_t at);
/* How many requests had text in their head. */
unsigned int replay_count(const struct replay *r, const char *text);

/*
 * End the chunked body of each answer to a request with text in its head, as a server does
 * whose time is over.
 */
void replay_end(struct replay *r, const char *text);

/* A certificate authority with a server and a client. */
struct replay_tls *replay_tls_new(const char *server_name);
void replay_tls_free(struct replay_tls *t);
const char *replay_tls_ca(const struct replay_tls *t);
const char *replay_tls_client_cert(const struct replay_tls *t);
const char *replay_tls_client_key(const struct replay_tls *t);
/* Nobody without the client's certificate is heard. */
void replay_tls_require_client(struct replay_tls *t);
/* For replay.c: a struct ssl_st of a connection that was accepted. */
void *replay_tls_accept(struct replay_tls *t);

#endif
