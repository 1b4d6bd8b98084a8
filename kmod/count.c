// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>

#include "count.h"

enum svcnat_reason svcnat_service_counter_reason(enum svcnat_service_counter counter)
{
	unsigned int reason;

	for (reason = 0; reason < SVCNAT_REASON_MAX; reason++) {
		if (svcnat_service_counter(reason) == counter)
			break;
	}
	return reason;
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
