// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command in a named network namespace:
 *
 *	in NAMESPACE COMMAND [ARGUMENT...]
 *
 * Like "ip netns exec", but without a mount namespace and a sysfs of its own, which
 * take longer than most of what the tests run, some thousand times.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[512];
	int fd;

	if (argc < 3) {
		fputs("usage: in NAMESPACE COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET)) {
		fprintf(stderr, "in: %s: %s\n", path, strerror(errno));
		return 255;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "in: %s: %s\n", argv[2], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
