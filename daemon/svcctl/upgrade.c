// SPDX-License-Identifier: GPL-2.0
/*
 * The order is what makes it safe. Before the module goes: everything that
 * could be wrong is looked at, what it holds is in files, connections are kept
 * alive by nathold and new ones held off by natgate. From there on the way is
 * forward only: whoever interrupts it finds files and gates, and the next
 * upgrade finishes what they stand for.
 */
#include "args.h"
#include "kernel.h"
#include "load.h"
#include "upgrade_host.h"
#include "upgrade_saved.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char verb_upgrade_usage[] =
	"usage: svcctl upgrade [FILE.ko] [--force]\n"
	"\n"
	"Replace the loaded module by the installed one, or by FILE.ko, in all network\n"
	"namespaces at once. Established connections go on. New ones to services wait until\n"
	"the services are back, as long as a lost packet is not sent again: about a second.\n"
	"Settings and services come back; counters, and which clients keep which endpoints,\n"
	"begin anew.\n"
	"\n"
	"If the new module cannot be loaded, or this command is killed, say it again: what has\n"
	"to come back lies in " UPGRADE_DIR " until it is back.\n"
	"\n"
	"  --force  also if the loaded module is the same one\n"
	"\n"
	"Example: svcctl upgrade ./svcnat.ko\n";

enum { FORCE = ARGS_WORD + 1 };

static const struct args_option options[] = {
	{ "force", 0, false, FORCE },
	{ 0 },
};

struct upgrade {
	struct ctx *ctx;
	const struct upgrade_host *host;
	const char *file;	/* NULL: the installed one */
	bool force;
	struct upgrade_list namespaces;
	struct upgrade_build old, new;
	bool was_loaded;
	size_t restored, services, refused;	/* namespaces; services of them */
};

static int parse(struct upgrade *u, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == FORCE)
			u->force = true;
		else if (u->file)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		else
			u->file = value;
	}
	return id;
}

/* ---- before the module goes */

/* Connections are kept, new ones are held off. */
static int hold_off(struct upgrade *u, struct kernel *k, const struct ksettings *s,
		    struct err *e)
{
	struct kservices l = { 0 };
	int err;

	err = k->ops->service_list(k, NULL, &l, e);
	if (!err)
		err = k->ops->hold(k, e);
	if (!err)
		err = u->host->gate(u->host->arg, &l, s, e);
	kservices_clear(&l);
	return err;
}

/*
 * A namespace that does not use the module has nothing to lose. The file comes
 * before the gate: whoever finds a gate shut after a crash finds its file too.
 */
static int leave_one(struct upgrade *u, const struct upgrade_netns *ns, bool gate,
		     struct err *e)
{
	struct ksettings s = { 0 };
	struct kernel *k;
	int err;

	err = u->host->enter(u->host->arg, ns, e);
	if (!err)
		err = u->ctx->open_kernel(u->ctx, &k, e);
	if (err)
		return err;
	err = k->ops->settings_get(k, &s, e);
	if (!err && s.enabled)
		err = upgrade_saved_write(u->host->dir, ns->cookie, k, e);
	if (!err && s.enabled && gate)
		err = hold_off(u, k, &s, e);
	ksettings_clear(&s);
	kernel_close(k);
	return err;
}

static int leave_all(struct upgrade *u, bool gate, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < u->namespaces.n; i++) {
		err = leave_one(u, &u->namespaces.v[i], gate, e);
		if (err)
			err_prefix(e, "network namespace %u", u->namespaces.v[i].inode);
	}
	return err;
}

/* Open the gate; the file goes with it, or else the next upgrade has to. */
static int open_gate(struct upgrade *u, const struct upgrade_netns *ns, struct err *e)
{
	int err = u->host->ungate(u->host->arg, e);

	if (!err)
		upgrade_saved_remove(u->host->dir, ns->cookie);
	return err;
}

/* The module is still there: as if nothing had been. */
static void undo(struct upgrade *u)
{
	const struct upgrade_netns *ns;
	struct err e;

	for (ns = u->namespaces.v; ns < u->namespaces.v + u->namespaces.n; ns++) {
		if (!upgrade_saved_exists(u->host->dir, ns->cookie))
			continue;
		if (u->host->enter(u->host->arg, ns, &e) || open_gate(u, ns, &e))
			fprintf(u->ctx->err, "svcctl: network namespace %u: %s\n", ns->inode,
				e.text);
	}
}

/* What changes while the gates are being shut is in the second round's files. */
static int leave(struct upgrade *u, struct err *e)
{
	int err;

	err = leave_all(u, true, e);
	if (!err)
		err = leave_all(u, false, e);
	if (!err)
		err = u->host->remove(u->host->arg, e);
	if (!err)
		return 0;
	undo(u);
	err_prefix(e, "nothing was changed");
	return err;
}

/* ---- when the new one is there */

static int load(struct upgrade *u, struct kernel *k, const char *path, struct err *e)
{
	struct load l = { .k = k, .errors = u->ctx->err, .only_add = true };
	FILE *in = fopen(path, "re");
	struct plan p = { 0 };
	size_t bad;
	int err;

	if (!in)
		return err_set(e, errno, "cannot read %s: %m", path);
	bad = plan_read(&p, path, in, u->ctx->err);
	fclose(in);
	l.p = &p;
	err = bad ? err_set(e, EINVAL, "%s cannot be restored", path) : load_run(&l, e);
	if (!err && l.refused)
		err = err_set(e, EINVAL, "not all of %zu services could be restored", p.n);
	u->services += l.set;
	plan_clear(&p);
	return err;
}

static int fill_one(struct upgrade *u, const struct upgrade_netns *ns, struct err *e)
{
	char path[UPGRADE_PATH_MAX];
	struct kernel *k;
	int err;

	upgrade_saved_path(path, u->host->dir, ns->cookie);
	err = u->ctx->open_kernel(u->ctx, &k, e);
	if (err)
		return err;
	err = load(u, k, path, e);
	if (!err)
		err = k->ops->hold(k, e);
	kernel_close(k);
	return err;
}

static void complain(struct upgrade *u, const struct upgrade_netns *ns, const struct err *e)
{
	fprintf(u->ctx->err, "svcctl: network namespace %u: %s\n", ns->inode, e->text);
	u->refused++;
}

/* Whatever was refused will be so again: the rest shall not wait for it. */
static void set_aside(struct upgrade *u, const struct upgrade_netns *ns)
{
	char path[UPGRADE_PATH_MAX];
	struct err e;

	if (upgrade_saved_set_aside(u->host->dir, ns->cookie, path, &e))
		complain(u, ns, &e);
	else
		fprintf(u->ctx->err, "svcctl: what it had is in %s (see: svcctl help restore)\n",
			path);
}

/* A gate that stays shut is worse than any service that is not back. */
static void return_to(struct upgrade *u, const struct upgrade_netns *ns)
{
	struct err e;

	if (!upgrade_saved_exists(u->host->dir, ns->cookie))
		return;
	if (u->host->enter(u->host->arg, ns, &e)) {
		complain(u, ns, &e);
		return;
	}
	if (fill_one(u, ns, &e)) {
		complain(u, ns, &e);
		set_aside(u, ns);
	} else {
		u->restored++;
	}
	if (open_gate(u, ns, &e))
		complain(u, ns, &e);
}

/* A namespace that is gone needs nothing back. */
static void forget_gone(uint64_t cookie, void *arg)
{
	const struct upgrade *u = arg;
	size_t i;

	for (i = 0; i < u->namespaces.n; i++)
		if (u->namespaces.v[i].cookie == cookie)
			return;
	upgrade_saved_remove(u->host->dir, cookie);
}

static int finish(struct upgrade *u)
{
	size_t i;

	upgrade_saved_each(u->host->dir, forget_gone, u);
	for (i = 0; i < u->namespaces.n; i++)
		return_to(u, &u->namespaces.v[i]);
	fprintf(u->ctx->out, "%zu service%s restored in %zu network namespace%s\n", u->services,
		u->services == 1 ? "" : "s", u->restored, u->restored == 1 ? "" : "s");
	return u->refused ? VERB_REFUSED : VERB_OK;
}

/*
 * Somebody else may have loaded one meanwhile, svcd for one: fine if it is the
 * same. Another one is none the less one that takes the services back.
 */
static int insert(struct upgrade *u, struct err *e)
{
	struct upgrade_build now;
	int err;

	err = u->host->insert(u->host->arg, u->file, e);
	if (!err)
		return 0;
	if (!u->host->loaded(u->host->arg, &now)) {
		err_prefix(e, "established connections go on, new ones to services wait, until "
			   "\"svcctl upgrade\" is said again and finds a module that can be "
			   "loaded");
		return err;
	}
	if (err == -EEXIST && !strcmp(now.source, u->new.source))
		return 0;
	finish(u);
	err_prefix(e, "module %s has been loaded meanwhile by somebody else, and has the "
		   "services", now.version);
	return err;
}

/* ---- the whole */

static bool is_same(const struct upgrade *u)
{
	return !u->force && !strcmp(u->old.source, u->new.source);
}

static int replace(struct upgrade *u)
{
	struct err e;
	int err = 0;

	if (u->was_loaded)
		err = leave(u, &e);
	if (!err)
		err = insert(u, &e);
	if (err)
		return verbs_refused(u->ctx, &e);
	fprintf(u->ctx->out, "module %s %s%s\n", u->was_loaded ? u->old.version : u->new.version,
		u->was_loaded ? "replaced by " : "loaded", u->was_loaded ? u->new.version : "");
	return finish(u);
}

/* unfinished: an upgrade was interrupted, before the old module went, or later. */
static int run(struct upgrade *u, bool unfinished)
{
	struct err e;
	int code;

	if (unfinished && u->was_loaded) {
		fputs("an upgrade that was interrupted is finished now\n", u->ctx->out);
		code = finish(u);
		if (code)
			return code;
		u->services = u->restored = 0;
	}
	if (u->host->check(u->host->arg, u->file, &u->new, &e))
		return verbs_refused(u->ctx, &e);
	if (!u->was_loaded || !is_same(u))
		return replace(u);
	fprintf(u->ctx->out, "module %s is loaded already\n", u->old.version);
	return VERB_OK;
}

/* Not to be interrupted half-way by a key; what kills it is made good by the next one. */
static void hold_signals(sigset_t *before)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTERM, SIGHUP, SIGPIPE };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

static int upgrade(struct upgrade *u)
{
	const bool unfinished = upgrade_saved_each(u->host->dir, NULL, NULL) > 0;
	sigset_t before;
	struct err e;
	int code;

	u->was_loaded = u->host->loaded(u->host->arg, &u->old);
	if (!u->was_loaded && !unfinished) {
		err_set(&e, ENOENT, "the svcnat module is not loaded: there is nothing to upgrade "
			"(modprobe svcnat)");
		return verbs_refused(u->ctx, &e);
	}
	if (u->host->namespaces(u->host->arg, &u->namespaces, &e))
		return verbs_refused(u->ctx, &e);
	hold_signals(&before);
	code = run(u, unfinished);
	sigprocmask(SIG_SETMASK, &before, NULL);
	upgrade_list_close(&u->namespaces);
	return code;
}

int verb_upgrade(struct ctx *ctx, int argc, char **argv)
{
	struct upgrade u = { .ctx = ctx, .host = ctx->upgrade ? ctx->upgrade : &upgrade_real };
	struct err e;
	int code, lock;

	if (parse(&u, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	lock = upgrade_saved_lock(u.host->dir, &e);
	if (lock < 0)
		return verbs_refused(ctx, &e);
	code = upgrade(&u);
	close(lock);
	return code;
}
