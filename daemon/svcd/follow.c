// SPDX-License-Identifier: GPL-2.0
#include "follow_priv.h"

#include "jx.h"
#include "log.h"
#include "meta.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_SILENCE_MS	120000	/* an svcd owes a bookmark each minute */
#define FOLLOW_ANSWER_MS	30000
#define FOLLOW_WATCH_SECONDS	300
#define FOLLOW_INITIAL_MS	10000	/* initial events come at once, or never */
#define FOLLOW_RETRY_MIN_MS	100
#define FOLLOW_RETRY_MAX_MS	5000
/* An API server has other guests. */
#define FOLLOW_RETRY_FAR_MS	30000

/* What is not for the node's proxy as well: those have names, too. */
#define FOLLOW_ALL	""

static const struct {
	const char *api_version, *kind;
	enum proxy_kind proxy_kind;
	const char *label_selector;	/* NULL: of the own name only */
} follow_kinds[FOLLOW_NSOURCES] = {
	{ "v1", "Service", PROXY_SERVICE, FOLLOW_ALL },
	{ "discovery.k8s.io/v1", "EndpointSlice", PROXY_SLICE, FOLLOW_ALL },
	{ "v1", "Node", PROXY_NODE, NULL },
};

bool follow_take_turn(struct follow_source *s)
{
	struct follow *f = s->follow;

	s->waiting = f->lister && f->lister != s;
	if (!s->waiting)
		f->lister = s;
	return !s->waiting;
}

void follow_end_turn(struct follow_source *s)
{
	struct follow *f = s->follow;
	struct follow_source *next;
	size_t i;

	if (f->lister != s)
		return;
	f->lister = NULL;
	/* In turn: one that fails again and again must not get ahead of one that never was it. */
	for (i = 1; i < FOLLOW_NSOURCES; i++) {
		next = &f->sources[((s - f->sources) + i) % FOLLOW_NSOURCES];
		if (next->waiting) {
			follow_source_soon(next);
			return;
		}
	}
}

static bool complained(const struct follow *f, const char *text)
{
	size_t i;

	for (i = 0; i < FOLLOW_NSOURCES; i++)
		if (strcmp(f->sources[i].last.text, text) == 0)
			return true;
	return false;
}

void follow_complain(struct follow_source *s, const struct err *e)
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

void follow_all_is_well(struct follow_source *s)
{
	const struct follow *f = s->follow;
	size_t i;

	s->well = s->well ? s->well : time(NULL);
	if (!s->last.text[0])
		return;
	s->last.text[0] = '\0';
	for (i = 0; i < FOLLOW_NSOURCES; i++)
		if (f->sources[i].last.text[0])
			return;
	log_info("following: the authority answers again");
}

void follow_reached(struct follow_source *s)
{
	struct follow_source *other;
	size_t i;

	s->unreached = false;
	for (i = 0; i < FOLLOW_NSOURCES; i++) {
		other = &s->follow->sources[i];
		if (other->unreached && event_pending(other->retry, EV_TIMEOUT, NULL))
			follow_source_soon(other);
	}
}

static void set_defaults(struct follow *f)
{
	struct follow_config *c = &f->config;
	bool far = strncmp(c->upstream->url, "https:", 6) == 0;
	unsigned int max = far ? FOLLOW_RETRY_FAR_MS : FOLLOW_RETRY_MAX_MS;

	if (!c->silence_ms && c->upstream->socket)
		c->silence_ms = FOLLOW_SILENCE_MS;
	c->answer_ms = c->answer_ms ? c->answer_ms : FOLLOW_ANSWER_MS;
	c->watch_seconds = c->watch_seconds ? c->watch_seconds : FOLLOW_WATCH_SECONDS;
	c->initial_ms = c->initial_ms ? c->initial_ms : FOLLOW_INITIAL_MS;
	c->retry_min_ms = c->retry_min_ms ? c->retry_min_ms : FOLLOW_RETRY_MIN_MS;
	c->retry_max_ms = c->retry_max_ms ? c->retry_max_ms : max;
}

static const char *selector_of(const struct follow *f, size_t kind)
{
	if (follow_kinds[kind].proxy_kind == PROXY_NODE && f->config.all_nodes)
		return FOLLOW_ALL;
	return follow_kinds[kind].label_selector;
}

static int sources_init(struct follow *f)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < FOLLOW_NSOURCES && !ret; i++)
		ret = follow_source_init(&f->sources[i], f, follow_kinds[i].api_version,
					 follow_kinds[i].kind, follow_kinds[i].proxy_kind,
					 selector_of(f, i));
	return ret;
}

int follow_start(struct follow **out, const struct follow_config *c, struct err *e)
{
	struct follow *f = calloc(1, sizeof(*f));
	size_t i;
	int ret;

	if (!f)
		return err_set(e, ENOMEM, "out of memory");
	f->config = *c;
	set_defaults(f);
	ret = http_client_alloc(&f->client, c->base, c->upstream, e);
	if (!ret)
		f->events = follow_events_alloc(c->base, f->client, c->node_name);
	if (!ret && (!f->events || sources_init(f) < 0))
		ret = err_set(e, ENOMEM, "out of memory");
	if (ret) {
		follow_stop(f);
		return ret;
	}
	f->config.node_name = NULL;
	for (i = 0; i < FOLLOW_NSOURCES; i++)
		follow_source_begin(&f->sources[i]);
	*out = f;
	return 0;
}

void follow_stop(struct follow *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < FOLLOW_NSOURCES; i++)
		follow_source_clear(&f->sources[i]);
	follow_events_free(f->events);
	http_client_free(f->client);
	free(f);
}

void follow_warn(struct follow *f, const json_t *service, const char *reason,
		 const char *message)
{
	follow_events_add(f->events, service, "Warning", reason, message);
}

void follow_note(struct follow *f, const json_t *service, const char *reason,
		 const char *message)
{
	follow_events_add(f->events, service, "Normal", reason, message);
}

static json_t *when(time_t t)
{
	char text[META_TIME_LEN];

	if (!t)
		return NULL;
	meta_print_time(t, text);
	return json_string(text);
}

static json_t *source_status(const struct follow_source *s)
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

	for (i = 0; i < FOLLOW_NSOURCES; i++)
		if (!f->sources[i].well)
			return false;
	return true;
}

json_t *follow_status(const struct follow *f)
{
	json_t *o = json_pack("{s:s, s:o}", "role", "follower", "url",
			      jx_string(f->config.upstream->name));
	json_t *kinds = json_array();
	size_t i;

	for (i = 0; i < FOLLOW_NSOURCES; i++)
		json_array_append_new(kinds, source_status(&f->sources[i]));
	json_object_set_new(o, "kinds", kinds);
	return o;
}
