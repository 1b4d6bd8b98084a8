// SPDX-License-Identifier: GPL-2.0
#include "service_alloc.h"

#include "err.h"
#include "jx.h"
#include "service.h"
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int service_alloc_init(struct service_alloc *a, const struct registry_config *c, struct err *e)
{
	*a = (struct service_alloc){ .random = c->seed };
	if (!a->random && getrandom(&a->random, sizeof(a->random), 0) != sizeof(a->random))
		return err_set(e, errno, "cannot get random bytes: %s", strerror(errno));
	if (!c->nservice_cidrs || c->nservice_cidrs > 2)
		return err_set(e, EINVAL,
			       "one service CIDR is needed, or two of different families");
	if (c->nservice_cidrs == 2 &&
	    c->service_cidrs[0].addr.family == c->service_cidrs[1].addr.family)
		return err_set(e, EINVAL, "the two service CIDRs must be of different families");
	if (!c->node_port_min || c->node_port_min > c->node_port_max)
		return err_set(e, EINVAL, "node port range %u-%u is empty", c->node_port_min,
			       c->node_port_max);
	for (; a->nip < c->nservice_cidrs; a->nip++) {
		int rc = alloc_ip_init(&a->ip[a->nip], &c->service_cidrs[a->nip], e);

		if (rc)
			return rc;
	}
	alloc_port_init(&a->port, c->node_port_min, c->node_port_max);
	return 0;
}

void service_alloc_exit(struct service_alloc *a)
{
	for (size_t i = 0; i < a->nip; i++)
		alloc_ip_exit(&a->ip[i]);
}

/* splitmix64: the addresses need not be secret, only spread. */
static uint64_t next_random(struct service_alloc *a)
{
	uint64_t z = a->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

const char *service_alloc_family_name(const struct alloc_ip *ip)
{
	return ip->cidr.addr.family == AF_INET ? "IPv4" : "IPv6";
}

const struct alloc_ip *service_alloc_family(const struct service_alloc *a, const char *family)
{
	for (size_t i = 0; i < a->nip; i++)
		if (!strcmp(service_alloc_family_name(&a->ip[i]), family))
			return &a->ip[i];
	return NULL;
}

static struct alloc_ip *range_of(struct service_alloc *a, const struct ip_addr *ip)
{
	for (size_t i = 0; i < a->nip; i++)
		if (a->ip[i].cidr.addr.family == ip->family)
			return &a->ip[i];
	return NULL;
}

static void check_ip(struct write *w, const json_t *ips, const char *text)
{
	char cidr[INET6_ADDRSTRLEN + 4], why[256];
	const struct alloc_ip *range;
	struct ip_addr ip;

	if (ip_addr_parse(text, &ip, NULL))
		return;
	range = range_of(w->alloc, &ip);
	if (!range)
		return;		/* its family is refused already */
	if (!alloc_ip_contains(range, &ip))
		snprintf(why, sizeof(why),
			 "failed to allocate IP %s: the provided IP (%s) is not in "
			 "the valid range. The range of valid IPs is %s",
			 text, text, ip_cidr_print(&range->cidr, cidr));
	else if (alloc_ip_taken(range, &ip))
		snprintf(why, sizeof(why), "failed to allocate IP %s: provided IP is already "
			 "allocated", text);
	else
		return;
	field_invalid(&w->errs, ips, why, "spec.clusterIPs");
}

/* Those that the Service has not got yet; the others may not change anyway. */
static void check_ips(struct write *w)
{
	const json_t *ips = jx_get(w->obj, "spec.clusterIPs");

	if (!service_has_cluster_ip(w->obj) || service_is_headless(w->obj))
		return;
	for (size_t i = json_array_size(jx_get(w->old, "spec.clusterIPs"));
	     i < json_array_size(ips); i++)
		check_ip(w, ips, json_string_value(json_array_get(ips, i)));
}

uint8_t service_alloc_node_port(const json_t *ports, json_int_t node_port)
{
	uint8_t protocols = 0;

	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);

		if (jx_int(port, "nodePort") == node_port)
			protocols |= alloc_port_protocol(jx_str(port, "protocol"));
	}
	return protocols;
}

/* Is it one that this very Service has already, by protocol? */
static uint8_t owned(const json_t *svc, json_int_t port)
{
	uint8_t mine = 0;

	if (service_has_node_ports(svc))
		mine = service_alloc_node_port(jx_get(svc, "spec.ports"), port);
	if (jx_int(svc, "spec.healthCheckNodePort") == port)
		mine |= ALLOC_PORT_TCP;
	return mine;
}

/* NULL: it can be had. The text lives until the next call with why. */
static const char *check_node_port(struct write *w, json_int_t port, uint8_t protocol, char *why,
				   size_t room)
{
	const struct alloc_port *a = &w->alloc->port;

	if (w->old && (owned(w->old, port) & protocol))
		return NULL;
	if (!alloc_port_contains(a, port)) {
		snprintf(why, room, "provided port is not in the valid range. The range of valid "
			 "ports is %u-%u", a->min, a->max);
		return why;
	}
	return alloc_port_taken(a, port, protocol) ? "provided port is already allocated" : NULL;
}

static void check_node_ports(struct write *w)
{
	const json_t *ports = jx_get(w->obj, "spec.ports");
	const json_t *health = jx_get(w->obj, "spec.healthCheckNodePort");
	const char *bad;
	char why[128];

	/* Refused for that, and each would be looked for among those that there were. */
	if (json_array_size(ports) > SERVICE_PORTS_MAX)
		return;
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);
		const json_t *n = json_object_get(port, "nodePort");
		uint8_t protocol = alloc_port_protocol(jx_str(port, "protocol"));

		if (!n || !service_has_node_ports(w->obj))
			continue;
		bad = check_node_port(w, json_integer_value(n), protocol, why, sizeof(why));
		if (bad)
			field_invalid(&w->errs, n, bad, "spec.ports[%zu].nodePort", i);
	}
	if (!health || !service_has_health_port(w->obj))
		return;
	bad = check_node_port(w, json_integer_value(health), ALLOC_PORT_TCP, why, sizeof(why));
	if (!bad && (service_alloc_node_port(ports, json_integer_value(health)) & ALLOC_PORT_TCP))
		bad = "provided port is already allocated";
	if (bad)
		field_invalid(&w->errs, health, bad, "spec.healthCheckNodePort");
}

void service_alloc_check(struct write *w)
{
	check_ips(w);
	check_node_ports(w);
}

static int full(struct reply *out, const char *what)
{
	return status_fail(out, 500, "InternalError", NULL, NULL,
			   "Internal error occurred: failed to allocate a %s: range is full", what);
}

static int fill_ips(struct write *w, struct reply *out)
{
	json_t *families = jx_get(w->obj, "spec.ipFamilies");
	json_t *ips = jx_get(w->obj, "spec.clusterIPs");

	if (!service_has_cluster_ip(w->obj))
		return 0;
	ips = ips ? jx_copy(ips) : jx_must(json_array());
	jx_set(w->obj, "spec.clusterIPs", ips);
	if (service_is_headless(w->obj))
		return 0;
	for (size_t i = json_array_size(ips); i < json_array_size(families); i++) {
		const char *family = json_string_value(json_array_get(families, i));
		const struct alloc_ip *range = service_alloc_family(w->alloc, family);
		char text[INET6_ADDRSTRLEN];
		struct ip_addr ip;

		if (!range || alloc_ip_choose(range, next_random(w->alloc), &ip))
			return full(out, "serviceIP");
		jx_append(ips, json_string(ip_addr_print(&ip, text)));
	}
	jx_set(w->obj, "spec.clusterIP", json_incref(json_array_get(ips, 0)));
	return 0;
}

/* Not what the Service itself asked for in another port, whatever the protocol. */
static bool is_asked(void *ctx, uint16_t port)
{
	const json_t *svc = ctx;

	return owned(svc, port);
}

static uint16_t choose(struct write *w, uint8_t protocols)
{
	uint64_t random = next_random(w->alloc);
	uint16_t port;

	/* One that is free in every protocol if there is any: a service may grow into it. */
	port = alloc_port_choose(&w->alloc->port,
				 ALLOC_PORT_TCP | ALLOC_PORT_UDP | ALLOC_PORT_SCTP, random,
				 is_asked, w->obj);
	return port ? port : alloc_port_choose(&w->alloc->port, protocols, random, is_asked,
						 w->obj);
}

/*
 * The ports of one number and different protocols, such as DNS, get one node
 * port, when the protocol of this one is free there.
 */
static json_int_t shared(const struct write *w, const json_t *port)
{
	uint8_t protocol = alloc_port_protocol(jx_str(port, "protocol"));
	const json_t *ports = jx_get(w->obj, "spec.ports");

	/* What the Service had before is its own still. */
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *other = json_array_get(ports, i);
		json_int_t n = jx_int(other, "nodePort");

		if (!n || jx_int(other, "port") != jx_int(port, "port"))
			continue;
		if (!(owned(w->obj, n) & protocol) &&
		    ((w->old && (owned(w->old, n) & protocol)) ||
		     !alloc_port_taken(&w->alloc->port, n, protocol)))
			return n;
	}
	return 0;
}

static int fill_node_ports(struct write *w, struct reply *out)
{
	json_t *ports = jx_get(w->obj, "spec.ports"), *port;
	size_t i;

	if (!service_wants_node_ports(w->obj))
		return 0;
	json_array_foreach(ports, i, port) {
		json_int_t n;

		if (jx_int(port, "nodePort"))
			continue;
		n = shared(w, port);
		if (!n)
			n = choose(w, alloc_port_protocol(jx_str(port, "protocol")));
		if (!n)
			return full(out, "nodePort");
		jx_set_int(port, "nodePort", n);
	}
	return 0;
}

int service_alloc_fill(struct write *w, struct reply *out)
{
	json_int_t n;

	if (fill_ips(w, out) || fill_node_ports(w, out))
		return -1;
	if (!service_has_health_port(w->obj) || jx_int(w->obj, "spec.healthCheckNodePort"))
		return 0;
	n = choose(w, ALLOC_PORT_TCP);
	if (!n)
		return full(out, "HealthCheckNodePort");
	jx_set_int(w->obj, "spec.healthCheckNodePort", n);
	return 0;
}

static void book(struct service_alloc *a, const json_t *svc,
		 void (*ip_fn)(struct alloc_ip *, const struct ip_addr *),
		 void (*port_fn)(struct alloc_port *, uint16_t, uint8_t))
{
	const json_t *ports = jx_get(svc, "spec.ports"), *ips = jx_get(svc, "spec.clusterIPs");
	json_int_t health = jx_int(svc, "spec.healthCheckNodePort");
	struct alloc_ip *range;
	struct ip_addr ip;

	for (size_t i = 0; i < json_array_size(ips); i++) {
		if (ip_addr_parse(json_string_value(json_array_get(ips, i)), &ip, NULL))
			continue;
		range = range_of(a, &ip);
		if (range)
			ip_fn(range, &ip);
	}
	for (size_t i = 0; service_has_node_ports(svc) && i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);
		json_int_t n = jx_int(port, "nodePort");

		if (n)
			port_fn(&a->port, n, alloc_port_protocol(jx_str(port, "protocol")));
	}
	if (health)
		port_fn(&a->port, health, ALLOC_PORT_TCP);
}

void service_alloc_commit(struct service_alloc *a, const json_t *old, const json_t *now)
{
	if (old)
		book(a, old, alloc_ip_release, alloc_port_release);
	if (now)
		book(a, now, alloc_ip_take, alloc_port_take);
}
