// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "output.h"
#include "yaml_write.h"

#include <errno.h>
#include <string.h>

static const char * const names[] = {
	[OUTPUT_WIDE] = "wide", [OUTPUT_NAME] = "name", [OUTPUT_JSON] = "json",
	[OUTPUT_YAML] = "yaml",
};

int output_parse(const char *word, unsigned int allowed, enum output_format *out, struct err *e)
{
	char list[64] = "";
	size_t i;

	for (i = OUTPUT_WIDE; i <= OUTPUT_YAML; i++) {
		if (!(allowed & 1u << i))
			continue;
		if (!strcmp(word, names[i])) {
			*out = (enum output_format)i;
			return 0;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 *list ? ", " : "", names[i]);
	}
	return err_set(e, EINVAL, "no such output format: -o '%s' (one of: %s)", word, list);
}

void output_name(FILE *f, const struct resource *res, const char *name)
{
	const char *slash = strchr(res->api_version, '/');
	int group = slash ? (int)(slash - res->api_version) : 0;

	fprintf(f, "%s%s%.*s/%s", res->singular, group ? "." : "", group, res->api_version, name);
}

/* Bookkeeping of servers that have it: pages of it, of no use to a reader. */
static json_t *readable(const json_t *object)
{
	json_t *copy = json_deep_copy(object), *item;
	size_t i;

	json_object_del(json_object_get(copy, "metadata"), "managedFields");
	json_array_foreach(json_object_get(copy, "items"), i, item)
		json_object_del(json_object_get(item, "metadata"), "managedFields");
	return copy;
}

int output_object(FILE *f, enum output_format format, const json_t *object)
{
	json_t *copy = readable(object);
	int ret;

	if (!copy)
		return -ENOMEM;
	if (format == OUTPUT_YAML)
		ret = yaml_write(f, copy);
	else
		ret = json_dumpf(copy, f, JSON_INDENT(4) | JSON_SORT_KEYS) ||
		      fputc('\n', f) == EOF ? -EIO : 0;
	json_decref(copy);
	return ret;
}

int output_next(FILE *f, enum output_format format, const json_t *object, size_t *printed)
{
	if (format == OUTPUT_YAML && (*printed)++)
		fputs("---\n", f);
	return output_object(f, format, object);
}
