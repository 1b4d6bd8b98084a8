// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "color.h"
#include "key.h"
#include "print_json.h"
#include "words.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>

/* "TCP", "ICMP" for a ping of either family, or the number. */
static const char *proto_name(const struct kresolve *r, char buf[8])
{
	const char *name = ip_proto_name(r->proto);

	if (r->proto == (r->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return "ICMP";
	if (name)
		return name;
	snprintf(buf, 8, "%u", r->proto);
	return buf;
}

/* The interface's name or, if it has just gone, its index; NULL: none was named. */
static const char *interface_name(const struct kresolve *r, char buf[IF_NAMESIZE])
{
	if (r->ifindex && !if_indextoname(r->ifindex, buf))
		snprintf(buf, IF_NAMESIZE, "%" PRIu32, r->ifindex);
	return r->ifindex ? buf : NULL;
}

static const char *list_name(const struct kresolve *r)
{
	return r->list == SVCNAT_LIST_LOCAL ? "local" : "cluster";
}

/* Endpoints in the list that this connection may have, and in the other one. */
static uint32_t here(const struct kresolve *r)
{
	return r->list == SVCNAT_LIST_LOCAL ? r->local : r->cluster;
}

static uint32_t elsewhere(const struct kresolve *r)
{
	return r->list == SVCNAT_LIST_LOCAL ? r->cluster : r->local;
}

/* --- JSON --- */

/* A port of 0 is none. */
static json_t *json_addr(const struct ip_addr *addr, uint16_t port)
{
	json_t *o = print_json_addrport(addr, port);

	if (o && !port)
		json_object_del(o, "port");
	return o;
}

static json_t *json_service(json_t *o, const struct kresolve *r)
{
	o = print_json_set(o, "service", json_string(r->service));
	o = print_json_set(o, "owner", json_string(r->owner));
	o = print_json_set(o, "frontend", json_string(kfrontend_kind_name(r->kind)));
	o = print_json_set(o, "flags", print_json_flags(r->flags));
	o = print_json_set(o, "sourceRangeCount", json_integer(r->ranges));
	o = print_json_set(o, "list", json_string(list_name(r)));
	o = print_json_set(o, "endpoints", json_integer(here(r)));
	o = print_json_set(o, "clusterEndpoints", json_integer(r->cluster));
	o = print_json_set(o, "localEndpoints", json_integer(r->local));
	o = print_json_set(o, "scheduler", json_string(kscheduler_name(r->scheduler)));
	o = print_json_set(o, "affinity", json_integer(r->affinity));
	if (r->has_affinity_age)
		o = print_json_set(o, "affinityAge", json_integer(r->affinity_age));
	return o;
}

static int print_resolve_json(const struct print *p, const struct kresolve *r)
{
	char buf[8], name[IF_NAMESIZE];
	json_t *o;

	o = json_pack("{s:s, s:s}", "family", key_family_name(r->family), "protocol",
		      proto_name(r, buf));
	o = print_json_set(o, "source", json_addr(&r->src, r->src_port));
	o = print_json_set(o, "destination", json_addr(&r->dst, r->dst_port));
	if (interface_name(r, name))
		o = print_json_set(o, "interface", json_string(name));
	o = print_json_set(o, "origin", json_string(words_origin(r->origin)->name));
	o = print_json_set(o, "armed", json_boolean(r->armed));
	if (r->has_service)
		o = json_service(o, r);
	if (r->has_hash)
		o = print_json_set(o, "hash", json_integer(r->hash));
	o = print_json_set(o, "verdict", json_string(words_verdict(r->verdict)->name));
	o = print_json_set(o, "reason", json_string(words_reason(r->reason)->name));
	if (r->has_endpoint)
		o = print_json_set(o, "endpoint",
				   print_json_addrport(&r->endpoint.addr, r->endpoint.port));
	if (r->has_masquerade) {
		o = print_json_set(o, "masquerade",
				   json_boolean(words_masqueraded(r->masquerade)));
		o = print_json_set(o, "masqueradeReason",
				   json_string(words_masquerade(r->masquerade)->name));
	}
	return print_json(p, o);
}

/* --- text --- */

static void line(const struct print *p, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void line(const struct print *p, const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(p->out, "%-15s", name);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	fputc('\n', p->out);
}

static const char *addr_text(const struct ip_addr *addr, uint16_t port, char buf[ADDRPORT_STRLEN])
{
	return port ? addrport_print(addr, port, buf) : ip_addr_print(addr, buf);
}

static void print_affinity(const struct print *p, const struct kresolve *r)
{
	if (!r->affinity)
		line(p, "affinity", "none");
	else if (r->has_affinity_age)
		line(p, "affinity", "%" PRIu32 " s, the client's entry is %" PRIu32 " s old",
		     r->affinity, r->affinity_age);
	else
		line(p, "affinity", "%" PRIu32 " s, the client has no entry", r->affinity);
}

static void print_service(const struct print *p, const struct kresolve *r)
{
	line(p, "service", "%s owner %s", r->service, r->owner);
	line(p, "frontend", "%s", kfrontend_kind_name(r->kind));
	line(p, "policies", "internal %s, external %s",
	     r->flags & SVCNAT_F_INTERNAL_LOCAL ? "Local" : "Cluster",
	     r->flags & SVCNAT_F_EXTERNAL_LOCAL ? "Local" : "Cluster");
	if (r->ranges)
		line(p, "source-ranges", "%" PRIu32, r->ranges);
	else
		line(p, "source-ranges", "none: all sources");
	line(p, "list", "%s: %" PRIu32 " to choose from (%s: %" PRIu32 ")", list_name(r), here(r),
	     r->list == SVCNAT_LIST_LOCAL ? "cluster" : "local", elsewhere(r));
	line(p, "scheduler", "%s", kscheduler_name(r->scheduler));
	print_affinity(p, r);
}

static void print_endpoint(const struct print *p, const struct kresolve *r)
{
	char buf[ADDRPORT_STRLEN];

	if (r->has_endpoint)
		line(p, "endpoint", "%s, one of %" PRIu32,
		     addrport_print(&r->endpoint.addr, r->endpoint.port, buf), here(r));
	else if (r->verdict == SVCNAT_VERDICT_DNAT)
		line(p, "endpoint", "one of %" PRIu32 ": give the source port to see which",
		     here(r));
}

static void print_masquerade(const struct print *p, const struct kresolve *r)
{
	const struct words *why = words_masquerade(r->masquerade);

	if (r->has_masquerade)
		line(p, "masquerade", "%s, %s: %s",
		     words_masqueraded(r->masquerade) ? "yes" : "no", why->name, why->text);
}

static void print_verdict(const struct print *p, enum svcnat_verdict verdict)
{
	static const enum color colors[SVCNAT_VERDICT_MAX + 1] = {
		[SVCNAT_VERDICT_DNAT] = COLOR_GOOD, [SVCNAT_VERDICT_ECHO] = COLOR_GOOD,
		[SVCNAT_VERDICT_REJECT] = COLOR_BAD, [SVCNAT_VERDICT_DROP] = COLOR_BAD,
	};
	const struct words *w = words_verdict(verdict);
	enum color c = verdict <= SVCNAT_VERDICT_MAX ? colors[verdict] : COLOR_NONE;

	line(p, "verdict", "%s%s%s: %s", color_on(p->color, c), w->name, color_off(p->color, c),
	     w->text);
}

int print_resolve(const struct print *p, const struct kresolve *r)
{
	char src[ADDRPORT_STRLEN], dst[ADDRPORT_STRLEN], proto[8], name[IF_NAMESIZE];

	if (p->json)
		return print_resolve_json(p, r);
	line(p, "connection", "%s -> %s/%s", addr_text(&r->src, r->src_port, src),
	     addr_text(&r->dst, r->dst_port, dst), proto_name(r, proto));
	if (interface_name(r, name))
		line(p, "interface", "%s", name);
	line(p, "origin", "%s: %s", words_origin(r->origin)->name, words_origin(r->origin)->text);
	line(p, "armed", "%s", r->armed ? "yes" : "no");
	if (r->has_service)
		print_service(p, r);
	if (r->has_hash)
		line(p, "hash", "0x%08" PRIx32, r->hash);
	print_verdict(p, r->verdict);
	line(p, "reason", "%s: %s", words_reason(r->reason)->name, words_reason(r->reason)->text);
	print_endpoint(p, r);
	print_masquerade(p, r);
	return 0;
}
