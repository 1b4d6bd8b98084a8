/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connection records, for services that ask: each holds conntrack's entry, so
 * that its last figures can be read when it has ended, and the endpoint that
 * they are added to. A worker collects the ended ones. All is released with the
 * namespace, before conntrack's own end.
 */
#ifndef SVCNAT_CONNS_H
#define SVCNAT_CONNS_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct nf_conn;
struct sk_buff;
struct svcnat_endpoint;
struct svcnat_net;

struct svcnat_conns {
	struct llist_head fresh;	/* added by packets, not yet seen by the worker */
	struct mutex lock;		/* the list below, and who writes figures */
	struct list_head known;
	atomic_t n;
	struct delayed_work work;
};

void svcnat_conns_init(struct svcnat_net *sn);
/* Release all records. No packet comes any more; sleeps. */
void svcnat_conns_exit(struct svcnat_net *sn);

/*
 * The new, unconfirmed connection ct, whose first packet is skb, goes to ep.
 * Without memory, or past the limit, it goes unrecorded and is counted so. RCU,
 * any context.
 */
void svcnat_conns_add(struct svcnat_net *sn, struct nf_conn *ct,
		      const struct sk_buff *skb, struct svcnat_endpoint *ep);

/*
 * Bring the figures of all endpoints up to date. Sleeps, as long as a look at
 * each connection takes: once for a whole dump. They are read with READ_ONCE(),
 * without a lock; on a 32-bit kernel that may catch a carry.
 */
void svcnat_conns_collect(struct svcnat_net *sn);

#endif /* SVCNAT_CONNS_H */
