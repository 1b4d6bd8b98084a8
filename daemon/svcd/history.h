/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last changes, for watchers that come back and lists that go on: a ring
 * that forgets the oldest. It is bounded by number, and by the length of what
 * the objects were before (the states that nobody else holds any more). The
 * store keeps the same changes, so that a restart forgets nothing.
 *
 * A version that somebody comes back with is good only if it is one that this
 * very database has had: the floor, or that of a change that is kept. All else
 * is from before, or from another database that stood here (see version.h).
 */
#ifndef SVCNAT_HISTORY_H
#define SVCNAT_HISTORY_H

#include "objects.h"
#include "registry.h"

struct history_entry {
	struct registry_event ev;	/* owns its objects */
	size_t bytes;
};

struct history {
	struct history_entry *ring;
	size_t room, first, n;
	size_t bytes, bytes_max;
	uint64_t floor;		/* every change after this version is kept */
};

/* floor: the version from which on there will be changes. -ENOMEM. */
int history_init(struct history *h, size_t room, size_t bytes_max, uint64_t floor);
void history_exit(struct history *h);
/* References to the objects are taken. bytes: of the text of ev->old. */
void history_add(struct history *h, const struct registry_event *ev, size_t bytes);
/* What the floor will be when these n were added. */
uint64_t history_floor(const struct history *h, const struct registry_event *ev,
		       const size_t *bytes, size_t n);
/* One that was before all that are kept. false: there is no room for it. */
bool history_recall(struct history *h, const struct registry_event *ev, size_t bytes);

/* Did this database have the version, and is all that came after it kept? */
bool history_knows(const struct history *h, uint64_t version);
/* fn for each change of res after since, the oldest first. -ESTALE: since is not known. */
int history_replay(const struct history *h, const struct resource *res, uint64_t since,
		   registry_listener *fn, void *ctx);
/*
 * The objects of res as they were at version; now: as they are. out is to be
 * cleared by the caller. -ESTALE as above.
 */
int history_at(const struct history *h, const struct resource *res, const struct objects *now,
	       uint64_t version, struct objects *out);

/* Take a change back in a set of objects that has it. */
void history_undo(struct objects *o, const struct registry_event *ev);

/* A registry_event that owns its objects. */
struct registry_event history_hold(const struct registry_event *ev);
void history_drop(struct registry_event *ev);

#endif
