// SPDX-License-Identifier: GPL-2.0
/*
 * The whole way on the authority's own node: Services, Pods and Nodes as they are
 * written to the registry, to the entries of the kernel.
 */
#include "authority.h"
#include "kernel_fake.h"
#include "node.h"
#include "registry_help.h"

#include "addrport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct registry_help *h;
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;		/* n1 */
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*out = calloc(1, sizeof(**out));
	*n = 0;
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config c = {
		.node_name = "n1",
		.open = open_fake,
		.open_ctx = f,
		.addresses = no_addresses,
	};
	struct err e = { "" };

	registry_help_setup((void **)&f->h);
	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	c.base = f->base;
	assert_int_equal(node_alloc(&f->node, &c, &e), 0);
	node_start(f->node);
	assert_int_equal(authority_start(f->h->r, f->node, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	authority_stop(f->h->r, f->node);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	event_base_free(f->base);
	registry_help_teardown((void **)&f->h);
	free(f);
	return 0;
}

static void create(struct fixture *f, const char *plural, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void create(struct fixture *f, const char *plural, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (registry_help_create(f->h, plural, text) != 201)
		fail_msg("%s: %s", text, registry_help_message(f->h));
}

static void patch(struct fixture *f, const char *plural, const char *name, const char *sub,
		  const char *json)
{
	if (registry_help_patch(f->h, plural, name, sub, json) != 200)
		fail_msg("%s: %s", json, registry_help_message(f->h));
}

/* Ready as soon as it has an address; its port "http" is that number. It ends in 30 seconds. */
static void run_pod(struct fixture *f, const char *name, const char *node, const char *ip,
		    unsigned int port)
{
	char status[512];

	create(f, "pods", "{'metadata':{'name':'%s','labels':{'app':'web'}},'spec':{'nodeName':"
	       "'%s','terminationGracePeriodSeconds':30,'containers':[{'name':'c','image':'i',"
	       "'ports':[{'name':'http','containerPort':%u}]}]}}", name, node, port);
	snprintf(status, sizeof(status), "{'status':{'phase':'Running','podIP':'%s','podIPs':"
		 "[{'ip':'%s'}],'conditions':[{'type':'Ready','status':'True'}]}}", ip, ip);
	patch(f, "pods", name, "status", status);
}

static void set_ready(struct fixture *f, const char *name, const char *status)
{
	char json[128];

	snprintf(json, sizeof(json), "{'status':{'conditions':[{'type':'Ready','status':'%s'}]}}",
		 status);
	patch(f, "pods", name, "status", json);
}

static void pass(struct fixture *f, unsigned int seconds)
{
	struct err e = { "" };

	f->h->now += seconds;
	assert_int_equal(registry_tick(f->h->r, &e), 0);
}

static const char *lists_name(uint8_t lists)
{
	static const char *const names[] = { "+drain", "", "+only-local", "+local" };

	return names[lists];
}

static int endpoint_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Of port http/TCP over IPv4; sorted as text. */
static void expect(struct fixture *f, const char *name, const char *expected)
{
	char v[16][64] = { "" }, text[1024] = "", buf[ADDRPORT_STRLEN];
	const struct kservice *s;
	size_t i, n;

	node_run(f->node);
	s = kernel_fake_find(f->kernel, name, AF_INET, IPPROTO_TCP);
	assert_non_null(s);
	assert_true(s->nendpoints <= 16);
	for (i = 0; i < s->nendpoints; i++)
		snprintf(v[i], sizeof(v[i]), "%s%s", addrport_print(&s->endpoints[i].addr,
			 s->endpoints[i].port, buf), lists_name(s->endpoints[i].lists));
	qsort(v, s->nendpoints, sizeof(v[0]), endpoint_cmp);
	for (i = 0; i < s->nendpoints; i++) {
		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "", v[i]);
	}
	assert_string_equal(text, expected);
}

#define WEB	"'selector':{'app':'web'},'ports':[{'port':80,'targetPort':'http'}]"

static void test_pods_come_and_go(void **state)
{
	struct fixture *f = *state;

	create(f, "services", "{'metadata':{'name':'web'},'spec':{" WEB "}}");
	expect(f, "default/web", "");
	run_pod(f, "a", "n1", "10.244.1.1", 8080);
	expect(f, "default/web", "10.244.1.1:8080+local");
	/* The same name is another number in another pod. */
	run_pod(f, "b", "n2", "10.244.2.1", 8081);
	expect(f, "default/web", "10.244.1.1:8080+local 10.244.2.1:8081");
	set_ready(f, "a", "False");
	expect(f, "default/web", "10.244.2.1:8081");
	set_ready(f, "a", "True");
	assert_int_equal(registry_help_delete(f->h, "pods", "b"), 200);
	pass(f, 31);
	expect(f, "default/web", "10.244.1.1:8080+local");
	patch(f, "pods", "a", NULL, "{'metadata':{'labels':{'app':'other'}}}");
	expect(f, "default/web", "");
}

/* A rolling update: the old pod drains, and is the fallback where it is the last one. */
static void test_pods_terminate(void **state)
{
	struct fixture *f = *state;

	create(f, "services", "{'metadata':{'name':'web'},'spec':{'type':'NodePort',"
	       "'externalTrafficPolicy':'Local'," WEB "}}");
	run_pod(f, "a", "n1", "10.244.1.1", 80);
	run_pod(f, "b", "n2", "10.244.2.1", 80);
	assert_int_equal(registry_help_delete(f->h, "pods", "a"), 200);
	expect(f, "default/web", "10.244.1.1:80+only-local 10.244.2.1:80");
	run_pod(f, "c", "n1", "10.244.1.2", 80);
	expect(f, "default/web", "10.244.1.1:80+drain 10.244.1.2:80+local 10.244.2.1:80");
	/* It no longer serves, while it still is there. */
	set_ready(f, "a", "False");
	expect(f, "default/web", "10.244.1.2:80+local 10.244.2.1:80");
	assert_int_equal(registry_help_delete(f->h, "pods", "b"), 200);
	assert_int_equal(registry_help_delete(f->h, "pods", "c"), 200);
	expect(f, "default/web", "10.244.1.2:80+local 10.244.2.1:80");
	pass(f, 31);
	expect(f, "default/web", "");
}

static void test_not_ready_is_published(void **state)
{
	struct fixture *f = *state;

	create(f, "services", "{'metadata':{'name':'web'},'spec':{" WEB "}}");
	run_pod(f, "a", "n1", "10.244.1.1", 8080);
	set_ready(f, "a", "False");
	expect(f, "default/web", "");
	patch(f, "services", "web", NULL, "{'spec':{'publishNotReadyAddresses':true}}");
	expect(f, "default/web", "10.244.1.1:8080+local");
}

/* What makes the hints, and what reads them, agree. */
static void test_near_ones(void **state)
{
	static const char *const nodes[] = { "n1 east", "n2 east", "n3 west" };
	struct fixture *f = *state;
	char name[8], zone[8];
	size_t i;

	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		assert_int_equal(sscanf(nodes[i], "%7s %7s", name, zone), 2);
		create(f, "nodes", "{'metadata':{'name':'%s','labels':"
		       "{'topology.kubernetes.io/zone':'%s'}}}", name, zone);
	}
	create(f, "services", "{'metadata':{'name':'web'},'spec':{" WEB "}}");
	run_pod(f, "b", "n2", "10.244.2.1", 80);
	run_pod(f, "c", "n3", "10.244.3.1", 80);
	expect(f, "default/web", "10.244.2.1:80 10.244.3.1:80");
	patch(f, "services", "web", NULL, "{'spec':{'trafficDistribution':'PreferSameZone'}}");
	expect(f, "default/web", "10.244.2.1:80 10.244.3.1:80+drain");
	/* With node hints, and none for this one, the zones decide. */
	patch(f, "services", "web", NULL, "{'spec':{'trafficDistribution':'PreferSameNode'}}");
	expect(f, "default/web", "10.244.2.1:80 10.244.3.1:80+drain");
	run_pod(f, "a", "n1", "10.244.1.1", 80);
	expect(f, "default/web", "10.244.1.1:80+local 10.244.2.1:80+drain 10.244.3.1:80+drain");
	set_ready(f, "a", "False");
	set_ready(f, "b", "False");
	expect(f, "default/web", "10.244.3.1:80");
	patch(f, "services", "web", NULL, "{'spec':{'trafficDistribution':null}}");
	set_ready(f, "b", "True");
	expect(f, "default/web", "10.244.2.1:80 10.244.3.1:80");
}

/* Without a selector the endpoints are made by hand, in either kind of object. */
static void test_made_by_hand(void **state)
{
	struct fixture *f = *state;

	create(f, "services", "{'metadata':{'name':'web'},'spec':{'ports':[{'port':80}]}}");
	create(f, "endpoints", "{'metadata':{'name':'web'},'subsets':[{'addresses':"
	       "[{'ip':'10.0.0.1','nodeName':'n1'},{'ip':'10.0.0.2'}],"
	       "'notReadyAddresses':[{'ip':'10.0.0.3'}],'ports':[{'port':8080}]}]}");
	expect(f, "default/web", "10.0.0.1:8080+local 10.0.0.2:8080");
	create(f, "endpointslices", "{'metadata':{'name':'more','labels':"
	       "{'kubernetes.io/service-name':'web'}},'addressType':'IPv4','endpoints':"
	       "[{'addresses':['10.0.0.2']},{'addresses':['10.0.0.4'],'conditions':"
	       "{'ready':false,'serving':true,'terminating':true}}],'ports':[{'port':8080}]}");
	expect(f, "default/web", "10.0.0.1:8080+local 10.0.0.2:8080 10.0.0.4:8080+drain");
	assert_int_equal(registry_help_delete(f->h, "endpoints", "web"), 200);
	expect(f, "default/web", "10.0.0.2:8080 10.0.0.4:8080+drain");
	patch(f, "endpointslices", "more", NULL, "{'endpoints':[{'addresses':['10.0.0.4'],"
	      "'nodeName':'n1','conditions':{'ready':false,'serving':true,'terminating':true}}]}");
	expect(f, "default/web", "10.0.0.4:8080+local");
	assert_int_equal(registry_help_delete(f->h, "endpointslices", "more"), 200);
	expect(f, "default/web", "");
}

/* A start finds in the store what the kernel should have. */
static void test_after_a_start(void **state)
{
	struct fixture *f = *state;
	struct err e = { "" };

	create(f, "services", "{'metadata':{'name':'web'},'spec':{" WEB "}}");
	run_pod(f, "a", "n1", "10.244.1.1", 8080);
	authority_stop(f->h->r, f->node);
	registry_help_reopen(f->h);
	assert_int_equal(authority_start(f->h->r, f->node, &e), 0);
	expect(f, "default/web", "10.244.1.1:8080+local");
	assert_int_equal(registry_help_delete(f->h, "services", "web"), 200);
	node_run(f->node);
	assert_int_equal(kernel_fake_services(f->kernel)->n, 0);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_pods_come_and_go),
		CASE(test_pods_terminate),
		CASE(test_not_ready_is_published),
		CASE(test_near_ones),
		CASE(test_made_by_hand),
		CASE(test_after_a_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
