// SPDX-License-Identifier: GPL-2.0
#include "fastpath_choose.h"

#include <ctype.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

/* --- names --- */

/* Where it is, or where it belongs. */
static size_t place_of(const struct fastpath_names *l, const char *name, bool *found)
{
	size_t low = 0, high = l->n, middle;
	int order;

	*found = false;
	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(l->v[middle], name);
		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool fastpath_names_have(const struct fastpath_names *l, const char *name)
{
	bool found;

	place_of(l, name, &found);
	return found;
}

int fastpath_names_add(struct fastpath_names *l, const char *name)
{
	char (*v)[IF_NAMESIZE];
	bool found;
	size_t at = place_of(l, name, &found);

	if (found)
		return 0;
	/* A power of two: it is full. */
	if (!(l->n & (l->n - 1))) {
		v = realloc(l->v, (l->n ? 2 * l->n : 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		l->v = v;
	}
	memmove(&l->v[at + 1], &l->v[at], (l->n - at) * sizeof(*l->v));
	memset(l->v[at], 0, sizeof(*l->v));
	strncpy(l->v[at], name, IF_NAMESIZE - 1);
	l->n++;
	return 0;
}

int fastpath_names_copy(struct fastpath_names *to, const struct fastpath_names *from)
{
	size_t i;
	int ret = 0;

	fastpath_names_clear(to);
	for (i = 0; i < from->n && !ret; i++)
		ret = fastpath_names_add(to, from->v[i]);
	if (ret)
		fastpath_names_clear(to);
	return ret;
}

void fastpath_names_clear(struct fastpath_names *l)
{
	free(l->v);
	*l = (struct fastpath_names){ 0 };
}

static int add_missing(const struct fastpath_names *from, const struct fastpath_names *in,
		       struct fastpath_names *out)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < from->n && !ret; i++)
		if (!fastpath_names_have(in, from->v[i]))
			ret = fastpath_names_add(out, from->v[i]);
	return ret;
}

int fastpath_names_compare(const struct fastpath_names *have, const struct fastpath_names *want,
			   struct fastpath_names *add, struct fastpath_names *del)
{
	int ret = add_missing(want, have, add);

	return ret ? ret : add_missing(have, want, del);
}

/* --- which devices --- */

static bool is_kind(const struct fastpath_link *link, const char *kind)
{
	return link && strcmp(link->kind, kind) == 0;
}

/* Where packets come in that are IP, behind a header of Ethernet or none. */
static bool has_packets(const struct fastpath_link *link)
{
	static const unsigned short types[] = {
		ARPHRD_ETHER, ARPHRD_NONE, ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT,
		ARPHRD_IPGRE, ARPHRD_IP6GRE, ARPHRD_PPP, ARPHRD_RAWIP,
	};
	static const char *const not[] = { "dummy", "ifb", "nlmon", "vrf" };
	size_t i;

	for (i = 0; i < sizeof(not) / sizeof(*not); i++)
		if (is_kind(link, not[i]))
			return false;
	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (link->type == types[i])
			return true;
	return false;
}

/* What comes in there is looked at as what comes in at the master, or routed by its table. */
static bool is_hidden(const struct fastpath_links *l, const struct fastpath_link *link)
{
	static const char *const kinds[] = { "bond", "team", "vrf" };
	const struct fastpath_link *master = fastpath_links_find(l, link->master);
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (is_kind(master, kinds[i]))
			return true;
	return false;
}

/* nft would not read all of them back as they are, and takes a * for a pattern. */
static bool can_be_named(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("\"\\*", *c))
			return false;
	return *name;
}

struct choice {
	const struct fastpath_links *links;
	const struct fastpath_patterns *patterns;
	bool *chosen;			/* of each link */
	size_t n;
};

static bool may_be(const struct choice *c, const struct fastpath_link *link)
{
	return link->up && has_packets(link) && !is_hidden(c->links, link) &&
	       can_be_named(link->name) && !fastpath_pattern_excludes(c->patterns, link->name);
}

static void choose(struct choice *c, const struct fastpath_link *link)
{
	size_t i = link ? (size_t)(link - c->links->v) : 0;

	if (!link || c->chosen[i] || !may_be(c, link))
		return;
	c->chosen[i] = true;
	c->n++;
}

/* Those that go along with one that was chosen. */
static void spread(struct choice *c, const struct fastpath_link *link)
{
	const struct fastpath_link *master = fastpath_links_find(c->links, link->master);
	bool chosen = c->chosen[link - c->links->v];

	if (is_kind(master, "bridge") && c->chosen[master - c->links->v])
		choose(c, link);
	else if (is_kind(master, "bridge") && chosen)
		choose(c, master);
	if (is_kind(link, "vlan") && chosen)
		choose(c, fastpath_links_find(c->links, link->lower));
}

static void choose_all(struct choice *c)
{
	const struct fastpath_link *v = c->links->v;
	size_t i, was;

	for (i = 0; i < c->links->n; i++)
		if (v[i].routed || fastpath_pattern_includes(c->patterns, v[i].name))
			choose(c, &v[i]);
	/* One may stand on the other, and that on a third. It ends: what is chosen stays. */
	do {
		was = c->n;
		for (i = 0; i < c->links->n; i++)
			spread(c, &v[i]);
	} while (c->n > was);
}

/* Which of them are left out first, where there are too many. */
static int rank(const struct fastpath_link *link)
{
	return link->routed ? 0 : is_kind(link, "bridge") ? 1 : 2;
}

static int by_rank(const void *a, const void *b)
{
	const struct fastpath_link *x = *(const struct fastpath_link *const *)a;
	const struct fastpath_link *y = *(const struct fastpath_link *const *)b;

	return rank(x) != rank(y) ? rank(x) - rank(y) : strcmp(x->name, y->name);
}

static int take_first(const struct choice *c, const struct fastpath_link **sorted,
		      struct fastpath_names *out, size_t *left)
{
	size_t i, n = 0;
	int ret = 0;

	for (i = 0; i < c->links->n; i++)
		if (c->chosen[i])
			sorted[n++] = &c->links->v[i];
	if (n)
		qsort(sorted, n, sizeof(*sorted), by_rank);
	for (i = 0; i < n && i < FASTPATH_DEVICES_MAX && !ret; i++)
		ret = fastpath_names_add(out, sorted[i]->name);
	*left = n - i;
	return ret;
}

int fastpath_choose(const struct fastpath_links *l, const struct fastpath_patterns *patterns,
		    struct fastpath_names *out, size_t *left)
{
	struct choice c = { .links = l, .patterns = patterns };
	const struct fastpath_link **sorted = calloc(l->n + 1, sizeof(*sorted));
	int ret = -ENOMEM;

	c.chosen = calloc(l->n + 1, sizeof(*c.chosen));
	if (sorted && c.chosen) {
		choose_all(&c);
		ret = take_first(&c, sorted, out, left);
	}
	free(sorted);
	free(c.chosen);
	return ret;
}
