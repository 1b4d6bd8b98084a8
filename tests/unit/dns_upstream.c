// SPDX-License-Identifier: GPL-2.0
#include "dns_upstream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_cut(const struct dns_upstream *u, bool tcp)
{
	return u->mood == UPSTREAM_CUT_ALWAYS ||
	       (!tcp && (u->mood == UPSTREAM_CUT || u->mood == UPSTREAM_CLOSES ||
			 u->mood == UPSTREAM_PIECES));
}

static unsigned int rcode_of(const struct dns_upstream *u, const struct dns_query *query)
{
	switch (u->mood) {
	case UPSTREAM_REFUSES: return LDNS_RCODE_REFUSED;
	case UPSTREAM_FAILS: return LDNS_RCODE_SERVFAIL;
	case UPSTREAM_DENIES: return LDNS_RCODE_NXDOMAIN;
	case UPSTREAM_OLD: return query->edns ? LDNS_RCODE_FORMERR : LDNS_RCODE_NOERROR;
	default: return LDNS_RCODE_NOERROR;
	}
}

static void add_unreadable(struct dns_text *m)
{
	static const uint8_t record[] = { 0, 0, LDNS_RR_TYPE_A, 0, 1, 0, 0, 0, 5, 0, 3, 192, 0, 2 };

	memcpy(m->v + m->len, record, sizeof(record));
	m->len += sizeof(record);
	m->v[11]++;
}

/* What it has to say to a query. */
static void answer(struct dns_upstream *u, const struct dns_query *query, bool tcp,
		   struct dns_text *m)
{
	const struct dns_question *q = &query->question;
	size_t i;

	memset(m->v, 0, DNS_HEADER_LEN);
	ldns_write_uint16(m->v, (uint16_t)(query->id + (u->mood == UPSTREAM_OTHER_ID)));
	m->v[2] = (uint8_t)((u->mood == UPSTREAM_NO_ANSWER ? 0 : 0x80) | 1 |
			    (is_cut(u, tcp) ? 2 : 0));
	m->v[3] = (uint8_t)(0x80 | rcode_of(u, query));
	m->v[5] = 1;
	memcpy(m->v + DNS_HEADER_LEN, q->wire, q->len);
	m->len = DNS_HEADER_LEN + q->len;
	if (u->mood == UPSTREAM_OTHER_QUESTION)
		m->v[DNS_HEADER_LEN + 1]++;
	for (i = 0; !rcode_of(u, query) && q->type != LDNS_RR_TYPE_NS &&
	     q->type != LDNS_RR_TYPE_HINFO &&
	     i < (is_cut(u, tcp) ? 1 : 79) && u->records[i]; i++)
		dns_help_add(m, u->records[i], DNS_HELP_ANSWER);
	if (u->soa)
		dns_help_add(m, u->soa, DNS_HELP_AUTHORITY);
	if (u->mood == UPSTREAM_UNREADABLE)
		add_unreadable(m);
	if (u->mood == UPSTREAM_BROKEN)
		m->len -= 3;
	if (u->mood == UPSTREAM_GARBAGE)
		for (i = 0; i < m->len; i++)
			m->v[i] = (uint8_t)(i * 37 + 11);
}

static void send_datagrams(struct dns_upstream *u, const struct dns_query *query,
			   struct dns_text *m, const struct sockaddr *sa, socklen_t len)
{
	int fd = u->mood == UPSTREAM_OTHER_SOURCE ? u->other : u->fd, i;

	if (u->mood == UPSTREAM_SILENT &&
	    !(u->well && query->question.type == LDNS_RR_TYPE_NS))
		return;
	for (i = 0; u->mood == UPSTREAM_GUESSES && i < 100; i++) {
		ldns_write_uint16(m->v, (uint16_t)(query->id + 1 + i));
		sendto(fd, m->v, m->len, 0, sa, len);
	}
	if (u->mood == UPSTREAM_GUESSES)
		ldns_write_uint16(m->v, query->id);
	sendto(fd, m->v, m->len, 0, sa, len);
}

/* Who asks for what, by its type. */
static void take(struct dns_upstream *u, const struct dns_query *query, uint16_t port)
{
	if (query->question.type == LDNS_RR_TYPE_HINFO) {
		u->checked++;
		u->last_check = *query;
		return;
	}
	if (query->question.type == LDNS_RR_TYPE_NS)
		u->probed++;
	else
		u->asked++;
	u->last = *query;
	u->last_port = port;
}

static void ask_back(struct dns_upstream *u, const uint8_t *data, size_t n)
{
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&u->back, &sa);

	sendto(u->other, data, n, 0, (struct sockaddr *)&sa, len);
}

static void on_datagram(evutil_socket_t fd, short what, void *ctx)
{
	static struct dns_text m;
	struct sockaddr_storage sa;
	socklen_t salen = sizeof(sa);
	struct dns_upstream *u = ctx;
	struct dns_query query;
	struct dns_peer from;
	uint8_t data[1024];
	ssize_t len = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&sa, &salen);

	(void)what;
	assert_true(len > 0);
	assert_int_equal(dns_query_parse(&query, data, (size_t)len), LDNS_RCODE_NOERROR);
	dns_peer_from(&from, &sa);
	take(u, &query, from.port);
	if (u->mood == UPSTREAM_ASKS_BACK) {
		ask_back(u, data, (size_t)len);
		return;
	}
	answer(u, &query, false, &m);
	send_datagrams(u, &query, &m, (struct sockaddr *)&sa, salen);
}

/* --- TCP --- */

static void on_gone(struct bufferevent *bev, short what, void *ctx)
{
	(void)what;
	(void)ctx;
	bufferevent_free(bev);
}

static void write_answer(struct dns_upstream *u, struct bufferevent *bev)
{
	static struct dns_text m;
	uint8_t length[2];
	size_t i;

	answer(u, &u->last, true, &m);
	ldns_write_uint16(length, (uint16_t)m.len);
	bufferevent_write(bev, length, 2);
	for (i = 0; i < m.len; i += u->mood == UPSTREAM_PIECES ? 1 : m.len) {
		bufferevent_write(bev, m.v + i, u->mood == UPSTREAM_PIECES ? 1 : m.len);
		bufferevent_flush(bev, EV_WRITE, BEV_FLUSH);
	}
}

static void on_stream(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	struct dns_upstream *u = ctx;
	const uint8_t *data = evbuffer_pullup(in, -1);

	if (len < 2 || len < 2u + ldns_read_uint16(data))
		return;
	assert_int_equal(dns_query_parse(&u->last, data + 2, len - 2), LDNS_RCODE_NOERROR);
	evbuffer_drain(in, len);
	u->asked_tcp++;
	if (u->mood == UPSTREAM_CLOSES)
		bufferevent_free(bev);
	else if (u->mood != UPSTREAM_SILENT)
		write_answer(u, bev);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *ctx)
{
	struct dns_upstream *u = ctx;
	struct bufferevent *bev = bufferevent_socket_new(u->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener;
	(void)sa;
	(void)len;
	bufferevent_setcb(bev, on_stream, NULL, on_gone, u);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

void dns_upstream_open(struct dns_upstream *u, struct event_base *base, struct dns_peer where)
{
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&where, &sa);

	u->base = base;
	u->where = where;
	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	u->other = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(u->fd, (struct sockaddr *)&sa, len), 0);
	u->readable = event_new(base, u->fd, EV_READ | EV_PERSIST, on_datagram, u);
	event_add(u->readable, NULL);
	u->listener = evconnlistener_new_bind(base, on_accept, u, LEV_OPT_CLOSE_ON_FREE |
					      LEV_OPT_REUSEABLE, 8, (struct sockaddr *)&sa,
					      (int)len);
	assert_non_null(u->listener);
}

void dns_upstream_close(struct dns_upstream *u)
{
	event_free(u->readable);
	evconnlistener_free(u->listener);
	close(u->fd);
	close(u->other);
}
