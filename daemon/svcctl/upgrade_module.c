// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "later.h"
#include "upgrade_host.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define NAME	"svcnat"
#define SYSFS	"/sys/module/" NAME "/"

#define LIBRARY	"libkmod.so.2"

/* A command that is under way holds it for a moment. */
#define REMOVE_TRIES	100
#define REMOVE_WAIT_MS	50

#define FUNCTIONS(X) \
	X(kmod_new) X(kmod_unref) X(kmod_list_next) X(kmod_module_new_from_path) \
	X(kmod_module_new_from_lookup) X(kmod_module_new_from_name) \
	X(kmod_module_get_module) X(kmod_module_get_path) X(kmod_module_get_info) \
	X(kmod_module_info_get_key) X(kmod_module_info_get_value) \
	X(kmod_module_info_free_list) X(kmod_module_unref) X(kmod_module_unref_list) \
	X(kmod_module_remove_module) X(kmod_module_probe_insert_module)

static struct {
	FUNCTIONS(LATER_MEMBER)
} lib;

static const struct later_symbol symbols[] = { FUNCTIONS(LATER_SYMBOL) { 0 } };

/* Without a newline; "" if it cannot be read. */
static void read_line(const char *path, char *buf, int size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(buf, size, f))
		buf[0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	if (f)
		fclose(f);
}

bool upgrade_module_loaded(void *arg, struct upgrade_build *out)
{
	char state[32];

	(void)arg;
	read_line(SYSFS "initstate", state, sizeof(state));
	read_line(SYSFS "version", out->version, sizeof(out->version));
	read_line(SYSFS "srcversion", out->source, sizeof(out->source));
	return !strcmp(state, "live");
}

static int open_ctx(struct kmod_ctx **ctx, struct err *e)
{
	int err = later_load(LIBRARY, symbols, e);

	if (err)
		return err;
	*ctx = lib.kmod_new(NULL, NULL);
	return *ctx ? 0 : err_set(e, ENOMEM, "out of memory");
}

/* The module of a file, or the installed one. */
static int find(struct kmod_ctx *ctx, const char *file, struct kmod_module **out, struct err *e)
{
	struct kmod_list *list = NULL;
	int err;

	if (file) {
		err = lib.kmod_module_new_from_path(ctx, file, out);
		return err < 0 ? err_set(e, -err, "%s: %s", file, strerror(-err)) : 0;
	}
	err = lib.kmod_module_new_from_lookup(ctx, NAME, &list);
	if (err < 0 || !list)
		return err_set(e, ENOENT, "no svcnat module is installed for this kernel: name its "
			       "file, or see dkms(8)");
	*out = lib.kmod_module_get_module(list);
	lib.kmod_module_unref_list(list);
	return 0;
}

/* Of the file's own notes; "" if it has none of that name. */
static void get_info(const struct kmod_list *info, const char *key, char *buf, size_t size)
{
	const struct kmod_list *l;

	buf[0] = 0;
	for (l = info; l; l = lib.kmod_list_next(info, l))
		if (!strcmp(lib.kmod_module_info_get_key(l), key))
			snprintf(buf, size, "%s", lib.kmod_module_info_get_value(l));
}

static int check(const struct kmod_list *info, const char *path, struct upgrade_build *out,
		 struct err *e)
{
	char name[64], magic[256];
	struct utsname u;
	size_t len;

	get_info(info, "name", name, sizeof(name));
	get_info(info, "vermagic", magic, sizeof(magic));
	get_info(info, "version", out->version, sizeof(out->version));
	get_info(info, "srcversion", out->source, sizeof(out->source));
	if (strcmp(name, NAME))
		return err_set(e, EINVAL, "%s is the module '%s', not " NAME, path, name);
	uname(&u);
	len = strlen(u.release);
	if (strncmp(magic, u.release, len) || magic[len] != ' ')
		return err_set(e, EINVAL, "%s was built for kernel %.*s, and %s is running", path,
			       (int)strcspn(magic, " "), magic, u.release);
	return 0;
}

int upgrade_module_check(void *arg, const char *file, struct upgrade_build *out, struct err *e)
{
	struct kmod_list *info = NULL;
	struct kmod_module *mod;
	struct kmod_ctx *ctx;
	const char *path;
	int err;

	(void)arg;
	err = open_ctx(&ctx, e);
	if (err)
		return err;
	err = find(ctx, file, &mod, e);
	if (!err) {
		path = lib.kmod_module_get_path(mod);
		err = path ? lib.kmod_module_get_info(mod, &info) : -ENOENT;
		if (err < 0)
			err = err_set(e, EINVAL, "%s cannot be read as a module: %s",
				      path ? path : NAME, strerror(-err));
		else
			err = check(info, path, out, e);
		lib.kmod_module_info_free_list(info);
		lib.kmod_module_unref(mod);
	}
	lib.kmod_unref(ctx);
	return err;
}

static void wait_a_moment(void)
{
	const struct timespec t = { .tv_nsec = REMOVE_WAIT_MS * 1000000L };

	nanosleep(&t, NULL);
}

int upgrade_module_remove(void *arg, struct err *e)
{
	struct kmod_module *mod;
	struct kmod_ctx *ctx;
	int err, tries = 0;

	(void)arg;
	err = open_ctx(&ctx, e);
	if (err)
		return err;
	if (lib.kmod_module_new_from_name(ctx, NAME, &mod) < 0) {
		lib.kmod_unref(ctx);
		return err_set(e, ENOMEM, "out of memory");
	}
	err = lib.kmod_module_remove_module(mod, O_NONBLOCK);
	while (err == -EAGAIN && tries++ < REMOVE_TRIES) {
		wait_a_moment();
		err = lib.kmod_module_remove_module(mod, O_NONBLOCK);
	}
	if (err < 0 && err != -ENOENT)
		err = err_set(e, -err, "cannot remove the loaded module: %s",
			      err == -EAGAIN ? "it is in use" : strerror(-err));
	else
		err = 0;
	lib.kmod_module_unref(mod);
	lib.kmod_unref(ctx);
	return err;
}

int upgrade_module_insert(void *arg, const char *file, struct err *e)
{
	struct kmod_module *mod;
	struct kmod_ctx *ctx;
	int err, code;

	(void)arg;
	err = open_ctx(&ctx, e);
	if (err)
		return err;
	err = find(ctx, file, &mod, e);
	if (!err) {
		err = lib.kmod_module_probe_insert_module(mod, KMOD_PROBE_FAIL_ON_LOADED, NULL,
							  NULL, NULL, NULL);
		/* Above 0: something in modprobe.d forbids it. */
		code = err < 0 ? -err : EPERM;
		if (err)
			err = err_set(e, code, "cannot load %s: %s",
				      lib.kmod_module_get_path(mod), strerror(code));
		lib.kmod_module_unref(mod);
	}
	lib.kmod_unref(ctx);
	return err;
}
