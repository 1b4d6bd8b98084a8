/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which number the next change gets, and what a number says about where it is
 * from.
 *
 * A client comes back with the version that it knows, after a restart of svcd,
 * or of the machine, or after somebody put an older copy of the database in
 * place, or none. It must go on without a list if this database is the one
 * that it knew, and must be told to list (410) if it is another. A number is
 * all that it brings. So:
 *
 * - A version is the time of its transaction, in microseconds since 1970, or
 *   one more than the one before if that is larger. Two databases that stood
 *   here one after the other thus do not have the same numbers, whatever became
 *   of them: a copy that was put back goes on after its own past, with numbers
 *   after those of the database whose place it took.
 * - When the clock does not lead, because it was set back, the first change
 *   after a start makes a random step, so that a copy and its original part
 *   ways all the same.
 * - A number is good only if it is one that this database has had (history.h),
 *   not if it only lies between two.
 * - A number after the last one but not after the clock is not from the
 *   future: only another database here can have given it out.
 *
 * What has to be on the disk for it is only what each change writes anyway: a
 * start needs no write, and on a full disk what is there can be served.
 */
#ifndef SVCNAT_VERSION_H
#define SVCNAT_VERSION_H

#include <stdbool.h>
#include <stdint.h>

struct registry;

/* The first change of the next transaction gets one more than this. */
uint64_t version_base(const struct registry *r);

/* Later than the present one: can it not have been given out yet by anybody? */
bool version_is_future(const struct registry *r, uint64_t version);

/* Of the step above. */
uint64_t version_random_step(void);

#endif
