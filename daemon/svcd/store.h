/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk: one SQLite file, one row an object. What store_commit() has
 * answered with 0 survives any crash (WAL, synchronous=FULL); what came before
 * a failed commit is as if it never was. One process at a time has the file.
 */
#ifndef SVCNAT_STORE_H
#define SVCNAT_STORE_H

#include "err.h"

#include <jansson.h>
#include <stdint.h>

struct store;

/* -EBUSY: another process has it; -EUCLEAN: damaged or not ours; -EPROTO: of a newer svcd. */
int store_open(struct store **out, const char *path, struct err *e);
void store_close(struct store *s);

/* Far below 2^63, which is SQLite's and many a client's limit. */
#define STORE_VERSION_MAX	(INT64_MAX / 2)

/* The version that the last commit left, 1 to STORE_VERSION_MAX; 1 in a new file. */
uint64_t store_version(const struct store *s);

/* fn for each object; its return value other than 0 ends the walk and is returned. */
int store_load(struct store *s, int (*fn)(void *ctx, const char *resource, json_t *object),
	       void *ctx, struct err *e);

/*
 * begin, any number of put and del, then commit or rollback. After a failed
 * put, del or commit the transaction is rolled back already.
 * -ENOSPC: disk full or over a limit; -EROFS; -EIO; -EUCLEAN.
 */
int store_begin(struct store *s, struct err *e);
int store_put(struct store *s, const char *resource, const json_t *object, struct err *e);
int store_del(struct store *s, const char *resource, const char *ns, const char *name,
	      struct err *e);
int store_commit(struct store *s, uint64_t version, struct err *e);
void store_rollback(struct store *s);

/* At most so many pages from now on; for tests of a full disk. 0: no limit. */
int store_limit(struct store *s, unsigned int pages);

#endif
