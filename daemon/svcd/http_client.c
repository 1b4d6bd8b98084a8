// SPDX-License-Identifier: GPL-2.0
#include "http_client.h"

#include "err.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS	5000L

struct http_client {
	struct event_base *base;
	struct event *timer;
	CURLM *multi;
	char *socket;
};

struct http_get {
	struct http_client *client;
	const struct http_get_ops *ops;
	void *ctx;
	CURL *easy;
	char reason[CURL_ERROR_SIZE];
};

static void get_free(struct http_get *g)
{
	curl_multi_remove_handle(g->client->multi, g->easy);
	curl_easy_cleanup(g->easy);
	free(g);
}

static int errno_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_WRITE_ERROR:
		return -ECANCELED;
	case CURLE_COULDNT_CONNECT:
		return -ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	default:
		return -EPROTO;
	}
}

/* curl speaks of hosts and ports, which there are none of here. */
static void explain(const struct http_get *g, CURLcode code, struct err *e)
{
	const char *socket = g->client->socket;
	long number = 0;

	curl_easy_getinfo(g->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT)
		err_set(e, ECONNREFUSED, "unix://%s cannot be reached: %s", socket,
			number ? strerror(number) : "no connection");
	else if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING ||
		 code == CURLE_RECV_ERROR)
		err_set(e, ECONNRESET, "unix://%s broke the connection off", socket);
	else
		err_set(e, EPROTO, "unix://%s: %s", socket,
			g->reason[0] ? g->reason : curl_easy_strerror(code));
}

static void finish(struct http_get *g, CURLcode code)
{
	const struct http_get_ops *ops = g->ops;
	struct err e = { "" };
	void *ctx = g->ctx;
	long status = 0;

	curl_easy_getinfo(g->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code)
		explain(g, code, &e);
	get_free(g);
	ops->done(ctx, status, errno_of(code), &e);
}

static void collect(struct http_client *c)
{
	struct http_get *g;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&g);
		finish(g, msg->data.result);	/* msg is gone with the handle */
	}
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct http_client *c = ctx;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(c);
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	struct http_client *c = ctx;
	int mask = 0, running;

	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(c->multi, fd, mask, &running);
	collect(c);
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	struct http_client *c = ctx;

	(void)multi;
	if (ms < 0)
		event_del(c->timer);
	else
		event_add(c->timer, &tv);
	return 0;
}

/* One event a socket, which curl keeps for us between its calls. */
static int set_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
	struct event *ev = socket_ctx;
	struct http_client *c = ctx;
	short mask = EV_PERSIST;

	(void)easy;
	if (ev)
		event_free(ev);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		mask |= EV_READ;
	if (what & CURL_POLL_OUT)
		mask |= EV_WRITE;
	ev = event_new(c->base, fd, mask, on_socket, c);
	curl_multi_assign(c->multi, fd, ev);
	return ev && event_add(ev, NULL) == 0 ? 0 : -1;
}

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct http_get *g = ctx;
	long status = 0;

	curl_easy_getinfo(g->easy, CURLINFO_RESPONSE_CODE, &status);
	return g->ops->data(g->ctx, status, data, size * n) ? 0 : size * n;
}

/* Line by line; an empty one ends a head, of which an interim answer has one as well. */
static size_t on_head(char *data, size_t size, size_t n, void *ctx)
{
	struct http_get *g = ctx;
	long status = 0;

	curl_easy_getinfo(g->easy, CURLINFO_RESPONSE_CODE, &status);
	if (g->ops->head && status >= 200 && size * n == 2 && data[0] == '\r')
		g->ops->head(g->ctx, status);
	return size * n;
}

/* The host is of no use on a unix socket, but a URL has one. */
static int set_options(struct http_get *g, const char *path)
{
	char url[1024];
	CURL *e = g->easy;

	if (snprintf(url, sizeof(url), "http://localhost%s", path) >= (int)sizeof(url))
		return -ENAMETOOLONG;
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "svcd/" SVCNAT_VERSION);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, g->reason);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, g);
	curl_easy_setopt(e, CURLOPT_PRIVATE, g);
	if (curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, g->client->socket) ||
	    curl_easy_setopt(e, CURLOPT_URL, url))
		return -ENOMEM;
	return 0;
}

struct http_get *http_client_get(struct http_client *c, const char *path,
				 const struct http_get_ops *ops, void *ctx)
{
	struct http_get *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->client = c;
	g->ops = ops;
	g->ctx = ctx;
	g->easy = curl_easy_init();
	if (!g->easy || set_options(g, path) < 0 || curl_multi_add_handle(c->multi, g->easy)) {
		curl_easy_cleanup(g->easy);
		free(g);
		return NULL;
	}
	return g;
}

void http_client_cancel(struct http_get *g)
{
	if (g)
		get_free(g);
}

int http_client_alloc(struct http_client **out, struct event_base *base, const char *socket,
		      struct err *e)
{
	struct http_client *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(e, ENOMEM, "out of memory");
	c->base = base;
	c->socket = strdup(socket);
	c->timer = evtimer_new(base, on_timer, c);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		c->multi = curl_multi_init();
	if (!c->socket || !c->timer || !c->multi) {
		http_client_free(c);
		return err_set(e, ENOMEM, "out of memory");
	}
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	*out = c;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	if (c->multi)
		curl_multi_cleanup(c->multi);
	if (c->timer)
		event_free(c->timer);
	curl_global_cleanup();
	free(c->socket);
	free(c);
}
