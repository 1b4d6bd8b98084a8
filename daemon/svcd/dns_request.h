/* SPDX-License-Identifier: GPL-2.0 */
/* A query on its way from a client to its answer. */
#ifndef SVCNAT_DNS_REQUEST_H
#define SVCNAT_DNS_REQUEST_H

#include "dns_peer.h"
#include "dns_wire.h"

struct dns_request;

struct dns_request_ops {
	/* The answer, or NULL: there is none. The request is gone after that. */
	void (*end)(struct dns_request *r, const uint8_t *data, size_t len);
};

/* Part of what dns_udp.c and dns_tcp.c keep of it. */
struct dns_request {
	const struct dns_request_ops *ops;
	struct dns_peer from;
	bool tcp;
	int64_t began;		/* nanoseconds of CLOCK_MONOTONIC */
	/* of who answers it, from the handler's call on */
	struct dns_query query;
	/* Its client is: let go of it. NULL: nobody has it. */
	void (*gone)(struct dns_request *r);
	void *ctx;
};

/* r is the handler's until it ends it; data is what came, only for the call. */
typedef void dns_handler(void *ctx, struct dns_request *r, const uint8_t *data, size_t len);

int64_t dns_now_ns(void);

#endif
