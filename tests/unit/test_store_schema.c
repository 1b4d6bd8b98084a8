// SPDX-License-Identifier: GPL-2.0
/* Databases of every format that there was, as the svcd of that time made them. */
#include "registry_help.h"
#include "store.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FORMAT	2	/* the present one */
#define VERSION	1600000000000007
#define UID	"00000000-0000-4000-8000-00000000000"
#define META(name, n) "\"metadata\":{\"name\":\"" name "\"," n \
	"\"creationTimestamp\":\"2020-09-13T12:26:40Z\"}"

/* What a svcd of format 1 had after the default namespace and one Service. */
static const char objects[] =
	"INSERT INTO object VALUES('namespaces', '', 'default', '" UID "1', 1600000000000002, "
	"'{\"kind\":\"Namespace\",\"apiVersion\":\"v1\","
	META("default", "\"uid\":\"" UID "1\",\"resourceVersion\":\"1600000000000002\",")
	",\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}');"
	"INSERT INTO object VALUES('services', 'default', 'web', '" UID "2', 1600000000000005, "
	"'{\"kind\":\"Service\",\"apiVersion\":\"v1\","
	META("web", "\"namespace\":\"default\",\"uid\":\"" UID "2\",\"resourceVersion\":"
		    "\"1600000000000005\",")
	",\"spec\":{\"ports\":[{\"protocol\":\"TCP\",\"port\":80,\"targetPort\":80}],"
	"\"clusterIP\":\"10.96.7.7\",\"clusterIPs\":[\"10.96.7.7\"],\"type\":\"ClusterIP\","
	"\"sessionAffinity\":\"None\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":"
	"\"SingleStack\",\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":"
	"{}}}');";

static const char *const formats[] = {
	"CREATE TABLE object(resource TEXT NOT NULL, namespace TEXT NOT NULL, "
	"name TEXT NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, "
	"UNIQUE(resource, namespace, name));"
	"CREATE TABLE state(version INTEGER NOT NULL);"
	"INSERT INTO state(version) VALUES(1600000000000007);"
	"PRAGMA application_id = 0x73766364;"
	"PRAGMA user_version = 1;",

	"CREATE TABLE object(resource TEXT NOT NULL, namespace TEXT NOT NULL, "
	"name TEXT NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, "
	"UNIQUE(resource, namespace, name));"
	"CREATE TABLE state(version INTEGER NOT NULL, floor INTEGER NOT NULL DEFAULT 0);"
	"INSERT INTO state(version, floor) VALUES(1600000000000007, 1600000000000007);"
	"CREATE TABLE change(version INTEGER PRIMARY KEY, resource TEXT NOT NULL, "
	"namespace TEXT NOT NULL, name TEXT NOT NULL, old TEXT);"
	"PRAGMA application_id = 0x73766364;"
	"PRAGMA user_version = 2;",
};

static void make(struct registry_help *h, const char *ddl)
{
	sqlite3 *db;

	registry_close(h->r);
	h->r = NULL;
	assert_int_equal(unlink(h->path), 0);
	assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) ||
	    sqlite3_exec(db, ddl, NULL, NULL, NULL) || sqlite3_exec(db, objects, NULL, NULL, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int64_t ask(struct registry_help *h, const char *query)
{
	sqlite3_stmt *q;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void ignore(void *ctx, const struct registry_event *ev)
{
	(void)ctx;
	(void)ev;
}

static void test_brought_up_to_date(void **state)
{
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		make(h, formats[i]);
		assert_int_equal(ask(h, "PRAGMA user_version"), i + 1);
		registry_help_open(h);
		assert_int_equal(ask(h, "PRAGMA user_version"), FORMAT);
		assert_int_equal(registry_help_get(h, "services", "web"), 200);
		assert_string_equal(registry_help_value(h, "spec.clusterIP"), "10.96.7.7");
		assert_string_equal(registry_help_value(h, "metadata.resourceVersion"),
				    "1600000000000005");
		/* What came before the log is not known, its beginning is. */
		assert_int_equal(registry_replay(h->r, registry_help_type("services"), VERSION,
						 ignore, NULL), 0);
		assert_int_equal(registry_replay(h->r, registry_help_type("services"),
						 VERSION - 2, ignore, NULL), -ESTALE);
		assert_int_equal(registry_help_delete(h, "services", "web"), 200);
		registry_help_reopen(h);
		assert_int_equal(registry_help_get(h, "services", "web"), 404);
		assert_int_equal(registry_replay(h->r, registry_help_type("services"), VERSION,
						 ignore, NULL), 0);
	}
	/* The table above must have every format. */
	assert_int_equal(sizeof(formats) / sizeof(formats[0]), FORMAT);
}

/* The tables that are made anew are those that an old database ends up with. */
static void test_same_tables(void **state)
{
	static const char columns[] =
		"SELECT count(*) FROM pragma_table_info('object') o JOIN "
		"pragma_table_info('state') s JOIN pragma_table_info('change') c";
	struct registry_help *h = *state;
	int64_t fresh = ask(h, columns);

	assert_int_equal(fresh, 6 * 2 * 5);
	make(h, formats[0]);
	registry_help_open(h);
	assert_int_equal(ask(h, columns), fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_brought_up_to_date), T(test_same_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
