// SPDX-License-Identifier: GPL-2.0
#include "dns_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void dns_help_query(struct dns_text *m, const char *name, uint16_t type, uint16_t edns)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	size_t n;

	assert_non_null(rdf);
	n = ldns_rdf_size(rdf);
	memset(m->v, 0, DNS_HEADER_LEN);
	ldns_write_uint16(m->v, 0x1234);
	m->v[2] = 1;
	m->v[5] = 1;
	memcpy(m->v + DNS_HEADER_LEN, ldns_rdf_data(rdf), n);
	m->len = DNS_HEADER_LEN + n;
	ldns_rdf_deep_free(rdf);
	ldns_write_uint16(m->v + m->len, type);
	ldns_write_uint16(m->v + m->len + 2, LDNS_RR_CLASS_IN);
	m->len += 4;
	if (!edns)
		return;
	memset(m->v + m->len, 0, 11);
	m->v[m->len + 2] = LDNS_RR_TYPE_OPT;
	ldns_write_uint16(m->v + m->len + 3, edns);
	m->v[11] = 1;
	m->len += 11;
}

ldns_rr *dns_help_rr(const char *text)
{
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		fail_msg("'%s' is no record", text);
	return rr;
}

void dns_help_add(struct dns_text *m, const char *record, size_t count)
{
	ldns_rr *rr = dns_help_rr(record);
	/* ldns_rr2wire() takes 64 KiB for each of them. */
	ldns_buffer *wire = ldns_buffer_new(1024);
	size_t len;

	assert_int_equal(ldns_rr2buffer_wire(wire, rr, LDNS_SECTION_ANSWER), LDNS_STATUS_OK);
	len = ldns_buffer_position(wire);
	assert_true(m->len + len <= sizeof(m->v));
	memcpy(m->v + m->len, ldns_buffer_begin(wire), len);
	m->len += len;
	ldns_write_uint16(m->v + count, (uint16_t)(ldns_read_uint16(m->v + count) + 1));
	ldns_buffer_free(wire);
	ldns_rr_free(rr);
}

static const char *rcode_name(const ldns_pkt *pkt)
{
	static char other[16];

	switch (ldns_pkt_get_rcode(pkt) | ldns_pkt_edns_extended_rcode(pkt) << 4) {
	case LDNS_RCODE_NOERROR: return "NOERROR";
	case LDNS_RCODE_FORMERR: return "FORMERR";
	case LDNS_RCODE_SERVFAIL: return "SERVFAIL";
	case LDNS_RCODE_NXDOMAIN: return "NXDOMAIN";
	case LDNS_RCODE_NOTIMPL: return "NOTIMP";
	case LDNS_RCODE_REFUSED: return "REFUSED";
	case DNS_RCODE_BADVERS: return "BADVERS";
	}
	snprintf(other, sizeof(other), "%d", ldns_pkt_get_rcode(pkt));
	return other;
}

static void say_record(FILE *out, const ldns_rr *rr)
{
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	char *type = ldns_rr_type2str(ldns_rr_get_type(rr)), *rdf;
	size_t i;

	fprintf(out, "%s %s", owner, type);
	/* Of a SOA who is responsible, and the clock, do not matter. */
	for (i = 0; i < ldns_rr_rd_count(rr) && ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA; i++) {
		rdf = ldns_rdf2str(ldns_rr_rdf(rr, i));
		fprintf(out, " %s", rdf);
		free(rdf);
	}
	free(owner);
	free(type);
}

static void say_section(FILE *out, const char *before, const ldns_rr_list *list)
{
	const char *between = before;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(list); i++) {
		fputs(between, out);
		say_record(out, ldns_rr_list_rr(list, i));
		between = "; ";
	}
}

const char *dns_help_say(const uint8_t *data, size_t len)
{
	static char text[4096];
	ldns_pkt *pkt = NULL;
	FILE *out = fmemopen(text, sizeof(text), "w");
	ldns_status status = ldns_wire2pkt(&pkt, data, len);

	if (status != LDNS_STATUS_OK)
		fail_msg("not well formed: %s", ldns_get_errorstr_by_id(status));
	fprintf(out, "%s%s%s%s", rcode_name(pkt), ldns_pkt_aa(pkt) ? " aa" : "",
		ldns_pkt_tc(pkt) ? " tc" : "", ldns_pkt_ra(pkt) ? " ra" : "");
	say_section(out, ": ", ldns_pkt_answer(pkt));
	say_section(out, " | ", ldns_pkt_authority(pkt));
	say_section(out, " + ", ldns_pkt_additional(pkt));
	fclose(out);
	ldns_pkt_free(pkt);
	return text;
}

struct dns_peer dns_help_place(uint8_t last, uint16_t port)
{
	struct dns_peer peer = { .port = port };
	const uint32_t pid = (uint32_t)getpid();

	peer.addr.family = AF_INET;
	peer.addr.v4.s_addr = htonl(127u << 24 | (pid & 0xffff) << 8 | last);
	return peer;
}
