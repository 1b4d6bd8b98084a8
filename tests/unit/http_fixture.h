/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole API server in the test's own process, on a socket in a folder of its
 * own, and peers that talk to it in raw bytes. Everything runs on one event
 * loop, which turns while the test waits for something.
 */
#ifndef SVCNAT_HTTP_FIXTURE_H
#define SVCNAT_HTTP_FIXTURE_H

#include "api.h"
#include "err.h"
#include "server.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
/* cmocka.h wants these first */
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* Changes that the registry keeps for watches. */
#define HTTP_FIXTURE_HISTORY	100

struct http_fixture {
	char dir[64];
	char socket[96];
	struct event_base *base;
	struct event *tick;
	struct registry *registry;
	struct watch_config limits;
	struct watch_hub *watches;
	struct server *server;
	struct api api;
	bool ready;		/* what /readyz says */
	time_t now;		/* the registry's clock; 0: the real one */
};

/* limits may be NULL; its base and registry are filled in. Fails the test when it cannot. */
struct http_fixture *http_fixture_open(const struct watch_config *limits);
/* With a registry whose clock stands. */
struct http_fixture *http_fixture_open_at(const struct watch_config *limits, time_t now);
void http_fixture_close(struct http_fixture *f);

/* End the server and start it again on the same objects. */
void http_fixture_stop_server(struct http_fixture *f);
void http_fixture_start_server(struct http_fixture *f);

/* While the server is stopped: an empty database takes the place of this one. */
void http_fixture_wipe(struct http_fixture *f);

typedef bool http_condition(void *ctx);

/* Turn the loop until done says true. false: it did not within ten seconds. */
bool http_wait(struct event_base *base, http_condition *done, void *ctx);

/* A connection, and what came over it. */
struct http_peer {
	int fd;
	char *raw;
	size_t len;
	bool closed;		/* by the server */
};

struct http_answer {
	int status;
	char head[4096];	/* with the status line */
	char *body;		/* without the framing; ends with a NUL */
	size_t len;
	bool complete;
	json_t *json;		/* NULL: the body is not JSON */
};

void http_peer_open(struct http_peer *p, const char *socket);
/* To a port of this host. false: nobody listens there. */
bool http_peer_connect(struct http_peer *p, const char *ip, uint16_t port);
/* A TCP port that nobody has at present. */
uint16_t http_free_port(void);
void http_peer_close(struct http_peer *p);
void http_peer_send(struct http_peer *p, const char *data, size_t len);
void http_peer_sendf(struct http_peer *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Take what came, without waiting. */
void http_peer_receive(struct http_peer *p);

/* What came so far as an answer; complete or not. false: not even its head is there. */
bool http_peer_parse(const struct http_peer *p, struct http_answer *a);
/* Wait for a whole answer and take it out of what came. */
void http_peer_answer(struct http_fixture *f, struct http_peer *p, struct http_answer *a);
/* Wait until the body so far holds text. */
bool http_peer_expect(struct http_fixture *f, struct http_peer *p, const char *text);
void http_answer_clear(struct http_answer *a);

/* Wait until the server closed the connection. */
bool http_peer_wait_closed(struct http_fixture *f, struct http_peer *p);

/* A request to a port of this host, which must be open, on a connection of its own. */
void http_ask_port(struct http_fixture *f, const char *ip, uint16_t port, const char *method,
		   const char *path, struct http_answer *a);

/* One request on a connection of its own. type and body may be NULL. */
void http_ask(struct http_fixture *f, const char *method, const char *path, const char *type,
	      const char *body, struct http_answer *a);
/* The same with headers of one's own: whole lines. */
void http_ask_with(struct http_fixture *f, const char *method, const char *path,
		   const char *headers, const char *body, struct http_answer *a);
/* The same for a JSON body, when only the status matters. */
int http_do(struct http_fixture *f, const char *method, const char *path, const char *body);

#endif
