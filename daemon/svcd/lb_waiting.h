/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services that lack an address, and what was said of that. It is a hint, not
 * state: who is in here without a reason is found to lack nothing, and taken out.
 */
#ifndef SVCNAT_LB_WAITING_H
#define SVCNAT_LB_WAITING_H

#include "strmap.h"

#include <stdbool.h>

/* Zero it to start with. */
struct lb_waiting {
	struct strmap map;		/* by "namespace/name" */
};

/* message NULL: nothing is said. Is it another one than the last? */
bool lb_waiting_put(struct lb_waiting *w, const char *ns, const char *name, const char *message);
void lb_waiting_del(struct lb_waiting *w, const char *ns, const char *name);
bool lb_waiting_has(const struct lb_waiting *w, const char *ns, const char *name);
void lb_waiting_clear(struct lb_waiting *w);

/* All of them: *v is an array of "namespace/name", to be freed as they are. */
size_t lb_waiting_list(const struct lb_waiting *w, char ***v);

#endif
