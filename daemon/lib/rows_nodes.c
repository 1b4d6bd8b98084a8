// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "podstate.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define ROLE_PREFIX	"node-role.kubernetes.io/"
#define ROLE_LABEL	"kubernetes.io/role"

static void print_status(FILE *f, const json_t *node)
{
	json_t *c;
	bool known = false;
	size_t i;

	json_array_foreach(field_get(node, "status.conditions"), i, c)
		known |= !strcmp(field_string(c, "type"), "Ready");
	if (!known)
		fputs("Unknown", f);
	else
		fputs(podstate_condition(node, "Ready") ? "Ready" : "NotReady", f);
	if (json_is_true(field_get(node, "spec.unschedulable")))
		fputs(",SchedulingDisabled", f);
}

/* NULL: the label names no role. */
static const char *role_of(const char *label, const json_t *labels)
{
	if (!strncmp(label, ROLE_PREFIX, strlen(ROLE_PREFIX)) && label[strlen(ROLE_PREFIX)])
		return label + strlen(ROLE_PREFIX);
	if (!strcmp(label, ROLE_LABEL))
		return json_string_value(json_object_get(labels, label));
	return NULL;
}

void rows_print_roles(FILE *f, const json_t *node)
{
	const json_t *labels = json_object_get(json_object_get(node, "metadata"), "labels");
	const char **keys = field_keys(labels), *role;
	size_t i, n = 0;

	for (i = 0; keys && keys[i]; i++) {
		role = role_of(keys[i], labels);
		if (role && *role)
			fprintf(f, "%s%s", n++ ? "," : "", role);
	}
	if (!n)
		fputs("<none>", f);
	free(keys);
}

static const char *address_of(const json_t *node, const char *type)
{
	json_t *a;
	size_t i;

	json_array_foreach(field_get(node, "status.addresses"), i, a)
		if (!strcmp(field_string(a, "type"), type))
			return field_string(a, "address");
	return "<none>";
}

static void fill(json_t *cells, const json_t *node, time_t now)
{
	rows_put_name(cells, node);
	rows_put_printed(cells, print_status, node);
	rows_put_printed(cells, rows_print_roles, node);
	rows_put_age(cells, node, now);
	rows_put_field(cells, node, "status.nodeInfo.kubeletVersion", "");
	rows_put(cells, address_of(node, "InternalIP"));
	rows_put(cells, address_of(node, "ExternalIP"));
	rows_put_field(cells, node, "status.nodeInfo.osImage", "<unknown>");
	rows_put_field(cells, node, "status.nodeInfo.kernelVersion", "<unknown>");
	rows_put_field(cells, node, "status.nodeInfo.containerRuntimeVersion", "<unknown>");
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("Status", 0, "Is the node ready, and may pods be put on it?"),
	ROWS_STRING("Roles", 0, "The roles that its labels name."),
	ROWS_AGE,
	ROWS_STRING("Version", 0, "The version of the kubelet, where there is one."),
	ROWS_STRING("Internal-IP", 1, "The node's address among nodes."),
	ROWS_STRING("External-IP", 1, "The node's address for the outside."),
	ROWS_STRING("OS-Image", 1, "The system that the node runs."),
	ROWS_STRING("Kernel-Version", 1, "The kernel that the node runs."),
	ROWS_STRING("Container-Runtime", 1, "What runs the node's containers."),
	ROWS_END
};

const struct rows_type rows_nodes = { "nodes", columns, fill };
