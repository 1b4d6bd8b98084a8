// SPDX-License-Identifier: GPL-2.0
/*
 * Services whose addresses or node ports are older than the ranges of this
 * start, or of the last SIGHUP. They keep them, because clients know them; an
 * Event says so, and that only a new Service gets others.
 */
#include "service_alloc.h"

#include "events.h"
#include "jx.h"
#include "log.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each is a row in the database and a line in the log. */
#define SAID_MAX	100

struct check {
	struct txn t;
	size_t found;
};

static void say(struct check *c, const json_t *svc, const char *reason, const char *message)
{
	if (c->found++ >= SAID_MAX)
		return;
	log_warning("service %s/%s: %s", jx_str(svc, "metadata.namespace"),
		    jx_str(svc, "metadata.name"), message);
	events_stage(&c->t, svc, "Warning", reason, message);
}

static void check_ip(struct check *c, const json_t *svc, const char *text)
{
	char cidr[INET6_ADDRSTRLEN + 4], why[256];
	const struct alloc_ip *range;
	struct ip_addr ip;

	if (ip_addr_parse(text, &ip, NULL))
		return;
	range = service_alloc_family(&c->t.r->alloc, ip.family == AF_INET ? "IPv4" : "IPv6");
	if (range && alloc_ip_contains(range, &ip))
		return;
	if (range)
		snprintf(why, sizeof(why), "Cluster IP %s is not within the service CIDR %s; "
			 "please recreate service", text, ip_cidr_print(&range->cidr, cidr));
	else
		snprintf(why, sizeof(why), "Cluster IP %s is not within any configured service "
			 "CIDR; please recreate service", text);
	say(c, svc, "ClusterIPOutOfRange", why);
}

static void check_port(struct check *c, const json_t *svc, json_int_t port)
{
	const struct alloc_port *range = &c->t.r->alloc.port;
	char why[128];

	if (!port || alloc_port_contains(range, port))
		return;
	snprintf(why, sizeof(why), "Port %" JSON_INTEGER_FORMAT " is not within the port range "
		 "%u-%u; please recreate service", port, range->min, range->max);
	say(c, svc, "PortOutOfRange", why);
}

/* One number for TCP and for UDP is one thing to say; an Event is staged once. */
static bool is_first(const json_t *ports, size_t n)
{
	json_int_t port = jx_int(json_array_get(ports, n), "nodePort");

	for (size_t i = 0; i < n; i++)
		if (jx_int(json_array_get(ports, i), "nodePort") == port)
			return false;
	return true;
}

static void check_service(struct check *c, const json_t *svc)
{
	const json_t *ips = jx_get(svc, "spec.clusterIPs"), *ports = jx_get(svc, "spec.ports");

	for (size_t i = 0; i < json_array_size(ips); i++)
		check_ip(c, svc, json_string_value(json_array_get(ips, i)));
	for (size_t i = 0; service_has_node_ports(svc) && i < json_array_size(ports); i++)
		if (is_first(ports, i))
			check_port(c, svc, jx_int(json_array_get(ports, i), "nodePort"));
	check_port(c, svc, jx_int(svc, "spec.healthCheckNodePort"));
}

void service_ranges_check(struct registry *r)
{
	const struct objects *o = txn_objects(r, resource_by_plural("v1", "services"));
	struct check c = { .found = 0 };

	txn_begin(&c.t, r);
	for (size_t i = 0; i < o->n; i++)
		check_service(&c, o->v[i].object);
	if (c.found > SAID_MAX)
		log_warning("%zu addresses and node ports more are not within their ranges",
			    c.found - SAID_MAX);
	/* What cannot be written is in the log. */
	if (c.found)
		txn_commit(&c.t, NULL);
}

/* The books are those of the objects, whatever the ranges were when they were written. */
int registry_set_ranges(struct registry *r, const struct registry_config *c, struct err *e)
{
	const struct objects *o = txn_objects(r, resource_by_plural("v1", "services"));
	struct service_alloc *next = jx_must(malloc(sizeof(*next)));
	struct registry_config config = *c;
	int rc;

	config.seed = r->alloc.random;
	rc = service_alloc_init(next, &config, e);
	if (rc) {
		service_alloc_exit(next);
		free(next);
		return rc;
	}
	for (size_t i = 0; i < o->n; i++)
		service_alloc_commit(next, NULL, o->v[i].object);
	service_alloc_exit(&r->alloc);
	r->alloc = *next;
	free(next);
	service_ranges_check(r);
	return 0;
}
