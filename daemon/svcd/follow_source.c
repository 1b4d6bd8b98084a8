// SPDX-License-Identifier: GPL-2.0
#include "follow_priv.h"

#include "jx.h"
#include "log.h"
#include "resource.h"
#include "timer.h"

#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_PAGE		500	/* items, as client-go asks for */
#define FOLLOW_REFUSAL_MAX	((size_t)4096)
/* What ends sooner than this was no success, and is not repeated at once. */
#define FOLLOW_SHORT_MS		1000
/* What lasted for so long was one: after it pauses begin anew. */
#define FOLLOW_LONG_MS		10000

static void list_begin(void *ctx)
{
	struct follow_source *s = ctx;

	s->listed = false;
	node_list_begin(s->follow->config.node, s->kind);
}

static void object(void *ctx, const json_t *obj, bool deleted)
{
	struct follow_source *s = ctx;

	s->listed = s->listed || !deleted;
	node_object(s->follow->config.node, s->kind, obj, deleted);
}

static void list_end(void *ctx)
{
	struct follow_source *s = ctx;

	node_list_end(s->follow->config.node, s->kind);
	if (s->kind == PROXY_NODE && !s->listed && !s->follow->config.upstream->socket)
		log_warning("following: %s has no Node of this node's name; without it no endpoint "
			    "may count as local: is nodeName right?",
			    s->follow->config.upstream->name);
}

static const struct reflector_ops source_ops = {
	.list_begin = list_begin,
	.object = object,
	.list_end = list_end,
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static unsigned int random_number(void)
{
	unsigned int n;

	evutil_secure_rng_get_bytes(&n, sizeof(n));
	return n;
}

static void source_later(struct follow_source *s, unsigned int asked_seconds)
{
	follow_end_turn(s);
	/* Pages of a list that failed may be of another list by then. */
	if (s->mode == SOURCE_LIST)
		reflector_list_begin(&s->reflector, false);
	if (s->mode == SOURCE_WATCH && now_ms() - s->began >= FOLLOW_LONG_MS)
		backoff_reset(&s->backoff);
	timer_set(s->retry, backoff_next(&s->backoff, asked_seconds, random_number()));
}

static enum source_mode list_mode(const struct follow_source *s)
{
	return s->no_initial ? SOURCE_LIST : SOURCE_INITIAL;
}

/* A watch came to its end; at once, if it was one at all. */
static void source_again(struct follow_source *s, enum source_mode mode)
{
	long long lasted = now_ms() - s->began;

	s->mode = mode;
	if (lasted < FOLLOW_SHORT_MS) {
		source_later(s, 0);
		return;
	}
	if (lasted >= FOLLOW_LONG_MS)
		backoff_reset(&s->backoff);
	follow_source_begin(s);
}

static void source_failed(struct follow_source *s, const struct err *why, unsigned int asked)
{
	s->quiet_since = 0;
	follow_complain(s, why);
	source_later(s, asked);
}

/* There is another way to the same list, which needs no wait. */
static void list_in_pages(struct follow_source *s)
{
	s->no_initial = true;
	s->mode = SOURCE_LIST;
	follow_source_begin(s);
}

/* How long it may be silent from now on; ms. */
static unsigned int patience(const struct follow_source *s)
{
	const struct follow_config *c = &s->follow->config;
	long long left;

	if (!s->answered || s->mode == SOURCE_LIST)
		return c->answer_ms;
	if (s->mode == SOURCE_INITIAL)
		return c->initial_ms;
	if (c->silence_ms)
		return c->silence_ms;
	/* An API server sends no bookmark of a version that we have; but it ends what it began. */
	left = s->began + 1000LL * s->asked_seconds + c->answer_ms - now_ms();
	return left > c->answer_ms ? (unsigned int)left : c->answer_ms;
}

static void hear(struct follow_source *s)
{
	timer_set(s->silence, patience(s));
}

/* It answers, which says nothing of what will come: pauses and complaints wait for that. */
static void on_head(void *ctx, long status)
{
	struct follow_source *s = ctx;

	if (s->unreached)
		follow_reached(s);
	if (status != 200)
		return;
	s->answered = true;
	s->refusals = 0;
	hear(s);
	if (s->mode == SOURCE_WATCH && !s->well)
		s->well = time(NULL);
}

static int watch_data(struct follow_source *s, const char *data, size_t len)
{
	int ret = reflector_watch_bytes(&s->reflector, data, len, &s->why);

	if (s->mode == SOURCE_INITIAL && !ret && !s->reflector.initial) {
		s->mode = SOURCE_WATCH;
		hear(s);
		follow_end_turn(s);
	}
	/* That our version is too old is an answer as well. */
	if (s->mode == SOURCE_WATCH && (!ret || ret == -ESTALE))
		follow_all_is_well(s);
	return ret;
}

static void keep_refusal(struct follow_source *s, const char *data, size_t len)
{
	size_t room = FOLLOW_REFUSAL_MAX - s->refusal.len;

	bytes_append(&s->refusal, data, len < room ? len : room, FOLLOW_REFUSAL_MAX, NULL);
}

static int on_data(void *ctx, long status, const char *data, size_t len)
{
	struct follow_source *s = ctx;

	s->heard = true;
	s->quiet_since = 0;
	hear(s);
	if (status != 200)
		keep_refusal(s, data, len);
	else if (s->mode == SOURCE_LIST)
		s->broken = reflector_list_bytes(&s->reflector, data, len, &s->why);
	else
		s->broken = watch_data(s, data, len);
	return s->broken;
}

static void page_done(struct follow_source *s)
{
	struct err e = { "" };
	int ret;

	ret = reflector_page_end(&s->reflector, &e);
	if (ret < 0) {
		source_failed(s, &e, 0);
		return;
	}
	if (!ret) {
		s->whole = false;
		s->mode = SOURCE_WATCH;
		follow_all_is_well(s);
		follow_end_turn(s);
	}
	follow_source_begin(s);
}

/* What the authority says of it; NULL: nothing. To be freed with *body. */
static const char *refusal_text(const struct follow_source *s, json_t **body)
{
	const char *text;

	*body = s->refusal.len ? json_loadb(s->refusal.v, s->refusal.len, 0, NULL) : NULL;
	text = json_string_value(json_object_get(*body, "message"));
	return text && *text ? text : NULL;
}

static void explain(const struct follow_source *s, long status, struct err *e)
{
	const struct upstream *u = s->follow->config.upstream;
	const char *said;
	json_t *body;

	said = refusal_text(s, &body);
	if (status == 401)
		err_set(e, EACCES, "%s does not know us (401): is the %s still valid?", u->name,
			u->token_file || u->token ? "token" : u->user ? "password" : "certificate");
	else if (status == 403)
		err_set(e, EACCES, "%s does not let us list and watch %ss: %s", u->name,
			s->reflector.kind, said ? said : "it says no more");
	else if (status == 404)
		err_set(e, EPROTO, "%s has no %ss; is it older than this svcd?", u->name,
			s->reflector.kind);
	else
		err_set(e, EPROTO, "%s answers with HTTP status %ld%s%s", u->name, status,
			said ? ": " : "", said ? said : "");
	json_decref(body);
}

/*
 * Of a watch: is it asked for something that is none? Nobody who is kept out, or put off, is
 * told so; and one error within the server may pass.
 */
static bool list_may_help(struct follow_source *s, long status)
{
	switch (status) {
	case 401:
	case 403:
	case 408:
	case 429:
		return false;
	}
	return (status < 500 || status == 500) && ++s->refusals > 1;
}

static void watch_refused(struct follow_source *s, const struct http_end *end,
			  const struct err *why)
{
	if (end->status == 410) {
		log_debug("following: %s", why->text);
		source_again(s, list_mode(s));
		return;
	}
	if (list_may_help(s, end->status))
		s->mode = list_mode(s);
	source_failed(s, why, end->retry_after);
}

/* Only what a pause may mend is asked for again; else a list in pages does as well. */
static void initial_refused(struct follow_source *s, const struct http_end *end,
			    const struct err *why)
{
	if (end->status == 400 || end->status == 422) {
		log_debug("following: %s; listing in pages", why->text);
		list_in_pages(s);
		return;
	}
	if (end->status != 401 && end->status != 429 && end->status != 503)
		s->mode = SOURCE_LIST;
	source_failed(s, why, end->retry_after);
}

static void list_refused(struct follow_source *s, const struct http_end *end,
			 const struct err *why)
{
	if (end->status == 410 && s->reflector.next) {
		/* The list's version is gone before its last page: all at once is one version. */
		log_debug("following: %s; listing all at once", why->text);
		s->whole = true;
		source_later(s, end->retry_after);
	} else {
		source_failed(s, why, end->retry_after);
	}
}

/* Another answer than what was asked for. */
static void refused(struct follow_source *s, const struct http_end *end)
{
	struct err why;

	explain(s, end->status, &why);
	if (s->mode == SOURCE_WATCH)
		watch_refused(s, end, &why);
	else if (s->mode == SOURCE_INITIAL)
		initial_refused(s, end, &why);
	else
		list_refused(s, end, &why);
}

static enum source_mode mode_after(const struct follow_source *s, int broken)
{
	if (s->mode == SOURCE_LIST || broken == -EAGAIN)
		return s->mode;
	return s->mode == SOURCE_INITIAL && broken != -ESTALE ? SOURCE_LIST : list_mode(s);
}

/* The body is not what it should be, or says that the watch is over. */
static void spoiled(struct follow_source *s)
{
	if (s->broken == -EOPNOTSUPP) {
		log_debug("following: %s", s->why.text);
		list_in_pages(s);
		return;
	}
	s->mode = mode_after(s, s->broken);
	if (s->broken == -ESTALE) {
		log_debug("following: %s", s->why.text);
		source_again(s, s->mode);
	} else {
		source_failed(s, &s->why, s->reflector.retry_after);
	}
}

/*
 * A watch is over, of which nothing was heard. Twice in a row it may be of a version that is
 * yet to come: the authority was put back to an earlier one, and says nothing until then.
 */
static void quiet(struct follow_source *s)
{
	const struct follow_config *c = &s->follow->config;
	long long longest = c->silence_ms ? c->silence_ms : 2000LL * c->watch_seconds;

	if (s->heard || !s->answered)
		return;
	s->quiet_since = s->quiet_since ? s->quiet_since : s->began;
	if (now_ms() - s->quiet_since < 2 * longest)
		return;
	log_debug("following: no word of %ss any more; listing them", s->reflector.kind);
	s->quiet_since = 0;
	s->mode = list_mode(s);
}

static void initial_ended(struct follow_source *s)
{
	struct err e;

	err_set(&e, EPROTO, "%s ends the watch before its initial events are over",
		s->follow->config.upstream->name);
	s->mode = SOURCE_LIST;
	source_failed(s, &e, 0);
}

static void on_done(void *ctx, const struct http_end *end, int ret, const struct err *e)
{
	struct follow_source *s = ctx;

	s->get = NULL;
	s->unreached = ret && !end->status;
	event_del(s->silence);
	if (s->broken) {
		spoiled(s);
	} else if (end->status && end->status != 200) {
		refused(s, end);
	} else if (ret) {
		source_failed(s, e, 0);
	} else if (s->mode == SOURCE_LIST) {
		page_done(s);
	} else if (s->mode == SOURCE_WATCH) {
		quiet(s);
		source_again(s, s->mode);
	} else {
		initial_ended(s);
	}
}

static const struct http_get_ops source_get_ops = {
	.head = on_head,
	.data = on_data,
	.done = on_done,
};

/* With a query of its own; NULL: no memory. */
static char *list_path(const struct follow_source *s)
{
	const char *next = s->reflector.next;
	char *value = NULL, *path = NULL;

	if (next)
		value = evhttp_encode_uri(next);
	if (next && !value)
		return NULL;
	if (s->whole ? asprintf(&path, "%s", s->path) < 0 :
		       asprintf(&path, "%s&limit=%d%s%s", s->path, FOLLOW_PAGE,
				next ? "&continue=" : "", next ? value : "") < 0)
		path = NULL;
	free(value);
	return path;
}

static char *watch_path(const struct follow_source *s)
{
	bool initial = s->mode == SOURCE_INITIAL;
	char *path;

	if (asprintf(&path, "%s&watch=1&allowWatchBookmarks=true&resourceVersion=%s"
		     "&timeoutSeconds=%u%s", s->path, initial ? "" : s->reflector.version,
		     s->asked_seconds, initial ?
		     "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : "") < 0)
		return NULL;
	return path;
}

/* The next page of a list goes on with it; all else that is no news begins one. */
static void prepare(struct follow_source *s)
{
	unsigned int seconds = s->follow->config.watch_seconds;
	bool next_page = s->mode == SOURCE_LIST && s->reflector.next && !s->whole;

	reflector_restart(&s->reflector);
	bytes_clear(&s->refusal);
	s->broken = 0;
	s->answered = s->heard = false;
	s->began = now_ms();
	s->asked_seconds = seconds + random_number() % (seconds + 1);
	if (s->mode != SOURCE_WATCH && !next_page)
		reflector_list_begin(&s->reflector, s->mode == SOURCE_INITIAL);
}

void follow_source_begin(struct follow_source *s)
{
	struct err e = { "out of memory" };
	char *path;
	int ret;

	if (s->mode != SOURCE_WATCH && !follow_take_turn(s))
		return;
	prepare(s);
	path = s->mode == SOURCE_LIST ? list_path(s) : watch_path(s);
	ret = path ? http_client_get(&s->get, s->follow->client, path, &source_get_ops, s, &e) :
	      -ENOMEM;
	free(path);
	if (ret)
		source_failed(s, &e, 0);
	else
		hear(s);
}

void follow_source_soon(struct follow_source *s)
{
	s->waiting = false;
	timer_set(s->retry, 0);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	follow_source_begin(ctx);
}

static void on_silence(evutil_socket_t fd, short what, void *ctx)
{
	struct follow_source *s = ctx;
	struct err e;

	(void)fd;
	(void)what;
	http_client_cancel(s->get);
	s->get = NULL;
	/* One that has never heard of initial events waits for news, as was asked. */
	if (s->mode == SOURCE_INITIAL && s->answered) {
		list_in_pages(s);
		return;
	}
	if (s->mode == SOURCE_INITIAL)
		s->mode = SOURCE_LIST;
	else if (s->mode == SOURCE_WATCH)
		quiet(s);
	err_set(&e, ETIMEDOUT, "%s is silent", s->follow->config.upstream->name);
	follow_complain(s, &e);
	source_later(s, 0);
}

/* NULL: no memory. */
static char *make_path(const struct resource *res, const char *parameter, const char *selector)
{
	char *value = evhttp_encode_uri(selector), *path = NULL;
	char *all = resource_path(res, NULL, NULL, NULL);

	if (all && value && asprintf(&path, "%s?%s=%s", all, parameter, value) < 0)
		path = NULL;
	free(value);
	free(all);
	return path;
}

int follow_source_init(struct follow_source *s, struct follow *f, const char *api_version,
		       const char *kind, enum proxy_kind proxy_kind, const char *label_selector)
{
	const struct resource *res = resource_by_kind(api_version, kind);
	const char *name = f->config.node_name;
	char own[512];

	s->follow = f;
	s->kind = proxy_kind;
	s->mode = SOURCE_INITIAL;
	s->backoff.min_ms = f->config.retry_min_ms;
	s->backoff.max_ms = f->config.retry_max_ms;
	reflector_init(&s->reflector, kind, &source_ops, s);
	snprintf(own, sizeof(own), "metadata.name=%s", name ? name : "");
	s->path = label_selector ? make_path(res, "labelSelector", label_selector) :
		  make_path(res, "fieldSelector", own);
	s->retry = evtimer_new(f->config.base, on_retry, s);
	s->silence = evtimer_new(f->config.base, on_silence, s);
	return s->path && s->retry && s->silence ? 0 : -ENOMEM;
}

void follow_source_clear(struct follow_source *s)
{
	http_client_cancel(s->get);
	if (s->retry)
		event_free(s->retry);
	if (s->silence)
		event_free(s->silence);
	reflector_exit(&s->reflector);
	bytes_clear(&s->refusal);
	free(s->path);
}
