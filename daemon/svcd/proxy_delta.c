// SPDX-License-Identifier: GPL-2.0
#include "proxy_delta.h"

#include <stdlib.h>
#include <string.h>

typedef const struct kendpoint *endpoint_ref;

static int endpoint_cmp(const struct kendpoint *a, const struct kendpoint *b)
{
	int c = memcmp(&a->addr.v6, &b->addr.v6, ip_addr_len(&a->addr));

	return c ? c : (int)a->port - (int)b->port;
}

static int ref_cmp(const void *x, const void *y)
{
	const endpoint_ref *a = x, *b = y;

	return endpoint_cmp(*a, *b);
}

/* Of one address and port: are they to be used otherwise? */
static bool is_other(const struct kendpoint *a, const struct kendpoint *b)
{
	return a->lists != b->lists || a->weight != b->weight;
}

/* The kernel gives them in its own order. */
static endpoint_ref *sorted(const struct kservice *s)
{
	endpoint_ref *v = calloc(s->nendpoints + 1, sizeof(*v));
	bool in_order = true;
	size_t i;

	for (i = 0; v && i < s->nendpoints; i++) {
		v[i] = &s->endpoints[i];
		in_order = in_order && (!i || endpoint_cmp(v[i - 1], v[i]) < 0);
	}
	if (v && !in_order)
		qsort(v, s->nendpoints, sizeof(*v), ref_cmp);
	return v;
}

static bool same_but_endpoints(const struct kservice *have, const struct kservice *want)
{
	struct kservice a = *have, b = *want;

	a.nendpoints = b.nendpoints = 0;
	return kservice_equal(&a, &b);
}

struct diff {
	struct kservice *set, *del;
	size_t room;	/* for so many changes */
};

static bool add(struct diff *d, struct kservice *to, const struct kendpoint *p)
{
	return d->room-- && !kservice_add_endpoint(to, p);
}

/* false: too much, or out of memory. */
static bool compare(struct diff *d, const endpoint_ref *have, size_t nhave,
		    const endpoint_ref *want, size_t nwant)
{
	size_t i = 0, j = 0;
	int c;

	while (i < nhave || j < nwant) {
		if (i == nhave)
			c = 1;
		else if (j == nwant)
			c = -1;
		else
			c = endpoint_cmp(have[i], want[j]);
		if (c < 0 && !add(d, d->del, have[i]))
			return false;
		if (c > 0 && !add(d, d->set, want[j]))
			return false;
		if (!c && is_other(have[i], want[j]) && !add(d, d->set, want[j]))
			return false;
		i += c <= 0;
		j += c >= 0;
	}
	return !d->set->nendpoints != !d->del->nendpoints;
}

static bool find_changes(struct diff *d, const struct kservice *have, const struct kservice *want)
{
	endpoint_ref *a, *b;
	bool found;

	a = sorted(have);
	b = sorted(want);
	found = a && b && compare(d, a, have->nendpoints, b, want->nendpoints);
	free(a);
	free(b);
	return found;
}

enum proxy_delta proxy_delta(const struct kservice *have, const struct kservice *want,
			     struct kservice *change)
{
	struct kservice set = { .family = want->family, .proto = want->proto };
	struct kservice del = set;
	struct diff d = { .set = &set, .del = &del };
	enum proxy_delta what = PROXY_DELTA_WHOLE;

	d.room = (have->nendpoints > want->nendpoints ? have->nendpoints : want->nendpoints) / 4;
	if (d.room && same_but_endpoints(have, want) && find_changes(&d, have, want))
		what = set.nendpoints ? PROXY_DELTA_SET : PROXY_DELTA_DEL;
	*change = what == PROXY_DELTA_SET ? set : del;
	kservice_clear(what == PROXY_DELTA_SET ? &del : &set);
	if (what == PROXY_DELTA_WHOLE)
		kservice_clear(change);
	strcpy(change->name, want->name);
	strcpy(change->owner, want->owner);
	return what;
}
