// SPDX-License-Identifier: GPL-2.0
#include "vfs_fault.h"

#include "jx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a write or a truncation replaced. */
struct vfs_unsynced {
	struct vfs_unsynced *next;
	char path[256];
	sqlite3_int64 at, size;		/* size: of the file before */
	int n;
	unsigned char old[];
};

struct file {
	sqlite3_file base;
	struct vfs_fault *f;
	char path[256];
	sqlite3_file *real;
};

static struct file *file_of(sqlite3_file *base)
{
	return (struct file *)base;
}

/* SQLITE_OK, or how the call fails. */
static int call(struct vfs_fault *f, int otherwise)
{
	static const int errors[] = {
		[VFS_FAULT_FULL] = ENOSPC, [VFS_FAULT_HALF] = ENOSPC, [VFS_FAULT_IO] = EIO,
		[VFS_FAULT_READ_ONLY] = EROFS,
	};

	f->calls++;
	if (f->hook && f->calls == f->at)
		f->hook(f->ctx);
	if (!f->fails || !f->at || f->calls < f->at || (f->calls > f->at && !f->stays))
		return SQLITE_OK;
	errno = errors[f->kind];
	return f->kind <= VFS_FAULT_HALF && otherwise == SQLITE_IOERR_WRITE ? SQLITE_FULL :
									      otherwise;
}

static void remember(struct file *x, sqlite3_int64 at, int n)
{
	struct vfs_unsynced *u = jx_must(calloc(1, sizeof(*u) + n));

	strcpy(u->path, x->path);
	u->at = at;
	u->n = n;
	x->real->pMethods->xFileSize(x->real, &u->size);
	if (n)
		x->real->pMethods->xRead(x->real, u->old, n, at);
	u->next = x->f->unsynced;
	x->f->unsynced = u;
}

static void forget(struct vfs_fault *f, const char *path)
{
	struct vfs_unsynced **p = &f->unsynced, *u;

	while ((u = *p)) {
		if (path && strcmp(u->path, path)) {
			p = &u->next;
			continue;
		}
		*p = u->next;
		free(u);
	}
}

static int x_close(sqlite3_file *base)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xClose(x->real);
}

static int x_read(sqlite3_file *base, void *buf, int n, sqlite3_int64 at)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xRead(x->real, buf, n, at);
}

static int x_write(sqlite3_file *base, const void *buf, int n, sqlite3_int64 at)
{
	struct file *x = file_of(base);
	int code, sys;

	remember(x, at, n);
	code = call(x->f, SQLITE_IOERR_WRITE);
	if (code == SQLITE_OK)
		return x->real->pMethods->xWrite(x->real, buf, n, at);
	sys = errno;
	if (x->f->kind == VFS_FAULT_HALF)
		x->real->pMethods->xWrite(x->real, buf, n / 2, at);
	errno = sys;
	return code;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *x = file_of(base);
	int code = call(x->f, SQLITE_IOERR_TRUNCATE);

	return code == SQLITE_OK ? x->real->pMethods->xTruncate(x->real, size) : code;
}

static int x_sync(sqlite3_file *base, int flags)
{
	struct file *x = file_of(base);
	int code = call(x->f, SQLITE_IOERR_FSYNC);

	(void)flags;
	x->f->syncs++;
	if (code == SQLITE_OK)
		forget(x->f, x->path);
	return code;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *size)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xFileSize(x->real, size);
}

static int x_lock(sqlite3_file *base, int level)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xLock(x->real, level);
}

static int x_unlock(sqlite3_file *base, int level)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xUnlock(x->real, level);
}

static int x_reserved(sqlite3_file *base, int *out)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xCheckReservedLock(x->real, out);
}

static int x_control(sqlite3_file *base, int op, void *arg)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xFileControl(x->real, op, arg);
}

static int x_sector(sqlite3_file *base)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xSectorSize(x->real);
}

/* Nothing that would let SQLite leave out a sync. */
static int x_traits(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static int x_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
	struct file *x = file_of(base);
	int code = extend ? call(x->f, SQLITE_IOERR_SHMSIZE) : SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	return x->real->pMethods->xShmMap(x->real, region, size, extend, out);
}

static int x_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xShmLock(x->real, offset, n, flags);
}

static void x_shm_barrier(sqlite3_file *base)
{
	struct file *x = file_of(base);

	x->real->pMethods->xShmBarrier(x->real);
}

static int x_shm_unmap(sqlite3_file *base, int del)
{
	struct file *x = file_of(base);

	return x->real->pMethods->xShmUnmap(x->real, del);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = x_close, .xRead = x_read, .xWrite = x_write, .xTruncate = x_truncate,
	.xSync = x_sync, .xFileSize = x_size, .xLock = x_lock, .xUnlock = x_unlock,
	.xCheckReservedLock = x_reserved, .xFileControl = x_control, .xSectorSize = x_sector,
	.xDeviceCharacteristics = x_traits, .xShmMap = x_shm_map, .xShmLock = x_shm_lock,
	.xShmBarrier = x_shm_barrier, .xShmUnmap = x_shm_unmap,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
		  int *out_flags)
{
	struct vfs_fault *f = vfs->pAppData;
	struct file *x = file_of(base);
	int code;

	x->base.pMethods = NULL;
	code = call(f, SQLITE_CANTOPEN);
	if (code != SQLITE_OK)
		return code;
	x->f = f;
	x->real = (sqlite3_file *)(x + 1);
	snprintf(x->path, sizeof(x->path), "%s", name ? name : "");
	code = f->real->xOpen(f->real, name, x->real, flags, out_flags);
	if (code == SQLITE_OK)
		x->base.pMethods = &methods;
	return code;
}

static int x_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct vfs_fault *f = vfs->pAppData;
	int code = call(f, SQLITE_IOERR_DELETE);

	(void)sync;
	if (code == SQLITE_OK)
		forget(f, name);
	return code == SQLITE_OK ? f->real->xDelete(f->real, name, 0) : code;
}

void vfs_fault_install(struct vfs_fault *f)
{
	f->real = sqlite3_vfs_find(NULL);
	f->vfs = *f->real;
	f->vfs.zName = "fault";
	f->vfs.szOsFile = sizeof(struct file) + f->real->szOsFile;
	f->vfs.pAppData = f;
	f->vfs.xOpen = x_open;
	f->vfs.xDelete = x_delete;
	sqlite3_vfs_register(&f->vfs, 1);
}

void vfs_fault_remove(struct vfs_fault *f)
{
	sqlite3_vfs_unregister(&f->vfs);
	sqlite3_vfs_register(f->real, 1);
	forget(f, NULL);
}

static void take_back(const struct vfs_unsynced *u, const char *from, const char *to)
{
	char path[512];
	int fd, keep = u->n;

	snprintf(path, sizeof(path), "%s%s", to, u->path + strlen(from));
	fd = open(path, O_RDWR);
	if (fd < 0)
		return;
	/* A sector may have come through, and the rest not. */
	if (rand() % 4 == 0 && u->n > 512)
		keep = 512;
	if (u->at + u->n > u->size && keep == u->n && ftruncate(fd, u->size) < 0)
		abort();
	if (u->at < u->size && pwrite(fd, u->old + (u->n - keep), keep, u->at + (u->n - keep)) < 0)
		abort();
	close(fd);
}

void vfs_fault_lose_power(const struct vfs_fault *f, const char *from, const char *to)
{
	bool all = rand() % 2;

	for (const struct vfs_unsynced *u = f->unsynced; u; u = u->next)
		if (!strncmp(u->path, from, strlen(from)) && (all || rand() % 2))
			take_back(u, from, to);
}
