// SPDX-License-Identifier: GPL-2.0
#include "epformat.h"
#include "field.h"
#include "rows.h"

#include <stdlib.h>

static void fill(json_t *cells, const json_t *endpoints, time_t now)
{
	char *list = epformat(endpoints, NULL);

	rows_put_name(cells, endpoints);
	if (!json_array_size(field_get(endpoints, "subsets")))
		rows_put(cells, "<none>");
	else if (list)
		rows_put(cells, list);
	rows_put_age(cells, endpoints, now);
	free(list);
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("Endpoints", 0, "The addresses and ports that are ready."),
	ROWS_AGE,
	ROWS_END
};

const struct rows_type rows_endpoints = { "endpoints", columns, fill };
