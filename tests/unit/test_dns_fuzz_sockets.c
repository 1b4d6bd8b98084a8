// SPDX-License-Identifier: GPL-2.0
/*
 * Nonsense that comes by sockets, through all of DNS: upstreams that say it, by UDP and TCP,
 * clients that send it as a stream, and the file that names the upstreams.
 */
#include "http_fixture.h"

#include "dns_answer.h"
#include "dns_fuzz.h"
#include "dns_resolv.h"
#include "dns_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT	5600
#define TRY_MS	5
#define UPSTREAMS	2

struct upstream {
	struct fixture *f;
	struct dns_peer where;
	int fd;
	struct event *readable;
	struct evconnlistener *listener;
};

struct fixture {
	struct event_base *base;
	struct dns_metrics metrics;
	struct kcidrs none;
	struct dns_access access;
	struct dns_zone *zone;
	struct dns_forward *forward;
	struct dns_answerer *answerer;
	struct upstream v[UPSTREAMS];
	struct dns_server *server;
	struct dns_peer where;
	unsigned int said[2];		/* answers, by UDP and by TCP */
};

/* --- upstreams --- */

static const char *const records[] = {
	"www.example. 5 IN A 192.0.2.1", "www.example. 5 IN AAAA 2001:db8::1",
	"www.example. 5 IN CNAME x.example.", "x.example. 5 IN A 192.0.2.2",
	"x.example. 5 IN CNAME www.example.", "www.example. 5 IN TXT \"text\"",
	"example. 5 IN NS ns.example.",
};

/* To the query, with records from anywhere, and flags. */
static void make_answer(struct dns_text *m, const struct dns_query *q, bool tcp)
{
	uint32_t n;

	memset(m->v, 0, DNS_HEADER_LEN);
	ldns_write_uint16(m->v, q->id);
	m->v[2] = 0x81;
	m->v[3] = (uint8_t)(0x80 | (dns_fuzz_below(4) ? 0 : dns_fuzz_below(6)));
	if (!tcp && !dns_fuzz_below(3))
		m->v[2] |= 2;
	m->v[5] = 1;
	memcpy(m->v + DNS_HEADER_LEN, q->question.wire, q->question.len);
	m->len = DNS_HEADER_LEN + q->question.len;
	for (n = dns_fuzz_below(40); n; n--)
		dns_help_add(m, records[dns_fuzz_below(sizeof(records) / sizeof(*records))],
			     DNS_HELP_ANSWER);
	if (dns_fuzz_below(2))
		dns_help_add(m, "example. 5 IN SOA a.example. b.example. 1 2 3 4 5",
			     DNS_HELP_AUTHORITY);
	if (dns_fuzz_below(2))
		dns_fuzz_change(m);
}

static void on_datagram(evutil_socket_t fd, short what, void *ctx)
{
	static struct dns_text m;
	struct sockaddr_storage sa;
	socklen_t salen = sizeof(sa);
	struct upstream *u = ctx;
	struct dns_query q;
	uint8_t data[1024];
	ssize_t len = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&sa, &salen);
	uint32_t n;

	(void)what;
	if (len < 0)
		return;
	assert_int_equal(dns_query_parse(&q, data, (size_t)len), LDNS_RCODE_NOERROR);
	for (n = 1 + dns_fuzz_below(2); n; n--) {
		make_answer(&m, &q, false);
		sendto(fd, m.v, m.len, 0, (struct sockaddr *)&sa, salen);
		u->f->said[0]++;
	}
}

static void on_gone(struct bufferevent *bev, short what, void *ctx)
{
	(void)what;
	(void)ctx;
	bufferevent_free(bev);
}

/* Now and then too short, too long, or in pieces, with or without an end. */
static void on_stream(struct bufferevent *bev, void *ctx)
{
	static struct dns_text m;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t have = evbuffer_get_length(in);
	const uint8_t *data = evbuffer_pullup(in, -1);
	struct upstream *u = ctx;
	struct dns_query q;
	uint8_t length[2];

	if (have < 2 || have < 2u + ldns_read_uint16(data))
		return;
	assert_int_equal(dns_query_parse(&q, data + 2, have - 2), LDNS_RCODE_NOERROR);
	evbuffer_drain(in, have);
	make_answer(&m, &q, true);
	ldns_write_uint16(length, (uint16_t)(m.len + (dns_fuzz_below(4) ? 0 :
						      dns_fuzz_below(9) - 4)));
	u->f->said[1]++;
	bufferevent_write(bev, length, dns_fuzz_below(8) ? 2 : 1);
	bufferevent_write(bev, m.v, m.len);
	if (!dns_fuzz_below(8))
		bufferevent_free(bev);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *ctx)
{
	struct upstream *u = ctx;
	struct bufferevent *bev = bufferevent_socket_new(u->f->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener;
	(void)sa;
	(void)len;
	bufferevent_setcb(bev, on_stream, NULL, on_gone, u);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void upstream_open(struct fixture *f, struct upstream *u, struct dns_peer where)
{
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&where, &sa);

	u->f = f;
	u->where = where;
	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(u->fd, (struct sockaddr *)&sa, len), 0);
	u->readable = event_new(f->base, u->fd, EV_READ | EV_PERSIST, on_datagram, u);
	event_add(u->readable, NULL);
	u->listener = evconnlistener_new_bind(f->base, on_accept, u, LEV_OPT_CLOSE_ON_FREE |
					      LEV_OPT_REUSEABLE, 8, (struct sockaddr *)&sa,
					      (int)len);
	assert_non_null(u->listener);
}

/* --- who asks them --- */

struct request {
	struct dns_request r;	/* first */
	const struct dns_text *query;
	bool ours, ended;	/* ours: the answer is made here, and has to be well formed */
};

static void end(struct dns_request *r, const uint8_t *data, size_t len)
{
	struct request *u = (struct request *)r;
	ldns_pkt *pkt = NULL;

	assert_false(u->ended);
	u->ended = true;
	assert_non_null(data);
	assert_in_range(len, DNS_HEADER_LEN + r->query.question.len,
			dns_query_room(&r->query, r->tcp));
	assert_memory_equal(data, u->query->v, 2);
	assert_memory_equal(data + DNS_HEADER_LEN, r->query.question.wire, r->query.question.len);
	assert_true(data[2] & 0x80);
	if (!u->ours)
		return;
	if (ldns_wire2pkt(&pkt, data, len) != LDNS_STATUS_OK)
		fail_msg("seed %llu: not well formed", (unsigned long long)dns_fuzz_seed());
	ldns_pkt_free(pkt);
}

static bool has_ended(void *ctx)
{
	const struct request *u = ctx;

	return u->ended;
}

static void test_upstreams(void **state)
{
	static const struct dns_request_ops ops = { .end = end };
	static const uint16_t types[] = { LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA, LDNS_RR_TYPE_TXT };
	struct fixture *f = *state;
	static struct dns_text m;
	struct request u;
	uint64_t i;

	for (i = 0; i < dns_fuzz_rounds() / 50; i++) {
		u = (struct request){ .r = { .ops = &ops, .tcp = dns_fuzz_below(2) },
				      .query = &m, .ours = dns_fuzz_below(2) };
		u.r.from = dns_help_place(3, 1024);
		dns_help_query(&m, u.ours ? "Ext.default.svc.cluster.local." : "WWW.example.",
			       types[dns_fuzz_below(3)], dns_fuzz_below(2) ? 1232 : 0);
		dns_answer(f->answerer, &u.r, m.v, m.len);
		if (!http_wait(f->base, has_ended, &u))
			fail_msg("seed %llu, round %llu: no end",
				 (unsigned long long)dns_fuzz_seed(), (unsigned long long)i);
	}
	/* Not all of it is nonsense. */
	assert_true(f->said[0] > dns_fuzz_rounds() / 100);
	assert_true(f->said[1] > dns_fuzz_rounds() / 1000);
	assert_true(f->metrics.forwards[DNS_FORWARD_ANSWERED] > dns_fuzz_rounds() / 200);
	assert_true(f->metrics.forwards[DNS_FORWARD_BROKEN] > 0);
}

/* --- clients by TCP --- */

/* Queries with lengths in front, wrong ones among them; whole, in pieces, or cut. */
static size_t make_stream(uint8_t *out, size_t room)
{
	static struct dns_text m;
	size_t at = 0;
	uint32_t n;

	for (n = 1 + dns_fuzz_below(6); n; n--) {
		dns_help_query(&m, dns_fuzz_below(2) ? "web.default.svc.cluster.local." :
			       "cluster.local.", LDNS_RR_TYPE_SOA, 0);
		if (!dns_fuzz_below(3))
			dns_fuzz_change(&m);
		if (at + 2 + m.len > room)
			break;
		ldns_write_uint16(out + at, (uint16_t)(m.len + (dns_fuzz_below(5) ? 0 :
								dns_fuzz_below(20) - 10)));
		memcpy(out + at + 2, m.v, m.len);
		at += 2 + m.len;
	}
	return at - (dns_fuzz_below(3) || !at ? 0 : dns_fuzz_below((uint32_t)at));
}

static bool no_streams(void *ctx)
{
	const struct fixture *f = ctx;

	return dns_server_streams(f->server) == 0;
}

static void one_client(struct fixture *f)
{
	static uint8_t data[16384], back[16384];
	const struct linger reset = { .l_onoff = 1 };
	size_t len = make_stream(data, sizeof(data)), at, n;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage sa;
	socklen_t salen = dns_peer_sockaddr(&f->where, &sa);

	assert_int_equal(connect(fd, (struct sockaddr *)&sa, salen), 0);
	for (at = 0; at < len; at += n) {
		n = dns_fuzz_below(3) ? len - at : 1 + dns_fuzz_below((uint32_t)(len - at));
		if (send(fd, data + at, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
			break;
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	while (recv(fd, back, sizeof(back), MSG_DONTWAIT) > 0)
		;
	/* Ports of those that end well are not free for a minute. */
	if (dns_fuzz_below(8))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void test_streams(void **state)
{
	struct fixture *f = *state;
	struct err e = { "" };
	uint64_t i;

	if (dns_server_listen(f->server, &f->where, 1, &e))
		fail_msg("%s", e.text);
	for (i = 0; i < dns_fuzz_rounds() / 50; i++)
		one_client(f);
	assert_true(http_wait(f->base, no_streams, f));
	assert_true(f->metrics.queries[6][0] > dns_fuzz_rounds() / 200);
}

/* --- resolv.conf --- */

static void test_resolv_conf(void **state)
{
	static const char *const words[] = {
		"nameserver", "nameserver", " ", "\t", "\n", "192.0.2.1", "2001:db8::1",
		"fe80::1%lo", "fe80::1%", "%%", "::", "1.2.3.4.5", "#", ";", "search", "x", "%1",
	};
	char text[512];
	struct dns_peer v[3];
	size_t n, j;
	uint64_t i;

	(void)state;
	for (i = 0; i < dns_fuzz_rounds(); i++) {
		text[0] = '\0';
		for (j = dns_fuzz_below(30); j; j--)
			strcat(text, words[dns_fuzz_below(sizeof(words) / sizeof(*words))]);
		for (j = dns_fuzz_below(3); j && *text; j--)
			text[dns_fuzz_below((uint32_t)strlen(text))] = (char)dns_fuzz_u32();
		n = 0;
		dns_resolv_parse(text, v, &n, 3);
		assert_in_range(n, 0, 3);
		while (n--)
			assert_true(v[n].addr.family == AF_INET || v[n].addr.family == AF_INET6);
	}
}

/* --- */

static void tell(struct fixture *f, json_t *object)
{
	assert_non_null(object);
	assert_int_equal(dns_zone_object(f->zone, PROXY_SERVICE, object, false), 0);
	json_decref(object);
}

static void tell_all(struct fixture *f)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		dns_zone_list_begin(f->zone, kind);
		dns_zone_list_end(f->zone, kind);
	}
	tell(f, json_pack("{s:{s:s, s:s}, s:{s:s, s:s}}", "metadata", "name", "ext", "namespace",
			  "default", "spec", "type", "ExternalName", "externalName",
			  "www.example"));
	tell(f, json_pack("{s:{s:s, s:s}, s:{s:s, s:[{s:i}]}}", "metadata", "name", "web",
			  "namespace", "default", "spec", "clusterIP", "10.96.0.1", "ports",
			  "port", 80));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct dns_zone_config zc = { .domain = "cluster.local", .ttl = 5 };
	struct dns_forward_config fc = { .metrics = &f->metrics, .try_ms = TRY_MS,
					 .total_ms = 3 * TRY_MS, .rest_ms = 1 };
	struct dns_answer_config ac = { .metrics = &f->metrics, .access = &f->access };
	struct dns_server_config sc = { .handle = dns_answer };
	struct dns_peer peers[UPSTREAMS];
	size_t i;

	f->base = fc.base = sc.base = event_base_new();
	dns_metrics_init(&f->metrics);
	f->access.allow = f->access.pods = &f->none;
	assert_int_equal(dns_zone_alloc(&f->zone, &zc, NULL), 0);
	tell_all(f);
	ac.zone = f->zone;
	ac.forward = f->forward = dns_forward_alloc(&fc);
	f->answerer = sc.ctx = dns_answerer_alloc(&ac);
	f->server = dns_server_alloc(&sc);
	f->where = dns_help_place(1, PORT);
	for (i = 0; i < UPSTREAMS; i++) {
		peers[i] = dns_help_place((uint8_t)(10 + i), PORT);
		upstream_open(f, &f->v[i], peers[i]);
	}
	dns_forward_set(f->forward, peers, UPSTREAMS);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	size_t i;

	dns_server_free(f->server);
	dns_answerer_free(f->answerer);
	dns_forward_free(f->forward);
	/* The other ends of streams are told. */
	for (i = 0; i < 10; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	for (i = 0; i < UPSTREAMS; i++) {
		event_free(f->v[i].readable);
		evconnlistener_free(f->v[i].listener);
		close(f->v[i].fd);
	}
	dns_zone_free(f->zone);
	event_base_free(f->base);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_upstreams, setup, teardown),
		cmocka_unit_test_setup_teardown(test_streams, setup, teardown),
		cmocka_unit_test(test_resolv_conf),
	};

	/* As svcd does: the other end may be gone. */
	signal(SIGPIPE, SIG_IGN);
	dns_fuzz_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
