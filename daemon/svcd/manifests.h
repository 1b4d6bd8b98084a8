/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The folder of manifests: what its files ask for is what the registry holds, beside
 * what comes through the API. Each file is taken whole or not at all (manifest_unit.h);
 * the folder is only read.
 *
 * A look at the folder is done in short turns of the loop: first each file that may
 * have changed is read, then each is tried, again and again as long as one more is
 * taken: they may need each other.
 */
#ifndef SVCNAT_MANIFESTS_H
#define SVCNAT_MANIFESTS_H

#include "registry.h"

#include <event2/event.h>
#include <stdbool.h>

struct manifests;
struct err;

struct manifests_config {
	struct event_base *base;
	struct registry *registry;	/* is closed later */
	const char *node_name;		/* whom the Events are about */
	const char *folder;		/* absolute; it need not be there */
	bool expected;			/* it should be there: say so if it is not */
};

/* The first look is done when this returns; files that are no good are no failure. */
int manifests_open(struct manifests **out, const struct manifests_config *c, struct err *e);
void manifests_close(struct manifests *m);

/*
 * Another folder. As after a restart with it, but as one change: what files of both have stays
 * as it is, and what only those of the old one had is gone when this returns, or as soon as no
 * file of the new one is being written.
 */
void manifests_set_folder(struct manifests *m, const char *folder, bool expected);
/* Another name of the node. */
void manifests_set_node_name(struct manifests *m, const char *node_name);

/* Look soon. */
void manifests_look(struct manifests *m);

/* For the status: folder, files, message, refused. */
json_t *manifests_status(const struct manifests *m);
/* Is all that the files ask for in the registry? */
bool manifests_ok(const struct manifests *m);

#endif
