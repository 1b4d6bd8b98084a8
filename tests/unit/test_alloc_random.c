// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand random creates, updates and deletes of Services over two small
 * ranges, against a model that remembers who has what: everything is owned
 * once, what is not owned can be had, and it is all the same from the disk.
 */
#include "registry_help.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS		10000
#define SERVICES	60
#define ADDRESSES	30	/* of 10.96.0.0/27: 1 to 30 */
#define PORT_MIN	30000
#define NPORTS		40
#define PROTOCOLS	3

static const char *const protocols[PROTOCOLS] = { "TCP", "UDP", "SCTP" };

/* 0: free; else the number of the service, from 1. */
struct model {
	int v4[ADDRESSES + 1], v6[ADDRESSES + 1];
	int ports[PROTOCOLS][NPORTS];
	bool exists[SERVICES];
};

static int number(void)
{
	return rand() % SERVICES;
}

static const char *pick(const char *const *v, size_t n)
{
	return v[(size_t)rand() % n];
}

static size_t port_of(char *buf, size_t room, int i)
{
	const char *protocol = protocols[rand() % PROTOCOLS];

	if (rand() % 4)
		return snprintf(buf, room, "%s{'name':'p%d','port':%d,'protocol':'%s'}",
				i ? "," : "", i, 1 + rand() % 3, protocol);
	return snprintf(buf, room, "%s{'name':'p%d','port':%d,'protocol':'%s','nodePort':%d}",
			i ? "," : "", i, 1 + rand() % 3, protocol,
			PORT_MIN + rand() % (NPORTS + 2) - 1);
}

/* A spec that may be good or not: that is for the registry to say. */
static void random_spec(char *buf, size_t room)
{
	static const char *const types[] = { "ClusterIP", "NodePort", "NodePort", "LoadBalancer",
					     "LoadBalancer", "ExternalName" };
	static const char *const policies[] = { "SingleStack", "PreferDualStack",
						"RequireDualStack" };
	const char *type = pick(types, 6);
	size_t n;

	n = snprintf(buf, room, "{'type':'%s'", type);
	if (!strcmp(type, "ExternalName"))
		n += snprintf(buf + n, room - n, ",'externalName':'a.b'");
	if (rand() % 3 == 0)
		n += snprintf(buf + n, room - n, ",'ipFamilyPolicy':'%s'", pick(policies, 3));
	if (rand() % 5 == 0)
		n += snprintf(buf + n, room - n, ",'clusterIP':'10.96.0.%d'",
			      rand() % (ADDRESSES + 2));
	else if (rand() % 8 == 0)
		n += snprintf(buf + n, room - n, ",'clusterIP':'fd00::%x'",
			      rand() % (ADDRESSES + 3));
	else if (rand() % 8 == 0)
		n += snprintf(buf + n, room - n, ",'clusterIP':'None'");
	if (rand() % 3 == 0)
		n += snprintf(buf + n, room - n, ",'externalTrafficPolicy':'Local'");
	if (rand() % 6 == 0)
		n += snprintf(buf + n, room - n, ",'allocateLoadBalancerNodePorts':false");
	n += snprintf(buf + n, room - n, ",'ports':[");
	for (int i = 0, ports = 1 + rand() % 2; i < ports; i++)
		n += port_of(buf + n, room - n, i);
	snprintf(buf + n, room - n, "]}");
}

static void own(int *slot, int who, const char *what, int which)
{
	if (*slot)
		fail_msg("s%d and s%d both have the %s %d", *slot - 1, who - 1, what, which);
	*slot = who;
}

static void own_address(struct model *m, int who, const char *text)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (!strcmp(text, "None"))
		return;
	if (inet_pton(AF_INET, text, &v4) == 1) {
		int n = (int)(ntohl(v4.s_addr) & 0xff);

		assert_in_range(n, 1, ADDRESSES);
		own(&m->v4[n], who, "IPv4 address", n);
		return;
	}
	assert_int_equal(inet_pton(AF_INET6, text, &v6), 1);
	assert_in_range(v6.s6_addr[15], 1, ADDRESSES + 1);
	if (v6.s6_addr[15] <= ADDRESSES)
		own(&m->v6[v6.s6_addr[15]], who, "IPv6 address", v6.s6_addr[15]);
}

static void own_port(struct model *m, int who, const char *protocol, json_int_t port)
{
	int p = 0;

	if (!port)
		return;
	while (strcmp(protocols[p], protocol))
		p++;
	assert_in_range(port, PORT_MIN, PORT_MIN + NPORTS - 1);
	own(&m->ports[p][port - PORT_MIN], who, protocol, (int)port);
}

static void own_all(struct model *m, int who, const json_t *svc)
{
	const json_t *spec = json_object_get(svc, "spec"), *ports = json_object_get(spec, "ports");
	const json_t *ips = json_object_get(spec, "clusterIPs");
	bool named = !strcmp(json_string_value(json_object_get(spec, "type")), "ExternalName");

	for (size_t i = 0; i < json_array_size(ips); i++)
		own_address(m, who, json_string_value(json_array_get(ips, i)));
	for (size_t i = 0; !named && i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);

		own_port(m, who, json_string_value(json_object_get(port, "protocol")),
			 json_integer_value(json_object_get(port, "nodePort")));
	}
	own_port(m, who, "TCP", json_integer_value(json_object_get(spec, "healthCheckNodePort")));
}

static void disown_all(struct model *m, int who)
{
	for (int i = 0; i <= ADDRESSES; i++) {
		m->v4[i] = m->v4[i] == who ? 0 : m->v4[i];
		m->v6[i] = m->v6[i] == who ? 0 : m->v6[i];
	}
	for (int p = 0; p < PROTOCOLS; p++)
		for (int i = 0; i < NPORTS; i++)
			if (m->ports[p][i] == who)
				m->ports[p][i] = 0;
}

static void step(struct registry_help *h, struct model *m)
{
	int i = number(), what = rand() % 8;
	char name[16], spec[512], body[768];

	snprintf(name, sizeof(name), "s%d", i);
	random_spec(spec, sizeof(spec));
	snprintf(body, sizeof(body), "{'metadata':{'name':'%s'},'spec':%s}", name, spec);
	if (what == 0) {
		assert_int_equal(registry_help_delete(h, "services", name),
				 m->exists[i] ? 200 : 404);
		disown_all(m, i + 1);
		m->exists[i] = false;
		return;
	}
	if (!m->exists[i])
		registry_help_create(h, "services", body);
	else if (what < 4)
		registry_help_update(h, "services", name, body);
	else
		registry_help_patch(h, "services", name, NULL, body);
	if (h->reply.code >= 400)
		return;		/* and then nothing changed: the model will tell */
	disown_all(m, i + 1);
	own_all(m, i + 1, h->reply.body);
	m->exists[i] = true;
}

/* The model's picture of the stored objects, made anew. */
static void compare(struct registry_help *h, const struct model *m)
{
	struct model now = { 0 };

	for (int i = 0; i < SERVICES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(registry_help_get(h, "services", name), m->exists[i] ? 200 : 404);
		now.exists[i] = m->exists[i];
		if (m->exists[i])
			own_all(&now, i + 1, h->reply.body);
	}
	assert_memory_equal(now.v4, m->v4, sizeof(now.v4));
	assert_memory_equal(now.v6, m->v6, sizeof(now.v6));
	assert_memory_equal(now.ports, m->ports, sizeof(now.ports));
}

/* A dry run asks for it, so that nothing changes: it can be had if the model says it is free. */
static void probe(struct registry_help *h, bool is_free, const char *fmt, ...)
{
	struct reply reply;
	char spec[256];
	json_t *body;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(spec, sizeof(spec), fmt, ap);
	va_end(ap);
	body = registry_help_json("{'metadata':{'name':'probe'},'spec':%s}", spec);
	registry_create(h->r, registry_help_type("services"), "default", body, REGISTRY_DRY_RUN,
			&reply);
	json_decref(body);
	if (reply.code != (is_free ? 201 : 422))
		fail_msg("%s: %d, but it is %s", spec, reply.code, is_free ? "free" : "taken");
	json_decref(reply.body);
}

static void probe_all(struct registry_help *h, const struct model *m)
{
	for (int i = 1; i <= ADDRESSES; i++) {
		probe(h, !m->v4[i], "{'clusterIP':'10.96.0.%d','ports':[{'port':1}]}", i);
		probe(h, !m->v6[i], "{'clusterIP':'fd00::%x','ports':[{'port':1}]}", i);
	}
	for (int p = 0; p < PROTOCOLS; p++)
		for (int i = 0; i < NPORTS; i++)
			probe(h, !m->ports[p][i], "{'type':'NodePort','clusterIP':'%s','ports':"
			      "[{'port':1,'protocol':'%s','nodePort':%d}]}", "", protocols[p],
			      PORT_MIN + i);
}

static int setup(void **state)
{
	struct registry_help *h;

	registry_help_setup(state);
	h = *state;
	registry_close(h->r);
	h->config.nservice_cidrs = 2;
	ip_cidr_parse("10.96.0.0/27", &h->config.service_cidrs[0], NULL);
	ip_cidr_parse("fd00::/123", &h->config.service_cidrs[1], NULL);
	h->config.node_port_min = PORT_MIN;
	h->config.node_port_max = PORT_MIN + NPORTS - 1;
	registry_help_open(h);
	return 0;
}

/* Without a third of them there is room again, also for what the probes are not about. */
static void thin_out(struct registry_help *h, struct model *m)
{
	for (int i = rand() % 3; i < SERVICES; i += 3) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		registry_help_delete(h, "services", name);
		disown_all(m, i + 1);
		m->exists[i] = false;
	}
}

static void test_random(void **state)
{
	struct registry_help *h = *state;
	static struct model m;

	srand(7);
	for (int i = 1; i <= STEPS; i++) {
		step(h, &m);
		if (i % 500)
			continue;
		compare(h, &m);
		thin_out(h, &m);
		probe_all(h, &m);
		registry_help_reopen(h);
		compare(h, &m);
		probe_all(h, &m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, setup, registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
