// SPDX-License-Identifier: GPL-2.0
#include "http_fixture.h"

#include "authority.h"
#include "kernel_fake.h"
#include "node.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct node_fixture {
	struct http_fixture *http;	/* for its loop and its registry */
	struct kernel *kernel;
	struct node *node;
	bool missing;			/* the module is not loaded */
	unsigned int opened;
	struct ip_addr addr;		/* the node's only one */
	char warned[512];
};

/* What addresses_read() is on a node. */
static int one_address(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	struct node_fixture *f = ctx;

	(void)e;
	*out = malloc(sizeof(**out));
	**out = f->addr;
	*n = 1;
	return 0;
}

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct node_fixture *f = ctx;

	f->opened++;
	if (f->missing)
		return err_set(e, ENOENT, "the module is not loaded");
	*out = f->kernel;
	return 0;
}

static void on_warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct node_fixture *f = ctx;

	snprintf(f->warned, sizeof(f->warned), "%s: %s", reason, message);
	authority_warn(f->http->registry, service, reason, message);
}

static void on_warned(void *ctx)
{
	struct node_fixture *f = ctx;

	authority_warned(f->http->registry);
}

static int setup(void **state)
{
	struct node_fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .warn = on_warn, .warned = on_warned, .warn_ctx = f,
				 .open = open_fake, .open_ctx = f };
	struct ksettings settings = { 0 };
	struct ip_cidr pods;

	f->http = http_fixture_open(NULL);
	f->kernel = kernel_fake_open();
	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &pods, NULL), 0);
	assert_int_equal(kcidrs_add(&settings.pod_cidrs, &pods), 0);
	assert_int_equal(ip_addr_parse("192.0.2.10", &f->addr, NULL), 0);
	c.base = f->http->base;
	c.node_name = "n1";
	c.settings = &settings;
	c.settings_what = KSETTINGS_POD_CIDRS;
	c.addresses = one_address;
	c.addresses_ctx = f;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	ksettings_clear(&settings);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct node_fixture *f = *state;

	node_free(f->node);
	kernel_fake_free(f->kernel);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void create(struct node_fixture *f, const char *kind, const char *text)
{
	json_t *body = json_loads(text, 0, NULL);
	const struct resource *res;
	struct reply r = { 0 };

	assert_non_null(body);
	res = resource_by_kind(json_string_value(json_object_get(body, "apiVersion")), kind);
	registry_create(f->http->registry, res, res->namespaced ? "default" : NULL, body, 0, &r);
	assert_int_equal(r.code, 201);
	json_decref(r.body);
	json_decref(body);
}

static void create_service(struct node_fixture *f, const char *name, const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":"
		 "{\"name\":\"%s\"},\"spec\":{\"ports\":[{\"port\":80}]%s}}", name, more);
	create(f, "Service", text);
}

/* The port is 8080. */
static void create_slice(struct node_fixture *f, const char *service, const char *endpoints)
{
	char text[1024];

	snprintf(text, sizeof(text), "{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":"
		 "\"EndpointSlice\",\"metadata\":{\"name\":\"%s-x\",\"labels\":"
		 "{\"kubernetes.io/service-name\":\"%s\"}},\"addressType\":\"IPv4\","
		 "\"endpoints\":[%s],\"ports\":[{\"port\":8080}]}", service, service, endpoints);
	create(f, "EndpointSlice", text);
}

/* What a load balancer's controller does. */
static void give_ingress(struct node_fixture *f, const char *name, const char *ip)
{
	json_t *patch = json_pack("{s:{s:{s:[{s:s}]}}}", "status", "loadBalancer", "ingress", "ip",
				  ip);
	struct reply r = { 0 };

	registry_patch(f->http->registry, resource_by_plural("v1", "services"), "default", name,
		       "status", patch, 0, &r);
	assert_int_equal(r.code, 200);
	json_decref(r.body);
	json_decref(patch);
}

static void start(struct node_fixture *f)
{
	struct err e = { "" };

	node_start(f->node);
	assert_int_equal(authority_start(f->http->registry, f->node, &e), 0);
}

static void stop(struct node_fixture *f)
{
	authority_stop(f->http->registry, f->node);
}

struct wanted {
	struct node_fixture *f;
	const char *name;
	size_t endpoints;
};

static bool is_written(void *ctx)
{
	struct wanted *w = ctx;
	const struct kservice *s;

	s = kernel_fake_find(w->f->kernel, w->name, AF_INET, IPPROTO_TCP);
	return s && s->nendpoints == w->endpoints;
}

static bool is_absent(void *ctx)
{
	struct wanted *w = ctx;

	return !kernel_fake_find(w->f->kernel, w->name, AF_INET, IPPROTO_TCP);
}

static void expect(struct node_fixture *f, const char *name, size_t endpoints)
{
	struct wanted w = { f, name, endpoints };

	if (!http_wait(f->http->base, is_written, &w))
		fail_msg("%s with %zu endpoints is not in the kernel", name, endpoints);
}

static bool is_ready(void *ctx)
{
	struct node_fixture *f = ctx;

	return node_ready(f->node, NULL);
}

static void test_objects_reach_the_kernel(void **state)
{
	struct node_fixture *f = *state;
	struct wanted gone = { f, "default/b", 0 };
	struct reply r = { 0 };
	struct err e = { "" };

	assert_false(node_ready(f->node, &e));
	assert_true(e.text[0]);
	create_service(f, "a", "");
	start(f);
	/* Nothing is written before the loop runs, unless one asks for it. */
	assert_null(kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP));
	node_run(f->node);
	assert_non_null(kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP));
	assert_true(node_ready(f->node, &e));
	create_slice(f, "a", "{\"addresses\":[\"10.244.1.10\"]}");
	create_service(f, "b", "");
	expect(f, "default/a", 1);
	expect(f, "default/b", 0);
	registry_delete(f->http->registry, resource_by_plural("v1", "services"), "default", "b", 0,
			&r);
	json_decref(r.body);
	assert_true(http_wait(f->http->base, is_absent, &gone));
	assert_int_equal(kernel_fake_settings(f->kernel)->pod_cidrs.n, 1);
	stop(f);
}

/* An address that was given by hand keeps one Service from it, not the node from being ready. */
static void test_taken_by_hand(void **state)
{
	struct node_fixture *f = *state;
	struct kfrontend fe = { .kind = SVCNAT_KIND_EXTERNAL, .port = 80 };
	struct kservice hand = { .name = "hand/own", .family = AF_INET, .proto = IPPROTO_TCP,
				 .owner = "hand" };
	struct err e = { "" };

	assert_int_equal(ip_addr_parse("192.0.2.1", &fe.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&hand, &fe), 0);
	assert_int_equal(f->kernel->ops->service_set(f->kernel, &hand, KERNEL_CREATE, 0, &e), 0);
	create_service(f, "a", ",\"externalIPs\":[\"192.0.2.1\"]");
	create_service(f, "b", "");
	start(f);
	node_run(f->node);
	assert_true(node_ready(f->node, &e));
	assert_non_null(kernel_fake_find(f->kernel, "default/b", AF_INET, IPPROTO_TCP));
	assert_int_equal(kernel_fake_find(f->kernel, "default/a", AF_INET,
					  IPPROTO_TCP)->nfrontends, 1);
	assert_non_null(strstr(f->warned, "hand/own"));
	kservice_clear(&hand);
	stop(f);
}

/* Likewise one that the kernel does not allow: settings of somebody else's, for svcd has none. */
static void test_address_not_allowed(void **state)
{
	struct node_fixture *f = *state;
	struct ksettings allowed = { 0 };
	const struct kservice *s;
	struct err e = { "" };
	struct ip_cidr cidr;

	assert_int_equal(ip_cidr_parse("203.0.113.0/24", &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&allowed.external_cidrs, &cidr), 0);
	assert_int_equal(f->kernel->ops->settings_set(f->kernel, &allowed,
						      KSETTINGS_EXTERNAL_CIDRS, &e), 0);
	ksettings_clear(&allowed);
	create_service(f, "a", ",\"externalIPs\":[\"192.0.2.1\",\"203.0.113.1\"]");
	create_service(f, "b", "");
	start(f);
	node_run(f->node);
	assert_true(node_ready(f->node, &e));
	s = kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP);
	assert_int_equal(s->nfrontends, 2);
	assert_non_null(kernel_fake_find(f->kernel, "default/b", AF_INET, IPPROTO_TCP));
	assert_non_null(strstr(f->warned, "AddressNotAllowed: "));
	assert_non_null(strstr(f->warned, "192.0.2.1"));
	stop(f);
}

/* Through the registry and its defaults: what a Service's policies are on node n1. */
static void test_policies_of_this_node(void **state)
{
	struct node_fixture *f = *state;
	const struct kservice *s;
	char cidr[INET6_ADDRSTRLEN + 4];

	create_service(f, "a", ",\"type\":\"LoadBalancer\",\"externalTrafficPolicy\":\"Local\","
		       "\"sessionAffinity\":\"ClientIP\","
		       "\"loadBalancerSourceRanges\":[\"192.0.2.0/24\"]");
	create_slice(f, "a", "{\"addresses\":[\"10.244.1.10\"],\"nodeName\":\"n1\"},"
		     "{\"addresses\":[\"10.244.2.10\"],\"nodeName\":\"n2\"}");
	give_ingress(f, "a", "203.0.113.5");
	start(f);
	node_run(f->node);
	s = kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP);
	assert_int_equal(s->flags, SVCNAT_F_EXTERNAL_LOCAL);
	assert_int_equal(s->affinity, 10800);
	assert_int_equal(s->nendpoints, 2);
	assert_int_equal(s->endpoints[0].lists, SVCNAT_LIST_CLUSTER | SVCNAT_LIST_LOCAL);
	assert_int_equal(s->endpoints[1].lists, SVCNAT_LIST_CLUSTER);
	/* The node is in its range, and so the address is a source of its own. */
	assert_int_equal(s->nranges, 2);
	assert_string_equal(ip_cidr_print(&s->ranges[1], cidr), "203.0.113.5/32");
	stop(f);
}

/* The zone comes from the Node of this name, which may come and go; hints are followed by it. */
static void test_zone_of_this_node(void **state)
{
	struct node_fixture *f = *state;
	const struct kservice *s;
	struct reply r = { 0 };

	create_service(f, "a", "");
	create_slice(f, "a", "{\"addresses\":[\"10.244.1.10\"],\"hints\":{\"forZones\":"
		     "[{\"name\":\"east\"}]}},{\"addresses\":[\"10.244.2.10\"],\"hints\":"
		     "{\"forZones\":[{\"name\":\"west\"}]}}");
	create(f, "Node", "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\","
	       "\"labels\":{\"topology.kubernetes.io/zone\":\"west\"}}}");
	create(f, "Node", "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n2\","
	       "\"labels\":{\"topology.kubernetes.io/zone\":\"east\"}}}");
	start(f);
	node_run(f->node);
	s = kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP);
	assert_int_equal(s->endpoints[0].lists, 0);
	assert_int_equal(s->endpoints[1].lists, SVCNAT_LIST_CLUSTER);
	registry_delete(f->http->registry, resource_by_kind("v1", "Node"), NULL, "n1", 0, &r);
	json_decref(r.body);
	node_run(f->node);
	s = kernel_fake_find(f->kernel, "default/a", AF_INET, IPPROTO_TCP);
	assert_int_equal(s->endpoints[0].lists, SVCNAT_LIST_CLUSTER);
	assert_int_equal(s->endpoints[1].lists, SVCNAT_LIST_CLUSTER);
	stop(f);
}

/* A hundred changes in one turn of the loop are not a hundred runs. */
static void test_gathered(void **state)
{
	struct node_fixture *f = *state;
	unsigned int calls;
	struct reply r;
	json_t *patch;
	char text[32];
	int i;

	create_service(f, "a", "");
	start(f);
	expect(f, "default/a", 0);
	calls = kernel_fake_calls(f->kernel, KERNEL_FAKE_SET);
	for (i = 1; i <= 100; i++) {
		snprintf(text, sizeof(text), "10.0.0.%d", i);
		patch = json_pack("{s:{s:[s]}}", "spec", "externalIPs", text);
		r = (struct reply){ 0 };
		registry_patch(f->http->registry, resource_by_plural("v1", "services"), "default",
			       "a", NULL, patch, 0, &r);
		assert_int_equal(r.code, 200);
		json_decref(r.body);
		json_decref(patch);
	}
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_SET), calls);
	create_service(f, "b", "");
	expect(f, "default/b", 0);
	assert_in_range(kernel_fake_calls(f->kernel, KERNEL_FAKE_SET), calls + 1, calls + 4);
	stop(f);
}

static void delete_by_hand(struct node_fixture *f, const char *name)
{
	assert_int_equal(f->kernel->ops->service_del(f->kernel, name, AF_INET, IPPROTO_TCP, NULL,
						     0, NULL), 0);
}

/* Somebody else deletes one, or events are lost in which that was told. */
static void test_foreign_changes(void **state)
{
	struct node_fixture *f = *state;
	unsigned int calls;

	create_service(f, "a", "");
	create_service(f, "b", "");
	start(f);
	expect(f, "default/b", 0);
	calls = kernel_fake_calls(f->kernel, KERNEL_FAKE_SET);
	delete_by_hand(f, "default/a");
	expect(f, "default/a", 0);
	delete_by_hand(f, "default/b");
	kernel_fake_lose_events(f->kernel);
	expect(f, "default/b", 0);
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_SET), calls + 2);
	/* An error of the socket is no reason to stop listening. */
	kernel_fake_fail(f->kernel, KERNEL_FAKE_EVENTS_READ, 1, EPROTO);
	delete_by_hand(f, "default/a");
	expect(f, "default/a", 0);
	stop(f);
}

static bool has_all(void *ctx)
{
	struct wanted *w = ctx;

	return kernel_fake_services(w->f->kernel)->n == w->endpoints;
}

#define BATCH	1000

/* A thousand changes are one run, and a message for each service that they touch. */
static void test_a_batch_is_one_run(void **state)
{
	struct node_fixture *f = *state;
	struct wanted all = { f, NULL, BATCH };
	unsigned int calls;
	json_t *service;
	char name[32], ip[32];
	int i;

	start(f);
	node_run(f->node);
	calls = kernel_fake_calls(f->kernel, KERNEL_FAKE_ANY);
	for (i = 0; i < BATCH; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(ip, sizeof(ip), "10.97.%d.%d", i / 250, i % 250);
		service = json_pack("{s:{s:s}, s:{s:s, s:[s], s:[{s:i, s:s}]}}", "metadata",
				    "name", name, "spec", "clusterIP", ip, "clusterIPs", ip,
				    "ports", "port", 80, "protocol", "TCP");
		assert_non_null(service);
		node_object(f->node, PROXY_SERVICE, service, false);
		json_decref(service);
	}
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_ANY), calls);
	assert_true(http_wait(f->http->base, has_all, &all));
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_ANY), calls + BATCH);
	/* All but the last one left the stale connections to it: one run. */
	assert_int_equal(kernel_fake_deferred(f->kernel), 0);
	stop(f);
}

/* One that the kernel does not take: the others are there, its owner is told, it comes later. */
static void test_refused_service(void **state)
{
	struct node_fixture *f = *state;
	struct err e = { "" };

	create_service(f, "a", "");
	create_service(f, "b", "");
	kernel_fake_refuse(f->kernel, "default/a", EINVAL);
	start(f);
	expect(f, "default/b", 0);
	assert_true(node_ready(f->node, &e));
	assert_string_equal(f->warned, "NotProgrammed: the test refuses this service");
	kernel_fake_refuse(f->kernel, NULL, 0);
	expect(f, "default/a", 0);
	stop(f);
}

/* --- what it says of itself */

static const char *text_at(const json_t *o, const char *first, const char *second)
{
	const json_t *v = json_object_get(o, first);

	if (second)
		v = json_object_get(json_is_array(v) ? json_array_get(v, 0) : v, second);
	return json_is_string(v) ? json_string_value(v) : json_is_true(v) ? "true" :
	       json_is_false(v) ? "false" : "";
}

static json_int_t count_of(const json_t *o, const char *what, const char *where)
{
	return json_integer_value(json_object_get(json_object_get(json_object_get(o, "counts"),
								  what), where));
}

static void test_status(void **state)
{
	struct node_fixture *f = *state;
	json_t *s = node_status(f->node);

	assert_string_equal(text_at(s, "ready", NULL), "false");
	assert_string_equal(text_at(s, "ok", NULL), "false");
	assert_string_equal(text_at(s, "message", NULL), "the svcnat module is not there");
	assert_string_equal(text_at(s, "module", "loaded"), "false");
	json_decref(s);
	create_service(f, "a", "");
	create_service(f, "b", ",\"externalIPs\":[\"192.0.2.1\",\"192.0.2.2\"]");
	start(f);
	/* What was told is written before it is said. */
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ok", NULL), "true");
	assert_string_equal(text_at(s, "ready", NULL), "true");
	assert_string_equal(text_at(s, "module", "version"), "1.2.3");
	assert_non_null(strstr(text_at(s, "module", "message"), "is of version 1.2.3, and svcd of "
			       SVCNAT_VERSION));
	assert_string_equal(text_at(s, "lists", "services"), "true");
	assert_string_equal(text_at(s, "lists", "endpointSlices"), "true");
	assert_string_equal(text_at(s, "lists", "nodes"), "true");
	assert_int_equal(strlen(text_at(s, "since", NULL)), 20);
	assert_int_equal(strlen(text_at(s, "passes", "lastSuccess")), 20);
	assert_int_equal(count_of(s, "services", "desired"), 2);
	assert_int_equal(count_of(s, "services", "kernel"), 2);
	assert_int_equal(count_of(s, "frontends", "kernel"), 4);
	assert_int_equal(json_array_size(json_object_get(s, "stuck")), 0);
	json_decref(s);
	kernel_fake_set_version(f->kernel, SVCNAT_VERSION);
	s = node_status(f->node);
	assert_string_equal(text_at(s, "module", "version"), SVCNAT_VERSION);
	assert_string_equal(text_at(s, "module", "message"), "");
	json_decref(s);
	stop(f);
}

static void test_status_of_what_is_stuck(void **state)
{
	struct node_fixture *f = *state;
	json_t *s;

	create_service(f, "a", "");
	create_service(f, "b", "");
	kernel_fake_refuse(f->kernel, "default/a", EINVAL);
	start(f);
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ready", NULL), "true");
	assert_string_equal(text_at(s, "ok", NULL), "false");
	assert_int_equal(count_of(s, "services", "desired"), 2);
	assert_int_equal(count_of(s, "services", "kernel"), 1);
	assert_int_equal(json_array_size(json_object_get(s, "stuck")), 1);
	assert_string_equal(text_at(s, "stuck", "service"), "default/a");
	assert_string_equal(text_at(s, "stuck", "reason"), "NotProgrammed");
	assert_string_equal(text_at(s, "stuck", "message"), "the test refuses this service");
	assert_string_equal(text_at(s, "stuck", "protocol"), "TCP");
	assert_int_equal(strlen(text_at(s, "stuck", "nextTry")), 20);
	json_decref(s);
	kernel_fake_refuse(f->kernel, NULL, 0);
	expect(f, "default/a", 0);
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ok", NULL), "true");
	json_decref(s);
	/* An address that an older Service has is stuck until that one is gone. */
	create_service(f, "c", ",\"externalIPs\":[\"192.0.2.1\"]");
	create_service(f, "d", ",\"externalIPs\":[\"192.0.2.1\"]");
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ok", NULL), "false");
	assert_string_equal(text_at(s, "stuck", "service"), "default/d");
	assert_string_equal(text_at(s, "stuck", "reason"), "AddressConflict");
	assert_string_equal(text_at(s, "stuck", "nextTry"), "");
	json_decref(s);
	stop(f);
}

static void test_status_after_trouble(void **state)
{
	struct node_fixture *f = *state;
	json_t *s;

	create_service(f, "a", "");
	start(f);
	expect(f, "default/a", 0);
	delete_by_hand(f, "default/a");
	expect(f, "default/a", 0);
	kernel_fake_fail(f->kernel, KERNEL_FAKE_SET, 1, EIO);
	create_service(f, "b", "");
	expect(f, "default/b", 0);
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ok", NULL), "true");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(s, "foreignChanges"),
							    "count")), 1);
	assert_string_equal(text_at(json_object_get(s, "passes"), "lastError", "message"),
			    "service 'default/b' (TCP): the test asked for this: "
			    "Input/output error");
	json_decref(s);
	/* It went, and nobody has told so far. */
	kernel_fake_fail(f->kernel, KERNEL_FAKE_SETTINGS_GET, 1, ENODEV);
	s = node_status(f->node);
	assert_string_equal(text_at(s, "ready", NULL), "false");
	assert_string_equal(text_at(s, "ok", NULL), "false");
	json_decref(s);
	stop(f);
}

/* --- the module */

static bool was_opened_again(void *ctx)
{
	struct node_fixture *f = ctx;

	return f->opened >= 2;
}

static void test_module_comes_later(void **state)
{
	struct node_fixture *f = *state;
	struct err e = { "" };

	f->missing = true;
	create_service(f, "a", "");
	start(f);
	assert_false(node_ready(f->node, &e));
	assert_string_equal(e.text, "the module is not loaded");
	assert_true(http_wait(f->http->base, was_opened_again, f));
	f->missing = false;
	assert_true(http_wait(f->http->base, is_ready, f));
	expect(f, "default/a", 0);
	stop(f);
}

/* The module is taken away and loaded anew, without anything in it. */
static void test_module_loaded_anew(void **state)
{
	struct node_fixture *f = *state;
	struct err e = { "" };

	create_service(f, "a", "");
	start(f);
	expect(f, "default/a", 0);
	f->missing = true;
	kernel_fake_reset(f->kernel);
	kernel_fake_fail(f->kernel, KERNEL_FAKE_SET, 1, ENODEV);
	create_service(f, "b", "");
	node_run(f->node);
	assert_false(node_ready(f->node, &e));
	assert_true(kernel_fake_closed(f->kernel) > 0);
	f->missing = false;
	assert_true(http_wait(f->http->base, is_ready, f));
	expect(f, "default/a", 0);
	expect(f, "default/b", 0);
	stop(f);
}

/* Failures are tried again; what changes meanwhile does not wait for the pause to end. */
static void test_failures(void **state)
{
	struct node_fixture *f = *state;
	struct err e = { "" };

	create_service(f, "a", "");
	start(f);
	kernel_fake_break(f->kernel, ENOBUFS);
	node_run(f->node);
	assert_false(node_ready(f->node, &e));
	assert_true(e.text[0]);
	kernel_fake_break(f->kernel, 0);
	assert_true(http_wait(f->http->base, is_ready, f));
	expect(f, "default/a", 0);
	kernel_fake_fail(f->kernel, KERNEL_FAKE_SET, 1, ENOMEM);
	create_service(f, "b", "");
	expect(f, "default/b", 0);
	/* Once written, trouble with one change is no reason not to be ready. */
	assert_true(node_ready(f->node, &e));
	stop(f);
}

static void test_warnings_become_events(void **state)
{
	struct node_fixture *f = *state;
	const struct registry_query all = { NULL, NULL };
	struct reply r = { 0 };
	json_t *item;

	create_service(f, "a", ",\"externalIPs\":[\"192.0.2.1\"]");
	create_service(f, "b", ",\"externalIPs\":[\"192.0.2.1\"]");
	start(f);
	node_run(f->node);
	assert_non_null(strstr(f->warned, "AddressConflict: 192.0.2.1"));
	registry_list(f->http->registry, resource_by_plural("v1", "events"), "default", &all, &r);
	item = json_array_get(json_object_get(r.body, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "type")), "Warning");
	assert_string_equal(json_string_value(json_object_get(item, "reason")), "AddressConflict");
	item = json_object_get(item, "involvedObject");
	assert_string_equal(json_string_value(json_object_get(item, "kind")), "Service");
	assert_string_equal(json_string_value(json_object_get(item, "name")), "b");
	json_decref(r.body);
	stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_objects_reach_the_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_by_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_address_not_allowed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policies_of_this_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zone_of_this_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gathered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_batch_is_one_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_service, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status_of_what_is_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status_after_trouble, setup, teardown),
		cmocka_unit_test_setup_teardown(test_module_comes_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_module_loaded_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_warnings_become_events, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
