/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file system between SQLite and the disk that fails when it is told to, and
 * that knows what a loss of power would take: what was written and not synced.
 * It never waits for the disk itself.
 */
#ifndef VFS_FAULT_H
#define VFS_FAULT_H

#include <sqlite3.h>
#include <stdbool.h>

enum vfs_fault_kind {
	VFS_FAULT_FULL,		/* the disk is full */
	VFS_FAULT_HALF,		/* it is, after half of what was to be written */
	VFS_FAULT_IO,		/* it is broken */
	VFS_FAULT_READ_ONLY,	/* it was mounted anew, for reading only */
};

struct vfs_unsynced;

struct vfs_fault {
	unsigned int calls;	/* that change something: writes, syncs, truncations, ... */
	unsigned int syncs;	/* among them: a commit has one, or a few */
	unsigned int at;	/* the call that something happens at, from 1; 0: none */
	bool fails, stays;	/* it fails; so do all after it */
	enum vfs_fault_kind kind;
	void (*hook)(void *ctx);	/* called before the call; NULL: none */
	void *ctx;

	sqlite3_vfs vfs, *real;
	struct vfs_unsynced *unsynced;	/* the newest first */
};

/* Zero f to start with. From now on SQLite uses it. */
void vfs_fault_install(struct vfs_fault *f);
void vfs_fault_remove(struct vfs_fault *f);

/*
 * In a copy of the files, which has to be in the folder to: take back some of
 * what was not synced in the folder from, chosen by rand().
 */
void vfs_fault_lose_power(const struct vfs_fault *f, const char *from, const char *to);

#endif
