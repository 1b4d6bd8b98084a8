// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of Pods. A pod keeps every field that it came with: only those that
 * Services depend on are looked at, the rest is for whoever runs the pod.
 */
#include "rules.h"

#include "format.h"
#include "jx.h"

#include <string.h>

#define CONTAINERS_MAX	1000
#define PORTS_MAX	1000

#define STRING(k, f) { k, SCHEMA_STRING, f, NULL, NULL }
#define END { NULL, SCHEMA_ANY, 0, NULL, NULL }

static const struct schema port_fields[] = {
	STRING("name", 0), { "hostPort", SCHEMA_INT, 0, NULL, NULL },
	{ "containerPort", SCHEMA_INT, SCHEMA_KEEP, NULL, NULL }, STRING("protocol", 0), END
};
static const struct schema port_item = { NULL, SCHEMA_OBJECT, SCHEMA_OPEN, port_fields,
					 "ContainerPort" };
static const struct schema container_fields[] = {
	STRING("name", 0), STRING("image", 0), { "ports", SCHEMA_LIST, 0, &port_item, NULL }, END
};
static const struct schema container_item = { NULL, SCHEMA_OBJECT, SCHEMA_OPEN, container_fields,
					      "Container" };
static const struct schema spec_fields[] = {
	{ "initContainers", SCHEMA_LIST, 0, &container_item, NULL },
	{ "containers", SCHEMA_LIST, 0, &container_item, NULL },
	STRING("nodeName", 0), { "hostNetwork", SCHEMA_BOOL, 0, NULL, NULL },
	STRING("hostname", 0), STRING("subdomain", 0), END
};
static const struct schema ip_fields[] = { STRING("ip", SCHEMA_KEEP), END };
static const struct schema ip_item = { NULL, SCHEMA_OBJECT, SCHEMA_OPEN, ip_fields, "PodIP" };
static const struct schema condition_fields[] = {
	STRING("type", SCHEMA_KEEP), STRING("status", SCHEMA_KEEP), END
};
static const struct schema condition_item = { NULL, SCHEMA_OBJECT, SCHEMA_OPEN, condition_fields,
					      "PodCondition" };
static const struct schema status_fields[] = {
	STRING("phase", 0), { "conditions", SCHEMA_LIST, 0, &condition_item, NULL },
	STRING("hostIP", 0), STRING("podIP", 0), { "podIPs", SCHEMA_LIST, 0, &ip_item, NULL }, END
};
static const struct schema fields[] = {
	SCHEMA_TOP,
	{ "spec", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, spec_fields, "PodSpec" },
	{ "status", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, status_fields, "PodStatus" },
	END
};

static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };
static const char *const phases[] = { "Failed", "Pending", "Running", "Succeeded", "Unknown",
				      NULL };
static const char *const lists[] = { "containers", "initContainers" };

static void port_defaults(json_t *containers)
{
	json_t *c, *port;
	size_t i, j;

	json_array_foreach(containers, i, c) {
		json_array_foreach(json_object_get(c, "ports"), j, port) {
			if (!json_object_get(port, "protocol"))
				jx_set_str(port, "protocol", "TCP");
			if (!json_object_get(port, "containerPort"))
				jx_set_int(port, "containerPort", 0);
		}
	}
}

static void prepare(struct write *w)
{
	port_defaults(jx_get(w->obj, "spec.containers"));
	port_defaults(jx_get(w->obj, "spec.initContainers"));
	if (!w->old)
		jx_set_str(w->obj, "status.phase", "Pending");
}

/* Is the field unique among the ones before? */
static bool repeats(const json_t *list, size_t i, const char *key)
{
	const char *s = jx_str(json_array_get(list, i), key);

	for (size_t j = 0; *s && j < i; j++)
		if (jx_is(json_array_get(list, j), key, s))
			return true;
	return false;
}

static void validate_port_name(struct write *w, const json_t *ports, const char *list, size_t i,
			       size_t j)
{
	const json_t *name = json_object_get(json_array_get(ports, j), "name");
	const char *bad = name ? format_port_name(json_string_value(name)) : NULL;

	if (bad)
		field_invalid(&w->errs, name, bad, "spec.%s[%zu].ports[%zu].name", list, i, j);
	else if (repeats(ports, j, "name"))
		field_duplicate(&w->errs, name, "spec.%s[%zu].ports[%zu].name", list, i, j);
}

static void validate_port(struct write *w, const json_t *port, const char *list, size_t i,
			  size_t j)
{
	static const char at[] = "spec.%s[%zu].ports[%zu].%s";
	const json_t *host = json_object_get(port, "hostPort");
	const char *bad = format_port(jx_int(port, "containerPort"));

	if (!jx_int(port, "containerPort"))
		field_required(&w->errs, "", at, list, i, j, "containerPort");
	else if (bad)
		field_invalid(&w->errs, json_object_get(port, "containerPort"), bad, at, list, i, j,
			      "containerPort");
	bad = host ? format_port(json_integer_value(host)) : NULL;
	if (bad)
		field_invalid(&w->errs, host, bad, at, list, i, j, "hostPort");
	if (!jx_is(port, "protocol", "TCP") && !jx_is(port, "protocol", "UDP") &&
	    !jx_is(port, "protocol", "SCTP"))
		field_unsupported(&w->errs, json_object_get(port, "protocol"), protocols, at, list,
				  i, j, "protocol");
}

/* Each is compared with all others. */
static bool too_many(struct write *w, const json_t *containers, const char *list)
{
	size_t n = json_array_size(containers), ports = 0;

	for (size_t i = 0; i < n; i++)
		ports += json_array_size(json_object_get(json_array_get(containers, i), "ports"));
	if (n > CONTAINERS_MAX)
		field_too_many(&w->errs, n, CONTAINERS_MAX, "spec.%s", list);
	else if (ports > PORTS_MAX)
		field_too_many(&w->errs, ports, PORTS_MAX, "spec.%s[*].ports", list);
	return n > CONTAINERS_MAX || ports > PORTS_MAX;
}

static void validate_containers(struct write *w, const json_t *containers, const char *list)
{
	if (too_many(w, containers, list))
		return;
	for (size_t i = 0; i < json_array_size(containers); i++) {
		const json_t *c = json_array_get(containers, i);
		const json_t *ports = json_object_get(c, "ports");
		const json_t *name = json_object_get(c, "name");
		const char *bad = name ? format_dns1123_label(json_string_value(name)) : NULL;

		if (!name)
			field_required(&w->errs, "", "spec.%s[%zu].name", list, i);
		else if (bad)
			field_invalid(&w->errs, name, bad, "spec.%s[%zu].name", list, i);
		else if (repeats(containers, i, "name"))
			field_duplicate(&w->errs, name, "spec.%s[%zu].name", list, i);
		for (size_t j = 0; j < json_array_size(ports); j++) {
			validate_port_name(w, ports, list, i, j);
			validate_port(w, json_array_get(ports, j), list, i, j);
		}
	}
}

static void check(struct write *w, const char *path, const char *(*format)(const char *))
{
	const json_t *v = jx_get(w->obj, path);
	const char *bad = v ? format(json_string_value(v)) : NULL;

	if (bad)
		field_invalid(&w->errs, v, bad, "%s", path);
}

static json_t *without_changeable(const json_t *spec)
{
	static const char *const may_change[] = {
		"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
	};
	json_t *s = jx_copy(spec), *c;
	size_t i;

	for (size_t k = 0; k < sizeof(may_change) / sizeof(may_change[0]); k++)
		json_object_del(s, may_change[k]);
	for (size_t k = 0; k < 2; k++) {
		json_array_foreach(json_object_get(s, lists[k]), i, c) {
			json_object_del(c, "image");
		}
	}
	return s;
}

static void validate_unchanged(struct write *w)
{
	json_t *was = without_changeable(jx_get(w->old, "spec"));
	json_t *now = without_changeable(jx_get(w->obj, "spec"));

	if (!json_equal(was, now))
		field_forbidden(&w->errs, "pod updates may not change fields other than "
				"`spec.containers[*].image`,`spec.initContainers[*].image`,"
				"`spec.activeDeadlineSeconds`,`spec.tolerations`,"
				"`spec.terminationGracePeriodSeconds`", "spec");
	json_decref(was);
	json_decref(now);
}

static void validate(struct write *w)
{
	const json_t *containers = jx_get(w->obj, "spec.containers");

	if (!json_array_size(containers))
		field_required(&w->errs, "", "spec.containers");
	for (size_t k = 0; k < 2; k++)
		validate_containers(w, json_object_get(jx_get(w->obj, "spec"), lists[k]), lists[k]);
	check(w, "spec.nodeName", format_dns1123_subdomain);
	check(w, "spec.hostname", format_dns1123_label);
	check(w, "spec.subdomain", format_dns1123_label);
	if (w->old && !field_errors_any(&w->errs))
		validate_unchanged(w);
}

/* podIP is the first of podIPs; a client that knows only podIP wins. */
static void prepare_status(struct write *w)
{
	const char *ip = jx_str(w->obj, "status.podIP");
	json_t *first = json_array_get(jx_get(w->obj, "status.podIPs"), 0);

	if (*ip && !jx_is(first, "ip", ip))
		jx_set(w->obj, "status.podIPs", json_pack("[{s:s}]", "ip", ip));
	else if (!*ip && first)
		jx_set_str(w->obj, "status.podIP", jx_str(first, "ip"));
	if (!jx_get(w->obj, "status.phase") && jx_get(w->old, "status.phase"))
		jx_set_str(w->obj, "status.phase", jx_str(w->old, "status.phase"));
}

static bool phase_known(const char *s)
{
	for (size_t i = 0; phases[i]; i++)
		if (!strcmp(phases[i], s))
			return true;
	return false;
}

static void validate_status(struct write *w)
{
	const json_t *phase = jx_get(w->obj, "status.phase");
	const json_t *ips = jx_get(w->obj, "status.podIPs");
	size_t n = json_array_size(ips), v6 = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *ip = jx_get(json_array_get(ips, i), "ip");
		const char *bad = format_endpoint_ip(ip ? json_string_value(ip) : "");

		if (bad)
			field_invalid(&w->errs, ip ? ip : json_null(), bad, "status.podIPs[%zu].ip",
				      i);
		else
			v6 += !!strchr(json_string_value(ip), ':');
	}
	if (n > 2 || (n == 2 && v6 != 1 && !field_errors_any(&w->errs)))
		field_invalid(&w->errs, ips, "may specify no more than one IP for each IP family",
			      "status.podIPs");
	check(w, "status.hostIP", format_ip);
	if (phase && !phase_known(json_string_value(phase)))
		field_unsupported(&w->errs, phase, phases, "status.phase");
}

const struct rules pod_rules = {
	.plural = "pods",
	.schema = { NULL, SCHEMA_OBJECT, 0, fields, "Pod" },
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.prepare_status = prepare_status,
	.validate_status = validate_status,
	.delete_returns_object = true,
};
