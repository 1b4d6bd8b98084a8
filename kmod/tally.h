/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of 64 bits, one for each CPU, for those of whom there are very many: from the
 * allocator of per-CPU memory by the block of 64. It looks through all of what it has
 * given out from a chunk for a place, which is most of what a small one costs, and knows
 * nothing smaller than a word and its map.
 */
#ifndef SVCNAT_TALLY_H
#define SVCNAT_TALLY_H

#include <linux/types.h>

enum svcnat_tally {
	SVCNAT_TALLY_ENDPOINT,		/* one counter */
	SVCNAT_TALLY_SERVICE,		/* SVCNAT_TALLY_MANY of them */

	SVCNAT_TALLIES
};

/* Counters of a service. */
#define SVCNAT_TALLY_MANY	8

void svcnat_tally_init(void);

/* All were put back, by callbacks of RCU as well. */
void svcnat_tally_exit(void);

/* Counters that are 0. NULL: no memory. Sleeps. */
void __percpu *svcnat_tally_get(enum svcnat_tally which);

/* NULL is fine. No reader can have them any more. From softirqs, too. */
void svcnat_tally_put(enum svcnat_tally which, void __percpu *counters);

#endif /* SVCNAT_TALLY_H */
