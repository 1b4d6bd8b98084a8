/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does what changed get written in time? The rule of kube-proxy (Health() in its
 * pkg/proxy/healthcheck/proxy_health.go), with its default limit: twice the sync
 * period of 30 seconds. Pure; times are milliseconds of any clock.
 */
#ifndef SVCNAT_LIVENESS_H
#define SVCNAT_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#define LIVENESS_LIMIT_MS	60000

/* Zero it to start with. */
struct liveness {
	bool pending;		/* a change is not written yet */
	int64_t since;		/* the first such change */
	int64_t queued;		/* the last change, 0: none so far */
	int64_t updated;	/* all was written the last time, 0: never */
};

static inline void liveness_queued(struct liveness *l, int64_t now)
{
	if (!l->pending)
		l->since = now;
	l->pending = true;
	l->queued = now;
}

static inline void liveness_updated(struct liveness *l, int64_t now)
{
	l->pending = false;
	l->updated = now;
}

static inline bool liveness_ok(const struct liveness *l, int64_t now)
{
	return !l->pending || now - l->since < LIVENESS_LIMIT_MS;
}

#endif
