/* SPDX-License-Identifier: GPL-2.0 */
/* One file of the folder of manifests: what was read of it, and what is wrong with it. */
#ifndef SVCNAT_MANIFEST_FILE_H
#define SVCNAT_MANIFEST_FILE_H

#include "manifest_set.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

struct manifest_file {
	char *name;
	bool gone;			/* from the folder; what it had shall go as well */
	bool again;			/* to be read though it has not changed */

	struct stat st;			/* when it was read last */
	struct timespec read_at;	/* by the wall clock, as st's times; 0: never */
	uint64_t hash;			/* of its text */
	struct manifest_set *set;	/* what it asks for and has not got yet; NULL: nothing */
	char *verdict;			/* of the last try; NULL: it was taken */

	char *refusal;			/* as it was told; NULL: none */
	time_t since;			/* of the refusal */
};

struct manifest_file *manifest_file_alloc(const char *name);
void manifest_file_free(struct manifest_file *f);

/*
 * Look at it, in this folder. What has changed is read: f->set or f->verdict is new
 * then. true: it is being written, and should be looked at again in a moment.
 */
bool manifest_file_look(struct manifest_file *f, const char *folder);
/* text NULL: it is good. */
void manifest_file_judge(struct manifest_file *f, const char *text);
/* Its set is taken, or is not wanted any more. */
void manifest_file_drop(struct manifest_file *f);

#endif
