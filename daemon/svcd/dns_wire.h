/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of DNS as they stand on the wire (RFC 1035, RFC 6891). Knows no sockets and no
 * names. What comes from the network is looked at within its bounds, and nothing of it is
 * allocated for.
 *
 *	dns_wire.c	queries and upstreams' answers: read and checked
 *	dns_write.c	answers: written, with compressed names, as far as there is room
 */
#ifndef SVCNAT_DNS_WIRE_H
#define SVCNAT_DNS_WIRE_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_HEADER_LEN		12
#define DNS_NAME_MAX		255	/* bytes of a name on the wire */
#define DNS_QUESTION_MAX	(DNS_NAME_MAX + 4)
#define DNS_MESSAGE_MAX		65535
#define DNS_UDP_MIN		512	/* that everybody takes */
/* That no path of today cuts into fragments, and that an attacker wins little by. */
#define DNS_UDP_MAX		1232
#define DNS_RCODE_BADVERS	16	/* its upper bits stand in the EDNS record */

/* One question, in the letters in which it was asked. */
struct dns_question {
	uint8_t wire[DNS_QUESTION_MAX];
	size_t len;		/* 0: none could be read */
	uint16_t type, class;
};

struct dns_query {
	uint16_t id;
	uint8_t opcode;
	bool recursion, unchecked, authentic;	/* the flags RD, CD and AD */
	struct dns_question question;
	bool edns, dnssec;		/* with the flag DO */
	uint16_t size;			/* of a datagram that the client takes; or DNS_UDP_MIN */
};

#define DNS_DROP	(-1)	/* this is not to be answered */

/* An rcode: LDNS_RCODE_NOERROR, or the one to refuse it with; or DNS_DROP. */
int dns_query_parse(struct dns_query *q, const uint8_t *data, size_t len);

/* How long an answer may be. */
size_t dns_query_room(const struct dns_query *q, bool tcp);

/* The name that is asked for, to be freed deeply; NULL: no memory. */
ldns_rdf *dns_question_name(const struct dns_question *q);

/* Of a name of at most DNS_NAME_MAX bytes. */
void dns_question_make(struct dns_question *q, const ldns_rdf *name, uint16_t type);

/* The same but for the case of letters? */
bool dns_question_equal(const struct dns_question *a, const struct dns_question *b);

/* --- as a client */

#define DNS_REQUEST_MAX	(DNS_HEADER_LEN + DNS_QUESTION_MAX + 11)

/* What an upstream is asked; answers its length. */
size_t dns_request_write(const struct dns_query *q, uint16_t id, uint8_t out[DNS_REQUEST_MAX]);

enum dns_heard {
	DNS_HEARD_NOTHING,	/* no answer to this question: somebody guesses, or is broken */
	DNS_HEARD_BROKEN,	/* an answer to it, that is not well formed */
	DNS_HEARD_CUT,		/* only the beginning of the answer, well formed or not */
	DNS_HEARD_ANSWER,
};

/* *rcode is valid for DNS_HEARD_ANSWER and DNS_HEARD_CUT. */
enum dns_heard dns_answer_check(const struct dns_query *q, uint16_t id, const uint8_t *data,
				size_t len, unsigned int *rcode);

/*
 * What was heard of an upstream, a DNS_HEARD_ANSWER or a DNS_HEARD_CUT to this question, as the
 * answer to q: with its number and its letters. Of a cut one, and when there is no room for it,
 * the first records, whole ones, and the client is told to ask by TCP. Answers the length; out
 * has room bytes or more, which is DNS_UDP_MIN or more.
 */
size_t dns_answer_pass(const struct dns_query *q, enum dns_heard heard, const uint8_t *answer,
		       size_t len, size_t room, uint8_t *out);

/* --- dns_write.c */

struct dns_response {
	unsigned int rcode;
	bool authoritative;		/* AA */
	bool recursive;			/* RA */
	bool cut;			/* TC, in any case */
	/* NULL: none */
	const ldns_rr_list *answer, *authority, *additional;
};

/*
 * Answers the length, at most room (which is DNS_UDP_MIN or more). What of answer and authority
 * is left out sets TC; what of additional is, does not.
 */
size_t dns_response_write(const struct dns_query *q, const struct dns_response *r, size_t room,
			  uint8_t *out);

#endif
