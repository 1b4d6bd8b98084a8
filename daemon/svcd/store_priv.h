/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the store share: the connection, and how it speaks of errors. */
#ifndef SVCNAT_STORE_PRIV_H
#define SVCNAT_STORE_PRIV_H

#include "store.h"

#include <sqlite3.h>
#include <stdbool.h>

enum statement { OLD, LOG, PUT, DEL, TRIM, STATE, BEGIN, COMMIT, SEEN, NSTATEMENTS };

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmt[NSTATEMENTS];
	uint64_t version, floor;
	int64_t seen;			/* what changes when another connection writes */
	char *path;
	int fd;				/* holds the lock; -1: none */
	struct store *next_open;	/* see store_file.c */
};

/* Turn the connection's last error into ours. errno: as the failed call left it. */
int store_explain(const struct store *s, int code, struct err *e);
int store_run(struct store *s, const char *sql, struct err *e);
/* The one number that a query answers. */
int store_number(struct store *s, const char *query, int64_t *out, struct err *e);

/* A database of svcd that this svcd can read? Changes nothing. */
int store_schema_check(struct store *s, struct err *e);
/* Bring it up to date, each step in a transaction of its own. */
int store_schema_migrate(struct store *s, struct err *e);

/* Is a regular file at the path, or nothing? Makes a new database in its place then. */
int store_file_prepare(const struct store *s, struct err *e);
/* -EBUSY: another svcd has it, or this one. */
int store_file_lock(struct store *s, struct err *e);
void store_file_unlock(struct store *s);
/* Changes that were acknowledged and can not be read any more are damage; a torn end is none. */
int store_wal_check(const struct store *s, struct err *e);

#endif
