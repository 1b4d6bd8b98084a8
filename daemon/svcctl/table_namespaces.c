// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "field.h"
#include "table.h"

static void row(struct table *t, const json_t *ns, time_t now)
{
	char age[AGE_SIZE];

	table_name_cell(t, ns);
	table_cell(t, "%s", field_string(ns, "status.phase"));
	table_cell(t, "%s", age_since(field_string(ns, "metadata.creationTimestamp"), now, age));
}

static const struct table_column columns[] = {
	{ "NAME", false }, { "STATUS", false }, { "AGE", false }, { NULL, false },
};

const struct table_type table_namespaces = { "namespaces", columns, row };
