// SPDX-License-Identifier: GPL-2.0
#include "verbs.h"

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
	{ "upgrade", verb_upgrade, verb_upgrade_usage,
	  "replace the loaded module; connections go on", true },
	{ "version", verb_version, verb_version_usage,
	  "show the versions of this tool and of the module", true },
	{ "create", verb_create, verb_create_usage, "create the objects of a manifest", false },
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

int verbs_usage(struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	fputs("svcctl: ", ctx->err);
	va_start(ap, fmt);
	vfprintf(ctx->err, fmt, ap);
	va_end(ap);
	fputc('\n', ctx->err);
	return VERB_USAGE;
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
	fputs("usage: svcctl [--socket PATH] VERB [ARGUMENT ...]\n"
	      "       svcctl help [VERB]\n"
	      "\n"
	      "To the kernel (needs the svcnat module and root, but no daemon):\n", f);
	print_verbs(f, true);
	fputs("\nTo svcd:\n", f);
	print_verbs(f, false);
	fputs("\nsvcd's socket is --socket PATH, or $SVCD_SOCKET, or\n" SVCD_SOCKET_DEFAULT ".\n",
	      f);
}

static int unknown_verb(struct ctx *ctx, const char *name)
{
	return verbs_usage(ctx, "no such verb: '%s' (see: svcctl help)", name);
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

int verbs_run(struct ctx *ctx, int argc, char **argv)
{
	const struct verb *v;
	int code;

	argc--;
	argv++;
	code = eat_options(ctx, &argc, &argv);
	if (code)
		return code;
	if (!ctx->socket || !*ctx->socket)
		ctx->socket = SVCD_SOCKET_DEFAULT;
	if (argc < 1) {
		print_help(ctx->err);
		return VERB_USAGE;
	}
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return help(ctx, argc - 1, argv + 1);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		argv[0] = (char *)"version";
	if (argv[0][0] == '-')
		return verbs_usage(ctx, "no such option: '%s' (see: svcctl help)", argv[0]);
	v = find(argv[0]);
	if (!v)
		return unknown_verb(ctx, argv[0]);
	if (wants_help(argc, argv)) {
		fputs(v->usage, ctx->out);
		return VERB_OK;
	}
	return v->run(ctx, argc, argv);
}
