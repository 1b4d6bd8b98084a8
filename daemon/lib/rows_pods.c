// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "field.h"
#include "podstate.h"
#include "rows.h"

#include <string.h>

static const char *pod_ip(const json_t *pod)
{
	const char *ip = field_string(pod, "status.podIP");

	if (!*ip)
		ip = field_string(json_array_get(field_get(pod, "status.podIPs"), 0), "ip");
	return *ip ? ip : "<none>";
}

/* The conditions that are True, by their types; NULL: no memory. */
static json_t *find_true(const json_t *pod)
{
	json_t *all = json_object(), *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.conditions"), i, c)
		if (!strcmp(field_string(c, "status"), "True"))
			json_object_set(all, field_string(c, "type"), c);
	return all;
}

/* How many of the gates are open, out of how many. */
static void put_gates(json_t *cells, const json_t *pod)
{
	const json_t *gates = field_get(pod, "spec.readinessGates");
	json_t *gate, *conditions;
	size_t i, open = 0;

	if (!json_array_size(gates)) {
		rows_put(cells, "<none>");
		return;
	}
	conditions = find_true(pod);
	json_array_foreach(gates, i, gate)
		open += !!json_object_get(conditions, field_string(gate, "conditionType"));
	json_decref(conditions);
	rows_print(cells, "%zu/%zu", open, json_array_size(gates));
}

static void put_restarts(json_t *cells, const struct podstate *s, time_t now)
{
	char age[AGE_SIZE];

	if (s->restarts && *s->restarted)
		rows_print(cells, "%lld (%s ago)", s->restarts, age_since(s->restarted, now, age));
	else
		rows_print(cells, "%lld", s->restarts);
}

static void fill(json_t *cells, const json_t *pod, time_t now)
{
	struct podstate s = podstate_of(pod);

	rows_put_name(cells, pod);
	rows_print(cells, "%zu/%zu", s.ready, s.containers);
	rows_put(cells, s.status);
	put_restarts(cells, &s, now);
	rows_put_age(cells, pod, now);
	rows_put(cells, pod_ip(pod));
	rows_put_field(cells, pod, "spec.nodeName", "<none>");
	rows_put_field(cells, pod, "status.nominatedNodeName", "<none>");
	put_gates(cells, pod);
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("Ready", 0, "How many of its containers are ready."),
	ROWS_STRING("Status", 0, "The pod's state in one word."),
	ROWS_STRING("Restarts", 0, "How often its containers were started again."),
	ROWS_AGE,
	ROWS_STRING("IP", 1, "The pod's address."),
	ROWS_STRING("Node", 1, "The node that it runs on."),
	ROWS_STRING("Nominated Node", 1, "The node that makes room for it."),
	ROWS_STRING("Readiness Gates", 1, "How many of its readiness gates are open."),
	ROWS_END
};

const struct rows_type rows_pods = { "pods", columns, fill };
