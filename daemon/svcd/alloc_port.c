// SPDX-License-Identifier: GPL-2.0
#include "alloc_port.h"

#include <stddef.h>
#include <string.h>

void alloc_port_init(struct alloc_port *a, uint16_t min, uint16_t max)
{
	memset(a, 0, sizeof(*a));
	a->min = min;
	a->max = max;
}

uint8_t alloc_port_protocol(const char *name)
{
	if (!strcmp(name, "TCP"))
		return ALLOC_PORT_TCP;
	if (!strcmp(name, "UDP"))
		return ALLOC_PORT_UDP;
	return strcmp(name, "SCTP") ? 0 : ALLOC_PORT_SCTP;
}

bool alloc_port_contains(const struct alloc_port *a, long long port)
{
	return port >= a->min && port <= a->max;
}

bool alloc_port_taken(const struct alloc_port *a, uint16_t port, uint8_t protocols)
{
	return a->used[port] & protocols;
}

/* KEP-3668: a thirty-second of the range, at least 16 and at most 128; none of a tiny one. */
static unsigned int band(unsigned int size)
{
	unsigned int b = size / 32;

	if (size <= 16)
		return 0;
	return b < 16 ? 16 : b > 128 ? 128 : b;
}

static uint16_t choose_in(const struct alloc_port *a, unsigned int from, unsigned int to,
			  uint8_t protocols, uint64_t random,
			  bool (*skip)(void *ctx, uint16_t port), void *ctx)
{
	unsigned int size = to - from + 1, start;

	if (from > to)
		return 0;
	start = random % size;
	for (unsigned int i = 0; i < size; i++) {
		uint16_t port = from + (start + i) % size;

		if (!(a->used[port] & protocols) && !(skip && skip(ctx, port)))
			return port;
	}
	return 0;
}

uint16_t alloc_port_choose(const struct alloc_port *a, uint8_t protocols, uint64_t random,
			   bool (*skip)(void *ctx, uint16_t port), void *ctx)
{
	unsigned int low = a->min + band(a->max - a->min + 1);
	uint16_t port = choose_in(a, low, a->max, protocols, random, skip, ctx);

	if (port || low == a->min)
		return port;
	return choose_in(a, a->min, low - 1, protocols, random, skip, ctx);
}

void alloc_port_take(struct alloc_port *a, uint16_t port, uint8_t protocols)
{
	a->used[port] |= protocols;
}

void alloc_port_release(struct alloc_port *a, uint16_t port, uint8_t protocols)
{
	a->used[port] &= ~protocols;
}
