// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "compat/conntrack.h"
#include "decide.h"
#include "endpoint.h"
#include "endpoints.h"
#include "frontend.h"
#include "match.h"
#include "netns.h"
#include "origin.h"
#include "service.h"
#include "settings.h"
#include "stale.h"
#include "state.h"

/* How long a deferred walk may wait, and when what slipped past one is looked for. */
#define SVCNAT_STALE_WAIT	HZ

/* So many frontends need no table to be found in. */
#define SVCNAT_STALE_FEW	16

struct svcnat_stale_walk {
	struct svcnat_net *sn;
	unsigned long began;		/* jiffies */
	struct hlist_head *table;	/* frontends that went: a part for each rule */
	unsigned int bits;		/* buckets of a part, as a power of 2 */
};

static struct hlist_head *svcnat_stale_bucket(const struct svcnat_stale_walk *w,
					      enum svcnat_stale_rule rule,
					      const struct svcnat_key *key)
{
	u32 hash = jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), 0);

	return &w->table[(rule << w->bits) + (hash & (BIT(w->bits) - 1))];
}

static bool svcnat_stale_noted(const struct svcnat_stale_walk *w,
			       enum svcnat_stale_rule rule, const struct svcnat_key *key)
{
	const struct svcnat_frontend *fe;

	hlist_for_each_entry(fe, svcnat_stale_bucket(w, rule, key), gone) {
		if (!memcmp(&fe->key, key, sizeof(*key)))
			return true;
	}
	return false;
}

static bool svcnat_stale_udp(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_UDP;
}

/* UDP, and what never got an answer: such a client tries again by itself. */
static bool svcnat_stale_loose(const struct nf_conn *ct)
{
	return svcnat_stale_udp(ct) || !test_bit(IPS_SEEN_REPLY_BIT, &ct->status);
}

/* Only TCP can be told that it has ended. */
static bool svcnat_stale_reset(const struct nf_conn *ct, u32 flags)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP && flags & SVCNAT_F_RESET;
}

static struct svcnat_key svcnat_stale_endpoint(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return (struct svcnat_key){
		.addr	= reply->src.u3,
		.port	= reply->src.u.all,
		.proto	= reply->dst.protonum,
		.family	= reply->src.l3num,
	};
}

/* The endpoint of the service that ct leads to; NULL: it has no such any more. */
static const struct svcnat_member *svcnat_stale_member(const struct svcnat_state *state,
						       const struct nf_conn *ct)
{
	const struct svcnat_key key = svcnat_stale_endpoint(ct);

	return svcnat_endpoints_find(state->endpoints, &key);
}

static struct svcnat_flow svcnat_stale_flow(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *t = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return (struct svcnat_flow){
		.saddr	= t->src.u3,
		.daddr	= t->dst.u3,
		.sport	= t->src.u.all,
		.dport	= t->dst.u.all,
		.proto	= t->dst.protonum,
		.family	= t->src.l3num,
	};
}

/*
 * Ask for ct what was asked for its first packet. False: its destination is no
 * frontend in force, or one through which such a connection is left alone.
 */
static bool svcnat_stale_query(struct svcnat_net *sn, const struct net_device *dev,
			       const struct nf_conn *ct, struct svcnat_query *q)
{
	struct svcnat_match match;

	*q = (struct svcnat_query){
		.flow		= svcnat_stale_flow(ct),
		.settings	= rcu_dereference(sn->settings),
		.key		= sn->hash_key,
	};
	if (!svcnat_match(sn->net, dev, sn, q, &match))
		return false;

	q->flow.local = svcnat_match_local(sn->net, dev, q->flow.family, &q->flow.saddr);
	q->origin = svcnat_origin(&q->flow, q->settings);
	return svcnat_decide_verdict(q).verdict != SVCNAT_VERDICT_PASS;
}

static bool svcnat_stale_exclusive(enum svcnat_place place)
{
	return place == SVCNAT_PLACE_CLUSTER || place == SVCNAT_PLACE_ANNOUNCED ||
	       place == SVCNAT_PLACE_CIDR;
}

bool svcnat_stale_left(struct svcnat_net *sn, const struct net_device *dev,
		       const struct nf_conn *ct)
{
	const struct svcnat_key ep = svcnat_stale_endpoint(ct);
	const struct svcnat_member *member;
	struct svcnat_query q;

	if (svcnat_stale_query(sn, dev, ct, &q)) {
		member = svcnat_stale_member(q.state, ct);
		return !member || !svcnat_member_chosen(member);
	}

	/* The frontend went too. That nobody else can have the address tells that it was ours. */
	return !q.state && svcnat_stale_exclusive(q.place) && !svcnat_endpoint_known(sn, &ep);
}

/* Does it go to the node itself? *vrf: where the node has the address; NULL: in none. */
static bool svcnat_stale_local(struct net *net, const struct svcnat_flow *flow,
			       struct net_device **vrf)
{
	struct net_device *dev;

	*vrf = NULL;
	if (svcnat_match_local(net, NULL, flow->family, &flow->daddr))
		return true;

	for_each_netdev_rcu(net, dev) {
		if (!netif_is_l3_master(dev) ||
		    !svcnat_match_local(net, dev, flow->family, &flow->daddr))
			continue;
		*vrf = dev;
		return true;
	}
	return false;
}

/* The keys of the frontends that may have been meant: of the address, of a NodePort. */
static void svcnat_stale_keys(const struct svcnat_flow *flow, struct svcnat_key *exact,
			      struct svcnat_key *nodeport)
{
	*nodeport = (struct svcnat_key){
		.port	= flow->dport,
		.proto	= flow->proto,
		.family	= flow->family,
	};
	*exact = *nodeport;
	exact->addr = flow->daddr;
}

/*
 * As svcnat_stale_query(), for a connection that came from anywhere. Most of
 * them are nothing of ours: the routing table is asked about none of these.
 */
static bool svcnat_stale_current(struct svcnat_net *sn, const struct nf_conn *ct,
				 struct svcnat_query *q)
{
	const struct svcnat_flow flow = svcnat_stale_flow(ct);
	struct svcnat_key exact, nodeport;
	struct net_device *dev = NULL;
	struct svcnat_match match;

	svcnat_stale_keys(&flow, &exact, &nodeport);
	if (!svcnat_frontend_lookup(sn, &exact, &match) &&
	    (!svcnat_frontend_lookup(sn, &nodeport, &match) ||
	     !svcnat_stale_local(sn->net, &flow, &dev)))
		return false;

	return svcnat_stale_query(sn, dev, ct, q);
}

bool svcnat_stale_through(struct svcnat_net *sn, const struct nf_conn *ct)
{
	struct svcnat_query q;

	return svcnat_stale_current(sn, ct, &q);
}

/* Never ours, unless NodePorts are there too. */
static bool svcnat_stale_loopback(const struct svcnat_settings *set,
				  const struct svcnat_flow *flow)
{
	if (flow->family == NFPROTO_IPV6)
		return ipv6_addr_loopback(&flow->saddr.in6) ||
		       ipv6_addr_loopback(&flow->daddr.in6);
	return !set->loopback_nodeports && (ipv4_is_loopback(flow->saddr.ip) ||
					    ipv4_is_loopback(flow->daddr.ip));
}

/* Does ct end, if it leads through the frontend that had the key? */
static bool svcnat_stale_ends(const struct svcnat_stale_walk *w, const struct nf_conn *ct,
			      const struct svcnat_key *key)
{
	const struct svcnat_key ep = svcnat_stale_endpoint(ct);
	bool tcp = nf_ct_protonum(ct) == IPPROTO_TCP;
	bool loose = svcnat_stale_loose(ct);

	return (svcnat_stale_noted(w, SVCNAT_STALE_ALL, key) && (loose || tcp)) ||
	       (svcnat_stale_noted(w, SVCNAT_STALE_LEFT, key) &&
		(loose || (tcp && !svcnat_endpoint_known(w->sn, &ep)))) ||
	       (svcnat_stale_noted(w, SVCNAT_STALE_SPARE, key) && loose);
}

/* Through a frontend that went? */
static bool svcnat_stale_gone(const struct svcnat_stale_walk *w, const struct nf_conn *ct)
{
	const struct svcnat_settings *set = rcu_dereference(w->sn->settings);
	const struct svcnat_flow flow = svcnat_stale_flow(ct);
	struct svcnat_key exact, nodeport;
	struct net_device *dev;

	if (!w->sn->stale.ngone || svcnat_stale_loopback(set, &flow))
		return false;

	svcnat_stale_keys(&flow, &exact, &nodeport);
	if (svcnat_stale_ends(w, ct, &exact))
		return true;
	return svcnat_stale_ends(w, ct, &nodeport) &&
	       (!svcnat_cidrs_know(set->nodeports, flow.family) ||
		svcnat_cidrs_contain(set->nodeports, flow.family, &flow.daddr)) &&
	       svcnat_stale_local(w->sn->net, &flow, &dev);
}

static bool svcnat_stale_is(const struct svcnat_stale_walk *w, const struct nf_conn *ct)
{
	bool translated = test_bit(IPS_DST_NAT_BIT, &ct->status);
	struct svcnat_query q;

	switch (nf_ct_protonum(ct)) {
	case IPPROTO_UDP:
		break;
	case IPPROTO_TCP:
	case IPPROTO_SCTP:
		if (!translated)
			return false;
		break;
	default:
		return false;
	}

	if (svcnat_stale_current(w->sn, ct, &q)) {
		/* Also at the frontend's own place, where NAT has nothing to do. */
		if (svcnat_stale_member(q.state, ct))
			return false;
		if (svcnat_stale_loose(ct) || svcnat_stale_reset(ct, q.state->flags))
			return true;
	}
	return translated && svcnat_stale_gone(w, ct);
}

/* With the lock of a bucket of connections, BH off. */
static int svcnat_stale_iter(struct nf_conn *ct, void *data)
{
	const struct svcnat_stale_walk *w = data;
	bool stale;

	if (nf_ct_is_dying(ct) || nf_ct_is_expired(ct))
		return 0;

	rcu_read_lock();
	stale = svcnat_stale_is(w, ct);
	rcu_read_unlock();

	if (stale)
		svcnat_count(w->sn->counts,
			     svcnat_stale_udp(ct) ? SVCNAT_COUNT_STALE_UDP :
						    SVCNAT_COUNT_STALE_TCP);
	return stale;
}

/* Sort the frontends that went into a table. Without memory, the lists are one. */
static void svcnat_stale_table_init(struct svcnat_stale_walk *w)
{
	struct svcnat_stale *stale = &w->sn->stale;
	enum svcnat_stale_rule rule;
	struct svcnat_frontend *fe;
	struct hlist_node *next;

	w->table = stale->gone;
	w->bits = 0;
	if (stale->ngone <= SVCNAT_STALE_FEW)
		return;

	w->bits = order_base_2(stale->ngone);
	w->table = kvcalloc(SVCNAT_STALE_RULES << w->bits, sizeof(*w->table),
			    GFP_KERNEL | __GFP_NOWARN);
	if (!w->table) {
		w->table = stale->gone;
		w->bits = 0;
		return;
	}

	for (rule = 0; rule < SVCNAT_STALE_RULES; rule++) {
		hlist_for_each_entry_safe(fe, next, &stale->gone[rule], gone) {
			hlist_del(&fe->gone);
			hlist_add_head(&fe->gone, svcnat_stale_bucket(w, rule, &fe->key));
			cond_resched();
		}
	}
}

static void svcnat_stale_free(struct svcnat_stale *stale, struct svcnat_frontend *fe)
{
	hlist_del(&fe->gone);
	svcnat_frontend_free(fe);
	stale->ngone--;
}

/* Was this the walk that comes a while after it went? */
static bool svcnat_stale_over(const struct svcnat_stale_walk *w,
			      const struct svcnat_frontend *fe)
{
	return time_after_eq(w->began, fe->since + SVCNAT_STALE_WAIT);
}

/* Whoever went only now stays for the next walk. */
static void svcnat_stale_table_exit(struct svcnat_stale_walk *w)
{
	struct svcnat_stale *stale = &w->sn->stale;
	struct svcnat_frontend *fe;
	struct hlist_node *next;
	u32 i;

	for (i = 0; i < SVCNAT_STALE_RULES << w->bits; i++) {
		hlist_for_each_entry_safe(fe, next, &w->table[i], gone) {
			if (svcnat_stale_over(w, fe)) {
				svcnat_stale_free(stale, fe);
			} else if (w->table != stale->gone) {
				hlist_del(&fe->gone);
				hlist_add_head(&fe->gone, &stale->gone[i >> w->bits]);
			}
			cond_resched();
		}
	}
	if (w->table != stale->gone)
		kvfree(w->table);
}

static void svcnat_stale_walk(struct svcnat_net *sn)
{
	struct svcnat_stale_walk w = { .sn = sn, .began = jiffies };
	struct nf_ct_iter_data iter = { .net = sn->net, .data = &w };

	lockdep_assert_held(&sn->lock);

	/* Who decided by what was before is through with it then. */
	synchronize_rcu_expedited();

	svcnat_stale_table_init(&w);
	svcnat_count(sn->counts, SVCNAT_COUNT_STALE_WALKS);
	nf_ct_iterate_cleanup_net(svcnat_stale_iter, &iter);
	svcnat_stale_table_exit(&w);

	/* One that follows a change is followed by another, when all is quiet again. */
	sn->stale.again = sn->stale.due || sn->stale.ngone;
	sn->stale.due = false;
	if (sn->stale.again)
		mod_delayed_work(system_long_wq, &sn->stale.work, SVCNAT_STALE_WAIT);
}

static void svcnat_stale_work(struct work_struct *work)
{
	struct svcnat_net *sn = container_of(to_delayed_work(work), struct svcnat_net,
					     stale.work);

	mutex_lock(&sn->lock);
	if (sn->stale.due || sn->stale.again)
		svcnat_stale_walk(sn);
	mutex_unlock(&sn->lock);
}

void svcnat_stale_run(struct svcnat_net *sn, bool defer)
{
	lockdep_assert_held(&sn->lock);
	if (!sn->stale.due)
		return;

	/* If it is queued already, it comes the sooner. */
	if (defer)
		queue_delayed_work(system_long_wq, &sn->stale.work, SVCNAT_STALE_WAIT);
	else
		svcnat_stale_walk(sn);
}

/* Endpoints that stay are the same objects, in the same order. */
static bool svcnat_stale_lost(const struct svcnat_endpoints *old,
			      const struct svcnat_endpoints *new)
{
	u32 i, j = 0;

	for (i = 0; i < old->n; i++, j++) {
		while (j < new->n && new->v[j].endpoint != old->v[i].endpoint)
			j++;
		if (j == new->n)
			return true;
	}
	return false;
}

/* Has state a frontend that other (NULL: none) does not have? */
static bool svcnat_stale_more(const struct svcnat_state *state,
			      const struct svcnat_state *other)
{
	u32 i;

	for (i = 0; i < state->nslots; i++) {
		const struct svcnat_frontend *fe = state->slots[i].frontend;

		if (fe && (!other || !svcnat_state_has(other, i, fe)))
			return true;
	}
	return false;
}

/* Can there be stale connections through the frontends that new has? */
static bool svcnat_stale_possible(u8 proto, const struct svcnat_state *old,
				  const struct svcnat_state *new)
{
	if (!new->nfrontends)
		return false;
	if (proto == IPPROTO_UDP && svcnat_stale_more(new, old))
		return true;
	if (!old)
		return false;

	/* Told to reset only now, it does so for those that left before, too. */
	return (proto == IPPROTO_UDP && !old->endpoints->n && new->endpoints->n) ||
	       (proto == IPPROTO_TCP && new->flags & ~old->flags & SVCNAT_F_RESET) ||
	       svcnat_stale_lost(old->endpoints, new->endpoints);
}

static enum svcnat_stale_rule svcnat_stale_rule(const struct svcnat_state *old,
						const struct svcnat_state *new)
{
	if (!(old->flags & SVCNAT_F_RESET))
		return SVCNAT_STALE_SPARE;
	return new ? SVCNAT_STALE_LEFT : SVCNAT_STALE_ALL;
}

/* Note the frontends that went, or free them: no connection can be through them. */
static void svcnat_stale_adopt(struct svcnat_net *sn, const struct svcnat_state *old,
			       const struct svcnat_state *new, bool note)
{
	enum svcnat_stale_rule rule = svcnat_stale_rule(old, new);
	u32 i;

	for (i = 0; i < old->nslots; i++) {
		struct svcnat_frontend *fe = old->slots[i].frontend;

		if (!fe || (new && svcnat_state_has(new, i, fe)))
			continue;
		if (note) {
			fe->since = jiffies;
			hlist_add_head(&fe->gone, &sn->stale.gone[rule]);
			sn->stale.ngone++;
			sn->stale.due = true;
		} else {
			svcnat_frontend_free(fe);
		}
	}
}

void svcnat_stale_change(struct svcnat_net *sn, const struct svcnat_service *svc,
			 struct svcnat_state *old, const struct svcnat_state *new)
{
	lockdep_assert_held(&sn->lock);

	if (new && svcnat_stale_possible(svc->proto, old, new))
		sn->stale.due = true;
	if (!old)
		return;

	/* Endpoints that left before may be waiting for the same walk, or the next. */
	svcnat_stale_adopt(sn, old, new,
			   old->endpoints->n || sn->stale.due || sn->stale.again);
	svcnat_state_retire(old);
}

void svcnat_stale_init(struct svcnat_net *sn)
{
	enum svcnat_stale_rule rule;

	for (rule = 0; rule < SVCNAT_STALE_RULES; rule++)
		INIT_HLIST_HEAD(&sn->stale.gone[rule]);
	INIT_DELAYED_WORK(&sn->stale.work, svcnat_stale_work);
}

void svcnat_stale_exit(struct svcnat_net *sn)
{
	enum svcnat_stale_rule rule;
	struct svcnat_frontend *fe;
	struct hlist_node *next;

	cancel_delayed_work_sync(&sn->stale.work);
	for (rule = 0; rule < SVCNAT_STALE_RULES; rule++) {
		hlist_for_each_entry_safe(fe, next, &sn->stale.gone[rule], gone) {
			svcnat_stale_free(&sn->stale, fe);
			cond_resched();
		}
	}
}
