// SPDX-License-Identifier: GPL-2.0
#include "announce_set.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct announce_set set;
	struct announce_options o;
};

static json_t *parse(const char *text)
{
	json_error_t e;
	json_t *o = json_loads(text, 0, &e);

	if (!o)
		fail_msg("%s: %s", e.text, text);
	return o;
}

static void tell(struct fixture *f, enum proxy_kind kind, json_t *object)
{
	announce_set_object(&f->set, kind, object, false);
	json_decref(object);
}

static void gone(struct fixture *f, enum proxy_kind kind, json_t *object)
{
	announce_set_object(&f->set, kind, object, true);
	json_decref(object);
}

/* One of the namespace default; ips: of the ingress, as JSON. */
static json_t *service(const char *name, const char *policy, const char *ips)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "{\"metadata\": {\"name\": \"%s\", \"namespace\": \"default\"}, "
		 "\"spec\": {\"type\": \"LoadBalancer\", \"clusterIP\": \"10.96.0.9\", "
		 "\"externalTrafficPolicy\": \"%s\"}, \"status\": {\"loadBalancer\": "
		 "{\"ingress\": [%s]}}}", name, policy, ips);
	return parse(text);
}

/* With one endpoint on each of two nodes; the second one's condition is ready2. */
static json_t *slice(const char *name, const char *owner, const char *node1, const char *node2,
		     bool ready2)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "{\"metadata\": {\"name\": \"%s\", \"namespace\": \"default\", "
		 "\"labels\": {\"kubernetes.io/service-name\": \"%s\"}}, "
		 "\"addressType\": \"IPv4\", "
		 "\"endpoints\": [{\"addresses\": [\"10.0.0.1\"], \"nodeName\": \"%s\"}, "
		 "{\"addresses\": [\"10.0.0.2\"], \"nodeName\": \"%s\", \"conditions\": "
		 "{\"ready\": %s}}]}", name, owner, node1, node2, ready2 ? "true" : "false");
	return parse(text);
}

static json_t *node(const char *name, const char *labels, const char *addrs)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"metadata\": {\"name\": \"%s\", \"labels\": {%s}}, "
		 "\"status\": {\"addresses\": [%s]}}", name, labels, addrs);
	return parse(text);
}

/* "ADDRESS=owner,owner " of all, in their order; to be freed. */
static char *addrs(struct fixture *f)
{
	char buf[INET6_ADDRSTRLEN], *text = NULL;
	size_t size, i, j;
	FILE *out = open_memstream(&text, &size);

	announce_set_build(&f->set, &f->o);
	for (i = 0; i < f->set.naddrs; i++) {
		const struct announce_addr *a = &f->set.addrs[i];

		fprintf(out, "%s=", ip_addr_print(&a->addr, buf));
		for (j = 0; j < a->nowners; j++)
			fprintf(out, "%s%s", j ? "," : "", a->owners[j]->name + strlen("default/"));
		fputc(' ', out);
	}
	fclose(out);
	return text;
}

#define assert_addrs(f, wanted) do {			\
	char *got_ = addrs(f);				\
							\
	assert_string_equal(got_, wanted);		\
	free(got_);					\
} while (0)

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	announce_set_init(&f->set);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_set_clear(&f->set);
	kcidrs_clear(&f->o.cidrs);
	free(f);
	return 0;
}

static void test_addresses(void **state)
{
	struct fixture *f = *state;

	assert_addrs(f, "");
	tell(f, PROXY_SERVICE, service("b", "Cluster", "{\"ip\": \"fd00::1\"}, {\"ip\": "
				       "\"192.168.1.9\", \"ipMode\": \"VIP\"}"));
	tell(f, PROXY_SERVICE, service("a", "Cluster", "{\"ip\": \"192.168.1.9\"}, "
				       "{\"ip\": \"192.168.1.9\"}"));
	assert_true(f->set.changed);
	assert_addrs(f, "192.168.1.9=a,b fd00::1=b ");
	assert_false(f->set.changed);
	gone(f, PROXY_SERVICE, service("a", "Cluster", ""));
	assert_true(f->set.changed);
	assert_int_equal(f->set.naddrs, 0);
	assert_addrs(f, "192.168.1.9=b fd00::1=b ");
}

static void test_others(void **state)
{
	struct fixture *f = *state;
	json_t *o;

	tell(f, PROXY_SERVICE, service("proxied", "Cluster", "{\"ip\": \"10.0.0.1\", \"ipMode\": "
				       "\"Proxy\"}"));
	tell(f, PROXY_SERVICE, service("named", "Cluster", "{\"hostname\": \"lb.example.com\"}"));
	tell(f, PROXY_SERVICE, service("loop", "Cluster", "{\"ip\": \"127.0.0.1\"}"));
	tell(f, PROXY_SERVICE, service("none", "Cluster", ""));
	o = service("class", "Cluster", "{\"ip\": \"10.0.0.2\"}");
	json_object_set_new(json_object_get(o, "spec"), "loadBalancerClass", json_string("x/y"));
	tell(f, PROXY_SERVICE, o);
	o = service("type", "Cluster", "{\"ip\": \"10.0.0.3\"}");
	json_object_set_new(json_object_get(o, "spec"), "type", json_string("ClusterIP"));
	tell(f, PROXY_SERVICE, o);
	o = service("label", "Cluster", "{\"ip\": \"10.0.0.4\"}");
	json_object_set_new(json_object_get(o, "metadata"), "labels",
			    json_pack("{s:s}", "service.kubernetes.io/service-proxy-name", "x"));
	tell(f, PROXY_SERVICE, o);
	o = service("pool", "Cluster", "{\"ip\": \"10.0.0.5\"}");
	json_object_set_new(json_object_get(o, "spec"), "loadBalancerClass",
			    json_string("svcnat/pool"));
	tell(f, PROXY_SERVICE, o);
	assert_addrs(f, "10.0.0.5=pool ");
}

static void test_only_what_the_options_have(void **state)
{
	struct fixture *f = *state;
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse("192.168.1.8/29", &c, NULL), 0);
	kcidrs_add(&f->o.cidrs, &c);
	tell(f, PROXY_SERVICE, service("a", "Cluster", "{\"ip\": \"192.168.1.9\"}, "
				       "{\"ip\": \"192.168.1.16\"}, {\"ip\": \"fd00::1\"}"));
	assert_addrs(f, "192.168.1.9=a ");
}

/* Some write there the addresses of all nodes: whoever takes another one's takes it off the LAN. */
static void test_of_nodes(void **state)
{
	struct fixture *f = *state;

	tell(f, PROXY_SERVICE, service("a", "Cluster", "{\"ip\": \"192.168.1.1\"}, {\"ip\": "
				       "\"fd00::1\"}, {\"ip\": \"203.0.113.1\"}, "
				       "{\"ip\": \"192.168.1.9\"}"));
	assert_addrs(f, "192.168.1.1=a 192.168.1.9=a 203.0.113.1=a fd00::1=a ");
	tell(f, PROXY_NODE, node("n1", "", "{\"type\": \"Hostname\", \"address\": \"n1\"}, "
				 "{\"type\": \"ExternalIP\", \"address\": \"203.0.113.1\"}, "
				 "{\"type\": \"InternalIP\", \"address\": \"192.168.1.1\"}, "
				 "{\"type\": \"InternalIP\", \"address\": \"fd00::1\"}"));
	assert_addrs(f, "192.168.1.9=a ");
	/* It gives up one of them. */
	tell(f, PROXY_NODE, node("n1", "", "{\"type\": \"InternalIP\", \"address\": "
				 "\"192.168.1.1\"}, {\"type\": \"InternalIP\", "
				 "\"address\": \"fd00::1\"}"));
	assert_true(f->set.changed);
	assert_addrs(f, "192.168.1.9=a 203.0.113.1=a ");
}

static void test_local(void **state)
{
	struct fixture *f = *state;
	const struct announce_addr *a;

	/* A slice may be told of before its Service. */
	tell(f, PROXY_SLICE, slice("s1", "a", "n1", "n2", false));
	assert_false(f->set.changed);
	tell(f, PROXY_SERVICE, service("a", "Local", "{\"ip\": \"192.168.1.9\"}"));
	tell(f, PROXY_SERVICE, service("b", "Cluster", "{\"ip\": \"192.168.1.9\"}"));
	assert_addrs(f, "192.168.1.9=a,b ");
	a = f->set.addrs;
	assert_int_equal(a->nlocal, 1);
	assert_int_equal(announce_addr_local(a, "n1"), 1);
	assert_int_equal(announce_addr_local(a, "n2"), 0);
	assert_int_equal(announce_addr_local(a, "n3"), 0);

	tell(f, PROXY_SLICE, slice("s1", "a", "n1", "n2", true));
	tell(f, PROXY_SLICE, slice("s2", "a", "n2", "n3", true));
	assert_true(f->set.changed);
	announce_set_build(&f->set, &f->o);
	a = f->set.addrs;
	assert_int_equal(announce_addr_local(a, "n2"), 1);
	assert_int_equal(announce_addr_local(a, "n3"), 1);

	/* It moves to another Service. */
	tell(f, PROXY_SLICE, slice("s1", "c", "n1", "n2", true));
	announce_set_build(&f->set, &f->o);
	a = f->set.addrs;
	assert_int_equal(announce_addr_local(a, "n1"), 0);
	gone(f, PROXY_SLICE, slice("s2", "a", "n2", "n3", true));
	announce_set_build(&f->set, &f->o);
	assert_int_equal(announce_addr_local(f->set.addrs, "n2"), 0);
}

/* Of which nothing here depends. */
static void test_endpoints_that_do_not_matter(void **state)
{
	struct fixture *f = *state;

	tell(f, PROXY_SERVICE, service("a", "Cluster", "{\"ip\": \"192.168.1.9\"}"));
	assert_addrs(f, "192.168.1.9=a ");
	tell(f, PROXY_SLICE, slice("s1", "a", "n1", "n2", true));
	tell(f, PROXY_SLICE, slice("s2", "other", "n1", "n2", true));
	gone(f, PROXY_SLICE, slice("s1", "a", "n1", "n2", true));
	assert_false(f->set.changed);
	assert_int_equal(f->set.naddrs, 1);
}

static void test_nodes(void **state)
{
	struct fixture *f = *state;
	const struct announce_node *n;
	char buf[INET6_ADDRSTRLEN];

	tell(f, PROXY_NODE, node("n1", "", "{\"type\": \"Hostname\", \"address\": \"n1\"}, "
				 "{\"type\": \"ExternalIP\", \"address\": \"203.0.113.1\"}, "
				 "{\"type\": \"InternalIP\", \"address\": \"192.168.1.1\"}, "
				 "{\"type\": \"InternalIP\", \"address\": \"fd00::1\"}"));
	tell(f, PROXY_NODE, node("n2", "\"node.kubernetes.io/exclude-from-external-load-balancers"
				 "\": \"\"", ""));
	n = announce_set_node(&f->set, "n1");
	assert_string_equal(ip_addr_print(&n->addr, buf), "192.168.1.1");
	assert_false(n->excluded);
	n = announce_set_node(&f->set, "n2");
	assert_int_equal(n->addr.family, 0);
	assert_true(n->excluded);
	assert_int_equal(f->set.nnodes, 2);

	/* A heartbeat of a kubelet changes nothing. */
	announce_set_build(&f->set, &f->o);
	tell(f, PROXY_NODE, node("n1", "\"a\": \"b\"", "{\"type\": \"ExternalIP\", \"address\": "
				 "\"203.0.113.1\"}, {\"type\": \"InternalIP\", \"address\": "
				 "\"192.168.1.1\"}, {\"type\": \"InternalIP\", \"address\": "
				 "\"fd00::1\"}"));
	assert_false(f->set.changed);
	tell(f, PROXY_NODE, node("n2", "", ""));
	assert_true(f->set.changed);
	assert_false(announce_set_node(&f->set, "n2")->excluded);
	gone(f, PROXY_NODE, node("n2", "", ""));
	assert_null(announce_set_node(&f->set, "n2"));
}

static void test_lists(void **state)
{
	struct fixture *f = *state;

	assert_false(announce_set_listed(&f->set));
	tell(f, PROXY_SERVICE, service("old", "Local", "{\"ip\": \"192.168.1.1\"}"));
	tell(f, PROXY_SLICE, slice("old", "a", "n1", "n2", true));
	tell(f, PROXY_NODE, node("old", "", ""));
	announce_set_list_begin(&f->set, PROXY_SERVICE);
	announce_set_list_begin(&f->set, PROXY_SLICE);
	announce_set_list_begin(&f->set, PROXY_NODE);
	tell(f, PROXY_SERVICE, service("a", "Local", "{\"ip\": \"192.168.1.2\"}"));
	tell(f, PROXY_SLICE, slice("new", "a", "n2", "n3", true));
	tell(f, PROXY_NODE, node("new", "", ""));
	assert_addrs(f, "192.168.1.1=old 192.168.1.2=a ");
	announce_set_list_end(&f->set, PROXY_SERVICE);
	announce_set_list_end(&f->set, PROXY_SLICE);
	assert_false(announce_set_listed(&f->set));
	announce_set_list_end(&f->set, PROXY_NODE);
	assert_true(announce_set_listed(&f->set));
	assert_addrs(f, "192.168.1.2=a ");
	assert_int_equal(announce_addr_local(f->set.addrs, "n1"), 0);
	assert_int_equal(announce_addr_local(f->set.addrs, "n2"), 1);
	assert_null(announce_set_node(&f->set, "old"));

	/* The source changes: what it was stays until the new lists are complete. */
	announce_set_lists_void(&f->set);
	assert_false(announce_set_listed(&f->set));
	assert_addrs(f, "192.168.1.2=a ");
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_addresses),
		CASE(test_others),
		CASE(test_only_what_the_options_have),
		CASE(test_of_nodes),
		CASE(test_local),
		CASE(test_endpoints_that_do_not_matter),
		CASE(test_nodes),
		CASE(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
