// SPDX-License-Identifier: GPL-2.0
/*
 * A query to the name server, and what its upstreams say when it asks them: a byte of flags, then
 * messages as in a stream of DNS, each behind its length in two bytes. The first one is the query.
 * The upstreams are in here: the others are what is heard of them, one after the other.
 */
#include "target.h"

#include "dns_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The flags. */
#define TCP		0x01
#define STRANGER	0x02	/* who asks may not */
#define ALONE		0x04	/* there are no upstreams */
#define OWN		0x08	/* it is our own question that comes back */
#define GONE		0x10	/* the client does not wait for the upstreams */
#define VERBATIM	0x20	/* upstreams' messages as they are; else the header and the
				   question are made to fit */

#define ID		0x1234
#define ENDPOINTS	60	/* of the headless Service: more than fit into a datagram */
#define TTL		5

struct input {
	const uint8_t *at, *end;
	uint8_t flags;
};

/* The upstreams, in the place of dns_forward.c. */
struct dns_forward {
	uint8_t flags;
	unsigned int cancelled;
	/* what is asked; asked is NULL: nothing */
	struct dns_query query;
	bool whole;
	dns_asked *asked;
	void *ctx;
};

/* What all inputs share. */
struct server {
	struct dns_metrics metrics;
	struct kcidrs none;
	struct dns_access access;
	struct dns_zone *zone;
	struct dns_forward forward;
	struct dns_answerer *answerer;
};

struct request {
	struct dns_request r;
	const uint8_t *query;
	size_t len;
	bool forwarded, ended;
	/* of the answer; no: there was none */
	bool no, cut;
	unsigned int rcode, answers;
};

/* --- the upstreams --- */

size_t dns_forward_upstreams(const struct dns_forward *f)
{
	return !(f->flags & ALONE);
}

bool dns_forward_is_own(struct dns_forward *f, const struct dns_query *q,
			const struct dns_peer *from)
{
	(void)q;
	(void)from;
	return f->flags & OWN;
}

int dns_forward_ask(struct dns_forward *f, const struct ip_addr *client, const struct dns_query *q,
		    bool whole, dns_asked *asked, void *ctx, struct dns_ask **out)
{
	(void)client;
	if (f->flags & ALONE)
		return -ENOENT;
	must(!f->asked, "asked twice");
	f->query = *q;
	f->whole = whole;
	f->asked = asked;
	f->ctx = ctx;
	*out = (struct dns_ask *)f;
	return 0;
}

void dns_ask_cancel(struct dns_ask *a)
{
	struct dns_forward *f = (struct dns_forward *)a;

	must(f->asked, "cancelled, but not asked");
	f->asked = NULL;
	f->cancelled++;
}

/* --- the server --- */

static void tell(struct dns_zone *z, enum proxy_kind kind, json_t *object)
{
	must(object && dns_zone_object(z, kind, object, false) == 0, "it is not told");
	json_decref(object);
}

static json_t *service(const char *name, const char *ip, const char *ip6)
{
	return json_pack("{s:{s:s, s:s}, s:{s:s, s:[s, s], s:[{s:s, s:i, s:s}, "
			 "{s:s, s:i, s:s}]}}", "metadata", "name", name, "namespace", "default",
			 "spec", "clusterIP", ip, "clusterIPs", ip, ip6, "ports", "name", "http",
			 "port", 80, "protocol", "TCP", "name", "dns", "port", 53, "protocol",
			 "UDP");
}

static json_t *alias(const char *name, const char *target)
{
	return json_pack("{s:{s:s, s:s}, s:{s:s, s:s}}", "metadata", "name", name, "namespace",
			 "default", "spec", "type", "ExternalName", "externalName", target);
}

static json_t *slice(void)
{
	json_t *s = json_pack("{s:{s:s, s:s, s:{s:s}}, s:s, s:[{s:[s], s:s}], "
			      "s:[{s:s, s:i, s:s}]}", "metadata", "name", "many", "namespace",
			      "default", "labels", "kubernetes.io/service-name", "many",
			      "addressType", "IPv4", "endpoints", "addresses", "10.244.1.1",
			      "hostname", "first", "ports", "name", "http", "port", 80,
			      "protocol", "TCP");
	char ip[32];
	int i;

	for (i = 0; i < ENDPOINTS; i++) {
		snprintf(ip, sizeof(ip), "10.244.0.%d", i);
		json_array_append_new(json_object_get(s, "endpoints"),
				      json_pack("{s:[s]}", "addresses", ip));
	}
	return s;
}

static void tell_all(struct dns_zone *z)
{
	dns_zone_list_begin(z, PROXY_SERVICE);
	tell(z, PROXY_SERVICE, service("web", "10.96.0.1", "fd96::1"));
	tell(z, PROXY_SERVICE, service("many", "None", "None"));
	tell(z, PROXY_SERVICE, alias("ext", "www.example"));
	tell(z, PROXY_SERVICE, alias("here", "web.default.svc.cluster.local"));
	tell(z, PROXY_SERVICE, alias("loop", "loop.default.svc.cluster.local"));
	dns_zone_list_end(z, PROXY_SERVICE);
	dns_zone_list_begin(z, PROXY_SLICE);
	tell(z, PROXY_SLICE, slice());
	dns_zone_list_end(z, PROXY_SLICE);
}

static struct server *server(void)
{
	struct dns_zone_config zc = { .domain = "cluster.local", .ttl = TTL };
	struct ip_addr ns = { .family = AF_INET };
	static struct server s;
	struct dns_answer_config ac = { .metrics = &s.metrics, .access = &s.access,
					.forward = &s.forward };
	struct ip_cidr cidr;

	if (s.answerer)
		return &s;
	dns_metrics_init(&s.metrics);
	s.access.allow = s.access.pods = &s.none;
	ns.v4.s_addr = htonl(0x0a60000a);
	zc.servers = &ns;
	zc.nservers = 1;
	must(!ip_cidr_parse("10.96.0.0/16", &cidr, NULL) && !kcidrs_add(&zc.service_cidrs, &cidr) &&
	     !dns_zone_alloc(&s.zone, &zc, NULL), "no zone");
	kcidrs_clear(&zc.service_cidrs);
	tell_all(s.zone);
	ac.zone = s.zone;
	s.answerer = dns_answerer_alloc(&ac);
	must(s.answerer, "out of memory");
	return &s;
}

/* --- an answer --- */

/* Answers of ours, which libldns reads: with our times to live. */
static void check_ours(const struct request *q, const uint8_t *data, size_t len)
{
	ldns_pkt *pkt = NULL;
	ldns_status status = ldns_wire2pkt(&pkt, data, len);
	size_t i;

	/* libldns takes no class or type that it does not know in a question, such as 0. */
	if (status != LDNS_STATUS_OK) {
		must(!q->answers, "not well formed: %s", ldns_get_errorstr_by_id(status));
		return;
	}
	for (i = 0; i < ldns_rr_list_rr_count(ldns_pkt_answer(pkt)); i++)
		must(ldns_rr_ttl(ldns_rr_list_rr(ldns_pkt_answer(pkt), i)) == TTL, "another TTL");
	ldns_pkt_free(pkt);
}

static void check_answer(const struct request *q, const uint8_t *data, size_t len)
{
	const struct dns_question *asked = &q->r.query.question;

	must(len >= DNS_HEADER_LEN && len <= dns_query_room(&q->r.query, q->r.tcp),
	     "%zu bytes, there is room for %zu", len, dns_query_room(&q->r.query, q->r.tcp));
	must(memcmp(data, q->query, 2) == 0 && data[2] & 0x80, "not an answer to this");
	must(!q->cut || !q->r.tcp || q->forwarded, "cut, in a stream");
	if (LDNS_QDCOUNT(data))
		must(asked->len && len >= DNS_HEADER_LEN + asked->len &&
		     !memcmp(data + DNS_HEADER_LEN, asked->wire, asked->len), "another question");
	/* Who is turned away gets no more than was sent. */
	if (q->rcode == LDNS_RCODE_REFUSED || q->rcode == LDNS_RCODE_FORMERR)
		must(q->forwarded || len <= q->len, "%zu bytes for %zu that are refused", len,
		     q->len);
	if (!q->forwarded)
		check_ours(q, data, len);
}

static void end(struct dns_request *r, const uint8_t *data, size_t len)
{
	struct request *q = (struct request *)r;

	must(!q->ended, "two answers");
	q->ended = true;
	q->no = !data;
	if (!data)
		return;
	q->rcode = LDNS_RCODE_WIRE(data);
	q->cut = data[2] & 0x02;
	q->answers = len >= DNS_HEADER_LEN ? LDNS_ANCOUNT(data) : 0;
	check_answer(q, data, len);
}

/* --- what is heard --- */

/* What goes to an upstream is a query, for the same. */
static void check_request(const struct dns_query *q)
{
	uint8_t out[DNS_REQUEST_MAX];
	size_t len = dns_request_write(q, ID, out);
	struct dns_query back;

	must(len <= sizeof(out), "%zu", len);
	must(dns_query_parse(&back, out, len) == LDNS_RCODE_NOERROR && back.id == ID,
	     "what is asked is no query");
	must(dns_question_equal(&back.question, &q->question), "another question is asked");
}

static uint16_t next_message(struct input *in, const uint8_t **message)
{
	size_t n, left = (size_t)(in->end - in->at);

	*message = in->at;
	if (left < 2)
		return 0;
	n = ldns_read_uint16(in->at);
	n = n < left - 2 ? n : left - 2;
	*message = in->at + 2;
	in->at += 2 + n;
	return (uint16_t)n;
}

/* The message, in memory of its own; made to fit unless it is VERBATIM. */
static uint8_t *fit(const struct input *in, const struct dns_question *q, const uint8_t *message,
		    size_t *len)
{
	const bool fits = !(in->flags & VERBATIM) && *len >= DNS_HEADER_LEN &&
			  *len + q->len <= DNS_MESSAGE_MAX;
	uint8_t *m = malloc(*len + q->len + 1);

	must(m, "out of memory");
	memcpy(m, message, *len);
	if (!fits)
		return m;
	memcpy(m + DNS_HEADER_LEN + q->len, message + DNS_HEADER_LEN, *len - DNS_HEADER_LEN);
	memcpy(m + DNS_HEADER_LEN, q->wire, q->len);
	*len += q->len;
	ldns_write_uint16(m, ID);
	m[2] = (m[2] & 0x07) | 0x80;
	ldns_write_uint16(m + 4, 1);
	return m;
}

/* true: it was an answer, of which who has asked was told. */
static bool hear(struct dns_forward *f, const struct input *in, const uint8_t *message, size_t len)
{
	uint8_t *m = fit(in, &f->query.question, message, &len), *exact = realloc(m, len ? len : 1);
	dns_asked *asked = f->asked;
	enum dns_heard heard;
	unsigned int rcode;
	bool told;

	m = exact ? exact : m;
	heard = dns_answer_check(&f->query, ID, m, len, &rcode);
	told = heard == DNS_HEARD_ANSWER || (heard == DNS_HEARD_CUT && !f->whole);
	if (told) {
		f->asked = NULL;
		asked(f->ctx, heard, m, len);
	}
	free(m);
	return told;
}

static void hear_all(struct dns_forward *f, struct input *in)
{
	dns_asked *asked = f->asked;
	const uint8_t *message;
	size_t n;

	check_request(&f->query);
	while (in->at < in->end && in->end - in->at >= 2) {
		n = next_message(in, &message);
		if (hear(f, in, message, n))
			return;
	}
	f->asked = NULL;
	asked(f->ctx, DNS_HEARD_NOTHING, NULL, 0);
}

/* --- a query --- */

static void ask(struct server *s, struct request *q, struct input *in)
{
	static const struct dns_request_ops ops = { .end = end };
	uint8_t *exact = malloc(q->len ? q->len : 1);

	must(exact, "out of memory");
	memcpy(exact, q->query, q->len);
	q->r.ops = &ops;
	q->r.from.addr.family = AF_INET;
	q->r.from.addr.v4.s_addr = htonl(in->flags & STRANGER ? 0xc0000209 : 0x7f000001);
	q->r.from.port = 1024;
	s->forward = (struct dns_forward){ .flags = in->flags };
	dns_answer(s->answerer, &q->r, exact, q->len);
	free(exact);
	q->forwarded = s->forward.asked;
	must(q->ended != q->forwarded, "neither an answer nor a question, or both");
	if (q->forwarded && in->flags & GONE) {
		q->r.gone(&q->r);
		must(s->forward.cancelled && !q->ended, "nobody waits, and it goes on");
	} else if (q->forwarded) {
		hear_all(&s->forward, in);
		must(q->ended, "no answer");
	}
}

/* What is not cut in a datagram is all that there is in a stream. */
static void check_both(struct server *s, const struct request *q, const struct input *in)
{
	struct input other = { .flags = in->flags ^ TCP };
	struct request r = { .r.tcp = !q->r.tcp, .query = q->query, .len = q->len };
	const struct request *udp = q->r.tcp ? &r : q, *tcp = q->r.tcp ? q : &r;

	ask(s, &r, &other);
	must(r.no == q->no, "one is answered, the other not");
	if (!r.no)
		must(udp->rcode == tcp->rcode && (udp->cut || udp->answers == tcp->answers),
		     "%u, %u answers by UDP, %u, %u by TCP", udp->rcode, udp->answers,
		     tcp->rcode, tcp->answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { .at = data + (len ? 1 : 0), .end = data + len };
	struct request q = { .len = 0 };
	struct server *s = server();

	if (!len)
		return 0;
	in.flags = data[0];
	q.len = next_message(&in, &q.query);
	q.r.tcp = in.flags & TCP;
	ask(s, &q, &in);
	if (!q.forwarded)
		check_both(s, &q, &in);
	return 0;
}
