// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>

#include "conns.h"
#include "count.h"
#include "endpoint.h"
#include "netns.h"
#include "settings.h"

#define SVCNAT_CONNS_INTERVAL	HZ

/* What stays unconfirmed for longer waits in somebody's queue: it is not active. */
#define SVCNAT_CONNS_CONFIRM	(2 * HZ)

/* How long an ended one may be in other hands before it is let go as it is. */
#define SVCNAT_CONNS_LINGER	(2 * HZ)

struct svcnat_conn {
	union {
		struct llist_node fresh;
		struct list_head known;
	};
	struct nf_conn *ct;			/* a reference */
	struct svcnat_endpoint *endpoint;	/* a reference */
	struct svcnat_traffic seen;		/* what the endpoint got of it so far */
	unsigned long since;			/* in jiffies: made, or seen ended */
	bool ended;				/* deleted or expired */
	bool active;				/* counted as such */
};

/*
 * Conntrack's own figures must be there from the first packet on. It has counted
 * that one before NAT, if it counts at all.
 */
static bool svcnat_conn_account(struct nf_conn *ct, const struct sk_buff *skb)
{
	if (nf_conn_acct_find(ct))
		return true;
	if (!nf_ct_ext_add(ct, NF_CT_EXT_ACCT, GFP_ATOMIC | __GFP_NOWARN))
		return false;
	nf_ct_acct_add(ct, IP_CT_DIR_ORIGINAL, 1, skb->len);
	return true;
}

static struct svcnat_conn *
svcnat_conn_alloc(struct nf_conn *ct, const struct sk_buff *skb,
		  struct svcnat_endpoint *ep)
{
	struct svcnat_conn *conn;

	conn = kzalloc(sizeof(*conn), GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;
	if (!svcnat_conn_account(ct, skb)) {
		kfree(conn);
		return NULL;
	}

	nf_conntrack_get(&ct->ct_general);
	conn->ct = ct;
	svcnat_endpoint_get(ep);
	conn->endpoint = ep;
	atomic_inc(&ep->active);
	conn->active = true;
	conn->since = jiffies;
	return conn;
}

static void svcnat_conn_free(struct svcnat_net *sn, struct svcnat_conn *conn)
{
	if (conn->active)
		atomic_dec(&conn->endpoint->active);
	svcnat_endpoint_put(conn->endpoint);
	nf_ct_put(conn->ct);
	kfree(conn);
	atomic_dec(&sn->conns.n);
}

void svcnat_conns_add(struct svcnat_net *sn, struct nf_conn *ct,
		      const struct sk_buff *skb, struct svcnat_endpoint *ep)
{
	u32 max = rcu_dereference(sn->settings)->max_connections;
	struct svcnat_conns *conns = &sn->conns;
	struct svcnat_conn *conn = NULL;

	/* NAT leaves it as it is then: it does not go to ep. */
	if (nf_ct_is_confirmed(ct))
		return;

	if ((u32)atomic_inc_return(&conns->n) <= max)
		conn = svcnat_conn_alloc(ct, skb, ep);
	if (!conn) {
		atomic_dec(&conns->n);
		svcnat_count(sn->counts, SVCNAT_COUNT_CONNECTIONS_FULL);
		return;
	}

	/* As long as it has any, the worker calls itself. */
	if (llist_add(&conn->fresh, &conns->fresh))
		queue_delayed_work(system_unbound_wq, &conns->work,
				   SVCNAT_CONNS_INTERVAL);
}

/* ---- what became of it */

static bool svcnat_conn_closing_tcp(const struct nf_conn *ct)
{
	u8 state = READ_ONCE(ct->proto.tcp.state);

	return state > TCP_CONNTRACK_ESTABLISHED && state != TCP_CONNTRACK_SYN_SENT2;
}

static bool svcnat_conn_closing_sctp(const struct nf_conn *ct)
{
	switch (READ_ONCE(ct->proto.sctp.state)) {
	case SCTP_CONNTRACK_CLOSED:
	case SCTP_CONNTRACK_SHUTDOWN_SENT:
	case SCTP_CONNTRACK_SHUTDOWN_RECD:
	case SCTP_CONNTRACK_SHUTDOWN_ACK_SENT:
		return true;
	default:
		return false;
	}
}

/* Before it is confirmed, what it has for a timeout is no time yet. */
static bool svcnat_conn_ended(const struct nf_conn *ct, bool confirmed)
{
	return nf_ct_is_dying(ct) || (confirmed && nf_ct_is_expired(ct));
}

static bool svcnat_conn_active(const struct svcnat_conn *conn, bool confirmed)
{
	const struct nf_conn *ct = conn->ct;

	if (conn->ended)
		return false;
	if (!confirmed)
		return time_before(jiffies, conn->since + SVCNAT_CONNS_CONFIRM);

	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		return !svcnat_conn_closing_tcp(ct);
	case IPPROTO_SCTP:
		return !svcnat_conn_closing_sctp(ct);
	default:
		return true;
	}
}

static void svcnat_conn_set_active(struct svcnat_conn *conn, bool active)
{
	if (conn->active == active)
		return;
	if (active)
		atomic_inc(&conn->endpoint->active);
	else
		atomic_dec(&conn->endpoint->active);
	conn->active = active;
}

/* Who reads takes no lock. */
static void svcnat_conn_add_up(u64 *sum, u64 *seen, u64 now)
{
	/* "conntrack -z" may have set it to zero since. */
	WRITE_ONCE(*sum, *sum + (now >= *seen ? now - *seen : now));
	*seen = now;
}

static void svcnat_conn_read(struct svcnat_conn *conn)
{
	struct svcnat_traffic *sum = conn->endpoint->traffic;
	struct nf_conn_acct *acct = nf_conn_acct_find(conn->ct);
	int dir;

	if (!acct || !sum)
		return;
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
		struct nf_conn_counter *counter = &acct->counter[dir];

		svcnat_conn_add_up(&sum->packets[dir], &conn->seen.packets[dir],
				   atomic64_read(&counter->packets));
		svcnat_conn_add_up(&sum->bytes[dir], &conn->seen.bytes[dir],
				   atomic64_read(&counter->bytes));
	}
}

/*
 * Bring its figures up to date. Returns whether these were the last ones: nobody
 * else has the entry, or it has ended and is kept by somebody who may never use
 * it again. Until it is confirmed it is not in conntrack's table, and who has the
 * packet may move its extensions; what ends before never was a connection for
 * conntrack either.
 */
static bool svcnat_conn_look(struct svcnat_conn *conn)
{
	bool alone = refcount_read(&conn->ct->ct_general.use) == 1;
	bool confirmed, ended;

	/* Pairs with nf_ct_put(): what others have done to it is seen. */
	if (alone)
		smp_acquire__after_ctrl_dep();

	confirmed = nf_ct_is_confirmed(conn->ct);
	if (confirmed) {
		/* Pairs with __nf_conntrack_confirm(): the extensions stay. */
		smp_rmb();
		svcnat_conn_read(conn);
	}

	ended = svcnat_conn_ended(conn->ct, confirmed);
	if (ended && !conn->ended)
		conn->since = jiffies;
	conn->ended = ended;
	svcnat_conn_set_active(conn, !alone && svcnat_conn_active(conn, confirmed));

	return alone ||
	       (ended && time_after(jiffies, conn->since + SVCNAT_CONNS_LINGER));
}

/* ---- all of them */

static void svcnat_conns_take_fresh(struct svcnat_conns *conns)
{
	struct svcnat_conn *conn, *next;

	lockdep_assert_held(&conns->lock);
	llist_for_each_entry_safe(conn, next, llist_del_all(&conns->fresh), fresh)
		list_add_tail(&conn->known, &conns->known);
}

void svcnat_conns_collect(struct svcnat_net *sn)
{
	struct svcnat_conns *conns = &sn->conns;
	struct svcnat_conn *conn, *next;

	if (!atomic_read(&conns->n))
		return;

	mutex_lock(&conns->lock);
	svcnat_conns_take_fresh(conns);
	list_for_each_entry_safe(conn, next, &conns->known, known) {
		if (svcnat_conn_look(conn)) {
			list_del(&conn->known);
			svcnat_conn_free(sn, conn);
		}
		cond_resched();
	}
	mutex_unlock(&conns->lock);
}

static void svcnat_conns_work(struct work_struct *work)
{
	struct svcnat_net *sn = container_of(to_delayed_work(work), struct svcnat_net,
					     conns.work);

	svcnat_conns_collect(sn);
	if (atomic_read(&sn->conns.n))
		queue_delayed_work(system_unbound_wq, &sn->conns.work,
				   SVCNAT_CONNS_INTERVAL);
}

void svcnat_conns_init(struct svcnat_net *sn)
{
	struct svcnat_conns *conns = &sn->conns;

	init_llist_head(&conns->fresh);
	mutex_init(&conns->lock);
	INIT_LIST_HEAD(&conns->known);
	atomic_set(&conns->n, 0);
	INIT_DELAYED_WORK(&conns->work, svcnat_conns_work);
}

/*
 * Live connections too: conntrack's end, which comes after this, waits until
 * nobody has any of its entries.
 */
void svcnat_conns_exit(struct svcnat_net *sn)
{
	struct svcnat_conns *conns = &sn->conns;
	struct svcnat_conn *conn, *next;

	cancel_delayed_work_sync(&conns->work);

	mutex_lock(&conns->lock);
	svcnat_conns_take_fresh(conns);
	list_for_each_entry_safe(conn, next, &conns->known, known) {
		list_del(&conn->known);
		svcnat_conn_free(sn, conn);
		cond_resched();
	}
	mutex_unlock(&conns->lock);
	mutex_destroy(&conns->lock);
}
