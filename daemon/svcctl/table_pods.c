// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "field.h"
#include "podstate.h"
#include "table.h"


static const char *or_none(const char *s)
{
	return *s ? s : "<none>";
}

static const char *pod_ip(const json_t *pod)
{
	const char *ip = field_string(pod, "status.podIP");

	return *ip ? ip : field_string(json_array_get(field_get(pod, "status.podIPs"), 0), "ip");
}

/* How many of the gates are open, out of how many. */
static void gates_cell(struct table *t, const json_t *pod)
{
	const json_t *gates = field_get(pod, "spec.readinessGates");
	size_t i, open = 0;
	json_t *gate;

	if (!json_array_size(gates)) {
		table_cell(t, "<none>");
		return;
	}
	json_array_foreach(gates, i, gate)
		open += podstate_condition(pod, field_string(gate, "conditionType"));
	table_cell(t, "%zu/%zu", open, json_array_size(gates));
}

static void row(struct table *t, const json_t *pod, time_t now)
{
	struct podstate s = podstate_of(pod);
	char age[AGE_SIZE];

	table_name_cell(t, pod);
	table_cell(t, "%zu/%zu", s.ready, s.containers);
	table_cell(t, "%s", s.status);
	table_cell(t, "%lld", s.restarts);
	table_cell(t, "%s", age_since(field_string(pod, "metadata.creationTimestamp"), now, age));
	table_cell(t, "%s", or_none(pod_ip(pod)));
	table_cell(t, "%s", or_none(field_string(pod, "spec.nodeName")));
	table_cell(t, "%s", or_none(field_string(pod, "status.nominatedNodeName")));
	gates_cell(t, pod);
}

static const struct table_column columns[] = {
	{ "NAME", false }, { "READY", false }, { "STATUS", false }, { "RESTARTS", false },
	{ "AGE", false }, { "IP", true }, { "NODE", true }, { "NOMINATED NODE", true },
	{ "READINESS GATES", true }, { NULL, false },
};

const struct table_type table_pods = { "pods", columns, row };
