// SPDX-License-Identifier: GPL-2.0
#include "announce_frame.h"

#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <string.h>

void announce_arp(uint8_t out[ANNOUNCE_ARP_LEN], const uint8_t mac[ETH_ALEN], struct in_addr ip,
		  bool reply)
{
	const struct arphdr head = {
		.ar_hrd = htons(ARPHRD_ETHER),
		.ar_pro = htons(ETHERTYPE_IP),
		.ar_hln = ETH_ALEN,
		.ar_pln = sizeof(ip),
		.ar_op = htons(reply ? ARPOP_REPLY : ARPOP_REQUEST),
	};
	uint8_t *sender = out + sizeof(head), *target = sender + ETH_ALEN + sizeof(ip);

	memcpy(out, &head, sizeof(head));
	memcpy(sender, mac, ETH_ALEN);
	memcpy(sender + ETH_ALEN, &ip, sizeof(ip));
	/* A request asks whose it is; a reply would be to everybody. */
	memset(target, reply ? 0xff : 0, ETH_ALEN);
	memcpy(target + ETH_ALEN, &ip, sizeof(ip));
}

void announce_na(uint8_t out[ANNOUNCE_NA_LEN], const uint8_t mac[ETH_ALEN],
		 const struct in6_addr *target, bool solicited)
{
	struct nd_neighbor_advert na = { .nd_na_hdr.icmp6_type = ND_NEIGHBOR_ADVERT };
	const struct nd_opt_hdr opt = { ND_OPT_TARGET_LINKADDR, 1 };

	na.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE | (solicited ? ND_NA_FLAG_SOLICITED : 0);
	na.nd_na_target = *target;
	memcpy(out, &na, sizeof(na));
	memcpy(out + sizeof(na), &opt, sizeof(opt));
	memcpy(out + sizeof(na) + sizeof(opt), mac, ETH_ALEN);
}

/* has_source: it says what hardware address its sender has. */
static bool options_are_valid(const uint8_t *p, size_t len, bool *has_source)
{
	size_t n;

	*has_source = false;
	for (; len; p += n, len -= n) {
		if (len < sizeof(struct nd_opt_hdr))
			return false;
		n = (size_t)p[1] * 8;
		if (!n || n > len)
			return false;
		*has_source = *has_source || p[0] == ND_OPT_SOURCE_LINKADDR;
	}
	return true;
}

bool announce_ns_parse(const void *data, size_t len, int hop_limit, const struct in6_addr *from,
		       struct announce_ns *out)
{
	struct nd_neighbor_solicit ns;
	bool has_source;

	if (hop_limit != 255 || len < sizeof(ns))
		return false;
	memcpy(&ns, data, sizeof(ns));
	if (ns.nd_ns_type != ND_NEIGHBOR_SOLICIT || ns.nd_ns_code ||
	    IN6_IS_ADDR_MULTICAST(&ns.nd_ns_target) ||
	    !options_are_valid((const uint8_t *)data + sizeof(ns), len - sizeof(ns), &has_source))
		return false;
	out->target = ns.nd_ns_target;
	out->probe = IN6_IS_ADDR_UNSPECIFIED(from);
	return !out->probe || !has_source;
}

struct in6_addr announce_solicited_group(const struct in6_addr *addr)
{
	struct in6_addr group = { .s6_addr = { 0xff, 2, [11] = 1, [12] = 0xff } };

	memcpy(&group.s6_addr[13], &addr->s6_addr[13], 3);
	return group;
}
