// SPDX-License-Identifier: GPL-2.0
#include "upgrade_host.h"

#include "natgate.h"

static int gate(void *arg, const struct kservices *l, const struct ksettings *s, struct err *e)
{
	(void)arg;
	return natgate_set(l, s, e);
}

static int ungate(void *arg, struct err *e)
{
	(void)arg;
	return natgate_clear(e);
}

const struct upgrade_host upgrade_real = {
	.dir = UPGRADE_DIR,
	.namespaces = upgrade_netns_list,
	.enter = upgrade_netns_enter,
	.gate = gate,
	.ungate = ungate,
	.loaded = upgrade_module_loaded,
	.check = upgrade_module_check,
	.remove = upgrade_module_remove,
	.insert = upgrade_module_insert,
};
