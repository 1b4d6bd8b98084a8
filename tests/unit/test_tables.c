// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "columns.h"
#include "table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW	1767225600	/* 2026-01-01T00:00:00Z */

static const struct table_layout plain, wide = { .wide = true },
	everywhere = { .with_namespace = true };

static json_t *parse(const char *json)
{
	json_error_t e;
	json_t *value = json_loads(json, 0, &e);

	if (!value)
		fail_msg("%s: %s", json, e.text);
	return value;
}

static void add(struct table *t, const char *json)
{
	json_t *object = parse(json);

	table_add(t, object, NOW);
	json_decref(object);
}

static void assert_flushes(struct table *t, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(table_flush(t, f), 0);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
}

/* One object, its header line and its line. */
static void assert_row(const char *word, const struct table_layout *layout, const char *json,
		       const char *expected)
{
	struct table *t = table_alloc(resource_by_word(word), layout);

	add(t, json);
	assert_flushes(t, expected);
	table_free(t);
}

#define SVC(spec) "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"," \
	"\"creationTimestamp\":\"2025-12-31T23:59:30Z\"},\"spec\":{" spec "}}"
#define PORT80 "\"ports\":[{\"port\":80,\"protocol\":\"TCP\"}]"

static void test_services(void **state)
{
	(void)state;
	assert_row("svc", &plain, SVC("\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.1.2\"," PORT80),
		   "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n"
		   "web    ClusterIP   10.96.1.2    <none>        80/TCP    30s\n");
	assert_row("svc", &everywhere, SVC("\"type\":\"ClusterIP\",\"clusterIP\":\"None\""),
		   "NAMESPACE   NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n"
		   "shop        web    ClusterIP   None         <none>        <none>    30s\n");
	assert_row("svc", &wide, SVC("\"type\":\"NodePort\",\"clusterIP\":\"fd00::1\","
		"\"externalIPs\":"
				     "[\"192.0.2.1\",\"192.0.2.2\"],\"selector\":{\"tier\":\"a"
				     "\",\"app\":\"w\"},"
				     "\"ports\":[{\"port\":80,\"nodePort\":30080,\"protocol\":"
				     "\"TCP\"},"
				     "{\"port\":53,\"protocol\":\"UDP\"}]"),
		   "NAME   TYPE       CLUSTER-IP   EXTERNAL-IP           PORT(S)              "
		   " AGE   "
		   "SELECTOR\n"
		   "web    NodePort   fd00::1      192.0.2.1,192.0.2.2   80:30080/TCP,53/UDP  "
		   " 30s   "
		   "app=w,tier=a\n");
	assert_row("svc", &plain, SVC("\"type\":\"ExternalName\",\"externalName\":"
		"\"db.example.com\""),
		   "NAME   TYPE           CLUSTER-IP   EXTERNAL-IP      PORT(S)   AGE\n"
		   "web    ExternalName   <none>       db.example.com   <none>    30s\n");
}

static void assert_external(const char *spec, const char *status, const char *expected)
{
	struct table *t = table_alloc(resource_by_word("svc"), &plain);
	char json[512], *text = NULL, *cell;
	size_t len;
	FILE *f;

	snprintf(json, sizeof(json), "{\"metadata\":{\"name\":\"lb\"},\"spec\":{\"type\":"
		 "\"LoadBalancer\"%s},\"status\":{\"loadBalancer\":{%s}}}", spec, status);
	add(t, json);
	f = open_memstream(&text, &len);
	assert_int_equal(table_flush(t, f), 0);
	fclose(f);
	cell = strstr(text, "<none>       ");
	assert_non_null(cell);
	cell += strlen("<none>       ");
	assert_memory_equal(cell, expected, strlen(expected));
	assert_int_equal(cell[strlen(expected)], ' ');
	free(text);
	table_free(t);
}

static void test_load_balancers(void **state)
{
	static const char ips[] = ",\"externalIPs\":[\"192.0.2.1\"]";

	(void)state;
	assert_external("", "", "<pending>");
	assert_external(ips, "", "192.0.2.1");
	assert_external("", "\"ingress\":[{\"ip\":\"203.0.113.7\"},{\"hostname\":\"h.example\"}]",
			"203.0.113.7,h.example");
	assert_external(ips, "\"ingress\":[{\"ip\":\"203.0.113.7\"}]", "203.0.113.7,192.0.2.1");
	assert_external("", "\"ingress\":[{}]", "<pending>");
}

static void test_pods(void **state)
{
	(void)state;
	assert_row("pod", &wide,
		   "{\"metadata\":{\"name\":\"p\",\"creationTimestamp\":\"2025-12-31T23:00:00Z\"},"
		   "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"a\"},{\"name\":"
		   "\"b\"}]},"
		   "\"status\":{\"phase\":\"Running\",\"podIP\":\"10.244.1.10\","
		   "\"containerStatuses\":["
		   "{\"ready\":true,\"restartCount\":2},{\"ready\":false,\"restartCount\":1}]}}",
		   "NAME   READY   STATUS    RESTARTS   AGE   IP            NODE   NOMINATED "
		   "NODE   "
		   "READINESS GATES\n"
		   "p      1/2     Running   3          60m   10.244.1.10   n1     <none>     "
		   "      "
		   "<none>\n");
	assert_row("po", &plain, "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{}]},"
		   "\"status\":{\"phase\":\"Pending\"}}",
		   "NAME   READY   STATUS    RESTARTS   AGE\n"
		   "p      0/1     Pending   0          <unknown>\n");
	assert_row("po", &plain, "{\"metadata\":{\"name\":\"p\",\"deletionTimestamp\":\"x\"},"
		   "\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"state\":{"
		   "\"waiting\":"
		   "{\"reason\":\"CrashLoopBackOff\"}}}]}}",
		   "NAME   READY   STATUS        RESTARTS   AGE\n"
		   "p      0/0     Terminating   0          <unknown>\n");
	assert_row("po", &plain, "{\"metadata\":{\"name\":\"p\"},"
		   "\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"state\":{"
		   "\"waiting\":"
		   "{\"reason\":\"CrashLoopBackOff\"}}}]}}",
		   "NAME   READY   STATUS             RESTARTS   AGE\n"
		   "p      0/0     CrashLoopBackOff   0          <unknown>\n");
}

/* One that came to its end is not ending; a node that is lost ends nothing. */
static void test_pods_that_go(void **state)
{
	(void)state;
	assert_row("po", &plain, "{\"metadata\":{\"name\":\"p\",\"deletionTimestamp\":\"x\"},"
		   "\"status\":{\"phase\":\"Succeeded\"}}",
		   "NAME   READY   STATUS      RESTARTS   AGE\n"
		   "p      0/0     Succeeded   0          <unknown>\n");
	assert_row("po", &plain, "{\"metadata\":{\"name\":\"p\",\"deletionTimestamp\":\"x\"},"
		   "\"status\":{\"phase\":\"Running\",\"reason\":\"NodeLost\"}}",
		   "NAME   READY   STATUS    RESTARTS   AGE\n"
		   "p      0/0     Unknown   0          <unknown>\n");
}

static void test_endpoints(void **state)
{
	(void)state;
	assert_row("ep", &plain, "{\"metadata\":{\"name\":\"e\"},\"subsets\":[{\"addresses\":["
		   "{\"ip\":\"10.0.0.1\"},{\"ip\":\"fd00::1\"}],\"ports\":[{\"port\":80},{"
		   "\"port\":81}]}]}",
		   "NAME   ENDPOINTS                                          AGE\n"
		   "e      10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...   <unknown>\n");
}

static void test_endpoints_none(void **state)
{
	(void)state;
	assert_row("ep", &plain, "{\"metadata\":{\"name\":\"e\"}}",
		   "NAME   ENDPOINTS   AGE\n"
		   "e      <none>      <unknown>\n");
	/* Not ready, so not an endpoint, but not nothing either. */
	assert_row("ep", &plain, "{\"metadata\":{\"name\":\"e\"},\"subsets\":[{"
		"\"notReadyAddresses\":["
		   "{\"ip\":\"10.0.0.1\"}],\"ports\":[{\"port\":80}]}]}",
		   "NAME   ENDPOINTS   AGE\n"
		   "e                  <unknown>\n");
	/* A headless service without ports. */
	assert_row("ep", &plain, "{\"metadata\":{\"name\":\"e\"},\"subsets\":[{\"addresses\":["
		   "{\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.2\"}]}]}",
		   "NAME   ENDPOINTS           AGE\n"
		   "e      10.0.0.1,10.0.0.2   <unknown>\n");
}

static void test_events(void **state)
{
	static const char event[] = "{\"metadata\":{\"name\":\"web.1\"},\"type\":\"Warning\","
		"\"reason\":"
		"\"AddressConflict\",\"involvedObject\":{\"kind\":\"Service\",\"name\":\"web\"},"
		"\"message\":\"one\\ntwo\",\"count\":3,\"firstTimestamp\":\"2025-12-31T00:00:00Z\","
		"\"lastTimestamp\":\"2025-12-31T23:59:59Z\",\"source\":{\"component\":\"svcd\"}}";

	(void)state;
	assert_row("events", &plain, event,
		   "LAST SEEN   TYPE      REASON            OBJECT        MESSAGE\n"
		   "1s          Warning   AddressConflict   service/web   one...\n");
	assert_row("events", &wide, event,
		   "LAST SEEN   TYPE      REASON            OBJECT        SUBOBJECT   SOURCE  "
		   " MESSAGE   "
		   "FIRST SEEN   COUNT   NAME\n"
		   "1s          Warning   AddressConflict   service/web               svcd    "
		   " one...    "
		   "24h          3       web.1\n");
}

/* An object may say anything, but not to the terminal. */
static void test_control_characters(void **state)
{
	(void)state;
	assert_row("ns", &plain, "{\"metadata\":{\"name\":\"a\\u001b[31mb\"},\"status\":{"
		"\"phase\":\"x\\ty\"}}",
		   "NAME       STATUS   AGE\n"
		   "a^[[31mb   x^Iy     <unknown>\n");
	assert_row("ns", &plain, "{\"metadata\":{\"name\":\"\303\244\303\266\303\274\303\237e\"}}",
		   "NAME    STATUS   AGE\n"
		   "\303\244\303\266\303\274\303\237e            <unknown>\n");
}

/* The lines of a watch stay under each other. */
static void test_widths_stay(void **state)
{
	struct table *t = table_alloc(resource_by_word("ns"), &plain);

	(void)state;
	assert_true(table_is_empty(t));
	assert_flushes(t, "");
	add(t, "{\"metadata\":{\"name\":\"longer-name\"},\"status\":{\"phase\":\"Active\"}}");
	assert_flushes(t, "NAME          STATUS   AGE\nlonger-name   Active   <unknown>\n");
	add(t, "{\"metadata\":{\"name\":\"x\"},\"status\":{\"phase\":\"Active\"}}");
	assert_flushes(t, "x             Active   <unknown>\n");
	assert_false(table_is_empty(t));
	table_free(t);
}

static void test_layouts(void **state)
{
	static const struct table_layout bare = { .no_headers = true, .with_kind = true };

	(void)state;
	assert_row("ns", &bare, "{\"metadata\":{\"name\":\"x\"},\"status\":{\"phase\":\"Active\"}}",
		   "namespace/x   Active   <unknown>\n");
}

static void test_ages(void **state)
{
	static const struct {
		long long seconds;
		const char *text;
	} rows[] = {
		{ -5, "<invalid>" }, { -1, "0s" }, { 0, "0s" }, { 119, "119s" }, { 120, "2m" },
		{ 125, "2m5s" }, { 599, "9m59s" }, { 600, "10m" }, { 659, "10m" },
		{ 10799, "179m" },
		{ 10800, "3h" }, { 10860, "3h1m" }, { 28799, "7h59m" }, { 28800, "8h" },
		{ 172799, "47h" }, { 172800, "2d" }, { 176400, "2d1h" }, { 691199, "7d23h" },
		{ 691200, "8d" }, { 63071999, "729d" }, { 63072000, "2y" }, { 63158400, "2y1d" },
		{ 252287999, "7y364d" }, { 252288000, "8y" }, { 346896000, "11y" },
	};
	char buf[AGE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(age_print(rows[i].seconds, buf), rows[i].text);
	assert_string_equal(age_since("2025-12-31T23:59:55Z", NOW, buf), "5s");
	assert_string_equal(age_since("2025-12-31T23:59:55.123456Z", NOW, buf), "5s");
	assert_string_equal(age_since("", NOW, buf), "<unknown>");
	assert_string_equal(age_since("2025-12-31T23:59:55", NOW, buf), "<unknown>");
	assert_string_equal(age_since("2025-12-31T23:59:55+01:00", NOW, buf), "<unknown>");
	assert_string_equal(age_since("yesterday", NOW, buf), "<unknown>");
}

static void assert_columns(const char *in, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(columns_print(f, in, strlen(in)), 0);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
}

static void test_columns(void **state)
{
	(void)state;
	assert_columns("a:\t1\nlonger:\t2\n", "a:       1\nlonger:  2\n");
	/* A line without the cell ends its column. */
	assert_columns("a:\t1\nsection\nlonger:\t2\n", "a:  1\nsection\nlonger:  2\n");
	assert_columns("a\tb\tc\nlong\tb\n\tlonger\tx\n", "a     b  c\nlong  b\n      longer  x\n");
	assert_columns("Labels:\ta=1\n\tb=2\n", "Labels:  a=1\n         b=2\n");
	assert_columns("", "");
	assert_columns("no newline", "no newline\n");
	assert_columns("\303\244\tx\nab\ty\n", "\303\244   x\nab  y\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_load_balancers),
		cmocka_unit_test(test_pods),
		cmocka_unit_test(test_pods_that_go),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_endpoints_none),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_widths_stay),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
