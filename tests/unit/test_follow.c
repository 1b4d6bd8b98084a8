// SPDX-License-Identifier: GPL-2.0
#include "http_fixture.h"

#include "follow_priv.h"
#include "jx.h"
#include "kernel_wait.h"
#include "log.h"
#include "node.h"
#include "node_listen.h"

#include <event2/buffer.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES	"/api/v1/namespaces/default/services"
#define SLICES		"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
#define NODES		"/api/v1/nodes"

struct follow_fixture {
	struct http_fixture *http;	/* the authority */
	struct kernel *kernel;		/* the follower's */
	struct node *node;
	struct upstream upstream;
	struct follow *follow;
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct follow_fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int setup(void **state)
{
	struct follow_fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = "n1", .open = open_fake, .open_ctx = f };

	f->http = http_fixture_open(NULL);
	f->kernel = kernel_fake_open();
	c.base = f->http->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	node_start(f->node);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct follow_fixture *f = *state;

	follow_stop(f->follow);
	upstream_clear(&f->upstream);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void start_with(struct follow_fixture *f, unsigned int silence_ms, bool all_nodes)
{
	const struct follow_config c = {
		.base = f->http->base,
		.upstream = &f->upstream,
		.node = f->node,
		.node_name = "n1",
		.all_nodes = all_nodes,
		.silence_ms = silence_ms,
		.retry_min_ms = 5,
		.retry_max_ms = 50,
	};
	struct err e = { "" };
	char where[256];

	snprintf(where, sizeof(where), "unix://%s", f->http->socket);
	assert_int_equal(upstream_parse(&f->upstream, where, &e), 0);
	assert_int_equal(follow_start(&f->follow, &c, &e), 0);
}

static void start(struct follow_fixture *f, unsigned int silence_ms)
{
	start_with(f, silence_ms, false);
}

static void create_service(struct follow_fixture *f, const char *name)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":"
		 "{\"name\":\"%s\"},\"spec\":{\"ports\":[{\"port\":80}]}}", name);
	assert_int_equal(http_do(f->http, "POST", SERVICES, body), 201);
}

/* With two endpoints, in the zones east and west. */
static void create_slice(struct follow_fixture *f, const char *service, const char *labels)
{
	char body[1024];

	snprintf(body, sizeof(body), "{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":"
		 "\"EndpointSlice\",\"metadata\":{\"generateName\":\"%s-\",\"labels\":"
		 "{\"kubernetes.io/service-name\":\"%s\"%s}},\"addressType\":\"IPv4\","
		 "\"endpoints\":[{\"addresses\":[\"10.244.1.10\"],"
		 "\"hints\":{\"forZones\":[{\"name\":\"east\"}]}},"
		 "{\"addresses\":[\"10.244.1.11\"],"
		 "\"hints\":{\"forZones\":[{\"name\":\"west\"}]}}],"
		 "\"ports\":[{\"port\":8080}]}", service, service, labels);
	assert_int_equal(http_do(f->http, "POST", SLICES, body), 201);
}

static void create_node(struct follow_fixture *f, const char *name, const char *zone)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":"
		 "{\"name\":\"%s\",\"labels\":{\"topology.kubernetes.io/zone\":\"%s\"}}}", name,
		 zone);
	assert_int_equal(http_do(f->http, "POST", NODES, body), 201);
}

/* Behind the server's back, as a change while it cannot be reached. */
static void change_unseen(struct follow_fixture *f, const char *name, const char *text)
{
	json_t *patch = json_pack("{s:{s:{s:s}}}", "metadata", "annotations", "x", text);
	struct reply r = { 0 };

	registry_patch(f->http->registry, resource_by_plural("v1", "services"), "default", name,
		       NULL, patch, 0, &r);
	assert_int_equal(r.code, 200);
	json_decref(r.body);
	json_decref(patch);
}

static void delete_unseen(struct follow_fixture *f, const char *name)
{
	struct reply r = { 0 };

	registry_delete(f->http->registry, resource_by_plural("v1", "services"), "default", name, 0,
			&r);
	assert_int_equal(r.code, 200);
	json_decref(r.body);
}

static void expect(struct follow_fixture *f, const char *name, int endpoints)
{
	kernel_wait(f->http->base, f->kernel, name, endpoints);
}

static bool all_watch(void *ctx)
{
	struct follow_fixture *f = ctx;

	return watch_count(f->http->watches) == 3;
}

static bool is_ready(void *ctx)
{
	struct follow_fixture *f = ctx;

	return node_ready(f->node, NULL);
}

/* --- of which Nodes it hears --- */

struct heard {
	struct node_listener listener;
	char names[64];
};

static void on_list(void *ctx, enum proxy_kind kind)
{
	(void)ctx;
	(void)kind;
}

static void on_object(void *ctx, enum proxy_kind kind, const json_t *object, bool deleted)
{
	struct heard *h = ctx;

	if (kind == PROXY_NODE && !deleted) {
		strcat(h->names, jx_str(object, "metadata.name"));
		strcat(h->names, " ");
	}
}

static void on_void(void *ctx)
{
	(void)ctx;
}

/* Which ones, in the order of the list. */
static void assert_nodes(struct follow_fixture *f, bool all, const char *wanted)
{
	static const struct node_listener_ops ops = { on_list, on_object, on_list, on_void, NULL,
						      NULL };
	struct heard h = { .listener = { .ops = &ops, .ctx = &h } };

	create_node(f, "n1", "a");
	create_node(f, "n2", "a");
	start_with(f, 0, all);
	assert_true(http_wait(f->http->base, is_ready, f));
	node_listen(f->node, &h.listener);
	node_unlisten(f->node, &h.listener);
	assert_string_equal(h.names, wanted);
}

static void test_own_node_only(void **state)
{
	assert_nodes(*state, false, "n1 ");
}

static void test_all_nodes(void **state)
{
	assert_nodes(*state, true, "n1 n2 ");
}

static void test_follows(void **state)
{
	struct follow_fixture *f = *state;

	create_service(f, "a");
	create_slice(f, "a", "");
	start(f, 0);
	expect(f, "default/a", 2);
	assert_true(node_ready(f->node, NULL));
	assert_true(http_wait(f->http->base, all_watch, f));
	create_service(f, "b");
	expect(f, "default/b", 0);
	create_slice(f, "b", "");
	expect(f, "default/b", 2);
	assert_int_equal(http_do(f->http, "DELETE", SERVICES "/a", NULL), 200);
	expect(f, "default/a", KERNEL_NONE);
}

static bool only_west(void *ctx)
{
	struct follow_fixture *f = ctx;
	const struct kservice *s;

	s = kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP);
	return s && s->nendpoints == 2 && !s->endpoints[0].lists && s->endpoints[1].lists;
}

/* Of the Nodes the own one is asked for, and what has labels of others not at all. */
static void test_asks_for_its_own(void **state)
{
	struct follow_fixture *f = *state;

	create_service(f, "a");
	create_slice(f, "a", "");
	create_service(f, "b");
	create_slice(f, "b", ",\"service.kubernetes.io/headless\":\"\"");
	create_node(f, "n2", "east");
	start(f, 0);
	expect(f, "default/a", 2);
	expect(f, "default/b", 0);
	assert_true(http_wait(f->http->base, all_watch, f));
	create_node(f, "n1", "west");
	assert_true(http_wait(f->http->base, only_west, f));
	/* It leaves the selection, and with it the kernel. */
	assert_int_equal(http_do(f->http, "PATCH", SERVICES "/b", "{\"metadata\":{\"labels\":"
				 "{\"service.kubernetes.io/service-proxy-name\":\"x\"}}}"), 200);
	expect(f, "default/b", KERNEL_NONE);
}

/* What an earlier follower wrote stays until there is something complete to replace it with. */
static void test_nothing_is_lost_without_lists(void **state)
{
	struct kservice old = { .name = "default/old", .family = AF_INET, .proto = IPPROTO_TCP,
				.owner = "svcd" };
	struct follow_fixture *f = *state;
	struct registry *registry = f->http->api.registry;
	struct http_answer a;
	int i;

	assert_int_equal(f->kernel->ops->service_set(f->kernel, &old, KERNEL_CREATE, 0, NULL), 0);
	f->http->api.registry = NULL;
	f->http->api.authority = "another";
	start(f, 0);
	/* Each answer here is a turn in which the follower is refused. */
	for (i = 0; i < 10; i++) {
		http_ask(f->http, "GET", "/api/v1/services", NULL, NULL, &a);
		assert_int_equal(a.status, 503);
		http_answer_clear(&a);
	}
	assert_false(node_ready(f->node, NULL));
	expect(f, "default/old", 0);
	f->http->api.registry = registry;
	create_service(f, "a");
	expect(f, "default/a", 0);
	expect(f, "default/old", KERNEL_NONE);
}

static void test_authority_goes_and_comes(void **state)
{
	struct follow_fixture *f = *state;

	create_service(f, "a");
	create_service(f, "b");
	start(f, 0);
	expect(f, "default/b", 0);
	assert_true(http_wait(f->http->base, all_watch, f));
	http_fixture_stop_server(f->http);
	delete_unseen(f, "b");
	expect(f, "default/a", 0);
	expect(f, "default/b", 0);
	assert_true(node_ready(f->node, NULL));
	http_fixture_start_server(f->http);
	expect(f, "default/b", KERNEL_NONE);
	expect(f, "default/a", 0);
	/* What comes next is seen as well. */
	assert_true(http_wait(f->http->base, all_watch, f));
	create_service(f, "c");
	expect(f, "default/c", 0);
}

/* Away for longer than the authority remembers. */
static void test_too_old(void **state)
{
	struct follow_fixture *f = *state;
	char text[16];
	int i;

	create_service(f, "a");
	create_service(f, "b");
	start(f, 0);
	expect(f, "default/b", 0);
	assert_true(http_wait(f->http->base, all_watch, f));
	http_fixture_stop_server(f->http);
	delete_unseen(f, "b");
	for (i = 0; i < HTTP_FIXTURE_HISTORY + 10; i++) {
		snprintf(text, sizeof(text), "%d", i);
		change_unseen(f, "a", text);
	}
	http_fixture_start_server(f->http);
	expect(f, "default/b", KERNEL_NONE);
	assert_true(http_wait(f->http->base, all_watch, f));
	create_service(f, "c");
	expect(f, "default/c", 0);
}

/*
 * The authority comes back with another database, in which as much has happened
 * as in the one that is known here, or more.
 */
static void test_authority_starts_anew(void **state)
{
	struct follow_fixture *f = *state;
	char text[16];
	int i;

	create_service(f, "a");
	create_service(f, "b");
	start(f, 0);
	expect(f, "default/b", 0);
	assert_true(http_wait(f->http->base, all_watch, f));
	http_fixture_stop_server(f->http);
	http_fixture_wipe(f->http);
	http_fixture_start_server(f->http);
	create_service(f, "c");
	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "%d", i);
		change_unseen(f, "c", text);
	}
	expect(f, "default/c", 0);
	expect(f, "default/a", KERNEL_NONE);
	expect(f, "default/b", KERNEL_NONE);
}

/* The watches' bodies end, and are asked for again at once or soon. */
static void test_bodies_end(void **state)
{
	struct follow_fixture *f = *state;
	char name[32], key[48];
	int i;

	start(f, 0);
	for (i = 0; i < 5; i++) {
		assert_true(http_wait(f->http->base, all_watch, f));
		watch_end_all(f->http->watches);
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(key, sizeof(key), "default/%s", name);
		create_service(f, name);
		expect(f, key, 0);
	}
}

static void test_authority_is_not_there_yet(void **state)
{
	struct follow_fixture *f = *state;

	create_service(f, "a");
	http_fixture_stop_server(f->http);
	start(f, 0);
	assert_false(node_ready(f->node, NULL));
	http_fixture_start_server(f->http);
	assert_true(http_wait(f->http->base, is_ready, f));
	expect(f, "default/a", 0);
}

static bool is_connected(void *ctx)
{
	struct follow_fixture *f = ctx;

	return follow_connected(f->follow);
}

static bool is_not_connected(void *ctx)
{
	return !is_connected(ctx);
}

/* The first of the kinds in the status; to be cleared with the whole. */
static json_t *first_kind(struct follow_fixture *f, json_t **status)
{
	*status = follow_status(f->follow);
	assert_string_equal(json_string_value(json_object_get(*status, "role")), "follower");
	return json_array_get(json_object_get(*status, "kinds"), 0);
}

static void test_status(void **state)
{
	struct follow_fixture *f = *state;
	json_t *status, *kind;

	start(f, 0);
	assert_false(follow_connected(f->follow));
	assert_true(http_wait(f->http->base, is_connected, f));
	kind = first_kind(f, &status);
	assert_true(json_is_true(json_object_get(kind, "connected")));
	assert_non_null(json_object_get(kind, "since"));
	assert_null(json_object_get(kind, "lastError"));
	json_decref(status);
	http_fixture_stop_server(f->http);
	assert_true(http_wait(f->http->base, is_not_connected, f));
	http_fixture_start_server(f->http);
	assert_true(http_wait(f->http->base, is_connected, f));
	kind = first_kind(f, &status);
	assert_non_null(json_object_get(kind, "since"));
	json_decref(status);
}

static bool all_wait(void *ctx)
{
	struct follow_fixture *f = ctx;
	size_t i;

	for (i = 0; i < FOLLOW_NSOURCES; i++)
		if (!f->follow->sources[i].unreached ||
		    !event_pending(f->follow->sources[i].retry, EV_TIMEOUT, NULL))
			return false;
	return true;
}

/* Whoever finds the authority again first tells those whose pauses are longer. */
static void test_found_again_by_one(void **state)
{
	static const struct timeval long_pause = { .tv_sec = 60 };
	struct follow_fixture *f = *state;

	start(f, 0);
	assert_true(http_wait(f->http->base, is_connected, f));
	http_fixture_stop_server(f->http);
	assert_true(http_wait(f->http->base, all_wait, f));
	event_add(f->follow->sources[0].retry, &long_pause);
	event_add(f->follow->sources[2].retry, &long_pause);
	http_fixture_start_server(f->http);
	assert_true(http_wait(f->http->base, is_connected, f));
}

static bool has_event(void *ctx)
{
	struct follow_fixture *f = ctx;
	struct http_answer a;
	bool found;

	http_ask(f->http, "GET", "/api/v1/namespaces/default/events", NULL, NULL, &a);
	found = strstr(a.body, "\"involvedObject\":{\"kind\":\"Service\",\"namespace\":\"default\","
		       "\"name\":\"a\"") && strstr(a.body, "\"reason\":\"Odd\"") &&
		strstr(a.body, "\"message\":\"two\"");
	http_answer_clear(&a);
	return found;
}

static void test_events(void **state)
{
	json_t *service = json_pack("{s:{s:s, s:s}}", "metadata", "name", "a", "namespace",
				    "default");
	json_t *nowhere = json_pack("{s:{s:s, s:s}}", "metadata", "name", "a", "namespace",
				    "nowhere");
	struct follow_fixture *f = *state;

	start(f, 0);
	assert_true(http_wait(f->http->base, is_ready, f));
	follow_warn(f->follow, service, "Odd", "one");
	/* One that is refused holds up no other for long. */
	follow_warn(f->follow, nowhere, "Odd", "refused");
	follow_warn(f->follow, service, "Odd", "two");
	assert_true(http_wait(f->http->base, has_event, f));
	json_decref(service);
	json_decref(nowhere);
}

/* --- an authority of the test's own, to send what a real one never would --- */

struct script {
	unsigned int lists, watches;		/* of Services */
	char last[64];				/* version that was last asked for */
	bool silent;
	bool no_services, no_slices;		/* these are refused */
	int refusal;				/* with this status */
	size_t piece;				/* bytes a chunk */
	struct evhttp_connection *broken;	/* to be cut */
};

#define SCRIPT_SERVICE(name, version, ip)                                                \
	"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name     \
	"\",\"namespace\":"                                                              \
	"\"default\",\"resourceVersion\":\"" version                                     \
	"\"},\"spec\":{\"ports\":[{\"protocol\":\"TCP\","                                \
	"\"port\":80,\"targetPort\":80}],\"clusterIP\":\"" ip "\",\"clusterIPs\":[\"" ip \
	"\"],\"type\":"                                                                  \
	"\"ClusterIP\",\"ipFamilies\":[\"IPv4\"]}}"

static const char script_events[] =
	"{\"type\":\"ADDED\",\"object\":" SCRIPT_SERVICE("x", "11", "10.96.0.11") "}\n"
	"{\"type\":\"ADDED\",\"object\":" SCRIPT_SERVICE("y", "12", "10.96.0.12") "}\n"
	"{\"type\":\"MODIFIED\",\"object\":" SCRIPT_SERVICE("x", "13", "10.96.0.13") "}\n"
	"{\"type\":\"DELETED\",\"object\":" SCRIPT_SERVICE("y", "14", "10.96.0.12") "}\n";

static void send_list(struct evhttp_request *req, const char *kind)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_add_printf(buf, "{\"kind\":\"%sList\",\"apiVersion\":\"v1\",\"metadata\":"
			    "{\"resourceVersion\":\"10\"},\"items\":[]}", kind);
	evhttp_send_reply(req, 200, "OK", buf);
	evbuffer_free(buf);
}

static void send_pieces(struct script *s, struct evhttp_request *req, const char *text, size_t len)
{
	struct evbuffer *buf = evbuffer_new();
	size_t n;

	for (; len; text += n, len -= n) {
		n = len < s->piece ? len : s->piece;
		evbuffer_add(buf, text, n);
		evhttp_send_reply_chunk(req, buf);
	}
	evbuffer_free(buf);
}

/* evhttp leaves a request that was not answered to the end to whom it gave it. */
static void script_closed(struct evhttp_connection *conn, void *ctx)
{
	(void)conn;
	if (!evhttp_request_get_connection(ctx))
		evhttp_request_free(ctx);
}

static void script_stream(struct evhttp_request *req)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(req), script_closed, req);
	evhttp_send_reply_start(req, 200, "OK");
}

/* The first watch breaks off in the middle of the third event; the next goes on from the second. */
static void script_watch(struct script *s, struct evhttp_request *req, const char *query)
{
	const char *third = strstr(script_events, "{\"type\":\"MODIFIED\"");

	sscanf(strstr(query, "resourceVersion="), "resourceVersion=%63[^&]", s->last);
	s->watches++;
	script_stream(req);
	if (s->silent)
		return;
	if (s->watches == 1) {
		send_pieces(s, req, script_events, third + 50 - script_events);
		s->broken = evhttp_request_get_connection(req);
	} else if (s->watches == 2) {
		send_pieces(s, req, third, strlen(third));
	}
}

static void script_handle(struct evhttp_request *req, void *ctx)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);
	bool slices = strstr(path, "/endpointslices"), nodes = strstr(path, "/nodes");
	bool watch = query && strstr(query, "watch=1");
	struct script *s = ctx;

	if (query && strstr(query, "sendInitialEvents")) {
		/* As servers before Kubernetes 1.27 that validate parameters do. */
		evhttp_send_reply(req, 422, "no", NULL);
	} else if (!nodes && (slices ? s->no_slices : s->no_services)) {
		evhttp_send_reply(req, s->refusal, "no", NULL);
	} else if (slices || nodes) {
		if (watch)
			script_stream(req);
		else
			send_list(req, nodes ? "Node" : "EndpointSlice");
	} else if (watch) {
		script_watch(s, req, query);
	} else {
		s->lists++;
		send_list(req, "Service");
	}
}

static void start_script(struct follow_fixture *f, struct script *s, unsigned int silence_ms)
{
	struct err e = { "" };

	http_fixture_stop_server(f->http);
	assert_int_equal(
		server_open(&f->http->server, f->http->base, f->http->socket, script_handle, s, &e),
		0);
	start(f, silence_ms);
}

static void test_cut_and_broken(void **state)
{
	struct script s = { .piece = 7 };
	struct follow_fixture *f = *state;
	const struct kservice *x;

	start_script(f, &s, 0);
	expect(f, "default/y", 0);
	expect(f, "default/x", 0);
	assert_string_equal(s.last, "10");
	evhttp_connection_free(s.broken);
	/* It is resumed from what was complete: the end of it is seen, once, without a list. */
	expect(f, "default/y", KERNEL_NONE);
	assert_string_equal(s.last, "12");
	assert_int_equal(s.lists, 1);
	assert_int_equal(s.watches, 2);
	x = kernel_fake_find(f->kernel, "default/x", AF_INET, IPPROTO_TCP);
	assert_int_equal(ntohl(x->frontends[0].addr.v4.s_addr), 0x0a60000d);
}

static bool many_watches(void *ctx)
{
	struct script *s = ctx;

	return s->watches >= 3;
}

static void test_silence(void **state)
{
	struct script s = { .piece = 100, .silent = true };
	struct follow_fixture *f = *state;

	start_script(f, &s, 30);
	assert_true(http_wait(f->http->base, many_watches, &s));
	assert_string_equal(s.last, "10");
	/* Silent twice, it may be one that knows nothing of our version. */
	assert_true(s.lists >= 2);
	assert_true(node_ready(f->node, NULL));
}

struct said {
	FILE *log;
	char *text;
	size_t len;
	const char *want;
};

static unsigned int times(struct said *s, const char *words)
{
	unsigned int n = 0;
	const char *p;

	fflush(s->log);
	for (p = s->text; (p = strstr(p, words)); p++)
		n++;
	return n;
}

static bool was_said(void *ctx)
{
	struct said *s = ctx;

	return times(s, s->want) > 0;
}

static bool services_watched(void *ctx)
{
	struct script *s = ctx;

	return s->watches > 0;
}

/* One line when both fail, and no good news while one of them still does. */
static void test_complaints(void **state)
{
	struct script s = { .piece = 100, .silent = true, .no_services = true,
			    .no_slices = true, .refusal = 500 };
	struct said said = { .want = "answers with HTTP status 500" };
	struct follow_fixture *f = *state;

	said.log = open_memstream(&said.text, &said.len);
	log_init(LOG_LEVEL_INFO, said.log, LOG_FORMAT_TEXT);
	start_script(f, &s, 0);
	assert_true(http_wait(f->http->base, was_said, &said));
	s.no_services = false;
	assert_true(http_wait(f->http->base, services_watched, &s));
	assert_int_equal(times(&said, "answers again"), 0);
	assert_int_equal(times(&said, "warning: following: "), 1);
	s.no_slices = false;
	said.want = "the authority answers again";
	assert_true(http_wait(f->http->base, was_said, &said));
	assert_int_equal(times(&said, "warning: following: "), 1);
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	fclose(said.log);
	free(said.text);
}

/* It serves what an svcd before EndpointSlices did. */
static void test_older_authority(void **state)
{
	struct script s = { .piece = 100, .silent = true, .no_slices = true, .refusal = 404 };
	struct said said = { .want = "has no EndpointSlices; is it older than this svcd?" };
	struct follow_fixture *f = *state;

	said.log = open_memstream(&said.text, &said.len);
	log_init(LOG_LEVEL_INFO, said.log, LOG_FORMAT_TEXT);
	start_script(f, &s, 0);
	assert_true(http_wait(f->http->base, was_said, &said));
	assert_false(node_ready(f->node, NULL));
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	fclose(said.log);
	free(said.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_follows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_asks_for_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_node_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_older_authority, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_lost_without_lists, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_authority_goes_and_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_old, setup, teardown),
		cmocka_unit_test_setup_teardown(test_authority_starts_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_authority_is_not_there_yet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found_again_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_and_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_complaints, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
