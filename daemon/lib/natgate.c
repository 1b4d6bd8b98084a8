// SPDX-License-Identifier: GPL-2.0
#include "natgate.h"

#include "err.h"
#include "nft.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define TABLE		"inet " NATGATE_TABLE
#define DELETE		"add table " TABLE "\ndelete table " TABLE "\n"

/* One set of what is held off, of one family, and the rule that does it. */
struct gate {
	const char *set;	/* its name, without the family */
	const char *type[2];	/* IPv4, IPv6 */
	const char *rule[2];
};

enum { ADDRESSES, PORTS, NETWORKS };

static const struct gate gates[] = {
	[ADDRESSES] = {
		"addresses",
		{ "type ipv4_addr . inet_proto . inet_service",
		  "type ipv6_addr . inet_proto . inet_service" },
		{ "ip daddr . meta l4proto . th dport", "ip6 daddr . meta l4proto . th dport" },
	},
	[PORTS] = {
		"ports",
		{ "type inet_proto . inet_service", "type inet_proto . inet_service" },
		{ "meta nfproto ipv4 fib daddr type local meta l4proto . th dport",
		  "meta nfproto ipv6 fib daddr type local meta l4proto . th dport" },
	},
	[NETWORKS] = {
		"networks",
		{ "type ipv4_addr; flags interval; auto-merge",
		  "type ipv6_addr; flags interval; auto-merge" },
		{ "ip daddr", "ip6 daddr" },
	},
};

static void print_proto(FILE *f, uint8_t proto)
{
	const char *c;

	for (c = ip_proto_name(proto); *c; c++)
		fputc(tolower((unsigned char)*c), f);
}

/* Returns how many there are; f may be NULL. */
static size_t print_frontends(FILE *f, const struct kservices *l, int gate, uint8_t family)
{
	char buf[INET6_ADDRSTRLEN];
	const struct kfrontend *fe;
	const struct kservice *s;
	size_t n = 0;

	for (s = l->v; s < l->v + l->n; s++) {
		for (fe = s->frontends; fe < s->frontends + s->nfrontends; fe++) {
			if (s->family != family ||
			    (fe->kind == SVCNAT_KIND_NODEPORT) != (gate == PORTS))
				continue;
			n++;
			if (!f)
				continue;
			fputs(n > 1 ? ", " : "", f);
			if (gate == ADDRESSES)
				fprintf(f, "%s . ", ip_addr_print(&fe->addr, buf));
			print_proto(f, s->proto);
			fprintf(f, " . %u", fe->port);
		}
	}
	return n;
}

static size_t print_networks(FILE *f, const struct kcidrs *l, uint8_t family)
{
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].addr.family != family)
			continue;
		if (f)
			fprintf(f, "%s%s", n ? ", " : "", ip_cidr_print(&l->v[i], buf));
		n++;
	}
	return n;
}

static size_t print_elements(FILE *f, const struct kservices *l, const struct ksettings *s,
			     int gate, uint8_t family)
{
	return gate == NETWORKS ? print_networks(f, &s->service_cidrs, family) :
				  print_frontends(f, l, gate, family);
}

static void print_gate(FILE *f, const struct kservices *l, const struct ksettings *s, int gate,
		       uint8_t family)
{
	const struct gate *g = &gates[gate];
	const int six = family == AF_INET6, number = six ? 6 : 4;

	if (!print_elements(NULL, l, s, gate, family))
		return;
	fprintf(f, "add set " TABLE " %s%d { %s; elements = { ", g->set, number, g->type[six]);
	print_elements(f, l, s, gate, family);
	fprintf(f, " }; }\nadd rule " TABLE " new %s @%s%d drop\n", g->rule[six], g->set, number);
}

/* Behind connection tracking, before address translation. */
static void print_hook(FILE *f, const char *hook)
{
	fprintf(f, "add chain " TABLE " %s { type filter hook %s priority -150; policy accept; }\n"
		"add rule " TABLE " %s ct state new jump new "
		"comment \"svcctl upgrade is under way; see svcctl(8)\"\n", hook, hook, hook);
}

void natgate_print(FILE *f, const struct kservices *l, const struct ksettings *s)
{
	int gate;

	fputs(DELETE "add table " TABLE "\nadd chain " TABLE " new\n", f);
	for (gate = ADDRESSES; gate <= NETWORKS; gate++) {
		print_gate(f, l, s, gate, AF_INET);
		print_gate(f, l, s, gate, AF_INET6);
	}
	print_hook(f, "prerouting");
	print_hook(f, "output");
}

int natgate_set(const struct kservices *l, const struct ksettings *s, struct err *e)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return err_set(e, ENOMEM, "out of memory");
	natgate_print(f, l, s);
	err = fclose(f) ? err_set(e, ENOMEM, "out of memory") :
			  nft_run(text, "cannot make the nft table " TABLE, e);
	free(text);
	return err;
}

int natgate_clear(struct err *e)
{
	return nft_run(DELETE, "cannot delete the nft table " TABLE, e);
}
