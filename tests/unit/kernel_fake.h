/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel boundary as a list in memory, with the rules of the uapi header:
 * keys, owners, taken frontends, limits, syncs, events. A test can look into
 * it, put into it what packets would, make calls fail, and see which were made.
 */
#ifndef SVCNAT_KERNEL_FAKE_H
#define SVCNAT_KERNEL_FAKE_H

#include "kernel.h"

#include <stdbool.h>

enum kernel_fake_op {
	KERNEL_FAKE_SET,
	KERNEL_FAKE_DEL,
	KERNEL_FAKE_ENDPOINT_SET,
	KERNEL_FAKE_ENDPOINT_DEL,
	KERNEL_FAKE_LIST,
	KERNEL_FAKE_WALK_OPEN,
	KERNEL_FAKE_WALK_READ,
	KERNEL_FAKE_SETTINGS_SET,
	KERNEL_FAKE_SETTINGS_GET,
	KERNEL_FAKE_SYNC_BEGIN,
	KERNEL_FAKE_SYNC_END,
	KERNEL_FAKE_FLUSH,
	KERNEL_FAKE_STATS_GET,
	KERNEL_FAKE_AFFINITY_LIST,
	KERNEL_FAKE_AFFINITY_FLUSH,
	KERNEL_FAKE_RESOLVE,
	KERNEL_FAKE_EVENTS_OPEN,
	KERNEL_FAKE_EVENTS_READ,
	KERNEL_FAKE_HOLD,
	KERNEL_FAKE_ANY,	/* any of them but EVENTS_READ and HOLD */
};

/* Services in one read of a walk. */
#define KERNEL_FAKE_WALK_PART	3

/* kernel_close() only counts, so that one fake serves many command lines. */
struct kernel *kernel_fake_open(void);
void kernel_fake_free(struct kernel *k);

/* kernel_close() calls so far. */
unsigned int kernel_fake_closed(const struct kernel *k);

/* The table, in the order of the ids. Valid until the next call. */
const struct kservices *kernel_fake_services(const struct kernel *k);
const struct ksettings *kernel_fake_settings(const struct kernel *k);
/* It is "1.2.3" unless this is said. */
void kernel_fake_set_version(struct kernel *k, const char *version);

/* NULL: not there. */
const struct kservice *kernel_fake_find(const struct kernel *k, const char *name, uint8_t family,
					uint8_t proto);

/* The nth call of op from now, the next being 1, fails with -code; code 0: forget it. */
void kernel_fake_fail(struct kernel *k, enum kernel_fake_op op, unsigned int nth, int code);

/* From now on, each SERVICE_SET of this name fails with -code; NULL: none does. */
void kernel_fake_refuse(struct kernel *k, const char *name, int code);

/* From now on, every call fails with -code; 0: none does. */
void kernel_fake_break(struct kernel *k, int code);

/* Calls so far, failed ones included. */
unsigned int kernel_fake_calls(const struct kernel *k, enum kernel_fake_op op);

/*
 * Each write so far that succeeded: "set web; del web; epset web; epdel web;
 * settings; sync_begin; sync_end; flush; affinity_flush; ...".
 */
const char *kernel_fake_log(const struct kernel *k);
void kernel_fake_clear_log(struct kernel *k);

/* Writes with KERNEL_DEFER since the last one that ended the stale connections. */
unsigned int kernel_fake_deferred(const struct kernel *k);

/* What AFFINITY_GET shows; it goes with its service or endpoint, if they are there. */
void kernel_fake_add_affinity(struct kernel *k, const struct kaffinity *a);

/* What STATS_GET answers. */
void kernel_fake_set_stats(struct kernel *k, const struct kstats *s);

/*
 * As kernel_fake_find(), to write into it the counters that SERVICE_GET with
 * kfilter.stats tells: counts, and those of the endpoints.
 */
struct kservice *kernel_fake_counters(struct kernel *k, const char *name, uint8_t family,
				      uint8_t proto);

/*
 * Events. They are kept from events_open() on; that a test has called it before
 * the code under test does no harm. events_fd() is readable while there is
 * something that events_read() has not told: an event, a loss, or an error that
 * was ordered with kernel_fake_fail(k, KERNEL_FAKE_EVENTS_READ, ...).
 */
/* The next events_read() says -ENOBUFS, and what was there to be read is gone. */
void kernel_fake_lose_events(struct kernel *k);
/* From now on, an event of a service has at most so many members; 0: any number. */
void kernel_fake_split_events(struct kernel *k, size_t members);

/* Forget all but the calls and the log, as a module that was loaded anew. */
void kernel_fake_reset(struct kernel *k);

#endif
