// SPDX-License-Identifier: GPL-2.0
#include "registry_help.h"

#include "txn.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static time_t now(void *ctx)
{
	return *(time_t *)ctx;
}

void registry_help_open(struct registry_help *h)
{
	struct err e = { "" };

	if (registry_open(&h->r, h->path, &h->config, &e))
		fail_msg("registry_open: %s", e.text);
}

void registry_help_reopen(struct registry_help *h)
{
	registry_close(h->r);
	h->r = NULL;
	registry_help_open(h);
}

int registry_help_setup(void **state)
{
	struct registry_help *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	/* In memory where there is room for it: each write is synchronous. */
	strcpy(h->dir, "/dev/shm/svcnat-registry-XXXXXX");
	if (!mkdtemp(h->dir)) {
		strcpy(h->dir, "/tmp/svcnat-registry-XXXXXX");
		assert_non_null(mkdtemp(h->dir));
	}
	snprintf(h->path, sizeof(h->path), "%s/svcd.db", h->dir);
	h->now = 1700000000;
	h->config = (struct registry_config){
		.nservice_cidrs = 1,
		.node_port_min = 30000,
		.node_port_max = 32767,
		.seed = 42,
		.now = now,
		.now_ctx = &h->now,
	};
	assert_int_equal(ip_cidr_parse("10.96.0.0/12", &h->config.service_cidrs[0], NULL), 0);
	registry_help_open(h);
	*state = h;
	return 0;
}

int registry_help_teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	struct registry_help *h = *state;
	char file[128];

	json_decref(h->reply.body);
	registry_close(h->r);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", h->path, ends[i]);
		unlink(file);
	}
	rmdir(h->dir);
	free(h);
	return 0;
}

json_t *registry_help_json(const char *fmt, ...)
{
	json_error_t error;
	char *text = NULL;
	va_list ap;
	json_t *j;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	assert_non_null(text);
	/* Single quotes, so that the tables stay readable. */
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	j = json_loads(text, JSON_DECODE_ANY, &error);
	if (!j)
		fail_msg("%s in %s", error.text, text);
	free(text);
	return j;
}

const struct resource *registry_help_type(const char *plural)
{
	const struct resource *res = resource_by_plural("v1", plural);

	if (!res)
		res = resource_by_plural("discovery.k8s.io/v1", plural);
	assert_non_null(res);
	return res;
}

static int done(struct registry_help *h, struct reply reply)
{
	json_decref(h->reply.body);
	h->reply = reply;
	assert_non_null(reply.body);
	return reply.code;
}

int registry_help_create(struct registry_help *h, const char *plural, const char *json)
{
	json_t *body = registry_help_json("%s", json);
	const struct resource *res = registry_help_type(plural);
	struct reply reply;

	registry_create(h->r, res, res->namespaced ? "default" : NULL, body, REGISTRY_STRICT,
			&reply);
	json_decref(body);
	return done(h, reply);
}

int registry_help_update(struct registry_help *h, const char *plural, const char *name,
			 const char *json)
{
	json_t *body = registry_help_json("%s", json);
	struct reply reply;

	registry_update(h->r, registry_help_type(plural), "default", name, NULL, body, 0, &reply);
	json_decref(body);
	return done(h, reply);
}

int registry_help_patch(struct registry_help *h, const char *plural, const char *name,
			const char *sub, const char *json)
{
	json_t *body = registry_help_json("%s", json);
	struct reply reply;

	registry_patch(h->r, registry_help_type(plural), "default", name, sub, body, 0, &reply);
	json_decref(body);
	return done(h, reply);
}

int registry_help_get(struct registry_help *h, const char *plural, const char *name)
{
	struct reply reply;

	registry_get(h->r, registry_help_type(plural), "default", name, &reply);
	return done(h, reply);
}

int registry_help_delete(struct registry_help *h, const char *plural, const char *name)
{
	struct reply reply;

	registry_delete(h->r, registry_help_type(plural), "default", name, 0, &reply);
	return done(h, reply);
}

const char *registry_help_message(const struct registry_help *h)
{
	const char *s = json_string_value(json_object_get(h->reply.body, "message"));

	return s ? s : "";
}

const char *registry_help_value(const struct registry_help *h, const char *path)
{
	static char number[32];
	const json_t *v = h->reply.body;
	char copy[256], *key, *save;

	snprintf(copy, sizeof(copy), "%s", path);
	for (key = strtok_r(copy, ".", &save); key; key = strtok_r(NULL, ".", &save))
		v = json_is_array(v) ? json_array_get(v, strtoul(key, NULL, 10)) :
				       json_object_get(v, key);
	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		return number;
	}
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	return json_is_string(v) ? json_string_value(v) : "";
}

void registry_help_wants(const struct registry_help *h, const char *what,
			 const struct registry_help_want wants[REGISTRY_HELP_WANTS])
{
	for (size_t i = 0; i < REGISTRY_HELP_WANTS && wants[i].path; i++) {
		const char *is = registry_help_value(h, wants[i].path);

		if (fnmatch(wants[i].value, is, 0))
			fail_msg("%s: %s is \"%s\", not \"%s\"", what, wants[i].path, is,
				 wants[i].value);
	}
}

void registry_help_event(struct registry *r, const json_t *object, const char *type,
			 const char *reason, const char *message)
{
	registry_record_event(r, object, type, reason, message);
	assert_int_equal(registry_write_events(r, NULL), 0);
}

void registry_help_service(struct registry_help *h, const char *name, const char *spec)
{
	char body[1024];

	snprintf(body, sizeof(body), "{'kind':'Service','apiVersion':'v1','metadata':{'name':'%s'},"
		 "'spec':%s}", name, spec);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

void registry_help_causes(const struct registry_help *h, const char *what,
			  const char *const causes[REGISTRY_HELP_CAUSES])
{
	const json_t *all = json_object_get(json_object_get(h->reply.body, "details"), "causes");
	size_t n = 0;

	if (h->reply.code != 422)
		fail_msg("%s: %d %s", what, h->reply.code, registry_help_message(h));
	for (; n < REGISTRY_HELP_CAUSES && causes[n]; n++) {
		const json_t *cause = json_array_get(all, n);
		const char *field = json_string_value(json_object_get(cause, "field"));
		const char *message = json_string_value(json_object_get(cause, "message"));
		char text[1024];

		snprintf(text, sizeof(text), "%s: %s", field ? field : "", message ? message : "");
		if (strcmp(text, causes[n]) || !strstr(registry_help_message(h), text))
			fail_msg("%s:\nis     %s\nshould %s", what, text, causes[n]);
	}
	if (json_array_size(all) != n)
		fail_msg("%s: too many causes: %s", what, registry_help_message(h));
}

char *registry_help_dump(const struct registry *r)
{
	json_t *all = json_array();
	char *text;

	for (size_t t = 0; resource_at(t); t++) {
		const struct objects *o = txn_objects(r, resource_at(t));

		for (size_t i = 0; i < o->n; i++)
			json_array_append(all, o->v[i].object);
	}
	json_array_append_new(all, json_integer(registry_version(r)));
	text = json_dumps(all, JSON_COMPACT);
	assert_non_null(text);
	json_decref(all);
	return text;
}

void registry_help_copy_file(const char *from, const char *to)
{
	char buf[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(buf, 1, sizeof(buf), in)))
		assert_int_equal(fwrite(buf, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}
