// SPDX-License-Identifier: GPL-2.0
/* get, its watch, and describe. */
#include "api_script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_get(void **state)
{
	static const struct step list[] = {
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7") "," ITEM("api", "8")), 0 },
		{ 0 },
	};
	static const struct step selected[] = {
		{ "GET", "/api/v1/services?labelSelector=app%3Dweb%2Ctier%21%3Dx"
		  "&fieldSelector=metadata.name%3Dweb", 200, LIST("9", ""), 0 },
		{ 0 },
	};
	static const struct step empty[] = {
		{ "GET", "/api/v1/namespaces/shop/services", 200, LIST("9", ""), 0 }, { 0 },
	};

	(void)state;
	script_assert("get svc", "", list, 0, HEADERS LINE("web") LINE("api"), "");
	script_assert("get services --no-headers", "", list, 0,
		      "web   ClusterIP   10.96.1.2   <none>   80/TCP   5s\n"
		      "api   ClusterIP   10.96.1.2   <none>   80/TCP   5s\n", "");
	script_assert("get svc -o name", "", list, 0, "service/web\nservice/api\n", "");
	script_assert("get svc -A -l app=web,tier!=x --field-selector "
		"metadata.name=web", "", selected, 0,
		      "", "No resources found\n");
	script_assert("get svc -n shop", "", empty, 0, "", "No resources found in shop "
		"namespace.\n");
	script_assert("get svc -n shop -o name", "", empty, 0, "", "");
}

static void test_get_objects(void **state)
{
	static const struct step list[] = {
		{ "GET", NS "pods", 200, "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":"
		  "\"p\","
		  "\"managedFields\":[{}]}}]}", 0 },
		{ 0 },
	};
	static const struct step one[] = { { "GET", NS "pods/p", 200, POD_OUT, 0 }, { 0 } };
	static const struct step none[] = {
		{ "GET", NS "pods", 200, "{\"metadata\":{},\"items\":[]}", 0 }, { 0 },
	};

	(void)state;
	script_assert("get pods -o yaml", "", list, 0,
		      "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    "
		      "name: p\n"
		      "kind: List\nmetadata:\n  resourceVersion: \"\"\n", "");
	script_assert("get pods p -o json", "", one, 0,
		      "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Pod\",\n    \"metadata"
		      "\": {\n"
		      "        \"name\": \"p\"\n    }\n}\n", "");
	script_assert("get pods -o yaml", "", none, 0,
		      "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\""
		      "\n", "");
}

static void test_get_names(void **state)
{
	static const struct step names[] = {
		{ "GET", NS "services/web", 200, ITEM("web", "7"), 0 },
		{ "GET", NS "services/no", 404, ABSENT("services", "no"), 0 },
		{ 0 },
	};
	static const struct step mixed[] = {
		{ "GET", NS "services/web", 200, ITEM("web", "7"), 0 },
		{ "GET", NS "pods/p", 200, POD_OUT, 0 },
		{ 0 },
	};
	static const struct step all[] = {
		{ "GET", NS "pods", 200, LIST("9", ""), 0 },
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7")), 0 },
		{ 0 },
	};

	(void)state;
	script_assert("get svc web no", "", names, 1, HEADERS LINE("web"),
		      "Error from server (NotFound): services \"no\" not found\n");
	script_assert("get svc/web svc/no", "", names, 1, HEADERS LINE("web"),
		      "Error from server (NotFound): services \"no\" not found\n");
	script_assert("get svc/web po/p", "", mixed, 0,
		      "NAME          TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n"
		      "service/web   ClusterIP   10.96.1.2    <none>        80/TCP    5s\n"
		      "\n"
		      "NAME    READY   STATUS   RESTARTS   AGE\n"
		      "pod/p   0/0              0          <unknown>\n", "");
	script_assert("get all", "", all, 0,
		      "NAME          TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n"
		      "service/web   ClusterIP   10.96.1.2    <none>        80/TCP    5s\n", "");
}

#define WATCH(version) NS "services?watch=true&allowWatchBookmarks=true&resourceVersion=" version
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(version) EVENT("BOOKMARK", "{\"kind\":\"Service\",\"metadata\":{" \
	"\"resourceVersion\":\"" version "\"}}")
#define GONE EVENT("ERROR", STATUS(410, "Expired", "too old resource version: 20 (99)", ""))

/* Cut anywhere, resumed, expired and listed again, lost. */
static void test_watch(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7") "," ITEM("old", "8")), 0 },
		{ "GET", WATCH("9"), 200, EVENT("MODIFIED", ITEM("web", "12")) BOOKMARK("15"), 0 },
		/* The body ended: resumed from the bookmark. It breaks off in an event. */
		{ "GET", WATCH("15"), 200, EVENT("ADDED", ITEM("api", "20")) "{\"type\":"
		  "\"ADD", -EPIPE },
		{ "GET", WATCH("20"), 200, GONE, 0 },
		/* "old" went away unseen, "web" did not change, "new" came. */
		{ "GET", NS "services", 200, LIST("99", ITEM("api", "20") "," ITEM("new", "98") ","
						  ITEM("web", "12")), 0 },
		{ "GET", WATCH("99"), 200, EVENT("DELETED", ITEM("web", "101")), 0 },
		{ "GET", WATCH("101"), 410, STATUS(410, "Expired", "too old", ""), 0 },
		{ "GET", NS "services", 0, NULL, -EACCES },
		{ 0 },
	};
	static const char out[] = HEADERS LINE("web") LINE("old") LINE("web") LINE("api")
		LINE("old") LINE("new") LINE("web");
	size_t chunk;

	(void)state;
	for (chunk = 0; chunk < 40; chunk++)
		script_assert_cut("get svc -w", "", steps, chunk, 1, out, "svcctl: the script "
			"says no\n");
}

/* What is there at the start is not a change; what is changed is. */
static void test_watch_only(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7") "," ITEM("old", "8")), 0 },
		{ "GET", WATCH("9"), 200, EVENT("MODIFIED", ITEM("old", "12")) GONE, 0 },
		{ "GET", NS "services", 200, LIST("20", ITEM("api", "20") "," ITEM("old", "12")),
		  0 },
		{ "GET", WATCH("20"), 0, NULL, -EACCES },
		{ 0 },
	};

	static const struct step file[] = {
		{ "GET", NS "services/web", 200, SVC_OUT, 0 },
		{ "GET", NS "services?fieldSelector=metadata.name%3Dweb", 200,
		  LIST("9", ITEM("web", "7")), 0 },
		{ "GET", NS "services?fieldSelector=metadata.name%3Dweb&watch=true&"
		  "allowWatchBookmarks=true&resourceVersion=9", 0, NULL, -EACCES },
		{ 0 },
	};

	(void)state;
	script_assert("get svc --watch-only -o name", "", steps, 1,
		      "service/old\nservice/web\nservice/api\n", "svcctl: the script says no\n");
	/* Selected by a file, too. */
	script_assert("get -f - -w -o name", SVC_IN, file, 1, "service/web\n",
		      "svcctl: the script says no\n");
}

static void test_watch_name(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "services/web", 200, ITEM("web", "7"), 0 },
		{ "GET", NS "services?fieldSelector=metadata.name%3Dweb", 200,
		  LIST("9", ITEM("web", "7")), 0 },
		{ "GET", NS "services?fieldSelector=metadata.name%3Dweb&watch=true&"
		  "allowWatchBookmarks=true&resourceVersion=9", 403,
		  STATUS(403, "Forbidden", "no", "") "\n", 0 },
		{ 0 },
	};
	static const struct step absent[] = {
		{ "GET", NS "services/web", 404, ABSENT("services", "web"), 0 }, { 0 },
	};

	(void)state;
	script_assert("get svc web -w -o name", "", steps, 1, "service/web\n",
		      "Error from server (Forbidden): no\n");
	script_assert("get svc web -w", "", absent, 1, "",
		      "Error from server (NotFound): services \"web\" not found\n");
}

/* A server that ends each body at once must not be asked in a tight loop. */
static void test_watch_pauses(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "services", 200, LIST("9", ""), 0 },
		{ "GET", WATCH("9"), 200, "", 0 },
		{ "GET", WATCH("9"), 200, "", -EPIPE },
		{ "GET", WATCH("9"), 200, EVENT("ERROR",
			STATUS(500, "InternalError", "x", "")), 0 },
		{ 0 },
	};
	struct script s = { .step = steps };

	(void)state;
	script_check(script_run(&s, "get svc -w", ""), 1, "",
	      "svcctl: the watch failed: x\n");
	assert_int_equal(s.pauses, 2);
}

/* svcd restarts: the watch goes on where it was. */
static void test_watch_restart(void **state)
{
	static const struct step back[] = {
		{ "GET", NS "services", 200, LIST("9", ""), 0 },
		{ "GET", WATCH("9"), 200, EVENT("ADDED", ITEM("web", "12")), -EPIPE },
		{ "GET", WATCH("12"), 0, NULL, -ECONNREFUSED },
		{ "GET", WATCH("12"), 0, NULL, -ENOENT },
		{ "GET", WATCH("12"), 200, GONE, 0 },
		{ "GET", NS "services", 0, NULL, -ECONNREFUSED },
		{ "GET", NS "services", 200, LIST("30", ITEM("web", "12") ","
			ITEM("api", "30")), 0 },
		{ "GET", WATCH("30"), 0, NULL, -EACCES },
		{ 0 },
	};
	struct step away[14] = {
		{ "GET", NS "services", 200, LIST("9", ""), 0 },
	};
	struct step twice[21] = {
		{ "GET", NS "services", 200, LIST("9", ""), 0 },
	};
	struct script s = { .step = back };
	size_t i;

	(void)state;
	script_check(script_run(&s, "get svc -w", ""), 1,
	      HEADERS LINE("web") LINE("api"), "svcctl: the script says no\n");
	assert_int_equal(s.pauses, 3);
	/* Each time it is back, it has all its attempts again. */
	for (i = 1; i < 19; i++)
		twice[i] = (struct step){ "GET", WATCH("9"), 0, NULL, -ECONNREFUSED };
	twice[9] = twice[18] = (struct step){ "GET", WATCH("9"), 200, BOOKMARK("9"), 0 };
	twice[19] = (struct step){ "GET", WATCH("9"), 0, NULL, -EACCES };
	script_assert("get svc -w", "", twice, 1, "", "svcctl: the script says no\n");
	/* ... or is gone for good: one attempt and ten more. */
	for (i = 1; i <= 11; i++)
		away[i] = (struct step){ "GET", WATCH("9"), 0, NULL, -ECONNREFUSED };
	script_assert("get svc -w", "", away, 1, "", "svcctl: the script says no\n");
}

/* The lines of the list are aligned with each other, later ones with them. */
static void test_watch_columns(void **state)
{
	static const struct step steps[] = {
		{ "GET", "/api/v1/namespaces", 200, LIST("9", ITEM("a", "7") ","
			ITEM("longer", "8")), 0 },
		{ "GET", "/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=9",
		  200, 		  EVENT("ADDED", ITEM("b", "12")), -EACCES },
		{ 0 },
	};

	(void)state;
	script_assert("get ns -w", "", steps, 1,
		      "NAME     STATUS   AGE\na                 5s\nlonger            5s\n"
		      "b                 5s\n", "svcctl: the script says no\n");
}

static void test_describe(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "services/web", 200, SVC_OUT, 0 },
		{ "GET", NS "services/no", 404, ABSENT("services", "no"), 0 },
		{ "GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?"
		  "labelSelector=kubernetes.io%2Fservice-name%3Dweb", 200, LIST("9", ""), 0 },
		{ "GET", NS "endpoints/web", 404, ABSENT("endpoints", "web"), 0 },
		{ "GET", NS "events?fieldSelector=involvedObject.kind%3DService%2C"
		  "involvedObject.name%3D"
		  "web%2CinvolvedObject.uid%3D", 200, LIST("9", ""), 0 },
		/* Does any begin with it? */
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7")), 0 },
		{ 0 },
	};
	static const struct step none[] = { { "GET", NS "pods", 200, LIST("9", ""), 0 }, { 0 } };
	struct script s = { .step = steps };
	struct result r;

	(void)state;
	r = script_run(&s, "describe svc web no", "");
	assert_int_equal(r.code, 1);
	assert_non_null(strstr(r.out, "Endpoints:         \n"));
	assert_string_equal(r.err, "Error from server (NotFound): services \"no\" not found\n");
	free(r.out);
	free(r.err);
	script_assert("describe pods", "", none, 0, "", "No resources found in default "
		"namespace.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_get_objects),
		cmocka_unit_test(test_get_names),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_watch_only),
		cmocka_unit_test(test_watch_name),
		cmocka_unit_test(test_watch_pauses),
		cmocka_unit_test(test_watch_restart),
		cmocka_unit_test(test_watch_columns),
		cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
