/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to svcd: Kubernetes' REST API over a unix socket. The wire is a
 * transport that a test can replace; everything else here is the same for
 * both.
 */
#ifndef SVCNAT_SVCCTL_CLIENT_H
#define SVCNAT_SVCCTL_CLIENT_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ctx;

struct client_request {
	const char *method;
	const char *path;	/* with its query */
	const char *body;	/* JSON, or NULL */
	const char *type;	/* the body's media type; NULL: application/json */
	bool endless;		/* a watch: no limit in time */
	/* Takes the text of each Warning header of the answer. */
	void (*warning)(void *arg, const char *text);
	void *warning_arg;
};

/* Takes the next bytes of a body. Not 0: stop. */
typedef int client_sink(void *arg, const char *data, size_t len);

struct client_transport {
	/*
	 * One request. 0: an answer with *code came, its body went to sink to
	 * its proper end, or until the sink stopped it. -EPIPE: the body broke
	 * off. -ENOENT, -ECONNREFUSED, -ECONNRESET, -ETIMEDOUT and other
	 * negative errno: there was no answer. e says what.
	 */
	int (*request)(void *arg, const struct client_request *req, client_sink *sink,
		       void *sink_arg, long *code, struct err *e);
	/* Wait before the next attempt. */
	void (*pause)(void *arg, unsigned int ms);
	void (*close)(void *arg);
};

struct client {
	const struct client_transport *transport;
	void *arg;
	FILE *err;		/* where warnings go */
	json_t *warned;		/* a set: each is said once */
};

struct client_reply {
	long code;		/* of HTTP */
	json_t *body;		/* what was asked for, or a Status; never NULL after 0 */
};

/* Does not connect yet. */
int client_open(struct client *c, const struct ctx *ctx, struct err *e);
void client_close(struct client *c);

/*
 * One request and its whole answer. 0 whatever svcd's answer was: see
 * client_failed(). Only what is no answer of an API at all is an error. body
 * may be NULL. The caller clears the reply.
 */
int client_do(struct client *c, const char *method, const char *path, const json_t *body,
	      struct client_reply *out, struct err *e);
/* The same as a PATCH. type: the body's, such as CLIENT_MERGE_PATCH. */
int client_patch(struct client *c, const char *path, const char *type, const json_t *body,
		 struct client_reply *out, struct err *e);
#define CLIENT_MERGE_PATCH	"application/merge-patch+json"
#define CLIENT_STRATEGIC_PATCH	"application/strategic-merge-patch+json"
#define CLIENT_JSON_PATCH	"application/json-patch+json"

void client_reply_clear(struct client_reply *r);
bool client_failed(const struct client_reply *r);

/* Takes one event of a watch, borrowed. Not 0: stop; it is what client_watch() returns. */
typedef int client_event(void *arg, const json_t *event);

/*
 * Read a watch until its body ends (0), breaks off (-EPIPE), or fn stops it.
 * When svcd refuses it, *refused is the Status (to be freed) and the return 0.
 */
int client_watch(struct client *c, const char *path, client_event *fn, void *arg,
		 json_t **refused, struct err *e);

/* Append "?key=value" or "&key=value" to *path (from malloc), percent-encoded. -ENOMEM. */
int client_add_query(char **path, const char *key, const char *value);

/* curl.c: the real wire. arg is *arg. */
int client_curl_open(const char *socket, const struct client_transport **transport, void **arg,
		     struct err *e);

#endif
