// SPDX-License-Identifier: GPL-2.0
/*
 * When a service is written again: one that the kernel refused, with pauses of
 * its own that grow, and one that somebody else changes again and again.
 */
#include "proxy_entry.h"

#include <string.h>
#include <time.h>

#define RETRY_MIN_MS	100
#define RETRY_MAX_MS	60000
#define FIGHT_MIN_MS	1000	/* before the second answer; the first one is at once */
#define FIGHT_MAX_MS	60000
#define FIGHT_SAY	3	/* changes that are no accident any more */
#define FIGHT_QUIET_MS	30000	/* without a change: it is over */

int64_t proxy_clock(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

bool proxy_retry_waits(const struct proxy *p, const struct proxy_slot *s)
{
	if (s->fight.until > p->now)
		return true;
	return s->retry.wait && !s->retry.hurry && s->retry.next > p->now;
}

/* A service may be refused several times in one run, an address at a time: that counts once. */
void proxy_retry_refused(const struct proxy *p, struct proxy_slot *s)
{
	struct proxy_retry *r = &s->retry;

	if (!r->wait) {
		r->since = p->now;
		r->wait = RETRY_MIN_MS;
	} else if (!r->hurry && r->next <= p->now) {
		r->wait = r->wait * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : r->wait * 2;
	}
	r->hurry = false;
	r->next = p->now + r->wait;
}

void proxy_retry_now(struct proxy_entry *n)
{
	size_t i;

	for (i = 0; i < n->nslots; i++) {
		n->slots[i].retry.hurry = true;
		n->slots[i].fight.until = 0;
	}
}

int64_t proxy_fight_over(const struct proxy_fight *f)
{
	return (f->until > f->last ? f->until : f->last) + FIGHT_QUIET_MS;
}

void proxy_fight_end(struct proxy_fight *f, int64_t now)
{
	if (f->times && proxy_fight_over(f) <= now)
		memset(f, 0, sizeof(*f));
}

bool proxy_fight_on(struct proxy_fight *f, int64_t now)
{
	int64_t wait = 0;
	unsigned int i;

	proxy_fight_end(f, now);
	f->times++;
	f->last = now;
	for (i = 1; i < f->times && wait < FIGHT_MAX_MS; i++)
		wait = wait ? wait * 2 : FIGHT_MIN_MS;
	f->until = now + (wait > FIGHT_MAX_MS ? FIGHT_MAX_MS : wait);
	if (f->times < FIGHT_SAY || f->said)
		return false;
	f->said = true;
	return true;
}
