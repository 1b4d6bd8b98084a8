// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "report.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *word, *suffix;
} modes[] = {
	[DRY_RUN_NONE] = { "none", "" },
	[DRY_RUN_CLIENT] = { "client", " (dry run)" },
	[DRY_RUN_SERVER] = { "server", " (server dry run)" },
};

int dry_run_parse(const char *word, enum dry_run *out, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(word, modes[i].word)) {
			*out = (enum dry_run)i;
			return 0;
		}
	return err_set(e, EINVAL, "--dry-run=%s: must be none, client or server", word);
}

const char *dry_run_suffix(enum dry_run dry)
{
	return modes[dry].suffix;
}

int report_parse_output(const char *word, struct report *r, struct err *e)
{
	return output_parse(word, 1 << OUTPUT_NAME | 1 << OUTPUT_JSON | 1 << OUTPUT_YAML,
			    &r->format, e);
}

int report_object(struct report *r, const struct resource *res, const json_t *object,
		  const char *done, struct err *e)
{
	if (r->format == OUTPUT_JSON || r->format == OUTPUT_YAML)
		return output_next(r->out, r->format, object, &r->printed) ?
			err_set(e, EIO, "cannot print the object") : 0;
	output_name(r->out, res, field_string(object, "metadata.name"));
	if (r->format != OUTPUT_NAME)
		fprintf(r->out, " %s%s", done, dry_run_suffix(r->dry));
	fputc('\n', r->out);
	return 0;
}
