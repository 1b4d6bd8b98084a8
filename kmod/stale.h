/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that lead to what is gone, and such as slipped by untranslated:
 * they are noted while services change, and ended by one walk through the
 * connection table for any number of changes. The rules are in the uapi
 * header, "Stale connections".
 *
 * What is noted is only what the present services do not say any more: the
 * frontends that went. The rest follows from who is a member now. A walk cannot
 * see a packet that was decided about and not confirmed yet, in a queue or in a
 * process that was preempted: a second later the worker walks once more because
 * of them, and what was noted is kept until then.
 */
#ifndef SVCNAT_STALE_H
#define SVCNAT_STALE_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct net_device;
struct nf_conn;
struct svcnat_net;
struct svcnat_service;
struct svcnat_state;

/* What becomes of TCP that was answered, through a frontend that went. */
enum svcnat_stale_rule {
	SVCNAT_STALE_SPARE,	/* it lives on: no SVCNAT_F_RESET */
	SVCNAT_STALE_LEFT,	/* it ends if its endpoint is nobody's now */
	SVCNAT_STALE_ALL,	/* it ends: the whole service went */

	SVCNAT_STALE_RULES
};

struct svcnat_stale {
	struct hlist_head gone[SVCNAT_STALE_RULES];	/* frontends; lock */
	u32 ngone;			/* in all of them; lock */
	bool due;			/* a walk is wanted; lock */
	bool again;			/* and one more; lock */
	struct delayed_work work;
};

void svcnat_stale_init(struct svcnat_net *sn);

/* Stop the worker and free all that waits, without a walk. Without the lock. */
void svcnat_stale_exit(struct svcnat_net *sn);

/*
 * Service svc went from old (NULL: it is new) to new (NULL: it is deleted),
 * which packets see already. Takes over old, and those of its frontends that
 * new does not have: they are out of the table. Cannot fail. Lock held.
 */
void svcnat_stale_change(struct svcnat_net *sn, const struct svcnat_service *svc,
			 struct svcnat_state *old, const struct svcnat_state *new);

/*
 * End what was noted, if anything was; defer: let a worker do it soon. Lock
 * held; sleeps.
 */
void svcnat_stale_run(struct svcnat_net *sn, bool defer);

/*
 * Does ct, which is translated, lead from a frontend in force to what its service
 * has no more, or lets drain, or from one that went to nobody's endpoint?
 * dev: as in svcnat_match(). RCU.
 */
bool svcnat_stale_left(struct svcnat_net *sn, const struct net_device *dev,
		       const struct nf_conn *ct);

/* Does ct lead from a frontend in force, wherever to? RCU. */
bool svcnat_stale_through(struct svcnat_net *sn, const struct nf_conn *ct);

#endif /* SVCNAT_STALE_H */
