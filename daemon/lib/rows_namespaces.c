// SPDX-License-Identifier: GPL-2.0
#include "rows.h"

static void fill(json_t *cells, const json_t *ns, time_t now)
{
	rows_put_name(cells, ns);
	rows_put_field(cells, ns, "status.phase", "");
	rows_put_age(cells, ns, now);
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("Status", 0, "Active, or Terminating while it is being deleted."),
	ROWS_AGE,
	ROWS_END
};

const struct rows_type rows_namespaces = { "namespaces", columns, fill };
