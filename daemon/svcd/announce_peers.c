// SPDX-License-Identifier: GPL-2.0
#include "announce_peers.h"

#include "announce_ask.h"
#include "jx.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

void announce_peers_init(struct announce_peers *p, struct event_base *base, uint16_t port,
			 int64_t (*now)(void))
{
	*p = (struct announce_peers){ .base = base, .port = port, .now = now };
	TAILQ_INIT(&p->list);
}

static void stop_asking(struct announce_known *k)
{
	if (k->ask)
		announce_ask_cancel(k->ask);
	k->ask = NULL;
}

static void forget(struct announce_peers *p, struct announce_known *k)
{
	stop_asking(k);
	TAILQ_REMOVE(&p->list, k, link);
	strmap_del(&p->by_name, k->name);
	p->n--;
	free(k->name);
	free(k);
}

void announce_peers_clear(struct announce_peers *p)
{
	while (!TAILQ_EMPTY(&p->list))
		forget(p, TAILQ_FIRST(&p->list));
	strmap_clear(&p->by_name);
	free(p->self);
	p->self = NULL;
}

void announce_peers_restart(struct announce_peers *p)
{
	struct announce_known *k;

	TAILQ_FOREACH(k, &p->list, link) {
		stop_asking(k);
		k->state = (struct announce_peer){ 0 };
		k->grade = ANNOUNCE_GONE;
		k->without = ANNOUNCE_WITH;
		k->next = 0;
	}
}

/* --- who they are --- */

static struct announce_known *get(struct announce_peers *p, const char *name)
{
	struct announce_known *k = strmap_find(&p->by_name, name);

	if (k)
		return k;
	k = jx_must(calloc(1, sizeof(*k)));
	k->all = p;
	k->name = jx_must(strdup(name));
	if (strmap_add(&p->by_name, k->name, k))
		jx_must(NULL);
	TAILQ_INSERT_TAIL(&p->list, k, link);
	p->n++;
	return k;
}

static void note(struct announce_peers *p, const struct announce_node *n)
{
	struct announce_known *k = get(p, n->name);

	k->seen = true;
	if (k->addr.family && ip_addr_equal(&k->addr, &n->addr))
		return;
	/* The answer that is on its way is another one's, maybe. */
	stop_asking(k);
	k->addr = n->addr;
	k->next = 0;
}

void announce_peers_sync(struct announce_peers *p, const struct announce_set *set,
			 const char *self)
{
	struct announce_known *k, *next;
	const struct announce_node *n;

	if (!p->self || strcmp(p->self, self)) {
		free(p->self);
		p->self = jx_must(strdup(self));
	}
	TAILQ_FOREACH(k, &p->list, link)
		k->seen = false;
	TAILQ_FOREACH(n, &set->nodes, link)
		if (strcmp(n->name, self) && !n->excluded && n->addr.family)
			note(p, n);
	for (k = TAILQ_FIRST(&p->list); k; k = next) {
		next = TAILQ_NEXT(k, link);
		if (!k->seen)
			forget(p, k);
	}
}

/* --- how they answer --- */

int64_t announce_peers_period(const struct announce_peers *p)
{
	int64_t ms = (int64_t)p->n * ANNOUNCE_ASK_PACE_MS;

	ms = ms > ANNOUNCE_ASK_MAX_MS ? ANNOUNCE_ASK_MAX_MS : ms;
	return ms < ANNOUNCE_ASK_EACH_MS ? ANNOUNCE_ASK_EACH_MS : ms;
}

static void on_asked(void *ctx, enum announce_answer answer)
{
	struct announce_known *k = ctx;

	k->ask = NULL;
	announce_peer_heard(&k->state, answer, k->all->now());
}

static void question(struct announce_known *k, int64_t now)
{
	k->next = now + announce_peers_period(k->all);
	announce_peer_asked(&k->state, now);
	k->state.dead_ms = announce_peers_period(k->all) * ANNOUNCE_DEAD_MS /
			   ANNOUNCE_ASK_EACH_MS;
	k->ask = announce_ask(k->all->base, &k->addr, k->all->port, k->all->self, on_asked, k);
	if (!k->ask)
		announce_peer_unasked(&k->state, now);
}

static bool look_at_grade(struct announce_known *k, int64_t now)
{
	enum announce_grade was = k->grade;

	k->grade = announce_peer_grade(&k->state, now);
	if (k->grade == was)
		return false;
	k->all->came = k->all->came || (was == ANNOUNCE_GONE && k->was_up);
	k->was_up = k->was_up || k->grade != ANNOUNCE_GONE;
	log_info("announce: node %s %s", k->name, k->grade == ANNOUNCE_WELL ? "announces" :
		 k->grade == ANNOUNCE_ILL ? "says that it is not well" :
		 k->state.declined ? "does not announce any more" : "does not answer any more");
	return true;
}

static bool look_at_without(struct announce_known *k, int64_t now)
{
	enum announce_without was = k->without;

	k->without = announce_peer_without(&k->state, now);
	return k->without != was;
}

bool announce_peers_tick(struct announce_peers *p)
{
	int64_t now = p->now();
	struct announce_known *k;
	bool news = false;

	TAILQ_FOREACH(k, &p->list, link) {
		if (!k->ask && now >= k->next)
			question(k, now);
		news = look_at_grade(k, now) || news;
		news = look_at_without(k, now) || news;
	}
	return news;
}

bool announce_peers_came(struct announce_peers *p)
{
	bool came = p->came;

	p->came = false;
	return came;
}

enum announce_grade announce_peers_grade(const struct announce_peers *p, const char *name)
{
	const struct announce_known *k = strmap_find(&p->by_name, name);

	return k ? k->grade : ANNOUNCE_GONE;
}

bool announce_peers_known(const struct announce_peers *p)
{
	const struct announce_known *k;

	TAILQ_FOREACH(k, &p->list, link)
		if (!announce_peer_known(&k->state, p->now()))
			return false;
	return true;
}

bool announce_peers_alive(const struct announce_peers *p)
{
	const struct announce_known *k;

	TAILQ_FOREACH(k, &p->list, link)
		if (announce_peer_lives(&k->state) || k->grade != ANNOUNCE_GONE)
			return true;
	return false;
}

const char *announce_peers_without(const struct announce_peers *p, int64_t ms)
{
	const struct announce_known *k;

	TAILQ_FOREACH(k, &p->list, link)
		if (k->state.without && p->now() - k->state.without >= ms)
			return k->name;
	return NULL;
}

size_t announce_peers_up(const struct announce_peers *p)
{
	const struct announce_known *k;
	size_t n = 0;

	TAILQ_FOREACH(k, &p->list, link)
		n += k->grade != ANNOUNCE_GONE;
	return n;
}
