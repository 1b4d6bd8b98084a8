// SPDX-License-Identifier: GPL-2.0
#include "client.h"
#include "json_read.h"
#include "json_text.h"
#include "verbs.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX	(512u << 20)	/* bytes of one answer, or of one event of a watch */

struct buffer {
	char *v;
	size_t n, room;
	bool failed;
};

static int buffer_add(void *arg, const char *data, size_t len)
{
	struct buffer *b = arg;
	size_t room = b->room;
	char *v;

	if (len > REPLY_MAX - b->n)
		return b->failed = true;
	while (room < b->n + len)
		room = room ? room * 2 : 4096;
	if (room != b->room) {
		v = realloc(b->v, room);
		if (!v)
			return b->failed = true;
		b->v = v;
		b->room = room;
	}
	memcpy(b->v + b->n, data, len);
	b->n += len;
	return 0;
}

int client_open(struct client *c, const struct ctx *ctx, struct err *e)
{
	*c = (struct client){ .err = ctx->err, .warned = json_object() };
	if (!c->warned)
		return err_set(e, ENOMEM, "out of memory");
	if (!ctx->transport)
		return client_curl_open(ctx->socket, &c->transport, &c->arg, e);
	c->transport = ctx->transport;
	c->arg = ctx->transport_arg;
	return 0;
}

void client_close(struct client *c)
{
	if (c->transport)
		c->transport->close(c->arg);
	json_decref(c->warned);
	*c = (struct client){ NULL };
}

static int parse_reply(const struct buffer *b, struct client_reply *out, struct err *e)
{
	json_error_t je;

	if (b->failed)
		return err_set(e, ENOMEM, "svcd's answer is too large");
	out->body = json_read(b->v ? b->v : "", b->n, 0, &je);
	if (json_is_object(out->body))
		return 0;
	json_decref(out->body);
	out->body = NULL;
	return err_set(e, EPROTO, "no answer that svcd would give (HTTP code %ld): is something "
		       "else behind the socket?", out->code);
}

static void on_warning(void *arg, const char *text)
{
	struct client *c = arg;

	if (json_object_get(c->warned, text))
		return;
	fprintf(c->err, "Warning: %s\n", text);
	json_object_set_new(c->warned, text, json_true());
}

static int ask(struct client *c, struct client_request *req, const json_t *body,
	       struct client_reply *out, struct err *e)
{
	struct buffer b = { NULL, 0, 0, false };
	char *text = NULL;
	int ret;

	out->code = 0;
	out->body = NULL;
	req->warning = on_warning;
	req->warning_arg = c;
	if (body) {
		text = json_text(body, 0, NULL);
		if (!text)
			return err_set(e, ENOMEM, "out of memory");
		req->body = text;
	}
	ret = c->transport->request(c->arg, req, buffer_add, &b, &out->code, e);
	if (!ret)
		ret = parse_reply(&b, out, e);
	free(b.v);
	free(text);
	return ret;
}

int client_do(struct client *c, const char *method, const char *path, const json_t *body,
	      struct client_reply *out, struct err *e)
{
	struct client_request req = { .method = method, .path = path };

	return ask(c, &req, body, out, e);
}

int client_patch(struct client *c, const char *path, const char *type, const json_t *body,
		 struct client_reply *out, struct err *e)
{
	struct client_request req = { .method = "PATCH", .path = path, .type = type };

	return ask(c, &req, body, out, e);
}

void client_reply_clear(struct client_reply *r)
{
	json_decref(r->body);
	r->body = NULL;
}

bool client_failed(const struct client_reply *r)
{
	return r->code < 200 || r->code > 299;
}

struct watch {
	struct buffer line;
	client_event *fn;
	void *arg;
	json_t *refused;
	int stopped;
	struct err *e;
};

static int watch_line(struct watch *w)
{
	json_error_t je;
	json_t *event;

	if (!w->line.n)
		return 0;
	event = json_read(w->line.v, w->line.n, 0, &je);
	w->line.n = 0;
	if (!json_is_object(event)) {
		json_decref(event);
		return err_set(w->e, EPROTO, "a broken event came from svcd: %s", je.text);
	}
	/* What is no event can only be the Status of a refusal. */
	if (!json_object_get(event, "object") && !w->refused)
		w->refused = json_incref(event);
	else
		w->stopped = w->fn(w->arg, event);
	json_decref(event);
	return w->stopped;
}

/* The pieces of a body end anywhere; an event ends at its newline. */
static int watch_data(void *arg, const char *data, size_t len)
{
	struct watch *w = arg;
	const char *end;

	while ((end = memchr(data, '\n', len))) {
		if (buffer_add(&w->line, data, (size_t)(end - data)))
			return w->stopped = err_set(w->e, ENOMEM, "out of memory");
		w->stopped = watch_line(w);
		if (w->stopped)
			return w->stopped;
		len -= (size_t)(end - data) + 1;
		data = end + 1;
	}
	if (buffer_add(&w->line, data, len))
		return w->stopped = err_set(w->e, ENOMEM, "out of memory");
	return 0;
}

int client_watch(struct client *c, const char *path, client_event *fn, void *arg,
		 json_t **refused, struct err *e)
{
	struct client_request req = { .method = "GET", .path = path, .endless = true,
				      .warning = on_warning, .warning_arg = c };
	struct watch w = { .fn = fn, .arg = arg, .e = e };
	long code = 0;
	int ret;

	*refused = NULL;
	ret = c->transport->request(c->arg, &req, watch_data, &w, &code, e);
	if (w.stopped)
		ret = w.stopped;
	else if (!ret && code != 200)
		ret = watch_line(&w);
	free(w.line.v);
	if (!ret && w.refused && code != 200)
		*refused = json_incref(w.refused);
	else if (!ret && code != 200)
		ret = err_set(e, EPROTO, "svcd answered with HTTP code %ld", code);
	json_decref(w.refused);
	return ret;
}

/* Each byte takes three at most. */
static void print_encoded(char *out, const char *s)
{
	for (; *s; s++)
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			*out++ = *s;
		else
			out += sprintf(out, "%%%02X", (unsigned char)*s);
	*out = '\0';
}

int client_add_query(char **path, const char *key, const char *value)
{
	size_t len = strlen(*path) + strlen(key) + 2;
	char *text = malloc(len + 3 * strlen(value) + 1);

	if (!text)
		return -ENOMEM;
	sprintf(text, "%s%c%s=", *path, strchr(*path, '?') ? '&' : '?', key);
	print_encoded(text + len, value);
	free(*path);
	*path = text;
	return 0;
}
