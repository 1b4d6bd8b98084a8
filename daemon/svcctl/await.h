/* SPDX-License-Identifier: GPL-2.0 */
/* Wait until one object is as it should be. */
#ifndef SVCNAT_SVCCTL_AWAIT_H
#define SVCNAT_SVCCTL_AWAIT_H

#include "client.h"
#include "selection.h"

#include <time.h>

/* Is it so? object: as it now is; NULL: it is not there. */
typedef bool await_judge(void *arg, const json_t *object);

struct await {
	const struct ctx *ctx;
	struct client *client;
	const struct scope *scope;	/* of the one name */
	const struct resource *res;
	const char *name;
	await_judge *judge;
	void *arg;
	json_t *last;			/* as it was seen last; NULL: not there. To be freed */
};

/*
 * 0: it is so. -ETIMEDOUT: not within so many seconds; 0: look once. Negative:
 * for ever. A svcd that is being restarted is waited for.
 */
int await_object(struct await *a, long seconds, struct err *e);

/* Seconds that nobody sets back; a test has its own. */
time_t await_clock(const struct ctx *ctx);

#endif
