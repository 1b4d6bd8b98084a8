// SPDX-License-Identifier: GPL-2.0
/*
 * TCP segments that no socket sends; see usage(). IPv4 and IPv6. All of them have
 * the window 12345, by which a rule can tell them from others.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WINDOW	12345
#define FAR	100000000	/* beyond any window */

struct end {
	bool v6;
	unsigned char addr[16];
	uint16_t port;		/* host byte order */
};

struct segment {
	struct end from, to;
	uint32_t seq, ack;
	const char *flags;
};

static void usage(void)
{
	fputs("stray send ADDRESS PORT TO_ADDRESS TO_PORT FLAGS\n"
	      "	FLAGS: letters out of S, A, F, R\n"
	      "stray answer INTERFACE PORT ADDRESS FROM_PORT\n"
	      "	prints \"ready\", waits for the next TCP data that comes in by INTERFACE\n"
	      "	for PORT and answers it from ADDRESS and FROM_PORT: with the right\n"
	      "	acknowledgement, and a sequence number far above the window. Prints\n"
	      "	\"sent\".\n", stderr);
	exit(2);
}

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static struct end end_parse(const char *addr, const char *port)
{
	struct end e = { .v6 = strchr(addr, ':'), .port = atoi(port) };

	if (inet_pton(e.v6 ? AF_INET6 : AF_INET, addr, e.addr) != 1)
		usage();
	return e;
}

static size_t addr_len(const struct end *e)
{
	return e->v6 ? 16 : 4;
}

static uint32_t add(uint32_t sum, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	return sum;
}

static uint16_t checksum(const struct segment *s, const struct tcphdr *th)
{
	uint32_t sum = IPPROTO_TCP + sizeof(*th);

	sum = add(sum, s->from.addr, addr_len(&s->from));
	sum = add(sum, s->to.addr, addr_len(&s->to));
	sum = add(sum, th, sizeof(*th));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static struct tcphdr header(const struct segment *s)
{
	struct tcphdr th = {
		.source = htons(s->from.port),
		.dest = htons(s->to.port),
		.seq = htonl(s->seq),
		.ack_seq = htonl(s->ack),
		.doff = sizeof(th) / 4,
		.syn = !!strchr(s->flags, 'S'),
		.ack = !!strchr(s->flags, 'A'),
		.fin = !!strchr(s->flags, 'F'),
		.rst = !!strchr(s->flags, 'R'),
		.window = htons(WINDOW),
	};

	th.check = checksum(s, &th);
	return th;
}

/* With the IP header made here: the source need not be an address of this host. */
static void transmit(const struct segment *s)
{
	const struct tcphdr th = header(s);
	struct sockaddr_storage to = { .ss_family = s->to.v6 ? AF_INET6 : AF_INET };
	unsigned char packet[sizeof(struct ip6_hdr) + sizeof(th)] = { 0 };
	size_t hdr = s->to.v6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
	int fd = socket(to.ss_family, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0)
		die("raw socket");
	if (s->to.v6) {
		struct ip6_hdr *ip6 = (void *)packet;

		ip6->ip6_vfc = 0x60;
		ip6->ip6_plen = htons(sizeof(th));
		ip6->ip6_nxt = IPPROTO_TCP;
		ip6->ip6_hlim = 64;
		memcpy(&ip6->ip6_src, s->from.addr, 16);
		memcpy(&ip6->ip6_dst, s->to.addr, 16);
		memcpy(&((struct sockaddr_in6 *)&to)->sin6_addr, s->to.addr, 16);
	} else {
		struct iphdr *ip = (void *)packet;

		*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64,
				      .protocol = IPPROTO_TCP };
		memcpy(&ip->saddr, s->from.addr, 4);
		memcpy(&ip->daddr, s->to.addr, 4);
		memcpy(&((struct sockaddr_in *)&to)->sin_addr, s->to.addr, 4);
	}
	memcpy(packet + hdr, &th, sizeof(th));
	/* EPERM: it was dropped on this very host. That is for the test to judge. */
	if (sendto(fd, packet, hdr + sizeof(th), 0, (struct sockaddr *)&to,
		   s->to.v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) < 0 &&
	    errno != EPERM)
		die("send");
	close(fd);
}

/* What answers the packet, if it is TCP data for the port. No options in front of TCP. */
static bool answer_to(const unsigned char *p, ssize_t len, uint16_t port, struct segment *s)
{
	const struct ip6_hdr *ip6 = (const void *)p;
	const struct iphdr *ip = (const void *)p;
	const struct tcphdr *th;
	size_t hdr, total;

	s->to = (struct end){ .v6 = len > 0 && p[0] >> 4 == 6 };
	if (s->to.v6) {
		hdr = sizeof(*ip6);
		total = hdr + ntohs(ip6->ip6_plen);
	} else {
		hdr = ip->ihl * 4;
		total = ntohs(ip->tot_len);
	}
	th = (const void *)(p + hdr);
	if (len < (ssize_t)(hdr + sizeof(*th)) || s->to.v6 != s->from.v6 ||
	    (s->to.v6 ? ip6->ip6_nxt : ip->protocol) != IPPROTO_TCP ||
	    ntohs(th->dest) != port || total <= hdr + th->doff * 4)
		return false;

	memcpy(s->to.addr, s->to.v6 ? (const void *)&ip6->ip6_src : &ip->saddr, addr_len(&s->to));
	s->to.port = ntohs(th->source);
	s->seq = ntohl(th->ack_seq) + FAR;
	s->ack = ntohl(th->seq) + (total - hdr - th->doff * 4);
	return true;
}

static void answer(const char *interface, uint16_t port, struct segment *s)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(s->from.v6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, at.sll_protocol);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	unsigned char buf[65536];

	if (fd < 0 || !at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die(interface);
	puts("ready");
	fflush(stdout);
	while (poll(&wait, 1, 20000) == 1) {
		if (answer_to(buf, recv(fd, buf, sizeof(buf), 0), port, s)) {
			transmit(s);
			puts("sent");
			return;
		}
	}
	errno = ETIMEDOUT;
	die("no data came");
}

int main(int argc, char **argv)
{
	struct segment s = { .flags = "A", .seq = FAR, .ack = 1 };

	if (argc == 7 && !strcmp(argv[1], "send")) {
		s.from = end_parse(argv[2], argv[3]);
		s.to = end_parse(argv[4], argv[5]);
		s.flags = argv[6];
		transmit(&s);
	} else if (argc == 6 && !strcmp(argv[1], "answer")) {
		s.from = end_parse(argv[4], argv[5]);
		answer(argv[2], atoi(argv[3]), &s);
	} else {
		usage();
	}
	return 0;
}
