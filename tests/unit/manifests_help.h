/* SPDX-License-Identifier: GPL-2.0 */
/* A folder of manifests in a registry's own folder, with a loop that watches it. */
#ifndef MANIFESTS_HELP_H
#define MANIFESTS_HELP_H

#include "manifests.h"
#include "registry_help.h"

struct manifests_help {
	struct registry_help *h;
	struct event_base *base;
	struct manifests *m;
	char dir[96];			/* the folder */
};

/* cmocka's setup and teardown: *state is a struct manifests_help. The folder is empty and read. */
int manifests_help_setup(void **state);
int manifests_help_teardown(void **state);

void manifests_help_start(struct manifests_help *t);
void manifests_help_stop(struct manifests_help *t);
/* As when svcd is started anew. */
void manifests_help_restart(struct manifests_help *t);

/* A file that was written some time ago, in one step; single quotes stay as they are. */
void manifests_help_put(struct manifests_help *t, const char *name, const char *text);
void manifests_help_remove(struct manifests_help *t, const char *name);
/* Have the folder looked at, and wait for the end of it. */
void manifests_help_look(struct manifests_help *t);
/* Both. */
void manifests_help_change(struct manifests_help *t, const char *name, const char *text);

/* What the status says of the file; "": it is good. Until the next call. */
const char *manifests_help_refusal(struct manifests_help *t, const char *name);
/* Is there such an object? "services web", "services shop/web", "nodes a". */
bool manifests_help_has(struct manifests_help *t, const char *what);
/* A value of the object in default; "": it is not there. Until the next call. */
const char *manifests_help_value(struct manifests_help *t, const char *plural, const char *name,
				 const char *path);

#endif
