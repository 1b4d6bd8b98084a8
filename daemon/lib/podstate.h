/* SPDX-License-Identifier: GPL-2.0 */
/* A pod's state in one word, as its users know it from kubectl. */
#ifndef SVCNAT_PODSTATE_H
#define SVCNAT_PODSTATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PODSTATE_SIZE	128	/* of the word; a longer one is cut */

struct podstate {
	char status[PODSTATE_SIZE];
	size_t ready, containers;
	long long restarts;
	const char *restarted;	/* when last, "" when that is not known; the pod's */
};

struct podstate podstate_of(const json_t *pod);

/* Is this condition True? */
bool podstate_condition(const json_t *pod, const char *type);

#endif
