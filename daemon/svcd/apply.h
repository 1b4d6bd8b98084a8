/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Server-side apply: an object becomes what a manager says of it, and goes on
 * being what others say. Fields that the manager said before and says no more
 * go, unless somebody else says them too.
 *
 * A subset of Kubernetes': only those who apply are written down as managers.
 * What another request changes belongs to nobody from then on, so that it is not
 * in the way of who applies next.
 */
#ifndef SVCNAT_APPLY_H
#define SVCNAT_APPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

struct err;

struct apply {
	const char *kind, *api_version;
	const char *sub;		/* NULL, or "status" */
	const char *manager;
	bool force;			/* take fields that others say differently */
	time_t now;
};

struct apply_result {
	json_t *object;			/* what live becomes */
	json_t *managers;		/* its managedFields */
	json_t *conflicts;		/* causes of a Status; not NULL: the two above are */
};

/*
 * live NULL: there is none yet. Both are left as they are; the result is the
 * caller's. -EINVAL and e: config makes no sense.
 */
int apply_config(const struct apply *a, const json_t *live, const json_t *config,
		 struct apply_result *out, struct err *e);

/*
 * Another request made object of old: whoever had a field that is not the same
 * any more has it no longer. object's managedFields are changed.
 */
void apply_forget(json_t *object, const json_t *old);

#endif
