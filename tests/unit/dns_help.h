/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of DNS for tests: made from words, and read back into words. */
#ifndef SVCNAT_DNS_HELP_H
#define SVCNAT_DNS_HELP_H

#include "dns_peer.h"
#include "dns_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct dns_text {
	uint8_t v[DNS_MESSAGE_MAX];
	size_t len;
};

/* A query for a name in these letters; edns: the size to say, 0: without. The id is 0x1234. */
void dns_help_query(struct dns_text *m, const char *name, uint16_t type, uint16_t edns);
/* A record of the standard form, at the end; count: the offset of its section's number. */
void dns_help_add(struct dns_text *m, const char *record, size_t count);
#define DNS_HELP_ANSWER	6
#define DNS_HELP_AUTHORITY	8

/* "a.example. 5 IN A 192.0.2.1"; the caller's. */
ldns_rr *dns_help_rr(const char *text);

/*
 * "NOERROR aa ra: a.example. A 192.0.2.1; ... | authority | additional", read by libldns. Of the
 * additional ones not the OPT. Fails the test when it is not well formed.
 */
const char *dns_help_say(const uint8_t *data, size_t len);

/* An address of 127.0.0.0/8 that is this process' alone, and a port. */
struct dns_peer dns_help_place(uint8_t last, uint16_t port);

#endif
