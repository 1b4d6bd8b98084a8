// SPDX-License-Identifier: GPL-2.0
/*
 * First packets of many connections, from addresses and ports of their own:
 *
 *	flood DST PORT COUNT SOURCE [PORTS]
 *
 * sends COUNT UDP datagrams of IPv4 to DST:PORT, without payload and checksum,
 * the i-th from SOURCE + i / PORTS and port 10000 + i % PORTS; PORTS is 50000.
 * Waits for room in the socket's buffer instead of losing any.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORTS	50000
#define FIRST	10000

struct plan {
	struct in_addr dst, source;
	uint16_t port;
	unsigned long n, ports;
};

struct packet {
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static void fill(struct packet *p, const struct plan *plan, unsigned long i)
{
	memset(p, 0, sizeof(*p));
	p->ip.version = 4;
	p->ip.ihl = 5;
	p->ip.ttl = 64;
	p->ip.protocol = IPPROTO_UDP;
	p->ip.tot_len = htons(sizeof(*p));
	p->ip.saddr = htonl(ntohl(plan->source.s_addr) + (uint32_t)(i / plan->ports));
	p->ip.daddr = plan->dst.s_addr;
	p->udp.source = htons((uint16_t)(FIRST + i % plan->ports));
	p->udp.dest = htons(plan->port);
	p->udp.len = htons(sizeof(p->udp));
}

static int flood(int fd, const struct plan *plan)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = plan->dst };
	struct packet p;
	unsigned long i;

	for (i = 0; i < plan->n; i++) {
		fill(&p, plan, i);
		while (sendto(fd, &p, sizeof(p), 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
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

	if (argc < 5 || argc > 6 || !inet_aton(argv[1], &plan.dst) ||
	    !inet_aton(argv[4], &plan.source)) {
		fputs("usage: flood DST PORT COUNT SOURCE [PORTS]\n", stderr);
		return 2;
	}
	plan.port = (uint16_t)atoi(argv[2]);
	plan.n = strtoul(argv[3], NULL, 0);
	if (argc > 5)
		plan.ports = strtoul(argv[5], NULL, 0);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("flood: socket");
		return 1;
	}
	return flood(fd, &plan);
}
