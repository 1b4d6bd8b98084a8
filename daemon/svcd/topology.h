/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The annotation service.kubernetes.io/topology-mode: Auto, as Kubernetes'
 * controller serves it (KEP-2433): each zone is hinted to so many of a
 * Service's ready endpoints as it has of the nodes' allocatable CPU, its own
 * ones first. Nobody gets hints where that would not be fair: when too little
 * is known of nodes or endpoints, or there are too few of these.
 */
#ifndef SVCNAT_TOPOLOGY_H
#define SVCNAT_TOPOLOGY_H

#include "txn.h"

struct slice_plan;

struct topology_zone {
	const char *name;		/* borrowed from a Node */
	unsigned long long cpu;		/* thousandths of one */
	double ratio;			/* of all */
};

/* What the Nodes have, zone by zone in the order of their names; n is 0: too little is known. */
struct topology {
	struct topology_zone *v;
	size_t n;
};

bool topology_wanted(const json_t *svc);
/* What the Service asks for in spec.trafficDistribution; "" nothing, or the annotation counts. */
const char *topology_distribution(const json_t *svc);

/* Of the nodes as they will be that are ready, but for those of the control plane. */
struct topology topology_read(const struct txn *t);
void topology_clear(struct topology *topo);
/*
 * Might topology_read() say something else for this change of a node, or its endpoints be
 * in another zone? Either may be NULL.
 */
bool topology_differs(const json_t *before, const json_t *after);

/*
 * Give the ready endpoints of a plan that was run hints, or none to any of them.
 * A slice that does not change otherwise keeps its own if they are fair. Answers
 * true: they have hints; false: why says why not.
 */
#define TOPOLOGY_WHY_MAX	200
bool topology_hint(const struct topology *topo, struct slice_plan *p,
		   char why[TOPOLOGY_WHY_MAX]);

#endif
