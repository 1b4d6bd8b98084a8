/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node that follows an API server of the test's own, which says what was
 * recorded of a real one.
 */
#ifndef SVCNAT_REMOTE_HELP_H
#define SVCNAT_REMOTE_HELP_H

#include "follow.h"
#include "http_fixture.h"
#include "kernel_wait.h"
#include "node.h"
#include "replay.h"

#include <stdio.h>

struct remote_fixture {
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
	struct replay *replay;
	struct replay_tls *tls;
	struct upstream upstream;
	struct follow *follow;
	struct follow_config config;	/* may be changed ahead of remote_start() */
	FILE *log;
	char *said;
	size_t said_len;
};

/* For cmocka; the node is n1. */
int remote_setup(void **state);
int remote_teardown(void **state);
/* The node is k8master1, one of those that were recorded. */
int remote_setup_master(void **state);

/* Answer on f->replay, with TLS if there is an f->tls. */
void remote_serve(struct remote_fixture *f, const struct replay_step *steps, size_t n,
		  size_t piece);
#define SERVE(f, steps, piece)	remote_serve(f, steps, sizeof(steps) / sizeof(*(steps)), piece)
void remote_start(struct remote_fixture *f);

/* These wait, and fail the test if it does not come to that. */
void remote_expect(struct remote_fixture *f, const char *service, int endpoints);
/* text was in the heads of n requests, or more. */
void remote_expect_asked(struct remote_fixture *f, const char *text, unsigned int n);
void remote_expect_said(struct remote_fixture *f, const char *text);
/* In the status of a kind; error: what its last one has in it, NULL: it never had any. */
void remote_expect_status(struct remote_fixture *f, const char *kind, bool connected,
			  const char *error);

/* How often the log has text, now. */
unsigned int remote_said(struct remote_fixture *f, const char *text);

/* An http_condition; ctx is the fixture. */
bool remote_is_ready(void *ctx);

long long remote_now_ms(void);

#define SERVICES	"/api/v1/services?"
#define SLICES		"/apis/discovery.k8s.io/v1/endpointslices?"
#define NODES		"/api/v1/nodes?"

/* Without a length: it ends with the connection. */
#define LIST_OF(kind, version, items)                                                          \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"          \
	"{\"kind\":\"" kind "List\",\"metadata\":{\"resourceVersion\":\"" version "\"}," \
	"\"items\":" items "}"
#define LIST(kind, version)	LIST_OF(kind, version, "null")

/* A watch that begins, and has no news. */
#define NO_NEWS		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
/* The first of a type's watches has none until replay_end(). */
#define HOLD(path)	{ .request = path, .without = "&limit=", .reply = NO_NEWS, .times = 1 }

/*
 * What all have: no initial events; slices and nodes as recorded, at once; watches of them
 * without news.
 */
#define NO_INITIAL	{ .request = "sendInitialEvents", .reply = "watch-initialevents-bad" }
#define OTHER_NODES                                                                        \
	{ .request = NODES, .without = "watch=1", .reply = "list-nodes", .piece = 99999 }, \
	{ .request = NODES, .reply = NO_NEWS }
#define OTHERS                                                                             \
	{ .request = SLICES, .without = "watch=1", .reply = "list-endpointslices",         \
	  .piece = 99999 },                                                                \
	{ .request = SLICES, .reply = NO_NEWS }, OTHER_NODES

#endif
