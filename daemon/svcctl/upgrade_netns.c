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
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What has gone meanwhile, or is another's, is none of them; nor is a file left behind. */
static bool is_nothing(int error)
{
	return error == ENOENT || error == ESRCH || error == EACCES || error == EPERM;
}

static int add_path(struct upgrade_list *l, const char *path, struct err *e)
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && has(l, st.st_ino))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return is_nothing(errno) ? 0 : err_set(e, errno, "cannot open %s: %m", path);
	/* It may be another one by now. */
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(fd, &st) || has(l, st.st_ino)) {
		close(fd);
		return 0;
	}
	if (!add(l, fd, st.st_ino))
		return 0;
	close(fd);
	return err_set(e, ENOMEM, "out of memory");
}

static int add_folder(struct upgrade_list *l, const char *folder, bool processes, struct err *e)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir = opendir(folder);
	int err = 0;

	if (!dir)
		return is_nothing(errno) ? 0 : err_set(e, errno, "cannot open %s: %m", folder);
	while (!err && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (processes && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", folder, entry->d_name,
			 processes ? "/ns/net" : "");
		err = add_path(l, path, e);
	}
	closedir(dir);
	return err;
}

/* One descriptor for each namespace, and there may be thousands. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int get_cookie(struct upgrade_netns *ns, struct err *e)
{
	socklen_t len = sizeof(ns->cookie);
	int sk, err;

	err = upgrade_netns_enter(NULL, ns, e);
	if (err)
		return err;
	sk = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sk < 0 || getsockopt(sk, SOL_SOCKET, SO_NETNS_COOKIE, &ns->cookie, &len))
		err = err_set(e, errno, "cannot tell network namespace %u from others: %m",
			      ns->inode);
	if (sk >= 0)
		close(sk);
	return err;
}

int upgrade_netns_list(void *arg, struct upgrade_list *out, struct err *e)
{
	size_t i;
	int err;

	(void)arg;
	raise_limit();
	err = add_path(out, "/proc/self/ns/net", e);
	if (!err)
		err = add_folder(out, "/run/netns", false, e);
	if (!err)
		err = add_folder(out, "/proc", true, e);
	for (i = 0; !err && i < out->n; i++)
		err = get_cookie(&out->v[i], e);
	if (err)
		upgrade_list_close(out);
	return err;
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
