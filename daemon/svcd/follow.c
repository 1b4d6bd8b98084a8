// SPDX-License-Identifier: GPL-2.0
#include "follow.h"

#include "err.h"
#include "http_client.h"
#include "jx.h"
#include "log.h"
#include "meta.h"
#include "reflector.h"
#include "resource.h"

#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOLLOW_SILENCE_MS	120000	/* a bookmark is due each minute */
#define FOLLOW_RETRY_MIN_MS	100
#define FOLLOW_RETRY_MAX_MS	5000
#define FOLLOW_WATCH_SECONDS	300	/* asked for, and up to as much again */
/* What ends sooner than this was no success, and is not repeated at once. */
#define FOLLOW_SHORT_MS		1000

#define NSOURCES	3

/* As kube-proxy asks: what is not for the node's proxy is not even sent. */
#define FOLLOW_OURS	"!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"

static const struct {
	const char *api_version, *kind;
	enum proxy_kind proxy_kind;
	const char *label_selector;	/* NULL: of the own name only */
} follow_kinds[NSOURCES] = {
	{ "v1", "Service", PROXY_SERVICE, FOLLOW_OURS },
	{ "discovery.k8s.io/v1", "EndpointSlice", PROXY_SLICE, FOLLOW_OURS },
	{ "v1", "Node", PROXY_NODE, NULL },
};

/* One type: a list, then watches from its version on, until a list is needed again. */
struct source {
	struct follow *follow;
	struct reflector reflector;
	enum proxy_kind kind;
	char *path;			/* with a query */
	bool watching;			/* else listing */
	struct http_get *get;		/* NULL: retry is pending */
	struct event *retry;
	struct event *silence;
	unsigned int retry_ms;
	long long began;		/* of get; ms */
	int broken;			/* what the reflector said of the body */
	struct err why;
	struct err last;		/* what it complains of; "": all is well */
	time_t well;			/* it answers since then; 0: it does not */
	time_t failed;			/* 0: never */
	struct err failure;
};

struct follow {
	struct follow_config config;
	struct http_client *client;
	struct source sources[NSOURCES];
};

static void source_begin(struct source *s);

static void list_begin(void *ctx)
{
	struct source *s = ctx;

	node_list_begin(s->follow->config.node, s->kind);
}

static void object(void *ctx, const json_t *obj, bool deleted)
{
	struct source *s = ctx;

	node_object(s->follow->config.node, s->kind, obj, deleted);
}

static void list_end(void *ctx)
{
	struct source *s = ctx;

	node_list_end(s->follow->config.node, s->kind);
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

static void add_ms(struct event *ev, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(ev, &tv);
}

static unsigned int random_up_to(unsigned int max)
{
	unsigned int n;

	evutil_secure_rng_get_bytes(&n, sizeof(n));
	return max ? n % (max + 1) : 0;
}

static bool complained(const struct follow *f, const char *text)
{
	size_t i;

	for (i = 0; i < NSOURCES; i++)
		if (strcmp(f->sources[i].last.text, text) == 0)
			return true;
	return false;
}

/* What all sources see, such as an authority that is gone, is one line. */
static void complain(struct source *s, const struct err *e)
{
	bool known = complained(s->follow, e->text);

	if (!e->text[0])
		return;
	s->last = s->failure = *e;
	s->failed = time(NULL);
	s->well = 0;
	if (known)
		return;
	log_warning("following: %s; the node stays as it is meanwhile", e->text);
}

static void all_is_well(struct source *s)
{
	const struct follow *f = s->follow;
	size_t i;

	s->retry_ms = 0;
	s->well = s->well ? s->well : time(NULL);
	if (!s->last.text[0])
		return;
	s->last.text[0] = '\0';
	for (i = 0; i < NSOURCES; i++)
		if (f->sources[i].last.text[0])
			return;
	log_info("following: the authority answers again");
}

/* Half of the wait is random: the nodes of a cluster shall not come all at once. */
static void source_later(struct source *s)
{
	const struct follow_config *c = &s->follow->config;

	s->retry_ms = s->retry_ms ? s->retry_ms * 2 : c->retry_min_ms;
	if (s->retry_ms > c->retry_max_ms)
		s->retry_ms = c->retry_max_ms;
	add_ms(s->retry, s->retry_ms / 2 + random_up_to(s->retry_ms / 2));
}

static void source_again(struct source *s, bool watching, bool at_once)
{
	s->watching = watching;
	if (at_once && now_ms() - s->began >= FOLLOW_SHORT_MS)
		source_begin(s);
	else
		source_later(s);
}

/* It answers, which says nothing of what will come: pauses and complaints wait for that. */
static void on_head(void *ctx, long status)
{
	struct source *s = ctx;

	if (s->watching && status == 200 && !s->well)
		s->well = time(NULL);
}

static int on_data(void *ctx, long status, const char *data, size_t len)
{
	struct source *s = ctx;

	add_ms(s->silence, s->follow->config.silence_ms);
	if (status != 200)
		return 0;
	if (s->watching) {
		s->broken = reflector_watch_bytes(&s->reflector, data, len, &s->why);
		/* That our version is too old is an answer as well. */
		if (!s->broken || s->broken == -ESTALE)
			all_is_well(s);
	} else {
		s->broken = reflector_list_bytes(&s->reflector, data, len, &s->why);
	}
	return s->broken;
}

static void list_done(struct source *s, struct err *e)
{
	if (reflector_list_end(&s->reflector, e) < 0) {
		complain(s, e);
		source_again(s, false, false);
		return;
	}
	all_is_well(s);
	s->watching = true;
	source_begin(s);
}

static void refused(const struct source *s, long status, struct err *e)
{
	const char *socket = s->follow->config.socket;

	if (status == 404)
		err_set(e, EPROTO, "unix://%s has no %ss; is it older than this svcd?", socket,
			s->reflector.kind);
	else
		err_set(e, EPROTO, "unix://%s answers with HTTP status %ld", socket, status);
}

static void on_done(void *ctx, long status, int ret, const struct err *e)
{
	struct source *s = ctx;
	struct err why = s->broken ? s->why : *e;

	s->get = NULL;
	event_del(s->silence);
	if (!s->broken && status && status != 200)
		refused(s, status, &why);
	if (s->broken == -ESTALE || (s->watching && status == 410)) {
		log_debug("following: %s", why.text);
		source_again(s, false, true);
	} else if (s->broken || (status && status != 200)) {
		complain(s, &why);
		source_again(s, false, false);
	} else if (ret) {
		complain(s, &why);
		source_again(s, s->watching, false);
	} else if (s->watching) {
		source_again(s, true, true);
	} else {
		list_done(s, &why);
	}
}

static const struct http_get_ops source_get_ops = {
	.head = on_head,
	.data = on_data,
	.done = on_done,
};

static void source_path(const struct source *s, char *path, size_t size)
{
	if (!s->watching)
		snprintf(path, size, "%s", s->path);
	else
		snprintf(path, size, "%s&watch=1&allowWatchBookmarks=true&resourceVersion=%s"
			 "&timeoutSeconds=%u", s->path, s->reflector.version,
			 FOLLOW_WATCH_SECONDS + random_up_to(FOLLOW_WATCH_SECONDS));
}

static void source_begin(struct source *s)
{
	char path[1024];

	reflector_restart(&s->reflector);
	s->broken = 0;
	s->began = now_ms();
	source_path(s, path, sizeof(path));
	s->get = http_client_get(s->follow->client, path, &source_get_ops, s);
	if (s->get)
		add_ms(s->silence, s->follow->config.silence_ms);
	else
		source_later(s);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	source_begin(ctx);
}

static void on_silence(evutil_socket_t fd, short what, void *ctx)
{
	struct source *s = ctx;
	struct err e;

	(void)fd;
	(void)what;
	http_client_cancel(s->get);
	s->get = NULL;
	err_set(&e, ETIMEDOUT, "unix://%s is silent", s->follow->config.socket);
	complain(s, &e);
	source_again(s, s->watching, false);
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

static char *source_query(const struct follow *f, size_t i)
{
	const struct resource *res = resource_by_kind(follow_kinds[i].api_version,
						      follow_kinds[i].kind);
	const char *labels = follow_kinds[i].label_selector;
	char own[512];

	if (labels)
		return make_path(res, "labelSelector", labels);
	snprintf(own, sizeof(own), "metadata.name=%s",
		 f->config.node_name ? f->config.node_name : "");
	return make_path(res, "fieldSelector", own);
}

static int source_init(struct source *s, struct follow *f, size_t i)
{
	s->follow = f;
	s->kind = follow_kinds[i].proxy_kind;
	reflector_init(&s->reflector, follow_kinds[i].kind, &source_ops, s);
	s->path = source_query(f, i);
	s->retry = evtimer_new(f->config.base, on_retry, s);
	s->silence = evtimer_new(f->config.base, on_silence, s);
	return s->path && s->retry && s->silence ? 0 : -ENOMEM;
}

static void source_exit(struct source *s)
{
	http_client_cancel(s->get);
	if (s->retry)
		event_free(s->retry);
	if (s->silence)
		event_free(s->silence);
	reflector_exit(&s->reflector);
	free(s->path);
}

static void set_defaults(struct follow_config *c)
{
	c->silence_ms = c->silence_ms ? c->silence_ms : FOLLOW_SILENCE_MS;
	c->retry_min_ms = c->retry_min_ms ? c->retry_min_ms : FOLLOW_RETRY_MIN_MS;
	c->retry_max_ms = c->retry_max_ms ? c->retry_max_ms : FOLLOW_RETRY_MAX_MS;
}

int follow_start(struct follow **out, const struct follow_config *c, struct err *e)
{
	struct follow *f = calloc(1, sizeof(*f));
	int ret = 0;
	size_t i;

	if (!f)
		return err_set(e, ENOMEM, "out of memory");
	f->config = *c;
	set_defaults(&f->config);
	f->config.socket = strdup(c->socket);
	if (f->config.socket)
		ret = http_client_alloc(&f->client, c->base, c->socket, e);
	for (i = 0; i < NSOURCES && !ret; i++)
		if (source_init(&f->sources[i], f, i) < 0)
			ret = err_set(e, ENOMEM, "out of memory");
	if (ret || !f->config.socket) {
		follow_stop(f);
		return ret ? ret : err_set(e, ENOMEM, "out of memory");
	}
	f->config.node_name = NULL;
	for (i = 0; i < NSOURCES; i++)
		source_begin(&f->sources[i]);
	*out = f;
	return 0;
}

void follow_stop(struct follow *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < NSOURCES; i++)
		source_exit(&f->sources[i]);
	http_client_free(f->client);
	free((char *)f->config.socket);
	free(f);
}

static json_t *when(time_t t)
{
	char text[META_TIME_LEN];

	if (!t)
		return NULL;
	meta_print_time(t, text);
	return json_string(text);
}

static json_t *source_status(const struct source *s)
{
	json_t *o = json_pack("{s:s, s:b, s:o*}", "kind", s->reflector.kind, "connected",
			      s->well != 0, "since", when(s->well));

	if (s->failed)
		json_object_set_new(o, "lastError", json_pack(
			"{s:o, s:o}", "message", jx_string(s->failure.text), "time",
			when(s->failed)));
	return o;
}

bool follow_connected(const struct follow *f)
{
	size_t i;

	for (i = 0; i < NSOURCES; i++)
		if (!f->sources[i].well)
			return false;
	return true;
}

json_t *follow_status(const struct follow *f)
{
	json_t *o = json_pack("{s:s, s:o}", "role", "follower", "url",
			      json_sprintf("unix://%s", f->config.socket));
	json_t *kinds = json_array();
	size_t i;

	for (i = 0; i < NSOURCES; i++)
		json_array_append_new(kinds, source_status(&f->sources[i]));
	json_object_set_new(o, "kinds", kinds);
	return o;
}
