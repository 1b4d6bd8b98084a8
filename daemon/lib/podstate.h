/* SPDX-License-Identifier: GPL-2.0 */
/* A pod's state in one word, as its users know it. */
#ifndef SVCNAT_PODSTATE_H
#define SVCNAT_PODSTATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct podstate {
	const char *status;	/* borrowed from the pod */
	size_t ready, containers;
	long long restarts;
};

struct podstate podstate_of(const json_t *pod);

/* Is this condition True? */
bool podstate_condition(const json_t *pod, const char *type);

#endif
