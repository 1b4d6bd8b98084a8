// SPDX-License-Identifier: GPL-2.0
#include "upgrade_saved.h"

#include "err.h"
#include "save.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_path(char path[UPGRADE_PATH_MAX], const char *dir, uint64_t cookie,
		     const char *ending)
{
	snprintf(path, UPGRADE_PATH_MAX, "%s/%" PRIu64 ".%s", dir, cookie, ending);
}

void upgrade_saved_path(char path[UPGRADE_PATH_MAX], const char *dir, uint64_t cookie)
{
	put_path(path, dir, cookie, "txt");
}

/* And its parent: /run/svcnat is nobody else's. */
static int make_dir(const char *dir, struct err *e)
{
	char parent[UPGRADE_PATH_MAX], *slash;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = 0;
		mkdir(parent, 0755);
	}
	if (!mkdir(dir, 0700) || errno == EEXIST)
		return 0;
	return err_set(e, errno, "cannot make the folder %s: %m", dir);
}

int upgrade_saved_lock(const char *dir, struct err *e)
{
	int fd, err;

	err = make_dir(dir, e);
	if (err)
		return err;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "cannot open the folder %s: %m", dir);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = err_set(e, EBUSY, "another upgrade is under way");
	close(fd);
	return err;
}

int upgrade_saved_write(const char *dir, uint64_t cookie, struct kernel *k, struct err *e)
{
	char path[UPGRADE_PATH_MAX], part[UPGRADE_PATH_MAX];
	bool bad;
	FILE *f;
	int err;

	upgrade_saved_path(path, dir, cookie);
	put_path(part, dir, cookie, "part");
	f = fopen(part, "we");
	if (!f)
		return err_set(e, errno, "cannot write %s: %m", part);
	err = save_print(f, k, NULL, e);
	bad = ferror(f) || fflush(f) || fsync(fileno(f));
	bad |= fclose(f) != 0;
	if (!err && (bad || rename(part, path)))
		err = err_set(e, errno ? errno : EIO, "cannot write %s: %m", path);
	if (err)
		unlink(part);
	return err;
}

bool upgrade_saved_exists(const char *dir, uint64_t cookie)
{
	char path[UPGRADE_PATH_MAX];

	upgrade_saved_path(path, dir, cookie);
	return !access(path, F_OK);
}

void upgrade_saved_remove(const char *dir, uint64_t cookie)
{
	char path[UPGRADE_PATH_MAX];

	upgrade_saved_path(path, dir, cookie);
	unlink(path);
}

int upgrade_saved_set_aside(const char *dir, uint64_t cookie, char path[UPGRADE_PATH_MAX],
			    struct err *e)
{
	char from[UPGRADE_PATH_MAX];

	upgrade_saved_path(from, dir, cookie);
	put_path(path, dir, cookie, "refused");
	return rename(from, path) ? err_set(e, errno, "cannot rename %s: %m", from) : 0;
}

size_t upgrade_saved_each(const char *dir, void (*fn)(uint64_t cookie, void *arg), void *arg)
{
	const struct dirent *entry;
	DIR *d = opendir(dir);
	uint64_t cookie;
	char end[8];
	size_t n = 0;

	while (d && (entry = readdir(d))) {
		if (sscanf(entry->d_name, "%" SCNu64 ".%7s", &cookie, end) != 2 ||
		    strcmp(end, "txt"))
			continue;
		n++;
		if (fn)
			fn(cookie, arg);
	}
	if (d)
		closedir(d);
	return n;
}
