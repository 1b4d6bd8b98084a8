// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "describe.h"
#include "field.h"
#include "rows.h"
#include "sorted.h"

#include <stdlib.h>

/* As kubectl has them: by effect, then by key. */
static int compare_taints(const json_t *a, const json_t *b, const void *arg)
{
	int ret = sorted_by_text(a, b, "effect");

	(void)arg;
	return ret ? ret : sorted_by_text(a, b, "key");
}

static void print_taints(FILE *f, const json_t *taints)
{
	json_t **items = sorted_items(taints, compare_taints, NULL);
	const char *value;
	size_t i;

	fprintf(f, "Taints:\t%s", json_array_size(taints) ? "" : "<none>\n");
	for (i = 0; items && items[i]; i++) {
		value = field_string(items[i], "value");
		fprintf(f, "%s%s%s%s:%s\n", i ? "\t" : "", field_string(items[i], "key"),
			*value ? "=" : "", value, field_string(items[i], "effect"));
	}
	free(items);
}

static void print_conditions(FILE *f, const json_t *conditions)
{
	char beat[DESCRIBE_DATE_SIZE], change[DESCRIBE_DATE_SIZE];
	json_t *c;
	size_t i;

	if (!json_array_size(conditions))
		return;
	fputs("Conditions:\n"
	      "  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n"
	      "  ----\t------\t-----------------\t------------------\t------\t-------\n", f);
	json_array_foreach(conditions, i, c)
		fprintf(f, "  %s \t%s \t%s \t%s \t%s \t%s\n", field_string(c, "type"),
			field_string(c, "status"),
			describe_date(field_string(c, "lastHeartbeatTime"), beat),
			describe_date(field_string(c, "lastTransitionTime"), change),
			field_string(c, "reason"), field_string(c, "message"));
}

static void print_addresses(FILE *f, const json_t *addresses)
{
	json_t *address;
	size_t i;

	fputs("Addresses:\n", f);
	json_array_foreach(addresses, i, address)
		fprintf(f, "  %s:\t%s\n", field_string(address, "type"),
			field_string(address, "address"));
}

static void print_info(FILE *f, const json_t *info)
{
	static const struct { const char *title, *key; } lines[] = {
		{ "Machine ID", "machineID" }, { "System UUID", "systemUUID" },
		{ "Boot ID", "bootID" }, { "Kernel Version", "kernelVersion" },
		{ "OS Image", "osImage" }, { "Operating System", "operatingSystem" },
		{ "Architecture", "architecture" },
		{ "Container Runtime Version", "containerRuntimeVersion" },
		{ "Kubelet Version", "kubeletVersion" },
	};
	size_t i;

	if (!json_object_size(info))
		return;
	fputs("System Info:\n", f);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fprintf(f, "  %s:\t%s\n", lines[i].title, field_string(info, lines[i].key));
}

static void print_cidrs(FILE *f, const json_t *node)
{
	const json_t *cidrs = field_get(node, "spec.podCIDRs");
	const char *cidr = field_string(node, "spec.podCIDR");

	if (*cidr)
		fprintf(f, "PodCIDR:\t%s\n", cidr);
	if (!json_array_size(cidrs))
		return;
	fputs("PodCIDRs:\t", f);
	field_print_list(f, cidrs, ",");
	fputc('\n', f);
}

static void print_pods(FILE *f, const json_t *pods, time_t now)
{
	char age[AGE_SIZE];
	json_t *pod;
	size_t i;

	if (!pods)
		return;
	fprintf(f, "Non-terminated Pods:\t(%zu in total)\n", json_array_size(pods));
	fputs("  Namespace\tName\tIP\tAge\n"
	      "  ---------\t----\t--\t---\n", f);
	json_array_foreach(pods, i, pod)
		fprintf(f, "  %s\t%s\t%s\t%s\n", field_string(pod, "metadata.namespace"),
			field_string(pod, "metadata.name"), field_string(pod, "status.podIP"),
			age_since(field_string(pod, "metadata.creationTimestamp"), now, age));
}

static void print(FILE *f, const struct describe_about *a)
{
	bool closed = json_is_true(field_get(a->object, "spec.unschedulable"));
	const json_t *node = a->object;
	char date[DESCRIBE_DATE_SIZE];

	describe_identity(f, node);
	fputs("Roles:\t", f);
	rows_print_roles(f, node);
	fputc('\n', f);
	describe_labels(f, node);
	fprintf(f, "CreationTimestamp:\t%s\n",
		describe_date(field_string(node, "metadata.creationTimestamp"), date));
	print_taints(f, field_get(node, "spec.taints"));
	fprintf(f, "Unschedulable:\t%s\n", closed ? "true" : "false");
	print_conditions(f, field_get(node, "status.conditions"));
	print_addresses(f, field_get(node, "status.addresses"));
	describe_quantities(f, "", "Capacity", field_get(node, "status.capacity"));
	describe_quantities(f, "", "Allocatable", field_get(node, "status.allocatable"));
	print_info(f, field_get(node, "status.nodeInfo"));
	print_cidrs(f, node);
	describe_optional(f, "ProviderID", node, "spec.providerID");
	print_pods(f, a->pods, a->now);
}

const struct describe_type describe_node = { "nodes", print };
