// SPDX-License-Identifier: GPL-2.0
/* How the upstreams are, and whom to ask first. */
#include "dns_forward_priv.h"

#include <string.h>

/* NULL: it is none any more. */
static struct upstream_state *find(struct dns_forward *f, const struct dns_peer *peer)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (dns_peer_equal(&f->v[i].peer, peer))
			return &f->v[i];
	return NULL;
}

/* The name servers of the root, which each server knows or finds. */
static void probe(struct dns_forward *f, struct upstream_state *u)
{
	static const struct dns_query query = {
		.recursion = true,
		.question = { .wire = { 0, 0, LDNS_RR_TYPE_NS, 0, LDNS_RR_CLASS_IN }, .len = 5,
			      .type = LDNS_RR_TYPE_NS, .class = LDNS_RR_CLASS_IN },
	};

	u->probing = true;
	u->probing = dns_forward_ask_own(f, u, DNS_ASK_HEALTH, &query);
}

static void note_health(struct dns_ask *a, struct upstream_state *u, enum dns_forward_result how)
{
	struct dns_forward *f = a->forward;

	if (a->kind == DNS_ASK_HEALTH)
		u->probing = false;
	/* That it cannot say this one thing says nothing of others. */
	if (how <= DNS_FORWARD_ERROR) {
		u->rests = false;
		u->heard = dns_forward_now_ms();
		return;
	}
	/* Neither does its silence, if it has answered others meanwhile, nor that it has no TCP. */
	if (a->tcp || (how == DNS_FORWARD_SILENT && u->heard >= a->tried))
		return;
	u->rests = true;
	u->until = dns_forward_now_ms() + f->config.rest_ms;
	if (how != DNS_FORWARD_SILENT || a->kind != DNS_ASK_CLIENT)
		return;
	if (!u->probing)
		probe(f, u);
	dns_forward_loop_suspect(f, u);
}

void dns_forward_note(struct dns_ask *a, enum dns_forward_result how)
{
	struct upstream_state *u = find(a->forward, &a->peer);

	if (a->kind != DNS_ASK_LOOP)
		a->forward->config.metrics->forwards[how]++;
	if (!u)
		return;
	if (a->kind == DNS_ASK_LOOP)
		dns_forward_loop_note(a, u, how);
	else
		note_health(a, u, how);
}

/* Those that rest are the last ones. */
void dns_forward_order(const struct dns_forward *f, struct dns_ask *a)
{
	int rests;
	size_t i;

	a->n = 0;
	for (rests = 0; rests <= 1; rests++)
		for (i = 0; i < f->n; i++)
			if (f->v[i].rests == rests && !f->v[i].loops)
				a->order[a->n++] = f->v[i].peer;
}

/* Nobody waits longer because one that does not answer might be well again. */
void dns_forward_probe_rested(struct dns_forward *f)
{
	int64_t now = dns_forward_now_ms();
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].rests && !f->v[i].probing && now >= f->v[i].until)
			probe(f, &f->v[i]);
}

void dns_forward_set(struct dns_forward *f, const struct dns_peer *v, size_t n)
{
	struct upstream_state fresh[DNS_UPSTREAMS_MAX] = { 0 };
	const struct upstream_state *was;
	size_t i;

	n = n < DNS_UPSTREAMS_MAX ? n : DNS_UPSTREAMS_MAX;
	for (i = 0; i < n; i++) {
		was = find(f, &v[i]);
		if (was) {
			fresh[i] = *was;
			continue;
		}
		fresh[i].peer = v[i];
		dns_forward_loop_begin(&fresh[i]);
	}
	memcpy(f->v, fresh, n * sizeof(*fresh));
	f->n = n;
	dns_forward_loop_plan(f);
}

size_t dns_forward_upstreams(const struct dns_forward *f)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		n += !f->v[i].loops;
	return n;
}
