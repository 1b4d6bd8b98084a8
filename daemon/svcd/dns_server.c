// SPDX-License-Identifier: GPL-2.0
#include "dns_server_priv.h"

#include "err.h"

#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MS		10000
#define YIELD_MS	2000
#define STREAMS_MAX	256

int64_t dns_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* An address that is not there yet, or is only being tested for duplicates, can be bound, too. */
static int prepare(int fd, uint8_t family, int type)
{
	const int on = 1;

	if (setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) < 0)
		return -1;
	/* Of UDP it would let two servers share the port, and steal from each other. */
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -1;
	return family == AF_INET6 ?
	       setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) : 0;
}

int dns_socket(const struct dns_peer *where, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(where, &sa);
	int fd = socket(where->addr.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code;

	if (fd < 0)
		return -errno;
	if (prepare(fd, where->addr.family, type) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, len) < 0) {
		code = errno;
		close(fd);
		return -code;
	}
	return fd;
}

/* --- places --- */

static void place_close(struct dns_server *s, struct dns_place *p)
{
	dns_udp_close(p->udp);
	p->udp = NULL;
	dns_tcp_close(s, p->tcp);
	p->tcp = NULL;
}

static int open_udp(struct dns_server *s, struct dns_place *p)
{
	int fd = p->udp ? 0 : dns_socket(&p->where, SOCK_DGRAM);

	return p->udp || fd < 0 ? fd : dns_udp_open(&p->udp, s, fd);
}

static int open_tcp(struct dns_server *s, struct dns_place *p)
{
	int fd = p->tcp ? 0 : dns_socket(&p->where, SOCK_STREAM);

	return p->tcp || fd < 0 ? fd : dns_tcp_open(&p->tcp, s, fd);
}

static int place_open(struct dns_server *s, struct dns_place *p, struct err *e)
{
	char text[ADDRPORT_STRLEN];
	const char *what = "UDP";
	int ret = open_udp(s, p);

	if (!ret) {
		what = "TCP";
		ret = open_tcp(s, p);
	}
	if (!ret)
		return 0;
	return err_set(e, -ret, "%s: cannot listen by %s: %s%s", dns_peer_print(&p->where, text),
		       what, strerror(-ret), ret == -EACCES ?
		       ": CAP_NET_BIND_SERVICE is missing" : "");
}

static void close_unwanted(struct dns_server *s)
{
	size_t i, kept = 0;

	for (i = 0; i < s->n; i++) {
		if (s->v[i]->wanted) {
			s->v[kept++] = s->v[i];
			continue;
		}
		place_close(s, s->v[i]);
		free(s->v[i]);
	}
	s->n = kept;
}

static struct dns_place *find(const struct dns_server *s, const struct dns_peer *where)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (dns_peer_equal(&s->v[i]->where, where))
			return s->v[i];
	return NULL;
}

static int want(struct dns_server *s, const struct dns_peer *where, struct err *e)
{
	struct dns_place *p = find(s, where), **v;

	if (p) {
		p->wanted = true;
		return 0;
	}
	v = reallocarray(s->v, s->n + 1, sizeof(*v));
	if (!v)
		return err_set(e, ENOMEM, "out of memory");
	s->v = v;
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, ENOMEM, "out of memory");
	*p = (struct dns_place){ .where = *where, .wanted = true };
	v[s->n++] = p;
	return 0;
}

int dns_server_listen(struct dns_server *s, const struct dns_peer *v, size_t n, struct err *e)
{
	struct err other;
	int err = 0, ret;
	size_t i;

	for (i = 0; i < s->n; i++)
		s->v[i]->wanted = false;
	for (i = 0; !err && i < n; i++)
		err = want(s, &v[i], e);
	close_unwanted(s);
	for (i = 0; i < s->n; i++) {
		ret = place_open(s, s->v[i], err ? &other : e);
		err = err ? err : ret;
	}
	return err;
}

bool dns_server_listens(const struct dns_server *s, const struct dns_peer *where)
{
	const struct dns_place *p = find(s, where);

	return p && p->udp && p->tcp;
}

size_t dns_server_streams(const struct dns_server *s)
{
	return s->nstreams;
}

struct dns_server *dns_server_alloc(const struct dns_server_config *c)
{
	struct dns_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->config = *c;
	s->config.idle_ms = c->idle_ms ? c->idle_ms : IDLE_MS;
	s->config.yield_ms = c->yield_ms ? c->yield_ms : YIELD_MS;
	s->config.streams_max = c->streams_max ? c->streams_max : STREAMS_MAX;
	s->config.client_max = c->client_max ? c->client_max : (s->config.streams_max + 3) / 4;
	if (!dns_tcp_init(s)) {
		free(s);
		return NULL;
	}
	return s;
}

void dns_server_free(struct dns_server *s)
{
	if (!s)
		return;
	dns_server_listen(s, NULL, 0, NULL);
	event_free(s->more);
	free(s->v);
	free(s);
}
