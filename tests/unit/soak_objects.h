/* SPDX-License-Identifier: GPL-2.0 */
/* Random writes to a registry: Services, what is behind them, and Nodes. */
#ifndef SVCNAT_SOAK_OBJECTS_H
#define SVCNAT_SOAK_OBJECTS_H

#include "registry.h"

struct soak_objects {
	struct registry *r;
	unsigned int services;		/* names: s0 to s(services - 1); three pods each */
	unsigned long long written, refused;
};

/* Below n, by rand(). */
unsigned int soak_below(unsigned int n);

/* One random write. */
void soak_objects_step(struct soak_objects *o);

#endif
