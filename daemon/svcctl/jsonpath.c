// SPDX-License-Identifier: GPL-2.0
#include "jsonpath.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN	320	/* a label's key is at most 253 + 1 + 63 */

/* A walk along the path, which is text up to end. */
struct walk {
	const char *at, *end;
	const json_t *value;
};

/* ".name": up to the next dot or bracket that no backslash is in front of. */
static bool step_name(struct walk *w)
{
	char name[NAME_MAX_LEN];
	size_t n = 0;

	for (w->at++; w->at < w->end && *w->at != '.' && *w->at != '['; w->at++) {
		if (*w->at == '\\' && w->at + 1 < w->end)
			w->at++;
		if (n == sizeof(name) - 1 || strchr("*{}() ", *w->at))
			return false;
		name[n++] = *w->at;
	}
	name[n] = '\0';
	w->value = json_object_get(w->value, name);
	return n > 0;
}

/* "[0]" */
static bool step_index(struct walk *w)
{
	char *end;
	unsigned long i = strtoul(w->at + 1, &end, 10);

	if (end >= w->end || *end != ']')
		return false;
	w->at = end + 1;
	w->value = json_array_get(w->value, i);
	return true;
}

/* "['name']" */
static bool step_quoted(struct walk *w)
{
	const char *close = memchr(w->at + 2, '\'', (size_t)(w->end - (w->at + 2)));

	if (!close || close + 1 >= w->end || close[1] != ']')
		return false;
	w->value = json_object_getn(w->value, w->at + 2, (size_t)(close - (w->at + 2)));
	w->at = close + 2;
	return true;
}

static bool step(struct walk *w)
{
	if (*w->at == '.')
		return step_name(w);
	if (*w->at != '[' || w->at + 2 >= w->end)
		return false;
	if (w->at[1] == '\'')
		return step_quoted(w);
	return isdigit((unsigned char)w->at[1]) && step_index(w);
}

int jsonpath_get(const json_t *value, const char *path, const json_t **out, struct err *e)
{
	struct walk w = { path, path + strlen(path), value };

	if (*w.at == '{' && w.end > w.at + 1 && w.end[-1] == '}') {
		w.at++;
		w.end--;
	}
	if (w.at == w.end)
		return err_set(e, EINVAL, "the JSONPath is empty");
	while (w.at < w.end)
		if (!step(&w))
			return err_set(e, EINVAL, "'%s' is no JSONPath that names one value, such "
				       "as {.spec.ports[0].nodePort}", path);
	*out = w.value;
	return 0;
}
