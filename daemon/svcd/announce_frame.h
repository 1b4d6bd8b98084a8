/* SPDX-License-Identifier: GPL-2.0 */
/* What is said on a LAN of an address: ARP (RFC 826, 5227) and NDP (RFC 4861), in bytes. Pure. */
#ifndef SVCNAT_ANNOUNCE_FRAME_H
#define SVCNAT_ANNOUNCE_FRAME_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANNOUNCE_ARP_LEN	28
#define ANNOUNCE_NA_LEN		32

/*
 * An ARP packet by which its sender says that it has ip, behind the Ethernet header. As a
 * request it is RFC 5227's announcement; some devices only heed one that looks like a reply.
 */
void announce_arp(uint8_t out[ANNOUNCE_ARP_LEN], const uint8_t mac[ETH_ALEN], struct in_addr ip,
		  bool reply);

/*
 * A neighbour advertisement, from the ICMPv6 header on, without its checksum: target is at mac,
 * whatever was known before. solicited: it answers somebody.
 */
void announce_na(uint8_t out[ANNOUNCE_NA_LEN], const uint8_t mac[ETH_ALEN],
		 const struct in6_addr *target, bool solicited);

/* A neighbour solicitation. */
struct announce_ns {
	struct in6_addr target;
	bool probe;		/* from somebody who has no address yet, and wants this one */
};

/*
 * Is what came from from, with this hop limit, a valid one (RFC 4861, 7.1.1)? The kernel has
 * checked the checksum.
 */
bool announce_ns_parse(const void *data, size_t len, int hop_limit, const struct in6_addr *from,
		       struct announce_ns *out);

/* The group that solicitations for addr are sent to. */
struct in6_addr announce_solicited_group(const struct in6_addr *addr);

#endif
