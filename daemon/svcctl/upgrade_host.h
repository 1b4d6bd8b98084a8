/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "svcctl upgrade" does to the machine, beside talking to the module: the
 * real one, or a test's. Each call fills e and returns 0 or a negative errno.
 */
#ifndef SVCNAT_SVCCTL_UPGRADE_HOST_H
#define SVCNAT_SVCCTL_UPGRADE_HOST_H

#include "kservice.h"

#include <stdbool.h>

#define UPGRADE_DIR	"/run/svcnat/upgrade"

/* A network namespace. Holding it open keeps it there. */
struct upgrade_netns {
	int fd;
	uint32_t inode;		/* as people know it; another one's, once it is gone */
	uint64_t cookie;	/* its own for ever, until the machine boots */
};

struct upgrade_list {
	struct upgrade_netns *v;
	size_t n;
};

/* A module's build, in the loaded one's place or in a file. */
struct upgrade_build {
	char version[32];
	char source[64];	/* srcversion: a hash of what it was built from */
};

struct upgrade_host {
	const char *dir;	/* what has to be loaded again lies here meanwhile */
	/* All namespaces of the machine, each once; to be closed with upgrade_list_close(). */
	int (*namespaces)(void *arg, struct upgrade_list *out, struct err *e);
	/* From now on, sockets are opened in this one. */
	int (*enter)(void *arg, const struct upgrade_netns *ns, struct err *e);
	/* See natgate.h. */
	int (*gate)(void *arg, const struct kservices *l, const struct ksettings *s, struct err *e);
	int (*ungate)(void *arg, struct err *e);
	/* False: none. */
	bool (*loaded)(void *arg, struct upgrade_build *out);
	/* -ENOENT: no such file, or (NULL) none installed; -EINVAL: not one for this kernel. */
	int (*check)(void *arg, const char *file, struct upgrade_build *out, struct err *e);
	int (*remove)(void *arg, struct err *e);
	/* -EEXIST: one is loaded. */
	int (*insert)(void *arg, const char *file, struct err *e);
	void *arg;
};

extern const struct upgrade_host upgrade_real;

void upgrade_list_close(struct upgrade_list *l);

/* --- upgrade_netns.c and upgrade_module.c, for upgrade_real */

int upgrade_netns_list(void *arg, struct upgrade_list *out, struct err *e);
int upgrade_netns_enter(void *arg, const struct upgrade_netns *ns, struct err *e);
bool upgrade_module_loaded(void *arg, struct upgrade_build *out);
int upgrade_module_check(void *arg, const char *file, struct upgrade_build *out, struct err *e);
int upgrade_module_remove(void *arg, struct err *e);
int upgrade_module_insert(void *arg, const char *file, struct err *e);

#endif
