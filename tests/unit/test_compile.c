// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "claims.h"
#include "compile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A JSON text with ' for "; NULL: none. */
static json_t *load(const char *text)
{
	char *copy, *c;
	json_error_t e;
	json_t *value;

	if (!text)
		return NULL;
	copy = strdup(text);
	for (c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(copy, 0, &e);
	if (!value)
		fail_msg("%s at %d of %s", e.text, e.position, text);
	free(copy);
	return value;
}

/* "name PROTO 4 cluster=10.0.0.1:80 nodeport=30080 -> 10.1.1.1:80,...\n" for each service. */
static void print(const struct kservices *l, char *out, size_t size)
{
	char buf[ADDRPORT_STRLEN];
	size_t i, j, n = 0;

	out[0] = '\0';
	for (i = 0; i < l->n; i++) {
		const struct kservice *s = &l->v[i];

		n += snprintf(out + n, size - n, "%s %s %d", s->name, ip_proto_name(s->proto),
			      s->family == AF_INET ? 4 : 6);
		for (j = 0; j < s->nfrontends; j++) {
			const struct kfrontend *f = &s->frontends[j];

			n += snprintf(out + n, size - n, " %s=", kfrontend_kind_name(f->kind));
			if (f->kind == SVCNAT_KIND_NODEPORT)
				n += snprintf(out + n, size - n, "%u", f->port);
			else
				n += snprintf(out + n, size - n, "%s",
					      addrport_print(&f->addr, f->port, buf));
		}
		n += snprintf(out + n, size - n, " ->");
		for (j = 0; j < s->nendpoints; j++)
			n += snprintf(out + n, size - n, " %s",
				      addrport_print(&s->endpoints[j].addr, s->endpoints[j].port,
						     buf));
		n += snprintf(out + n, size - n, "\n");
	}
}

struct example {
	const char *name;
	const char *service;
	const char *endpoints;	/* NULL: there are none */
	const char *expected;
};

#define META	"'metadata': {'namespace': 'ns', 'name': 'web'}"
#define READY	"'addresses': [{'ip': '10.244.1.2'}, {'ip': '10.244.1.1'}]"

static const struct example examples[] = {
	{
		"one unnamed port",
		"{" META ", 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}",
		"{'subsets': [{" READY ", 'ports': [{'port': 8080}]}]}",
		"ns/web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:8080 10.244.1.2:8080\n",
	}, {
		"no Endpoints yet",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		NULL,
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"not ready addresses are not used",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		"{'subsets': [{'notReadyAddresses': [{'ip': '10.244.1.1'}], 'ports':"
		" [{'port': 80}]}]}",
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"each kind of frontend, in order; an address counts once, under its first kind",
		"{" META ", 'spec': {'type': 'LoadBalancer', 'clusterIPs': ['10.96.0.1'],"
		"  'externalIPs': ['192.0.2.1', '192.0.2.2', '192.0.2.1', '10.96.0.1'],"
		"  'ports': [{'port': 80, 'nodePort': 30080, 'protocol': 'TCP', 'name': 'http'}]},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '192.0.2.2'}, {'ip': '192.0.2.9'},"
		"  {'ip': '192.0.2.10', 'ipMode': 'Proxy'}, {'ip': '192.0.2.11', 'ipMode': 'VIP'},"
		"  {'hostname': 'lb.example'}]}}}",
		NULL,
		"ns/web:http TCP 4 cluster=10.96.0.1:80 external=192.0.2.1:80 external=192.0.2.2:80"
		" loadbalancer=192.0.2.9:80 loadbalancer=192.0.2.11:80 nodeport=30080 ->\n",
	}, {
		"a ClusterIP service has no node port and no load balancer",
		"{" META ", 'spec': {'type': 'ClusterIP', 'clusterIPs': ['10.96.0.1'],"
		"  'ports': [{'port': 80, 'nodePort': 30080}]},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '192.0.2.9'}]}}}",
		NULL,
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"ports by name and protocol; a named targetPort differs from pod to pod",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': ["
		"  {'name': 'dns', 'port': 53, 'protocol': 'UDP'},"
		"  {'name': 'dns', 'port': 53, 'protocol': 'TCP'},"
		"  {'name': 'web', 'port': 80}]}}",
		"{'subsets': [{" READY ", 'ports': ["
		"   {'name': 'dns', 'port': 5353, 'protocol': 'UDP'}, {'name': 'dns',"
		" 'port': 5354}]},"
		"  {'addresses': [{'ip': '10.244.1.1'}], 'ports': [{'name': 'web', 'port': 8081}]},"
		"  {'addresses': [{'ip': '10.244.1.2'}], 'ports': [{'name': 'web',"
		" 'port': 8082}]}]}",
		"ns/web:dns UDP 4 cluster=10.96.0.1:53 -> 10.244.1.1:5353 10.244.1.2:5353\n"
		"ns/web:dns TCP 4 cluster=10.96.0.1:53 -> 10.244.1.1:5354 10.244.1.2:5354\n"
		"ns/web:web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:8081 10.244.1.2:8082\n",
	}, {
		"two families; each with its own addresses and endpoints",
		"{" META ", 'spec': {'type': 'NodePort', 'clusterIPs': ['fd00:96::1', '10.96.0.1'],"
		"  'externalIPs': ['192.0.2.1', '2001:db8::1'],"
		"  'ports': [{'port': 9, 'nodePort': 30009, 'protocol': 'SCTP'}]}}",
		"{'subsets': [{'addresses': [{'ip': '10.244.1.1'}, {'ip': 'fd00:244::1'}],"
		"  'ports': [{'port': 9, 'protocol': 'SCTP'}]}]}",
		"ns/web SCTP 6 cluster=[fd00:96::1]:9 external=[2001:db8::1]:9 nodeport=30009"
		" -> [fd00:244::1]:9\n"
		"ns/web SCTP 4 cluster=10.96.0.1:9 external=192.0.2.1:9 nodeport=30009"
		" -> 10.244.1.1:9\n",
	}, {
		"an endpoint in several subsets counts once",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		"{'subsets': [{" READY ", 'ports': [{'port': 80}]},"
		"  {" READY ", 'ports': [{'port': 80}]},"
		"  {" READY ", 'ports': [{'port': 81}]}]}",
		"ns/web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:80 10.244.1.1:81 10.244.1.2:80"
		" 10.244.1.2:81\n",
	}, {
		"headless", "{" META ", 'spec': {'clusterIP': 'None', 'clusterIPs': ['None'],"
		" 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"no address yet", "{" META ", 'spec': {'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"ExternalName",
		"{" META ", 'spec': {'type': 'ExternalName', 'clusterIP': '10.96.0.1',"
		" 'externalName': 'a.example', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"another proxy's",
		"{'metadata': {'namespace': 'ns', 'name': 'web', 'labels':"
		" {'service.kubernetes.io/service-proxy-name': 'x'}},"
		" 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"labelled headless, whatever the value",
		"{'metadata': {'namespace': 'ns', 'name': 'web', 'labels':"
		" {'service.kubernetes.io/headless': ''}},"
		" 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"no namespace is the default one",
		"{'metadata': {'name': 'web'}, 'spec': {'clusterIP': '10.96.0.1',"
		" 'ports': [{'port': 80}]}}",
		NULL,
		"default/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"what an API server would have refused is left out",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1', 7, 'x'], "
		"  'externalIPs': [1, 'nonsense',"
		"  '127.0.0.1', '0.0.0.0', '192.0.2.01', null], 'ports': [{'port': 0},"
		" {'port': 65536},"
		"  {'port': '80'}, {'port': 80, 'protocol': 'ICMP'}, 7, {'port': 81},"
		" {'port': 82}]}}",
		"{'subsets': [{'addresses': [{'ip': 'x'}, {}, 3, {'ip': '127.0.0.1'},"
		" {'ip': '10.244.1.1'}],"
		"  'ports': [{'port': 8081}]}, {'addresses': {}}, 5, "
		"  {'ports': [{'port': 70000}], " READY "}]}",
		"ns/web TCP 4 cluster=10.96.0.1:81 -> 10.244.1.1:8081\n",
	},
	{ "nothing at all", "{}", "{}", "" },
	{ "not even an object", "[]", "[]", "" },
	{ "deleted", NULL, "{}", "" },
};

static void test_examples(void **state)
{
	json_t *service, *endpoints;
	struct kservices out = { 0 };
	char text[4096];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		service = load(examples[i].service);
		endpoints = load(examples[i].endpoints);
		assert_int_equal(compile_service(service, endpoints, "svcd", &out), 0);
		print(&out, text, sizeof(text));
		if (strcmp(text, examples[i].expected))
			fail_msg("%s:\n%s", examples[i].name, text);
		for (j = 0; j < out.n; j++)
			assert_string_equal(out.v[j].owner, "svcd");
		kservices_clear(&out);
		json_decref(service);
		json_decref(endpoints);
	}
}

static void test_name_too_long(void **state)
{
	json_t *service = load("{" META ", 'spec': {'clusterIP': '10.96.0.1',"
			       " 'ports': [{'port': 80}]}}");
	struct kservices out = { 0 };
	char name[SVCNAT_NAME_MAX + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[SVCNAT_NAME_MAX - strlen("ns/")] = '\0';
	json_object_set_new(json_object_get(service, "metadata"), "name", json_string(name));
	assert_int_equal(compile_service(service, NULL, "svcd", &out), 0);
	assert_int_equal(out.n, 1);
	kservices_clear(&out);
	name[SVCNAT_NAME_MAX - strlen("ns/")] = 'x';
	name[SVCNAT_NAME_MAX - strlen("ns/") + 1] = '\0';
	json_object_set_new(json_object_get(service, "metadata"), "name", json_string(name));
	assert_int_equal(compile_service(service, NULL, "svcd", &out), 0);
	assert_int_equal(out.n, 0);
	json_decref(service);
}

/* --- claims --- */

static struct kservices one_frontend(const char *place)
{
	struct kservices l = { 0 };
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .kind = SVCNAT_KIND_EXTERNAL };

	assert_int_equal(addrport_parse(place, &f.addr, &f.port, NULL), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), 0);
	assert_int_equal(kservices_add(&l, &s), 0);
	kservice_clear(&s);
	return l;
}

static void note_touched(void *ctx, struct claims_user *other)
{
	char *text = ctx;

	strcat(text, other->name);
}

/* place NULL: claim nothing. Returns who was touched by it. */
static const char *claim(struct claims *c, struct claims_user *u, const char *created,
			 const char *place)
{
	struct kservices l = { 0 };
	static char touched[64];

	if (place)
		l = one_frontend(place);
	touched[0] = '\0';
	assert_int_equal(claims_replace(c, u, created, &l, note_touched, touched), 0);
	kservices_clear(&l);
	return touched;
}

#define PLACE	"192.0.2.1:80"
#define KEY	"192.0.2.1:80/TCP"

static void test_claims_by_age(void **state)
{
	struct claims_user a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
	struct claims *cl;

	(void)state;
	assert_int_equal(claims_alloc(&cl), 0);
	assert_null(claims_owner(cl, KEY));
	assert_string_equal(claim(cl, &c, "2026-01-01T00:00:03Z", PLACE), "");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Younger: waits, and nobody notices. */
	assert_string_equal(claim(cl, &a, "2026-01-01T00:00:04Z", PLACE), "");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Older: takes it, and all that wait hear of it. */
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", PLACE), "ca");
	assert_ptr_equal(claims_owner(cl, KEY), &b);
	/* Said again: nothing happens. */
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", PLACE), "");
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", "192.0.2.2:80"), "ca");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Made anew under the same name: the youngest by now. */
	claim(cl, &c, "2026-01-01T00:00:09Z", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	assert_string_equal(claim(cl, &c, "", NULL), "");
	assert_string_equal(claim(cl, &a, "", NULL), "");
	assert_null(claims_owner(cl, KEY));
	claim(cl, &b, "", NULL);
	claims_free(cl);
}

static void test_claims_of_one_age(void **state)
{
	struct claims_user a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
	struct claims *cl;

	(void)state;
	assert_int_equal(claims_alloc(&cl), 0);
	claim(cl, &b, "2026-01-01T00:00:01Z", PLACE);
	claim(cl, &a, "2026-01-01T00:00:01Z", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	/* No creation time: behind all that have one. */
	claim(cl, &a, "", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &b);
	claim(cl, &c, "", PLACE);
	claim(cl, &b, "", NULL);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	claim(cl, &a, "", NULL);
	claim(cl, &c, "", NULL);
	claims_free(cl);
}

static void test_claim_keys(void **state)
{
	struct kfrontend f = { .kind = SVCNAT_KIND_NODEPORT, .port = 30080 };
	char a[CLAIMS_KEYLEN], b[CLAIMS_KEYLEN];

	(void)state;
	f.addr.family = AF_INET;
	claims_key(&f, IPPROTO_TCP, a);
	f.addr.family = AF_INET6;
	claims_key(&f, IPPROTO_TCP, b);
	assert_string_equal(a, "node port 30080/TCP (IPv4)");
	assert_string_not_equal(a, b);
	memset(&f.addr.v6, 0xff, sizeof(f.addr.v6));
	f.kind = SVCNAT_KIND_EXTERNAL;
	f.port = 65535;
	assert_string_equal(claims_key(&f, IPPROTO_SCTP, a),
			    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535/SCTP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_name_too_long),
		cmocka_unit_test(test_claims_by_age),
		cmocka_unit_test(test_claims_of_one_age),
		cmocka_unit_test(test_claim_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
