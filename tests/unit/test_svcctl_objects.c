// SPDX-License-Identifier: GPL-2.0
/* create and delete, and the command lines that are refused before anything is asked. */
#include "api_script.h"
#include "selection.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define POD2_IN "apiVersion: v1\nkind: Pod\nmetadata: {name: p2}\n"

static void test_create(void **state)
{
	static const struct step one[] = {
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "services" STRICT, 201, SVC_OUT, 0 },
		{ 0 },
	};
	static const struct step dry[] = {
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ 0 },
	};
	static const struct step shop[] = {
		{ "POST", "/api/v1/namespaces/shop/services" DRY, 201, SVC_OUT, 0 },
		{ "POST", "/api/v1/namespaces/shop/services" STRICT, 201, SVC_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", SVC_IN, one, 0, "service/web created\n", "");
	script_assert("create -f - -o name", SVC_IN, one, 0, "service/web\n", "");
	script_assert("create -f - -n shop", SVC_IN, shop, 0, "service/web created\n", "");
	script_assert("create -f - --dry-run=server", SVC_IN, dry, 0,
		      "service/web created (server dry run)\n", "");
}

static void test_create_output(void **state)
{
	static const struct step two[] = {
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f - -o yaml", POD_IN "---\n" POD2_IN, two, 0,
		      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n---\n"
		      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n", "");
}

/* One that is invalid, and the good one before it is not created either. */
static void test_create_invalid(void **state)
{
	static const struct step one[] = {
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "services" DRY, 422, INVALID(CAUSE("spec.ports[0]"
		  ".nodePort", RANGE)), 0 },
		{ 0 },
	};
	static const struct step two[] = {
		{ "POST", NS "services" DRY, 422, INVALID(CAUSE("spec.ports[0].nodePort", RANGE) ","
			CAUSE("spec.externalName", "Required value")), 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", POD_IN "---\n" SVC_IN, one, 1, "",
		      "The Service \"web\" is invalid: spec.ports[0].nodePort: " RANGE "\n"
		      "  STDIN:12:15: spec.ports[0].nodePort\n");
	/* A field that is not there: its parent's place. */
	script_assert("create -f -", SVC_IN, two, 1, "",
		      "The Service \"web\" is invalid: \n"
		      "* spec.ports[0].nodePort: " RANGE "\n"
		      "* spec.externalName: Required value\n"
		      "  STDIN:8:15: spec.ports[0].nodePort\n"
		      "  STDIN:5:1: spec.externalName\n");
}

static void test_create_bad_request(void **state)
{
	static const struct step strict[] = {
		{ "POST", NS "services" DRY, 400, STATUS(400, "BadRequest", "Service in version "
			"\\\"v1\\\" cannot be handled as a Service: strict decoding error: "
			"unknown field "
			"\\\"spec.ports[0].nodePort\\\", unknown field \\\"metadata.name\\"
			"\"", ""), 0 },
		{ 0 },
	};
	static const struct step type[] = {
		{ "POST", NS "services" DRY, 400, STATUS(400, "BadRequest", "json: cannot "
		  "unmarshal "
			"string into Go struct field ServicePort.spec.ports[0].port of type "
			"int32", ""),
		  0 },
		{ 0 },
	};

	static const struct step object[] = {
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "services" DRY, 400, STATUS(400, "BadRequest", "resourceVersion "
		  "should "
			"not be set on objects to be created", ""), 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", POD_IN "---\n" SVC_IN, object, 1, "",
		      "Error from server (BadRequest): error when creating \"STDIN\": "
		      "resourceVersion "
		      "should not be set on objects to be created\n"
		      "  STDIN:5:1: Service \"web\"\n");
	script_assert("create -f -", SVC_IN, strict, 1, "",
		      "Error from server (BadRequest): error when creating \"STDIN\": Service in "
		      "version "
		      "\"v1\" cannot be handled as a Service: strict decoding error: unknown field "
		      "\"spec.ports[0].nodePort\", unknown field \"metadata.name\"\n"
		      "  STDIN:8:5: spec.ports[0].nodePort\n"
		      "  STDIN:4:3: metadata.name\n");
	script_assert("create -f -", SVC_IN, type, 1, "",
		      "Error from server (BadRequest): error when creating \"STDIN\": json: cannot "
		      "unmarshal string into Go struct field ServicePort.spec.ports[0].port of "
		      "type int32\n"
		      "  STDIN:7:11: spec.ports[0].port\n");
}

/* What exists already stays; the others are created. */
static void test_create_exists(void **state)
{
	static const struct step steps[] = {
		{ "POST", NS "services" DRY, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "services" STRICT, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", SVC_IN "---\n" POD_IN, steps, 1, "pod/p created\n",
		      "Error from server (AlreadyExists): error when creating \"STDIN\": "
		      "services \"web\" "
		      "already exists\n");
}

/* A Service that says more in its spec. SVC() takes what stands behind "spec: ". */
#define SVC(name, spec) "apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\nspec: " spec \
	"\n---\n"
#define PORT(port, more) "{name: n" #port ", port: " #port more "}"
#define ALLOCATED(ip) "failed to allocate IP " ip ": provided IP is already allocated"

/* Both are checked; nothing is created. */
static const struct step two_checks[] = {
	{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
	{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
	{ 0 },
};

static void test_create_one_name(void **state)
{
	static const struct step three[] = {
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ 0 },
	};
	static const struct step namespaces[] = {
		{ "POST", "/api/v1/namespaces" DRY, 201, NS_OUT, 0 },
		{ "POST", "/api/v1/namespaces" DRY, 201, NS_OUT, 0 },
		{ 0 },
	};

	(void)state;
	/* The node port of the second is the first's as well: of that svcd would not speak. */
	script_assert("create -f -", SVC_IN "---\n" POD_IN "---\n" SVC_IN, three, 1, "",
		      "Error from server (AlreadyExists): error when creating \"STDIN\": "
		      "services \"web\" already exists\n"
		      "  STDIN:17:9: metadata.name\n");
	script_assert("create -f - --dry-run=server", SVC_IN "---\n" SVC_IN, two_checks, 1, "",
		      "Error from server (AlreadyExists): error when creating \"STDIN\": "
		      "services \"web\" already exists\n"
		      "  STDIN:13:9: metadata.name\n");
	/* The namespace may be said or not. */
	script_assert("create -f -", SVC_IN "---\napiVersion: v1\nkind: Service\nmetadata:\n"
		      "  namespace: default\n  name: web\n", two_checks, 1, "",
		      "Error from server (AlreadyExists): error when creating \"STDIN\": "
		      "services \"web\" already exists\n"
		      "  STDIN:14:9: metadata.name\n");
	script_assert("create -f -", NS_IN "---\n" NS_IN, namespaces, 1, "",
		      "Error from server (AlreadyExists): error when creating \"STDIN\": "
		      "namespaces \"shop\" already exists\n"
		      "  STDIN:7:18: metadata.name\n");
}

static void test_create_one_port(void **state)
{
	(void)state;
	script_assert("create -f -",
		      SVC("web", "{ports: [" PORT(1, ", nodePort: 30404") "]}")
		      SVC("web2", "{ports: [" PORT(1, "") ", " PORT(2, ", nodePort: 30404") "]}"),
		      two_checks, 1, "",
		      "The Service \"web2\" is invalid: spec.ports[1].nodePort: Invalid value: "
		      "30404: provided port is already allocated\n"
		      "  STDIN:9:67: spec.ports[1].nodePort\n");
	script_assert("create -f - --dry-run=server",
		      SVC("web", "{ports: [" PORT(1, ", nodePort: 30404, protocol: TCP") "]}")
		      SVC("web2", "{ports: [" PORT(2, ", nodePort: 30404") "]}"),
		      two_checks, 1, "",
		      "The Service \"web2\" is invalid: spec.ports[0].nodePort: Invalid value: "
		      "30404: provided port is already allocated\n"
		      "  STDIN:9:46: spec.ports[0].nodePort\n");
	script_assert("create -f -",
		      SVC("web", "{ports: [" PORT(1, ", nodePort: 30404") "]}")
		      SVC("web2", "{healthCheckNodePort: 30404}"), two_checks, 1, "",
		      "The Service \"web2\" is invalid: spec.healthCheckNodePort: Invalid value: "
		      "30404: provided port is already allocated\n"
		      "  STDIN:9:29: spec.healthCheckNodePort\n");
}

static void test_create_one_address(void **state)
{
	(void)state;
	script_assert("create -f -",
		      SVC("web", "{clusterIP: 10.96.0.9}")
		      SVC("web2", "{clusterIP: 10.96.0.9}"), two_checks, 1, "",
		      "The Service \"web2\" is invalid: spec.clusterIPs: Invalid value: "
		      "[\"10.96.0.9\"]: " ALLOCATED("10.96.0.9") "\n"
		      "  STDIN:9:19: spec.clusterIPs\n");
	/* One address may be written in two ways. All is said at once. */
	script_assert("create -f -",
		      SVC("web", "{clusterIPs: [10.96.0.9, 'fd00::9'], ports: ["
			  PORT(1, ", nodePort: 30404") "]}")
		      SVC("web2", "{clusterIPs: ['fd00:0::0009'], ports: ["
			  PORT(1, ", nodePort: 30404") "]}"),
		      two_checks, 1, "",
		      "The Service \"web2\" is invalid: \n"
		      "* spec.clusterIPs: Invalid value: [\"fd00:0::0009\"]: "
		      ALLOCATED("fd00:0::0009") "\n"
		      "* spec.ports[0].nodePort: Invalid value: 30404: provided port is already "
		      "allocated\n"
		      "  STDIN:9:20: spec.clusterIPs\n"
		      "  STDIN:9:76: spec.ports[0].nodePort\n");
}

/* What looks alike and is not the same. */
static void test_create_apart(void **state)
{
	static const struct step steps[] = {
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "services" STRICT, 201, SVC_OUT, 0 },
		{ "POST", NS "services" STRICT, 201, SVC_OUT, 0 },
		{ 0 },
	};
	static const struct step names[] = {
		{ "POST", SHOP DRY, 201, POD_OUT, 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "endpoints" DRY, 201, POD_OUT, 0 },
		{ "POST", SHOP STRICT, 201, POD_OUT, 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ "POST", NS "endpoints" STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};
	static const char both[] = "service/web created\nservice/web created\n";

	(void)state;
	script_assert("create -f -",
		      SVC("a", "{clusterIP: None, ports: [" PORT(1, ", nodePort: 30404") "]}")
		      SVC("b", "{clusterIP: None, ports: ["
			  PORT(1, ", nodePort: 30404, protocol: UDP") "]}"),
		      steps, 0, both, "");
	script_assert("create -f -",
		      SVC("a", "{clusterIP: '', clusterIPs: [None], ports: ["
			  PORT(1, ", nodePort: 0") "]}")
		      SVC("b", "{clusterIP: '', clusterIPs: [None], ports: ["
			  PORT(1, ", nodePort: 0") "]}"), steps, 0, both, "");
	script_assert("create -f -",
		      "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\n---\n"
		      POD_IN "---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: p}\n",
		      names, 0, "pod/p created\npod/p created\nendpoints/p created\n", "");
	/* svcd chooses the names. */
	script_assert("create -f -",
		      "apiVersion: v1\nkind: Service\nmetadata: {generateName: x-}\n---\n"
		      "apiVersion: v1\nkind: Service\nmetadata: {generateName: x-}\n",
		      steps, 0, both, "");
}

/* One that exists takes nothing of what its manifest says: it is not going to be created. */
static void test_create_beside_existing(void **state)
{
	static const struct step steps[] = {
		{ "POST", NS "services" DRY, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "services" DRY, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "services" STRICT, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "services" STRICT, 409, EXISTS("services", "web"), 0 },
		{ "POST", NS "services" STRICT, 201, SVC_OUT, 0 },
		{ 0 },
	};
	static const char exists[] =
		"Error from server (AlreadyExists): error when creating \"STDIN\": "
		"services \"web\" already exists\n"
		"Error from server (AlreadyExists): error when creating \"STDIN\": "
		"services \"web\" already exists\n";

	(void)state;
	script_assert("create -f -",
		      SVC_IN "---\n" SVC_IN "---\n"
		      SVC("web2", "{ports: [" PORT(1, ", nodePort: 80") "]}"),
		      steps, 1, "service/web created\n", exists);
}

/* svcd refuses what it took before: somebody came between. */
static void test_create_overtaken(void **state)
{
	static const struct step steps[] = {
		{ "POST", NS "services" DRY, 201, SVC_OUT, 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "services" STRICT, 422,
		  INVALID(CAUSE("spec.ports[0].nodePort", "provided port is already "
			"allocated")), 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", SVC_IN "---\n" POD_IN, steps, 1, "pod/p created\n",
		      "The Service \"web\" is invalid: spec.ports[0].nodePort: provided port is "
		      "already allocated\n"
		      "  STDIN:8:15: spec.ports[0].nodePort\n");
}

static void test_create_kind(void **state)
{
	static const struct step steps[] = {
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("create -f -", "apiVersion: v1\nkind: Foo\nmetadata: {name: x}\n---"
		"\n" POD_IN, steps,
		      1, "",
		      "error: resource mapping not found for name: \"x\" namespace: \"\" from "
		      "\"STDIN\": no "
		      "matches for kind \"Foo\" in version \"v1\"\n"
		      "  STDIN:2:7: kind\n");
}

static void test_create_namespace(void **state)
{
	static const struct step absent[] = {
		{ "POST", SHOP DRY, 404, ABSENT("namespaces", "shop"), 0 },
		{ 0 },
	};
	static const struct step with_it[] = {
		{ "POST", "/api/v1/namespaces" DRY, 201, NS_OUT, 0 },
		{ "POST", SHOP DRY, 404, ABSENT("namespaces", "shop"), 0 },
		{ "POST", "/api/v1/namespaces" STRICT, 201, NS_OUT, 0 },
		{ "POST", SHOP STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};
	static const struct step none[] = { { 0 } };

	(void)state;
	script_assert("create -f -", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, "
		"namespace: shop}\n",
		      absent, 1, "",
		      "Error from server (NotFound): error when creating \"STDIN\": namespaces "
		      "\"shop\" not "
		      "found\n"
		      "  STDIN:3:32: metadata.namespace\n");
	script_assert("create -f - -n shop", NS_IN "---\n" POD_IN, with_it, 0,
		      "namespace/shop created\npod/p created\n", "");
	script_assert("create -f - -n other",
		      "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}"
		      "\n", none, 1, "",
		      "error: the namespace from the provided object \"shop\" does not match the "
		      "namespace "
		      "\"other\". You must pass '--namespace=shop' to perform this operation.\n"
		      "  STDIN:3:32: metadata.namespace\n");
}

/* svcd goes away in the middle: said once, and nothing more is asked. */
static void test_create_lost(void **state)
{
	static const struct step check[] = {
		{ "POST", NS "pods" DRY, 0, NULL, -ECONNREFUSED }, { 0 },
	};
	static const struct step create[] = {
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "POST", NS "pods" STRICT, 0, NULL, -EPIPE },
		{ 0 },
	};
	static const struct step rubbish[] = {
		{ "POST", NS "pods" DRY, 200, "<html>", 0 }, { 0 },
	};

	(void)state;
	script_assert("create -f -", POD_IN "---\n" POD_IN, check, 1, "",
		      "svcctl: the script says no\n");
	script_assert("create -f -", POD_IN "---\n" POD2_IN, create, 1, "",
		      "svcctl: the script says no\n");
	script_assert("create -f -", POD_IN, rubbish, 1, "",
		      "svcctl: no answer that svcd would give (HTTP code 200): is something else "
		      "behind "
		      "the socket?\n");
}

static void test_delete(void **state)
{
	static const struct step two[] = {
		{ "DELETE", NS "services/web", 200, SVC_OUT, 0 },
		{ "DELETE", NS "services/no", 404, ABSENT("services", "no"), 0 },
		{ 0 },
	};
	static const struct step file[] = {
		{ "DELETE", NS "services/web", 404, ABSENT("services", "web"), 0 },
		{ "DELETE", NS "pods/p", 200, POD_OUT, 0 },
		{ 0 },
	};
	static const struct step ns[] = {
		{ "DELETE", "/api/v1/namespaces/shop", 200, NS_OUT, 0 }, { 0 },
	};
	static const struct step all[] = {
		{ "GET", NS "services", 200, LIST("9", ITEM("web", "7") "," ITEM("api", "8")), 0 },
		{ "DELETE", NS "services/web", 200, SVC_OUT, 0 },
		{ "DELETE", NS "services/api", 200, SVC_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("delete svc web no", "", two, 1, "service \"web\" deleted from default "
		"namespace\n",
		      "Error from server (NotFound): services \"no\" not found\n");
	script_assert("delete svc/web service/no --ignore-not-found -o "
		"name", "", two, 0, "service/web\n",
		      "");
	script_assert("delete -f -", SVC_IN "---\n" POD_IN, file, 1,
		      "pod \"p\" deleted from default namespace\n",
		      "Error from server (NotFound): error when deleting \"STDIN\": services "
		      "\"web\" not "
		      "found\n");
	script_assert("delete ns shop", "", ns, 0, "namespace \"shop\" deleted\n", "");
	script_assert("delete svc --all", "", all, 0,
		      "service \"web\" deleted from default namespace\n"
		      "service \"api\" deleted from default namespace\n", "");
}

/* They go with their Service, and with no other. */
static void test_delete_endpoints(void **state)
{
#define EP(name) "apiVersion: v1\nkind: Endpoints\nmetadata: {name: " name "}\n"
#define GONE(name) "Error from server (NotFound): error when deleting \"STDIN\": endpoints \"" \
	name "\" not found\n"
	static const struct step along[] = {
		{ "DELETE", NS "services/web", 200, SVC_OUT, 0 },
		{ "DELETE", NS "endpoints/web", 404, ABSENT("endpoints", "web"), 0 },
		{ 0 },
	};
	static const struct step alone[] = {
		{ "DELETE", NS "services/web", 404, ABSENT("services", "web"), 0 },
		{ "DELETE", NS "endpoints/web", 404, ABSENT("endpoints", "web"), 0 },
		{ 0 },
	};
	static const struct step others[] = {
		{ "DELETE", NS "services/web", 200, SVC_OUT, 0 },
		{ "DELETE", NS "endpoints/db", 404, ABSENT("endpoints", "db"), 0 },
		{ "DELETE", "/api/v1/namespaces/shop/endpoints/web", 404,
		  ABSENT("endpoints", "web"), 0 },
		{ "DELETE", NS "endpoints/web", 403, STATUS(403, "Forbidden", "no", ""), 0 },
		{ 0 },
	};
	static const char web[] = "service \"web\" deleted from default namespace\n";

	(void)state;
	script_assert("delete -f -", SVC_IN "---\n" EP("web"), along, 0, web, "");
	script_assert("delete svc/web ep/web", "", along, 0, web, "");
	script_assert("delete -f -", SVC_IN "---\n" EP("web"), alone, 1, "",
		      "Error from server (NotFound): error when deleting \"STDIN\": services "
		      "\"web\" not found\n" GONE("web"));
	script_assert("delete -f -",
		      SVC_IN "---\n" EP("db") "---\n" EP("web, namespace: shop") "---\n"
		      EP("web"), others, 1, web, GONE("db") GONE("web")
		      "Error from server (Forbidden): error when deleting \"STDIN\": no\n");
}

/* A manifest with one bad object deletes nothing. */
static void test_delete_refused(void **state)
{
	static const struct step none[] = { { 0 } };

	(void)state;
	script_assert("delete -f -", POD_IN "---\napiVersion: v1\nkind: Pod\n", none, 1, "",
		      "error: STDIN:5:1: the name may not be empty\n");
	script_assert("delete -f -", POD_IN "---\napiVersion: v1\nkind: Pod\nmetadata: {name: "
		"..}\n", none,
		      1, "", "error: STDIN:7:18: invalid name \"..\": may not be '..'\n");
	script_assert("delete -f -", POD_IN "---\napiVersion: v2\nkind: Pod\nmetadata: {name: "
		"x}\n", none,
		      1, "", "error: resource mapping not found for name: \"x\" namespace: \""
		      	"\" from "
		      "\"STDIN\": no matches for kind \"Pod\" in version \"v2\"\n  STDIN:6:7: "
		      "kind\n");
}

#define SEE(verb) "See 'svcctl " verb " --help' for usage.\n"

/* Nothing may be asked of svcd. */
static void test_usage(void **state)
{
	static const struct step none[] = { { 0 } };
	static const struct {
		const char *line, *err;
	} rows[] = {
		{ "create", "error: -f FILE is missing\n" SEE("create") },
		{ "create x -f -", "error: unexpected argument 'x'\n" SEE("create") },
		{ "create -f - -o wide",
		  "error: no such output format: -o 'wide' (one of: name, json, yaml)\n"
		  SEE("create") },
		{ "create -f - --dry-run=all",
		  "error: --dry-run=all: must be none, client or server\n" SEE("create") },
		{ "create -f - -n ..",
		  "error: invalid namespace \"..\": may not be '..'\n" SEE("create") },
		{ "create -f /absent/x.yaml",
		  "error: the path \"/absent/x.yaml\" does not exist\n" },
		{ "get", "error: " SELECTION_NO_TYPE "\n" SEE("get") },
		{ "get svc -o x",
		  "error: no such output format: -o 'x' (one of: wide, name, json, yaml)\n"
		  SEE("get") },
		{ "get svc web -l a=b",
		  "error: a name cannot be given beside a selector\n" SEE("get") },
		{ "get svc/web -A",
		  "error: a name cannot be looked for in all namespaces\n" SEE("get") },
		{ "get svc,pods -w",
		  "error: --watch can watch one type, or one object of it\n" SEE("get") },
		{ "get svc a b -w",
		  "error: --watch can watch one type, or one object of it\n" SEE("get") },
		{ "get foo", "error: the server doesn't have a resource type \"foo\"\n" },
		{ "get svc,", "error: the server doesn't have a resource type \"\"\n" },
		{ "get svc a/b",
		  "error: invalid name \"a/b\": may not contain '/' or '%'\n" },
		{ "get svc/a b", "error: \"b\" needs its type, as the others: TYPE/b\n" },
		{ "get svc/", "error: the name may not be empty\n" },
		{ "describe", "error: " SELECTION_NO_TYPE "\n" SEE("describe") },
		{ "describe svc x -A",
		  "error: a name cannot be looked for in all namespaces\n" SEE("describe") },
		{ "delete",
		  "error: what to delete? -f FILE, TYPE NAME, or TYPE --all\n" SEE("delete") },
		{ "delete svc",
		  "error: resource(s) were provided, but no name was specified (all of them: "
		  "--all)\n"
		  SEE("delete") },
		{ "delete svc x --all",
		  "error: a name cannot be given beside --all or -l\n" SEE("delete") },
		{ "delete svc --all -l a=b",
		  "error: --all and -l exclude each other\n" SEE("delete") },
		{ "delete -f - svc",
		  "error: -f says what to delete: leave out the type, --all and -l\n"
		  SEE("delete") },
		{ "delete svc x -o yaml",
		  "error: no such output format: -o 'yaml' (one of: name)\n" SEE("delete") },
		{ "delete svc ..", "error: invalid name \"..\": may not be '..'\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		script_assert(rows[i].line, POD_IN, none, 1, "", rows[i].err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_create_output),
		cmocka_unit_test(test_create_invalid),
		cmocka_unit_test(test_create_bad_request),
		cmocka_unit_test(test_create_exists),
		cmocka_unit_test(test_create_one_name),
		cmocka_unit_test(test_create_one_port),
		cmocka_unit_test(test_create_one_address),
		cmocka_unit_test(test_create_apart),
		cmocka_unit_test(test_create_beside_existing),
		cmocka_unit_test(test_create_overtaken),
		cmocka_unit_test(test_create_kind),
		cmocka_unit_test(test_create_namespace),
		cmocka_unit_test(test_create_lost),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_delete_endpoints),
		cmocka_unit_test(test_delete_refused),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
