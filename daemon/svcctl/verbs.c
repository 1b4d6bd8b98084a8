// SPDX-License-Identifier: GPL-2.0
#include "verbs.h"

#include "color.h"
#include "kernel.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

struct verb {
	const char *name;
	verb_fn *run;
	const char *usage;
	const char *summary;
	bool to_kernel;
};

static const struct verb verbs[] = {
	{ "add", verb_add, verb_add_usage, "add a service, or endpoints to one", true },
	{ "del", verb_del, verb_del_usage, "delete a service, or endpoints of one", true },
	{ "show", verb_show, verb_show_usage, "show the services", true },
	{ "stats", verb_stats, verb_stats_usage, "show the counters", true },
	{ "top", verb_top, verb_top_usage, "show the rates of services and endpoints, live", true },
	{ "affinity", verb_affinity, verb_affinity_usage,
	  "show or forget which clients keep which endpoints", true },
	{ "monitor", verb_monitor, verb_monitor_usage, "show changes as they come", true },
	{ "flush", verb_flush, verb_flush_usage, "delete all services", true },
	{ "save", verb_save, verb_save_usage, "print settings and services, to be restored",
	  true },
	{ "restore", verb_restore, verb_restore_usage, "make the kernel what was saved", true },
	{ "resolve", verb_resolve, verb_resolve_usage,
	  "ask what happens to a connection, and why", true },
	{ "settings", verb_settings, verb_settings_usage, "show or change the settings", true },
	{ "fastpath", verb_fastpath, verb_fastpath_usage,
	  "let established connections take a short way", true },
	{ "upgrade", verb_upgrade, verb_upgrade_usage,
	  "replace the loaded module; connections go on", true },
	{ "version", verb_version, verb_version_usage,
	  "show the versions of this tool and of the module", true },
	{ "create", verb_create, verb_create_usage, "create the objects of a manifest", false },
	{ "expose", verb_expose, verb_expose_usage, "create a service for a pod, or a second one",
	  false },
	{ "apply", verb_apply, verb_apply_usage, "make objects what a manifest says", false },
	{ "replace", verb_replace, verb_replace_usage, "replace objects by those of a manifest",
	  false },
	{ "patch", verb_patch, verb_patch_usage, "change fields of objects", false },
	{ "label", verb_label, verb_label_usage, "set or take away labels", false },
	{ "annotate", verb_annotate, verb_annotate_usage, "set or take away annotations", false },
	{ "get", verb_get, verb_get_usage, "list objects", false },
	{ "describe", verb_describe, verb_describe_usage, "show objects in detail", false },
	{ "delete", verb_delete, verb_delete_usage, "delete objects", false },
	{ "wait", verb_wait, verb_wait_usage, "wait until objects are as they should be", false },
	{ "status", verb_status, verb_status_usage,
	  "is all that is desired in the kernel, and if not, why", false },
};

#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))
#define SUGGEST_MAX 2	/* letters that a verb may be wrong by, to be thought of */

static int see_help(struct ctx *ctx, const char *verb)
{
	if (*verb)
		fprintf(ctx->err, "See 'svcctl %s --help' for usage.\n", verb);
	else
		fputs("See 'svcctl help' for usage.\n", ctx->err);
	return VERB_REFUSED;
}

int verbs_usage(struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	fputs(ctx->svcd_verb ? "error: " : "svcctl: ", ctx->err);
	va_start(ap, fmt);
	vfprintf(ctx->err, fmt, ap);
	va_end(ap);
	fputc('\n', ctx->err);
	if (!ctx->svcd_verb)
		return VERB_USAGE;
	return see_help(ctx, ctx->svcd_verb);
}

int verbs_refused(struct ctx *ctx, const struct err *e)
{
	fprintf(ctx->err, "svcctl: %s\n", e->text);
	return VERB_REFUSED;
}

int verbs_kernel(struct ctx *ctx, struct kernel **out)
{
	struct err e;

	return ctx->open_kernel(ctx, out, &e) ? verbs_refused(ctx, &e) : VERB_OK;
}

void verbs_hold(struct ctx *ctx, struct kernel *k)
{
	struct err e;

	if (k->ops->hold(k, &e))
		fprintf(ctx->err, "svcctl: warning: connections will not outlive the module: %s\n",
			e.text);
}

static const struct verb *find(const char *name)
{
	size_t i;

	for (i = 0; i < NVERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static void print_verbs(FILE *f, bool to_kernel)
{
	size_t i;

	for (i = 0; i < NVERBS; i++)
		if (verbs[i].to_kernel == to_kernel)
			fprintf(f, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
}

static void print_help(FILE *f)
{
	fputs("usage: svcctl [--socket PATH] [--color=WHEN] VERB [ARGUMENT ...]\n"
	      "       svcctl help [VERB]\n"
	      "\n"
	      "To the kernel (needs the svcnat module and root, but no daemon):\n", f);
	print_verbs(f, true);
	fputs("\nTo svcd:\n", f);
	print_verbs(f, false);
	fputs("\nsvcd's socket is --socket PATH, or $SVCD_SOCKET, or\n" SVCD_SOCKET_DEFAULT ".\n"
	      "--color is auto (on a terminal, unless $NO_COLOR is set), always or never.\n", f);
}

/* How many letters must be changed, added or left out to make one of the other. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[32], corner, above;
	size_t n = strnlen(b, 31), i;

	for (i = 0; i <= n; i++)
		row[i] = (unsigned int)i;
	for (; *a; a++) {
		corner = row[0]++;
		for (i = 1; i <= n; i++) {
			above = row[i];
			row[i] = above < row[i - 1] ? above + 1 : row[i - 1] + 1;
			if (corner + (*a != b[i - 1]) < row[i])
				row[i] = corner + (*a != b[i - 1]);
			corner = above;
		}
	}
	return row[n];
}

static int unknown_verb(struct ctx *ctx, const char *name)
{
	bool any = false;
	size_t i;

	fprintf(ctx->err, "error: unknown command \"%s\" for \"svcctl\"\n", name);
	for (i = 0; i < NVERBS; i++) {
		if (distance(name, verbs[i].name) > SUGGEST_MAX)
			continue;
		if (!any)
			fputs("\nDid you mean this?\n", ctx->err);
		any = true;
		fprintf(ctx->err, "\t%s\n", verbs[i].name);
	}
	if (any)
		fputc('\n', ctx->err);
	return see_help(ctx, "");
}

static int help(struct ctx *ctx, int argc, char **argv)
{
	const struct verb *v;

	if (argc > 1)
		return verbs_usage(ctx, "unexpected argument '%s' (usage: svcctl help [VERB])",
				   argv[1]);
	if (argc < 1) {
		print_help(ctx->out);
		return VERB_OK;
	}
	v = find(argv[0]);
	if (!v)
		return unknown_verb(ctx, argv[0]);
	fputs(v->usage, ctx->out);
	return VERB_OK;
}

static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

/* Eat the options in front of the verb: 0, or an exit code for a wrong one. */
static int eat_options(struct ctx *ctx, int *argc, char ***argv)
{
	while (*argc > 0 && !strncmp((*argv)[0], "--socket", 8)) {
		const char *value = (*argv)[0][8] == '=' ? (*argv)[0] + 9 : NULL;

		if (!value && (*argv)[0][8])
			break;
		if (!value && *argc > 1) {
			value = (*argv)[1];
			(*argc)--;
			(*argv)++;
		}
		if (!value || !*value)
			return verbs_usage(ctx, "--socket needs a path");
		ctx->socket = value;
		(*argc)--;
		(*argv)++;
	}
	return 0;
}

/* Take --color=WHEN out of the words, wherever it stands. */
static int eat_color(struct ctx *ctx, int *argc, char **argv, enum color_when *when)
{
	static const char name[] = "--color=";
	struct err e;
	int i, n = 0;

	*when = COLOR_AUTO;
	for (i = 0; i < *argc && strcmp(argv[i], "--"); i++) {
		if (strncmp(argv[i], name, strlen(name)))
			argv[n++] = argv[i];
		else if (color_parse(argv[i] + strlen(name), when, &e))
			return verbs_usage(ctx, "%s", e.text);
	}
	while (i < *argc)
		argv[n++] = argv[i++];
	*argc = n;
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const struct verb *v;
	int code;

	code = eat_options(ctx, &argc, &argv);
	if (code)
		return code;
	if (!ctx->socket || !*ctx->socket)
		ctx->socket = SVCD_SOCKET_DEFAULT;
	if (argc < 1) {
		print_help(ctx->err);
		return VERB_REFUSED;
	}
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return help(ctx, argc - 1, argv + 1);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		argv[0] = (char *)"version";
	if (argv[0][0] == '-')
		return verbs_usage(ctx, "unknown flag: %s", argv[0]);
	v = find(argv[0]);
	if (!v)
		return unknown_verb(ctx, argv[0]);
	if (wants_help(argc, argv)) {
		fputs(v->usage, ctx->out);
		return VERB_OK;
	}
	ctx->svcd_verb = v->to_kernel ? NULL : v->name;
	return v->run(ctx, argc, argv);
}

int verbs_run(struct ctx *ctx, int argc, char **argv)
{
	FILE *plain = ctx->err, *colored = NULL;
	enum color_when when;
	int code;

	argc--;
	argv++;
	ctx->svcd_verb = "";
	code = eat_color(ctx, &argc, argv, &when);
	if (code)
		return code;
	ctx->color = color_wanted(when, ctx->color_host, ctx->out);
	if (color_wanted(when, ctx->color_host, ctx->err))
		colored = color_errors(ctx->err);
	if (colored)
		ctx->err = colored;
	code = run(ctx, argc, argv);
	if (colored)
		fclose(colored);
	ctx->err = plain;
	return code;
}
