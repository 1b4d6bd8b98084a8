// SPDX-License-Identifier: GPL-2.0
/* The zones and what their nodes have. */
#include "topology.h"

#include "jx.h"
#include "podview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODE		"service.kubernetes.io/topology-mode"
#define MODE_BEFORE	"service.kubernetes.io/topology-aware-hints"
#define ZONE_LABEL	"topology.kubernetes.io/zone"

/* Nodes with one of these are no place for endpoints. */
static const char *const excluded[] = {
	"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master",
};

/* What multiplies a quantity of Kubernetes. */
static const struct { const char *suffix; double factor; } suffixes[] = {
	{ "", 1 }, { "n", 1e-9 }, { "u", 1e-6 }, { "m", 1e-3 }, { "k", 1e3 }, { "M", 1e6 },
	{ "G", 1e9 }, { "T", 1e12 }, { "P", 1e15 }, { "E", 1e18 }, { "Ki", 0x1p10 },
	{ "Mi", 0x1p20 }, { "Gi", 0x1p30 }, { "Ti", 0x1p40 }, { "Pi", 0x1p50 }, { "Ei", 0x1p60 },
};

#define NSUFFIXES	(sizeof(suffixes) / sizeof(suffixes[0]))

/* More is nonsense, and would not fit when it is summed up. */
#define CPU_MAX		1e12

static const char *annotation(const json_t *svc, const char *key)
{
	return json_string_value(json_object_get(jx_get(svc, "metadata.annotations"), key));
}

bool topology_wanted(const json_t *svc)
{
	const char *mode = annotation(svc, MODE_BEFORE);

	if (!mode)
		mode = annotation(svc, MODE);
	return mode && (!strcmp(mode, "Auto") || !strcmp(mode, "auto"));
}

const char *topology_distribution(const json_t *svc)
{
	return topology_wanted(svc) ? "" : jx_str(svc, "spec.trafficDistribution");
}

/* Whole thousandths, rounded up; 0: none, or nonsense. */
static unsigned long long parse_quantity(const json_t *v)
{
	const char *text = json_string_value(v);
	double n = json_number_value(v);
	unsigned long long whole;
	char *end = "";
	size_t i = 0;

	if (text) {
		if (!strspn(text, "0123456789.") || strpbrk(text, "xX"))
			return 0;
		n = strtod(text, &end);
	}
	while (i < NSUFFIXES && strcmp(end, suffixes[i].suffix))
		i++;
	if (i == NSUFFIXES || !(n > 0 && n * suffixes[i].factor < CPU_MAX))
		return 0;
	n *= suffixes[i].factor * 1000;
	whole = (unsigned long long)n;
	return (double)whole < n ? whole + 1 : whole;
}

static bool counts(const json_t *node)
{
	const json_t *labels = jx_get(node, "metadata.labels");

	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++)
		if (json_object_get(labels, excluded[i]))
			return false;
	/* A Node's condition Ready is written as a Pod's is. */
	return podview_ready(node);
}

static unsigned long long cpu_of(const json_t *node)
{
	return parse_quantity(jx_get(node, "status.allocatable.cpu"));
}

static const char *zone_of(const json_t *node)
{
	const json_t *labels = jx_get(node, "metadata.labels");
	const char *zone = json_string_value(json_object_get(labels, ZONE_LABEL));

	return zone ? zone : "";
}

bool topology_differs(const json_t *before, const json_t *after)
{
	bool a = before && counts(before), b = after && counts(after);

	/* Endpoints on it say its zone, whether it counts or not. */
	if (strcmp(zone_of(before), zone_of(after)))
		return true;
	if (!a || !b)
		return a != b;
	return cpu_of(before) != cpu_of(after);
}

struct reading {
	struct topology topo;
	bool insufficient;
};

/* Where it is, or has to be. */
static size_t place_of(const struct topology *topo, const char *zone)
{
	size_t i = 0;

	while (i < topo->n && strcmp(topo->v[i].name, zone) < 0)
		i++;
	return i;
}

static void add_node(void *ctx, json_t *node)
{
	struct reading *r = ctx;
	struct topology *topo = &r->topo;
	const char *zone = zone_of(node);
	unsigned long long cpu = cpu_of(node);
	size_t i;

	if (!counts(node))
		return;
	if (!*zone || !cpu) {
		r->insufficient = true;
		return;
	}
	i = place_of(topo, zone);
	if (i == topo->n || strcmp(topo->v[i].name, zone)) {
		topo->v = jx_must(realloc(topo->v, (topo->n + 1) * sizeof(*topo->v)));
		memmove(&topo->v[i + 1], &topo->v[i], (topo->n - i) * sizeof(*topo->v));
		topo->v[i] = (struct topology_zone){ .name = zone };
		topo->n++;
	}
	topo->v[i].cpu += cpu;
}

struct topology topology_read(const struct txn *t)
{
	struct reading r = { .insufficient = false };
	unsigned long long all = 0;

	txn_each(t, resource_by_plural("v1", "nodes"), "", add_node, &r);
	if (r.insufficient || r.topo.n < 2)
		topology_clear(&r.topo);
	for (size_t i = 0; i < r.topo.n; i++)
		all += r.topo.v[i].cpu;
	for (size_t i = 0; i < r.topo.n; i++)
		r.topo.v[i].ratio = (double)r.topo.v[i].cpu / (double)all;
	return r.topo;
}

void topology_clear(struct topology *topo)
{
	free(topo->v);
	*topo = (struct topology){ .n = 0 };
}
