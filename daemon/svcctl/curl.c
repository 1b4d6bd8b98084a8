// SPDX-License-Identifier: GPL-2.0
/* The real wire of client.h: libcurl over svcd's unix socket. */
#define CURL_DISABLE_TYPECHECK
#include "client.h"
#include "later.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_S	5
#define REQUEST_TIMEOUT_S	30
#define LIBRARY			"libcurl.so.4"

#define FUNCTIONS(X) \
	X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_slist_append) \
	X(curl_easy_setopt) X(curl_easy_reset) X(curl_easy_perform) \
	X(curl_slist_free_all) X(curl_easy_cleanup) X(curl_easy_init)

static struct {
	FUNCTIONS(LATER_MEMBER)
} lib;

static const struct later_symbol symbols[] = { FUNCTIONS(LATER_SYMBOL) { 0 } };

struct wire {
	CURL *curl;
	char *socket;
};

struct pass_on {
	client_sink *sink;
	void *arg;
};

static size_t pass_on(char *data, size_t size, size_t n, void *arg)
{
	struct pass_on *p = arg;

	return p->sink(p->arg, data, size * n) ? 0 : size * n;
}

/* RFC 7234, 5.5: 'Warning: 299 - "text"', with backslashes in front of quotes. */
static void take_warning(const struct client_request *req, const char *line, size_t len)
{
	const char *at = memchr(line, '"', len), *end = line + len;
	char text[1024];
	size_t n = 0;

	if (!at)
		return;
	for (at++; at < end && *at != '"' && n < sizeof(text) - 1; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		text[n++] = *at;
	}
	text[n] = '\0';
	req->warning(req->warning_arg, text);
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	static const char name[] = "Warning:";
	const struct client_request *req = arg;

	if (req->warning && size * n >= sizeof(name) - 1 &&
	    !strncasecmp(data, name, sizeof(name) - 1))
		take_warning(req, data, size * n);
	return size * n;
}

/* libcurl does not say why it could not connect: ask the socket itself. */
static int connect_errno(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, ret = 0;

	if (strlen(path) >= sizeof(un.sun_path))
		return ENAMETOOLONG;
	strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)))
		ret = errno;
	close(fd);
	return ret;
}

static int unreachable(const char *path, struct err *e)
{
	int error = connect_errno(path);
	const char *hint = " (is svcd running?)";

	if (error == EACCES || error == EPERM)
		hint = " (svcd talks to root and to its socket's group)";
	else if (error == ENAMETOOLONG || error == ENOTSOCK)
		hint = "";
	return err_set(e, error ? error : ECONNREFUSED, "cannot reach svcd at %s: %s%s", path,
		       strerror(error ? error : ECONNREFUSED), hint);
}

static int failed(const struct wire *w, CURLcode cc, struct err *e)
{
	long code = 0;

	lib.curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &code);
	switch (cc) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return unreachable(w->socket, e);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(e, ETIMEDOUT, "svcd at %s did not answer in %d s: nothing is "
			       "known about what became of the request", w->socket,
			       REQUEST_TIMEOUT_S);
	default:
		return err_set(e, code ? EPIPE : ECONNRESET,
			       "lost the connection to svcd at %s: %s", w->socket,
			       lib.curl_easy_strerror(cc));
	}
}

static struct curl_slist *set_body(CURL *curl, const char *body, const char *type)
{
	struct curl_slist *headers;
	char line[96];

	headers = lib.curl_slist_append(NULL, "Accept: application/json");
	if (!body)
		return headers;
	lib.curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	lib.curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	/* No "Expect: 100-continue": it only costs a round trip. */
	lib.curl_slist_append(headers, "Expect:");
	snprintf(line, sizeof(line), "Content-Type: %s", type ? type : "application/json");
	lib.curl_slist_append(headers, line);
	return headers;
}

static void set_options(const struct wire *w, const struct client_request *req, const char *url,
			struct pass_on *p)
{
	/* Resets the options, not the connection. */
	lib.curl_easy_reset(w->curl);
	lib.curl_easy_setopt(w->curl, CURLOPT_URL, url);
	lib.curl_easy_setopt(w->curl, CURLOPT_UNIX_SOCKET_PATH, w->socket);
	lib.curl_easy_setopt(w->curl, CURLOPT_PROXY, "");
	/* "../" in a name is no way to another object. */
	lib.curl_easy_setopt(w->curl, CURLOPT_PATH_AS_IS, 1L);
	lib.curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L);
	lib.curl_easy_setopt(w->curl, CURLOPT_USERAGENT, "svcctl");
	lib.curl_easy_setopt(w->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	lib.curl_easy_setopt(w->curl, CURLOPT_TIMEOUT, req->endless ? 0L : (long)REQUEST_TIMEOUT_S);
	lib.curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, pass_on);
	lib.curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, p);
	lib.curl_easy_setopt(w->curl, CURLOPT_HEADERFUNCTION, on_header);
	lib.curl_easy_setopt(w->curl, CURLOPT_HEADERDATA, (void *)req);
}

static int wire_request(void *arg, const struct client_request *req, client_sink *sink,
			void *sink_arg, long *code, struct err *e)
{
	struct pass_on p = { sink, sink_arg };
	struct curl_slist *headers;
	struct wire *w = arg;
	char url[4096];
	CURLcode cc;

	if ((size_t)snprintf(url, sizeof(url), "http://svcd%s", req->path) >= sizeof(url))
		return err_set(e, ENAMETOOLONG, "the name or the selector is too long");
	set_options(w, req, url, &p);
	headers = set_body(w->curl, req->body, req->type);
	lib.curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, headers);
	lib.curl_easy_setopt(w->curl, CURLOPT_CUSTOMREQUEST, req->method);
	cc = lib.curl_easy_perform(w->curl);
	lib.curl_slist_free_all(headers);
	/* The sink knows why it stopped. */
	if (cc != CURLE_OK && cc != CURLE_WRITE_ERROR)
		return failed(w, cc, e);
	lib.curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, code);
	return 0;
}

static void wire_pause(void *arg, unsigned int ms)
{
	(void)arg;
	poll(NULL, 0, (int)ms);
}

static void wire_close(void *arg)
{
	struct wire *w = arg;

	lib.curl_easy_cleanup(w->curl);
	free(w->socket);
	free(w);
}

static const struct client_transport wire_transport = {
	.request = wire_request,
	.pause = wire_pause,
	.close = wire_close,
};

int client_curl_open(const char *socket, const struct client_transport **transport, void **arg,
		     struct err *e)
{
	struct wire *w;
	int err;

	err = later_load(LIBRARY, symbols, e);
	if (err)
		return err;
	w = calloc(1, sizeof(*w));
	if (w) {
		w->curl = lib.curl_easy_init();
		w->socket = strdup(socket);
	}
	if (!w || !w->curl || !w->socket) {
		if (w)
			wire_close(w);
		return err_set(e, ENOMEM, "out of memory");
	}
	*transport = &wire_transport;
	*arg = w;
	return 0;
}
