// SPDX-License-Identifier: GPL-2.0
#include "http_client.h"

#include "err.h"
#include "upstream.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS	5000L
/*
 * A peer that is gone without a word: three probes that nobody acknowledges, or data for so
 * long. Sooner than TCP would try again what it sent meanwhile, which by then is after as long
 * as the silence has lasted.
 */
#define PROBE_AFTER_SECONDS	10L
#define PROBE_EACH_SECONDS	5L
#define UNACKNOWLEDGED_MS	25000u
/* Who we are is said when a connection is made, and certificates are rotated. */
#define CONNECTION_SECONDS	600L
#define POST_SECONDS		30L

struct http_client {
	struct event_base *base;
	struct event *timer;
	CURLM *multi;
	const struct upstream *upstream;
	bool fresh;		/* whom the connection was made as is nobody any more */
};

struct http_get {
	struct http_client *client;
	const struct http_get_ops *ops;
	void *ctx;
	CURL *easy;
	struct curl_slist *headers;
	struct curl_slist *connect_to;	/* where the host of the URL is a name only */
	char reason[CURL_ERROR_SIZE];
};

static void get_free(struct http_get *g)
{
	if (g->easy)
		curl_multi_remove_handle(g->client->multi, g->easy);
	curl_easy_cleanup(g->easy);
	curl_slist_free_all(g->headers);
	curl_slist_free_all(g->connect_to);
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

static void explain(const struct http_get *g, CURLcode code, struct err *e)
{
	const char *name = g->client->upstream->name;
	long number = 0;

	curl_easy_getinfo(g->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT)
		err_set(e, ECONNREFUSED, "%s cannot be reached: %s", name,
			number ? strerror(number) : "no connection");
	else if (code == CURLE_RECV_ERROR && number == ETIMEDOUT)
		err_set(e, ETIMEDOUT, "%s is silent", name);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		/* curl counts milliseconds; the log says the same thing once. */
		err_set(e, ETIMEDOUT, "%s does not answer", name);
	else if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING ||
		 code == CURLE_RECV_ERROR)
		err_set(e, ECONNRESET, "%s broke the connection off", name);
	else
		err_set(e, EPROTO, "%s: %s", name,
			g->reason[0] ? g->reason : curl_easy_strerror(code));
}

static void finish(struct http_get *g, CURLcode code)
{
	const struct http_get_ops *ops = g->ops;
	struct http_end end = { 0 };
	struct err e = { "" };
	void *ctx = g->ctx;
	curl_off_t wait = 0;

	curl_easy_getinfo(g->easy, CURLINFO_RESPONSE_CODE, &end.status);
	curl_easy_getinfo(g->easy, CURLINFO_RETRY_AFTER, &wait);
	g->client->fresh = g->client->fresh || end.status == 401;
	end.retry_after = wait > 0 && wait < INT_MAX ? (unsigned int)wait : 0;
	if (code)
		explain(g, code, &e);
	get_free(g);
	ops->done(ctx, &end, errno_of(code), &e);
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

/* A unix socket has none of it and needs none. */
static int on_new_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	const unsigned int ms = UNACKNOWLEDGED_MS;

	(void)ctx;
	(void)purpose;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static CURLcode set_text(CURL *easy, CURLoption blob, const char *text)
{
	struct curl_blob b = { (char *)text, strlen(text), CURL_BLOB_COPY };

	return curl_easy_setopt(easy, blob, &b);
}

static CURLcode set_pem(CURL *easy, const struct upstream_pem *pem, CURLoption file,
			CURLoption blob)
{
	if (pem->text)
		return set_text(easy, blob, pem->text);
	return pem->file ? curl_easy_setopt(easy, file, pem->file) : CURLE_OK;
}

static CURLcode set_tls(CURL *easy, const struct upstream *u)
{
	CURLcode code;

	/* One that is named is the only one, and is read again for each connection. */
	if (u->ca.text || u->ca.file) {
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	}
	/* One that is resumed comes as whoever we were; newer libcurl shares them by itself. */
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, u->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, u->insecure ? 0L : 2L);
	code = set_pem(easy, &u->ca, CURLOPT_CAINFO, CURLOPT_CAINFO_BLOB);
	if (!code)
		code = set_pem(easy, &u->cert, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB);
	if (!code)
		code = set_pem(easy, &u->key, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
	return code;
}

/* Who we are; curl hands none of it on to another host. */
static CURLcode set_login(CURL *easy, const struct upstream *u, const char *token)
{
	CURLcode code = CURLE_OK;

	if (token) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		return curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token);
	}
	if (u->user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		code = curl_easy_setopt(easy, CURLOPT_USERNAME, u->user);
	}
	if (!code && u->password)
		code = curl_easy_setopt(easy, CURLOPT_PASSWORD, u->password);
	return code;
}

/* The colons of an IPv6 address are within brackets. */
static bool has_port(const char *host, size_t len)
{
	const char *bracket = memchr(host, ']', len);

	return memchr(bracket ? bracket : host, ':', bracket ? len - (bracket - host) : len);
}

static bool names_server(const struct upstream *u)
{
	return u->server_name && strncmp(u->url, "https:", 6) == 0;
}

/*
 * With a name for the certificate that is not the host's, the URL has the name, and the
 * connection goes to the host; so does the header.
 */
static CURLcode set_host(struct http_get *g, const struct upstream *u, const char *path)
{
	const char *rest = strstr(u->url, "://") + 3, *tail = rest + strcspn(rest, "/");
	char *url = NULL, *to = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (!names_server(u)) {
		if (asprintf(&url, "%s%s", u->url, path) < 0)
			return code;
	} else if (asprintf(&url, "https://%s%s%s", u->server_name, tail, path) < 0 ||
		   asprintf(&to, "::%.*s%s", (int)(tail - rest), rest,
			    has_port(rest, tail - rest) ? "" : ":443") < 0) {
		free(url);
		return code;
	}
	code = curl_easy_setopt(g->easy, CURLOPT_URL, url);
	if (!code && to) {
		g->connect_to = curl_slist_append(NULL, to);
		code = g->connect_to ? curl_easy_setopt(g->easy, CURLOPT_CONNECT_TO,
							g->connect_to) : CURLE_OUT_OF_MEMORY;
	}
	free(url);
	free(to);
	return code;
}

static CURLcode set_target(struct http_get *g, const char *path, const char *token)
{
	const struct upstream *u = g->client->upstream;
	CURL *easy = g->easy;
	CURLcode code;

	code = set_host(g, u, path);
	if (!code && u->socket)
		code = curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, u->socket);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_PROXY, u->proxy ? u->proxy : "");
	/* Nor does the environment say where not to use it. */
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	if (!code)
		code = set_tls(easy, u);
	return code ? code : set_login(easy, u, token);
}

static CURLcode add_header(struct http_get *g, const char *line)
{
	struct curl_slist *more = curl_slist_append(g->headers, line);

	if (!more)
		return CURLE_OUT_OF_MEMORY;
	g->headers = more;
	return CURLE_OK;
}

/* A list shrinks to a tenth; lists and events are asked for as JSON, whatever else there is. */
static CURLcode set_headers(struct http_get *g, bool body)
{
	const char *host = strstr(g->client->upstream->url, "://") + 3;
	char line[300];
	CURLcode code;

	code = add_header(g, "Accept: application/json");
	if (!code && body)
		code = add_header(g, "Content-Type: application/json");
	snprintf(line, sizeof(line), "Host: %.*s", (int)strcspn(host, "/"), host);
	if (!code && names_server(g->client->upstream))
		code = add_header(g, line);
	curl_easy_setopt(g->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	return code ? code : curl_easy_setopt(g->easy, CURLOPT_HTTPHEADER, g->headers);
}

static void set_options(struct http_get *g)
{
	CURL *e = g->easy;

	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* A name that is not found out in time must not be waited for. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN, CONNECTION_SECONDS);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, g->client->fresh ? 1L : 0L);
	g->client->fresh = false;
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, PROBE_AFTER_SECONDS);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, PROBE_EACH_SECONDS);
	curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "svcd/" SVCNAT_VERSION);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, g->reason);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, g);
	curl_easy_setopt(e, CURLOPT_PRIVATE, g);
}

static CURLcode set_body(struct http_get *g, const char *body)
{
	curl_easy_setopt(g->easy, CURLOPT_TIMEOUT, POST_SECONDS);
	return curl_easy_setopt(g->easy, CURLOPT_COPYPOSTFIELDS, body);
}

static int get_begin(struct http_get *g, const char *path, const char *body,
		     const char *token, struct err *e)
{
	CURLcode code = CURLE_OUT_OF_MEMORY;

	g->easy = curl_easy_init();
	if (g->easy) {
		set_options(g);
		code = set_target(g, path, token);
		if (!code)
			code = set_headers(g, body);
		if (!code && body)
			code = set_body(g, body);
	}
	if (code == CURLE_OUT_OF_MEMORY)
		return err_set(e, ENOMEM, "out of memory");
	if (code)
		return err_set(e, EINVAL, "%s: %s", g->client->upstream->name,
			       curl_easy_strerror(code));
	if (curl_multi_add_handle(g->client->multi, g->easy))
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

int http_client_post(struct http_get **out, struct http_client *c, const char *path,
		     const char *body, const struct http_get_ops *ops, void *ctx, struct err *e)
{
	struct http_get *g;
	char *token;
	int ret;

	*out = NULL;
	ret = upstream_token(c->upstream, &token, e);
	if (ret)
		return ret;
	g = calloc(1, sizeof(*g));
	if (!g) {
		free(token);
		return err_set(e, ENOMEM, "out of memory");
	}
	g->client = c;
	g->ops = ops;
	g->ctx = ctx;
	ret = get_begin(g, path, body, token, e);
	free(token);
	if (ret)
		get_free(g);
	else
		*out = g;
	return ret;
}

int http_client_get(struct http_get **out, struct http_client *c, const char *path,
		    const struct http_get_ops *ops, void *ctx, struct err *e)
{
	return http_client_post(out, c, path, NULL, ops, ctx, e);
}

void http_client_cancel(struct http_get *g)
{
	if (g)
		get_free(g);
}

int http_client_alloc(struct http_client **out, struct event_base *base,
		      const struct upstream *upstream, struct err *e)
{
	struct http_client *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(e, ENOMEM, "out of memory");
	c->base = base;
	c->upstream = upstream;
	c->timer = evtimer_new(base, on_timer, c);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		c->multi = curl_multi_init();
	if (!c->timer || !c->multi) {
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
	free(c);
}
