// SPDX-License-Identifier: GPL-2.0
/*
 * SIGHUP: the options are read again, what may fail is made beside what there is, and only
 * then one takes the other's place. What cannot be made leaves all as it was.
 */
#include "svcd.h"

#include "jx.h"
#include "log.h"
#include "meta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct timeval svcd_moment = { .tv_usec = 100 * 1000 };

void svcd_open_log(const struct options *o)
{
	enum log_format text = log_to_journal() ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;

	log_init(o->log_level, stderr, o->log_json ? LOG_FORMAT_JSON : text);
}

struct fresh {
	struct source *source;		/* NULL: it is not another one */
	struct server *server;		/* likewise */
};

/* --- the socket --- */

static void end_retired(struct svcd *d)
{
	server_close(d->retired);
	d->retired = NULL;
	if (d->retire)
		event_free(d->retire);
	d->retire = NULL;
}

static void on_retire(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	end_retired(ctx);
}

/* Whoever watches by the old one is told that it is over. */
static void set_server(struct svcd *d, struct server *server)
{
	server_stop(d->server);
	source_end_watches(d->source);
	d->retired = d->server;
	d->server = server;
	d->retire = evtimer_new(d->base, on_retire, d);
	if (!d->retire || evtimer_add(d->retire, &svcd_moment) < 0)
		end_retired(d);
}

/* --- all of it --- */

static int prepare(struct svcd *d, struct options *next, unsigned int what, struct fresh *f,
		   struct err *e)
{
	const struct source_config c = { .base = d->base, .options = next, .node = d->node };
	int ret = what & OPTIONS_ANNOUNCE ? announce_check(&next->announce, e) : 0;

	if (!ret && what & OPTIONS_FASTPATH)
		ret = fastpath_check(&next->fastpath, e);
	if (!ret && what & OPTIONS_SOCKET) {
		/* It may be the one to go back to. */
		end_retired(d);
		ret = server_open(&f->server, d->base, next->socket, api_handle, &d->api, e);
	}
	return ret || !(what & OPTIONS_SOURCE) ? ret : source_open(&f->source, &c, e);
}

static void set_source(struct svcd *d, struct source *source)
{
	struct source *old = d->source;
	struct err e = { "" };

	d->source = source;
	source_serve(source, &d->api);
	source_close(old);
	if (source_start(source, &e)) {
		log_error("%s", e.text);
		d->failed = true;
		event_base_loopbreak(d->base);
	}
}

/* The options in force stay where they are, for others look at them there. */
static void exchange(struct options *now, struct options *next)
{
	const struct options was = *now;

	*now = *next;
	*next = was;
}

static void take(struct svcd *d, struct options *next, unsigned int what, const struct fresh *f)
{
	const struct options *o;

	if (f->source)
		d->options = next;
	else
		exchange(d->options, next);
	o = d->options;
	if (what & OPTIONS_LOG)
		svcd_open_log(o);
	if (what & OPTIONS_SETTINGS)
		node_set_settings(d->node, &o->settings, o->settings_what);
	if (what & OPTIONS_NODE_NAME)
		node_set_name(d->node, o->node_name);
	if (f->server)
		set_server(d, f->server);
	if (f->source)
		set_source(d, f->source);
	else
		source_set(d->source, what);
	source_serve(d->source, &d->api);
	if (d->announce && what & (OPTIONS_ANNOUNCE | OPTIONS_NODE_NAME | OPTIONS_OBSERVE |
				   OPTIONS_SOURCE))
		announce_set_options(d->announce, &o->announce, o->node_name, o->healthz.port,
				     o->follow.name);
	if (d->fastpath && what & (OPTIONS_FASTPATH | OPTIONS_SETTINGS))
		fastpath_set(d->fastpath, &o->fastpath, &o->settings.pod_cidrs);
	/* With another source these are other options; and reverse names depend on ranges. */
	if (what & (OPTIONS_DNS | OPTIONS_SOURCE | OPTIONS_RANGES | OPTIONS_SETTINGS))
		dns_set(d->dns, o);
	if (what & OPTIONS_OBSERVE)
		observe_set(d->observe, &o->healthz, &o->metrics, o->metrics_endpoints);
}

static void refuse(struct svcd *d, const struct err *e)
{
	d->refused = *e;
	log_error("the options stay as they are: %s", e->text);
}

static void say(const struct svcd *d, unsigned int what)
{
	const struct options *o = d->options;

	log_info("the options were read again%s", what ? "" : ": nothing is new");
	if (what & (OPTIONS_NODE_NAME | OPTIONS_SOCKET | OPTIONS_SOURCE))
		log_info("node %s serves %s%s%s", o->node_name, o->socket,
			 o->follow.name ? " and follows " : "", o->follow.name ? o->follow.name :
			 "");
}

void svcd_reload(struct svcd *d)
{
	struct options *next = &d->slots[d->options == d->slots];
	struct fresh fresh = { 0 };
	struct err e = { "" };
	unsigned int what;

	if (options_parse(next, d->argc, d->argv, SVCD_USUAL_CONFIG, stdout, &e)) {
		refuse(d, &e);
		options_clear(next);
		return;
	}
	what = options_changes(d->options, next);
	if (prepare(d, next, what, &fresh, &e)) {
		refuse(d, &e);
		server_close(fresh.server);
		options_clear(next);
		return;
	}
	/* Nothing fails from here on. */
	take(d, next, what, &fresh);
	options_clear(&d->slots[d->options == d->slots]);
	d->read = time(NULL);
	d->refused.text[0] = '\0';
	say(d, what);
}

void svcd_reload_stop(struct svcd *d)
{
	end_retired(d);
}

bool svcd_reload_status(const struct svcd *d, json_t *status)
{
	char when[META_TIME_LEN];
	json_t *o;

	meta_print_time(d->read, when);
	o = json_pack("{s:s}", "read", when);
	if (d->options->config)
		json_object_set_new(o, "file", jx_string(d->options->config));
	if (d->refused.text[0])
		json_object_set_new(o, "message", jx_string(d->refused.text));
	json_object_set_new(status, "options", o);
	return !d->refused.text[0];
}
