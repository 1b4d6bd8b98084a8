// SPDX-License-Identifier: GPL-2.0
/* Whatever comes from the network is answered, refused or dropped within bounds. */
#include "dns_answer.h"
#include "dns_chase.h"
#include "dns_fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- queries --- */

struct fixture {
	struct dns_metrics metrics;
	struct kcidrs none;
	struct dns_access access;
	struct dns_zone *zone;
	struct event_base *base;
	struct dns_forward *forward;
	struct dns_answerer *answerer;
	const struct dns_text *query;
	uint64_t round, answered;
};

struct fuzz_request {
	struct dns_request r;
	struct fixture *f;
	bool ended;
};

static void check(struct fixture *f, const struct dns_request *r, const uint8_t *data, size_t len)
{
	ldns_pkt *pkt = NULL;
	ldns_status status;

	f->answered++;
	assert_in_range(len, DNS_HEADER_LEN, dns_query_room(&r->query, r->tcp));
	assert_memory_equal(data, f->query->v, 2);
	assert_true(data[2] & 0x80);
	/* Who is turned away gets no more than was sent. */
	if (LDNS_RCODE_WIRE(data) == LDNS_RCODE_REFUSED ||
	    LDNS_RCODE_WIRE(data) == LDNS_RCODE_FORMERR)
		assert_true(len <= f->query->len);
	status = ldns_wire2pkt(&pkt, data, len);
	/* libldns takes no class or type that it does not know in a question, such as 0. */
	if (status == LDNS_STATUS_OK)
		ldns_pkt_free(pkt);
	else if (LDNS_QDCOUNT(data) && LDNS_ANCOUNT(data))
		fail_msg("seed %llu, round %llu: %s", (unsigned long long)dns_fuzz_seed(),
			 (unsigned long long)f->round, ldns_get_errorstr_by_id(status));
}

static void end(struct dns_request *r, const uint8_t *data, size_t len)
{
	struct fuzz_request *u = (struct fuzz_request *)r;

	assert_false(u->ended);
	u->ended = true;
	if (data)
		check(u->f, r, data, len);
}

static void ask(struct fixture *f, const struct dns_text *m)
{
	static const struct dns_request_ops ops = { .end = end };
	struct fuzz_request u = { .r = { .ops = &ops, .tcp = dns_fuzz_below(2) }, .f = f };
	uint8_t *copy = malloc(m->len ? m->len : 1);	/* the sanitizer knows its end */

	memcpy(copy, m->v, m->len);
	u.r.from.addr.family = AF_INET;
	u.r.from.addr.v4.s_addr = htonl(0x7f000001);
	u.r.from.port = 1024;
	f->query = m;
	dns_answer(f->answerer, &u.r, copy, m->len);
	assert_true(u.ended);
	free(copy);
}

static const struct {
	const char *name;
	uint16_t type, edns;
} queries[] = {
	{ "web.default.svc.cluster.local.", LDNS_RR_TYPE_A, 1232 },
	{ "WEB.default.svc.cluster.local.", LDNS_RR_TYPE_SRV, 0 },
	{ "many.default.svc.cluster.local.", LDNS_RR_TYPE_A, 4096 },
	{ "_http._tcp.many.default.svc.cluster.local.", LDNS_RR_TYPE_SRV, 512 },
	{ "10-244-0-7.many.default.svc.cluster.local.", LDNS_RR_TYPE_A, 0 },
	{ "ext.default.svc.cluster.local.", LDNS_RR_TYPE_AAAA, 1232 },
	{ "nobody.default.svc.cluster.local.", LDNS_RR_TYPE_MX, 0 },
	{ "1.0.96.10.in-addr.arpa.", LDNS_RR_TYPE_PTR, 0 },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.",
	  LDNS_RR_TYPE_PTR, 1232 },
	{ "dns-version.cluster.local.", LDNS_RR_TYPE_TXT, 0 },
	{ "cluster.local.", LDNS_RR_TYPE_SOA, 1232 },
	{ "10-0-0-1.default.pod.cluster.local.", LDNS_RR_TYPE_A, 0 },
	{ ".", LDNS_RR_TYPE_NS, 0 },
	{ "www.example.", LDNS_RR_TYPE_A, 1232 },
};

static void test_queries(void **state)
{
	struct fixture *f = *state;
	static struct dns_text m;
	size_t i;

	for (f->round = 0; f->round < dns_fuzz_rounds(); f->round++) {
		i = dns_fuzz_below(sizeof(queries) / sizeof(*queries));
		dns_help_query(&m, queries[i].name, queries[i].type, queries[i].edns);
		if (dns_fuzz_below(20))
			dns_fuzz_change(&m);
		else
			dns_fuzz_make(&m);
		ask(f, &m);
	}
	/* Not all of it is nonsense. */
	assert_true(f->answered > dns_fuzz_rounds() / 3);
	assert_true(f->metrics.queries[0][0] > dns_fuzz_rounds() / 100);
}

/* --- what upstreams say --- */

static void make_answer(struct dns_text *m)
{
	uint32_t n;

	dns_help_query(m, "a.example.", LDNS_RR_TYPE_A, 0);
	m->v[2] = 0x81;
	m->v[3] = 0x80;
	if (!dns_fuzz_below(10))
		m->v[2] |= 2;
	for (n = dns_fuzz_below(4); n; n--)
		dns_help_add(m, "a.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	for (n = dns_fuzz_below(3); n; n--)
		dns_help_add(m, "a.example. 5 IN CNAME b.example.", DNS_HELP_ANSWER);
	for (n = dns_fuzz_below(2); n; n--)
		dns_help_add(m, "b.example. 5 IN A 192.0.2.2", DNS_HELP_ANSWER);
}

static void hear(const struct dns_query *q, const ldns_rdf *target, const struct dns_text *m,
		 unsigned int heards[4])
{
	struct dns_reply reply = {
		.answer = ldns_rr_list_new(), .authority = ldns_rr_list_new(),
		.chase = ldns_rdf_clone(target),
	};
	uint8_t *copy = malloc(m->len ? m->len : 1), *out;
	size_t room = dns_fuzz_below(2) ? 512 : DNS_MESSAGE_MAX, len;
	enum dns_heard heard;
	unsigned int rcode;

	memcpy(copy, m->v, m->len);
	heard = dns_answer_check(q, 0x1234, copy, m->len, &rcode);
	heards[heard]++;
	if (heard == DNS_HEARD_ANSWER || heard == DNS_HEARD_CUT) {
		out = malloc(room);
		len = dns_answer_pass(q, heard, copy, m->len, room, out);
		assert_in_range(len, DNS_HEADER_LEN + q->question.len, room);
		free(out);
	}
	/* It is given answers only; but what if. */
	if (heard >= DNS_HEARD_CUT || !dns_fuzz_below(4))
		dns_chase_append(&reply, LDNS_RR_TYPE_A, copy, m->len);
	dns_reply_clear(&reply);
	free(copy);
}

static void test_answers(void **state)
{
	ldns_rdf *target = ldns_dname_new_frm_str("a.example.");
	unsigned int heards[4] = { 0 };
	static struct dns_text m;
	struct dns_query q;
	uint64_t i;

	(void)state;
	dns_help_query(&m, "a.example.", LDNS_RR_TYPE_A, 0);
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_NOERROR);
	for (i = 0; i < dns_fuzz_rounds(); i++) {
		make_answer(&m);
		dns_fuzz_change(&m);
		hear(&q, target, &m, heards);
	}
	ldns_rdf_deep_free(target);
	for (i = 0; i < 4; i++)
		assert_true(heards[i] > dns_fuzz_rounds() / 200);
}

/* --- */

static void tell(struct fixture *f, enum proxy_kind kind, json_t *object)
{
	assert_non_null(object);
	assert_int_equal(dns_zone_object(f->zone, kind, object, false), 0);
	json_decref(object);
}

static json_t *service(const char *name, const char *ip)
{
	return json_pack("{s:{s:s, s:s}, s:{s:s, s:[s], s:[{s:s, s:i, s:s}]}}", "metadata", "name",
			 name, "namespace", "default", "spec", "clusterIP", ip, "clusterIPs", ip,
			 "ports", "name", "http", "port", 80, "protocol", "TCP");
}

static void tell_all(struct fixture *f)
{
	json_t *slice = json_pack("{s:{s:s, s:s, s:{s:s}}, s:s, s:[], s:[{s:s, s:i, s:s}]}",
				  "metadata", "name", "many", "namespace", "default", "labels",
				  "kubernetes.io/service-name", "many", "addressType", "IPv4",
				  "endpoints", "ports", "name", "http", "port", 80, "protocol",
				  "TCP");
	char ip[32];
	int i;

	dns_zone_list_begin(f->zone, PROXY_SERVICE);
	tell(f, PROXY_SERVICE, service("web", "10.96.0.1"));
	tell(f, PROXY_SERVICE, service("many", "None"));
	tell(f, PROXY_SERVICE, json_pack("{s:{s:s, s:s}, s:{s:s, s:s}}", "metadata", "name", "ext",
					 "namespace", "default", "spec", "type", "ExternalName",
					 "externalName", "www.example"));
	dns_zone_list_end(f->zone, PROXY_SERVICE);
	for (i = 0; i < 100; i++) {
		snprintf(ip, sizeof(ip), "10.244.0.%d", i);
		json_array_append_new(json_object_get(slice, "endpoints"),
				      json_pack("{s:[s]}", "addresses", ip));
	}
	dns_zone_list_begin(f->zone, PROXY_SLICE);
	tell(f, PROXY_SLICE, slice);
	dns_zone_list_end(f->zone, PROXY_SLICE);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct dns_zone_config zc = { .domain = "cluster.local", .ttl = 5 };
	struct dns_forward_config fc = { .metrics = &f->metrics };
	struct dns_answer_config ac = { .metrics = &f->metrics, .access = &f->access };

	f->base = fc.base = event_base_new();
	dns_metrics_init(&f->metrics);
	f->access.allow = f->access.pods = &f->none;
	assert_int_equal(dns_zone_alloc(&f->zone, &zc, NULL), 0);
	tell_all(f);
	ac.zone = f->zone;
	ac.forward = f->forward = dns_forward_alloc(&fc);
	f->answerer = dns_answerer_alloc(&ac);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dns_answerer_free(f->answerer);
	dns_forward_free(f->forward);
	dns_zone_free(f->zone);
	event_base_free(f->base);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_queries, setup, teardown),
		cmocka_unit_test(test_answers),
	};

	dns_fuzz_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
