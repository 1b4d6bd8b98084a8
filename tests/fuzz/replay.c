// SPDX-License-Identifier: GPL-2.0
/*
 * A target without libFuzzer: each file of its corpus, once, as a test of its own. What was a
 * crash once is among them. With arguments: these files.
 */
#include "target.h"

#include "err.h"
#include "slurp.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* In memory of just its size: a sanitizer knows its end. */
static void feed(const char *path)
{
	struct err e = { "" };
	uint8_t *exact;
	char *text;
	size_t len;

	if (slurp(path, (size_t)1 << 20, &text, &len, &e)) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	exact = malloc(len ? len : 1);
	if (!exact)
		abort();
	memcpy(exact, text, len);
	free(text);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

/* Its name ahead of it: it may be the last that is heard. */
static void replay(int i, const char *path)
{
	const char *slash = strrchr(path, '/');

	printf("# %s\n", path);
	fflush(stdout);
	feed(path);
	printf("ok %d - %s\n", i, slash ? slash + 1 : path);
}

static int replay_corpus(const char *name)
{
	struct dirent **files;
	char path[4096];
	int i, n;

	snprintf(path, sizeof(path), SVCNAT_SOURCE "/tests/fuzz/corpus/%s", name);
	n = scandir(path, &files, is_visible, alphasort);
	if (n <= 0) {
		fprintf(stderr, "%s: no corpus: %s\n", path, n ? strerror(errno) : "it is empty");
		return 1;
	}
	printf("1..%d\n", n);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), SVCNAT_SOURCE "/tests/fuzz/corpus/%s/%s", name,
			 files[i]->d_name);
		replay(i + 1, path);
		free(files[i]);
	}
	free(files);
	return 0;
}

/* replay_NAME [FILE]... */
int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '_');
	int i;

	if (argc == 1)
		return replay_corpus(name ? name + 1 : "");
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++)
		replay(i, argv[i]);
	return 0;
}
