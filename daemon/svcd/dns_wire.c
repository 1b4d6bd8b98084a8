// SPDX-License-Identifier: GPL-2.0
#include "dns_wire.h"

#include <ctype.h>
#include <string.h>

#define FLAG_QR		0x80	/* of the third byte */
#define FLAG_TC		0x02
#define FLAG_RD		0x01
#define FLAG_RA		0x80	/* of the fourth byte */
#define FLAG_AD		0x20
#define FLAG_CD		0x10
#define EDNS_DO		0x8000

/* The fixed parts of a record, and an empty OPT record. */
#define RECORD_LEN	10
#define OPT_LEN		11
/* EDNS and a signature: nothing else is said in a query. */
#define ADDITIONAL_MAX	2

struct record {
	size_t owner_len;
	uint16_t type, class;
	uint32_t ttl;
};

/* --- pieces --- */

/* Of a name without pointers at the beginning of data; 0: there is none. */
static size_t plain_name_len(const uint8_t *data, size_t len)
{
	size_t n = 0;

	while (n < len && n < DNS_NAME_MAX) {
		if (!data[n])
			return n + 1;
		if (data[n] > LDNS_MAX_LABELLEN)
			return 0;
		n += data[n] + 1u;
	}
	return 0;
}

/* Likewise up to its end or its first pointer, which is not followed. */
static size_t name_len(const uint8_t *data, size_t len)
{
	size_t n = 0;

	while (n < len && n < DNS_NAME_MAX) {
		if (!data[n])
			return n + 1;
		if (data[n] >= 0xc0)
			return n + 2 <= len ? n + 2 : 0;
		if (data[n] > LDNS_MAX_LABELLEN)
			return 0;
		n += data[n] + 1u;
	}
	return 0;
}

/* Its length; 0: it is not whole. */
static size_t read_record(const uint8_t *data, size_t len, struct record *r)
{
	size_t n = name_len(data, len), rest;

	if (!n || len - n < RECORD_LEN)
		return 0;
	*r = (struct record){
		.owner_len = n,
		.type = ldns_read_uint16(data + n),
		.class = ldns_read_uint16(data + n + 2),
		.ttl = ldns_read_uint32(data + n + 4),
	};
	rest = ldns_read_uint16(data + n + 8);
	n += RECORD_LEN;
	return len - n < rest ? 0 : n + rest;
}

static bool read_question(const uint8_t *data, size_t len, struct dns_question *q)
{
	size_t n;

	q->len = 0;
	if (len < DNS_HEADER_LEN)
		return false;
	data += DNS_HEADER_LEN;
	len -= DNS_HEADER_LEN;
	n = plain_name_len(data, len);
	if (!n || len - n < 4)
		return false;
	q->len = n + 4;
	memcpy(q->wire, data, q->len);
	q->type = ldns_read_uint16(data + n);
	q->class = ldns_read_uint16(data + n + 2);
	return true;
}

ldns_rdf *dns_question_name(const struct dns_question *q)
{
	return ldns_dname_new_frm_data((uint16_t)(q->len - 4), q->wire);
}

void dns_question_make(struct dns_question *q, const ldns_rdf *name, uint16_t type)
{
	size_t n = ldns_rdf_size(name);

	memcpy(q->wire, ldns_rdf_data(name), n);
	ldns_write_uint16(q->wire + n, type);
	ldns_write_uint16(q->wire + n + 2, LDNS_RR_CLASS_IN);
	q->len = n + 4;
	q->type = type;
	q->class = LDNS_RR_CLASS_IN;
}

bool dns_question_equal(const struct dns_question *a, const struct dns_question *b)
{
	size_t i;

	if (a->len != b->len || a->type != b->type || a->class != b->class)
		return false;
	/* The length of a label is no letter, and the last four bytes were compared. */
	for (i = 0; i + 4 < a->len; i++)
		if (tolower(a->wire[i]) != tolower(b->wire[i]))
			return false;
	return true;
}

/* --- a query --- */

/* An rcode. */
static int read_edns(struct dns_query *q, const struct record *r)
{
	if (q->edns || r->owner_len != 1)
		return LDNS_RCODE_FORMERR;
	q->edns = true;
	q->size = r->class > DNS_UDP_MIN ? r->class : DNS_UDP_MIN;
	q->dnssec = r->ttl & EDNS_DO;
	return r->ttl >> 16 & 0xff ? DNS_RCODE_BADVERS : LDNS_RCODE_NOERROR;
}

/* What follows the question: n records. An rcode. */
static int read_additional(struct dns_query *q, const uint8_t *data, size_t len, size_t n)
{
	int rcode = LDNS_RCODE_NOERROR, ret;
	struct record r;
	size_t used;

	if (n > ADDITIONAL_MAX)
		return LDNS_RCODE_FORMERR;
	for (; n; n--) {
		used = read_record(data, len, &r);
		if (!used)
			return LDNS_RCODE_FORMERR;
		data += used;
		len -= used;
		ret = r.type == LDNS_RR_TYPE_OPT ? read_edns(q, &r) : LDNS_RCODE_NOERROR;
		if (ret == LDNS_RCODE_FORMERR)
			return ret;
		rcode = rcode ? rcode : ret;
	}
	return len ? LDNS_RCODE_FORMERR : rcode;
}

#define TYPE_NXNAME	128	/* RFC 9824 */

/*
 * An rcode, of types that are none (RFC 6895): they say something of a message, or ask for more
 * than records. Of whole zones, and of all that there is, an answer would be but a means to flood
 * somebody.
 */
static int judge_type(uint16_t type)
{
	switch (type) {
	case 0:
	case LDNS_RR_TYPE_OPT:
	case LDNS_RR_TYPE_TSIG:
	case TYPE_NXNAME:
		return LDNS_RCODE_FORMERR;
	case LDNS_RR_TYPE_IXFR:
	case LDNS_RR_TYPE_AXFR:
	case LDNS_RR_TYPE_ANY:
		return LDNS_RCODE_REFUSED;
	}
	return type > TYPE_NXNAME && type < LDNS_RR_TYPE_ANY ? LDNS_RCODE_NOTIMPL :
	       LDNS_RCODE_NOERROR;
}

static int judge(const struct dns_question *q)
{
	return q->class == LDNS_RR_CLASS_IN ? judge_type(q->type) : LDNS_RCODE_REFUSED;
}

static int read_rest(struct dns_query *q, const uint8_t *data, size_t len)
{
	size_t used = DNS_HEADER_LEN + q->question.len;
	int rcode;

	if (LDNS_ANCOUNT(data) || LDNS_NSCOUNT(data))
		return judge(&q->question) == LDNS_RCODE_REFUSED ? LDNS_RCODE_REFUSED :
		       LDNS_RCODE_FORMERR;
	rcode = read_additional(q, data + used, len - used, LDNS_ARCOUNT(data));
	return rcode ? rcode : judge(&q->question);
}

int dns_query_parse(struct dns_query *q, const uint8_t *data, size_t len)
{
	*q = (struct dns_query){ .size = DNS_UDP_MIN };
	if (len < DNS_HEADER_LEN || data[2] & FLAG_QR)
		return DNS_DROP;
	q->id = LDNS_ID_WIRE(data);
	q->opcode = LDNS_OPCODE_WIRE(data);
	q->recursion = data[2] & FLAG_RD;
	q->unchecked = data[3] & FLAG_CD;
	q->authentic = data[3] & FLAG_AD;
	if (q->opcode != LDNS_PACKET_QUERY)
		return LDNS_RCODE_NOTIMPL;
	if (LDNS_QDCOUNT(data) != 1 || !read_question(data, len, &q->question))
		return LDNS_RCODE_FORMERR;
	return read_rest(q, data, len);
}

size_t dns_query_room(const struct dns_query *q, bool tcp)
{
	if (tcp)
		return DNS_MESSAGE_MAX;
	return q->size < DNS_UDP_MAX ? q->size : DNS_UDP_MAX;
}

/* --- as a client --- */

static size_t write_opt(const struct dns_query *q, uint8_t *out)
{
	memset(out, 0, OPT_LEN);
	ldns_write_uint16(out + 1, LDNS_RR_TYPE_OPT);
	ldns_write_uint16(out + 3, DNS_UDP_MAX);
	ldns_write_uint16(out + 7, q->dnssec ? EDNS_DO : 0);
	return OPT_LEN;
}

size_t dns_request_write(const struct dns_query *q, uint16_t id, uint8_t out[DNS_REQUEST_MAX])
{
	size_t n = DNS_HEADER_LEN + q->question.len;

	memset(out, 0, DNS_HEADER_LEN);
	ldns_write_uint16(out, id);
	out[2] = q->recursion ? FLAG_RD : 0;
	out[3] = (uint8_t)((q->unchecked ? FLAG_CD : 0) | (q->authentic ? FLAG_AD : 0));
	ldns_write_uint16(out + 4, 1);
	ldns_write_uint16(out + 10, q->edns);
	memcpy(out + DNS_HEADER_LEN, q->question.wire, q->question.len);
	return q->edns ? n + write_opt(q, out + n) : n;
}

/* Are all records there that the header speaks of? */
static bool is_whole(const uint8_t *data, size_t len, size_t at)
{
	size_t n = (size_t)LDNS_ANCOUNT(data) + LDNS_NSCOUNT(data) + LDNS_ARCOUNT(data), used;
	struct record r;

	for (; n; n--) {
		used = read_record(data + at, len - at, &r);
		if (!used)
			return false;
		at += used;
	}
	return true;
}

enum dns_heard dns_answer_check(const struct dns_query *q, uint16_t id, const uint8_t *data,
				size_t len, unsigned int *rcode)
{
	struct dns_question asked;

	if (len < DNS_HEADER_LEN || len > DNS_MESSAGE_MAX || LDNS_ID_WIRE(data) != id ||
	    !(data[2] & FLAG_QR) || LDNS_OPCODE_WIRE(data) != LDNS_PACKET_QUERY)
		return DNS_HEARD_NOTHING;
	*rcode = LDNS_RCODE_WIRE(data);
	/* Some servers that do not understand a question do not repeat it. */
	if (!LDNS_QDCOUNT(data) && *rcode != LDNS_RCODE_NOERROR && *rcode != LDNS_RCODE_NXDOMAIN)
		return DNS_HEARD_BROKEN;
	if (LDNS_QDCOUNT(data) != 1 || !read_question(data, len, &asked) ||
	    !dns_question_equal(&asked, &q->question))
		return DNS_HEARD_NOTHING;
	if (data[2] & FLAG_TC)
		return DNS_HEARD_CUT;
	return is_whole(data, len, DNS_HEADER_LEN + asked.len) ? DNS_HEARD_ANSWER :
	       DNS_HEARD_BROKEN;
}

/* Of n records from *at on: those that are whole and end before room. An OPT is for us alone. */
static size_t take_records(const uint8_t *data, size_t len, size_t room, size_t n, size_t *at)
{
	struct record r;
	size_t i, used;

	for (i = 0; i < n; i++) {
		used = read_record(data + *at, len - *at, &r);
		if (!used || *at + used > room || r.type == LDNS_RR_TYPE_OPT)
			break;
		*at += used;
	}
	return i;
}

/*
 * They stay where they stood, so that pointers lead where they led. Some clients know no TCP,
 * and do with what is there.
 */
static size_t pass_part(const struct dns_query *q, const uint8_t *answer, size_t len, size_t room,
			uint8_t *out)
{
	const size_t keep = room - (q->edns ? OPT_LEN : 0);
	size_t at = DNS_HEADER_LEN + q->question.len, answers, authority = 0;

	answers = take_records(answer, len, keep, LDNS_ANCOUNT(answer), &at);
	if (answers == LDNS_ANCOUNT(answer))
		authority = take_records(answer, len, keep, LDNS_NSCOUNT(answer), &at);
	memcpy(out, answer, at);
	out[2] |= FLAG_TC;
	ldns_write_uint16(out + 6, (uint16_t)answers);
	ldns_write_uint16(out + 8, (uint16_t)authority);
	ldns_write_uint16(out + 10, q->edns);
	return q->edns ? at + write_opt(q, out + at) : at;
}

size_t dns_answer_pass(const struct dns_query *q, enum dns_heard heard, const uint8_t *answer,
		       size_t len, size_t room, uint8_t *out)
{
	if (heard == DNS_HEARD_CUT || len > room)
		len = pass_part(q, answer, len, room, out);
	else
		memcpy(out, answer, len);
	ldns_write_uint16(out, q->id);
	out[2] = (uint8_t)((out[2] & ~FLAG_RD) | (q->recursion ? FLAG_RD : 0));
	out[3] |= FLAG_RA;
	memcpy(out + DNS_HEADER_LEN, q->question.wire, q->question.len);
	return len;
}
