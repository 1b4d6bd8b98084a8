// SPDX-License-Identifier: GPL-2.0
/* The rules of Endpoints objects, whoever makes them. */
#include "rules.h"

#include "endpoints_controller.h"
#include "jx.h"
#include "schema_table.h"
#include "slice.h"

#include <string.h>

static const struct schema address_fields[] = {
	STRING("ip", KEEP), STRING("hostname", 0), STRING("nodeName", KEEP),
	OBJECT("targetRef", schema_reference, "ObjectReference"), END
};
static const struct schema port_fields[] = {
	STRING("name", 0), INT("port", KEEP), STRING("protocol", 0),
	STRING("appProtocol", KEEP), END
};
static const struct schema subset_fields[] = {
	LIST_OF("addresses", address_fields, "EndpointAddress"),
	LIST_OF("notReadyAddresses", address_fields, "EndpointAddress"),
	LIST_OF("ports", port_fields, "EndpointPort"), END
};
static const struct schema fields[] = {
	SCHEMA_TOP, LIST_OF("subsets", subset_fields, "EndpointSubset"), END
};

static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };

/* One without is refused in the words for an empty one. */
static void set_ips(json_t *addresses)
{
	json_t *a;
	size_t i;

	json_array_foreach(addresses, i, a) {
		if (!json_object_get(a, "ip"))
			jx_set_str(a, "ip", "");
	}
}

static void prepare(struct write *w)
{
	json_t *subsets = jx_get(w->obj, "subsets"), *subset, *port;
	size_t i, j;

	json_array_foreach(subsets, i, subset) {
		set_ips(json_object_get(subset, "addresses"));
		set_ips(json_object_get(subset, "notReadyAddresses"));
		json_array_foreach(json_object_get(subset, "ports"), j, port) {
			if (!json_object_get(port, "protocol"))
				jx_set_str(port, "protocol", "TCP");
			if (!json_object_get(port, "port"))
				jx_set_int(port, "port", 0);
		}
	}
}

static void validate_address(struct write *w, const json_t *a, size_t i, const char *list, size_t j)
{
	static const char at[] = "subsets[%zu].%s[%zu].%s";
	const json_t *ip = json_object_get(a, "ip");
	const json_t *host = json_object_get(a, "hostname");
	const json_t *node = json_object_get(a, "nodeName");

	field_format(&w->errs, ip, format_ip_rules, at, i, list, j, "ip");
	if (host)
		field_format(&w->errs, host, format_dns1123_label_rules, at, i, list, j,
			     "hostname");
	if (node)
		field_format(&w->errs, node, format_dns1123_subdomain_rules, at, i, list, j,
			     "nodeName");
	field_format(&w->errs, ip, format_reachable_ip_rules, at, i, list, j, "ip");
}

static void validate_port(struct write *w, const json_t *port, size_t i, size_t j, bool named)
{
	const json_t *name = json_object_get(port, "name");
	const json_t *app = json_object_get(port, "appProtocol");
	const char *bad;

	if (!name && named)
		field_required(&w->errs, "", "subsets[%zu].ports[%zu].name", i, j);
	if (name)
		field_format(&w->errs, name, format_dns1123_label_rules,
			     "subsets[%zu].ports[%zu].name", i, j);
	bad = format_port(jx_int(port, "port"));
	if (bad)
		field_invalid(&w->errs, json_object_get(port, "port"), bad,
			      "subsets[%zu].ports[%zu].port", i, j);
	if (!jx_is(port, "protocol", "TCP") && !jx_is(port, "protocol", "UDP") &&
	    !jx_is(port, "protocol", "SCTP"))
		field_unsupported(&w->errs, json_object_get(port, "protocol"), protocols,
				  "subsets[%zu].ports[%zu].protocol", i, j);
	if (app)
		field_format(&w->errs, app, format_qualified_name_rules,
			     "subsets[%zu].ports[%zu].appProtocol", i, j);
}

/* How many ports a subset may have: those of its slice, or as many as one had before. */
static size_t ports_max(const json_t *old)
{
	const json_t *subsets = jx_get(old, "subsets");
	size_t max = SLICE_PORTS_MAX;

	for (size_t i = 0; i < json_array_size(subsets); i++) {
		size_t n = json_array_size(json_object_get(json_array_get(subsets, i), "ports"));

		max = n > max ? n : max;
	}
	return max;
}

static void validate_subset(struct write *w, const json_t *subset, size_t i, size_t max)
{
	static const char *const lists[] = { "addresses", "notReadyAddresses" };
	const json_t *ports = json_object_get(subset, "ports");
	size_t n = json_array_size(ports);

	if (!json_array_size(json_object_get(subset, lists[0])) &&
	    !json_array_size(json_object_get(subset, lists[1])))
		field_required(&w->errs, "must specify `addresses` or `notReadyAddresses`",
			       "subsets[%zu]", i);
	for (size_t k = 0; k < 2; k++) {
		const json_t *list = json_object_get(subset, lists[k]);

		for (size_t j = 0; j < json_array_size(list); j++)
			validate_address(w, json_array_get(list, j), i, lists[k], j);
	}
	if (n > max)
		field_too_many(&w->errs, n, SLICE_PORTS_MAX, "subsets[%zu].ports", i);
	for (size_t j = 0; n <= max && j < n; j++)
		validate_port(w, json_array_get(ports, j), i, j, n > 1);
}

static void validate(struct write *w)
{
	const json_t *subsets = jx_get(w->obj, "subsets");
	size_t max = ports_max(w->old);

	for (size_t i = 0; i < json_array_size(subsets); i++)
		validate_subset(w, json_array_get(subsets, i), i, max);
}

static void finish(struct write *w)
{
	const json_t *subsets = jx_get(w->obj, "subsets");

	if (subsets)
		jx_set(w->obj, "subsets", endpoints_repack(subsets));
}

const struct rules endpoints_rules = {
	.plural = "endpoints",
	.schema = OBJECT(NULL, fields, "Endpoints"),
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.finish = finish,
	.update_creates = true,
};
