// SPDX-License-Identifier: GPL-2.0
#include "podview.h"

#include "jx.h"

#include <string.h>

bool podview_terminal(const json_t *pod)
{
	return jx_is(pod, "status.phase", "Succeeded") || jx_is(pod, "status.phase", "Failed");
}

bool podview_ready(const json_t *pod)
{
	const json_t *conditions = jx_get(pod, "status.conditions");

	for (size_t i = 0; i < json_array_size(conditions); i++) {
		const json_t *c = json_array_get(conditions, i);

		if (jx_is(c, "type", "Ready"))
			return jx_is(c, "status", "True");
	}
	return false;
}

static bool parse_of_family(const char *text, int family, struct ip_addr *ip)
{
	return *text && !ip_addr_parse(text, ip, NULL) && (!family || ip->family == family);
}

bool podview_ip(const json_t *pod, int family, struct ip_addr *ip)
{
	const json_t *list = jx_get(pod, "status.podIPs");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (parse_of_family(jx_str(json_array_get(list, i), "ip"), family, ip))
			return true;
	return parse_of_family(jx_str(pod, "status.podIP"), family, ip);
}

/* The number of a port's name in a list of containers; 0: none of that protocol. */
static json_int_t named_in(const json_t *containers, const char *name, const char *protocol,
			   bool sidecars_only)
{
	for (size_t i = 0; i < json_array_size(containers); i++) {
		const json_t *c = json_array_get(containers, i), *ports = jx_get(c, "ports");

		if (sidecars_only && !jx_is(c, "restartPolicy", "Always"))
			continue;
		for (size_t j = 0; j < json_array_size(ports); j++) {
			const json_t *port = json_array_get(ports, j);

			if (jx_is(port, "name", name) && jx_is(port, "protocol", protocol))
				return jx_int(port, "containerPort");
		}
	}
	return 0;
}

json_int_t podview_target_port(const json_t *pod, const json_t *port)
{
	const json_t *target = json_object_get(port, "targetPort");
	const char *name = json_string_value(target);
	json_int_t n;

	if (!name)
		return json_integer_value(target);
	n = named_in(jx_get(pod, "spec.containers"), name, jx_str(port, "protocol"), false);
	/* KEP-753: an init container that restarts always serves along with the others. */
	return n ? n : named_in(jx_get(pod, "spec.initContainers"), name, jx_str(port, "protocol"),
				true);
}

static bool same(const json_t *a, const json_t *b, const char *path)
{
	const json_t *x = jx_get(a, path), *y = jx_get(b, path);

	return x == y || json_equal(x, y);
}

/* A pod that no Service can have among its endpoints, whatever its selector. */
static bool invisible(const json_t *pod)
{
	struct ip_addr ip;

	return !pod || podview_terminal(pod) || !podview_ip(pod, 0, &ip);
}

bool podview_same(const json_t *a, const json_t *b)
{
	static const char *const fields[] = {
		"metadata.uid", "metadata.labels", "metadata.deletionTimestamp", "spec.nodeName",
		"spec.hostname", "spec.subdomain", "spec.containers", "spec.initContainers",
		"status.phase", "status.podIP", "status.podIPs",
	};

	if (invisible(a) || invisible(b))
		return invisible(a) && invisible(b);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!same(a, b, fields[i]))
			return false;
	return podview_ready(a) == podview_ready(b);
}
