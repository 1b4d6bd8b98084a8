// SPDX-License-Identifier: GPL-2.0
#include "key.h"
#include "member.h"
#include "order.h"
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int entry_cmp(const void *x, const void *y)
{
	const struct plan_entry *const *a = x, *const *b = y;
	int c = kservice_key_cmp(&(*a)->s, &(*b)->s);

	return c ? c : ((*a)->line > (*b)->line) - ((*a)->line < (*b)->line);
}

/* By what may be there only once: the kind counts only if it is NODEPORT. */
static int slot_key_cmp(const struct plan_slot *a, const struct plan_slot *b)
{
	const bool na = a->f.kind == SVCNAT_KIND_NODEPORT, nb = b->f.kind == SVCNAT_KIND_NODEPORT;

	if (a->proto != b->proto)
		return a->proto - b->proto;
	if (na != nb)
		return na - nb;
	if (a->f.port != b->f.port)
		return a->f.port - b->f.port;
	if (na)
		return a->f.addr.family - b->f.addr.family;
	return order_addr_cmp(&a->f.addr, &b->f.addr);
}

static int slot_cmp(const void *x, const void *y)
{
	const struct plan_slot *a = x, *b = y;
	int c = slot_key_cmp(a, b);

	return c ? c : (a->entry->line > b->entry->line) - (a->entry->line < b->entry->line);
}

static void fill_slots(struct plan *p)
{
	const struct plan_entry *entry;
	size_t i, j;

	for (i = 0; i < p->n; i++) {
		entry = &p->entries[i];
		for (j = 0; j < entry->s.nfrontends; j++)
			p->slots[p->nslots++] = (struct plan_slot){
				.proto = entry->s.proto, .f = entry->s.frontends[j],
				.entry = entry,
			};
	}
}

int plan_index(struct plan *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += p->entries[i].s.nfrontends;
	p->by_key = calloc(p->n + 1, sizeof(*p->by_key));
	p->slots = calloc(n + 1, sizeof(*p->slots));
	if (!p->by_key || !p->slots)
		return -ENOMEM;
	for (i = 0; i < p->n; i++)
		p->by_key[i] = &p->entries[i];
	fill_slots(p);
	qsort(p->by_key, p->n, sizeof(*p->by_key), entry_cmp);
	qsort(p->slots, p->nslots, sizeof(*p->slots), slot_cmp);
	return 0;
}

static int find_entry_cmp(const void *key, const void *member)
{
	const struct plan_entry *const *entry = member;

	return kservice_key_cmp(key, &(*entry)->s);
}

const struct plan_entry *plan_find(const struct plan *p, const struct kservice *s)
{
	const struct plan_entry **found;

	found = bsearch(s, p->by_key, p->n, sizeof(*p->by_key), find_entry_cmp);
	return found ? *found : NULL;
}

static int find_slot_cmp(const void *key, const void *member)
{
	return slot_key_cmp(key, member);
}

const struct plan_slot *plan_find_slot(const struct plan *p, uint8_t proto,
				       const struct kfrontend *f)
{
	const struct plan_slot key = { .proto = proto, .f = *f };

	return bsearch(&key, p->slots, p->nslots, sizeof(*p->slots), find_slot_cmp);
}

const struct plan_owner *plan_find_owner(const struct plan *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nowners; i++)
		if (!strcmp(p->owners[i].name, name))
			return &p->owners[i];
	return NULL;
}

/* --- what stands twice --- */

static size_t check_keys(const struct plan *p, FILE *errors)
{
	const struct plan_entry *a, *b;
	size_t i, bad = 0;

	for (i = 1; i < p->n; i++) {
		a = p->by_key[i - 1];
		b = p->by_key[i];
		if (kservice_key_cmp(&a->s, &b->s))
			continue;
		plan_complain(p, errors, b->line,
			      "service '%s' (%s, %s) stands in line %zu already", b->s.name,
			      ip_proto_name(b->s.proto), key_family_name(b->s.family), a->line);
		bad++;
	}
	return bad;
}

static size_t check_frontends(const struct plan *p, FILE *errors)
{
	const struct plan_slot *a, *b;
	char buf[MEMBER_FRONTEND_STRLEN];
	size_t i, bad = 0;

	for (i = 1; i < p->nslots; i++) {
		a = &p->slots[i - 1];
		b = &p->slots[i];
		if (slot_key_cmp(a, b))
			continue;
		member_frontend_print(&b->f, buf);
		if (a->entry == b->entry)
			plan_complain(p, errors, b->entry->line, "--frontend %s stands twice", buf);
		else
			plan_complain(p, errors, b->entry->line, "--frontend %s: service '%s' in "
				      "line %zu has it already", buf, a->entry->s.name,
				      a->entry->line);
		bad++;
	}
	return bad;
}

/* The members of an entry are in order. */
static size_t check_members(const struct plan *p, const struct plan_entry *entry, FILE *errors)
{
	const struct kservice *s = &entry->s;
	char endpoint[ADDRPORT_STRLEN], cidr[INET6_ADDRSTRLEN + 4];
	size_t i, bad = 0;

	for (i = 1; i < s->nranges; i++)
		if (!order_addr_cmp(&s->ranges[i].addr, &s->ranges[i - 1].addr) &&
		    s->ranges[i].prefix == s->ranges[i - 1].prefix) {
			plan_complain(p, errors, entry->line, "--source-range %s stands twice",
				      ip_cidr_print(&s->ranges[i], cidr));
			bad++;
		}
	for (i = 1; i < s->nendpoints; i++)
		if (!order_addr_cmp(&s->endpoints[i].addr, &s->endpoints[i - 1].addr) &&
		    s->endpoints[i].port == s->endpoints[i - 1].port) {
			plan_complain(p, errors, entry->line, "--endpoint %s stands twice",
				      addrport_print(&s->endpoints[i].addr, s->endpoints[i].port,
						     endpoint));
			bad++;
		}
	return bad;
}

size_t plan_check_twice(const struct plan *p, FILE *errors)
{
	size_t i, bad;

	bad = check_keys(p, errors);
	bad += check_frontends(p, errors);
	for (i = 0; i < p->n; i++)
		bad += check_members(p, &p->entries[i], errors);
	return bad;
}
