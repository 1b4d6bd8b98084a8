/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last changes, for watchers that come back: a ring that forgets the
 * oldest. Endpoints of large services are large, and each change has all of
 * them: the ring is bounded by the addresses in it as well.
 */
#ifndef SVCNAT_HISTORY_H
#define SVCNAT_HISTORY_H

#include "registry.h"

#define HISTORY_ADDRESSES	65536	/* some 64 MiB */

struct history {
	struct registry_event *ring;
	size_t room, first, n;
	size_t addresses;	/* in the Endpoints that are kept */
	uint64_t floor;		/* every change after this version is kept */
};

/* floor: the version from which on there will be changes. -ENOMEM. */
int history_init(struct history *h, size_t room, uint64_t floor);
void history_exit(struct history *h);
/* References to the objects are taken. */
void history_add(struct history *h, const struct registry_event *ev);
int history_replay(const struct history *h, const struct resource *res, uint64_t since,
		   registry_listener *fn, void *ctx);

/* A registry_event that owns its objects. */
struct registry_event history_hold(const struct registry_event *ev);
void history_drop(struct registry_event *ev);

#endif
