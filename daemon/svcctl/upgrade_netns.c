// SPDX-License-Identifier: GPL-2.0
/*
 * There is no list of network namespaces in the kernel. They are those of the
 * processes, and those that somebody keeps under a name, as "ip netns" does.
 * The module obeys root of the machine only, so nobody else's are asked for.
 */
#include "err.h"
#include "upgrade_host.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static bool has(const struct upgrade_list *l, ino_t inode)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].inode == inode)
			return true;
	return false;
}

static int add(struct upgrade_list *l, int fd, ino_t inode)
{
	struct upgrade_netns *v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	l->v[l->n++] = (struct upgrade_netns){ .fd = fd, .inode = (uint32_t)inode };
	return 0;
}

/* A path that is no namespace, or is gone by now, is not one of them. */
static int add_path(struct upgrade_list *l, const char *path)
{
	struct stat st;
	int fd, err = 0;

	if (stat(path, &st) || has(l, st.st_ino))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	/* It may be another one by now. */
	if (!fstat(fd, &st) && !has(l, st.st_ino))
		err = add(l, fd, st.st_ino);
	if (err || !l->n || l->v[l->n - 1].fd != fd)
		close(fd);
	return err;
}

static int add_folder(struct upgrade_list *l, const char *folder, bool processes)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir = opendir(folder);
	int err = 0;

	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (processes && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", folder, entry->d_name,
			 processes ? "/ns/net" : "");
		err = add_path(l, path);
	}
	closedir(dir);
	return err;
}

int upgrade_netns_list(void *arg, struct upgrade_list *out, struct err *e)
{
	int err;

	(void)arg;
	err = add_path(out, "/proc/self/ns/net");
	if (!err && !out->n)
		return err_set(e, ENOENT, "cannot open /proc/self/ns/net: %m");
	if (!err)
		err = add_folder(out, "/run/netns", false);
	if (!err)
		err = add_folder(out, "/proc", true);
	if (!err)
		return 0;
	upgrade_list_close(out);
	return no_memory(e);
}

int upgrade_netns_enter(void *arg, const struct upgrade_netns *ns, struct err *e)
{
	(void)arg;
	if (!setns(ns->fd, CLONE_NEWNET))
		return 0;
	return err_set(e, errno, "cannot enter network namespace %u: %m", ns->inode);
}

void upgrade_list_close(struct upgrade_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].fd >= 0)
			close(l->v[i].fd);
	free(l->v);
	*l = (struct upgrade_list){ 0 };
}
