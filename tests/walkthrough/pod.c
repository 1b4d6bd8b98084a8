// SPDX-License-Identifier: GPL-2.0
/*
 * The pod of the walkthrough: an HTTP server that answers each GET with its
 * name, its address and the caller's headers, as JSON, and writes one line
 * about it to a file: the time (microseconds, CLOCK_REALTIME) and the peer.
 *
 *	pod ADDRESS PORT NAME LOGFILE
 */
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

struct pod {
	const char *address;
	const char *name;
	FILE *log;
};

static void add_string(struct evbuffer *out, const char *text)
{
	json_t *s = json_string(text);
	/* A header that is not UTF-8 cannot be said in JSON. */
	char *quoted = s ? json_dumps(s, JSON_ENCODE_ANY) : NULL;

	evbuffer_add_printf(out, "%s", quoted ? quoted : "null");
	free(quoted);
	json_decref(s);
}

static void add_header(struct evbuffer *out, const struct evkeyval *header)
{
	char name[256];
	size_t i;

	for (i = 0; i < sizeof(name) - 1 && header->key[i]; i++)
		name[i] = tolower((unsigned char)header->key[i]);
	name[i] = '\0';
	evbuffer_add_printf(out, "    ");
	add_string(out, name);
	evbuffer_add_printf(out, " : ");
	add_string(out, header->value);
	evbuffer_add_printf(out, "%s\n", header->next.tqe_next ? "," : "");
}

static void add_body(struct evbuffer *out, const struct pod *pod, struct evkeyvalq *headers)
{
	const struct evkeyval *h;

	evbuffer_add_printf(out, "{\n  \"result\" : \"first\",\n  \"headers\" : {\n");
	for (h = headers->tqh_first; h; h = h->next.tqe_next)
		add_header(out, h);
	evbuffer_add_printf(out, "  },\n  \"hostname\" : ");
	add_string(out, pod->name);
	evbuffer_add_printf(out, ",\n  \"address\" : ");
	add_string(out, pod->address);
	evbuffer_add_printf(out, "\n}\n");
}

static void log_request(const struct pod *pod, struct evhttp_request *req)
{
	char *peer = NULL;
	struct timespec t;
	ev_uint16_t port;

	clock_gettime(CLOCK_REALTIME, &t);
	evhttp_connection_get_peer(evhttp_request_get_connection(req), &peer, &port);
	fprintf(pod->log, "%lld %s %u\n", t.tv_sec * 1000000LL + t.tv_nsec / 1000,
		peer ? peer : "-", port);
	fflush(pod->log);
}

static void answer(struct evhttp_request *req, void *arg)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *body = evbuffer_new();
	struct pod *pod = arg;

	if (!body) {
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		return;
	}
	log_request(pod, req);
	add_body(body, pod, evhttp_request_get_input_headers(req));
	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_send_reply(req, HTTP_OK, "OK", body);
	evbuffer_free(body);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = base ? evhttp_new(base) : NULL;
	struct pod pod;

	if (argc != 5 || !http) {
		fprintf(stderr, "usage: pod ADDRESS PORT NAME LOGFILE\n");
		return 2;
	}
	pod = (struct pod){ .address = argv[1], .name = argv[3], .log = fopen(argv[4], "a") };
	if (!pod.log || evhttp_bind_socket(http, argv[1], atoi(argv[2]))) {
		perror("pod");
		return 1;
	}
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET);
	evhttp_set_gencb(http, answer, &pod);
	event_base_dispatch(base);
	return 1;
}
