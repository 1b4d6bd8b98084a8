/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that a seed gives again. */
#ifndef SVCNAT_FUZZ_RANDOM_H
#define SVCNAT_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* splitmix64, by Sebastiano Vigna, in the public domain: a counter and a mixer. */
static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* 0 to n - 1; of 0: 0 */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
	return n ? random_next(r) % n : 0;
}

/* Once in n times. */
static inline bool random_once_in(struct random *r, uint64_t n)
{
	return !random_below(r, n);
}

#endif
