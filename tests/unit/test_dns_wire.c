// SPDX-License-Identifier: GPL-2.0
/* Messages of DNS: what is taken for a query, what for an answer, and what is written. */
#include "dns_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME	"Web.default.svc.cluster.local."

static void test_a_query(void **state)
{
	struct dns_text m;
	struct dns_query q;
	ldns_rdf *name;
	char *text;

	(void)state;
	dns_help_query(&m, NAME, LDNS_RR_TYPE_AAAA, 0);
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_NOERROR);
	assert_int_equal(q.id, 0x1234);
	assert_true(q.recursion);
	assert_false(q.edns);
	assert_int_equal(q.question.type, LDNS_RR_TYPE_AAAA);
	assert_int_equal(dns_query_room(&q, false), 512);
	assert_int_equal(dns_query_room(&q, true), 65535);
	name = dns_question_name(&q.question);
	text = ldns_rdf2str(name);
	assert_string_equal(text, NAME);
	free(text);
	ldns_rdf_deep_free(name);
}

/* What the client takes, and no more than what no attacker gains by. */
static void test_the_room_of_edns(void **state)
{
	static const struct { uint16_t said; size_t room; } sizes[] = {
		{ 1, 512 }, { 512, 512 }, { 800, 800 }, { 1232, 1232 }, { 4096, 1232 },
		{ 65535, 1232 },
	};
	struct dns_text m;
	struct dns_query q;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		dns_help_query(&m, NAME, LDNS_RR_TYPE_A, sizes[i].said);
		assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_NOERROR);
		assert_true(q.edns);
		assert_int_equal(dns_query_room(&q, false), sizes[i].room);
	}
}

/* --- what is no query --- */

struct wrong {
	const char *what;
	size_t at;		/* the byte to set; past the end: that many are added or cut */
	int value;
	int rcode;
};

#define END	1000	/* with the EDNS record: 12 + 31 + 4 + 11 = 58 bytes */

static const struct wrong wrongs[] = {
	{ "an answer", 2, 0x81, DNS_DROP },
	{ "an update", 2, 5 << 3, LDNS_RCODE_NOTIMPL },
	{ "a notification", 2, 4 << 3, LDNS_RCODE_NOTIMPL },
	{ "no question", 5, 0, LDNS_RCODE_FORMERR },
	{ "two questions", 5, 2, LDNS_RCODE_FORMERR },
	{ "256 questions", 4, 1, LDNS_RCODE_FORMERR },
	{ "an answer in it", 7, 1, LDNS_RCODE_FORMERR },
	{ "an authority in it", 9, 1, LDNS_RCODE_FORMERR },
	{ "two records said, one there", 11, 2, LDNS_RCODE_FORMERR },
	{ "three records", 11, 3, LDNS_RCODE_FORMERR },
	{ "no record said, one there", 11, 0, LDNS_RCODE_FORMERR },
	{ "a pointer in the question", 12, 0xc0, LDNS_RCODE_FORMERR },
	{ "a label of 64", 12, 64, LDNS_RCODE_FORMERR },
	{ "a label that goes too far", 12, 63, LDNS_RCODE_FORMERR },
	{ "ANY", 44, LDNS_RR_TYPE_ANY, LDNS_RCODE_REFUSED },
	{ "AXFR", 44, LDNS_RR_TYPE_AXFR, LDNS_RCODE_REFUSED },
	{ "IXFR", 44, LDNS_RR_TYPE_IXFR, LDNS_RCODE_REFUSED },
	{ "type 0", 44, 0, LDNS_RCODE_FORMERR },
	{ "EDNS", 44, LDNS_RR_TYPE_OPT, LDNS_RCODE_FORMERR },
	{ "a signature", 44, LDNS_RR_TYPE_TSIG, LDNS_RCODE_FORMERR },
	{ "a name that is not there", 44, 128, LDNS_RCODE_FORMERR },
	{ "a key", 44, LDNS_RR_TYPE_TKEY, LDNS_RCODE_NOTIMPL },
	{ "mailboxes", 44, LDNS_RR_TYPE_MAILB, LDNS_RCODE_NOTIMPL },
	{ "mail agents", 44, LDNS_RR_TYPE_MAILA, LDNS_RCODE_NOTIMPL },
	{ "a question of times to come", 44, 129, LDNS_RCODE_NOTIMPL },
	{ "the last type before these", 44, 127, LDNS_RCODE_NOERROR },
	{ "the first one behind them", 43, 1, LDNS_RCODE_NOERROR },
	{ "class CH", 46, LDNS_RR_CLASS_CH, LDNS_RCODE_REFUSED },
	{ "class ANY", 46, LDNS_RR_CLASS_ANY, LDNS_RCODE_REFUSED },
	{ "EDNS of version 1", 53, 1, DNS_RCODE_BADVERS },
	{ "EDNS not of the root", 47, 1, LDNS_RCODE_FORMERR },
	{ "EDNS that is cut", 57, 1, LDNS_RCODE_FORMERR },
	{ "a byte too much", END, 1, LDNS_RCODE_FORMERR },
	{ "a byte too few", END, -1, LDNS_RCODE_FORMERR },
	{ "half a question", END, -20, LDNS_RCODE_FORMERR },
	{ "a header", END, -46, LDNS_RCODE_FORMERR },
	{ "less than a header", END, -47, DNS_DROP },
	{ "nothing", END, -58, DNS_DROP },
};

static void test_what_is_refused(void **state)
{
	const struct wrong *w;
	struct dns_text m;
	struct dns_query q;
	uint8_t *copy;
	int rcode;

	(void)state;
	for (w = wrongs; w < wrongs + sizeof(wrongs) / sizeof(*wrongs); w++) {
		dns_help_query(&m, NAME, LDNS_RR_TYPE_A, 4096);
		assert_int_equal(m.len, 58);
		if (w->at == END)
			m.len = (size_t)((int)m.len + w->value);
		else
			m.v[w->at] = (uint8_t)w->value;
		/* Not a byte more than there is: the sanitizer looks. */
		copy = malloc(m.len ? m.len : 1);
		memcpy(copy, m.v, m.len);
		rcode = dns_query_parse(&q, copy, m.len);
		free(copy);
		if (rcode != w->rcode)
			fail_msg("%s: %d", w->what, rcode);
	}
}

/* Of IXFR, which has a record in the authority section. */
static void test_ixfr_is_refused_not_malformed(void **state)
{
	struct dns_text m;
	struct dns_query q;

	(void)state;
	dns_help_query(&m, NAME, LDNS_RR_TYPE_IXFR, 0);
	dns_help_add(&m, "cluster.local. 5 IN SOA a. b. 1 2 3 4 5", 8);
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_REFUSED);
}

/* A signature is no reason not to answer; it is not looked at. */
static void test_a_second_record(void **state)
{
	struct dns_text m;
	struct dns_query q;

	(void)state;
	dns_help_query(&m, NAME, LDNS_RR_TYPE_A, 1232);
	dns_help_add(&m, "key. 0 IN TXT \"x\"", 10);
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_NOERROR);
	dns_help_query(&m, NAME, LDNS_RR_TYPE_A, 1232);
	memcpy(m.v + m.len, m.v + m.len - 11, 11);
	m.len += 11;
	m.v[11] = 2;
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_FORMERR);
}

/* --- answers that are written --- */

static struct dns_query query_of(const char *name, uint16_t type, uint16_t edns)
{
	struct dns_text m;
	struct dns_query q;

	dns_help_query(&m, name, type, edns);
	assert_int_equal(dns_query_parse(&q, m.v, m.len), LDNS_RCODE_NOERROR);
	return q;
}

static void add(ldns_rr_list *list, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ldns_rr_list_push_rr(list, dns_help_rr(text));
}

static void test_an_answer(void **state)
{
	struct dns_query q = query_of(NAME, LDNS_RR_TYPE_A, 0);
	struct dns_response r = { .authoritative = true, .recursive = true };
	ldns_rr_list *answer = ldns_rr_list_new();
	uint8_t out[512];
	size_t len;

	(void)state;
	add(answer, "web.default.svc.cluster.local. 5 IN A 10.96.0.1");
	r.answer = answer;
	len = dns_response_write(&q, &r, 512, out);
	/* The owner is a pointer to the question, in its letters. */
	assert_int_equal(len, 12 + 31 + 4 + 2 + 10 + 4);
	assert_int_equal(ldns_read_uint16(out + 47), 0xc00c);
	assert_int_equal(ldns_read_uint16(out), 0x1234);
	assert_string_equal(dns_help_say(out, len), "NOERROR aa ra: " NAME " A 10.96.0.1");
	q.edns = true;
	assert_int_equal(dns_response_write(&q, &r, 512, out), len + 11);
	ldns_rr_list_deep_free(answer);
}

static void test_refusals(void **state)
{
	struct dns_query q = query_of(NAME, LDNS_RR_TYPE_A, 1232);
	struct dns_response r = { .rcode = LDNS_RCODE_REFUSED };
	uint8_t out[512];
	size_t len;

	(void)state;
	len = dns_response_write(&q, &r, 512, out);
	/* As long as the query. */
	assert_int_equal(len, 58);
	assert_string_equal(dns_help_say(out, len), "REFUSED");
	r.rcode = DNS_RCODE_BADVERS;
	len = dns_response_write(&q, &r, 512, out);
	assert_string_equal(dns_help_say(out, len), "BADVERS");
	/* Of a question that could not be read there is none. */
	q = (struct dns_query){ .id = 7, .opcode = 5 };
	r.rcode = LDNS_RCODE_NOTIMPL;
	assert_int_equal(dns_response_write(&q, &r, 512, out), 12);
	assert_int_equal(out[2], 0x80 | 5 << 3);
}

/* Names that share their ends, in records that may have pointers and in one that may not. */
static void test_compression(void **state)
{
	struct dns_query q = query_of("a.b.example.", LDNS_RR_TYPE_CNAME, 0);
	ldns_rr_list *answer = ldns_rr_list_new(), *more = ldns_rr_list_new();
	struct dns_response r = { .answer = answer, .additional = more };
	uint8_t out[512];
	size_t len;

	(void)state;
	add(answer, "a.b.example. 5 IN CNAME c.B.example.");
	add(answer, "c.b.example. 5 IN SRV 0 100 80 d.b.example.");
	add(more, "d.b.example. 5 IN A 192.0.2.1");
	add(more, "x.D.b.example. 5 IN A 192.0.2.2");
	len = dns_response_write(&q, &r, 512, out);
	assert_string_equal(dns_help_say(out, len), "NOERROR: a.b.example. CNAME c.b.example.; "
			    "c.b.example. SRV 0 100 80 d.b.example. + d.b.example. A 192.0.2.1; "
			    "x.d.b.example. A 192.0.2.2");
	/* header, question; 2+10+4; 2+10+6+13; 4+10+4; 4+10+4 */
	assert_int_equal(len, 12 + 17 + 16 + 31 + 18 + 18);
	ldns_rr_list_deep_free(answer);
	ldns_rr_list_deep_free(more);
}

/* A hundred addresses: as many as there is room for, and the flag; by TCP all of them. */
static void test_truncation(void **state)
{
	struct dns_query q = query_of(NAME, LDNS_RR_TYPE_A, 1232);
	ldns_rr_list *answer = ldns_rr_list_new(), *more = ldns_rr_list_new();
	struct dns_response r = { .answer = answer, .additional = more };
	uint8_t out[DNS_MESSAGE_MAX];
	size_t len;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		add(answer, "web.default.svc.cluster.local. 5 IN A 10.244.0.%d", i);
	add(more, "other. 5 IN A 192.0.2.1");
	len = dns_response_write(&q, &r, 1232, out);
	assert_in_range(len, 1232 - 15, 1232);
	assert_true(out[2] & 2);
	assert_int_equal(LDNS_ANCOUNT(out), (len - 47 - 11) / 16);
	assert_int_equal(LDNS_ARCOUNT(out), 1);
	dns_help_say(out, len);
	len = dns_response_write(&q, &r, DNS_MESSAGE_MAX, out);
	assert_false(out[2] & 2);
	assert_int_equal(LDNS_ANCOUNT(out), 100);
	assert_int_equal(LDNS_ARCOUNT(out), 2);
	/* What is only in addition is left out without a word. */
	len = dns_response_write(&q, &r, 47 + 11 + 1600, out);
	assert_false(out[2] & 2);
	assert_int_equal(LDNS_ANCOUNT(out), 100);
	assert_int_equal(LDNS_ARCOUNT(out), 1);
	assert_int_equal(len, 47 + 11 + 1600);
	ldns_rr_list_deep_free(answer);
	ldns_rr_list_deep_free(more);
}

/* Past what a pointer reaches, and past what is remembered, it is still well formed. */
static void test_a_long_answer(void **state)
{
	struct dns_query q = query_of("_http._tcp.x.example.", LDNS_RR_TYPE_SRV, 0);
	ldns_rr_list *answer = ldns_rr_list_new(), *more = ldns_rr_list_new();
	struct dns_response r = { .answer = answer, .additional = more };
	static uint8_t out[DNS_MESSAGE_MAX];
	ldns_pkt *pkt = NULL;
	size_t len;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		add(answer, "_http._tcp.x.example. 5 IN SRV 0 1 80 endpoint-%d.x.example.", i);
		add(more, "endpoint-%d.x.example. 5 IN A 10.244.%d.%d", i, i / 250, i % 250);
	}
	len = dns_response_write(&q, &r, DNS_MESSAGE_MAX, out);
	assert_int_equal(ldns_wire2pkt(&pkt, out, len), LDNS_STATUS_OK);
	assert_int_equal(ldns_rr_list_rr_count(ldns_pkt_answer(pkt)), 1000);
	assert_in_range(ldns_rr_list_rr_count(ldns_pkt_additional(pkt)), 300, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(ldns_rr_compare(ldns_rr_list_rr(ldns_pkt_answer(pkt), (size_t)i),
						 ldns_rr_list_rr(answer, (size_t)i)), 0);
	ldns_pkt_free(pkt);
	ldns_rr_list_deep_free(answer);
	ldns_rr_list_deep_free(more);
}

/* --- as a client --- */

static void answer_of(struct dns_text *m, uint16_t id, const char *name)
{
	dns_help_query(m, name, LDNS_RR_TYPE_A, 0);
	ldns_write_uint16(m->v, id);
	m->v[2] = 0x81;
	m->v[3] = 0x80;
}

static void test_what_is_an_answer(void **state)
{
	struct dns_query q = query_of("a.example.", LDNS_RR_TYPE_A, 0);
	unsigned int rcode = 99;
	struct dns_text m;

	(void)state;
	answer_of(&m, 7, "A.example.");
	dns_help_add(&m, "a.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len, &rcode), DNS_HEARD_ANSWER);
	assert_int_equal(rcode, 0);
	assert_int_equal(dns_answer_check(&q, 8, m.v, m.len, &rcode), DNS_HEARD_NOTHING);
	assert_int_equal(dns_answer_check(&q, 7, m.v, 11, &rcode), DNS_HEARD_NOTHING);
	/* Cut without a word. */
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len - 1, &rcode), DNS_HEARD_BROKEN);
	m.v[2] |= 2;
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len - 1, &rcode), DNS_HEARD_CUT);
	m.v[2] = 1;
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len, &rcode), DNS_HEARD_NOTHING);
	answer_of(&m, 7, "b.example.");
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len, &rcode), DNS_HEARD_NOTHING);
	answer_of(&m, 7, "a.example.");
	m.v[m.len - 3] = LDNS_RR_TYPE_NS;
	assert_int_equal(dns_answer_check(&q, 7, m.v, m.len, &rcode), DNS_HEARD_NOTHING);
	/* A refusal that repeats nothing. */
	answer_of(&m, 7, "a.example.");
	m.v[5] = 0;
	m.v[3] = LDNS_RCODE_REFUSED;
	assert_int_equal(dns_answer_check(&q, 7, m.v, 12, &rcode), DNS_HEARD_BROKEN);
	m.v[3] = LDNS_RCODE_NOERROR;
	assert_int_equal(dns_answer_check(&q, 7, m.v, 12, &rcode), DNS_HEARD_NOTHING);
}

static void test_what_is_asked(void **state)
{
	struct dns_query q = query_of("a.example.", LDNS_RR_TYPE_A, 4096), again;
	uint8_t out[DNS_REQUEST_MAX];
	size_t len;

	(void)state;
	q.dnssec = true;
	len = dns_request_write(&q, 0xabcd, out);
	assert_int_equal(dns_query_parse(&again, out, len), LDNS_RCODE_NOERROR);
	assert_int_equal(again.id, 0xabcd);
	assert_true(again.recursion && again.edns && again.dnssec);
	assert_false(again.unchecked || again.authentic);
	assert_int_equal(again.size, DNS_UDP_MAX);
	assert_true(dns_question_equal(&again.question, &q.question));
	q.edns = q.recursion = false;
	len = dns_request_write(&q, 1, out);
	assert_int_equal(len, 12 + 11 + 4);
	assert_int_equal(dns_query_parse(&again, out, len), LDNS_RCODE_NOERROR);
	assert_false(again.recursion);
	/* AD: a client that relies on us wants to know whether it is authentic (RFC 6840). */
	q.authentic = true;
	len = dns_request_write(&q, 1, out);
	assert_int_equal(out[3], 0x20);
	assert_int_equal(dns_query_parse(&again, out, len), LDNS_RCODE_NOERROR);
	assert_true(again.authentic && !again.unchecked);
}

/* Its number and its letters are the client's. */
static void test_an_answer_is_passed_on(void **state)
{
	struct dns_query q = query_of("A.Example.", LDNS_RR_TYPE_A, 0);
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_text m;
	size_t len;
	int i;

	(void)state;
	answer_of(&m, 7, "a.example.");
	dns_help_add(&m, "a.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, 512, out);
	assert_int_equal(ldns_read_uint16(out), 0x1234);
	assert_memory_equal(out + 12, "\1A\7Example", 10);
	assert_string_equal(dns_help_say(out, len), "NOERROR ra: a.example. A 192.0.2.1");
	for (i = 0; i < 40; i++)
		dns_help_add(&m, "a.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, DNS_MESSAGE_MAX, out);
	assert_int_equal(len, m.len);
}

/* Of what is too long, or was cut: all that is whole and fits, and the flag. */
static void test_a_part_is_passed_on(void **state)
{
	struct dns_query q = query_of("A.Example.", LDNS_RR_TYPE_A, 0);
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_text m;
	size_t len;
	int i;

	(void)state;
	answer_of(&m, 7, "a.example.");
	for (i = 0; i < 40; i++)
		dns_help_add(&m, "a.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	dns_help_add(&m, "example. 5 IN NS ns.example.", 8);
	/* 27 bytes, and 25 for each. */
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, 512, out);
	assert_int_equal(len, 27 + 19 * 25);
	assert_int_equal(LDNS_ANCOUNT(out), 19);
	assert_int_equal(ldns_read_uint16(out), 0x1234);
	assert_memory_equal(out + 12, "\1A\7Example", 10);
	assert_memory_equal(dns_help_say(out, len), "NOERROR tc ra: a.example. A 192.0.2.1; ", 39);
	/* With EDNS the record of it, for which there is room. */
	q.edns = q.dnssec = true;
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, 512, out);
	assert_int_equal(len, 27 + 18 * 25 + 11);
	assert_int_equal(LDNS_ARCOUNT(out), 1);
	assert_int_equal(out[len - 4], 0x80);
	dns_help_say(out, len);
	/* Authority is behind all of the answer, or not there. */
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, m.len - 1, out);
	assert_int_equal(LDNS_ANCOUNT(out), 40);
	assert_int_equal(LDNS_NSCOUNT(out), 0);
	q.edns = false;
	dns_help_add(&m, "more.example. 5 IN A 192.0.2.2", 10);
	len = dns_answer_pass(&q, DNS_HEARD_ANSWER, m.v, m.len, m.len - 1, out);
	assert_int_equal(LDNS_NSCOUNT(out), 1);
	assert_int_equal(LDNS_ARCOUNT(out), 0);
	dns_help_say(out, len);
}

/* As the upstream has cut it: within a record, or before the first one. */
static void test_what_was_cut_is_passed_on(void **state)
{
	struct dns_query q = query_of("a.example.", LDNS_RR_TYPE_A, 1232);
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_text m;
	uint8_t *copy;
	size_t cut, len;

	(void)state;
	answer_of(&m, 7, "a.example.");
	m.v[2] |= 2;
	dns_help_add(&m, "a.example. 5 IN CNAME b.example.", DNS_HELP_ANSWER);
	dns_help_add(&m, "b.example. 5 IN A 192.0.2.1", DNS_HELP_ANSWER);
	for (cut = 0; cut <= 25 + 32; cut++) {
		copy = malloc(m.len - cut);
		memcpy(copy, m.v, m.len - cut);
		len = dns_answer_pass(&q, DNS_HEARD_CUT, copy, m.len - cut, 512, out);
		free(copy);
		assert_string_equal(dns_help_say(out, len), !cut ?
				    "NOERROR tc ra: a.example. CNAME b.example.; "
				    "b.example. A 192.0.2.1" : cut <= 25 ?
				    "NOERROR tc ra: a.example. CNAME b.example." :
				    "NOERROR tc ra");
	}
	/* What it says of EDNS is between it and us. */
	ldns_write_uint16(m.v + 6, 0);
	m.len = 27;
	memset(m.v + m.len, 0, 11);
	m.v[m.len + 2] = LDNS_RR_TYPE_OPT;
	m.v[7] = 1;
	len = dns_answer_pass(&q, DNS_HEARD_CUT, m.v, m.len + 11, 512, out);
	assert_int_equal(len, 27 + 11);
	assert_int_equal(LDNS_ANCOUNT(out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_query),
		cmocka_unit_test(test_the_room_of_edns),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_ixfr_is_refused_not_malformed),
		cmocka_unit_test(test_a_second_record),
		cmocka_unit_test(test_an_answer),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_compression),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_a_long_answer),
		cmocka_unit_test(test_what_is_an_answer),
		cmocka_unit_test(test_what_is_asked),
		cmocka_unit_test(test_an_answer_is_passed_on),
		cmocka_unit_test(test_a_part_is_passed_on),
		cmocka_unit_test(test_what_was_cut_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
