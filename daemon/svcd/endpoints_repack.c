// SPDX-License-Identifier: GPL-2.0
/*
 * The one form of subsets that say the same, whoever wrote them, as Kubernetes'
 * API server makes it: ports behind which are the very same addresses, each
 * ready or not, make one subset; an address stands once behind a port, and is
 * not ready where that is said of it at all. It is known by its ip and by the
 * uid of its targetRef; what stood first of it counts. (Subsets and ports are
 * in the order of their hashes there; here in the order of the text.)
 */
#include "endpoints_controller.h"

#include "json_text.h"
#include "jx.h"
#include "strmap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Addresses behind ports, each pair counted. Subsets can say a lot in few words,
 * and it is all spelt out here: of more than that, what was written stays.
 */
#define PAIRS_MAX	250000

struct address {
	json_t *object;			/* borrowed */
	char *key;
	size_t rank;			/* its place in the order of all */
};

/* One address behind a port. */
struct member {
	size_t address;			/* its number, and then its rank */
	bool ready;
};

struct port {
	json_t *object;			/* borrowed; NULL: no port */
	char *text;
	struct member *v;
	size_t n, room;
	char *key;			/* of the members: what groups the ports */
};

struct packing {
	struct address *addresses;
	struct port *ports;
	size_t naddresses, nports;
	struct strmap by_address, by_port;	/* to places, plus one */
};

/* Room for one more behind n members: it doubles when it is full. */
static void *grow(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : jx_must(realloc(v, (n ? 2 * n : 1) * size));
}

static const char *uid_of(const json_t *address)
{
	return jx_str(address, "targetRef.uid");
}

static size_t find_address(struct packing *p, json_t *object)
{
	uintptr_t place;
	char *key;

	if (asprintf(&key, "%s %s", jx_str(object, "ip"), uid_of(object)) < 0)
		jx_must(NULL);
	place = (uintptr_t)strmap_find(&p->by_address, key);
	if (place) {
		free(key);
		return place - 1;
	}
	p->addresses = grow(p->addresses, p->naddresses, sizeof(*p->addresses));
	p->addresses[p->naddresses++] = (struct address){ .object = object, .key = key };
	if (strmap_add(&p->by_address, key, (void *)(uintptr_t)p->naddresses))
		jx_must(NULL);
	return p->naddresses - 1;
}

static struct port *find_port(struct packing *p, json_t *object)
{
	char *text = object ? jx_must(json_text(object, JSON_TEXT_SORTED, NULL)) :
			      jx_must(strdup(""));
	uintptr_t place = (uintptr_t)strmap_find(&p->by_port, text);

	if (place) {
		free(text);
		return &p->ports[place - 1];
	}
	p->ports = grow(p->ports, p->nports, sizeof(*p->ports));
	p->ports[p->nports++] = (struct port){ .object = object, .text = text };
	if (strmap_add(&p->by_port, text, (void *)(uintptr_t)p->nports))
		jx_must(NULL);
	return &p->ports[p->nports - 1];
}

/* Appends to v, and answers where it ends. */
static struct member *fill_members(struct packing *p, struct member *v, const json_t *list,
				   bool ready)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		*v++ = (struct member){ find_address(p, json_array_get(list, i)), ready };
	return v;
}

static void add_members(struct port *port, const struct member *v, size_t n)
{
	if (port->n + n > port->room) {
		port->room = 2 * port->room > port->n + n ? 2 * port->room : port->n + n;
		port->v = jx_must(realloc(port->v, port->room * sizeof(*port->v)));
	}
	if (n)
		memcpy(port->v + port->n, v, n * sizeof(*v));
	port->n += n;
}

static size_t count(const json_t *subset)
{
	return json_array_size(json_object_get(subset, "addresses")) +
	       json_array_size(json_object_get(subset, "notReadyAddresses"));
}

static void add_subset(struct packing *p, const json_t *subset)
{
	const json_t *ports = json_object_get(subset, "ports");
	struct member *v = jx_must(calloc(count(subset) + 1, sizeof(*v))), *end;
	size_t n = json_array_size(ports);

	end = fill_members(p, v, json_object_get(subset, "addresses"), true);
	end = fill_members(p, end, json_object_get(subset, "notReadyAddresses"), false);
	for (size_t i = 0; i < (n ? n : 1); i++)
		add_members(find_port(p, n ? json_array_get(ports, i) : NULL), v, end - v);
	free(v);
}

static bool too_much(const json_t *subsets)
{
	size_t pairs = 0;

	for (size_t i = 0; i < json_array_size(subsets) && pairs <= PAIRS_MAX; i++) {
		const json_t *s = json_array_get(subsets, i);

		pairs += count(s) * (1 + json_array_size(json_object_get(s, "ports")));
	}
	return pairs > PAIRS_MAX;
}

/* --- order */

/* Without any there is no array either. */
static void sort(void *v, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n)
		qsort(v, n, size, cmp);
}

/* As Kubernetes has it: by the text of the ip, and who has no targetRef first. */
static int address_cmp(const void *a, const void *b)
{
	const struct address *x = *(struct address *const *)a, *y = *(struct address *const *)b;
	int d = strcmp(jx_str(x->object, "ip"), jx_str(y->object, "ip"));

	return d ? d : strcmp(uid_of(x->object), uid_of(y->object));
}

static void rank_addresses(struct packing *p)
{
	struct address **v = jx_must(calloc(p->naddresses + 1, sizeof(*v)));

	for (size_t i = 0; i < p->naddresses; i++)
		v[i] = &p->addresses[i];
	sort(v, p->naddresses, sizeof(*v), address_cmp);
	for (size_t i = 0; i < p->naddresses; i++)
		v[i]->rank = i;
	free(v);
}

/* Of the same address who is not ready comes first, and stays. */
static int member_cmp(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return (int)x->ready - (int)y->ready;
}

static void sort_members(const struct packing *p, struct port *port)
{
	size_t n = 0;

	for (size_t i = 0; i < port->n; i++)
		port->v[i].address = p->addresses[port->v[i].address].rank;
	sort(port->v, port->n, sizeof(*port->v), member_cmp);
	for (size_t i = 0; i < port->n; i++)
		if (!n || port->v[n - 1].address != port->v[i].address)
			port->v[n++] = port->v[i];
	port->n = n;
}

static void make_key(struct port *port)
{
	size_t size;
	FILE *f = jx_must(open_memstream(&port->key, &size));

	for (size_t i = 0; i < port->n; i++)
		fprintf(f, "%zu%c", port->v[i].address, port->v[i].ready ? '+' : '-');
	if (fclose(f))
		jx_must(NULL);
}

/* By name, protocol, number: what Services have, and so what their Endpoints have. */
int endpoints_port_cmp(const json_t *a, const json_t *b)
{
	int d = strcmp(jx_str(a, "name"), jx_str(b, "name"));

	if (!d)
		d = strcmp(jx_str(a, "protocol"), jx_str(b, "protocol"));
	return d ? d : (jx_int(a, "port") > jx_int(b, "port")) -
			       (jx_int(a, "port") < jx_int(b, "port"));
}

/* The groups together, and in each of them no port before the others. */
static int port_cmp(const void *a, const void *b)
{
	const struct port *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	if (d || !x->object || !y->object)
		return d ? d : !!x->object - !!y->object;
	d = endpoints_port_cmp(x->object, y->object);
	return d ? d : strcmp(x->text, y->text);
}

/* --- what comes of it */

static json_t *addresses(json_t *const *by_rank, const struct port *port, bool ready)
{
	json_t *list = jx_must(json_array());

	for (size_t i = 0; i < port->n; i++)
		if (port->v[i].ready == ready)
			jx_append(list, json_incref(by_rank[port->v[i].address]));
	return list;
}

static void set_list(json_t *subset, const char *key, json_t *list)
{
	if (json_array_size(list))
		jx_set(subset, key, list);
	else
		json_decref(list);
}

/* Of n ports with the same members. */
static json_t *make_subset(json_t *const *by_rank, const struct port *port, size_t n)
{
	json_t *subset = jx_must(json_object()), *ports = jx_must(json_array());

	for (size_t i = 0; i < n; i++)
		if (port[i].object)
			jx_append(ports, json_incref(port[i].object));
	set_list(subset, "addresses", addresses(by_rank, port, true));
	set_list(subset, "notReadyAddresses", addresses(by_rank, port, false));
	set_list(subset, "ports", ports);
	return subset;
}

struct sorted {
	char *key;			/* the subset's ports, printed */
	json_t *subset;
};

static int sorted_cmp(const void *a, const void *b)
{
	return strcmp(((const struct sorted *)a)->key, ((const struct sorted *)b)->key);
}

/* No two of them have a port in common. Takes the subsets over. */
static json_t *sort_subsets(struct sorted *v, size_t n)
{
	json_t *list = jx_must(json_array());

	for (size_t i = 0; i < n; i++) {
		const json_t *ports = json_object_get(v[i].subset, "ports");

		v[i].key = ports ? jx_print(ports) : jx_must(strdup(""));
	}
	sort(v, n, sizeof(*v), sorted_cmp);
	for (size_t i = 0; i < n; i++) {
		jx_append(list, v[i].subset);
		free(v[i].key);
	}
	return list;
}

static json_t *make_subsets(struct packing *p)
{
	json_t **by_rank = jx_must(calloc(p->naddresses + 1, sizeof(*by_rank))), *list;
	struct sorted *v = jx_must(calloc(p->nports + 1, sizeof(*v)));
	size_t first = 0, n = 0;

	for (size_t i = 0; i < p->naddresses; i++)
		by_rank[p->addresses[i].rank] = p->addresses[i].object;
	for (size_t i = 1; i <= p->nports; i++) {
		if (i < p->nports && !strcmp(p->ports[i].key, p->ports[first].key))
			continue;
		if (p->ports[first].n)
			v[n++].subset = make_subset(by_rank, &p->ports[first], i - first);
		first = i;
	}
	list = sort_subsets(v, n);
	free(by_rank);
	free(v);
	return list;
}

static void packing_clear(struct packing *p)
{
	for (size_t i = 0; i < p->naddresses; i++)
		free(p->addresses[i].key);
	for (size_t i = 0; i < p->nports; i++) {
		free(p->ports[i].text);
		free(p->ports[i].v);
		free(p->ports[i].key);
	}
	free(p->addresses);
	free(p->ports);
	strmap_clear(&p->by_address);
	strmap_clear(&p->by_port);
}

json_t *endpoints_repack(const json_t *subsets)
{
	struct packing p = { .naddresses = 0 };
	json_t *list;

	if (too_much(subsets))
		return jx_copy(subsets);
	for (size_t i = 0; i < json_array_size(subsets); i++)
		add_subset(&p, json_array_get(subsets, i));
	rank_addresses(&p);
	for (size_t i = 0; i < p.nports; i++) {
		sort_members(&p, &p.ports[i]);
		make_key(&p.ports[i]);
	}
	sort(p.ports, p.nports, sizeof(*p.ports), port_cmp);
	list = make_subsets(&p);
	packing_clear(&p);
	return list;
}
