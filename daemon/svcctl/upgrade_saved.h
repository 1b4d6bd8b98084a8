/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each namespace has to get back, in a file of its own: DIR/COOKIE.txt (the
 * number that SO_NETNS_COOKIE knows it by), as
 * "svcctl save" prints it. It lies there from before the module goes until all
 * of it is back, so that an upgrade that is killed can be finished.
 */
#ifndef SVCNAT_SVCCTL_UPGRADE_SAVED_H
#define SVCNAT_SVCCTL_UPGRADE_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct kernel;

#define UPGRADE_PATH_MAX	512

/*
 * Make the folder, and be the only one at it: a descriptor, which is to be closed.
 * -EBUSY: another upgrade is.
 */
int upgrade_saved_lock(const char *dir, struct err *e);

void upgrade_saved_path(char path[UPGRADE_PATH_MAX], const char *dir, uint64_t cookie);

/* All of k, whole or not at all. */
int upgrade_saved_write(const char *dir, uint64_t cookie, struct kernel *k, struct err *e);

bool upgrade_saved_exists(const char *dir, uint64_t cookie);
void upgrade_saved_remove(const char *dir, uint64_t cookie);

/* Not to be finished by the next upgrade, but kept for who looks after it; path: where. */
int upgrade_saved_set_aside(const char *dir, uint64_t cookie, char path[UPGRADE_PATH_MAX],
			    struct err *e);

/* Call back for each file there is; fn NULL: for none. Returns how many there are. */
size_t upgrade_saved_each(const char *dir, void (*fn)(uint64_t cookie, void *arg), void *arg);

#endif
