/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs that take manifests: create, apply, replace. All files are read,
 * and all objects checked by svcd, before the first one is sent: an invalid one
 * anywhere changes nothing.
 */
#ifndef SVCNAT_SVCCTL_BATCH_H
#define SVCNAT_SVCCTL_BATCH_H

#include "args.h"
#include "client.h"
#include "manifest.h"
#include "manifest_conflict.h"
#include "report.h"

struct batch;
struct ctx;

/* What became of one object. */
struct batch_answer {
	json_t *body;		/* the object as it now is, or the Status; a reference */
	bool refused;
	const char *done;	/* "created"; NULL after a refusal */
};

struct batch_verb {
	const char *name;	/* "create" */
	const char *doing;	/* "creating": in errors */
	/*
	 * Send one object. dry: svcd shall only check it. 0 also after a
	 * refusal; negative: svcd cannot be asked any more, or memory ran out.
	 * 1: it cannot even be sent, and the user was told.
	 */
	int (*send)(struct batch *b, const struct manifest_object *o, bool dry,
		    struct batch_answer *out, struct err *e);
	bool named;		/* it goes to objects by their names */
	/* A refusal that is no reason to leave the other objects out; may be NULL. */
	const char *tolerated;
};

struct batch {
	struct ctx *ctx;
	const struct batch_verb *verb;
	struct client client;
	struct manifest manifest;
	struct manifest_conflict conflict;
	struct report report;
	const char *ns;			/* -n, or NULL */
	const char **files;
	size_t nfiles;
	bool recursive;
	const char *validation;		/* svcd's word for --validate */
	bool checking;			/* what send() does now is the check that comes first */
};

enum {
	BATCH_OPT_FILE = ARGS_WORD + 1, BATCH_OPT_RECURSIVE, BATCH_OPT_NAMESPACE, BATCH_OPT_OUTPUT,
	BATCH_OPT_DRY_RUN, BATCH_OPT_VALIDATE,
};

#define BATCH_OPTIONS \
	{ "filename", 'f', ARGS_VALUE, BATCH_OPT_FILE }, \
	{ "recursive", 'R', ARGS_FLAG, BATCH_OPT_RECURSIVE }, \
	{ "namespace", 'n', ARGS_VALUE, BATCH_OPT_NAMESPACE }, \
	{ "output", 'o', ARGS_VALUE, BATCH_OPT_OUTPUT }, \
	{ "dry-run", 0, ARGS_VALUE, BATCH_OPT_DRY_RUN }, \
	{ "validate", 0, ARGS_OPTIONAL, BATCH_OPT_VALIDATE }

#define BATCH_HELP \
	"  -f, --filename FILE     YAML or JSON, one document or many; a folder stands for\n" \
	"                          its *.yaml, *.yml and *.json; - is standard input\n" \
	"  -R, --recursive         the folders in it, too\n" \
	"  -n, --namespace NAME    for objects that do not say theirs (default: default)\n" \
	"  -o, --output FORMAT     name, json or yaml\n" \
	"  --dry-run=server        svcd checks, and changes nothing; client: not even that\n" \
	"  --validate=ignore       drop fields that svcd does not know; the default, strict,\n" \
	"                          refuses them\n"

/* Parse the words of the verb, run it, and return its exit code. */
int batch_run(struct ctx *ctx, const struct batch_verb *verb, int argc, char **argv);

/* The URL path for an object; named: its own, else that of its list. To be freed. */
char *batch_path(const struct batch *b, const struct manifest_object *o, bool named, bool dry);

/* The namespace that the object goes to; NULL: its type has none. */
const char *batch_ns(const struct batch *b, const struct manifest_object *o);

/* One request, its answer as one of the batch; done: what it is when it went well. */
int batch_ask(struct batch *b, const char *method, const char *path, const json_t *body,
	      const char *done, struct batch_answer *out, struct err *e);
/* The same for a JSON merge patch. */
int batch_patch(struct batch *b, const char *path, const json_t *patch, const char *done,
		struct batch_answer *out, struct err *e);

#endif
