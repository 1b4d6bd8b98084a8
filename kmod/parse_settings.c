// SPDX-License-Identifier: GPL-2.0
/* SETTINGS_SET to a changed copy of the settings. */
#include <linux/slab.h>

#include "cidr.h"
#include "extack.h"
#include "parse.h"
#include "settings.h"

/* The list of the message, if there is one, in the place of *list. */
static int svcnat_parse_cidrs(const struct nlattr *nest, struct svcnat_cidrs **list,
			      struct netlink_ext_ack *extack)
{
	struct svcnat_cidrs *new;
	const struct nlattr *nla;
	int rem, err;
	u32 n = 0;

	if (!nest)
		return 0;

	nla_for_each_nested(nla, nest, rem)
		n++;
	if (n > SVCNAT_CIDRS_MAX) {
		svcnat_extack(extack, nest, "a list has at most %u CIDRs",
			      SVCNAT_CIDRS_MAX);
		return -E2BIG;
	}

	new = svcnat_cidrs_alloc(n);
	if (!new)
		return -ENOMEM;

	n = 0;
	nla_for_each_nested(nla, nest, rem) {
		err = svcnat_parse_cidr(nla, new, n++, extack);
		if (err) {
			kvfree(new);
			return err;
		}
	}
	kvfree(*list);
	*list = new;
	return 0;
}

static int svcnat_parse_lists(struct nlattr **attrs, struct svcnat_settings *set,
			      struct netlink_ext_ack *extack)
{
	return svcnat_parse_cidrs(attrs[SVCNAT_A_SETTINGS_POD_CIDRS], &set->pods,
				  extack) ?:
	       svcnat_parse_cidrs(attrs[SVCNAT_A_SETTINGS_SERVICE_CIDRS],
				  &set->services, extack) ?:
	       svcnat_parse_cidrs(attrs[SVCNAT_A_SETTINGS_NODEPORT_CIDRS],
				  &set->nodeports, extack) ?:
	       svcnat_parse_cidrs(attrs[SVCNAT_A_SETTINGS_EXTERNAL_CIDRS],
				  &set->externals, extack);
}

static void svcnat_parse_bool(const struct nlattr *nla, bool *value)
{
	if (nla)
		*value = nla_get_u8(nla);
}

static void svcnat_parse_limit(const struct nlattr *nla, u32 *limit)
{
	if (nla)
		*limit = nla_get_u32(nla);
}

struct svcnat_settings *svcnat_parse_settings(const struct genl_info *info,
					      const struct svcnat_settings *old)
{
	struct nlattr **attrs = info->attrs;
	struct svcnat_settings *set;
	int err;

	set = svcnat_settings_copy(old);
	if (!set)
		return ERR_PTR(-ENOMEM);

	err = svcnat_parse_lists(attrs, set, info->extack);
	if (err) {
		svcnat_settings_free(set);
		return ERR_PTR(err);
	}

	svcnat_parse_bool(attrs[SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS],
			  &set->loopback_nodeports);
	svcnat_parse_bool(attrs[SVCNAT_A_SETTINGS_MASQUERADE_ALL], &set->masquerade_all);
	svcnat_parse_bool(attrs[SVCNAT_A_SETTINGS_ECHO], &set->echo);
	svcnat_parse_bool(attrs[SVCNAT_A_SETTINGS_ARMED], &set->armed);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_SERVICES], &set->max_services);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_FRONTENDS], &set->max_frontends);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_ENDPOINTS], &set->max_endpoints);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_RANGES], &set->max_ranges);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_AFFINITY], &set->max_affinity);
	svcnat_parse_limit(attrs[SVCNAT_A_SETTINGS_MAX_CONNECTIONS],
			   &set->max_connections);
	return set;
}
