// SPDX-License-Identifier: GPL-2.0
#include "dns_lead.h"

#include "addresses.h"
#include "complaint.h"
#include "err.h"
#include "fdwatch.h"
#include "log.h"
#include "timer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel tells of an address before it has the route of it, which is what is asked for. */
#define NEWS_MS		100

struct dns_lead {
	struct dns_lead_config config;
	const struct dns_options *options;	/* NULL: it leads nowhere */
	const struct dns_server *server;
	struct event *look;
	bool soon;				/* it is for news */
	struct fdwatch *watch;			/* news of addresses, while there is a Service */
	int fd;
	struct err trouble;
};

static void complain(const struct dns_lead *l, const struct ip_addr *addr, struct err *e)
{
	char text[INET6_ADDRSTRLEN];

	if (e->text[0])
		return;
	ip_addr_print(addr, text);
	err_set(e, 0, "DNS: the Service %s does not lead to %s, which is no address of this node: "
		"ip address add %s/%d dev lo", l->options->service, text, text,
		addr->family == AF_INET ? 32 : 128);
}

/* What cannot be looked at is taken to be there. */
static bool is_here(const struct dns_lead *l, const struct ip_addr *addr)
{
	struct err e = { "" };
	int ret = l->config.is_local(l->config.ctx, addr, &e);

	if (ret < 0)
		log_debug("DNS: %s", e.text);
	return ret;
}

/* Packets from elsewhere do not go to loopback addresses; nor do they to unspecified ones. */
static void lead(struct dns_lead *l)
{
	const struct dns_options *o = l->options;
	struct proxy_socket v[OPTIONS_DNS_LISTEN_MAX];
	const struct dns_peer *p;
	struct err e = { "" };
	size_t n = 0;

	for (p = o->listen; *o->service && p < o->listen + o->nlisten; p++) {
		if (addrport_special(&p->addr) || !dns_server_listens(l->server, p))
			continue;
		if (is_here(l, &p->addr))
			v[n++] = (struct proxy_socket){ p->addr, p->port };
		else
			complain(l, &p->addr, &e);
	}
	if (l->trouble.text[0] && !e.text[0])
		log_info("DNS: the Service %s leads to all addresses now", o->service);
	complaint(&l->trouble, LOG_LEVEL_WARNING, &e);
	node_set_own(l->config.node, o->service, DNS_PORT, v, n);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_lead *l = ctx;

	(void)fd;
	(void)what;
	l->soon = false;
	lead(l);
	timer_set(l->look, l->config.look_ms);
}

/* --- news --- */

static int open_news(void *ctx, struct err *e)
{
	struct dns_lead *l = ctx;

	l->fd = l->config.watch(e);
	return l->fd;
}

/* Once, however much there is. */
static void look_soon(void *ctx)
{
	struct dns_lead *l = ctx;

	if (!l->soon)
		timer_set(l->look, NEWS_MS);
	l->soon = true;
}

static int read_news(void *ctx, struct err *e)
{
	struct dns_lead *l = ctx;
	int ret = addresses_news(l->fd, e);

	if (ret > 0)
		look_soon(l);
	return ret < 0 ? ret : 0;
}

static void close_news(void *ctx)
{
	struct dns_lead *l = ctx;

	close(l->fd);
}

static const struct fdwatch_ops news_ops = {
	.trouble = "the Service of DNS follows addresses late",
	.open = open_news,
	.read = read_news,
	.close = close_news,
	.reopened = look_soon,
};

/* --- */

static void stop(struct dns_lead *l)
{
	event_del(l->look);
	l->soon = false;
	fdwatch_free(l->watch);
	l->watch = NULL;
}

void dns_lead_set(struct dns_lead *l, const struct dns_options *o, const struct dns_server *s)
{
	const bool led = l->options;

	l->options = o;
	l->server = s;
	if (!o || !*o->service) {
		stop(l);
		l->trouble.text[0] = '\0';
		if (led)
			node_set_own(l->config.node, NULL, 0, NULL, 0);
		return;
	}
	lead(l);
	if (!l->soon)
		timer_set(l->look, l->config.look_ms);
	if (!l->watch && fdwatch_alloc(&l->watch, l->config.base, &news_ops, l))
		log_error("DNS: out of memory: the Service follows addresses late");
}

const char *dns_lead_trouble(const struct dns_lead *l)
{
	return l->trouble.text;
}

int dns_lead_alloc(struct dns_lead **out, const struct dns_lead_config *c)
{
	struct dns_lead *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->config = *c;
	l->look = evtimer_new(c->base, on_look, l);
	if (!l->look) {
		free(l);
		return -ENOMEM;
	}
	*out = l;
	return 0;
}

void dns_lead_free(struct dns_lead *l)
{
	if (!l)
		return;
	stop(l);
	event_free(l->look);
	free(l);
}
