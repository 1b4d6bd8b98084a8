/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of packets: one set a CPU, so that no cache line is shared on the
 * data path. Each is 64 bits; a look on a 32-bit kernel may catch a carry.
 */
#ifndef SVCNAT_COUNT_H
#define SVCNAT_COUNT_H

#include <linux/percpu.h>
#include <linux/svcnat.h>
#include <linux/types.h>

/* Of a namespace: first one for each reason. */
enum svcnat_counter {
	SVCNAT_COUNT_MASQUERADED = SVCNAT_REASON_MAX + 1,
	SVCNAT_COUNT_NAT_FAILED,
	SVCNAT_COUNT_INVALID,
	SVCNAT_COUNT_STALE_UDP,
	SVCNAT_COUNT_STALE_TCP,
	SVCNAT_COUNT_STALE_WALKS,
	SVCNAT_COUNT_RESCHEDULED,
	SVCNAT_COUNT_AFFINITY_FULL,
	SVCNAT_COUNT_CONNECTIONS_FULL,

	SVCNAT_COUNTERS
};

struct svcnat_counts {
	u64 v[SVCNAT_COUNTERS];
};

/* Of a service: those reasons that a verdict about it can have. */
enum svcnat_service_counter {
	SVCNAT_SERVICE_COUNT_ENDPOINT,
	SVCNAT_SERVICE_COUNT_AFFINITY,
	SVCNAT_SERVICE_COUNT_NO_ENDPOINTS,
	SVCNAT_SERVICE_COUNT_NO_LOCAL,
	SVCNAT_SERVICE_COUNT_SOURCE_RANGE,

	SVCNAT_SERVICE_COUNTERS
};

struct svcnat_service_counts {
	u64 v[SVCNAT_SERVICE_COUNTERS];
};

/* -1: no verdict about a service has this reason. */
static inline int svcnat_service_counter(enum svcnat_reason reason)
{
	switch (reason) {
	case SVCNAT_REASON_ENDPOINT:
		return SVCNAT_SERVICE_COUNT_ENDPOINT;
	case SVCNAT_REASON_AFFINITY:
		return SVCNAT_SERVICE_COUNT_AFFINITY;
	case SVCNAT_REASON_NO_ENDPOINTS:
		return SVCNAT_SERVICE_COUNT_NO_ENDPOINTS;
	case SVCNAT_REASON_NO_LOCAL:
		return SVCNAT_SERVICE_COUNT_NO_LOCAL;
	case SVCNAT_REASON_SOURCE_RANGE:
		return SVCNAT_SERVICE_COUNT_SOURCE_RANGE;
	default:
		return -1;
	}
}

enum svcnat_reason svcnat_service_counter_reason(enum svcnat_service_counter counter);

u64 svcnat_count_sum(const struct svcnat_counts __percpu *counts, unsigned int counter);
u64 svcnat_service_count_sum(const struct svcnat_service_counts __percpu *counts,
			     enum svcnat_service_counter counter);

/* From any context. */
#define svcnat_count(_counts, _counter)	this_cpu_inc((_counts)->v[(_counter)])

#endif /* SVCNAT_COUNT_H */
