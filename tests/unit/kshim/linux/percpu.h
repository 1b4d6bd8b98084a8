/* SPDX-License-Identifier: GPL-2.0 */
/* Two processors; a test says which one it is on, and what comes in between. */
#ifndef KSHIM_PERCPU_H
#define KSHIM_PERCPU_H

#include <linux/slab.h>

#define KSHIM_CPUS	2

static int kshim_cpu __attribute__((unused));
static void (*kshim_interrupt)(void) __attribute__((unused));	/* before a compare-and-swap */

#define DEFINE_PER_CPU(type, name)	__typeof__(type) name[KSHIM_CPUS]
#define per_cpu(name, cpu)		((name)[cpu])
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < KSHIM_CPUS; (cpu)++)

static inline void kshim_interrupted(void)
{
	void (*interrupt)(void) = kshim_interrupt;

	kshim_interrupt = NULL;
	if (interrupt)
		interrupt();
}

#define this_cpu_read(name)		READ_ONCE((name)[kshim_cpu])
#define this_cpu_cmpxchg(name, old, new) ({				\
	__typeof__((name)[0]) kshim_new = (new);			\
									\
	kshim_interrupted();						\
	__sync_val_compare_and_swap(&(name)[kshim_cpu], old, kshim_new);	\
})

/* ---- from the allocator: the second CPU's is so far behind the first one's */

#define KSHIM_CPU_STRIDE	((size_t)1 << 20)

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
