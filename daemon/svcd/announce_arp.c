// SPDX-License-Identifier: GPL-2.0
#include "announce_arp.h"

#include <stdio.h>

static int read_one(const char *root, const char *interface)
{
	char path[256];
	int value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/arp_ignore", root, interface);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%d", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

/* The higher one counts. */
bool announce_arp_ignored(const char *root, const char *interface)
{
	return read_one(root, "all") > 0 || read_one(root, interface) > 0;
}
