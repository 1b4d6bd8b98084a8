// SPDX-License-Identifier: GPL-2.0
#include "version.h"

#include "txn.h"

#include <stdlib.h>
#include <sys/random.h>

/* Above what any clock that is right says, and far enough below what the store takes. */
#define CLOCK_MAX	(STORE_VERSION_MAX / 2)
#define USEC_PER_SEC	1000000
#define STEP_BITS	20

/* The wall clock in microseconds; 0 when it is before the epoch. */
static uint64_t clock_usec(const struct registry *r)
{
	struct timespec ts = { 0 };

	if (r->config.now)
		ts.tv_sec = txn_now(r);
	else
		clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec < 0)
		return 0;
	if (ts.tv_sec >= CLOCK_MAX / USEC_PER_SEC)
		return CLOCK_MAX;
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

uint64_t version_base(const struct registry *r)
{
	uint64_t now = clock_usec(r);

	return r->version < now ? now : r->version + r->step;
}

bool version_is_future(const struct registry *r, uint64_t version)
{
	return version > r->version && version > clock_usec(r);
}

uint64_t version_random_step(void)
{
	uint64_t step;

	if (getrandom(&step, sizeof(step), 0) != sizeof(step))
		abort();
	return step >> (64 - STEP_BITS);
}
