// SPDX-License-Identifier: GPL-2.0
/* The ranges change, at a restart or while it runs: what Services have stays theirs. */
#include "registry_help.h"

#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LABEL "{'metadata':{'labels':{'a':'b'}}}"

static void reconfigure(struct registry_help *h, const char *cidr, uint16_t min, uint16_t max)
{
	assert_int_equal(ip_cidr_parse(cidr, &h->config.service_cidrs[0], NULL), 0);
	h->config.node_port_min = min;
	h->config.node_port_max = max;
}

static void reopen(struct registry_help *h, const char *cidr, uint16_t min, uint16_t max)
{
	registry_close(h->r);
	reconfigure(h, cidr, min, max);
	registry_help_open(h);
}

static void set(struct registry_help *h, const char *cidr, uint16_t min, uint16_t max)
{
	struct err e = { "" };

	reconfigure(h, cidr, min, max);
	if (registry_set_ranges(h->r, &h->config, &e))
		fail_msg("%s", e.text);
}

/* How often, by its count, an Event of the Service says message; 0: there is none. */
static json_int_t said(struct registry_help *h, const char *name, const char *reason,
		       const char *message)
{
	const struct registry_query all = { NULL, NULL };
	json_int_t count = 0;
	struct reply reply;
	json_t *ev;
	size_t i;

	registry_list(h->r, registry_help_type("events"), "default", &all, &reply);
	assert_int_equal(reply.code, 200);
	json_array_foreach(json_object_get(reply.body, "items"), i, ev) {
		const json_t *object = json_object_get(ev, "involvedObject");

		if (!strcmp(json_string_value(json_object_get(object, "name")), name) &&
		    !strcmp(json_string_value(json_object_get(ev, "reason")), reason) &&
		    !strcmp(json_string_value(json_object_get(ev, "message")), message))
			count += json_integer_value(json_object_get(ev, "count"));
	}
	json_decref(reply.body);
	return count;
}

#define IP_MESSAGE "Cluster IP 10.96.0.5 is not within the service CIDR 10.97.0.0/16; please " \
	"recreate service"
#define PORT_MESSAGE "Port 30001 is not within the port range 31000-31100; please recreate service"
#define HEALTH_MESSAGE "Port 30002 is not within the port range 31000-31100; please recreate " \
	"service"

static void test_kept_and_said(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
			      "'clusterIP':'10.96.0.5','healthCheckNodePort':30002,'ports':"
			      "[{'port':80,'nodePort':30001}]}");
	registry_help_service(h, "fine", "{'clusterIP':'10.97.0.5','ports':[{'port':80}]}");
	registry_help_service(h, "name", "{'type':'ExternalName','externalName':'a.b','ports':"
			      "[{'port':80,'nodePort':80}]}");
	registry_help_service(h, "headless", "{'clusterIP':'None'}");
	registry_help_reopen(h);
	assert_int_equal(said(h, "old", "ClusterIPOutOfRange", IP_MESSAGE), 0);

	reopen(h, "10.97.0.0/16", 31000, 31100);
	assert_int_equal(said(h, "old", "ClusterIPOutOfRange", IP_MESSAGE), 1);
	assert_int_equal(said(h, "old", "PortOutOfRange", PORT_MESSAGE), 1);
	assert_int_equal(said(h, "old", "PortOutOfRange", HEALTH_MESSAGE), 1);
	assert_int_equal(said(h, "fine", "ClusterIPOutOfRange", IP_MESSAGE), 0);

	/* It can be written, and stays as it is. */
	assert_int_equal(registry_help_patch(h, "services", "old", NULL, LABEL), 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "10.96.0.5");
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "30001");
	assert_string_equal(registry_help_value(h, "spec.healthCheckNodePort"), "30002");

	/* The same at each start is one Event, counted. */
	registry_help_reopen(h);
	assert_int_equal(said(h, "old", "ClusterIPOutOfRange", IP_MESSAGE), 2);
}

static size_t rows(struct registry_help *h)
{
	const struct registry_query all = { NULL, NULL };
	struct reply reply;
	size_t n;

	registry_list(h->r, registry_help_type("events"), "default", &all, &reply);
	n = json_array_size(json_object_get(reply.body, "items"));
	json_decref(reply.body);
	return n;
}

/* The same number of two protocols. */
static void test_said_once(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'type':'NodePort','clusterIP':'10.97.0.5','ports':["
			      "{'name':'t','port':53,'nodePort':30001},"
			      "{'name':'u','port':53,'nodePort':30001,'protocol':'UDP'}]}");
	reopen(h, "10.97.0.0/16", 31000, 31100);
	assert_int_equal(said(h, "old", "PortOutOfRange", PORT_MESSAGE), 1);
	assert_int_equal(rows(h), 1);
	registry_help_reopen(h);
	assert_int_equal(said(h, "old", "PortOutOfRange", PORT_MESSAGE), 2);
	assert_int_equal(rows(h), 1);
}

static void test_no_range_of_its_family(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'clusterIP':'10.96.0.5','ports':[{'port':80}]}");
	reopen(h, "fd00:10:96::/112", 30000, 32767);
	assert_int_equal(said(h, "old", "ClusterIPOutOfRange", "Cluster IP 10.96.0.5 is not within "
			      "any configured service CIDR; please recreate service"), 1);
	assert_int_equal(registry_help_patch(h, "services", "old", NULL, LABEL), 200);
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.0"), "IPv4");
}

/* Back in the old ranges, what was kept is not given to anybody else. */
static void test_back_again(void **state)
{
	static const char *const taken = "{'metadata':{'name':'x'},'spec':{'type':'NodePort',"
		"'clusterIP':'10.96.0.5','ports':[{'port':80,'nodePort':30001}]}}";
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'type':'NodePort','clusterIP':'10.96.0.5','ports':"
			      "[{'port':80,'nodePort':30001}]}");
	reopen(h, "10.97.0.0/16", 31000, 31100);
	reopen(h, "10.96.0.0/12", 30000, 32767);
	assert_int_equal(registry_help_create(h, "services", taken), 422);
	/* What is given up outside of the ranges is nobody's inside. */
	reopen(h, "10.97.0.0/16", 31000, 31100);
	assert_int_equal(registry_help_delete(h, "services", "old"), 200);
	reopen(h, "10.96.0.0/12", 30000, 32767);
	assert_int_equal(registry_help_create(h, "services", taken), 201);
}

/* While it runs it is as after a restart: what is had stays, what is new is from the new range. */
static void test_set(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
			      "'clusterIP':'10.96.0.5','healthCheckNodePort':30002,'ports':"
			      "[{'port':80,'nodePort':30001}]}");
	set(h, "10.97.0.0/28", 31000, 31003);
	assert_int_equal(said(h, "old", "ClusterIPOutOfRange", "Cluster IP 10.96.0.5 is not within "
			      "the service CIDR 10.97.0.0/28; please recreate service"), 1);
	assert_int_equal(said(h, "old", "PortOutOfRange", "Port 30001 is not within the port range "
			      "31000-31003; please recreate service"), 1);
	assert_int_equal(registry_help_patch(h, "services", "old", NULL, LABEL), 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "10.96.0.5");
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "30001");

	registry_help_service(h, "new", "{'type':'NodePort','ports':[{'port':80}]}");
	assert_memory_equal(registry_help_value(h, "spec.clusterIP"), "10.97.0.", 8);
	assert_memory_equal(registry_help_value(h, "spec.ports.0.nodePort"), "3100", 4);
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'x'},'spec':{"
			 "'clusterIP':'10.96.0.6','ports':[{'port':80}]}}"), 422);
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'x'},'spec':{"
			 "'type':'NodePort','ports':[{'port':80,'nodePort':30003}]}}"), 422);
}

/* What was had before, and what came meanwhile, is taken; what is given up is free. */
static void test_set_and_back(void **state)
{
	static const char *const taken[] = {
		"{'metadata':{'name':'x'},'spec':{'clusterIP':'10.96.0.5','ports':[{'port':80}]}}",
		"{'metadata':{'name':'x'},'spec':{'type':'NodePort','ports':[{'port':80,"
		"'nodePort':30001}]}}",
		"{'metadata':{'name':'x'},'spec':{'type':'NodePort','ports':[{'port':80,"
		"'nodePort':31001}]}}",
	};
	struct registry_help *h = *state;

	registry_help_service(h, "old", "{'type':'NodePort','clusterIP':'10.96.0.5','ports':"
			      "[{'port':80,'nodePort':30001}]}");
	set(h, "10.97.0.0/16", 31000, 31100);
	registry_help_service(h, "new", "{'type':'NodePort','ports':[{'port':80,"
			      "'nodePort':31001}]}");
	set(h, "10.96.0.0/12", 30000, 32767);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(registry_help_create(h, "services", taken[i]), 422);
	assert_int_equal(registry_help_delete(h, "services", "old"), 200);
	assert_int_equal(registry_help_create(h, "services", taken[0]), 201);
	assert_int_equal(registry_help_delete(h, "services", "x"), 200);
	assert_int_equal(registry_help_create(h, "services", taken[1]), 201);
}

/* What is no range changes nothing, and nothing is lost of the books. */
static void test_set_wrong(void **state)
{
	struct registry_help *h = *state;
	struct registry_config wrong;
	struct err e = { "" };

	registry_help_service(h, "old", "{'clusterIP':'10.96.0.5','ports':[{'port':80}]}");
	wrong = h->config;
	wrong.node_port_min = wrong.node_port_max + 1;
	assert_int_equal(registry_set_ranges(h->r, &wrong, &e), -EINVAL);
	wrong = h->config;
	wrong.nservice_cidrs = 2;
	wrong.service_cidrs[0].addr.family = AF_INET;
	assert_int_equal(ip_cidr_parse("fd00::/63", &wrong.service_cidrs[1], NULL), 0);
	assert_int_equal(registry_set_ranges(h->r, &wrong, &e), -EINVAL);
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'x'},'spec':{"
			 "'clusterIP':'10.96.0.5','ports':[{'port':80}]}}"), 422);
	registry_help_service(h, "next", "{'ports':[{'port':80}]}");
	assert_memory_equal(registry_help_value(h, "spec.clusterIP"), "10.", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_kept_and_said), T(test_said_once),
		T(test_no_range_of_its_family), T(test_back_again), T(test_set),
		T(test_set_and_back), T(test_set_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
