// SPDX-License-Identifier: GPL-2.0
#include "top_rates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int endpoint_cmp(const void *x, const void *y)
{
	const struct kendpoint *a = x, *b = y;
	int c = memcmp(&a->addr.v6, &b->addr.v6, ip_addr_len(&a->addr));

	return c ? c : (int)a->port - (int)b->port;
}

void top_rates_sort(struct kservices *l)
{
	size_t i;

	kservices_sort(l);
	for (i = 0; i < l->n; i++)
		if (l->v[i].nendpoints)
			qsort(l->v[i].endpoints, l->v[i].nendpoints, sizeof(*l->v[i].endpoints),
			      endpoint_cmp);
}

/* --- rates --- */

static double rate(uint64_t before, uint64_t now, double seconds)
{
	return (double)(now < before ? now : now - before) / seconds;
}

static void add(struct top_rate *to, const struct top_rate *r)
{
	to->connections += r->connections;
	to->refused += r->refused;
	to->packets += r->packets;
	to->bytes += r->bytes;
	to->active += r->active;
	to->records |= r->records;
}

static struct top_rate of_endpoint(const struct kendpoint *before, const struct kendpoint *now,
				   double seconds)
{
	static const struct kendpoint none;
	const struct kendpoint *b = before ? before : &none;

	return (struct top_rate){
		.connections = rate(b->connections, now->connections, seconds),
		.packets = rate(b->packets_to, now->packets_to, seconds) +
			   rate(b->packets_from, now->packets_from, seconds),
		.bytes = rate(b->bytes_to, now->bytes_to, seconds) +
			 rate(b->bytes_from, now->bytes_from, seconds),
		.active = now->active,
		.records = now->has_records,
	};
}

/* What a service counts by itself: how its verdicts went. */
static void of_verdicts(struct top_rate *r, const struct kservice *before,
			const struct kservice *now, double seconds)
{
	static const struct kservice none;
	const uint64_t *b = before ? before->counts : none.counts;
	int i;

	r->connections = r->refused = 0;
	for (i = 0; i <= SVCNAT_REASON_MAX; i++) {
		if (i == SVCNAT_REASON_ENDPOINT || i == SVCNAT_REASON_AFFINITY)
			r->connections += rate(b[i], now->counts[i], seconds);
		else
			r->refused += rate(b[i], now->counts[i], seconds);
	}
}

static int of_service(struct top_service *t, const struct kservice *before,
		      const struct kservice *now, double seconds)
{
	const struct kendpoint *b;
	size_t i, at = 0;

	t->service = now;
	t->n = now->nendpoints;
	t->endpoints = calloc(t->n + 1, sizeof(*t->endpoints));
	if (!t->endpoints)
		return -ENOMEM;
	for (i = 0; i < t->n; i++) {
		while (before && at < before->nendpoints &&
		       endpoint_cmp(&before->endpoints[at], &now->endpoints[i]) < 0)
			at++;
		b = before && at < before->nendpoints &&
		    !endpoint_cmp(&before->endpoints[at], &now->endpoints[i]) ?
		    &before->endpoints[at] : NULL;
		t->endpoints[i].endpoint = &now->endpoints[i];
		t->endpoints[i].rate = of_endpoint(b, &now->endpoints[i], seconds);
		add(&t->rate, &t->endpoints[i].rate);
	}
	of_verdicts(&t->rate, before, now, seconds);
	return 0;
}

/* --- order --- */

static double weight(const struct top_rate *r, enum top_sort sort)
{
	switch (sort) {
	case TOP_ACTIVE:
		return (double)r->active;
	case TOP_PACKETS:
		return r->packets;
	case TOP_BYTES:
		return r->bytes;
	default:
		return r->connections;
	}
}

/* By what was asked for, then by what moves at all. */
static int rate_cmp(const struct top_rate *a, const struct top_rate *b, enum top_sort sort)
{
	double x = weight(a, sort), y = weight(b, sort);

	if (x == y) {
		x = a->connections + a->bytes + a->refused;
		y = b->connections + b->bytes + b->refused;
	}
	return x < y ? 1 : x > y ? -1 : 0;
}

static int top_service_cmp(const void *x, const void *y, void *sort)
{
	const struct top_service *a = x, *b = y;
	int c = rate_cmp(&a->rate, &b->rate, *(enum top_sort *)sort);

	return c ? c : kservice_key_cmp(a->service, b->service);
}

static int top_endpoint_cmp(const void *x, const void *y, void *sort)
{
	const struct top_endpoint *a = x, *b = y;
	int c = rate_cmp(&a->rate, &b->rate, *(enum top_sort *)sort);

	return c ? c : endpoint_cmp(a->endpoint, b->endpoint);
}

static void order(struct top_rates *r, enum top_sort sort)
{
	size_t i;

	qsort_r(r->v, r->n, sizeof(*r->v), top_service_cmp, &sort);
	for (i = 0; i < r->n; i++)
		qsort_r(r->v[i].endpoints, r->v[i].n, sizeof(*r->v[i].endpoints),
			top_endpoint_cmp, &sort);
}

/* The same service, and no other one that has its name by now. */
static const struct kservice *find(const struct kservices *before, size_t *at,
				   const struct kservice *now)
{
	int c = -1;

	while (before && *at < before->n) {
		c = kservice_key_cmp(&before->v[*at], now);
		if (c >= 0)
			break;
		(*at)++;
	}
	return !c && before->v[*at].id == now->id ? &before->v[*at] : NULL;
}

int top_rates_make(struct top_rates *out, const struct kservices *before,
		   const struct kservices *now, double seconds, enum top_sort sort)
{
	size_t i, at = 0;
	int err = 0;

	*out = (struct top_rates){ .known = before && seconds > 0, .seconds = seconds };
	out->v = calloc(now->n + 1, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (i = 0; !err && i < now->n; i++) {
		out->n++;
		/* The first look tells nothing but what is active. */
		err = of_service(&out->v[i], out->known ? find(before, &at, &now->v[i]) :
				 &now->v[i], &now->v[i], out->known ? seconds : 1);
		add(&out->total, &out->v[i].rate);
	}
	if (err)
		top_rates_clear(out);
	else
		order(out, sort);
	return err;
}

void top_rates_clear(struct top_rates *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i].endpoints);
	free(r->v);
	memset(r, 0, sizeof(*r));
}
