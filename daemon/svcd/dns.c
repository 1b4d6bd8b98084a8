// SPDX-License-Identifier: GPL-2.0
#include "dns.h"

#include "addresses.h"
#include "complaint.h"
#include "dns_answer.h"
#include "dns_lead.h"
#include "dns_resolv.h"
#include "dns_server.h"
#include "err.h"
#include "jx.h"
#include "log.h"
#include "node_listen.h"
#include "timer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define RETRY_MS	5000
#define LOOK_MS		5000

struct dns {
	struct dns_config config;
	const struct options *options;
	struct dns_metrics metrics;
	struct dns_access access;
	struct node_listener listener;
	struct event *retry, *look;
	struct err listening, resolving, looping;	/* what is wrong; "": nothing */
	struct stat resolv_conf;		/* when it was read last */
	/* while it is switched on */
	struct dns_zone *zone;
	struct dns_forward *forward;
	struct dns_answerer *answerer;
	struct dns_server *server;
	struct dns_lead *lead;
};

static void set_upstreams(struct dns *d);

/* --- objects --- */

static bool is_own_service(const struct dns *d, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *ns = json_string_value(json_object_get(meta, "namespace"));
	const char *name = json_string_value(json_object_get(meta, "name"));
	const char *key = d->options->dns.service;
	const size_t len = ns ? strlen(ns) : 0;

	return ns && name && !strncmp(key, ns, len) && key[len] == '/' &&
	       !strcmp(key + len + 1, name);
}

static void on_list_begin(void *ctx, enum proxy_kind kind)
{
	struct dns *d = ctx;

	dns_zone_list_begin(d->zone, kind);
}

static void on_object(void *ctx, enum proxy_kind kind, const json_t *object, bool deleted)
{
	struct dns *d = ctx;

	if (dns_zone_object(d->zone, kind, object, deleted))
		log_error("out of memory while reading an object: its names are as before");
	if (kind == PROXY_SERVICE && is_own_service(d, object))
		set_upstreams(d);
}

static void on_list_end(void *ctx, enum proxy_kind kind)
{
	struct dns *d = ctx;

	dns_zone_list_end(d->zone, kind);
	if (kind == PROXY_SERVICE && *d->options->dns.service)
		set_upstreams(d);
}

static void on_lists_void(void *ctx)
{
	struct dns *d = ctx;

	dns_zone_lists_void(d->zone);
}

static const struct node_listener_ops listener_ops = {
	.list_begin = on_list_begin,
	.object = on_object,
	.list_end = on_list_end,
	.lists_void = on_lists_void,
};

/* --- upstreams --- */

static bool is_unspecified(const struct ip_addr *a)
{
	return a->family == AF_INET ? a->v4.s_addr == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(&a->v6);
}

/* By an address that is listened on, by any one, or by the Service that leads here. */
static bool is_own(const struct dns *d, const struct dns_peer *peer)
{
	const struct dns_options *o = &d->options->dns;
	const struct dns_peer *l;

	for (l = o->listen; l < o->listen + o->nlisten; l++)
		if (dns_peer_equal(l, peer) ||
		    (l->port == peer->port && l->addr.family == peer->addr.family &&
		     is_unspecified(&l->addr) && dns_peer_is_here(peer)))
			return true;
	return *o->service && peer->port == DNS_PORT &&
	       dns_zone_leads(d->zone, o->service, &peer->addr);
}

/* Whom svcd would ask what it asks svcd. */
static void on_loops(void *ctx)
{
	struct dns_peer v[DNS_UPSTREAMS_MAX];
	struct dns *d = ctx;
	const size_t n = dns_forward_loops(d->forward, v);
	char names[DNS_UPSTREAMS_MAX * (ADDRPORT_STRLEN + 2)] = "", text[ADDRPORT_STRLEN];
	struct err e = { "" };
	size_t i;

	for (i = 0; i < n; i++) {
		strcat(names, i ? ", " : "");
		strcat(names, dns_peer_print(&v[i], text));
	}
	if (n)
		err_set(&e, 0, "DNS: %s asks this svcd what svcd asks it, so it is not asked: let "
			"it ask others, or name other upstreams", names);
	else if (d->looping.text[0])
		log_info("DNS: all upstreams are asked again");
	complaint(&d->looping, LOG_LEVEL_WARNING, &e);
}

/* None is fine if that was said. */
static void use_upstreams(struct dns *d, struct dns_peer *v, size_t n, struct err *e)
{
	const struct dns_options *o = &d->options->dns;
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (!is_own(d, &v[i]))
			v[kept++] = v[i];
	dns_forward_set(d->forward, v, kept);
	on_loops(d);
	if (!kept && n)
		err_set(e, 0, "DNS: all upstreams are this svcd: names that are not of Services "
			"are refused; name others, or none");
	else if (!kept && o->resolv_conf)
		err_set(e, 0, "DNS: %s has no name server: names that are not of Services are "
			"refused; name upstreams, or none", o->resolv_conf);
}

/* The file is the system's, which may name this very svcd for the system's own use. */
static void set_upstreams(struct dns *d)
{
	const struct dns_options *o = &d->options->dns;
	struct dns_peer v[DNS_UPSTREAMS_MAX];
	size_t n = o->nupstreams;
	struct err e = { "" };
	int err = 0;

	memcpy(v, o->upstreams, n * sizeof(*v));
	if (o->resolv_conf)
		err = dns_resolv_read(o->resolv_conf, v, &n, DNS_UPSTREAMS_MAX, &e);
	if (err)
		err_prefix(&e, "DNS: names that are not of Services are asked for as before");
	else
		use_upstreams(d, v, n, &e);
	complaint(&d->resolving, LOG_LEVEL_WARNING, &e);
}

static bool is_other_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev != b->st_dev || a->st_ino != b->st_ino || a->st_size != b->st_size ||
	       a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

/* It is written anew when the node comes into another network. */
static void look(struct dns *d, bool anyway)
{
	const char *path = d->options->dns.resolv_conf;
	struct stat now = { .st_ino = 0 };

	event_del(d->look);
	if (anyway || (path && (stat(path, &now) < 0 || is_other_file(&now, &d->resolv_conf))))
		set_upstreams(d);
	d->resolv_conf = now;
	if (path)
		timer_set(d->look, d->config.look_ms);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	look(ctx, false);
}

/* --- sockets --- */

static bool may_ask(void *ctx, const struct ip_addr *from)
{
	struct dns *d = ctx;

	return dns_access_allows(&d->access, from);
}

static void listen_all(struct dns *d)
{
	const struct dns_options *o = &d->options->dns;
	const bool failed = d->listening.text[0];
	struct err e = { "" };
	int err;

	event_del(d->retry);
	err = dns_server_listen(d->server, o->listen, o->nlisten, &e);
	if (err) {
		err_prefix(&e, "DNS");
		timer_set(d->retry, d->config.retry_ms);
	} else if (failed) {
		log_info("DNS: all addresses are open now");
	}
	complaint(&d->listening, LOG_LEVEL_WARNING, &e);
	dns_lead_set(d->lead, o, d->server);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	listen_all(ctx);
}

/* --- on and off --- */

/* Those who listen everywhere have no address to tell. */
static size_t server_addresses(const struct dns_options *o, struct ip_addr *v)
{
	size_t i, n = 0;

	for (i = 0; i < o->nlisten; i++)
		if (!addrport_special(&o->listen[i].addr))
			v[n++] = o->listen[i].addr;
	return n;
}

/* A follower's are those that it was told of. */
static int add_service_cidrs(const struct options *o, struct kcidrs *to)
{
	size_t i;
	int err = 0;

	if (o->follow.name && !(o->settings_what & KSETTINGS_SERVICE_CIDRS))
		return 0;
	for (i = 0; !err && i < o->nservice_cidrs; i++)
		err = kcidrs_add(to, &o->service_cidrs[i]);
	return err;
}

static int make_zone(struct dns *d, struct err *e)
{
	const struct dns_options *o = &d->options->dns;
	struct ip_addr servers[OPTIONS_DNS_LISTEN_MAX];
	struct dns_zone_config c = {
		.domain = o->domain,
		.ttl = o->ttl,
		.serial = (uint32_t)time(NULL),
		.servers = servers,
		.nservers = server_addresses(o, servers),
	};
	int err = add_service_cidrs(d->options, &c.service_cidrs);

	if (err)
		err_set(e, -err, "out of memory");
	else if (d->zone)
		err = dns_zone_configure(d->zone, &c, e);
	else
		err = dns_zone_alloc(&d->zone, &c, e);
	kcidrs_clear(&c.service_cidrs);
	return err;
}

/* The sockets first: whoever waits lets go of upstreams. */
static void switch_off(struct dns *d)
{
	event_del(d->retry);
	event_del(d->look);
	dns_lead_free(d->lead);
	dns_server_free(d->server);
	dns_answerer_free(d->answerer);
	dns_forward_free(d->forward);
	if (d->listener.ops)
		node_unlisten(d->config.node, &d->listener);
	dns_zone_free(d->zone);
	d->lead = NULL;
	d->server = NULL;
	d->answerer = NULL;
	d->forward = NULL;
	d->listener.ops = NULL;
	d->zone = NULL;
	d->listening.text[0] = d->looping.text[0] = '\0';
}

static int make_rest(struct dns *d, struct err *e)
{
	const struct dns_forward_config fc = {
		.base = d->config.base, .metrics = &d->metrics, .check_ms = d->config.check_ms,
		.loops_changed = on_loops, .ctx = d,
	};
	struct dns_answer_config ac = {
		.zone = d->zone, .access = &d->access, .metrics = &d->metrics,
	};
	struct dns_server_config sc = {
		.base = d->config.base, .handle = dns_answer, .allowed = may_ask,
		.allowed_ctx = d,
	};
	const struct dns_lead_config lc = {
		.base = d->config.base, .node = d->config.node, .is_local = d->config.is_local,
		.watch = d->config.watch, .ctx = d->config.ctx, .look_ms = d->config.look_ms,
	};

	d->forward = ac.forward = dns_forward_alloc(&fc);
	d->answerer = d->forward ? dns_answerer_alloc(&ac) : NULL;
	sc.ctx = d->answerer;
	d->server = d->answerer ? dns_server_alloc(&sc) : NULL;
	return d->server && !dns_lead_alloc(&d->lead, &lc) ? 0 :
	       err_set(e, ENOMEM, "out of memory");
}

static int switch_on(struct dns *d, struct err *e)
{
	int err = make_zone(d, e);

	if (!err)
		err = make_rest(d, e);
	if (err) {
		switch_off(d);
		return err;
	}
	d->listener = (struct node_listener){ .ops = &listener_ops, .ctx = d };
	node_listen(d->config.node, &d->listener);
	return 0;
}

static int apply(struct dns *d, const struct options *o, struct err *e)
{
	int err;

	d->options = o;
	d->access.allow = &o->dns.allow;
	d->access.listen = o->dns.listen;
	d->access.nlisten = o->dns.nlisten;
	if (!o->dns.nlisten) {
		if (d->lead)
			dns_lead_set(d->lead, NULL, NULL);
		switch_off(d);
		return 0;
	}
	err = d->server ? make_zone(d, e) : switch_on(d, e);
	if (!d->server)
		return err;
	look(d, true);
	listen_all(d);
	return err;
}

void dns_set(struct dns *d, const struct options *o)
{
	struct err e = { "" };

	if (apply(d, o, &e))
		log_error("DNS: %s", e.text);
}

int dns_open(struct dns **out, const struct dns_config *c, const struct options *o, struct err *e)
{
	struct dns *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return err_set(e, ENOMEM, "out of memory");
	d->config = *c;
	d->config.retry_ms = c->retry_ms ? c->retry_ms : RETRY_MS;
	d->config.look_ms = c->look_ms ? c->look_ms : LOOK_MS;
	d->config.is_local = c->is_local ? c->is_local : addresses_local;
	d->config.watch = c->watch ? c->watch : addresses_watch;
	dns_metrics_init(&d->metrics);
	d->access.pods = proxy_pod_cidrs(node_proxy(c->node));
	d->access.addresses = addresses_read;
	d->retry = evtimer_new(c->base, on_retry, d);
	d->look = evtimer_new(c->base, on_look, d);
	err = d->retry && d->look ? apply(d, o, e) : err_set(e, ENOMEM, "out of memory");
	if (err) {
		dns_close(d);
		return err;
	}
	*out = d;
	return 0;
}

void dns_close(struct dns *d)
{
	if (!d)
		return;
	if (d->retry && d->look)
		switch_off(d);
	if (d->retry)
		event_free(d->retry);
	if (d->look)
		event_free(d->look);
	dns_access_clear(&d->access);
	free(d);
}

/* Where it listens, of where it shall. */
static json_t *listens(const struct dns *d)
{
	const struct dns_options *o = &d->options->dns;
	json_t *list = jx_must(json_array());
	char buf[ADDRPORT_STRLEN];
	size_t i;

	for (i = 0; i < o->nlisten; i++)
		if (dns_server_listens(d->server, &o->listen[i]))
			json_array_append_new(list,
					      jx_string(dns_peer_print(&o->listen[i], buf)));
	return list;
}

/* What is worst. */
static const char *find_trouble(const struct dns *d)
{
	if (d->listening.text[0])
		return d->listening.text;
	if (*dns_lead_trouble(d->lead))
		return dns_lead_trouble(d->lead);
	return d->looping.text[0] ? d->looping.text : d->resolving.text;
}

bool dns_status(const struct dns *d, json_t *status)
{
	const char *trouble;
	json_t *o;

	if (!d->server)
		return true;
	trouble = find_trouble(d);
	o = json_pack("{s:s, s:b, s:o, s:I}", "domain", d->options->dns.domain, "ready",
		      dns_zone_ready(d->zone), "listens", listens(d), "upstreams",
		      (json_int_t)dns_forward_upstreams(d->forward));
	if (*trouble)
		json_object_set_new(o, "message", jx_string(trouble));
	json_object_set_new(status, "dns", o);
	return !*trouble;
}

void dns_print_metrics(const struct dns *d, struct evbuffer *out)
{
	if (d->server)
		dns_metrics_print(&d->metrics, out);
}
