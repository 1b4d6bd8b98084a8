// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include "cidr.h"
#include "err.h"
#include "jx.h"
#include "selector.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The kernel, or the hosts that would send there, take none of these. */
static const struct {
	const char *cidr, *what;
} unusable[] = {
	{ "0.0.0.0/8", "of this network" },
	{ "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link-local" },
	{ "224.0.0.0/4", "multicast" },
	{ "255.255.255.255/32", "broadcast" },
	{ "::/127", "unspecified and loopback" },
	{ "::ffff:0:0/96", "IPv4-mapped" },
	{ "fe80::/10", "link-local" },
	{ "ff00::/8", "multicast" },
};

static struct ip_addr last_of(const struct ip_cidr *c)
{
	struct ip_addr last = c->addr;
	uint8_t *bytes = last.v6.s6_addr;

	for (size_t bit = c->prefix; bit < ip_addr_len(&last) * 8; bit++)
		bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static struct pool_range of_cidr(const struct ip_cidr *c)
{
	return (struct pool_range){ .first = c->addr, .last = last_of(c) };
}

/* Of the table above: an IPv4-mapped range is no address to ip_cidr_parse(). */
static struct pool_range of_text(const char *text)
{
	const char *slash = strchr(text, '/');
	char addr[INET6_ADDRSTRLEN] = "";
	struct ip_cidr c = { .addr.family = strchr(text, ':') ? AF_INET6 : AF_INET };

	memcpy(addr, text, slash - text);
	inet_pton(c.addr.family, addr, &c.addr.v6);
	c.prefix = (uint8_t)atoi(slash + 1);
	return of_cidr(&c);
}

/* The address from text up to end, without the spaces around it. */
static int parse_side(const char *text, const char *end, struct ip_addr *out, struct err *e)
{
	char addr[INET6_ADDRSTRLEN + 1] = "";

	while (text < end && isspace((unsigned char)*text))
		text++;
	while (text < end && isspace((unsigned char)end[-1]))
		end--;
	/* What is cut here is no address either. */
	memcpy(addr, text, (size_t)(end - text) < sizeof(addr) ? (size_t)(end - text) :
						  sizeof(addr) - 1);
	return ip_addr_parse(addr, out, e);
}

static int parse_from_to(const char *text, const char *dash, struct pool_range *r, struct err *e)
{
	int ret = parse_side(text, dash, &r->first, e);

	if (!ret)
		ret = parse_side(dash + 1, text + strlen(text), &r->last, e);
	if (ret) {
		err_prefix(e, "'%s' is no range", text);
		return -EINVAL;
	}
	if (r->first.family != r->last.family)
		return err_set(e, EINVAL, "'%s' goes from one family to the other", text);
	if (cidr_addr_cmp(&r->first, &r->last) > 0)
		return err_set(e, EINVAL, "'%s' ends before it begins", text);
	return 0;
}

int pool_range_parse(const char *text, struct pool_range *out, struct err *e)
{
	const char *dash = strchr(text, '-');
	struct pool_range r = { .text = NULL };
	struct ip_cidr cidr;
	int ret;

	if (dash) {
		ret = parse_from_to(text, dash, &r, e);
	} else if (!strchr(text, '/')) {
		ret = err_set(e, EINVAL, "'%s' is neither ADDRESS/PREFIX nor FIRST-LAST", text);
	} else {
		ret = ip_cidr_parse(text, &cidr, e);
		if (!ret)
			r = of_cidr(&cidr);
	}
	if (ret)
		return ret;
	for (size_t i = 0; i < sizeof(unusable) / sizeof(*unusable); i++) {
		const struct pool_range bad = of_text(unusable[i].cidr);

		if (pool_range_overlaps(&r, &bad))
			return err_set(e, EINVAL, "'%s' has addresses that are %s (%s): no load "
				       "balancer can have them", text, unusable[i].what,
				       unusable[i].cidr);
	}
	r.text = jx_must(strdup(text));
	*out = r;
	return 0;
}

static bool range_has(const struct pool_range *r, const struct ip_addr *ip)
{
	return ip->family == r->first.family && cidr_addr_cmp(&r->first, ip) <= 0 &&
	       cidr_addr_cmp(ip, &r->last) <= 0;
}

bool pool_range_overlaps(const struct pool_range *a, const struct pool_range *b)
{
	return range_has(a, &b->first) || range_has(b, &a->first);
}

bool pool_range_overlaps_cidr(const struct pool_range *r, const struct ip_cidr *c)
{
	const struct pool_range other = of_cidr(c);

	return pool_range_overlaps(r, &other);
}

static void *more(void *v, size_t n, size_t size)
{
	return jx_must(realloc(v, (n + 1) * size));
}

void pool_add_range(struct pool *p, const struct pool_range *r)
{
	p->ranges = more(p->ranges, p->nranges, sizeof(*p->ranges));
	p->ranges[p->nranges++] = *r;
}

void pool_add_namespace(struct pool *p, const char *name)
{
	p->namespaces = more(p->namespaces, p->nnamespaces, sizeof(*p->namespaces));
	p->namespaces[p->nnamespaces++] = jx_must(strdup(name));
}

int pool_add_selector(struct pool *p, const char *text, struct err *e)
{
	const struct registry_query q = { text, NULL };
	struct selector s;
	int ret = selector_parse(&s, resource_by_plural("v1", "services"), &q, e);

	if (ret)
		return ret;
	p->selectors = more(p->selectors, p->nselectors, sizeof(*p->selectors));
	p->selector_texts = more(p->selector_texts, p->nselectors, sizeof(*p->selector_texts));
	p->selector_texts[p->nselectors] = jx_must(strdup(text));
	p->selectors[p->nselectors++] = s;
	return 0;
}

void pool_clear(struct pool *p)
{
	for (size_t i = 0; i < p->nranges; i++) {
		free(p->ranges[i].text);
		free(p->ranges[i].where);
	}
	for (size_t i = 0; i < p->nnamespaces; i++)
		free(p->namespaces[i]);
	for (size_t i = 0; i < p->nselectors; i++) {
		selector_clear(&p->selectors[i]);
		free(p->selector_texts[i]);
	}
	free(p->name);
	free(p->ranges);
	free(p->namespaces);
	free(p->selectors);
	free(p->selector_texts);
	*p = (struct pool){ .name = NULL };
}

/* The lower, the earlier it is asked. */
static unsigned int rank(const struct pool *p)
{
	if (!p->restricted)
		return UINT_MAX;
	return p->priority ? p->priority : UINT_MAX - 1;
}

void pools_add(struct pools *l, const struct pool *p)
{
	size_t i = l->n;

	l->v = more(l->v, l->n, sizeof(*l->v));
	for (; i && rank(&l->v[i - 1]) > rank(p); i--)
		l->v[i] = l->v[i - 1];
	l->v[i] = *p;
	l->n++;
}

void pools_clear(struct pools *l)
{
	for (size_t i = 0; i < l->n; i++)
		pool_clear(&l->v[i]);
	free(l->v);
	*l = (struct pools){ .n = 0 };
}

static bool same_texts(char *const *a, size_t na, char *const *b, size_t nb)
{
	for (size_t i = 0; i < na && i < nb; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return na == nb;
}

static bool same_ranges(const struct pool *a, const struct pool *b)
{
	for (size_t i = 0; i < a->nranges && i < b->nranges; i++)
		if (cidr_addr_cmp(&a->ranges[i].first, &b->ranges[i].first) ||
		    cidr_addr_cmp(&a->ranges[i].last, &b->ranges[i].last))
			return false;
	return a->nranges == b->nranges;
}

static bool pool_equal(const struct pool *a, const struct pool *b)
{
	return !strcmp(a->name, b->name) && a->auto_assign == b->auto_assign &&
	       a->avoid_buggy == b->avoid_buggy && a->restricted == b->restricted &&
	       a->priority == b->priority && same_ranges(a, b) &&
	       same_texts(a->namespaces, a->nnamespaces, b->namespaces, b->nnamespaces) &&
	       same_texts(a->selector_texts, a->nselectors, b->selector_texts, b->nselectors);
}

bool pools_equal(const struct pools *a, const struct pools *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (!pool_equal(&a->v[i], &b->v[i]))
			return false;
	return a->n == b->n;
}

const struct pool *pools_named(const struct pools *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

const struct pool *pools_of(const struct pools *l, const struct ip_addr *ip)
{
	for (size_t i = 0; i < l->n; i++)
		if (pool_has(&l->v[i], ip))
			return &l->v[i];
	return NULL;
}

static bool avoided(const struct pool *p, const struct ip_addr *ip)
{
	uint8_t last = ip->v6.s6_addr[3];

	return p->avoid_buggy && ip->family == AF_INET && (last == 0 || last == 255);
}

bool pool_has(const struct pool *p, const struct ip_addr *ip)
{
	for (size_t i = 0; i < p->nranges; i++)
		if (range_has(&p->ranges[i], ip))
			return !avoided(p, ip);
	return false;
}

bool pool_has_family(const struct pool *p, int family)
{
	for (size_t i = 0; i < p->nranges; i++)
		if (p->ranges[i].first.family == family)
			return true;
	return false;
}

static uint64_t half(const struct ip_addr *ip, size_t which)
{
	uint64_t be;

	memcpy(&be, &ip->v6.s6_addr[which * 8], sizeof(be));
	return be64toh(be);
}

/* How many numbers from a to b end in this byte. */
static uint64_t ending_in(int64_t a, int64_t b, int byte)
{
	/* 256 more on both sides: nothing is below 0. */
	return (uint64_t)((b + 256 - byte) / 256 - (a - 1 + 256 - byte) / 256);
}

static uint64_t range_size(const struct pool_range *r, bool avoid)
{
	uint64_t n;

	if (r->first.family == AF_INET) {
		int64_t a = ntohl(r->first.v4.s_addr), b = ntohl(r->last.v4.s_addr);

		n = (uint64_t)(b - a + 1);
		return avoid ? n - ending_in(a, b, 0) - ending_in(a, b, 255) : n;
	}
	n = half(&r->last, 1) - half(&r->first, 1);
	return half(&r->last, 0) != half(&r->first, 0) || n == UINT64_MAX ? UINT64_MAX : n + 1;
}

uint64_t pool_size(const struct pool *p, int family)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->nranges; i++) {
		uint64_t n = range_size(&p->ranges[i], p->avoid_buggy);

		if (p->ranges[i].first.family != family)
			continue;
		sum = sum + n < sum ? UINT64_MAX : sum + n;
	}
	return sum;
}

static bool in_list(char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], s))
			return true;
	return false;
}

bool pool_serves(const struct pool *p, const json_t *svc)
{
	if (p->nnamespaces &&
	    !in_list(p->namespaces, p->nnamespaces, jx_str(svc, "metadata.namespace")))
		return false;
	for (size_t i = 0; i < p->nselectors; i++)
		if (selector_match(&p->selectors[i], svc))
			return true;
	return !p->nselectors;
}

static void increment(struct ip_addr *ip)
{
	uint8_t *bytes = ip->v6.s6_addr;

	for (size_t i = ip_addr_len(ip); i-- && !++bytes[i];)
		;
}

static bool step(struct pool_walk *w, const struct pool *p, int family)
{
	const struct pool_range *r = &p->ranges[w->range];

	if (w->ip.family && cidr_addr_cmp(&w->ip, &r->last) < 0) {
		increment(&w->ip);
		return true;
	}
	/* The first range, or the one after this. */
	for (w->range += !!w->ip.family; w->range < p->nranges; w->range++) {
		w->ip = p->ranges[w->range].first;
		if (w->ip.family == family)
			return true;
	}
	return false;
}

bool pool_walk_next(struct pool_walk *w, const struct pool *p, int family)
{
	while (w->range < p->nranges && step(w, p, family))
		if (!avoided(p, &w->ip))
			return true;
	return false;
}
