// SPDX-License-Identifier: GPL-2.0
/*
 * First packets of many connections, from addresses and ports of their own:
 *
 *	flood DST PORT COUNT SOURCE [PORTS]
 *
 * sends COUNT UDP datagrams of IPv4 or IPv6 to DST:PORT, without payload and checksum,
 * the i-th from SOURCE + i / PORTS and port 10000 + i % PORTS; PORTS is 50000.
 * Waits for room in the socket's buffer instead of losing any.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORTS	50000
#define FIRST	10000

struct plan {
	int family;
	struct in6_addr dst, source;	/* of IPv4 the first four bytes */
	uint16_t port;
	unsigned long n, ports;
};

struct packet4 {
	struct iphdr ip;
	struct udphdr udp;
};

struct packet6 {
	struct ip6_hdr ip;
	struct udphdr udp;
};

union packet {
	struct packet4 v4;
	struct packet6 v6;
};

static void fill_udp(struct udphdr *udp, const struct plan *plan, unsigned long i)
{
	udp->source = htons((uint16_t)(FIRST + i % plan->ports));
	udp->dest = htons(plan->port);
	udp->len = htons(sizeof(*udp));
}

/* Address + i / ports: its last four bytes. */
static uint32_t source(const struct plan *plan, uint32_t last, unsigned long i)
{
	return htonl(ntohl(last) + (uint32_t)(i / plan->ports));
}

static size_t fill4(struct packet4 *p, const struct plan *plan, unsigned long i)
{
	memset(p, 0, sizeof(*p));
	p->ip.version = 4;
	p->ip.ihl = 5;
	p->ip.ttl = 64;
	p->ip.protocol = IPPROTO_UDP;
	p->ip.tot_len = htons(sizeof(*p));
	p->ip.saddr = source(plan, plan->source.s6_addr32[0], i);
	p->ip.daddr = plan->dst.s6_addr32[0];
	fill_udp(&p->udp, plan, i);
	return sizeof(*p);
}

static size_t fill6(struct packet6 *p, const struct plan *plan, unsigned long i)
{
	memset(p, 0, sizeof(*p));
	p->ip.ip6_vfc = 6 << 4;
	p->ip.ip6_hlim = 64;
	p->ip.ip6_nxt = IPPROTO_UDP;
	p->ip.ip6_plen = htons(sizeof(p->udp));
	p->ip.ip6_src = plan->source;
	p->ip.ip6_src.s6_addr32[3] = source(plan, plan->source.s6_addr32[3], i);
	p->ip.ip6_dst = plan->dst;
	fill_udp(&p->udp, plan, i);
	return sizeof(*p);
}

static int flood(int fd, const struct plan *plan)
{
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_addr = plan->dst };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	bool v6 = plan->family == AF_INET6;
	const struct sockaddr *to = v6 ? (void *)&to6 : (void *)&to4;
	socklen_t len = v6 ? sizeof(to6) : sizeof(to4);
	union packet p;
	unsigned long i;

	to4.sin_addr.s_addr = plan->dst.s6_addr32[0];
	for (i = 0; i < plan->n; i++) {
		size_t size = v6 ? fill6(&p.v6, plan, i) : fill4(&p.v4, plan, i);

		while (sendto(fd, &p, size, 0, to, len) < 0) {
			if (errno == ENOBUFS || errno == EAGAIN)
				continue;
			perror("flood: sendto");
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct plan plan = { .ports = PORTS };
	int fd;

	plan.family = argc > 1 && strchr(argv[1], ':') ? AF_INET6 : AF_INET;
	if (argc < 5 || argc > 6 || inet_pton(plan.family, argv[1], &plan.dst) != 1 ||
	    inet_pton(plan.family, argv[4], &plan.source) != 1) {
		fputs("usage: flood DST PORT COUNT SOURCE [PORTS]\n", stderr);
		return 2;
	}
	plan.port = (uint16_t)atoi(argv[2]);
	plan.n = strtoul(argv[3], NULL, 0);
	if (argc > 5)
		plan.ports = strtoul(argv[5], NULL, 0);
	fd = socket(plan.family, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("flood: socket");
		return 1;
	}
	return flood(fd, &plan);
}
