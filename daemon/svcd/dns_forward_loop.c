// SPDX-License-Identifier: GPL-2.0
/*
 * An upstream may ask this very svcd: such as a forwarder of the node that was told to, or
 * another node's svcd that asks ours. Each question would come back, for another one to the
 * same upstream, until a limit is reached. So each upstream is asked for a name that nobody else
 * knows; if that is asked for here, the upstream is not asked any more until it answers one that
 * does not come back.
 */
#include "dns_forward_priv.h"


#define NEVER	INT64_MAX
/* Labels, of hexadecimal digits: two, as some forwarders keep names of one to themselves. */
#define LABELS	2
#define DIGITS	16

/* A type that no client asks for. */
static void make_token(struct dns_question *q)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[LABELS * DIGITS], *out = q->wire;
	size_t i;

	evutil_secure_rng_get_bytes(random, sizeof(random));
	for (i = 0; i < sizeof(random); i++) {
		if (i % DIGITS == 0)
			*out++ = DIGITS;
		*out++ = (uint8_t)digits[random[i] & 15];
	}
	*out++ = 0;
	q->type = LDNS_RR_TYPE_HINFO;
	q->class = LDNS_RR_CLASS_IN;
	ldns_write_uint16(out, q->type);
	ldns_write_uint16(out + 2, q->class);
	q->len = (size_t)(out + 4 - q->wire);
}

static void check(struct dns_forward *f, struct upstream_state *u)
{
	const int64_t now = dns_forward_now_ms();
	struct dns_query q = { .recursion = true };

	make_token(&q.question);
	u->token = q.question;
	u->back = false;
	u->checked = now;
	u->check_at = now + (u->loops ? f->config.check_ms : f->config.rest_ms);
	dns_forward_ask_own(f, u, DNS_ASK_LOOP, &q);
}

static void on_check(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_forward *f = ctx;
	const int64_t now = dns_forward_now_ms();
	size_t i;

	(void)fd;
	(void)what;
	for (i = 0; i < f->n; i++)
		if (f->v[i].check_at <= now)
			check(f, &f->v[i]);
	dns_forward_loop_plan(f);
}

void dns_forward_loop_plan(struct dns_forward *f)
{
	const int64_t now = dns_forward_now_ms();
	int64_t first = NEVER;
	size_t i;

	for (i = 0; i < f->n; i++)
		first = f->v[i].check_at < first ? f->v[i].check_at : first;
	if (first == NEVER)
		event_del(f->check);
	else
		dns_forward_set_timer(f->check, first > now ? first - now : 0);
}

bool dns_forward_loop_init(struct dns_forward *f)
{
	f->check = evtimer_new(f->config.base, on_check, f);
	return f->check;
}

void dns_forward_loop_begin(struct upstream_state *u)
{
	u->check_at = dns_forward_now_ms();
}

static void set_loops(struct dns_forward *f, struct upstream_state *u, bool loops)
{
	if (u->loops == loops)
		return;
	u->loops = loops;
	if (f->config.loops_changed)
		f->config.loops_changed(f->config.ctx);
}

void dns_forward_loop_note(const struct dns_ask *a, struct upstream_state *u,
			   enum dns_forward_result how)
{
	/* What went wrong says nothing, and it is asked again. */
	if (how > DNS_FORWARD_ERROR || u->back ||
	    !dns_question_equal(&a->query.question, &u->token))
		return;
	u->check_at = NEVER;
	dns_forward_loop_plan(a->forward);
	set_loops(a->forward, u, false);
}

void dns_forward_loop_suspect(struct dns_forward *f, struct upstream_state *u)
{
	const int64_t now = dns_forward_now_ms(), may = u->checked + f->config.check_ms;

	if (u->check_at != NEVER)
		return;
	u->check_at = may > now ? may : now;
	dns_forward_loop_plan(f);
}

/* The name alone: who passes it on may ask for another type, and change the letters. */
static bool is_token(const struct upstream_state *u, const struct dns_question *q)
{
	struct dns_question asked;

	if (q->len != u->token.len)
		return false;
	asked = *q;
	asked.type = u->token.type;
	return dns_question_equal(&asked, &u->token);
}

static bool comes_back(struct dns_forward *f, const struct dns_question *q)
{
	struct upstream_state *u;

	for (u = f->v; u < f->v + f->n; u++) {
		if (!is_token(u, q))
			continue;
		u->back = true;
		u->check_at = dns_forward_now_ms() + f->config.check_ms;
		dns_forward_loop_plan(f);
		set_loops(f, u, true);
		return true;
	}
	return false;
}

bool dns_forward_is_own(struct dns_forward *f, const struct dns_query *q,
			const struct dns_peer *from)
{
	const struct dns_ask *a;

	if (comes_back(f, &q->question))
		return true;
	TAILQ_FOREACH(a, &f->asks, link)
		if (a->port == from->port && a->fd >= 0 &&
		    dns_question_equal(&a->query.question, &q->question))
			return dns_peer_is_here(from);
	return false;
}

size_t dns_forward_loops(const struct dns_forward *f, struct dns_peer v[DNS_UPSTREAMS_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		if (f->v[i].loops)
			v[n++] = f->v[i].peer;
	return n;
}
