/* SPDX-License-Identifier: GPL-2.0 */
/* What became of the requests. */
#ifndef FIGURES_H
#define FIGURES_H

#include "churn.h"

struct figures {
	const struct plan *plan;
	uint64_t begun;
	int64_t took;			/* ns, until the last one had begun */
	uint64_t outlived;		/* answered, by an endpoint that had gone meanwhile */
	uint64_t apart;			/* failed, at an endpoint that had gone meanwhile */
	uint64_t failed;		/* all others: these are faults */
	uint64_t astray;		/* begun long after their endpoint had gone */
	uint64_t strangers;		/* from another address than the client's, or elsewhere */
	int64_t latest;			/* ns from a removal to the last one who came, at most */
	uint64_t served[SERVICES_MAX][ENDPOINTS_MAX];
	uint32_t *us;			/* how long each answer took */
	size_t answered, room;
};

void figures_answer(struct figures *f, int64_t ns, unsigned int service, unsigned int endpoint,
		    bool outlived);
/* endpoint: -1 if none has accepted it. at: ns since the begin. */
void figures_fail(struct figures *f, uint64_t request, int64_t at, unsigned int service,
		  int endpoint, const char *why);
/* 0: all is well; 1: not. */
int figures_print(struct figures *f, const struct shared *shared);

#endif /* FIGURES_H */
