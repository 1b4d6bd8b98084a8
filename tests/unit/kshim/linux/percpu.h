/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of two processors: the second one's is so far behind the first one's. */
#ifndef KSHIM_PERCPU_H
#define KSHIM_PERCPU_H

#include <linux/slab.h>

#define KSHIM_CPUS		2
#define KSHIM_CPU_STRIDE	((size_t)1 << 20)

#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < KSHIM_CPUS; (cpu)++)
#define per_cpu_ptr(p, cpu) \
	((__typeof__(p))((uintptr_t)(p) + (size_t)(cpu) * KSHIM_CPU_STRIDE))

/* The tests have few of them. */
static inline void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t flags)
{
	size_t cpu;
	char *p;

	(void)flags;
	kshim_allocated++;
	if (kshim_fail && !--kshim_fail)
		return NULL;
	p = aligned_alloc(align, (KSHIM_CPUS - 1) * KSHIM_CPU_STRIDE + size);
	for (cpu = 0; p && cpu < KSHIM_CPUS * size; cpu++)
		per_cpu_ptr(p, cpu / size)[cpu % size] = 0;
	return p;
}

static inline void free_percpu(void *p)
{
	free(p);
}

#endif
