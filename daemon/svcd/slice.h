/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EndpointSlices that svcd makes itself: of a Service and its pods, or as the
 * mirror of Endpoints that were made by hand. Who made one, its label says.
 */
#ifndef SVCNAT_SLICE_H
#define SVCNAT_SLICE_H

#include "txn.h"

#define SLICE_CONTROLLER	"endpointslice-controller.k8s.io"
#define SLICE_MIRROR		"endpointslicemirroring-controller.k8s.io"

#define SLICE_ENDPOINTS		100	/* in one slice of a Service */
#define SLICE_MIRRORED		1000	/* and in one that mirrors a subset */
#define SLICE_PORTS_MAX		20000	/* in one that anybody makes, and so in what is mirrored */

const struct resource *slice_type(void);
bool slice_is_of(const json_t *slice, const char *maker);
const char *slice_service(const json_t *slice);		/* "" when it is of none */

struct slice_list {
	json_t **v;		/* to be freed; the slices are borrowed */
	size_t n;
};

/*
 * The slices of a Service by one maker, as they will be, but for those that are
 * deleted and held. They are found by their names, which begin with the Service's.
 */
struct slice_list slice_find(const struct txn *t, const char *ns, const char *service,
			     const char *maker);

/* What is on all slices of one owner; all of it is borrowed. */
struct slice_owner {
	const json_t *object;		/* the Service, or the Endpoints */
	const json_t *labels, *references;
	const json_t *annotations;	/* NULL: those that a slice has stay */
	const char *type;		/* "IPv4", "IPv6" */
	time_t trigger;			/* see trigger.h; only without annotations */
};

/* The object's labels, with those by which slices are known. To be released. */
json_t *slice_labels(const json_t *object, const char *maker);
json_t *slice_references(const json_t *object);

struct slice_plan;

/* Stage what plan says that was run. */
void slice_write(struct txn *t, const struct slice_owner *o, const struct slice_plan *plan);

/* slice_endpoint.c: of a pod, as a Service shows it; NULL: it has no address of the family. */
json_t *slice_endpoint(const json_t *svc, const json_t *pod, int family, const char *zone);
/* zone: of its node, "" when that is unknown. The endpoint's hints follow from it. */
void slice_endpoint_set_zone(json_t *endpoint, const char *zone, const char *distribution);
/* The ports of svc as they are on pod, sorted; the JSON null when it has none of them. */
json_t *slice_ports(const json_t *svc, const json_t *pod);

#endif
