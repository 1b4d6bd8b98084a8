// SPDX-License-Identifier: GPL-2.0
#include "alloc_ip.h"

#include "err.h"
#include "jx.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The low 64 bits of an address; a CIDR of at most a /64 leaves the rest alone. */
static uint64_t low(const struct ip_addr *ip)
{
	uint64_t be;

	if (ip->family == AF_INET)
		return ntohl(ip->v4.s_addr);
	memcpy(&be, &ip->v6.s6_addr[8], sizeof(be));
	return be64toh(be);
}

static struct ip_addr at(const struct alloc_ip *a, uint64_t offset)
{
	struct ip_addr ip = a->cidr.addr;
	uint64_t n = low(&ip) + offset, be = htobe64(n);

	if (ip.family == AF_INET)
		ip.v4.s_addr = htonl((uint32_t)n);
	else
		memcpy(&ip.v6.s6_addr[8], &be, sizeof(be));
	return ip;
}

/* KEP-3070: a sixteenth of the range, at least 16 and at most 256; none of a tiny one. */
static uint64_t band(uint64_t size)
{
	uint64_t b = size / 16;

	if (size <= 16)
		return 0;
	return b < 16 ? 16 : b > 256 ? 256 : b;
}

int alloc_ip_init(struct alloc_ip *a, const struct ip_cidr *cidr, struct err *e)
{
	unsigned int bits = (cidr->addr.family == AF_INET ? 32 : 128) - cidr->prefix;
	char text[INET6_ADDRSTRLEN + 4];
	uint64_t max;

	if (bits > 64)
		return err_set(e, EINVAL, "service CIDR %s is too large: at most a /64",
			       ip_cidr_print(cidr, text));
	max = bits == 64 ? UINT64_MAX : (1ULL << bits) - 1;
	/* The first is the network's (IPv6: the routers' anycast), the last the IPv4 broadcast. */
	if (max < 3)
		return err_set(e, EINVAL, "service CIDR %s is too small",
			       ip_cidr_print(cidr, text));
	*a = (struct alloc_ip){ .cidr = *cidr };
	a->last = cidr->addr.family == AF_INET ? max - 1 : max;
	a->band = band(max == UINT64_MAX ? max : max + 1) + 1;
	return 0;
}

void alloc_ip_exit(struct alloc_ip *a)
{
	free(a->used);
}

static bool offset_of(const struct alloc_ip *a, const struct ip_addr *ip, uint64_t *offset)
{
	uint64_t n, base = low(&a->cidr.addr);

	if (ip->family != a->cidr.addr.family)
		return false;
	if (ip->family == AF_INET6 && memcmp(&ip->v6, &a->cidr.addr.v6, 8))
		return false;
	n = low(ip);
	*offset = n - base;
	return n > base && *offset <= a->last;
}

bool alloc_ip_contains(const struct alloc_ip *a, const struct ip_addr *ip)
{
	uint64_t offset;

	return offset_of(a, ip, &offset);
}

/* The index of the first used offset that is not below. */
static size_t place(const struct alloc_ip *a, uint64_t offset)
{
	size_t lo = 0, hi = a->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->used[mid] < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool alloc_ip_taken(const struct alloc_ip *a, const struct ip_addr *ip)
{
	uint64_t offset;
	size_t i;

	if (!offset_of(a, ip, &offset))
		return false;
	i = place(a, offset);
	return i < a->n && a->used[i] == offset;
}

/*
 * The free offset of [from, to] that has k free ones below it. Between two
 * used ones the number of free ones below is used[i] - from - (i - i0): it
 * only grows, so that a binary search finds the gap.
 */
static uint64_t nth_free(const struct alloc_ip *a, uint64_t from, uint64_t k)
{
	size_t i0 = place(a, from), lo = i0, hi = a->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->used[mid] - from - (mid - i0) <= k)
			lo = mid + 1;
		else
			hi = mid;
	}
	return from + k + (lo - i0);
}

static int choose_in(const struct alloc_ip *a, uint64_t from, uint64_t to, uint64_t random,
		     struct ip_addr *out)
{
	uint64_t taken, nfree;

	if (from > to)
		return -ENOSPC;
	taken = (to == UINT64_MAX ? a->n : place(a, to + 1)) - place(a, from);
	nfree = to - from + 1 - taken;
	if (!nfree)
		return -ENOSPC;
	*out = at(a, nth_free(a, from, random % nfree));
	return 0;
}

int alloc_ip_choose(const struct alloc_ip *a, uint64_t random, struct ip_addr *out)
{
	if (!choose_in(a, a->band, a->last, random, out))
		return 0;
	return choose_in(a, 1, a->band - 1, random, out);
}

void alloc_ip_take(struct alloc_ip *a, const struct ip_addr *ip)
{
	uint64_t offset;
	size_t i;

	if (!offset_of(a, ip, &offset))
		return;
	i = place(a, offset);
	if (i < a->n && a->used[i] == offset)
		return;
	if (a->n == a->room) {
		a->room = a->room ? 2 * a->room : 64;
		a->used = jx_must(realloc(a->used, a->room * sizeof(*a->used)));
	}
	memmove(&a->used[i + 1], &a->used[i], (a->n - i) * sizeof(*a->used));
	a->used[i] = offset;
	a->n++;
}

void alloc_ip_release(struct alloc_ip *a, const struct ip_addr *ip)
{
	uint64_t offset;
	size_t i;

	if (!offset_of(a, ip, &offset))
		return;
	i = place(a, offset);
	if (i == a->n || a->used[i] != offset)
		return;
	a->n--;
	memmove(&a->used[i], &a->used[i + 1], (a->n - i) * sizeof(*a->used));
}
