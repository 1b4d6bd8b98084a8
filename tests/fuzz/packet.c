// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

/* ---- checksums (RFC 1071) */

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += p[0] << 8 | p[1];
	return len ? sum + (p[0] << 8) : sum;
}

static uint16_t sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static size_t addr_len(const struct packet *p)
{
	return p->family == AF_INET ? 4 : 16;
}

/* Of both addresses, as they stand in the header. */
static uint32_t sum_pseudo(const struct packet *p, size_t len)
{
	const uint8_t *addrs = p->bytes + (p->family == AF_INET ? 12 : 8);

	return sum_add(p->proto + (uint32_t)len, addrs, 2 * addr_len(p));
}

/* Where the checksum is, behind the transport header's begin; 0: it has none here. */
static size_t sum_place(const struct packet *p)
{
	switch (p->proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

static void sum_transport(struct packet *p)
{
	size_t at = p->transport + sum_place(p), len = p->len - p->transport;
	uint16_t sum;

	if (!sum_place(p) || p->transport > p->len || at + 2 > p->len)
		return;
	memset(p->bytes + at, 0, 2);
	sum = sum_end(sum_add(p->proto == IPPROTO_ICMP ? 0 : sum_pseudo(p, len),
			      p->bytes + p->transport, len));
	memcpy(p->bytes + at, &sum, 2);
}

/* The Castagnoli polynomial, bit by bit (RFC 9260, appendix A). */
static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0U;
	int i;

	while (len--) {
		crc ^= *p++;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void sum_sctp(struct packet *p)
{
	uint32_t crc;

	if (p->proto != IPPROTO_SCTP || p->len < p->transport + 12)
		return;
	memset(p->bytes + p->transport + 8, 0, 4);
	crc = crc32c(p->bytes + p->transport, p->len - p->transport);
	memcpy(p->bytes + p->transport + 8, &crc, 4);
}

static void sum_all(struct packet *p)
{
	struct iphdr *ip = (void *)p->bytes;

	if (p->family == AF_INET && p->len >= ip->ihl * 4U && ip->ihl >= 5) {
		ip->check = 0;
		ip->check = sum_end(sum_add(0, p->bytes, ip->ihl * 4));
	}
	sum_transport(p);
	sum_sctp(p);
}

static void set_length(struct packet *p)
{
	if (p->family == AF_INET)
		((struct iphdr *)p->bytes)->tot_len = htons(p->len);
	else
		((struct ip6_hdr *)p->bytes)->ip6_plen = htons(p->len - sizeof(struct ip6_hdr));
}

/* ---- headers */

static void make_ip(struct packet *p, struct random *r, const struct packet_addr *from,
		    const struct packet_addr *to)
{
	struct iphdr *ip = (void *)p->bytes;
	struct ip6_hdr *ip6 = (void *)p->bytes;

	memset(p, 0, sizeof(*p));
	p->family = to->family;
	if (to->family == AF_INET) {
		*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64,
				      .id = random_next(r) & 0xffff };
		memcpy(&ip->saddr, from->bytes, 4);
		memcpy(&ip->daddr, to->bytes, 4);
		p->transport = sizeof(*ip);
	} else {
		ip6->ip6_flow = htonl(6U << 28);
		ip6->ip6_hlim = 64;
		memcpy(&ip6->ip6_src, from->bytes, 16);
		memcpy(&ip6->ip6_dst, to->bytes, 16);
		p->transport = sizeof(*ip6);
	}
	p->len = p->transport;
}

static void set_proto(struct packet *p, uint8_t proto)
{
	p->proto = proto;
	if (p->family == AF_INET)
		((struct iphdr *)p->bytes)->protocol = proto;
	else
		((struct ip6_hdr *)p->bytes)->ip6_nxt = proto;
}

static void add_bytes(struct packet *p, struct random *r, size_t len)
{
	for (; len && p->len < PACKET_ROOM; len--)
		p->bytes[p->len++] = random_next(r);
}

static void add_tcp(struct packet *p, struct random *r, uint16_t from, uint16_t to)
{
	static const uint8_t often[] = { TH_SYN, TH_SYN, TH_ACK, TH_ACK | TH_PUSH, TH_RST,
					 TH_FIN | TH_ACK, TH_SYN | TH_ACK };
	struct tcphdr tcp = {
		.th_sport = htons(from), .th_dport = htons(to), .th_seq = random_next(r),
		.th_ack = random_next(r), .th_off = 5, .th_win = 0xffff,
		.th_flags = random_once_in(r, 8) ? random_next(r) : often[random_below(r, 7)],
	};

	memcpy(p->bytes + p->len, &tcp, sizeof(tcp));
	p->len += sizeof(tcp);
	add_bytes(p, r, random_below(r, 64));
}

static void add_udp(struct packet *p, struct random *r, uint16_t from, uint16_t to)
{
	size_t len = random_below(r, 128);
	struct udphdr udp = { .uh_sport = htons(from), .uh_dport = htons(to),
			      .uh_ulen = htons(sizeof(udp) + len) };

	memcpy(p->bytes + p->len, &udp, sizeof(udp));
	p->len += sizeof(udp);
	add_bytes(p, r, len);
}

/* One to four chunks, INIT first most of the time. */
static void add_sctp(struct packet *p, struct random *r, uint16_t from, uint16_t to)
{
	uint16_t ports[2] = { htons(from), htons(to) };
	unsigned int n = 1 + random_below(r, 4), i;

	memcpy(p->bytes + p->len, ports, sizeof(ports));
	p->len += 12;
	for (i = 0; i < n; i++) {
		size_t len = 4 + random_below(r, 40);
		uint8_t chunk[4] = { i || random_once_in(r, 3) ? random_below(r, 16) : 1,
				     random_next(r), len >> 8, len };

		memcpy(p->bytes + p->len, chunk, sizeof(chunk));
		p->len += sizeof(chunk);
		add_bytes(p, r, (len + 3) / 4 * 4 - 4);
	}
}

/* An error about a packet that the other one may have sent: forged, of course. */
static void add_icmp_error(struct packet *p, struct random *r, const struct packet_addr *from,
			   const struct packet_addr *to)
{
	static const uint8_t types4[] = { ICMP_DEST_UNREACH, ICMP_REDIRECT, ICMP_TIME_EXCEEDED,
					  ICMP_PARAMETERPROB };
	static const uint8_t types6[] = { ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
					  ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB };
	uint8_t head[8] = { p->family == AF_INET ? types4[random_below(r, 4)] :
			    types6[random_below(r, 4)], random_below(r, 16) };
	bool back = random_once_in(r, 2);
	struct packet inner;
	size_t len;

	head[6] = random_below(r, 6);
	head[7] = random_next(r);
	memcpy(p->bytes + p->len, head, sizeof(head));
	p->len += sizeof(head);
	do
		packet_make(&inner, r, back ? to : from, back ? from : to);
	while (inner.proto == IPPROTO_ICMP || inner.proto == IPPROTO_ICMPV6);
	if (random_once_in(r, 2))
		packet_spoil(&inner, r);
	len = random_once_in(r, 2) ? inner.len : random_below(r, inner.len + 1);
	if (len > PACKET_ROOM - p->len)
		len = PACKET_ROOM - p->len;
	memcpy(p->bytes + p->len, inner.bytes, len);
	p->len += len;
}

static void add_icmp(struct packet *p, struct random *r, const struct packet_addr *from,
		     const struct packet_addr *to)
{
	uint8_t echo[8] = { p->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST };

	if (!random_once_in(r, 4)) {
		add_icmp_error(p, r, from, to);
		return;
	}
	memcpy(p->bytes + p->len, echo, sizeof(echo));
	p->len += sizeof(echo);
	add_bytes(p, r, random_below(r, 64));
}

void packet_make(struct packet *p, struct random *r, const struct packet_addr *from,
		 const struct packet_addr *to)
{
	make_ip(p, r, from, to);
	switch (random_below(r, 4)) {
	case 0:
		set_proto(p, IPPROTO_TCP);
		add_tcp(p, r, from->port, to->port);
		break;
	case 1:
		set_proto(p, IPPROTO_UDP);
		add_udp(p, r, from->port, to->port);
		break;
	case 2:
		set_proto(p, IPPROTO_SCTP);
		add_sctp(p, r, from->port, to->port);
		break;
	default:
		set_proto(p, p->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
		add_icmp(p, r, from, to);
	}
	set_length(p);
	sum_all(p);
}

/* ---- what is wrong */

static void open_gap(struct packet *p, size_t at, size_t len)
{
	if (p->len + len > PACKET_ROOM || at > p->len)
		return;
	memmove(p->bytes + at + len, p->bytes + at, p->len - at);
	memset(p->bytes + at, 0, len);
	p->len += len;
	p->transport += len;
	set_length(p);
}

/* Options of IPv4, whose lengths may be lies. */
static void spoil_options(struct packet *p, struct random *r)
{
	struct iphdr *ip = (void *)p->bytes;
	size_t len = 4 * (1 + random_below(r, 10)), i, before = p->len;

	if (p->family != AF_INET || ip->ihl != 5)
		return;
	open_gap(p, sizeof(*ip), len);
	if (p->len == before)
		return;
	for (i = 0; i < len; i++)
		p->bytes[sizeof(*ip) + i] = random_once_in(r, 2) ? random_below(r, 8) :
					    random_next(r);
	ip->ihl += len / 4;
}

/* Extension headers of IPv6, one or more, whose lengths may be lies. */
static void spoil_extensions(struct packet *p, struct random *r)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS,
					 IPPROTO_FRAGMENT, IPPROTO_AH, IPPROTO_NONE, 135, 253 };
	struct ip6_hdr *ip6 = (void *)p->bytes;
	unsigned int n = 1 + random_below(r, random_once_in(r, 8) ? 60 : 4);

	if (p->family != AF_INET6)
		return;
	while (n--) {
		uint8_t kind = kinds[random_below(r, 8)], *h = p->bytes + sizeof(*ip6);
		size_t len = kind == IPPROTO_FRAGMENT ? 8 : 8 * (1 + random_below(r, 3)), i;
		size_t before = p->len;

		open_gap(p, sizeof(*ip6), len);
		if (p->len == before)
			return;
		for (i = 2; i < len; i++)
			h[i] = random_once_in(r, 3) ? random_next(r) : 0;
		h[0] = ip6->ip6_nxt;
		h[1] = random_once_in(r, 6) ? random_next(r) : len / 8 - 1;
		ip6->ip6_nxt = kind;
	}
}

static void spoil_length(struct packet *p, struct random *r)
{
	uint16_t len = random_once_in(r, 2) ? random_next(r) : random_below(r, p->len + 16);

	if (p->family == AF_INET)
		((struct iphdr *)p->bytes)->tot_len = htons(len);
	else
		((struct ip6_hdr *)p->bytes)->ip6_plen = htons(len);
}

static void spoil_header_length(struct packet *p, struct random *r)
{
	if (p->family == AF_INET && random_once_in(r, 2))
		((struct iphdr *)p->bytes)->ihl = random_below(r, 16);
	else if (p->proto == IPPROTO_TCP && p->len >= p->transport + 20)
		p->bytes[p->transport + 12] = random_next(r);
	else if (p->proto == IPPROTO_UDP && p->len >= p->transport + 8)
		p->bytes[p->transport + 5] = random_next(r);
	else if (p->proto == IPPROTO_SCTP && p->len >= p->transport + 16)
		p->bytes[p->transport + 15] = random_next(r);
}

static void spoil_end(struct packet *p, struct random *r)
{
	p->len = 1 + random_below(r, p->len);
	if (random_once_in(r, 2) && p->len > sizeof(struct ip6_hdr))
		set_length(p);
}

static void spoil_bits(struct packet *p, struct random *r)
{
	unsigned int n = 1 + random_below(r, 16);

	while (n--)
		p->bytes[random_below(r, p->len)] ^= 1 << random_below(r, 8);
}

static void spoil_fragment(struct packet *p, struct random *r)
{
	if (p->family == AF_INET)
		((struct iphdr *)p->bytes)->frag_off = random_next(r);
}

void packet_spoil(struct packet *p, struct random *r)
{
	static void (*const ways[])(struct packet *, struct random *) = {
		spoil_options, spoil_extensions, spoil_length, spoil_header_length, spoil_end,
		spoil_bits, spoil_fragment,
	};
	size_t n = sizeof(ways) / sizeof(*ways);

	ways[random_below(r, n)](p, r);
	if (!random_once_in(r, 4))
		sum_all(p);
}

/* ---- fragments */

void packet_fragment(struct packet *out, const struct packet *p, uint32_t id,
		     unsigned int offset, size_t len, bool more)
{
	size_t head = p->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	struct ip6_frag frag = { .ip6f_ident = id };
	size_t from = head + 8 * offset;

	*out = *p;
	out->len = head;
	if (p->family == AF_INET) {
		((struct iphdr *)out->bytes)->id = id;
		((struct iphdr *)out->bytes)->frag_off = htons(offset | (more ? IP_MF : 0));
	} else {
		frag.ip6f_nxt = ((const struct ip6_hdr *)p->bytes)->ip6_nxt;
		frag.ip6f_offlg = htons(offset << 3 | more);
		((struct ip6_hdr *)out->bytes)->ip6_nxt = IPPROTO_FRAGMENT;
		memcpy(out->bytes + head, &frag, sizeof(frag));
		out->len += sizeof(frag);
	}
	if (from < p->len) {
		if (len > p->len - from)
			len = p->len - from;
		memcpy(out->bytes + out->len, p->bytes + from, len);
		out->len += len;
	}
	set_length(out);
	/* Of the IP header alone: the rest is a part. */
	out->proto = 0;
	sum_all(out);
}
