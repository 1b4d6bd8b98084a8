// SPDX-License-Identifier: GPL-2.0
#include "api_env.h"

#include "err.h"
#include "http_fixture.h"
#include "slurp.h"
#include "txn.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW		1700000000
#define TURNS_MAX	200

static struct api_env *only;

static time_t env_now(void *ctx)
{
	return *(time_t *)ctx;
}

static bool always(void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	return true;
}

static void open_registry(struct api_env *env)
{
	struct registry_config c = {
		.nservice_cidrs = 2,
		.node_port_min = 30000,
		.node_port_max = 32767,
		.history = 100,
		.seed = 42,
		.now = env_now,
		.now_ctx = &env->now,
	};
	struct watch_config w = { .base = env->base };
	struct err e = { "" };

	must(!ip_cidr_parse("10.96.0.0/12", &c.service_cidrs[0], &e) &&
	     !ip_cidr_parse("fd96::/108", &c.service_cidrs[1], &e), "%s", e.text);
	must(registry_open(&env->registry, env->db, &c, &e) == 0, "%s", e.text);
	w.registry = env->registry;
	must(watch_hub_alloc(&env->watches, &w, &e) == 0, "%s", e.text);
	env->api.registry = env->registry;
	env->api.watches = env->watches;
}

static void close_registry(struct api_env *env)
{
	watch_hub_free(env->watches);
	registry_close(env->registry);
}

static void remove_files(const struct api_env *env)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".lock" };
	char file[128];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(file, sizeof(file), "%s%s", env->db, ends[i]);
		unlink(file);
	}
}

void api_env_reopen(struct api_env *env)
{
	close_registry(env);
	open_registry(env);
}

/* A database with nothing in it, as it was closed: to make one takes ten times as long. */
static void keep_blank(struct api_env *env)
{
	struct err e = { "" };

	open_registry(env);
	env->empty = registry_version(env->registry);
	close_registry(env);
	must(slurp(env->db, (size_t)1 << 20, &env->blank, &env->blank_len, &e) == 0, "%s", e.text);
}

void api_env_wipe(struct api_env *env)
{
	FILE *f;

	close_registry(env);
	remove_files(env);
	f = fopen(env->db, "w");
	must(f && fwrite(env->blank, 1, env->blank_len, f) == env->blank_len && fclose(f) == 0,
	     "%s: %s", env->db, strerror(errno));
	open_registry(env);
	must(registry_version(env->registry) == env->empty, "not as it was when it was empty");
}

static void close_env(void)
{
	char lock[128];

	server_close(only->server);
	close_registry(only);
	remove_files(only);
	event_base_free(only->base);
	snprintf(lock, sizeof(lock), "%s.lock", only->socket);
	unlink(lock);
	rmdir(only->dir);
	free(only->blank);
	free(only);
}

/* In memory where there is room for it: each write is synchronous. */
static void make_folder(struct api_env *env)
{
	strcpy(env->dir, "/dev/shm/svcnat-fuzz-XXXXXX");
	if (!mkdtemp(env->dir)) {
		strcpy(env->dir, "/tmp/svcnat-fuzz-XXXXXX");
		must(mkdtemp(env->dir), "%s: %s", env->dir, strerror(errno));
	}
	snprintf(env->db, sizeof(env->db), "%s/svcd.db", env->dir);
	snprintf(env->socket, sizeof(env->socket), "%s/s", env->dir);
}

struct api_env *api_env(void)
{
	struct err e = { "" };

	if (only)
		return only;
	/* As svcd does: the other end may be gone. */
	signal(SIGPIPE, SIG_IGN);
	only = calloc(1, sizeof(*only));
	must(only, "out of memory");
	make_folder(only);
	only->base = event_base_new();
	only->now = NOW;
	only->api.ready = always;
	keep_blank(only);
	open_registry(only);
	must(server_open(&only->server, only->base, only->socket, api_handle, &only->api, &e) == 0,
	     "%s", e.text);
	atexit(close_env);
	return only;
}

char *api_env_dump(const struct api_env *env)
{
	json_t *all = json_array();
	const struct objects *o;
	char *text;
	size_t t, i;

	for (t = 0; resource_at(t); t++) {
		o = txn_objects(env->registry, resource_at(t));
		for (i = 0; i < o->n; i++)
			json_array_append(all, o->v[i].object);
	}
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	must(text, "objects that are no JSON");
	json_decref(all);
	return text;
}

void api_env_fail(const char *file, int line, const json_t *body, const char *what)
{
	char *text = body ? json_dumps(body, JSON_INDENT(1) | JSON_ENCODE_ANY) : NULL;

	target_fail(file, line, "%s: %s", what, text ? text : "(nothing)");
}

static const char *text_at(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

void api_env_check_status(int code, const json_t *body)
{
	api_env_must(code >= 400 && code < 600, body, "no code of an error");
	api_env_must(!strcmp(text_at(body, "kind"), "Status"), body, "an error is no Status");
	api_env_must(json_integer_value(json_object_get(body, "code")) == code, body,
		     "the code of the Status is another");
	api_env_must(*text_at(body, "message"), body, "an error without words");
	/* Nothing that a client sends is svcd's own failure. */
	api_env_must(code < 500 || strstr(text_at(body, "message"), "strconv.ParseUint"), body,
		     "svcd's own failure");
}

/* --- one request --- */

static void take(const struct http_peer *p, const struct http_answer *http, struct api_answer *a)
{
	const char *type = strcasestr(http->head, "\r\nContent-Type: ");
	size_t n = type ? strcspn(type + 16, "\r\n") : 0;

	(void)p;
	a->status = http->status;
	a->stream = !http->complete;
	if (n < sizeof(a->type))
		snprintf(a->type, sizeof(a->type), "%.*s", (int)n, type ? type + 16 : "");
	a->body = malloc(http->len + 1);
	must(a->body, "out of memory");
	memcpy(a->body, http->body, http->len);
	a->body[http->len] = '\0';
	a->len = http->len;
}

/* HTTP/0.9 and the like, which libevent answers in kind. */
static bool is_old(const struct http_peer *p)
{
	return p->len >= 7 && memcmp(p->raw, "HTTP/1.", 7) != 0;
}

/* true: that is all. What is left of a stream comes in the next turns, or never. */
static bool look(struct http_peer *p, bool expect_body, struct api_answer *a)
{
	struct http_answer http;
	bool over = false;

	http_peer_receive(p);
	if (is_old(p)) {
		a->status = 505;
		return p->closed;
	}
	if (http_peer_parse(p, &http) && http.status != 100) {
		over = http.complete || !expect_body;
		api_answer_clear(a);
		take(p, &http, a);
	}
	http_answer_clear(&http);
	return over || p->closed;
}

void api_env_ask(struct api_env *env, const char *bytes, size_t len, bool expect_body,
		 struct api_answer *a)
{
	struct http_peer p;
	int turn;

	*a = (struct api_answer){ 0 };
	http_peer_open(&p, env->socket);
	http_peer_send(&p, bytes, len);
	for (turn = 0; turn < TURNS_MAX; turn++) {
		event_base_loop(env->base, EVLOOP_NONBLOCK);
		if (look(&p, expect_body, a))
			break;
		/* A stream that has said nothing for a while says nothing more. */
		if (a->status && turn > 20)
			break;
	}
	http_peer_close(&p);
	/* The server hears of it. */
	event_base_loop(env->base, EVLOOP_NONBLOCK);
	event_base_loop(env->base, EVLOOP_NONBLOCK);
}

void api_answer_clear(struct api_answer *a)
{
	free(a->body);
	*a = (struct api_answer){ 0 };
}
