// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 at moments that nobody chose, under load: clients create, change and
 * delete Services over the API's socket, and note what was acknowledged. After
 * each restart everything that was is there, what was on its way is there
 * whole or not at all, and a watch from before the kill tells exactly the
 * difference.
 *
 * The server is a child of this program with all of svcd but the kernel's side;
 * or, with SVCD=PATH, that svcd, in a network namespace of its own. ROUNDS=N:
 * how often. "make soak-store" does both.
 */
#include "api.h"
#include "jx.h"
#include "registry.h"
#include "server.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS_DEFAULT	20
#define CLIENTS		4
#define NAMES		6	/* of each client */
#define READY_MS	60000
#define LOAD_USEC_MAX	200000
#define SERVICES	"/api/v1/namespaces/default/services"
#define BODY		"{\"metadata\":{\"name\":\"%s\",\"labels\":{\"mark\":\"%s\"}},\"spec\":{" \
			"\"type\":\"NodePort\",\"selector\":{\"app\":\"x\"},\"ports\":[{\"port\":" \
			"80}]}}"
#define PATCH		"{\"metadata\":{\"labels\":{\"mark\":\"%s\"}}}"

/* What one Service may be: as acknowledged last, or as asked for and not answered. */
struct known {
	char name[16];
	char mark[24], ip[48];		/* mark "": it is not there; ip: as answered, or "" */
	bool open;			/* a request without an answer */
	char asked[24];
};

struct client {
	pthread_t thread;
	CURL *curl;
	unsigned int seed, serial;
	struct known known[NAMES];
	size_t acknowledged;
	const char *wrong;		/* an answer that must not be */
};

struct soak {
	char dir[64], socket[80], notify[80];
	int notify_fd;
	pid_t server;
	struct client clients[CLIENTS];
	CURL *curl;
	json_t *mirror;			/* name to Service, as the watch has told it */
	char version[24];		/* up to where */
	char sentinel[24];		/* the mark that ends the reading of a watch */
	size_t replayed, undecided;
};

struct answer {
	char *text;
	size_t len;
	struct soak *soak;		/* of a watch: whose mirror */
	bool done;
};

static size_t receive(char *data, size_t one, size_t n, void *ctx)
{
	struct answer *a = ctx;

	a->text = jx_must(realloc(a->text, a->len + n + 1));
	memcpy(a->text + a->len, data, n);
	a->len += n;
	a->text[a->len] = '\0';
	return one * n;
}

/* The status, 0 without an answer. */
static long ask(CURL *curl, const char *socket, const char *method, const char *path,
		const char *body, json_t **out)
{
	struct curl_slist *headers = curl_slist_append(NULL, strcmp(method, "PATCH") ?
		"Content-Type: application/json" : "Content-Type: application/merge-patch+json");
	struct answer a = { 0 };
	char url[256];
	long code = 0;

	snprintf(url, sizeof(url), "http://svcd%s", path);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	if (out)
		*out = a.text ? json_loadb(a.text, a.len, 0, NULL) : NULL;
	curl_slist_free_all(headers);
	free(a.text);
	return code;
}

/* ---- the server */

static void serve_here(const struct soak *s)
{
	struct registry_config rc = {
		.nservice_cidrs = 1, .node_port_min = 30000, .node_port_max = 32767,
	};
	struct watch_config wc = { 0 };
	struct server *server;
	struct api api = { 0 };
	char path[96];

	ip_cidr_parse("10.96.0.0/12", &rc.service_cidrs[0], NULL);
	snprintf(path, sizeof(path), "%s/svcd.db", s->dir);
	wc.base = event_base_new();
	if (registry_open(&wc.registry, path, &rc, NULL) ||
	    watch_hub_alloc(&api.watches, &wc, NULL))
		_exit(3);
	api.registry = wc.registry;
	if (server_open(&server, wc.base, s->socket, api_handle, &api, NULL))
		_exit(4);
	sd_notify(0, "READY=1");
	event_base_dispatch(wc.base);
	_exit(5);
}

static void serve_there(const struct soak *s, const char *svcd)
{
	/* Whatever this machine's kernel has is not to be touched. */
	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
		_exit(6);
	execl(svcd, svcd, "--socket", s->socket, "--data-dir", s->dir, "--node-name", "n",
	      "--log-level", "error", NULL);
	_exit(7);
}

static void start(struct soak *s)
{
	struct pollfd p = { .fd = s->notify_fd, .events = POLLIN };
	const char *svcd = getenv("SVCD");
	char text[256] = "";

	s->server = fork();
	assert_true(s->server >= 0);
	if (!s->server && svcd)
		serve_there(s, svcd);
	else if (!s->server)
		serve_here(s);
	while (!strstr(text, "READY=1")) {
		ssize_t n;

		if (poll(&p, 1, READY_MS) <= 0)
			fail_msg("the server does not start");
		n = recv(s->notify_fd, text, sizeof(text) - 1, 0);
		assert_true(n >= 0);
		text[n] = '\0';
	}
}

static void stop(struct soak *s, int number)
{
	int status;

	kill(s->server, number);
	assert_int_equal(waitpid(s->server, &status, 0), s->server);
	if (number == SIGKILL)
		assert_true(WIFSIGNALED(status));
}

/* ---- the load */

static const char *socket_of_all;

static void answered(struct client *c, struct known *k, const json_t *body)
{
	k->open = false;
	c->acknowledged++;
	memcpy(k->mark, k->asked, sizeof(k->mark));
	if (!*k->mark)
		k->ip[0] = '\0';
	else if (!*k->ip)
		snprintf(k->ip, sizeof(k->ip), "%s", jx_str(body, "spec.clusterIP"));
	else if (!jx_is(body, "spec.clusterIP", k->ip))
		c->wrong = "the address changed";
	if (*k->mark && !jx_is(body, "metadata.labels.mark", k->mark))
		c->wrong = "the answer is not what was asked for";
}

/* false: the server is gone. */
static bool one_request(struct client *c)
{
	struct known *k = &c->known[rand_r(&c->seed) % NAMES];
	const char *method = !*k->mark ? "POST" : rand_r(&c->seed) % 3 ? "PATCH" : "DELETE";
	char path[128], body[512];
	json_t *out = NULL;
	long code;

	snprintf(k->asked, sizeof(k->asked), "m%u", ++c->serial);
	snprintf(path, sizeof(path), *k->mark ? SERVICES "/%s" : SERVICES, k->name);
	if (*method == 'D')
		k->asked[0] = '\0';
	if (*k->mark)
		snprintf(body, sizeof(body), PATCH, k->asked);
	else
		snprintf(body, sizeof(body), BODY, k->name, k->asked);
	k->open = true;
	code = ask(c->curl, socket_of_all, method, path, *method == 'D' ? NULL : body, &out);
	if (code == 200 || code == 201)
		answered(c, k, out);
	else if (code)
		c->wrong = "a request was refused";
	json_decref(out);
	return code && !c->wrong;
}

static void *load(void *ctx)
{
	while (one_request(ctx))
		;
	return NULL;
}

static void load_and_kill(struct soak *s)
{
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&s->clients[i].thread, NULL, load, &s->clients[i]),
				 0);
	/* Some part of a transaction later; which part is the point. */
	usleep(rand() % LOAD_USEC_MAX);
	stop(s, SIGKILL);
	for (size_t i = 0; i < CLIENTS; i++) {
		pthread_join(s->clients[i].thread, NULL);
		if (s->clients[i].wrong)
			fail_msg("%s", s->clients[i].wrong);
	}
}

/* ---- the comparison */

/* All Services or Endpoints by name. A new reference. */
static json_t *list(struct soak *s, const char *path, char version[24])
{
	json_t *body = NULL, *item, *by_name = json_object();
	size_t i;

	assert_int_equal(ask(s->curl, s->socket, "GET", path, NULL, &body), 200);
	json_array_foreach(json_object_get(body, "items"), i, item)
		json_object_set(by_name, jx_str(item, "metadata.name"), item);
	if (version)
		snprintf(version, 24, "%s", jx_str(body, "metadata.resourceVersion"));
	json_decref(body);
	return by_name;
}

static void expect_known(struct soak *s, struct known *k, const json_t *services)
{
	const json_t *svc = json_object_get(services, k->name);
	const char *mark = jx_str(svc, "metadata.labels.mark");

	if (k->open && !strcmp(mark, k->asked) && strcmp(mark, k->mark)) {
		/* It was done, only nobody was told. */
		memcpy(k->mark, k->asked, sizeof(k->mark));
		k->ip[0] = '\0';
		s->undecided++;
	}
	k->open = false;
	if (strcmp(mark, k->mark) || !svc != !*k->mark)
		fail_msg("%s is \"%s\", acknowledged was \"%s\"", k->name, mark, k->mark);
	if (*k->ip && !jx_is(svc, "spec.clusterIP", k->ip))
		fail_msg("%s has another address than it was given", k->name);
	snprintf(k->ip, sizeof(k->ip), "%s", jx_str(svc, "spec.clusterIP"));
}

/* Each has its own address and port, and its Endpoints; none are left of those that went. */
static void expect_whole(struct soak *s, json_t *services)
{
	json_t *endpoints = list(s, "/api/v1/namespaces/default/endpoints", NULL);
	json_t *seen = json_object(), *svc;
	const char *name;
	char port[24];

	json_object_foreach(services, name, svc) {
		const json_t *first = json_array_get(jx_get(svc, "spec.ports"), 0);
		const char *ip = jx_str(svc, "spec.clusterIP");

		snprintf(port, sizeof(port), "%d", (int)jx_int(first, "nodePort"));
		assert_true(*ip && strcmp(port, "0"));
		assert_null(json_object_get(seen, ip));
		assert_null(json_object_get(seen, port));
		json_object_set_new(seen, ip, json_true());
		json_object_set_new(seen, port, json_true());
		if (!json_object_get(endpoints, name))
			fail_msg("%s has no Endpoints", name);
	}
	assert_int_equal(json_object_size(endpoints), json_object_size(services));
	json_decref(endpoints);
	json_decref(seen);
}

static void take_line(struct answer *a, const char *line, size_t len)
{
	json_t *event = json_loadb(line, len, 0, NULL), *object = jx_get(event, "object");
	const char *name = jx_str(object, "metadata.name");
	struct soak *s = a->soak;

	/* A failure ends the stream: what was not heard is missed then. */
	if (!event || jx_is(event, "type", "ERROR")) {
		fprintf(stderr, "# %.*s\n", (int)len, line);
		a->done = true;
	} else if (jx_is(event, "type", "DELETED")) {
		json_object_del(s->mirror, name);
	} else {
		/* An item of a list does without these. */
		json_object_set(s->mirror, name, object);
		a->done = !strcmp(name, "sentinel") &&
			  jx_is(object, "metadata.labels.mark", s->sentinel);
	}
	json_object_del(object, "kind");
	json_object_del(object, "apiVersion");
	s->replayed++;
	json_decref(event);
}

static size_t receive_watch(char *data, size_t one, size_t n, void *ctx)
{
	struct answer *a = ctx;
	char *end;

	receive(data, one, n, a);
	while (!a->done && a->len && (end = memchr(a->text, '\n', a->len))) {
		take_line(a, a->text, end - a->text);
		a->len -= end + 1 - a->text;
		memmove(a->text, end + 1, a->len);
	}
	return a->done ? 0 : n;
}

/* The watch from before the kill, up to the sentinel. */
static void go_on_watching(struct soak *s)
{
	struct answer a = { .soak = s };
	char url[160];

	snprintf(url, sizeof(url), "http://svcd" SERVICES "?watch=1&resourceVersion=%s",
		 s->version);
	curl_easy_reset(s->curl);
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, 30L);
	curl_easy_setopt(s->curl, CURLOPT_UNIX_SOCKET_PATH, s->socket);
	curl_easy_setopt(s->curl, CURLOPT_URL, url);
	curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, receive_watch);
	curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, &a);
	curl_easy_perform(s->curl);
	free(a.text);
	assert_true(a.done);
}

static void set_sentinel(struct soak *s, int round)
{
	char body[512];
	long code;

	snprintf(s->sentinel, sizeof(s->sentinel), "r%d", round);
	snprintf(body, sizeof(body), round ? PATCH : BODY, round ? s->sentinel : "sentinel",
		 s->sentinel);
	code = ask(s->curl, s->socket, round ? "PATCH" : "POST",
		   round ? SERVICES "/sentinel" : SERVICES, body, NULL);
	assert_int_equal(code, round ? 200 : 201);
}

static void compare(struct soak *s, int round)
{
	char version[24];
	json_t *services;

	set_sentinel(s, round);
	services = list(s, SERVICES, version);
	for (size_t i = 0; i < CLIENTS; i++)
		for (size_t k = 0; k < NAMES; k++)
			expect_known(s, &s->clients[i].known[k], services);
	expect_whole(s, services);
	if (round) {
		go_on_watching(s);
		assert_true(json_equal(s->mirror, services));
	}
	json_decref(s->mirror);
	s->mirror = services;
	strcpy(s->version, version);
}

static void open_notify(struct soak *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", s->notify);
	s->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(s->notify_fd, (struct sockaddr *)&sun, sizeof(sun)), errno);
	setenv("NOTIFY_SOCKET", s->notify, 1);
}

static int setup(void **state)
{
	struct soak *s = jx_must(calloc(1, sizeof(*s)));

	strcpy(s->dir, "/tmp/svcnat-kill-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->socket, sizeof(s->socket), "%s/s", s->dir);
	snprintf(s->notify, sizeof(s->notify), "%s/n", s->dir);
	socket_of_all = s->socket;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	open_notify(s);
	s->curl = curl_easy_init();
	for (size_t i = 0; i < CLIENTS; i++) {
		s->clients[i].curl = curl_easy_init();
		s->clients[i].seed = getpid() + i;
		for (size_t k = 0; k < NAMES; k++)
			snprintf(s->clients[i].known[k].name, 16, "c%zu-%zu", i, k);
	}
	srand(getpid());
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "s", "s.lock", "n", "svcd.db", "svcd.db-wal",
					     "svcd.db-shm" };
	struct soak *s = *state;
	char path[96];

	for (size_t i = 0; i < CLIENTS; i++)
		curl_easy_cleanup(s->clients[i].curl);
	curl_easy_cleanup(s->curl);
	curl_global_cleanup();
	close(s->notify_fd);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, files[i]);
		unlink(path);
	}
	rmdir(s->dir);
	json_decref(s->mirror);
	free(s);
	return 0;
}

static void test_kill(void **state)
{
	const char *n = getenv("ROUNDS");
	int rounds = n ? atoi(n) : ROUNDS_DEFAULT;
	struct soak *s = *state;
	size_t acknowledged = 0;

	for (int round = 0; round < rounds; round++) {
		start(s);
		compare(s, round);
		load_and_kill(s);
	}
	start(s);
	compare(s, rounds);
	stop(s, SIGTERM);
	for (size_t i = 0; i < CLIENTS; i++)
		acknowledged += s->clients[i].acknowledged;
	print_message("# %d kills: %zu changes acknowledged, %zu done and not answered, %zu "
		      "told again\n", rounds, acknowledged, s->undecided, s->replayed);
	assert_true(acknowledged >= (size_t)rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
