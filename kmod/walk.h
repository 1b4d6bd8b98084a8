/* SPDX-License-Identifier: GPL-2.0 */
/* Walks through an rhashtable that pause: for who may sleep, and must not miss anything. */
#ifndef SVCNAT_WALK_H
#define SVCNAT_WALK_H

#include <linux/rhashtable.h>

/* Between two pauses. */
#define SVCNAT_WALK_BATCH	256

/*
 * Start, or go on. An iterator that is stopped remembers its entry, and how many of
 * the bucket's come before it. When the entry is gone, the number may be wrong, and
 * others would be left out: then the bucket is begun anew. 0, or -EAGAIN: entries may
 * come twice. Either way svcnat_walk_stop() must follow. Between the two: RCU, atomic.
 */
static inline int svcnat_walk_start(struct rhashtable_iter *iter)
	__acquires(RCU)
{
	bool placed = iter->p;
	int err;

	err = rhashtable_walk_start_check(iter);
	if (!err && placed && !iter->p) {
		iter->skip = 0;
		err = -EAGAIN;
	}
	/* Of the table that is gone. Not every kernel sees to it. */
	if (err)
		iter->p = NULL;
	return err;
}

static inline void svcnat_walk_stop(struct rhashtable_iter *iter)
	__releases(RCU)
{
	rhashtable_walk_stop(iter);
}

/* A pause after each batch; seen: how many there were so far. */
static inline void svcnat_walk_pause(struct rhashtable_iter *iter, u32 seen)
	__must_hold(RCU)
{
	if (seen % SVCNAT_WALK_BATCH)
		return;
	svcnat_walk_stop(iter);
	cond_resched();
	svcnat_walk_start(iter);
}

#endif /* SVCNAT_WALK_H */
