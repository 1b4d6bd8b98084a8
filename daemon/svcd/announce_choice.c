// SPDX-License-Identifier: GPL-2.0
#include "announce_choice.h"

#include "fnv.h"

#include <string.h>

/* FNV alone leaves names that differ in their last letter near each other. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

uint64_t announce_weight(const char *node, const struct ip_addr *addr)
{
	const void *bytes = addr->family == AF_INET ? (const void *)&addr->v4 : &addr->v6;

	return mix(fnv(node, strlen(node)) ^ mix(fnv(bytes, ip_addr_len(addr))));
}

/* Of two with the same weight, which chance alone brings, the name says. */
static bool is_before(const struct announce_candidate *a, const struct announce_candidate *b,
		      const struct ip_addr *addr)
{
	uint64_t x, y;

	if (a->local != b->local)
		return a->local > b->local;
	if (a->grade != b->grade)
		return a->grade > b->grade;
	x = announce_weight(a->name, addr);
	y = announce_weight(b->name, addr);
	return x != y ? x > y : strcmp(a->name, b->name) < 0;
}

int announce_choose(const struct announce_candidate *v, size_t n, bool needs_local,
		    const struct ip_addr *addr)
{
	int best = -1;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].grade == ANNOUNCE_GONE || (needs_local && !v[i].local))
			continue;
		if (best < 0 || is_before(&v[i], &v[best], addr))
			best = (int)i;
	}
	return best;
}

bool announce_is_chosen(const struct announce_candidate *v, size_t n, bool needs_local,
			const struct ip_addr *addr, bool had)
{
	int other;

	if (announce_choose(v, n, needs_local, addr) != 0)
		return false;
	other = announce_choose(v + 1, n - 1, needs_local, addr);
	return other < 0 || v[1 + other].without < (had ? ANNOUNCE_INSISTS : ANNOUNCE_WITHOUT);
}
