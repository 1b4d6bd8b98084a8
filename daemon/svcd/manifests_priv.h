/* SPDX-License-Identifier: GPL-2.0 */
/* What the files manifests*.c share; others have manifests.h. */
#ifndef SVCNAT_MANIFESTS_PRIV_H
#define SVCNAT_MANIFESTS_PRIV_H

#include "err.h"
#include "folder_watch.h"
#include "manifest_file.h"
#include "manifest_owned.h"
#include "manifests.h"

/*
 * After the folder is another, the look is one turn: others see what was and what is, nothing
 * in between. So many times it waits for a file that is being written.
 */
#define MOVING_LOOKS	20

enum look_phase { LOOK_NONE, LOOK_READ, LOOK_APPLY };

/* A look on its way. */
struct look {
	enum look_phase phase;
	size_t next;				/* of files, or of pending */
	struct manifest_owned owned;
	struct manifest_file **pending;		/* what is to be tried, in order */
	size_t npending;
	bool progress;				/* in this round */
	bool unsettled;				/* a file is being written */
};

struct manifests {
	struct manifests_config c;
	char *folder, *node_name;
	struct folder_watch *watch;		/* NULL: only the clock tells */
	struct event *timer;			/* to the next look */
	struct event *turn;			/* of the look */
	struct event *retry;
	long retry_seconds;
	struct timespec asked;			/* for the first time since the last look; 0: not */
	bool applying;				/* what the registry tells is from here */
	unsigned int moving;			/* to another folder; see MOVING_LOOKS */
	struct err trouble;			/* with the folder itself */

	struct manifest_file **files;		/* by name */
	size_t nfiles;
	struct look look;
};

/* manifests.c */
struct manifest_file *manifests_find(const struct manifests *m, const char *name);
void manifests_drop_file(struct manifests *m, size_t i);

/* manifests_look.c: a look in one turn after the other. */
void look_begin(struct manifests *m);
/* A short time of it. false: it is over. */
bool look_go_on(struct manifests *m);
void look_abort(struct manifests *m);

/* manifests_report.c */
/* true: there was something to tell. */
bool report_file(struct manifests *m, struct manifest_file *f);
void report_taken(const struct manifests *m, const struct manifest_file *f, size_t changes);

#endif
