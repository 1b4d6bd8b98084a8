/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel boundary as a list in memory, with the rules of the uapi header:
 * keys, owners, taken frontends, limits, syncs. A test can look into it, make
 * calls fail, and see which were made.
 */
#ifndef SVCNAT_KERNEL_FAKE_H
#define SVCNAT_KERNEL_FAKE_H

#include "kernel.h"

#include <stdbool.h>

enum kernel_fake_op {
	KERNEL_FAKE_SET,
	KERNEL_FAKE_DEL,
	KERNEL_FAKE_LIST,
	KERNEL_FAKE_SETTINGS_SET,
	KERNEL_FAKE_SETTINGS_GET,
	KERNEL_FAKE_SYNC_BEGIN,
	KERNEL_FAKE_SYNC_END,
	KERNEL_FAKE_FLUSH,
	KERNEL_FAKE_RESOLVE,
	KERNEL_FAKE_HOLD,
	KERNEL_FAKE_ANY,	/* any of them but HOLD */
};

/* kernel_close() only counts, so that one fake serves many command lines. */
struct kernel *kernel_fake_open(void);
void kernel_fake_free(struct kernel *k);

/* kernel_close() calls so far. */
unsigned int kernel_fake_closed(const struct kernel *k);

/* The table, in the order of the ids. Valid until the next call. */
const struct kservices *kernel_fake_services(const struct kernel *k);
const struct ksettings *kernel_fake_settings(const struct kernel *k);

/* NULL: not there. */
const struct kservice *kernel_fake_find(const struct kernel *k, const char *name, uint8_t family,
					uint8_t proto);

/* The nth call of op from now, the next being 1, fails with -code; code 0: forget it. */
void kernel_fake_fail(struct kernel *k, enum kernel_fake_op op, unsigned int nth, int code);

/* From now on, every call fails with -code; 0: none does. */
void kernel_fake_break(struct kernel *k, int code);

/* Calls so far, failed ones included. */
unsigned int kernel_fake_calls(const struct kernel *k, enum kernel_fake_op op);

/* Each write so far that succeeded: "set web; del web; sync_begin; ...". */
const char *kernel_fake_log(const struct kernel *k);
void kernel_fake_clear_log(struct kernel *k);

/* Forget the table and the settings, as a module that was loaded anew. */
void kernel_fake_reset(struct kernel *k);

#endif
