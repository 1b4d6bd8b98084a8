// SPDX-License-Identifier: GPL-2.0
#include "nft_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- sets, maps and chains by name --- */

struct block {
	const char *table;		/* "ip" or "ip6" */
	char kind[8];
	char name[128];
	char timeout[32];		/* of a set; "": none */
	char *lines[64];		/* the elements of a set or map, the rules of a chain */
	size_t n;
};

struct rules {
	char *text;
	struct block v[128];
	size_t n;
};

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		fail_msg("cannot open %s", path);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	return text;
}

static void add_line(struct block *b, char *line)
{
	assert_true(b->n < sizeof(b->lines) / sizeof(b->lines[0]));
	b->lines[b->n++] = line;
}

/* "A, B, C }", or without the end when they go on in the next line. */
static bool add_elements(struct block *b, char *line)
{
	char *end = strstr(line, " }"), *element;

	if (end)
		*end = '\0';
	while ((element = strsep(&line, ","))) {
		element += strspn(element, " \t");
		if (*element)
			add_line(b, element);
	}
	return !end;
}

static void read_block(struct block *b, char **cursor)
{
	const bool chain = !strcmp(b->kind, "chain");
	bool elements = false;
	char *line;

	while ((line = strsep(cursor, "\n"))) {
		line += strspn(line, " \t");
		if (!strcmp(line, "}"))
			return;
		if (elements)
			elements = add_elements(b, line);
		else if (!strncmp(line, "elements = { ", 13))
			elements = add_elements(b, line + 13);
		else if (chain)
			add_line(b, line);
		else
			sscanf(line, "timeout %31s", b->timeout);
	}
	fail_msg("%s %s has no end", b->kind, b->name);
}

static struct rules *load_rules(const char *path)
{
	struct rules *r = calloc(1, sizeof(*r));
	const char *table = NULL;
	char *cursor, *line;
	struct block *b;

	r->text = cursor = read_file(path);
	while ((line = strsep(&cursor, "\n"))) {
		assert_true(r->n < sizeof(r->v) / sizeof(r->v[0]));
		b = &r->v[r->n];
		if (!strncmp(line, "table ", 6)) {
			table = strcmp(line, "table ip kube-proxy {") ? "ip6" : "ip";
		} else if (sscanf(line, "\t%7[a-z] %127s {", b->kind, b->name) == 2 &&
			   line[strlen(line) - 1] == '{') {
			b->table = table;
			read_block(b, &cursor);
			r->n++;
		}
	}
	return r;
}

static void rules_free(struct rules *r)
{
	free(r->text);
	free(r);
}

static const struct block *find(const struct rules *r, const char *table, const char *kind,
				const char *name)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (!strcmp(r->v[i].table, table) && !strcmp(r->v[i].kind, kind) &&
		    !strcmp(r->v[i].name, name))
			return &r->v[i];
	fail_msg("no %s %s in table %s", kind, name, table);
	return NULL;
}

static bool has(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* --- what they do --- */

struct reader {
	const struct rules *rules;
	const char *table;
	struct facts *facts;
};

/* A frontend: "ADDR:PORT PROTO", or "ip *:PORT PROTO" for a node port. */
struct key {
	char text[128];
	char addr[64];			/* "": a node port */
};

/* "ADDR . PROTO . PORT", or without the first; what is behind it, or NULL: it is not the key */
static const char *read_key(const struct reader *r, const char *element, struct key *k)
{
	char proto[8], port[8];
	int n = 0;

	k->addr[0] = '\0';
	if (sscanf(element, "%7[a-z] . %7[0-9] %n", proto, port, &n) == 2 && n)
		snprintf(k->text, sizeof(k->text), "%s *:%s %s", r->table, port, proto);
	else if (sscanf(element, "%63[0-9a-f.:] . %7[a-z] . %7[0-9] %n", k->addr, proto, port,
			&n) == 3 && n)
		snprintf(k->text, sizeof(k->text), strchr(k->addr, ':') ? "[%s]:%s %s" : "%s:%s %s",
			 k->addr, port, proto);
	else
		fail_msg("no key of a frontend: %s", element);
	return element + n;
}

/* "service-HASH-NS/NAME/PROTO/PORT" to "NS/NAME:PORT" and PROTO */
static void read_name(const char *chain, char name[256], char proto[8])
{
	char ns[64], service[64], port[64] = "";

	if (sscanf(chain, "%*[a-z]-%*[A-Z0-9]-%63[^/]/%63[^/]/%7[^/]/%63s", ns, service, proto,
		   port) < 3)
		fail_msg("no chain of a service: %s", chain);
	snprintf(name, 256, "%s/%s%s%s", ns, service, *port ? ":" : "", port);
}

/* "1h30m" */
static unsigned int read_seconds(const char *text)
{
	static const struct {
		char unit;
		unsigned int seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	unsigned int number, total = 0;
	size_t i;
	char unit;
	int n;

	while (sscanf(text, "%u%c%n", &number, &unit, &n) == 2) {
		for (i = 0; units[i].unit != unit; i++)
			assert_true(i + 1 < sizeof(units) / sizeof(units[0]));
		total += number * units[i].seconds;
		text += n;
	}
	return total;
}

/* The chain of an endpoint that a client keeps. */
static void read_sticky(const struct reader *r, const char *service, const char *chain,
			struct facts *endpoints)
{
	const struct block *b = find(r->rules, r->table, "chain", chain);
	char set[128], to[64], name[256], proto[8], rule[8];

	read_name(service, name, proto);
	assert_int_equal(b->n, 2);
	assert_int_equal(sscanf(b->lines[0], "update @%127s {", set), 1);
	assert_int_equal(sscanf(b->lines[1], "meta l4proto %7s dnat to %63s", rule, to), 2);
	assert_string_equal(rule, proto);
	facts_say(endpoints, "%s", to);
	facts_say(r->facts, "%s %s keeps a client for %u s at %s", name, proto,
	    read_seconds(find(r->rules, r->table, "set", set)->timeout), to);
}

/* "{ 0 : ADDR . PORT, 1 : ... }", or "goto CHAIN" for an address */
static void read_choices(const struct reader *r, const char *service, const char *map,
			 unsigned int n, struct facts *endpoints)
{
	char addr[64], port[8], chain[128];
	unsigned int i;

	for (i = 0; map; i++, map = strchr(map + 1, ',')) {
		if (sscanf(map, "%*[{,] %*u : goto %127[^, }]", chain) == 1)
			read_sticky(r, service, chain, endpoints);
		else if (sscanf(map, "%*[{,] %*u : %63s . %7[0-9]", addr, port) == 2)
			facts_say(endpoints, strchr(addr, ':') ? "[%s]:%s" : "%s:%s", addr, port);
		else
			fail_msg("%s: no choice: %s", service, map);
	}
	assert_int_equal(i, n);
}

/* Where the chain of a service sends: "ADDR:PORT ADDR:PORT" */
static void read_service(const struct reader *r, const char *chain, char *out, size_t size)
{
	const struct block *b = find(r->rules, r->table, "chain", chain);
	char name[256], proto[8], rule[8] = "";
	struct facts endpoints = { .n = 0 };
	unsigned int n;
	size_t i;

	assert_true(has(chain, "service-"));
	read_name(chain, name, proto);
	for (i = 0; i < b->n; i++) {
		if (has(b->lines[i], "ip saddr @affinity-"))
			continue;
		if (sscanf(b->lines[i], "numgen random mod %u vmap", &n) != 1) {
			if (sscanf(b->lines[i], "meta l4proto %7s dnat ip%*[6 ]to numgen random "
				   "mod %u map", rule, &n) != 2)
				fail_msg("%s: not understood: %s", chain, b->lines[i]);
			assert_string_equal(rule, proto);
		}
		read_choices(r, chain, strchr(b->lines[i], '{'), n, &endpoints);
	}
	facts_join(&endpoints, out, size);
}

/* The map's element for this frontend, and what is behind the key; NULL: none */
static const char *lookup(const struct reader *r, const char *map, const struct key *k)
{
	const struct block *b = find(r->rules, r->table, "map", map);
	const char *rest;
	struct key other;
	size_t i;

	for (i = 0; i < b->n; i++) {
		rest = read_key(r, b->lines[i], &other);
		if (!strcmp(other.text, k->text))
			return rest;
	}
	return NULL;
}

/* Of who has no endpoint: NAME, and "drop" or "reject"; false: he has some */
static bool read_none(const struct reader *r, const struct key *k, char name[256],
		      const char **verdict)
{
	const char *map = *k->addr ? "no-endpoint-services" : "no-endpoint-nodeports";
	const char *rest = lookup(r, map, k);
	char text[32];

	if (!rest)
		return false;
	if (sscanf(rest, "comment \"%255[^\"]\" : %31[a-z -]", name, text) != 2)
		fail_msg("%s: not understood: %s", k->text, rest);
	*verdict = strcmp(text, "drop") ? "reject" : "drop";
	if (strcmp(text, "drop") && strcmp(text, "goto reject-chain"))
		fail_msg("%s: no verdict: %s", k->text, text);
	return true;
}

#define MASQUERADE "meta mark set meta mark | 0x00004000 comment \"masquerade\""

/*
 * Either all is masqueraded and goes where the service goes; or pods and the node go
 * there, and for the others there is nobody: that a local endpoint is there does not occur.
 */
static void read_external(const struct reader *r, const struct key *k, const char *chain)
{
	const struct block *b = find(r->rules, r->table, "chain", chain);
	char name[256], named[256], proto[8], service[128], node[128], to[1024];
	const char *none;

	read_name(chain, name, proto);
	if (b->n == 2 && !strcmp(b->lines[0], MASQUERADE) &&
	    sscanf(b->lines[1], "goto %127s", service) == 1) {
		read_service(r, service, to, sizeof(to));
		facts_say(r->facts, "%s %s outside: %s", k->text, name, to);
		assert_false(read_none(r, k, named, &none));
		return;
	}
	if (b->n != 3 || sscanf(b->lines[0], "ip%*[6 ]saddr %*s goto %127s", service) != 1 ||
	    !has(b->lines[1], "fib saddr type local meta mark set meta mark | 0x00004000 ") ||
	    sscanf(b->lines[2], "fib saddr type local goto %127s", node) != 1)
		fail_msg("%s: not understood: %s", chain, b->lines[0]);
	assert_string_equal(node, service);
	assert_true(read_none(r, k, named, &none));
	assert_string_equal(named, name);
	read_service(r, service, to, sizeof(to));
	facts_say(r->facts, "%s %s outside, Local: %s; pods: %s", k->text, name, none, to);
}

static void read_frontends(const struct reader *r, const char *map)
{
	const struct block *b = find(r->rules, r->table, "map", map);
	char chain[128], name[256], proto[8], to[1024];
	const char *rest, *none;
	struct key k;
	size_t i;

	for (i = 0; i < b->n; i++) {
		rest = read_key(r, b->lines[i], &k);
		assert_int_equal(sscanf(rest, ": goto %127s", chain), 1);
		if (has(chain, "external-")) {
			read_external(r, &k, chain);
			continue;
		}
		assert_false(read_none(r, &k, name, &none));
		read_name(chain, name, proto);
		read_service(r, chain, to, sizeof(to));
		facts_say(r->facts, "%s %s inside: %s", k.text, name, to);
	}
}

static bool is_cluster_ip(const struct reader *r, const char *addr)
{
	const struct block *b = find(r->rules, r->table, "set", "cluster-ips");
	size_t i;

	for (i = 0; i < b->n; i++)
		if (!strcmp(b->lines[i], addr))
			return true;
	return false;
}

/* Those that go nowhere at all. */
static void read_nowhere(const struct reader *r, const char *map, const char *somewhere)
{
	const struct block *b = find(r->rules, r->table, "map", map);
	const char *none = NULL;
	char name[256];
	struct key k;
	size_t i;

	for (i = 0; i < b->n; i++) {
		read_key(r, b->lines[i], &k);
		if (lookup(r, somewhere, &k))
			continue;
		assert_true(read_none(r, &k, name, &none));
		facts_say(r->facts, "%s %s %s: %s", k.text, name,
		    is_cluster_ip(r, k.addr) ? "inside" : "outside", none);
	}
}

/* Who is let in by a load balancer's address. */
static void read_ranges(const struct reader *r)
{
	const struct block *b = find(r->rules, r->table, "map", "firewall-ips"), *firewall;
	char chain[128], list[256], *cursor, *range, text[512];
	struct facts ranges = { .n = 0 };
	struct key k;
	size_t i;

	for (i = 0; i < b->n; i++) {
		assert_int_equal(sscanf(read_key(r, b->lines[i], &k), ": goto %127s", chain), 1);
		firewall = find(r->rules, r->table, "chain", chain);
		assert_int_equal(firewall->n, 1);
		if (sscanf(firewall->lines[0], "ip%*[6 ]saddr != { %255[^}]} drop", list) != 1)
			fail_msg("%s: not understood: %s", chain, firewall->lines[0]);
		for (cursor = list; (range = strsep(&cursor, ", "));)
			if (*range)
				facts_say(&ranges, "%s", range);
		facts_join(&ranges, text, sizeof(text));
		facts_say(r->facts, "%s from %s", k.text, text);
	}
}

/* ClusterIPs; and local endpoints, which are those that may speak to themselves. */
static void read_sets(const struct reader *r)
{
	const struct block *b = find(r->rules, r->table, "set", "cluster-ips");
	char addr[64];
	struct key k;
	size_t i;
	int n;

	for (i = 0; i < b->n; i++)
		facts_say(r->facts, "%s is a ClusterIP", b->lines[i]);
	b = find(r->rules, r->table, "set", "hairpin-connections");
	for (i = 0; i < b->n; i++) {
		assert_int_equal(sscanf(b->lines[i], "%63s . %n", addr, &n), 1);
		read_key(r, b->lines[i] + n, &k);
		assert_string_equal(addr, k.addr);
		facts_say(r->facts, "%s is on the node", k.text);
	}
}

void nft_facts(const char *path, struct facts *facts)
{
	static const char *const tables[] = { "ip", "ip6" };
	struct rules *rules = load_rules(path);
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct reader r = { .rules = rules, .table = tables[i], .facts = facts };

		read_frontends(&r, "service-ips");
		read_frontends(&r, "service-nodeports");
		read_nowhere(&r, "no-endpoint-services", "service-ips");
		read_nowhere(&r, "no-endpoint-nodeports", "service-nodeports");
		read_ranges(&r);
		read_sets(&r);
	}
	facts_sort(facts);
	rules_free(rules);
}
