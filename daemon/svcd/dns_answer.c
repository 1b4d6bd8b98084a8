// SPDX-License-Identifier: GPL-2.0
#include "dns_answer.h"

#include "dns_chase.h"

#include <errno.h>
#include <stdlib.h>

struct dns_answerer {
	struct dns_answer_config config;
	uint8_t out[DNS_MESSAGE_MAX];
};

/* A request that waits for an upstream. */
struct waiting {
	struct dns_answerer *answerer;
	struct dns_request *r;
	struct dns_ask *ask;
	struct dns_reply reply;		/* that its aliases' target is wanted for */
};

static size_t room_of(const struct dns_request *r)
{
	return dns_query_room(&r->query, r->tcp);
}

/* len bytes of a->out are the answer. */
static void end(struct dns_answerer *a, struct dns_request *r, unsigned int rcode, size_t len)
{
	const struct dns_question *q = &r->query.question;

	if (a->out[2] & 0x02)
		a->config.metrics->cut++;
	dns_metrics_answered(a->config.metrics, q->len ? q->type : 0, rcode,
			     (double)(dns_now_ns() - r->began) / 1e9);
	r->ops->end(r, a->out, len);
}

static void respond(struct dns_answerer *a, struct dns_request *r, struct dns_response *response)
{
	response->recursive = dns_forward_upstreams(a->config.forward) != 0;
	end(a, r, response->rcode, dns_response_write(&r->query, response, room_of(r), a->out));
}

static void refuse(struct dns_answerer *a, struct dns_request *r, unsigned int rcode)
{
	struct dns_response response = { .rcode = rcode };

	respond(a, r, &response);
}

static void respond_reply(struct dns_answerer *a, struct dns_request *r, struct dns_reply *reply)
{
	struct dns_response response = {
		.rcode = reply->verdict == DNS_NXDOMAIN ? LDNS_RCODE_NXDOMAIN : LDNS_RCODE_NOERROR,
		.authoritative = true,
		.cut = reply->cut,
		.answer = reply->answer,
		.authority = reply->authority,
		.additional = reply->additional,
	};

	respond(a, r, &response);
	dns_reply_clear(reply);
}

/* --- upstreams --- */

static void waiting_free(struct waiting *w)
{
	dns_reply_clear(&w->reply);
	free(w);
}

/* Its client is gone. */
static void on_gone(struct dns_request *r)
{
	struct waiting *w = r->ctx;

	dns_ask_cancel(w->ask);
	waiting_free(w);
}

/* 0, or an error of dns_forward_ask(); then r is as it was. */
static int wait_for(struct dns_answerer *a, struct dns_request *r, const struct dns_query *q,
		    bool whole, dns_asked *asked, struct dns_reply *reply)
{
	struct waiting *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){ .answerer = a, .r = r };
	err = dns_forward_ask(a->config.forward, &r->from.addr, q, whole, asked, w, &w->ask);
	if (err) {
		free(w);
		return err;
	}
	if (reply)
		w->reply = *reply;
	r->gone = on_gone;
	r->ctx = w;
	return 0;
}

static void on_forwarded(void *ctx, enum dns_heard heard, const uint8_t *data, size_t len)
{
	struct waiting *w = ctx;
	struct dns_answerer *a = w->answerer;
	struct dns_request *r = w->r;

	r->gone = NULL;
	waiting_free(w);
	if (heard == DNS_HEARD_NOTHING) {
		refuse(a, r, LDNS_RCODE_SERVFAIL);
		return;
	}
	len = dns_answer_pass(&r->query, heard, data, len, room_of(r), a->out);
	end(a, r, LDNS_RCODE_WIRE(a->out), len);
}

/* A name that is not ours. */
static void forward(struct dns_answerer *a, struct dns_request *r)
{
	int err;

	if (dns_forward_is_own(a->config.forward, &r->query, &r->from)) {
		a->config.metrics->loops++;
		refuse(a, r, LDNS_RCODE_REFUSED);
		return;
	}
	/* A stream has room for all of it. */
	err = wait_for(a, r, &r->query, r->tcp, on_forwarded, NULL);
	if (err)
		refuse(a, r, err == -ENOENT ? LDNS_RCODE_REFUSED : LDNS_RCODE_SERVFAIL);
}

/*
 * Take up what is heard of an alias' target: what it has, that it has nothing of that type, or
 * that it does not exist, which the rcode says of the last name (RFC 6604). false: it is not
 * known, or cannot be read. That must not look like nothing: who has asked would not ask again.
 */
static bool adopt(struct dns_reply *reply, ldns_rr_type type, enum dns_heard heard,
		  const uint8_t *data, size_t len)
{
	const unsigned int rcode = heard == DNS_HEARD_ANSWER ? LDNS_RCODE_WIRE(data) :
							       LDNS_RCODE_SERVFAIL;

	if (rcode == LDNS_RCODE_NXDOMAIN)
		reply->verdict = DNS_NXDOMAIN;
	else if (rcode != LDNS_RCODE_NOERROR)
		return false;
	return dns_chase_append(reply, type, data, len) == 0;
}

static void on_chased(void *ctx, enum dns_heard heard, const uint8_t *data, size_t len)
{
	struct waiting *w = ctx;
	struct dns_answerer *a = w->answerer;
	struct dns_request *r = w->r;

	r->gone = NULL;
	if (adopt(&w->reply, r->query.question.type, heard, data, len))
		respond_reply(a, r, &w->reply);
	else
		refuse(a, r, LDNS_RCODE_SERVFAIL);
	waiting_free(w);
}

/* What the alias leads to is not ours. */
static void chase(struct dns_answerer *a, struct dns_request *r, struct dns_reply *reply)
{
	struct dns_query q = { .recursion = true, .edns = true, .size = DNS_UDP_MAX };
	int err;

	dns_question_make(&q.question, reply->chase, r->query.question.type);
	err = wait_for(a, r, &q, true, on_chased, reply);
	if (err == -ENOENT) {
		/* Without upstreams the alias is all that there is to know here. */
		respond_reply(a, r, reply);
	} else if (err) {
		dns_reply_clear(reply);
		refuse(a, r, LDNS_RCODE_SERVFAIL);
	}
}

/* --- the zone --- */

static void answer(struct dns_answerer *a, struct dns_request *r, struct dns_reply *reply)
{
	switch (reply->verdict) {
	case DNS_ANSWERED:
		if (reply->chase && r->query.question.type != LDNS_RR_TYPE_CNAME) {
			chase(a, r, reply);
			return;
		}
		/* fallthrough */
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		respond_reply(a, r, reply);
		return;
	case DNS_NOT_OURS:
		dns_reply_clear(reply);
		forward(a, r);
		return;
	case DNS_NOT_READY:
	case DNS_FAILED:
		break;
	}
	dns_reply_clear(reply);
	refuse(a, r, LDNS_RCODE_SERVFAIL);
}

static void ask_zone(struct dns_answerer *a, struct dns_request *r)
{
	ldns_rdf *name = dns_question_name(&r->query.question);
	struct dns_reply reply = { .verdict = DNS_FAILED };

	if (!name) {
		refuse(a, r, LDNS_RCODE_SERVFAIL);
		return;
	}
	dns_zone_answer(a->config.zone, name, r->query.question.type, room_of(r), &reply);
	ldns_rdf_deep_free(name);
	answer(a, r, &reply);
}

void dns_answer(void *ctx, struct dns_request *r, const uint8_t *data, size_t len)
{
	struct dns_answerer *a = ctx;
	int rcode = dns_query_parse(&r->query, data, len);

	if (rcode == DNS_DROP) {
		a->config.metrics->dropped++;
		r->ops->end(r, NULL, 0);
	} else if (!dns_access_allows(a->config.access, &r->from.addr)) {
		/* Not a byte more than it has sent itself. */
		a->config.metrics->refused_clients++;
		refuse(a, r, LDNS_RCODE_REFUSED);
	} else if (rcode) {
		refuse(a, r, (unsigned int)rcode);
	} else {
		ask_zone(a, r);
	}
}

struct dns_answerer *dns_answerer_alloc(const struct dns_answer_config *c)
{
	struct dns_answerer *a = calloc(1, sizeof(*a));

	if (a)
		a->config = *c;
	return a;
}

void dns_answerer_free(struct dns_answerer *a)
{
	free(a);
}
