/* SPDX-License-Identifier: GPL-2.0 */
/* Make the kernel what a plan says. */
#ifndef SVCNAT_SVCCTL_LOAD_H
#define SVCNAT_SVCCTL_LOAD_H

#include "plan.h"

struct kernel;

struct load {
	struct kernel *k;
	struct plan *p;
	FILE *errors;		/* one line for each refusal */
	bool flush;		/* what other owners have goes too */
	bool only_add;		/* what is there stays as it is, also if the plan differs */
	/* results */
	size_t set, refused;
	uint32_t deleted;
	/* load.c and load_settings.c only */
	struct kservices have;	/* the services at the beginning */
	struct ksettings now;	/* the settings, likewise */
	bool limits_raised, external_waits, stopped;
};

/*
 * 0, or an error before the first change, in e. What is refused on the way is
 * told of and counted, and the rest is done all the same, but then nothing is
 * deleted that is not in the way.
 */
int load_run(struct load *l, struct err *e);

/* One more refusal; line 0: of none. code: as the kernel gave it. */
void load_refused(struct load *l, size_t line, int code, const struct err *e);

/* --- load_settings.c */

/* Before the services: what must not stand in their way, and the rest. */
int load_settings_begin(struct load *l, struct err *e);
/* After them: what would have stood in their way. */
void load_settings_end(struct load *l);

/* --- load_clear.c */

/* What must go, or give up a frontend, for a service of the plan to be set. */
void load_clear_way(struct load *l);

#endif
