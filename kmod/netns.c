// SPDX-License-Identifier: GPL-2.0
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "address.h"
#include "affinity.h"
#include "conns.h"
#include "endpoint.h"
#include "frontend.h"
#include "guard.h"
#include "hook.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "stale.h"
#include "sync.h"

unsigned int svcnat_netns_id __ro_after_init;

struct svcnat_net *svcnat_netns(const struct net *net)
{
	return net_generic(net, svcnat_netns_id);
}

struct svcnat_settings *svcnat_netns_settings(struct svcnat_net *sn)
{
	return rcu_dereference_protected(sn->settings,
					 lockdep_is_held(&sn->lock));
}

void svcnat_netns_publish_settings(struct svcnat_net *sn,
				   struct svcnat_settings *set)
{
	struct svcnat_settings *old = svcnat_netns_settings(sn);

	lockdep_assert_held(&sn->lock);
	rcu_assign_pointer(sn->settings, set);
	svcnat_settings_retire(old);
}

void svcnat_netns_changed(struct svcnat_net *sn)
{
	lockdep_assert_held(&sn->lock);
	/* 0 means "do not check" to a dump. */
	if (!++sn->seq)
		sn->seq = 1;
}

/* Tables that packets and commands look into: all, or none. */
static int svcnat_netns_get_tables(struct svcnat_net *sn)
{
	int err;

	sn->counts = alloc_percpu_gfp(struct svcnat_counts, GFP_KERNEL_ACCOUNT);
	if (!sn->counts)
		return -ENOMEM;

	err = svcnat_frontend_table_init(sn);
	if (err)
		goto err_counts;
	err = svcnat_address_table_init(sn);
	if (err)
		goto err_frontends;
	err = svcnat_endpoint_table_init(sn);
	if (err)
		goto err_addresses;
	err = svcnat_service_table_init(sn);
	if (err)
		goto err_endpoints;
	err = svcnat_affinity_init(sn);
	if (err)
		goto err_services;
	return 0;

err_services:
	svcnat_service_table_exit(sn);
err_endpoints:
	svcnat_endpoint_table_exit(sn);
err_addresses:
	svcnat_address_table_exit(sn);
err_frontends:
	svcnat_frontend_table_exit(sn);
err_counts:
	free_percpu(sn->counts);
	return err;
}

/* No hook is running any more, and no worker. */
static void svcnat_netns_put_tables(struct svcnat_net *sn)
{
	svcnat_affinity_exit(sn);
	svcnat_service_table_exit(sn);
	svcnat_endpoint_table_exit(sn);
	svcnat_address_table_exit(sn);
	svcnat_frontend_table_exit(sn);
	free_percpu(sn->counts);
}

static int svcnat_netns_get_hooks(struct net *net)
{
	int err;

	err = nf_ct_netns_get(net, NFPROTO_INET);
	if (err)
		return err;

	err = svcnat_hook_register(net);
	if (err)
		goto err_conntrack;

	err = svcnat_guard_register(net);
	if (err)
		goto err_hook;
	return 0;

err_hook:
	svcnat_hook_unregister(net);
err_conntrack:
	nf_ct_netns_put(net, NFPROTO_INET);
	return err;
}

/* Packets are under way until a grace period has passed. */
static void svcnat_netns_stop_hooks(struct net *net)
{
	svcnat_guard_unregister(net);
	svcnat_hook_unregister(net);
}

int svcnat_netns_enable(struct net *net, struct svcnat_net *sn)
{
	int err;

	lockdep_assert_held(&sn->lock);
	if (sn->enabled)
		return 0;

	err = svcnat_netns_get_tables(sn);
	if (err)
		return err;

	err = svcnat_netns_get_hooks(net);
	if (err) {
		synchronize_rcu();	/* a hook that stood for a moment reads the tables */
		svcnat_netns_put_tables(sn);
		return err;
	}
	sn->enabled = true;
	return 0;
}

void svcnat_netns_disable(struct net *net, struct svcnat_net *sn)
{
	lockdep_assert_held(&sn->lock);
	sn->enabled = false;
	svcnat_netns_stop_hooks(net);
	synchronize_rcu();
	svcnat_netns_put_tables(sn);
	nf_ct_netns_put(net, NFPROTO_INET);
}

static int __net_init svcnat_netns_net_init(struct net *net)
{
	struct svcnat_net *sn = svcnat_netns(net);
	struct svcnat_settings *set;

	set = svcnat_settings_alloc();
	if (!set)
		return -ENOMEM;

	sn->net = net;
	RCU_INIT_POINTER(sn->settings, set);
	mutex_init(&sn->lock);
	sn->hash_key = get_random_u32();
	xa_init_flags(&sn->services, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&sn->syncs);
	svcnat_stale_init(sn);
	svcnat_conns_init(sn);
	sn->seq = 1;
	return 0;
}

/*
 * No command can be running here: a socket holds its namespace, and the family
 * is gone before the module's namespaces are. Between this and _exit the core
 * waits for all readers.
 */
static void __net_exit svcnat_netns_net_pre_exit(struct net *net)
{
	if (svcnat_netns(net)->enabled)
		svcnat_netns_stop_hooks(net);
}

static void __net_exit svcnat_netns_net_exit(struct net *net)
{
	struct svcnat_net *sn = svcnat_netns(net);
	struct svcnat_settings *set;

	svcnat_conns_exit(sn);
	mutex_lock(&sn->lock);
	if (sn->enabled) {
		svcnat_service_flush(sn, NULL, NULL);
		svcnat_sync_flush(sn);
	}
	set = svcnat_netns_settings(sn);
	mutex_unlock(&sn->lock);
	svcnat_stale_exit(sn);
	if (sn->enabled) {
		svcnat_netns_put_tables(sn);
		nf_ct_netns_put(net, NFPROTO_INET);
	}
	svcnat_settings_free(set);
	xa_destroy(&sn->services);
	mutex_destroy(&sn->lock);
}

static struct pernet_operations svcnat_netns_ops = {
	.init		= svcnat_netns_net_init,
	.pre_exit	= svcnat_netns_net_pre_exit,
	.exit		= svcnat_netns_net_exit,
	.id		= &svcnat_netns_id,
	.size		= sizeof(struct svcnat_net),
};

int __init svcnat_netns_init(void)
{
	return register_pernet_subsys(&svcnat_netns_ops);
}

void svcnat_netns_exit(void)
{
	unregister_pernet_subsys(&svcnat_netns_ops);
}
