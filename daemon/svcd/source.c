// SPDX-License-Identifier: GPL-2.0
#include "source.h"

#include "authority.h"
#include "complaint.h"
#include "err.h"
#include "follow.h"
#include "log.h"
#include "manifests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct source {
	struct source_config c;
	struct registry *registry;	/* NULL: this node follows */
	struct manifests *manifests;	/* NULL: none are read */
	struct watch_hub *watches;
	struct event *tick;
	struct err tick_failure;	/* of the last one; "": it went well */
	bool told;			/* the node hears of changes */
	struct follow *follow;		/* NULL: this node is the authority */
};

/* --- an authority --- */

static struct registry_config registry_config(const struct options *o)
{
	struct registry_config c = {
		.nservice_cidrs = o->nservice_cidrs,
		.node_port_min = o->node_port_min,
		.node_port_max = o->node_port_max,
		.pools = &o->pools,
	};

	memcpy(c.service_cidrs, o->service_cidrs, sizeof(c.service_cidrs));
	return c;
}

static int open_registry(struct source *s, struct err *e)
{
	const struct options *o = s->c.options;
	const struct registry_config c = registry_config(o);
	char path[4096];

	if (mkdir(o->data_dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "--data-dir: cannot make %s: %m", o->data_dir);
	snprintf(path, sizeof(path), "%s/svcd.db", o->data_dir);
	return registry_open(&s->registry, path, &c, e);
}

/* What the files ask for is there before anybody is served, or the kernel is written. */
static int open_manifests(struct source *s, struct err *e)
{
	const struct options *o = s->c.options;
	const struct manifests_config c = {
		.base = s->c.base,
		.registry = s->registry,
		.node_name = o->node_name,
		.folder = o->manifests,
		.expected = o->manifests_named,
	};

	return *o->manifests ? manifests_open(&s->manifests, &c, e) : 0;
}

static int open_watches(struct source *s, struct err *e)
{
	const struct watch_config c = { .base = s->c.base, .registry = s->registry };

	return watch_hub_alloc(&s->watches, &c, e);
}

static int next_tick(struct source *s, unsigned int seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	return evtimer_add(s->tick, &tv);
}

static void on_tick(int fd, short what, void *ctx)
{
	struct err e = { "" };
	struct source *s = ctx;
	int ret;

	(void)fd;
	(void)what;
	/* It is tried again, and those who write are told the same. */
	ret = registry_tick(s->registry, &e);
	complaint(&s->tick_failure, LOG_LEVEL_ERROR, &e);
	/* With more to do, others have their turn in between. */
	next_tick(s, ret > 0 ? 0 : 1);
}

static int start_clock(struct source *s, struct err *e)
{
	s->tick = evtimer_new(s->c.base, on_tick, s);
	if (!s->tick || next_tick(s, 1) < 0)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

static int open_authority(struct source *s, struct err *e)
{
	int ret = open_registry(s, e);

	if (!ret)
		ret = open_manifests(s, e);
	if (!ret)
		ret = open_watches(s, e);
	return ret ? ret : start_clock(s, e);
}

/* --- a follower --- */

static int open_follower(struct source *s, struct err *e)
{
	const struct options *o = s->c.options;
	const struct follow_config c = {
		.base = s->c.base,
		.upstream = &o->follow,
		.node = s->c.node,
		.node_name = o->node_name,
		.all_nodes = o->announce.mode == ANNOUNCE_LAYER2,
	};

	if (o->manifests_named && *o->manifests)
		log_info("manifests: %s is not read: who follows takes all objects from its "
			 "authority", o->manifests);
	return follow_start(&s->follow, &c, e);
}

/* --- either --- */

int source_open(struct source **out, const struct source_config *c, struct err *e)
{
	struct source *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_set(e, ENOMEM, "out of memory");
	s->c = *c;
	ret = c->options->follow.name ? open_follower(s, e) : open_authority(s, e);
	if (ret) {
		source_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

int source_start(struct source *s, struct err *e)
{
	s->told = true;
	if (s->registry)
		return authority_start(s->registry, s->c.node, e);
	/* Until its lists are complete, the kernel stays as another source has left it. */
	node_lists_void(s->c.node);
	return 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	follow_stop(s->follow);
	if (s->registry && s->told)
		authority_stop(s->registry, s->c.node);
	source_end_watches(s);
	watch_hub_free(s->watches);
	if (s->tick)
		event_free(s->tick);
	manifests_close(s->manifests);
	if (s->registry)
		registry_close(s->registry);
	free(s);
}

bool source_is_own(const struct source *s)
{
	return s->registry;
}

void source_serve(const struct source *s, struct api *api)
{
	api->registry = s->registry;
	api->watches = s->watches;
	api->authority = s->c.options->follow.name;
}

void source_end_watches(struct source *s)
{
	if (s->watches)
		watch_end_all(s->watches);
}

/* --- other options --- */

static void set_ranges(struct source *s)
{
	const struct registry_config c = registry_config(s->c.options);
	struct err e = { "" };

	if (registry_set_ranges(s->registry, &c, &e))
		log_error("addresses and ports are given out as before: %s", e.text);
}

static void set_pools(struct source *s)
{
	struct err e = { "" };

	if (registry_pools_changed(s->registry, &e))
		log_error("pools: %s: it is tried again", e.text);
}

static void set_manifests(struct source *s)
{
	const struct options *o = s->c.options;
	struct err e = { "" };

	if (s->manifests && *o->manifests) {
		manifests_set_folder(s->manifests, o->manifests, o->manifests_named);
		return;
	}
	manifests_close(s->manifests);
	s->manifests = NULL;
	if (open_manifests(s, &e))
		log_error("manifests: %s", e.text);
}

static void set_node_name(struct source *s)
{
	if (s->manifests)
		manifests_set_node_name(s->manifests, s->c.options->node_name);
	authority_tell_nodes(s->registry, s->c.node);
}

void source_set(struct source *s, unsigned int what)
{
	if (!s->registry)
		return;
	if (what & OPTIONS_NODE_NAME)
		set_node_name(s);
	if (what & OPTIONS_RANGES)
		set_ranges(s);
	if (what & OPTIONS_POOLS)
		set_pools(s);
	if (what & OPTIONS_MANIFESTS)
		set_manifests(s);
	else if (s->manifests)
		manifests_look(s->manifests);
}

/* --- what is said --- */

void source_warn(struct source *s, const json_t *service, const char *reason,
		 const char *message)
{
	if (s->registry)
		authority_warn(s->registry, service, reason, message);
	else
		follow_warn(s->follow, service, reason, message);
}

void source_note(struct source *s, const json_t *service, const char *reason,
		 const char *message)
{
	if (s->registry)
		authority_note(s->registry, service, reason, message);
	else
		follow_note(s->follow, service, reason, message);
}

void source_warned(struct source *s)
{
	if (s->registry)
		authority_warned(s->registry);
}

bool source_status(const struct source *s, json_t *status)
{
	bool ok = s->registry || follow_connected(s->follow);

	json_object_set_new(status, "source", s->registry ?
			    json_pack("{s:s, s:s}", "role", "authority", "socket",
				      s->c.options->socket) : follow_status(s->follow));
	if (s->manifests) {
		json_object_set_new(status, "manifests", manifests_status(s->manifests));
		ok = ok && manifests_ok(s->manifests);
	}
	return ok;
}
