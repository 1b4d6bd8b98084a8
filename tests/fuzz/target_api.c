// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the API, one after the other, each on a connection of its own:
 *
 *	POST /api/v1/namespaces/default/services
 *	Content-Type: application/json
 *
 *	{"kind": "Service", ...}
 *	%%
 *	GET /api/v1/services
 *
 * Each gets an answer, an error one with words and without a trace. Objects that were taken are
 * taken again as they are, compile to what the kernel takes, and are there after a restart. With
 * FUZZ_SAY in the environment it prints each request and its answer.
 */
#include "api_env.h"
#include "target.h"

#include "compile.h"
#include "err.h"
#include "kernel_fake.h"
#include "slice.h"
#include "txn.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BETWEEN		"\n%%\n"
#define REQUESTS_MAX	16

/* --- a request --- */

struct request {
	char method[16];
	char *line;		/* the first one, of the input */
	char *bytes;		/* as it is sent */
	size_t len;
	bool read_only;		/* by its method, or a dry run */
	bool of_many;		/* what fails may be done in part */
};

/* How long a message is, is the target's to say; target_http.c has all of HTTP. */
static bool is_framing(const char *line)
{
	static const char *const names[] = { "Content-Length", "Transfer-Encoding", "Expect",
					     "Connection", "Upgrade", " ", "\t" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The next line of *at, without what would end it early; *at is behind it. To be freed. */
static char *next_line(const char **at, const char *end)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	size_t i, len = (size_t)((stop ? stop : end) - *at);
	char *line = strndup(*at, len);

	must(line, "out of memory");
	for (i = 0; line[i]; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	*at = stop ? stop + 1 : end;
	return line;
}

static void write_head(FILE *f, const char *at, const char *end)
{
	char *line;

	while (at < end) {
		line = next_line(&at, end);
		if (*line && !is_framing(line))
			fprintf(f, "%s\r\n", line);
		free(line);
	}
}

/* Of text: a line, the head, an empty line, the body. */
static void request_make(struct request *r, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	const char *body = memmem(text, len, "\n\n", 2);
	FILE *f = open_memstream(&r->bytes, &r->len);

	must(f, "out of memory");
	r->line = next_line(&at, end);
	fprintf(f, "%s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n", r->line,
		body ? (size_t)(end - body) - 2 : 0);
	write_head(f, at, body ? body : end);
	fputs("\r\n", f);
	if (body)
		fwrite(body + 2, 1, (size_t)(end - body) - 2, f);
	must(fclose(f) == 0, "out of memory");
	snprintf(r->method, sizeof(r->method), "%.*s", (int)strcspn(r->line, " "), r->line);
	r->read_only = !strcmp(r->method, "GET") || !strcmp(r->method, "HEAD") ||
		       !strcmp(r->method, "OPTIONS");
	r->of_many = !strcmp(r->method, "DELETE");
}

static void request_clear(struct request *r)
{
	free(r->line);
	free(r->bytes);
}

/* --- its answer --- */

static void check_json(const struct api_answer *a)
{
	json_t *body = json_loadb(a->body, a->len, 0, NULL);

	must(body, "%d: this is not JSON: %s", a->status, a->body);
	if (a->status >= 400)
		api_env_check_status(a->status, body);
	json_decref(body);
}

/* Each line that is whole. */
static void check_stream(const struct api_answer *a)
{
	const char *line = a->body, *end;
	json_t *event;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		event = json_loadb(line, (size_t)(end - line), 0, NULL);
		api_env_must(json_is_string(json_object_get(event, "type")) &&
			     json_is_object(json_object_get(event, "object")), event,
			     "this is no event of a watch");
		json_decref(event);
	}
}

static bool is_type(const struct api_answer *a, const char *type)
{
	return strncmp(a->type, type, strlen(type)) == 0;
}

static void check_answer(struct api_env *env, const struct request *r, const struct api_answer *a,
			 uint64_t before)
{
	const bool changed = registry_version(env->registry) != before;

	must(a->status >= 200 && a->status < 600, "%s: no answer: %d", r->line, a->status);
	must(!changed || !r->read_only, "%s: %d, and it has changed something", r->line,
	     a->status);
	must(!changed || r->of_many || a->status < 400, "%s: refused with %d, but it has changed "
	     "something: %s", r->line, a->status, a->body);
	if (!strcmp(r->method, "HEAD"))
		return;
	must(a->len || a->stream || a->status < 400, "%s: %d without words", r->line, a->status);
	if (a->stream)
		check_stream(a);
	else if (is_type(a, "application/json") && !is_type(a, "application/json;stream"))
		check_json(a);
}

static void ask(struct api_env *env, const char *text, size_t len)
{
	uint64_t before = registry_version(env->registry);
	struct request r = { .bytes = NULL };
	struct api_answer a;

	request_make(&r, text, len);
	api_env_ask(env, r.bytes, r.len, strcmp(r.method, "HEAD") != 0, &a);
	if (getenv("FUZZ_SAY"))
		fprintf(stderr, "%s: %d %s\n", r.line, a.status, a.body ? a.body : "");
	check_answer(env, &r, &a, before);
	api_answer_clear(&a);
	request_clear(&r);
}

/* --- what has come of it --- */

/* To write what is there changes nothing. */
static void check_same(struct api_env *env, const struct resource *res,
		       const struct objects_entry *e)
{
	uint64_t before = registry_version(env->registry);
	json_t *object = json_incref(e->object);
	struct reply reply = { 0 };

	registry_update(env->registry, res, res->namespaced ? e->ns : NULL, e->name, NULL, object,
			REGISTRY_STRICT, &reply);
	api_env_must(reply.code == 200, reply.body, "what was taken is refused as it is");
	api_env_must(registry_version(env->registry) == before, reply.body,
		     "to write it as it is changes it");
	json_decref(reply.body);
	json_decref(object);
}

static void check_all_same(struct api_env *env)
{
	const struct objects *o;
	size_t t, i;

	for (t = 0; resource_at(t); t++) {
		o = txn_objects(env->registry, resource_at(t));
		for (i = 0; i < o->n; i++)
			check_same(env, resource_at(t), &o->v[i]);
	}
}

static void slices_of(const struct api_env *env, const struct objects_entry *svc,
		      struct compile_slices *out)
{
	const struct objects *o = txn_objects(env->registry, slice_type());
	json_t **v = calloc(o->n + 1, sizeof(*v));
	const char *of;
	size_t i;

	must(v, "out of memory");
	*out = (struct compile_slices){ .v = v };
	for (i = 0; i < o->n; i++) {
		of = compile_slice_service(o->v[i].object);
		if (of && !strcmp(of, svc->name) && !strcmp(o->v[i].ns, svc->ns))
			v[out->n++] = o->v[i].object;
	}
}

/* What another Service has too is the proxy's to sort out; anything else is a wrong one. */
static void set_all(struct kernel *k, const struct kservices *l, const json_t *svc)
{
	struct err e = { "" };
	size_t i;
	int ret;

	for (i = 0; i < l->n; i++) {
		ret = k->ops->service_set(k, &l->v[i], KERNEL_CREATE, 0, &e);
		api_env_must(!ret || (ret == -EEXIST && strstr(e.text, "is taken by")), svc,
			     e.text);
	}
}

static void check_compiles(const struct api_env *env)
{
	const struct objects *o =
		txn_objects(env->registry, resource_by_plural("v1", "services"));
	const struct compile_node node = { .owner = "svcd", .name = "n1", .zone = "z1" };
	struct kernel *k = kernel_fake_open();
	struct compile_slices slices;
	struct kservices l;
	size_t i;

	for (i = 0; i < o->n; i++) {
		l = (struct kservices){ 0 };
		slices_of(env, &o->v[i], &slices);
		must(compile_service(o->v[i].object, &slices, &node, &l) == 0, "out of memory");
		set_all(k, &l, o->v[i].object);
		kservices_clear(&l);
		free((void *)slices.v);
	}
	kernel_fake_free(k);
}

static void check_restart(struct api_env *env)
{
	char *before = api_env_dump(env), *after;

	api_env_reopen(env);
	after = api_env_dump(env);
	must(!strcmp(before, after), "after a restart there is\n%s\nbefore it there was\n%s",
	     after, before);
	free(before);
	free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *at = (const char *)data, *end = at + len, *next;
	struct api_env *env = api_env();
	int i;

	for (i = 0; i < REQUESTS_MAX && at < end; i++) {
		next = memmem(at, (size_t)(end - at), BETWEEN, strlen(BETWEEN));
		ask(env, at, (size_t)((next ? next : end) - at));
		at = next ? next + strlen(BETWEEN) : end;
	}
	if (registry_version(env->registry) == env->empty)
		return 0;
	check_all_same(env);
	check_compiles(env);
	check_restart(env);
	api_env_wipe(env);
	return 0;
}
