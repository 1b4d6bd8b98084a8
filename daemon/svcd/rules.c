// SPDX-License-Identifier: GPL-2.0
#include "rules.h"

#include <string.h>

static const struct rules *const table[] = {
	&namespace_rules,
	&service_rules,
	&pod_rules,
	&endpoints_rules,
	&endpointslice_rules,
	&node_rules,
	&event_rules,
};

const struct rules *rules_of(const struct resource *res)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i]->plural, res->plural))
			return table[i];
	return NULL;
}
