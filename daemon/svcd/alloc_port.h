/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which node ports are taken, by protocol. As with addresses it only keeps the
 * books, and the lowest ones are left to those who ask for one by number.
 */
#ifndef SVCNAT_ALLOC_PORT_H
#define SVCNAT_ALLOC_PORT_H

#include <stdbool.h>
#include <stdint.h>

#define ALLOC_PORT_TCP	0x1
#define ALLOC_PORT_UDP	0x2
#define ALLOC_PORT_SCTP	0x4

struct alloc_port {
	uint16_t min, max;
	uint8_t used[65536];	/* by port: ALLOC_PORT_ of those that are taken */
};

void alloc_port_init(struct alloc_port *a, uint16_t min, uint16_t max);

/* "TCP" to ALLOC_PORT_TCP; 0: unknown. */
uint8_t alloc_port_protocol(const char *name);

bool alloc_port_contains(const struct alloc_port *a, long long port);
bool alloc_port_taken(const struct alloc_port *a, uint16_t port, uint8_t protocols);

/*
 * Choose by a random number a port that is free in all of protocols and for
 * which skip (may be NULL) is not true. 0: the range is full.
 */
uint16_t alloc_port_choose(const struct alloc_port *a, uint8_t protocols, uint64_t random,
			   bool (*skip)(void *ctx, uint16_t port), void *ctx);

void alloc_port_take(struct alloc_port *a, uint16_t port, uint8_t protocols);
void alloc_port_release(struct alloc_port *a, uint16_t port, uint8_t protocols);

#endif
