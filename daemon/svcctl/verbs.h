/* SPDX-License-Identifier: GPL-2.0 */
/*
 * svcctl's verbs. Each one is a file: daemon/svcctl/add.c has verb_add() and
 * verb_add_usage. The table of them is in verbs.c, and main.c only ties it to
 * the process, so that a test runs a whole command line with streams and a
 * kernel of its own.
 */
#ifndef SVCNAT_SVCCTL_VERBS_H
#define SVCNAT_SVCCTL_VERBS_H

#include "err.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct kernel;
struct client_transport;	/* client.h */
struct upgrade_host;
struct top_host;
struct color_host;	/* color.h */
struct fastpath_ops;

#define SVCD_SOCKET_DEFAULT	"/run/svcd/svcd.sock"

/* Exit codes. */
#define VERB_OK		0
#define VERB_REFUSED	1	/* by the kernel or svcd, or it could not be asked */
#define VERB_USAGE	2	/* of a verb for the kernel: the command line is wrong */

/* What a command line runs in. Nothing here is owned by it. */
struct ctx {
	FILE *in;
	FILE *out;
	FILE *err;
	bool color;		/* out has colours: verbs_run() decides */
	const struct color_host *color_host;	/* of out and err; NULL: no terminal */
	/* Set by verbs_run(): the verb that is for svcd; "" before one, NULL in others. */
	const char *svcd_verb;
	const char *socket;	/* svcd's; never NULL when a verb runs */
	/* The caller closes what is opened. */
	int (*open_kernel)(struct ctx *ctx, struct kernel **out, struct err *e);
	void *kernel_arg;	/* open_kernel's own */
	const struct client_transport *transport;	/* to svcd; NULL: the real one */
	void *transport_arg;
	time_t (*now)(void);	/* NULL: time() */
	const struct upgrade_host *upgrade;	/* upgrade_host.h; NULL: the real one */
	const struct top_host *top;	/* top_host.h; NULL: the real one */
	const struct fastpath_ops *fastpath;	/* fastpath_sync.h; NULL: the real one */
};

/* argv[0] is the verb itself. Returns an exit code. */
typedef int verb_fn(struct ctx *ctx, int argc, char **argv);

verb_fn verb_add, verb_del, verb_show, verb_stats, verb_affinity, verb_monitor, verb_flush;
verb_fn verb_save, verb_restore, verb_resolve, verb_settings, verb_upgrade, verb_version;
verb_fn verb_create, verb_apply, verb_replace, verb_patch, verb_get, verb_describe, verb_delete;
verb_fn verb_wait, verb_label, verb_annotate, verb_status, verb_top, verb_expose, verb_fastpath;

/*
 * The text of "svcctl help VERB" and "svcctl VERB --help", with a newline at
 * its end: "usage: svcctl add service NAME ...\n", an empty line, the options.
 */
extern const char verb_add_usage[], verb_del_usage[], verb_show_usage[], verb_stats_usage[],
	verb_affinity_usage[], verb_monitor_usage[], verb_flush_usage[], verb_save_usage[],
	verb_restore_usage[], verb_resolve_usage[], verb_settings_usage[], verb_upgrade_usage[],
	verb_version_usage[], verb_create_usage[], verb_apply_usage[], verb_replace_usage[],
	verb_patch_usage[], verb_get_usage[], verb_describe_usage[], verb_delete_usage[],
	verb_wait_usage[], verb_label_usage[], verb_annotate_usage[], verb_status_usage[],
	verb_top_usage[], verb_expose_usage[], verb_fastpath_usage[];

/*
 * Run "svcctl [--socket PATH] VERB ..." and return the exit code. argv[0] is
 * the program. --help after any verb is answered here, and --color=WHEN anywhere:
 * a verb never sees them. argv is changed.
 */
int verbs_run(struct ctx *ctx, int argc, char **argv);

/*
 * The command line is wrong, and nothing was asked: print "svcctl: TEXT" to
 * ctx->err and return VERB_USAGE. But of a verb for svcd, and before any verb,
 * "error: TEXT" and where to read about it, as kubectl does, and VERB_REFUSED.
 */
int verbs_usage(struct ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "svcctl: " and what e says to ctx->err, and return VERB_REFUSED. */
int verbs_refused(struct ctx *ctx, const struct err *e);

/* Let established connections outlive the module; that it cannot be done is a warning. */
void verbs_hold(struct ctx *ctx, struct kernel *k);

/* Open the kernel: 0, or the exit code when it cannot be; ctx->err has been told why. */
int verbs_kernel(struct ctx *ctx, struct kernel **out);

#endif
