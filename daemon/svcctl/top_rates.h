/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From two looks at the kernel's counters to rates. Pure. Counters that are
 * lower than they were belong to a service or an endpoint that came anew: they
 * count from nothing, so no rate is negative, and none is higher than what was
 * counted at all.
 */
#ifndef SVCNAT_SVCCTL_TOP_RATES_H
#define SVCNAT_SVCCTL_TOP_RATES_H

#include "kservice.h"

enum top_sort { TOP_CONNECTIONS, TOP_ACTIVE, TOP_PACKETS, TOP_BYTES };

struct top_rate {
	/* per second */
	double connections, refused, packets, bytes;
	uint64_t active;
	bool records;		/* active, packets and bytes are known */
};

struct top_endpoint {
	const struct kendpoint *endpoint;
	struct top_rate rate;
};

struct top_service {
	const struct kservice *service;
	struct top_rate rate;
	struct top_endpoint *endpoints;	/* the highest first */
	size_t n;
};

struct top_rates {
	bool known;		/* there was an earlier look */
	double seconds;		/* since then */
	struct top_service *v;	/* the highest first */
	size_t n;
	struct top_rate total;
};

/* In the order that top_rates_make() needs. */
void top_rates_sort(struct kservices *l);

/* before NULL: the first look. out borrows from now. -ENOMEM. */
int top_rates_make(struct top_rates *out, const struct kservices *before,
		   const struct kservices *now, double seconds, enum top_sort sort);
void top_rates_clear(struct top_rates *r);

#endif
