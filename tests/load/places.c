// SPDX-License-Identifier: GPL-2.0
/* Who stands where: see churn.h. */
#include <arpa/inet.h>
#include <string.h>

#include "churn.h"

int place_family(unsigned int service)
{
	return service % 2 ? AF_INET6 : AF_INET;
}

static place_t place4(unsigned int b, unsigned int c, unsigned int d, unsigned int port)
{
	return (place_t){ .v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(10u << 24 | b << 16 | c << 8 | d),
	} };
}

/* Its last two groups are c and d. */
static place_t place6(const char *net, unsigned int c, unsigned int d, unsigned int port)
{
	place_t p = { .v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) } };

	inet_pton(AF_INET6, net, &p.v6.sin6_addr);
	p.v6.sin6_addr.s6_addr16[6] = htons(c);
	p.v6.sin6_addr.s6_addr16[7] = htons(d);
	return p;
}

place_t place_service(unsigned int service)
{
	if (place_family(service) == AF_INET)
		return place4(96, 1, service + 1, PORT_SERVICE);
	return place6("fd96::", 1, service + 1, PORT_SERVICE);
}

place_t place_endpoint(unsigned int service, unsigned int endpoint)
{
	if (place_family(service) == AF_INET)
		return place4(244, 100 + service, endpoint + 1, PORT_ENDPOINT);
	return place6("fd44:ee::", service + 1, endpoint + 1, PORT_ENDPOINT);
}

place_t place_client(unsigned int service, uint64_t request)
{
	unsigned int client = request / PORTS + 1;
	unsigned int port = PORT_FIRST + request % PORTS;

	if (place_family(service) == AF_INET)
		return place4(244, 200, client, port);
	return place6("fd44:cc::", 0, client, port);
}

uint64_t place_request(const place_t *p)
{
	/* The port is at the same place in both. */
	unsigned int port = ntohs(p->v4.sin_port) - PORT_FIRST;
	unsigned int client = p->any.sa_family == AF_INET ?
		ntohl(p->v4.sin_addr.s_addr) & 255 : ntohs(p->v6.sin6_addr.s6_addr16[7]);

	return (uint64_t)(client - 1) * PORTS + port;
}

socklen_t place_len(const place_t *p)
{
	return p->any.sa_family == AF_INET ? sizeof(p->v4) : sizeof(p->v6);
}

const char *place_text(const place_t *p, char *buf, size_t size)
{
	if (p->any.sa_family == AF_INET)
		return inet_ntop(AF_INET, &p->v4.sin_addr, buf, size);
	return inet_ntop(AF_INET6, &p->v6.sin6_addr, buf, size);
}

bool place_same_address(const place_t *a, const place_t *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr));
}

bool place_find(const struct plan *plan, const place_t *p, unsigned int *service,
		unsigned int *endpoint)
{
	place_t there;

	if (p->any.sa_family == AF_INET) {
		uint32_t addr = ntohl(p->v4.sin_addr.s_addr);

		*service = (addr >> 8 & 255) - 100;
		*endpoint = (addr & 255) - 1;
	} else {
		*service = ntohs(p->v6.sin6_addr.s6_addr16[6]) - 1;
		*endpoint = ntohs(p->v6.sin6_addr.s6_addr16[7]) - 1;
	}
	if (*service >= plan->services || *endpoint >= plan->endpoints)
		return false;
	there = place_endpoint(*service, *endpoint);
	return place_same_address(p, &there);
}
