// SPDX-License-Identifier: GPL-2.0
/*
 * The names are compressed here, and not by libldns: what that remembers of names past 16 KiB
 * of a message is never freed.
 */
#include "dns_wire.h"

#include <ctype.h>
#include <string.h>

#define POINTER_MAX	0x3fff
#define LABELS_MAX	128
#define BUCKETS		256
/* Suffixes that are remembered; with more, messages are longer. */
#define SUFFIXES_MAX	2048

struct suffix {
	uint16_t at;		/* where it stands in the message */
	uint16_t next;		/* of the same bucket; 0: none; else one more than its index */
};

struct writer {
	uint8_t *out;
	size_t len, room;
	uint16_t buckets[BUCKETS];
	struct suffix *suffixes;	/* SUFFIXES_MAX of them */
	size_t nsuffixes;
};

/* --- names --- */

/* Does the name that stands at this place equal name? Pointers are our own: they go back. */
static bool stands_at(const struct writer *w, size_t at, const uint8_t *name)
{
	size_t i;

	for (;;) {
		while (w->out[at] >= 0xc0)
			at = (w->out[at] & 0x3fu) << 8 | w->out[at + 1];
		if (w->out[at] != *name)
			return false;
		if (!*name)
			return true;
		for (i = 1; i <= *name; i++)
			if (tolower(w->out[at + i]) != tolower(name[i]))
				return false;
		at += *name + 1u;
		name += *name + 1u;
	}
}

/* The offsets of its labels, but for the last one, the root. */
static size_t split(const uint8_t *name, uint8_t offsets[LABELS_MAX])
{
	size_t n = 0, at = 0;

	while (name[at] && n < LABELS_MAX) {
		offsets[n++] = (uint8_t)at;
		at += name[at] + 1u;
	}
	return n;
}

/* Of the label, and of all that follow it, whose hash is given. */
static unsigned int hash_label(unsigned int hash, const uint8_t *label)
{
	size_t i;

	for (i = 0; i <= *label; i++)
		hash = hash * 31 + (unsigned int)tolower(label[i]);
	return hash;
}

/* Where it stands; 0: nowhere. */
static size_t find(const struct writer *w, unsigned int hash, const uint8_t *name)
{
	uint16_t i = w->buckets[hash % BUCKETS];

	for (; i; i = w->suffixes[i - 1].next)
		if (stands_at(w, w->suffixes[i - 1].at, name))
			return w->suffixes[i - 1].at;
	return 0;
}

static void remember(struct writer *w, unsigned int hash, size_t at)
{
	uint16_t *bucket = &w->buckets[hash % BUCKETS];

	if (at > POINTER_MAX || w->nsuffixes == SUFFIXES_MAX)
		return;
	w->suffixes[w->nsuffixes] = (struct suffix){ (uint16_t)at, *bucket };
	*bucket = (uint16_t)++w->nsuffixes;
}

static bool put(struct writer *w, const void *data, size_t len)
{
	if (w->room - w->len < len)
		return false;
	memcpy(w->out + w->len, data, len);
	w->len += len;
	return true;
}

static bool put_u16(struct writer *w, uint16_t n)
{
	uint8_t data[2];

	ldns_write_uint16(data, n);
	return put(w, data, sizeof(data));
}

/* The part of it that stands somewhere already is a pointer there. */
static bool put_name(struct writer *w, const ldns_rdf *rdf)
{
	const uint8_t *name = ldns_rdf_data(rdf);
	unsigned int hashes[LABELS_MAX + 1] = { 0 };
	uint8_t offsets[LABELS_MAX];
	size_t n = split(name, offsets), i, start = w->len, at = 0;

	for (i = n; i; i--)
		hashes[i - 1] = hash_label(hashes[i], name + offsets[i - 1]);
	for (i = 0; i < n && !at; i++)
		at = find(w, hashes[i], name + offsets[i]);
	n = at ? i - 1 : n;
	if (!put(w, name, at ? offsets[n] : ldns_rdf_size(rdf)) ||
	    (at && !put_u16(w, (uint16_t)(0xc000 | at))))
		return false;
	for (i = 0; i < n; i++)
		remember(w, hashes[i], start + offsets[i]);
	return true;
}

/* --- records --- */

/* In these a name may be a pointer (RFC 3597). */
static bool may_compress(ldns_rr_type type)
{
	switch (type) {
	case LDNS_RR_TYPE_NS:
	case LDNS_RR_TYPE_CNAME:
	case LDNS_RR_TYPE_SOA:
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_MX:
		return true;
	default:
		return false;
	}
}

static bool put_rdata(struct writer *w, const ldns_rr *rr)
{
	const ldns_rdf *rdf;
	bool fits = true;
	size_t i;

	for (i = 0; fits && i < ldns_rr_rd_count(rr); i++) {
		rdf = ldns_rr_rdf(rr, i);
		if (may_compress(ldns_rr_get_type(rr)) &&
		    ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME)
			fits = put_name(w, rdf);
		else
			fits = put(w, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	}
	return fits;
}

/* Names that no longer stand there must not be pointed to. */
static void forget(struct writer *w, size_t nsuffixes)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		while (w->buckets[i] > nsuffixes)
			w->buckets[i] = w->suffixes[w->buckets[i] - 1].next;
	w->nsuffixes = nsuffixes;
}

/* All of it, or nothing. */
static bool put_record(struct writer *w, const ldns_rr *rr)
{
	const size_t start = w->len, nsuffixes = w->nsuffixes;
	uint8_t fixed[10] = { 0 };
	size_t rdata;

	ldns_write_uint16(fixed, (uint16_t)ldns_rr_get_type(rr));
	ldns_write_uint16(fixed + 2, (uint16_t)ldns_rr_get_class(rr));
	ldns_write_uint32(fixed + 4, ldns_rr_ttl(rr));
	if (put_name(w, ldns_rr_owner(rr)) && put(w, fixed, sizeof(fixed))) {
		rdata = w->len;
		if (put_rdata(w, rr)) {
			ldns_write_uint16(w->out + rdata - 2, (uint16_t)(w->len - rdata));
			return true;
		}
	}
	w->len = start;
	forget(w, nsuffixes);
	return false;
}

/* false: some are left out. */
static bool put_list(struct writer *w, const ldns_rr_list *list, size_t count_at)
{
	size_t i, n = list ? ldns_rr_list_rr_count(list) : 0;

	for (i = 0; i < n && put_record(w, ldns_rr_list_rr(list, i)); i++)
		;
	ldns_write_uint16(w->out + count_at, (uint16_t)i);
	return i == n;
}

/* --- a message --- */

#define OPT_LEN	11

static void put_header(struct writer *w, const struct dns_query *q, const struct dns_response *r)
{
	uint8_t *out = w->out;

	memset(out, 0, DNS_HEADER_LEN);
	ldns_write_uint16(out, q->id);
	out[2] = (uint8_t)(0x80 | q->opcode << 3 | (r->authoritative ? 4 : 0) |
			   (q->recursion ? 1 : 0));
	out[3] = (uint8_t)((r->recursive ? 0x80 : 0) | (q->unchecked ? 0x10 : 0) |
			   (r->rcode & 0xf));
	ldns_write_uint16(out + 4, q->question.len != 0);
	w->len = DNS_HEADER_LEN;
}

/* So that the answers' owners are the question, with its letters. */
static void put_question(struct writer *w, const struct dns_query *q)
{
	const struct dns_question *asked = &q->question;
	uint8_t offsets[LABELS_MAX];
	unsigned int hash = 0;
	size_t i;

	if (!asked->len)
		return;
	put(w, asked->wire, asked->len);
	for (i = split(asked->wire, offsets); i; i--) {
		hash = hash_label(hash, asked->wire + offsets[i - 1]);
		remember(w, hash, DNS_HEADER_LEN + offsets[i - 1]);
	}
}

static void put_edns(struct writer *w, const struct dns_query *q, const struct dns_response *r)
{
	uint8_t opt[OPT_LEN] = { 0 };

	ldns_write_uint16(opt + 1, LDNS_RR_TYPE_OPT);
	ldns_write_uint16(opt + 3, DNS_UDP_MAX);
	opt[5] = (uint8_t)(r->rcode >> 4);
	ldns_write_uint16(opt + 7, q->dnssec ? 0x8000 : 0);
	put(w, opt, sizeof(opt));
	ldns_write_uint16(w->out + 10, (uint16_t)(ldns_read_uint16(w->out + 10) + 1));
}

size_t dns_response_write(const struct dns_query *q, const struct dns_response *r, size_t room,
			  uint8_t *out)
{
	struct suffix suffixes[SUFFIXES_MAX];
	struct writer w = {
		.out = out,
		.room = q->edns ? room - OPT_LEN : room,
		.suffixes = suffixes,
	};
	bool whole;

	put_header(&w, q, r);
	put_question(&w, q);
	whole = put_list(&w, r->answer, 6);
	whole = whole && put_list(&w, r->authority, 8);
	if (whole && !r->cut)
		put_list(&w, r->additional, 10);
	else
		out[2] |= 0x02;
	w.room = room;
	if (q->edns)
		put_edns(&w, q, r);
	return w.len;
}
