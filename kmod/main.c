// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "arm.h"
#include "netlink.h"
#include "netns.h"
#include "stock.h"
#include "tally.h"

/*
 * Callbacks run in this text, and queue others: a state puts its endpoints, an
 * affinity entry its own, and an endpoint is freed by one more.
 */
static void svcnat_main_drain(void)
{
	svcnat_netns_exit();
	rcu_barrier();
	rcu_barrier();
	svcnat_stock_exit();
	svcnat_tally_exit();
}

static int __init svcnat_init(void)
{
	int err;

	err = nf_nat_masquerade_inet_register_notifiers();
	if (err)
		return err;

	svcnat_tally_init();
	err = svcnat_netns_init();
	if (err)
		goto err_masquerade;

	err = svcnat_arm_init();
	if (err)
		goto err_netns;

	err = svcnat_netlink_init();
	if (err)
		goto err_netns;

	return 0;

err_netns:
	svcnat_main_drain();
err_masquerade:
	nf_nat_masquerade_inet_unregister_notifiers();
	return err;
}

static void __exit svcnat_exit(void)
{
	svcnat_netlink_exit();
	svcnat_main_drain();
	nf_nat_masquerade_inet_unregister_notifiers();
}

module_init(svcnat_init);
module_exit(svcnat_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The svcnat authors");
MODULE_DESCRIPTION("Kubernetes-style services for any node");
MODULE_VERSION(SVCNAT_VERSION);
MODULE_ALIAS_GENL_FAMILY(SVCNAT_GENL_NAME);
