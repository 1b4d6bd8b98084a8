/* SPDX-License-Identifier: GPL-2.0 */
/* Events: made, counted, and forgotten, so that they never fill the disk. */
#ifndef SVCNAT_EVENTS_H
#define SVCNAT_EVENTS_H

#include "txn.h"

#define EVENTS_MAX	1000	/* the oldest go first */
#define EVENTS_SECONDS	3600

/* Stage one more occurrence of (object, reason, message). */
void events_stage(struct txn *t, const json_t *object, const char *type, const char *reason,
		  const char *message);

/* Stage the end of events that are too many, or, looked for once a minute, too old. */
void events_sweep(struct txn *t);

#endif
