/* SPDX-License-Identifier: GPL-2.0 */
/* What a verb says of each object that it changed, or would have: --dry-run and -o. */
#ifndef SVCNAT_SVCCTL_REPORT_H
#define SVCNAT_SVCCTL_REPORT_H

#include "output.h"

enum dry_run {
	DRY_RUN_NONE,
	DRY_RUN_CLIENT,		/* nothing is sent */
	DRY_RUN_SERVER,		/* svcd checks, and changes nothing */
};

/* "none", "client" or "server". */
int dry_run_parse(const char *word, enum dry_run *out, struct err *e);
const char *dry_run_suffix(enum dry_run dry);	/* " (dry run)", or "" */

struct report {
	FILE *out;
	enum output_format format;	/* OUTPUT_TABLE: "service/web created" */
	enum dry_run dry;
	size_t printed;
};

/* -o name, json or yaml. */
int report_parse_output(const char *word, struct report *r, struct err *e);

/* done: "created". -EIO, -ENOMEM. */
int report_object(struct report *r, const struct resource *res, const json_t *object,
		  const char *done, struct err *e);

#endif
