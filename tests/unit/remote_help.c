// SPDX-License-Identifier: GPL-2.0
#include "remote_help.h"

#include "log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct remote_fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int setup_as(void **state, const char *node_name)
{
	struct remote_fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = node_name, .open = open_fake, .open_ctx = f };

	signal(SIGPIPE, SIG_IGN);	/* as svcd does */
	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	c.base = f->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	node_start(f->node);
	f->config = (struct follow_config){
		.base = f->base,
		.upstream = &f->upstream,
		.node = f->node,
		.node_name = node_name,
		.retry_min_ms = 5,
		.retry_max_ms = 50,
	};
	f->log = open_memstream(&f->said, &f->said_len);
	log_init(LOG_LEVEL_INFO, f->log, LOG_FORMAT_TEXT);
	*state = f;
	return 0;
}

int remote_setup(void **state)
{
	return setup_as(state, "n1");
}

int remote_setup_master(void **state)
{
	return setup_as(state, "k8master1");
}

int remote_teardown(void **state)
{
	struct remote_fixture *f = *state;

	follow_stop(f->follow);
	replay_close(f->replay);
	replay_tls_free(f->tls);
	upstream_clear(&f->upstream);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	event_base_free(f->base);
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	fclose(f->log);
	free(f->said);
	free(f);
	return 0;
}

void remote_serve(struct remote_fixture *f, const struct replay_step *steps, size_t n,
		  size_t piece)
{
	struct err e = { "" };

	f->replay = replay_open(f->base, steps, n, piece, f->tls);
	if (upstream_set_url(&f->upstream, replay_url(f->replay), &e))
		fail_msg("%s", e.text);
}

void remote_start(struct remote_fixture *f)
{
	struct err e = { "" };

	assert_int_equal(follow_start(&f->follow, &f->config, &e), 0);
}

void remote_expect(struct remote_fixture *f, const char *service, int endpoints)
{
	kernel_wait(f->base, f->kernel, service, endpoints);
}

struct wanted {
	struct remote_fixture *f;
	const char *text;
	unsigned int n;
	bool connected;
	const char *error;
};

static bool was_asked(void *ctx)
{
	struct wanted *w = ctx;

	return replay_count(w->f->replay, w->text) >= w->n;
}

void remote_expect_asked(struct remote_fixture *f, const char *text, unsigned int n)
{
	struct wanted w = { .f = f, .text = text, .n = n };

	if (!http_wait(f->base, was_asked, &w))
		fail_msg("asked for %s %u times", text, replay_count(f->replay, text));
}

unsigned int remote_said(struct remote_fixture *f, const char *text)
{
	unsigned int n = 0;
	const char *p;

	fflush(f->log);
	for (p = f->said; (p = strstr(p, text)); p++)
		n++;
	return n;
}

static bool was_said(void *ctx)
{
	struct wanted *w = ctx;

	return remote_said(w->f, w->text) > 0;
}

void remote_expect_said(struct remote_fixture *f, const char *text)
{
	struct wanted w = { .f = f, .text = text };

	if (!http_wait(f->base, was_said, &w))
		fail_msg("not \"%s\", but: %s", text, f->said);
}

static json_t *status_of(const json_t *status, const char *kind)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(status, "kinds"), i, one)
		if (!strcmp(json_string_value(json_object_get(one, "kind")), kind))
			return one;
	fail_msg("no %s in the status", kind);
	return NULL;
}

static bool status_is(void *ctx)
{
	struct wanted *w = ctx;
	json_t *all = follow_status(w->f->follow), *one = status_of(all, w->text);
	json_t *last = json_object_get(one, "lastError");
	const char *message = json_string_value(json_object_get(last, "message"));
	bool is_so = json_is_true(json_object_get(one, "connected")) == w->connected;

	if (w->error)
		is_so = is_so && message && strstr(message, w->error);
	else
		is_so = is_so && !last;
	json_decref(all);
	return is_so;
}

void remote_expect_status(struct remote_fixture *f, const char *kind, bool connected,
			  const char *error)
{
	struct wanted w = { .f = f, .text = kind, .connected = connected, .error = error };
	json_t *status;

	if (http_wait(f->base, status_is, &w))
		return;
	status = follow_status(f->follow);
	fail_msg("the status is %s", json_dumps(status, JSON_INDENT(1)));
}

bool remote_is_ready(void *ctx)
{
	struct remote_fixture *f = ctx;

	return node_ready(f->node, NULL);
}

long long remote_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}
