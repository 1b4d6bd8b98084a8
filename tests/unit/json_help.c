// SPDX-License-Identifier: GPL-2.0
#include "json_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

json_t *json_help_parse(const char *text)
{
	char *copy = strdup(text), *p;
	json_error_t e;
	json_t *v;

	for (p = copy; (p = strchr(p, '\'')); p++)
		*p = '"';
	v = json_loads(copy, JSON_DECODE_ANY, &e);
	if (!v)
		fail_msg("%s: %s", copy, e.text);
	free(copy);
	return v;
}

void json_help_equal(const char *name, const json_t *got, const char *want)
{
	json_t *w = json_help_parse(want);
	char *text = json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);

	if (!json_equal(got, w))
		fail_msg("%s: %s", name, text);
	free(text);
	json_decref(w);
}
