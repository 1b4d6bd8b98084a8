// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "epformat.h"
#include "field.h"
#include "table.h"

#include <stdlib.h>

static void row(struct table *t, const json_t *endpoints, time_t now)
{
	char *list = epformat(endpoints, NULL);
	char age[AGE_SIZE];

	table_name_cell(t, endpoints);
	table_cell(t, "%s", json_array_size(field_get(endpoints, "subsets")) && list ? list :
									       "<none>");
	table_cell(t, "%s", age_since(field_string(endpoints, "metadata.creationTimestamp"), now,
				      age));
	free(list);
}

static const struct table_column columns[] = {
	{ "NAME", false }, { "ENDPOINTS", false }, { "AGE", false }, { NULL, false },
};

const struct table_type table_endpoints = { "endpoints", columns, row };
