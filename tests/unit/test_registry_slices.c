// SPDX-License-Identifier: GPL-2.0
/* The EndpointSlices that svcd makes of Services, Pods and Nodes. */
#include "registry_help.h"

#include "slice.h"
#include "slice_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WEB "{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':8080}]}"

__attribute__((format(printf, 3, 4)))
static void make(struct registry_help *h, const char *plural, const char *fmt, ...)
{
	char body[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body, sizeof(body), fmt, ap);
	va_end(ap);
	if (registry_help_create(h, plural, body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

__attribute__((format(printf, 5, 6)))
static void patch(struct registry_help *h, const char *plural, const char *name, const char *sub,
		  const char *fmt, ...)
{
	char body[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body, sizeof(body), fmt, ap);
	va_end(ap);
	if (registry_help_patch(h, plural, name, sub, body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void drop(struct registry_help *h, const char *plural, const char *name)
{
	if (registry_help_delete(h, plural, name) != 200)
		fail_msg("%s/%s: %s", plural, name, registry_help_message(h));
}

static void service(struct registry_help *h, const char *name, const char *spec)
{
	make(h, "services", "{'metadata':{'name':'%s'},'spec':%s}", name, spec);
}

static void run(struct registry_help *h, const char *name, const char *ip, bool ready)
{
	patch(h, "pods", name, "status",
	      "{'status':{'phase':'Running','podIP':'%s','conditions':[{'type':'Ready',"
	      "'status':'%s'}]}}", ip, ready ? "True" : "False");
}

/* A pod of app=web on a node, that runs and has a port named http. */
static void pod(struct registry_help *h, const char *name, const char *node, int http,
		const char *ip)
{
	make(h, "pods", "{'metadata':{'name':'%s','labels':{'app':'web'}},'spec':{'nodeName':'%s',"
	     "'containers':[{'name':'c','image':'x','ports':[{'name':'http','containerPort':%d}"
	     "]}]}}", name, node, http);
	run(h, name, ip, true);
}

static void node(struct registry_help *h, const char *name, const char *zone)
{
	make(h, "nodes", "{'metadata':{'name':'%s','labels':{'topology.kubernetes.io/zone':'%s'}}}",
	     name, zone);
}

/* The slices of a Service by the maker, whose names are in the order of their making. */
static json_t *slices(struct registry_help *h, const char *svc, const char *maker)
{
	char labels[256];
	struct registry_query q = { labels, NULL };
	struct reply list;
	json_t *items;

	snprintf(labels, sizeof(labels), "kubernetes.io/service-name=%s%s%s", svc,
		 maker ? ",endpointslice.kubernetes.io/managed-by=" : "", maker ? maker : "");
	registry_list(h->r, registry_help_type("endpointslices"), "default", &q, &list);
	assert_int_equal(list.code, 200);
	items = json_incref(json_object_get(list.body, "items"));
	json_decref(list.body);
	return items;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static const char *name_of(const json_t *object)
{
	return text(json_object_get(object, "metadata"), "name");
}

static bool is(const json_t *endpoint, const char *condition)
{
	return json_is_true(json_object_get(json_object_get(endpoint, "conditions"), condition));
}

static int cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "IPv4 name:port/proto,...: address[!] ...;" sorted; ! is not ready, ~ terminates. */
static void print_slice(char *out, const json_t *slice)
{
	const json_t *ports = json_object_get(slice, "ports"), *p;
	const json_t *list = json_object_get(slice, "endpoints"), *e;
	char *v[128] = { NULL }, *end = out;
	size_t i;

	end += sprintf(end, "%s ", text(slice, "addressType"));
	json_array_foreach((json_t *)ports, i, p)
		end += sprintf(end, "%s%s:%lld/%s", i ? "," : "", text(p, "name"),
			       (long long)json_integer_value(json_object_get(p, "port")),
			       text(p, "protocol"));
	json_array_foreach((json_t *)list, i, e)
		assert_true(asprintf(&v[i], " %s%s%s", json_string_value(
				     json_array_get(json_object_get(e, "addresses"), 0)),
				     is(e, "ready") ? "" : "!",
				     is(e, "terminating") ? "~" : "") > 0);
	qsort(v, json_array_size(list), sizeof(*v), cmp);
	for (i = 0; i < json_array_size(list); i++) {
		end += sprintf(end, "%s", v[i]);
		free(v[i]);
	}
	strcpy(end, ";");
}

static void expect(struct registry_help *h, const char *svc, const char *want)
{
	json_t *list = slices(h, svc, SLICE_CONTROLLER), *slice;
	char *v[16] = { NULL }, out[2048] = "";
	size_t i;

	json_array_foreach(list, i, slice) {
		v[i] = calloc(1, 4096);
		print_slice(v[i], slice);
	}
	qsort(v, json_array_size(list), sizeof(*v), cmp);
	for (i = 0; i < json_array_size(list); i++) {
		strcat(out, v[i]);
		free(v[i]);
	}
	json_decref(list);
	assert_string_equal(out, want);
}

/* The one slice of a Service, and its name. */
static json_t *only(struct registry_help *h, const char *svc)
{
	json_t *list = slices(h, svc, SLICE_CONTROLLER), *slice;

	assert_int_equal(json_array_size(list), 1);
	slice = json_incref(json_array_get(list, 0));
	json_decref(list);
	return slice;
}

static void expect_name(struct registry_help *h, const char *svc, const char *want)
{
	json_t *slice = only(h, svc);

	assert_string_equal(name_of(slice), want);
	json_decref(slice);
}

/* As 12-endpoints.txt was recorded, but for what differs each time. */
static void test_shape(void **state)
{
	struct registry_help *h = *state;
	json_t *slice, *meta;
	char *got, uid[64], want[2048], *p;

	node(h, "k8node2", "zone-b");
	make(h, "services", "{'metadata':{'name':'web','labels':{'a':'b'}},'spec':" WEB "}");
	snprintf(uid, sizeof(uid), "%s", registry_help_value(h, "metadata.uid"));
	pod(h, "web-2", "k8node2", 8080, "10.244.2.12");
	registry_help_get(h, "pods", "web-2");
	slice = only(h, "web");
	meta = json_object_get(slice, "metadata");
	assert_string_equal(text(meta, "generateName"), "web-");
	assert_int_equal(strlen(text(meta, "name")), strlen("web-xxxxx"));
	assert_memory_equal(text(meta, "name"), "web-", 4);
	for (const char *const *k = (const char *const[]){ "name", "uid", "resourceVersion",
							   "creationTimestamp", NULL }; *k; k++)
		assert_int_equal(json_object_del(meta, *k), 0);
	got = json_dumps(slice, JSON_COMPACT);
	snprintf(want, sizeof(want),
		 "{'metadata':{'generateName':'web-','namespace':'default','generation':2,"
		 "'labels':{'a':'b','endpointslice.kubernetes.io/managed-by':"
		 "'endpointslice-controller.k8s.io','kubernetes.io/service-name':'web'},"
		 "'ownerReferences':[{'apiVersion':'v1','kind':'Service','name':'web','uid':'%s',"
		 "'controller':true,'blockOwnerDeletion':true}]},'addressType':'IPv4','endpoints':"
		 "[{'addresses':['10.244.2.12'],'conditions':{'ready':true,'serving':true,"
		 "'terminating':false},'targetRef':{'kind':'Pod','namespace':'default','name':"
		 "'web-2','uid':'%s'},'nodeName':'k8node2','zone':'zone-b'}],'ports':[{'name':'',"
		 "'protocol':'TCP','port':8080}]}", uid, registry_help_value(h, "metadata.uid"));
	for (p = want; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	assert_string_equal(got, want);
	free(got);
	json_decref(slice);
}

/* One slice is there from the start to the end, and keeps its name. */
static void test_placeholder(void **state)
{
	struct registry_help *h = *state;
	json_t *slice;
	char name[64];

	service(h, "web", WEB);
	slice = only(h, "web");
	assert_true(json_is_null(json_object_get(slice, "endpoints")));
	assert_true(json_is_null(json_object_get(slice, "ports")));
	snprintf(name, sizeof(name), "%s", name_of(slice));
	json_decref(slice);
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	expect_name(h, "web", name);
	run(h, "web-1", "10.244.0.2", false);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.2!;");
	drop(h, "pods", "web-1");
	expect(h, "web", "IPv4 ;");
	expect_name(h, "web", name);
	/* Other ports are other slices, but one that goes makes place for one that comes. */
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	patch(h, "services", "web", NULL, "{'spec':{'ports':[{'port':80,'targetPort':'http'}]}}");
	patch(h, "services", "web", NULL, "{'spec':{'ports':[{'port':80,'targetPort':9}]}}");
	expect(h, "web", "IPv4 :9/TCP 10.244.0.1;");
	expect_name(h, "web", name);
}

struct conditions_case {
	const char *pod;	/* status and deletionTimestamp */
	bool publish;
	const char *want;	/* ready, serving, terminating; "" none at all */
};

#define READY(s) "'conditions':[{'type':'Ready','status':'" s "'}]"
#define GOING ",'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'}"

static const struct conditions_case conditions[] = {
	{ "'status':{'podIP':'10.0.0.1'," READY("True") "}", false, "110" },
	{ "'status':{'podIP':'10.0.0.1'," READY("False") "}", false, "000" },
	{ "'status':{'podIP':'10.0.0.1'}", false, "000" },
	{ "'status':{'podIP':'10.0.0.1'," READY("True") "}" GOING, false, "011" },
	{ "'status':{'podIP':'10.0.0.1'," READY("False") "}" GOING, false, "001" },
	{ "'status':{'podIP':'10.0.0.1'," READY("False") "}", true, "100" },
	{ "'status':{'podIP':'10.0.0.1'," READY("True") "}" GOING, true, "111" },
	{ "'status':{'podIP':'10.0.0.1','phase':'Succeeded'," READY("True") "}", true, "" },
	{ "'status':{'podIP':'10.0.0.1','phase':'Failed'," READY("True") "}", true, "" },
	{ "'status':{'podIP':'fd00::1'," READY("True") "}", true, "" },
	{ "'status':{" READY("True") "}", true, "" },
};

static void test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		const struct conditions_case *c = &conditions[i];
		json_t *svc = registry_help_json("{'spec':{'publishNotReadyAddresses':%s}}",
						 c->publish ? "true" : "false");
		json_t *p = registry_help_json("{%s}", c->pod);
		json_t *e = slice_endpoint(svc, p, AF_INET, "");
		char got[4] = "";

		if (e)
			snprintf(got, sizeof(got), "%d%d%d", is(e, "ready"), is(e, "serving"),
				 is(e, "terminating"));
		if (strcmp(got, c->want))
			fail_msg("%s: %s, not %s", c->pod, got, c->want);
		json_decref(e);
		json_decref(p);
		json_decref(svc);
	}
}

static void test_named_ports(void **state)
{
	struct registry_help *h = *state;

	service(h, "web",
		"{'selector':{'app':'web'},'ports':[{'name':'b','port':80,'targetPort':'http'},"
		"{'name':'a','port':81,'targetPort':9},{'name':'c','port':82,'targetPort':"
		"'absent'}]}");
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	pod(h, "web-2", "n1", 8081, "10.244.0.2");
	pod(h, "web-3", "n2", 8080, "10.244.0.3");
	expect(h, "web", "IPv4 a:9/TCP,b:8080/TCP 10.244.0.1 10.244.0.3;"
			 "IPv4 a:9/TCP,b:8081/TCP 10.244.0.2;");
	drop(h, "pods", "web-2");
	expect(h, "web", "IPv4 a:9/TCP,b:8080/TCP 10.244.0.1 10.244.0.3;");
	/* Without any of the ports a pod is an endpoint still, of no port. */
	service(h, "none", "{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':'x'}]}");
	expect(h, "none", "IPv4  10.244.0.1 10.244.0.3;");
	service(h, "head", "{'clusterIP':'None','selector':{'app':'web'}}");
	expect(h, "head", "IPv4  10.244.0.1 10.244.0.3;");
}

static void test_headless(void **state)
{
	struct registry_help *h = *state;
	const json_t *labels;
	json_t *slice;

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'clusterIP':'None','selector':"
	     "{'app':'web'},'ports':[{'port':5432}]}}");
	make(h, "pods", "{'metadata':{'name':'db-0','labels':{'app':'web'}},'spec':{'hostname':"
	     "'db-0','subdomain':'db','containers':[{'name':'c','image':'x'}]}}");
	run(h, "db-0", "10.244.0.1", true);
	slice = only(h, "db");
	labels = json_object_get(json_object_get(slice, "metadata"), "labels");
	assert_non_null(json_object_get(labels, "service.kubernetes.io/headless"));
	assert_string_equal(text(json_array_get(json_object_get(slice, "endpoints"), 0),
				 "hostname"), "db-0");
	json_decref(slice);
	/* The hostname is for the Service that the pod names alone. */
	service(h, "web", WEB);
	slice = only(h, "web");
	labels = json_object_get(json_object_get(slice, "metadata"), "labels");
	assert_null(json_object_get(labels, "service.kubernetes.io/headless"));
	assert_null(json_object_get(json_array_get(json_object_get(slice, "endpoints"), 0),
				    "hostname"));
	json_decref(slice);
}

/* "address zone/forZones/forNodes" of the only endpoint. */
static void expect_hints(struct registry_help *h, const char *svc, const char *want)
{
	json_t *slice = only(h, svc);
	const json_t *e = json_array_get(json_object_get(slice, "endpoints"), 0);
	const json_t *hints = json_object_get(e, "hints");
	char got[128];

	snprintf(got, sizeof(got), "%s/%s/%s", text(e, "zone"),
		 text(json_array_get(json_object_get(hints, "forZones"), 0), "name"),
		 text(json_array_get(json_object_get(hints, "forNodes"), 0), "name"));
	if (!strcmp(want, "//"))
		assert_null(hints);
	json_decref(slice);
	assert_string_equal(got, want);
}

static void test_hints(void **state)
{
	static const char spec[] = "{'trafficDistribution':'%s','selector':{'app':'web'},'ports':"
				   "[{'port':80}]}";
	struct registry_help *h = *state;
	char body[256];

	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	service(h, "any", WEB);
	for (const char *const *d = (const char *const[]){ "PreferClose", "PreferSameZone",
							   "PreferSameNode", NULL }; *d; d++) {
		char name[32] = "web-";

		snprintf(body, sizeof(body), spec, *d);
		for (const char *p = *d; *p; p++)
			sprintf(name + strlen(name), "%c", *p | 0x20);
		service(h, name, body);
	}
	expect_hints(h, "any", "//");
	expect_hints(h, "web-preferclose", "//");
	expect_hints(h, "web-prefersamenode", "//n1");
	/* The zone comes with the Node, changes with it, and goes with it. */
	node(h, "n1", "a");
	expect_hints(h, "any", "a//");
	expect_hints(h, "web-preferclose", "a/a/");
	expect_hints(h, "web-prefersamezone", "a/a/");
	expect_hints(h, "web-prefersamenode", "a/a/n1");
	patch(h, "nodes", "n1", NULL,
	      "{'metadata':{'labels':{'topology.kubernetes.io/zone':'b'}}}");
	expect_hints(h, "any", "b//");
	expect_hints(h, "web-prefersamezone", "b/b/");
	run(h, "web-1", "10.244.0.1", false);
	expect_hints(h, "web-prefersamenode", "b//");
	run(h, "web-1", "10.244.0.1", true);
	drop(h, "nodes", "n1");
	expect_hints(h, "any", "//");
	expect_hints(h, "web-prefersamezone", "//");
	patch(h, "services", "web-prefersamenode", NULL, "{'spec':{'trafficDistribution':null}}");
	expect_hints(h, "web-prefersamenode", "//");
}

/* What somebody makes of them is put right; what is theirs is left alone. */
static void test_tampered(void **state)
{
	struct registry_help *h = *state;
	json_t *slice;
	char name[64];

	service(h, "web", WEB);
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	slice = only(h, "web");
	snprintf(name, sizeof(name), "%s", name_of(slice));
	json_decref(slice);
	patch(h, "endpointslices", name, NULL, "{'endpoints':[{'addresses':['10.9.9.9']}]}");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	patch(h, "endpointslices", name, NULL, "{'ports':[{'port':1}]}");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	patch(h, "endpointslices", name, NULL, "{'metadata':{'ownerReferences':null,'labels':{"
	      "'x':'y'}}}");
	slice = only(h, "web");
	assert_int_equal(json_array_size(json_object_get(json_object_get(slice, "metadata"),
							 "ownerReferences")), 1);
	assert_string_equal(text(json_object_get(json_object_get(slice, "metadata"), "labels"),
				 "x"), "");
	json_decref(slice);
	drop(h, "endpointslices", name);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");

	/* It is nobody's now, so that there is another one. */
	slice = only(h, "web");
	snprintf(name, sizeof(name), "%s", name_of(slice));
	json_decref(slice);
	patch(h, "endpointslices", name, NULL,
	      "{'metadata':{'labels':{'endpointslice.kubernetes.io/managed-by':null}}}");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	slice = slices(h, "web", NULL);
	assert_int_equal(json_array_size(slice), 2);
	json_decref(slice);
}

static void test_ends(void **state)
{
	struct registry_help *h = *state;
	json_t *left;

	service(h, "web", WEB);
	service(h, "web-2", WEB);
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	make(h, "endpointslices", "{'metadata':{'name':'web-mine','labels':{"
	     "'kubernetes.io/service-name':'web'}},'addressType':'IPv4','endpoints':[{"
	     "'addresses':['192.0.2.1']}]}");
	/* As in Kubernetes, nobody looks after them without a selector. */
	patch(h, "services", "web", NULL, "{'spec':{'selector':null}}");
	run(h, "web-1", "10.244.0.2", true);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	expect(h, "web-2", "IPv4 :8080/TCP 10.244.0.2;");
	patch(h, "services", "web", NULL, "{'spec':{'selector':{'app':'web'}}}");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.2;");
	drop(h, "services", "web");
	expect(h, "web", "");
	left = slices(h, "web", NULL);
	assert_int_equal(json_array_size(left), 1);
	assert_string_equal(name_of(json_array_get(left, 0)), "web-mine");
	json_decref(left);
	expect(h, "web-2", "IPv4 :8080/TCP 10.244.0.2;");
}

/* A Service that is going has its slices kept up to date; but no new ones are made. */
static void test_going(void **state)
{
	struct registry_help *h = *state;
	json_t *slice;
	char name[64];

	make(h, "services", "{'metadata':{'name':'web','finalizers':['x.io/one']},'spec':" WEB "}");
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	drop(h, "services", "web");
	assert_int_equal(registry_help_get(h, "services", "web"), 200);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	run(h, "web-1", "10.244.0.2", true);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.2;");
	slice = only(h, "web");
	snprintf(name, sizeof(name), "%s", name_of(slice));
	json_decref(slice);
	drop(h, "endpointslices", name);
	expect(h, "web", "");
	run(h, "web-1", "10.244.0.3", true);
	registry_help_reopen(h);
	expect(h, "web", "");
	patch(h, "services", "web", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "services", "web"), 404);
}

/* What is deleted takes along what it owns, and what that owns; but not what others own too. */
static void test_owners(void **state)
{
	static const char ref[] = "{'apiVersion':'v1','kind':'Service','name':'%s','uid':'%s'}";
	struct registry_help *h = *state;
	char a[256], b[256], uid[64];

	service(h, "a", WEB);
	snprintf(a, sizeof(a), ref, "a", registry_help_value(h, "metadata.uid"));
	service(h, "b", WEB);
	snprintf(b, sizeof(b), ref, "b", registry_help_value(h, "metadata.uid"));
	make(h, "services", "{'metadata':{'name':'of-a','ownerReferences':[%s]},'spec':" WEB "}",
	     a);
	snprintf(uid, sizeof(uid), "%s", registry_help_value(h, "metadata.uid"));
	make(h, "pods", "{'metadata':{'name':'of-both','ownerReferences':[%s,%s]},'spec':{"
	     "'containers':[{'name':'c','image':'x'}]}}", a, b);
	make(h, "endpoints", "{'metadata':{'name':'deep','ownerReferences':[{'apiVersion':'v1',"
	     "'kind':'Service','name':'of-a','uid':'%s'}]}}", uid);
	drop(h, "services", "a");
	assert_int_equal(registry_help_get(h, "services", "of-a"), 404);
	assert_int_equal(registry_help_get(h, "endpoints", "of-a"), 404);
	assert_int_equal(registry_help_get(h, "endpoints", "deep"), 404);
	expect(h, "of-a", "");
	assert_int_equal(registry_help_get(h, "pods", "of-both"), 200);
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.0.name"), "b");
	assert_string_equal(registry_help_value(h, "metadata.ownerReferences.1.name"), "");
	drop(h, "services", "b");
	assert_int_equal(registry_help_get(h, "pods", "of-both"), 404);
}

static void count(void *ctx, const struct registry_event *ev)
{
	if (!strcmp(ev->res->plural, "endpointslices"))
		++*(int *)ctx;
}

static void expect_sizes(struct registry_help *h, const char *svc, size_t a, size_t b, size_t c)
{
	size_t want[] = { a, b, c }, n = 0;
	json_t *list = slices(h, svc, SLICE_CONTROLLER), *slice;
	size_t i, j;

	json_array_foreach(list, i, slice) {
		size_t size = json_array_size(json_object_get(slice, "endpoints"));

		for (j = 0; j < 3 && want[j] != size; j++)
			;
		if (j == 3)
			fail_msg("a slice of %zu", size);
		want[j] = 0;
		n += size;
	}
	assert_int_equal(n, a + b + c);
	json_decref(list);
}

/* At most 100 endpoints a slice; a pod that comes or goes changes one slice. */
static void test_sizes(void **state)
{
	struct registry_help *h = *state;
	char name[16], ip[32];
	int changes;

	service(h, "web", WEB);
	registry_listen(h->r, count, &changes);
	for (int i = 0; i < 250; i++) {
		changes = 0;
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(ip, sizeof(ip), "10.244.%d.%d", i / 200, 1 + i % 200);
		pod(h, name, "n1", 8080, ip);
		assert_int_equal(changes, 1);
	}
	expect_sizes(h, "web", 100, 100, 50);
	changes = 0;
	drop(h, "pods", "p7");
	expect_sizes(h, "web", 99, 100, 50);
	/* The fullest that has room. */
	pod(h, "q", "n1", 8080, "10.244.9.9");
	expect_sizes(h, "web", 100, 100, 50);
	assert_int_equal(changes, 2);
	run(h, "p100", "10.244.9.10", false);
	assert_int_equal(changes, 3);
	/* A start finds nothing to do. */
	registry_help_reopen(h);
	expect_sizes(h, "web", 100, 100, 50);
	assert_int_equal(registry_help_get(h, "services", "web"), 200);
	patch(h, "services", "web", NULL, "{'spec':{'ports':[{'port':80,'targetPort':9}]}}");
	expect_sizes(h, "web", 100, 100, 50);
}

/* A set of slices for each family of the Service; a pod is in those that it has an address of. */
static void test_families(void **state)
{
	static const char both[] = "{'status':{'phase':'Running','podIPs':[{'ip':'10.244.0.1'},"
				   "{'ip':'fd00::1'}],'conditions':[{'type':'Ready','status':"
				   "'True'}]}}";
	struct registry_help *h = *state;

	h->config.nservice_cidrs = 2;
	assert_int_equal(ip_cidr_parse("fd00:96::/112", &h->config.service_cidrs[1], NULL), 0);
	registry_help_reopen(h);
	service(h, "web", "{'ipFamilyPolicy':'PreferDualStack','selector':{'app':'web'},'ports':"
			  "[{'port':80,'targetPort':8080}]}");
	pod(h, "web-1", "n1", 8080, "10.244.0.1");
	pod(h, "web-2", "n1", 8080, "10.244.0.2");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1 10.244.0.2;IPv6 ;");
	patch(h, "pods", "web-1", "status", "%s", both);
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1 10.244.0.2;IPv6 :8080/TCP fd00::1;");
	drop(h, "pods", "web-2");
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;IPv6 :8080/TCP fd00::1;");
	patch(h, "services", "web", NULL, "{'spec':{'ipFamilyPolicy':'SingleStack','ipFamilies':"
	      "['IPv4'],'clusterIPs':['%s']}}", (registry_help_get(h, "services", "web"),
						 registry_help_value(h, "spec.clusterIP")));
	expect(h, "web", "IPv4 :8080/TCP 10.244.0.1;");
	service(h, "six", "{'ipFamilies':['IPv6'],'selector':{'app':'web'},'ports':[{'port':80}]}");
	expect(h, "six", "IPv6 :80/TCP fd00::1;");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_shape), TEST(test_placeholder), TEST(test_conditions),
		TEST(test_named_ports), TEST(test_headless), TEST(test_hints),
		TEST(test_tampered), TEST(test_ends),
		TEST(test_going), TEST(test_owners), TEST(test_sizes),
		TEST(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
