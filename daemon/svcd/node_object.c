// SPDX-License-Identifier: GPL-2.0
/* The rules of Nodes: those that are here by themselves, and need no kubelet. */
#include "rules.h"

#include "format.h"
#include "jx.h"
#include "schema_node.h"
#include "schema_table.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>

static const struct schema fields[] = {
	SCHEMA_TOP,
	OBJECT("spec", schema_node_spec, "NodeSpec"),
	OBJECT("status", schema_node_status, "NodeStatus"),
	END
};

/* Shown always, though nobody said them. */
static void fill_info(json_t *node)
{
	static const char *const keys[] = {
		"machineID", "systemUUID", "bootID", "kernelVersion", "osImage",
		"containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem",
		"architecture",
	};
	json_t *info = jx_get(node, "status.nodeInfo");

	if (!jx_get(node, "status.daemonEndpoints.kubeletEndpoint.Port"))
		jx_set_int(node, "status.daemonEndpoints.kubeletEndpoint.Port", 0);
	if (!info) {
		info = jx_must(json_object());
		jx_set(node, "status.nodeInfo", info);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_object_get(info, keys[i]))
			jx_set_str(info, keys[i], "");
}

static void prepare_status(struct write *w)
{
	const json_t *capacity = jx_get(w->obj, "status.capacity");

	if (capacity && !jx_get(w->obj, "status.allocatable"))
		jx_set(w->obj, "status.allocatable", jx_copy(capacity));
	fill_info(w->obj);
}

/* podCIDR is the first of podCIDRs; a client that knows only podCIDR wins. */
static void prepare(struct write *w)
{
	const char *cidr = jx_str(w->obj, "spec.podCIDR"), *first;
	json_t *v = json_array_get(jx_get(w->obj, "spec.podCIDRs"), 0);

	first = v ? json_string_value(v) : "";
	if (*cidr && strcmp(first, cidr))
		jx_set(w->obj, "spec.podCIDRs", json_pack("[s]", cidr));
	else if (!*cidr && *first)
		jx_set_str(w->obj, "spec.podCIDR", first);
	if (!jx_get(w->obj, "spec"))
		jx_set(w->obj, "spec", json_object());
	if (!w->old)
		prepare_status(w);
}

static void validate_cidrs(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.podCIDRs"), *v;
	size_t n = json_array_size(list), v6 = 0, wrong = 0, i;

	json_array_foreach((json_t *)list, i, v) {
		const char *bad = format_cidr(json_string_value(v));

		if (bad)
			field_invalid(&w->errs, v, bad, "spec.podCIDRs[%zu]", i);
		wrong += bad != NULL;
		v6 += !bad && strchr(json_string_value(v), ':');
	}
	if (!wrong && (n > 2 || (n == 2 && v6 != 1)))
		field_invalid(&w->errs, list,
			      "may specify no more than one CIDR for each IP family",
			      "spec.podCIDRs");
}

/* What is there once stays; it may come later. */
static void validate_unchanged(struct write *w)
{
	const json_t *was = jx_get(w->old, "spec.podCIDRs"), *id;

	if (was && !json_equal(was, jx_get(w->obj, "spec.podCIDRs")))
		field_forbidden(&w->errs,
				"node updates may not change podCIDR except from \"\" to valid",
				"spec.podCIDRs");
	id = jx_get(w->old, "spec.providerID");
	if (id && !jx_is(w->obj, "spec.providerID", json_string_value(id)))
		field_forbidden(&w->errs,
				"node updates may not change providerID except from \"\" to valid",
				"spec.providerID");
}

static void validate_status(struct write *w)
{
	const json_t *list = jx_get(w->obj, "status.addresses"), *v;
	json_t *seen = jx_must(json_object());
	size_t i;

	json_array_foreach((json_t *)list, i, v) {
		char *key = jx_print(v);

		if (json_object_get(seen, key))
			field_duplicate(&w->errs, v, "status.addresses[%zu]", i);
		else
			json_object_set_new(seen, key, json_true());
		free(key);
	}
	json_decref(seen);
}

/* Those that an earlier svcd took stay, as long as they are not touched. */
static void validate_taints(struct write *w)
{
	const json_t *taints = jx_get(w->obj, "spec.taints");

	if (!json_equal(taints, jx_get(w->old, "spec.taints")))
		taint_validate(&w->errs, taints);
}

static void validate(struct write *w)
{
	validate_taints(w);
	validate_cidrs(w);
	if (w->old)
		validate_unchanged(w);
	else
		validate_status(w);
}

const struct rules node_rules = {
	.plural = "nodes",
	.schema = OBJECT(NULL, fields, "Node"),
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.prepare_status = prepare_status,
	.validate_status = validate_status,
	.create_has_status = true,
};
