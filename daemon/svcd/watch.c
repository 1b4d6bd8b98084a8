// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include "api_status.h"
#include "err.h"
#include "log.h"
#include "server.h"
#include "watch_line.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define WATCH_MAX_PENDING	(16 * 1024 * 1024)
#define WATCH_BOOKMARK_MS	60000
#define WATCH_STALL_SECONDS	60
/* A watcher has nothing to send; what it sends nevertheless is not read past this. */
#define WATCH_INPUT_MAX		4096

struct watch {
	LIST_ENTRY(watch) link;
	struct watch_hub *hub;
	struct evhttp_request *req;
	struct event *timeout;		/* NULL: none was asked for */
	const struct resource *res;
	char *ns, *label_selector, *field_selector;
	struct api_view view;
	bool has_columns;		/* a Table says only once what they are */
	bool bookmarks;
	uint64_t version;		/* changes up to here are known to the watcher */
	bool ahead;			/* which was not there yet when it came */
	size_t allowance;		/* what it may have pending at the start of a turn */
	size_t before;			/* what it had, at that of the last turn that told it */
	uint64_t turn;			/* of the loop: that one */
};

LIST_HEAD(watch_list, watch);

struct watch_hub {
	struct watch_config config;
	struct watch_list watches;
	struct event *bookmark;
	struct event *turn_over;
	uint64_t turn;			/* of the loop, counted when something is told; not 0 */
	size_t count;
};

static struct evbuffer *output_of(const struct watch *w)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(w->req);

	return bufferevent_get_output(evhttp_connection_get_bufferevent(conn));
}

static void watch_free(struct watch *w)
{
	LIST_REMOVE(w, link);
	w->hub->count--;
	if (w->timeout)
		event_free(w->timeout);
	free(w->ns);
	free(w->label_selector);
	free(w->field_selector);
	free(w);
}

/*
 * The connection goes down. When it was lost, evhttp has let go of the request
 * and it is ours to free; when the server closes it, the request goes with it.
 */
static void connection_closed(struct evhttp_connection *conn, void *ctx)
{
	struct watch *w = ctx;

	(void)conn;
	if (!evhttp_request_get_connection(w->req))
		evhttp_request_free(w->req);
	watch_free(w);
}

/* The connection can be used for another request afterwards. */
static void watch_end(struct watch *w)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(w->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn);
	const struct timeval idle = { .tv_sec = SERVER_IDLE_SECONDS };

	evhttp_connection_set_closecb(conn, NULL, NULL);
	bufferevent_setwatermark(bev, EV_READ, 0, 0);
	bufferevent_set_timeouts(bev, &idle, &idle);
	evhttp_send_reply_end(w->req);
	watch_free(w);
}

static void watch_drop(struct watch *w)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(w->req);

	evhttp_connection_set_closecb(conn, NULL, NULL);
	watch_free(w);
	evhttp_connection_free(conn);
}

/* -ENOMEM: the line could not be sent, and so nothing may be sent after it. */
static int send_line(struct watch *w, struct watch_line *line)
{
	struct evbuffer *buf = evbuffer_new();
	int ret = -ENOMEM;

	if (line && buf)
		ret = watch_line_add(line, buf);
	if (!ret)
		evhttp_send_reply_chunk(w->req, buf);
	if (buf)
		evbuffer_free(buf);
	return ret;
}

static void on_turn_over(evutil_socket_t fd, short what, void *ctx)
{
	struct watch_hub *hub = ctx;

	(void)fd;
	(void)what;
	hub->turn++;
}

/* A timer runs out behind the next look at the sockets. */
static void begin_turn(struct watch_hub *hub)
{
	const struct timeval now = { 0 };

	if (!evtimer_pending(hub->turn_over, NULL) && evtimer_add(hub->turn_over, &now) < 0)
		hub->turn++;
}

/*
 * Is the reader to blame for what is pending? Not for what came within one turn
 * of the loop, a whole transaction, which it had no chance to read; and as it
 * may take many turns to send, that is no fault later either.
 */
static bool is_slow(struct watch *w)
{
	size_t pending = evbuffer_get_length(output_of(w));
	size_t told = pending > w->before ? pending - w->before : 0;

	if (told + w->hub->config.max_pending > w->allowance)
		w->allowance = told + w->hub->config.max_pending;
	return w->before > w->allowance;
}

/* To one that is already streaming. w may be gone afterwards. */
static void push_line(struct watch *w, struct watch_line *line)
{
	begin_turn(w->hub);
	if (w->turn != w->hub->turn) {
		w->turn = w->hub->turn;
		w->before = evbuffer_get_length(output_of(w));
	}
	if (send_line(w, line) < 0) {
		watch_drop(w);
	} else if (is_slow(w)) {
		log_warning("a watch of %s does not read what it is sent: closed", w->res->plural);
		watch_drop(w);
	}
}

/* A line of this watcher's own. object is taken over. NULL: no memory. */
static struct watch_line *own_line(struct watch *w, const char *type, json_t *object)
{
	time_t now = registry_now(w->hub->config.registry);
	struct watch_line *line;

	if (!object)
		return NULL;
	object = api_view_object(&w->view, w->res, object, now, !w->has_columns);
	line = object ? watch_line_alloc(type, object) : NULL;
	w->has_columns = true;
	json_decref(object);
	return line;
}

/* The line for a change: shared with other watchers, or in the form that this one wants. */
static struct watch_line *line_for(struct watch *w, struct watch_lines *lines,
				   enum registry_change change)
{
	if (w->view.media.form == API_FORM_OBJECT)
		return watch_line_get(watch_lines_get(lines, change));
	return own_line(w, watch_line_types[change], watch_line_object(lines->ev, change));
}

static bool matches(const struct watch *w, const json_t *object)
{
	const struct registry_query q = {
		.label_selector = w->label_selector,
		.field_selector = w->field_selector,
	};

	if (!object)
		return false;
	if (!w->ns && !q.label_selector && !q.field_selector)
		return true;
	return registry_match(w->res, w->ns, &q, object, NULL) > 0;
}

/*
 * What a change is to this watcher, whose selector may see an object come or go
 * that was only modified. -1: nothing.
 */
static int seen_as(const struct watch *w, const struct registry_event *ev)
{
	bool now = ev->change != REGISTRY_DELETED && matches(w, ev->object);
	bool before = matches(w, ev->change == REGISTRY_DELETED && !ev->old ? ev->object : ev->old);

	if (ev->change == REGISTRY_ADDED)
		before = false;
	if (now)
		return before ? REGISTRY_MODIFIED : REGISTRY_ADDED;
	return before ? REGISTRY_DELETED : -1;
}

static void send_expired(struct watch *w, uint64_t asked)
{
	struct watch_line *line;
	json_t *status;
	char text[128];

	snprintf(text, sizeof(text), "too old resource version: %" PRIu64 " (%" PRIu64 ")", asked,
		 registry_version(w->hub->config.registry));
	status = api_status_new(410, "Expired", text, NULL);
	line = status ? watch_line_alloc("ERROR", status) : NULL;
	send_line(w, line);
	watch_line_put(line);
	json_decref(status);
}

static void expire(struct watch *w)
{
	send_expired(w, w->version);
	watch_end(w);
}

/* The future has become the past: was it this database's (version.h)? */
static bool arrives(struct watch *w)
{
	w->ahead = false;
	if (registry_knows(w->hub->config.registry, w->version))
		return true;
	expire(w);
	return false;
}

static void on_change(void *ctx, const struct registry_event *ev)
{
	struct watch_lines lines = { .ev = ev };
	struct watch_hub *hub = ctx;
	struct watch *w, *next;
	struct watch_line *line;
	int change;

	for (w = LIST_FIRST(&hub->watches); w; w = next) {
		next = LIST_NEXT(w, link);
		if (w->res != ev->res || ev->version <= w->version)
			continue;
		if (w->ahead && !arrives(w))
			continue;
		w->version = ev->version;
		change = seen_as(w, ev);
		if (change < 0)
			continue;
		line = line_for(w, &lines, change);
		push_line(w, line);
		watch_line_put(line);
	}
	watch_lines_clear(&lines);
}

/* The watcher learns how far it has seen, so that it can resume after a long silence. */
static void send_bookmark(struct watch *w)
{
	struct watch_line *line;

	line = own_line(w, "BOOKMARK",
			watch_line_bookmark(w->res, registry_version(w->hub->config.registry),
					    false));
	push_line(w, line);
	watch_line_put(line);
}

static void on_bookmark(evutil_socket_t fd, short what, void *ctx)
{
	struct watch_hub *hub = ctx;
	struct watch *w, *next;

	(void)fd;
	(void)what;
	for (w = LIST_FIRST(&hub->watches); w; w = next) {
		next = LIST_NEXT(w, link);
		/* What is ahead of the clock for so long is no future of ours. */
		if (w->ahead)
			expire(w);
		else if (w->bookmarks)
			send_bookmark(w);
	}
}

static void on_timeout(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	watch_end(ctx);
}

static void on_replay(void *ctx, const struct registry_event *ev)
{
	struct watch_lines lines = { .ev = ev };
	struct watch *w = ctx;
	struct watch_line *line;
	int change = seen_as(w, ev);

	if (change < 0 || w->version == UINT64_MAX)
		return;
	line = line_for(w, &lines, change);
	/* Without memory the rest must not be sent either; a version in the future stops it. */
	if (send_line(w, line) < 0)
		w->version = UINT64_MAX;
	watch_line_put(line);
	watch_lines_clear(&lines);
}

/* The present objects as ADDED, then changes from the list's version on. */
static int send_initial(struct watch *w, const struct api_query *q)
{
	const struct registry_query rq = { w->label_selector, w->field_selector };
	struct watch_line *line;
	struct reply list = { 0 };
	json_t *item, *object;
	int ret = 0;
	size_t i;

	w->version = registry_version(w->hub->config.registry);
	registry_list(w->hub->config.registry, w->res, w->ns, &rq, &list);
	json_array_foreach(json_object_get(list.body, "items"), i, item) {
		/* Items of a list do without these two; objects on their own have them, first. */
		object = json_pack("{s:s, s:s}", "kind", w->res->kind, "apiVersion",
				   w->res->api_version);
		if (object && json_object_update(object, item) < 0) {
			json_decref(object);
			object = NULL;
		}
		line = own_line(w, "ADDED", object);
		ret = send_line(w, line);
		watch_line_put(line);
		if (ret)
			break;
	}
	json_decref(list.body);
	if (!ret && q->initial && q->bookmarks) {
		line = own_line(w, "BOOKMARK", watch_line_bookmark(w->res, w->version, true));
		ret = send_line(w, line);
		watch_line_put(line);
	}
	return ret;
}

/* What the stream begins with. 0: it goes on; -ESTALE: it ends; else it is broken. */
static int send_past(struct watch *w, const struct api_query *q)
{
	bool from_list = !q->has_version || q->version == 0;
	int ret;

	if (from_list && q->has_initial && !q->initial) {
		w->version = registry_version(w->hub->config.registry);
		return 0;
	}
	if (from_list || (q->has_initial && q->initial))
		return send_initial(w, q);
	ret = registry_replay(w->hub->config.registry, w->res, q->version, on_replay, w);
	if (ret == -ESTALE)
		send_expired(w, q->version);
	/* From the future: silence until it is the past, as the API server does. */
	w->ahead = ret == -ERANGE;
	if (w->ahead)
		w->version = q->version;
	else if (ret == 0 && w->version == UINT64_MAX)
		ret = -ENOMEM;
	else if (ret == 0)
		w->version = registry_version(w->hub->config.registry);
	return ret == -ERANGE ? 0 : ret;
}

static int copy_text(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

static struct watch *watch_alloc(struct watch_hub *hub, struct evhttp_request *req,
				 const struct resource *res, const char *ns,
				 const struct api_query *q)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct timeval tv = { .tv_sec = q->timeout };

	if (!w)
		return NULL;
	w->hub = hub;
	w->req = req;
	w->res = res;
	w->view = q->view;
	w->bookmarks = q->bookmarks;
	LIST_INSERT_HEAD(&hub->watches, w, link);
	hub->count++;
	if (q->timeout)
		w->timeout = evtimer_new(hub->config.base, on_timeout, w);
	if (copy_text(&w->ns, ns) || copy_text(&w->label_selector, q->label_selector) ||
	    copy_text(&w->field_selector, q->field_selector) ||
	    (q->timeout && (!w->timeout || evtimer_add(w->timeout, &tv) < 0))) {
		watch_free(w);
		return NULL;
	}
	return w;
}

/* A stream is silent for as long as nothing changes: only writing may time out. */
static void start_stream(struct watch *w)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(w->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(w->req);
	const struct timeval stall = { .tv_sec = WATCH_STALL_SECONDS };

	bufferevent_set_timeouts(bev, NULL, &stall);
	bufferevent_setwatermark(bev, EV_READ, 0, WATCH_INPUT_MAX);
	evhttp_add_header(headers, "Cache-Control", "no-cache, private");
	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_connection_set_closecb(conn, connection_closed, w);
	evhttp_send_reply_start(w->req, 200, "OK");
}

void watch_start(struct watch_hub *hub, struct evhttp_request *req, const struct resource *res,
		 const char *ns, const struct api_query *q)
{
	const struct registry_query rq = { q->label_selector, q->field_selector };
	json_t *nothing = json_object();
	struct err e = { "" };
	struct watch *w;
	int ret;

	ret = registry_match(res, ns, &rq, nothing, &e);
	json_decref(nothing);
	if (ret == -EINVAL) {
		api_send_status(req, 400, "BadRequest", "%s", e.text);
		return;
	}
	w = watch_alloc(hub, req, res, ns, q);
	if (!w) {
		api_send_status(req, 500, "InternalError", "out of memory");
		return;
	}
	start_stream(w);
	ret = send_past(w, q);
	/* However much there was to begin with, it is not the reader's fault. */
	w->allowance = hub->config.max_pending + evbuffer_get_length(output_of(w));
	if (ret == -ESTALE)
		watch_end(w);
	else if (ret)
		watch_drop(w);
}

void watch_end_all(struct watch_hub *hub)
{
	while (!LIST_EMPTY(&hub->watches))
		watch_end(LIST_FIRST(&hub->watches));
}

size_t watch_count(const struct watch_hub *hub)
{
	return hub->count;
}

int watch_hub_alloc(struct watch_hub **out, const struct watch_config *c, struct err *e)
{
	struct watch_hub *hub = calloc(1, sizeof(*hub));
	struct timeval tv;

	if (!hub)
		return err_set(e, ENOMEM, "out of memory");
	hub->config = *c;
	if (!hub->config.max_pending)
		hub->config.max_pending = WATCH_MAX_PENDING;
	if (!hub->config.bookmark_ms)
		hub->config.bookmark_ms = WATCH_BOOKMARK_MS;
	hub->turn = 1;
	LIST_INIT(&hub->watches);
	tv.tv_sec = hub->config.bookmark_ms / 1000;
	tv.tv_usec = hub->config.bookmark_ms % 1000 * 1000;
	hub->bookmark = event_new(c->base, -1, EV_PERSIST, on_bookmark, hub);
	hub->turn_over = evtimer_new(c->base, on_turn_over, hub);
	if (!hub->bookmark || !hub->turn_over || event_add(hub->bookmark, &tv) < 0 ||
	    registry_listen(c->registry, on_change, hub) < 0) {
		watch_hub_free(hub);
		return err_set(e, ENOMEM, "out of memory");
	}
	*out = hub;
	return 0;
}

void watch_hub_free(struct watch_hub *hub)
{
	if (!hub)
		return;
	registry_unlisten(hub->config.registry, on_change, hub);
	if (hub->bookmark)
		event_free(hub->bookmark);
	if (hub->turn_over)
		event_free(hub->turn_over);
	free(hub);
}
