/* SPDX-License-Identifier: GPL-2.0 */
/* What the two processes of churn share, and who stands where. */
#ifndef CHURN_H
#define CHURN_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

enum {
	SERVICES_MAX = 28,
	ENDPOINTS_MAX = 200,
	PORT_SERVICE = 80,
	PORT_ENDPOINT = 8080,
	PORT_FIRST = 2000,	/* of a client address: so many ports from here on */
	PORTS = 60000,
	CLIENTS_MAX = 250,	/* so many times PORTS requests in all */
};

struct plan {
	const char *client_ns, *server_ns, *socket;
	unsigned int services, endpoints, stay;
	double seconds, requests, changes;	/* of the last two so many a second */
	double grace, patience;			/* seconds */
	double least;				/* part of requests and changes a second */
	unsigned int seed;
};

struct endpoint_state {
	_Atomic int64_t gone;		/* since when, in ns; 0: it is a member */
	_Atomic unsigned int removals;	/* begun so far */
};

struct shared {
	struct endpoint_state at[SERVICES_MAX][ENDPOINTS_MAX];
	_Atomic unsigned long changes;	/* acknowledged */
	_Atomic unsigned long again;	/* sent once more, for want of an answer */
	_Atomic int64_t took;		/* ns, for all of them */
};

static inline int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t seconds_ns(double s)
{
	return (int64_t)(s * 1e9);
}

/*
 * Even services have IPv4, odd ones IPv6:
 *	service I	10.96.1.I+1	fd96::1:I+1
 *	endpoint J of I	10.244.100+I.J+1	fd44:ee::I+1:J+1
 *	client K	10.244.200.K+1	fd44:cc::K+1
 */
typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} place_t;

int place_family(unsigned int service);
place_t place_service(unsigned int service);
place_t place_endpoint(unsigned int service, unsigned int endpoint);
place_t place_client(unsigned int service, uint64_t request);
socklen_t place_len(const place_t *p);
const char *place_text(const place_t *p, char *buf, size_t size);
bool place_same_address(const place_t *a, const place_t *b);
/* Which endpoint is it? */
bool place_find(const struct plan *plan, const place_t *p, unsigned int *service,
		unsigned int *endpoint);
/* Which request has been sent from there? */
uint64_t place_request(const place_t *p);

/* The Services with all their endpoints, for "svcctl create -f -". */
void objects_print(const struct plan *plan);
/* Change endpoints by svcd's API until the time is over. */
void changes_run(const struct plan *plan, struct shared *shared, int64_t begin);
/* What each service should have in the end. */
void changes_print(const struct plan *plan, const struct shared *shared);

/* Until the time is over, and each request has its end. */
struct figures;
void requests_run(const struct plan *plan, struct shared *shared, struct figures *figures);

#endif /* CHURN_H */
