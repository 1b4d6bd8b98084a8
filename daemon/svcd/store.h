/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk: one SQLite file, one row an object, and a log of the last changes.
 * What store_commit() has answered with 0 survives any crash (WAL,
 * synchronous=FULL); what came before a failed commit is as if it never was.
 * One svcd at a time has the file; other programs may read it meanwhile.
 */
#ifndef SVCNAT_STORE_H
#define SVCNAT_STORE_H

#include "err.h"

#include <jansson.h>
#include <stdint.h>

struct store;

/*
 * -EBUSY: another process has it; -EUCLEAN: damaged or not ours; -EPROTO: of a
 * newer svcd. What is refused is left as it is.
 */
int store_open(struct store **out, const char *path, struct err *e);
void store_close(struct store *s);

/* Far below 2^63, which is SQLite's and many a client's limit. */
#define STORE_VERSION_MAX	(INT64_MAX / 2)

/* The version that the last commit left, 1 to STORE_VERSION_MAX; 1 in a new file. */
uint64_t store_version(const struct store *s);
/* Every change after this version is in the log. */
uint64_t store_floor(const struct store *s);

/* fn for each object; its return value other than 0 ends the walk and is returned. */
int store_load(struct store *s, int (*fn)(void *ctx, const char *resource, json_t *object),
	       void *ctx, struct err *e);

/* A row of the log. All is borrowed. */
struct store_change {
	uint64_t version;
	const char *resource, *ns, *name;
	json_t *old;		/* what the object was before; NULL: it was not there */
	size_t bytes;		/* of old's text; 0: NULL */
};

/* fn for each change after the floor, the newest first; as above. */
int store_load_log(struct store *s, int (*fn)(void *ctx, const struct store_change *c),
		   void *ctx, struct err *e);

/*
 * begin, any number of put and del, then commit or rollback. After a failed
 * put, del or commit the transaction is rolled back already.
 * -ENOSPC: disk full or over a limit; -EROFS; -EIO; -EUCLEAN.
 *
 * put and del log what the object was before; bytes is the length of its text.
 * The version of a put is the object's own. commit forgets the changes up to
 * floor.
 */
int store_begin(struct store *s, struct err *e);
int store_put(struct store *s, const char *resource, const json_t *object, size_t *bytes,
	      struct err *e);
int store_del(struct store *s, const char *resource, const char *ns, const char *name,
	      uint64_t version, size_t *bytes, struct err *e);
int store_commit(struct store *s, uint64_t version, uint64_t floor, struct err *e);
void store_rollback(struct store *s);

/* At most so many pages from now on; for tests of a full disk. 0: no limit. */
int store_limit(struct store *s, unsigned int pages);

#endif
