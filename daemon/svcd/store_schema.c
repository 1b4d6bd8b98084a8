// SPDX-License-Identifier: GPL-2.0
/*
 * The tables, and how they came to be. A step is never changed once a release
 * had it: what is to be different is a new step.
 */
#include "err.h"
#include "store_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define APPLICATION_ID	0x73766364	/* "svcd" */

/* [n] makes format n + 1 of format n; 0 is an empty file. */
static const char *const steps[] = {
	"CREATE TABLE object(resource TEXT NOT NULL, namespace TEXT NOT NULL, "
	"name TEXT NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, "
	"UNIQUE(resource, namespace, name));"
	"CREATE TABLE state(version INTEGER NOT NULL);"
	"INSERT INTO state(version) VALUES(1);"
	"PRAGMA application_id = 0x73766364;",

	/*
	 * The log: for each change what the object was before; NULL: it was not
	 * there. What it became stands in its next row, or in object. Each change
	 * after the version "floor" is in it.
	 */
	"CREATE TABLE change(version INTEGER PRIMARY KEY, resource TEXT NOT NULL, "
	"namespace TEXT NOT NULL, name TEXT NOT NULL, old TEXT);"
	"ALTER TABLE state ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;"
	"UPDATE state SET floor = version;",
};

#define NSTEPS	((int64_t)(sizeof(steps) / sizeof(steps[0])))

int store_schema_check(struct store *s, struct err *e)
{
	int64_t id, version, tables;
	int rc;

	rc = store_number(s, "PRAGMA application_id", &id, e);
	if (!rc)
		rc = store_number(s, "PRAGMA user_version", &version, e);
	if (!rc)
		rc = store_number(s, "SELECT count(*) FROM sqlite_master", &tables, e);
	if (rc)
		return rc;
	if (id != APPLICATION_ID || version < 1 || !tables)
		return err_set(e, EUCLEAN, "%s is not a database of svcd; name another folder, or "
			       "move it away to start with nothing", s->path);
	if (version > NSTEPS)
		return err_set(e, EPROTO,
			       "%s was written by a newer svcd (format %" PRId64 ", this one knows "
			       "%" PRId64 "); install that version, or put back a copy of before",
			       s->path, version, NSTEPS);
	return 0;
}

static int step(struct store *s, int64_t from, struct err *e)
{
	char version[64];
	int rc;

	snprintf(version, sizeof(version), "PRAGMA user_version = %" PRId64, from + 1);
	rc = store_run(s, "BEGIN EXCLUSIVE", e);
	if (!rc)
		rc = store_run(s, steps[from], e);
	if (!rc)
		rc = store_run(s, version, e);
	if (!rc)
		rc = store_run(s, "COMMIT", e);
	if (rc)
		store_rollback(s);
	return rc;
}

int store_schema_migrate(struct store *s, struct err *e)
{
	int64_t version = 0;
	int rc;

	rc = store_number(s, "PRAGMA user_version", &version, e);
	while (!rc && version < NSTEPS) {
		rc = step(s, version, e);
		version++;
	}
	return rc;
}
