// SPDX-License-Identifier: GPL-2.0
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "frontend.h"
#include "hook.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "sync.h"

static unsigned int svcnat_netns_id __ro_after_init;

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
	kfree_rcu(old, rcu);
}

void svcnat_netns_changed(struct svcnat_net *sn)
{
	lockdep_assert_held(&sn->lock);
	/* 0 means "do not check" to a dump. */
	if (!++sn->seq)
		sn->seq = 1;
}

int svcnat_netns_enable(struct net *net, struct svcnat_net *sn)
{
	int err;

	lockdep_assert_held(&sn->lock);
	if (sn->enabled)
		return 0;

	err = svcnat_frontend_table_init(sn);
	if (err)
		return err;

	err = svcnat_service_table_init(sn);
	if (err)
		goto err_frontends;

	err = nf_ct_netns_get(net, NFPROTO_INET);
	if (err)
		goto err_services;

	err = svcnat_hook_register(net);
	if (err)
		goto err_conntrack;

	sn->enabled = true;
	return 0;

err_conntrack:
	synchronize_rcu();	/* a hook that stood for a moment reads the tables */
	nf_ct_netns_put(net, NFPROTO_INET);
err_services:
	svcnat_service_table_exit(sn);
err_frontends:
	svcnat_frontend_table_exit(sn);
	return err;
}

/* The other half of svcnat_netns_enable(); no hook is running any more. */
static void svcnat_netns_put_tables(struct net *net, struct svcnat_net *sn)
{
	svcnat_service_table_exit(sn);
	svcnat_frontend_table_exit(sn);
	nf_ct_netns_put(net, NFPROTO_INET);
}

void svcnat_netns_disable(struct net *net, struct svcnat_net *sn)
{
	lockdep_assert_held(&sn->lock);
	sn->enabled = false;
	svcnat_hook_unregister(net);
	synchronize_rcu();
	svcnat_netns_put_tables(net, sn);
}

static int __net_init svcnat_netns_net_init(struct net *net)
{
	struct svcnat_net *sn = svcnat_netns(net);
	struct svcnat_settings *set;

	set = svcnat_settings_alloc();
	if (!set)
		return -ENOMEM;

	RCU_INIT_POINTER(sn->settings, set);
	mutex_init(&sn->lock);
	get_random_bytes(&sn->hash_key, sizeof(sn->hash_key));
	xa_init_flags(&sn->services, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&sn->syncs);
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
		svcnat_hook_unregister(net);
}

static void __net_exit svcnat_netns_net_exit(struct net *net)
{
	struct svcnat_net *sn = svcnat_netns(net);

	mutex_lock(&sn->lock);
	if (sn->enabled) {
		svcnat_service_flush(sn, NULL);
		svcnat_sync_flush(sn);
		svcnat_netns_put_tables(net, sn);
	}
	kfree(svcnat_netns_settings(sn));
	mutex_unlock(&sn->lock);
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
