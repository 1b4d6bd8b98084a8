// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/svcnat.h>

#include "arm.h"
#include "netns.h"
#include "settings.h"

#define SVCNAT_ARM_MAX	8

static char *service_cidrs;
module_param(service_cidrs, charp, 0);
MODULE_PARM_DESC(service_cidrs,
		 "CIDRs separated by commas: drop what goes there until the services are loaded");

/* in4_pton() reads 010.0.0.0 as 10.0.0.0, others as 8.0.0.0 (CVE-2021-29923). */
static bool svcnat_arm_canonical(const char *text, const char *slash, u8 family,
				 const union nf_inet_addr *addr, u8 prefix)
{
	char buf[sizeof("255.255.255.255/255")];

	if (family == NFPROTO_IPV4)
		snprintf(buf, sizeof(buf), "%pI4/%u", &addr->ip, prefix);
	else
		snprintf(buf, sizeof(buf), "/%u", prefix);
	return !strcmp(buf, family == NFPROTO_IPV4 ? text : slash);
}

/* "10.96.0.0/12" */
static int svcnat_arm_cidr(struct svcnat_cidrs *list, u32 i, const char *text)
{
	union nf_inet_addr addr = {};
	const char *slash;
	u8 prefix, family;

	if (in4_pton(text, -1, (u8 *)&addr.ip, '/', &slash))
		family = NFPROTO_IPV4;
	else if (in6_pton(text, -1, (u8 *)&addr.ip6, '/', &slash))
		family = NFPROTO_IPV6;
	else
		return -EINVAL;

	if (*slash != '/' || kstrtou8(slash + 1, 10, &prefix) ||
	    !svcnat_arm_canonical(text, slash, family, &addr, prefix))
		return -EINVAL;
	return svcnat_cidrs_fill(list, i, family, &addr, prefix);
}

static int svcnat_arm_parse(struct svcnat_cidrs *list, char *text)
{
	const char *word;
	u32 n = 0;

	while ((word = strsep(&text, ","))) {
		if (n == SVCNAT_ARM_MAX || svcnat_arm_cidr(list, n, word)) {
			pr_err("service_cidrs: '%s' is not a CIDR, or one too many\n", word);
			return -EINVAL;
		}
		n++;
	}
	list->n = n;
	return 0;
}

static struct svcnat_cidrs *svcnat_arm_list(void)
{
	struct svcnat_cidrs *list;
	char *text;
	int err;

	list = svcnat_cidrs_alloc(SVCNAT_ARM_MAX);
	text = kstrdup(service_cidrs, GFP_KERNEL);
	err = list && text ? svcnat_arm_parse(list, text) : -ENOMEM;
	kfree(text);
	if (!err)
		return list;
	kvfree(list);
	return ERR_PTR(err);
}

static int svcnat_arm(struct net *net, struct svcnat_net *sn, struct svcnat_cidrs *list)
{
	struct svcnat_settings *set;
	int err;

	set = svcnat_settings_copy(svcnat_netns_settings(sn));
	if (!set) {
		kvfree(list);
		return -ENOMEM;
	}
	kvfree(set->services);
	set->services = list;
	set->armed = true;

	err = svcnat_netns_enable(net, sn);
	if (err)
		svcnat_settings_free(set);
	else
		svcnat_netns_publish_settings(sn, set);
	return err;
}

int svcnat_arm_init(void)
{
	struct svcnat_net *sn = svcnat_netns(&init_net);
	struct svcnat_cidrs *list;
	int err;

	if (!service_cidrs || !*service_cidrs)
		return 0;

	list = svcnat_arm_list();
	if (IS_ERR(list))
		return PTR_ERR(list);

	mutex_lock(&sn->lock);
	err = svcnat_arm(&init_net, sn, list);
	mutex_unlock(&sn->lock);
	return err;
}
