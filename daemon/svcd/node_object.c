// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of Nodes. As with Pods, every field stays, and those are looked at
 * that Services depend on: labels (the zone), pod networks and addresses.
 */
#include "rules.h"

#include "format.h"
#include "jx.h"

#include <stdlib.h>
#include <string.h>

#define STRING(k, f) { k, SCHEMA_STRING, f, NULL, NULL }
#define ANY(k) { k, SCHEMA_ANY, 0, NULL, NULL }
#define END { NULL, SCHEMA_ANY, 0, NULL, NULL }

static const struct schema string_item = STRING(NULL, SCHEMA_KEEP);
static const struct schema spec_fields[] = {
	STRING("podCIDR", 0), { "podCIDRs", SCHEMA_LIST, 0, &string_item, NULL },
	STRING("providerID", 0), { "unschedulable", SCHEMA_BOOL, 0, NULL, NULL }, ANY("taints"), END
};
static const struct schema condition_fields[] = {
	STRING("type", SCHEMA_KEEP), STRING("status", SCHEMA_KEEP), END
};
static const struct schema condition_item = { NULL, SCHEMA_OBJECT, SCHEMA_OPEN, condition_fields,
					      "NodeCondition" };
static const struct schema address_fields[] = {
	STRING("type", SCHEMA_KEEP), STRING("address", SCHEMA_KEEP), END
};
static const struct schema address_item = { NULL, SCHEMA_OBJECT, 0, address_fields,
					    "NodeAddress" };
static const struct schema status_fields[] = {
	ANY("capacity"), ANY("allocatable"), STRING("phase", 0),
	{ "conditions", SCHEMA_LIST, 0, &condition_item, NULL },
	{ "addresses", SCHEMA_LIST, 0, &address_item, NULL },
	ANY("daemonEndpoints"), ANY("nodeInfo"), END
};
static const struct schema fields[] = {
	SCHEMA_TOP,
	{ "spec", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, spec_fields, "NodeSpec" },
	{ "status", SCHEMA_OBJECT, SCHEMA_KEEP | SCHEMA_OPEN, status_fields, "NodeStatus" },
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

	if (!json_is_object(jx_get(node, "status.daemonEndpoints")))
		jx_set(node, "status.daemonEndpoints",
		       json_pack("{s:{s:i}}", "kubeletEndpoint", "Port", 0));
	if (!json_is_object(info)) {
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
	size_t n = json_array_size(list), v6 = 0, i;

	json_array_foreach((json_t *)list, i, v) {
		if (format_cidr(json_string_value(v))) {
			field_invalid(&w->errs, v, format_cidr(json_string_value(v)),
				      "spec.podCIDRs[%zu]", i);
			return;
		}
		v6 += !!strchr(json_string_value(v), ':');
	}
	if (n > 2 || (n == 2 && v6 != 1))
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

static void validate(struct write *w)
{
	validate_cidrs(w);
	if (w->old)
		validate_unchanged(w);
	else
		validate_status(w);
}

const struct rules node_rules = {
	.plural = "nodes",
	.schema = { NULL, SCHEMA_OBJECT, 0, fields, "Node" },
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.prepare_status = prepare_status,
	.validate_status = validate_status,
	.create_has_status = true,
};
