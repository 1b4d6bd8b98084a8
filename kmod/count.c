// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>

#include "count.h"

static const enum svcnat_reason svcnat_service_reasons[SVCNAT_SERVICE_COUNTERS] = {
	[SVCNAT_SERVICE_COUNT_ENDPOINT]		= SVCNAT_REASON_ENDPOINT,
	[SVCNAT_SERVICE_COUNT_AFFINITY]		= SVCNAT_REASON_AFFINITY,
	[SVCNAT_SERVICE_COUNT_NO_ENDPOINTS]	= SVCNAT_REASON_NO_ENDPOINTS,
	[SVCNAT_SERVICE_COUNT_NO_LOCAL]		= SVCNAT_REASON_NO_LOCAL,
	[SVCNAT_SERVICE_COUNT_SOURCE_RANGE]	= SVCNAT_REASON_SOURCE_RANGE,
};

int svcnat_service_counter(enum svcnat_reason reason)
{
	int i;

	for (i = 0; i < SVCNAT_SERVICE_COUNTERS; i++) {
		if (svcnat_service_reasons[i] == reason)
			return i;
	}
	return -1;
}

enum svcnat_reason svcnat_service_counter_reason(enum svcnat_service_counter counter)
{
	return svcnat_service_reasons[counter];
}

u64 svcnat_count_sum(const struct svcnat_counts __percpu *counts, unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counts, cpu)->v[counter]);
	return sum;
}

u64 svcnat_service_count_sum(const struct svcnat_service_counts __percpu *counts,
			     enum svcnat_service_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counts, cpu)->v[counter]);
	return sum;
}
