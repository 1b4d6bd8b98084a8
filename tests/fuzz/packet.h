/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of IPv4 and IPv6 with TCP, UDP, SCTP and ICMP in them, and what becomes of them
 * when something is wrong.
 */
#ifndef SVCNAT_FUZZ_PACKET_H
#define SVCNAT_FUZZ_PACKET_H

#include "random.h"

#include <stddef.h>

enum { PACKET_ROOM = 2048 };

struct packet_addr {
	int family;			/* AF_INET or AF_INET6 */
	uint8_t bytes[16];
	uint16_t port;			/* host byte order */
};

struct packet {
	uint8_t bytes[PACKET_ROOM];	/* from the header of IP on */
	size_t len;
	size_t transport;		/* where its header is */
	uint8_t proto;			/* of that one */
	int family;
};

/*
 * From one to the other, of one family. Nothing is wrong with it but that it may come at
 * no time that fits.
 */
void packet_make(struct packet *p, struct random *r, const struct packet_addr *from,
		 const struct packet_addr *to);

/* Make something wrong. Checksums are right afterwards but for one in four. */
void packet_spoil(struct packet *p, struct random *r);

/*
 * A part of it, as a fragment of number id: at offset, in units of 8 bytes, len bytes of
 * what is behind the IP header; more: there are others behind it. Lies are fine.
 */
void packet_fragment(struct packet *out, const struct packet *p, uint32_t id,
		     unsigned int offset, size_t len, bool more);

#endif
