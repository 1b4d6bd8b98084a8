// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "describe.h"
#include "field.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define DATE_SIZE	40

/* As mail has it; "" when it is no time. */
static const char *date_of(const char *stamp, char buf[DATE_SIZE])
{
	struct tm tm;
	time_t t;

	buf[0] = '\0';
	if (!age_parse(stamp, &t) && gmtime_r(&t, &tm))
		strftime(buf, DATE_SIZE, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	return buf;
}

static void print_taints(FILE *f, const json_t *taints)
{
	const char *value;
	json_t *taint;
	size_t i;

	fputs("Taints:\t", f);
	if (!json_array_size(taints))
		fputs("<none>\n", f);
	json_array_foreach(taints, i, taint) {
		value = field_string(taint, "value");
		fprintf(f, "%s%s%s%s:%s\n", i ? "\t" : "", field_string(taint, "key"),
			*value ? "=" : "", value, field_string(taint, "effect"));
	}
}

static void print_conditions(FILE *f, const json_t *conditions)
{
	char beat[DATE_SIZE], change[DATE_SIZE];
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
			date_of(field_string(c, "lastHeartbeatTime"), beat),
			date_of(field_string(c, "lastTransitionTime"), change),
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

/* Capacity and what of it may be used: of nodes that run pods, and say so. */
static void print_resources(FILE *f, const char *title, const json_t *map)
{
	const char **keys = field_keys(map);
	size_t i;

	if (keys && keys[0])
		fprintf(f, "%s:\n", title);
	for (i = 0; keys && keys[i]; i++) {
		fprintf(f, "  %s:\t", keys[i]);
		field_print(f, json_object_get(map, keys[i]));
		fputc('\n', f);
	}
	free(keys);
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
	char date[DATE_SIZE];

	describe_identity(f, node);
	fputs("Roles:\t", f);
	rows_print_roles(f, node);
	fputc('\n', f);
	describe_labels(f, node);
	fprintf(f, "CreationTimestamp:\t%s\n",
		date_of(field_string(node, "metadata.creationTimestamp"), date));
	print_taints(f, field_get(node, "spec.taints"));
	fprintf(f, "Unschedulable:\t%s\n", closed ? "true" : "false");
	print_conditions(f, field_get(node, "status.conditions"));
	print_addresses(f, field_get(node, "status.addresses"));
	print_resources(f, "Capacity", field_get(node, "status.capacity"));
	print_resources(f, "Allocatable", field_get(node, "status.allocatable"));
	print_info(f, field_get(node, "status.nodeInfo"));
	print_cidrs(f, node);
	print_pods(f, a->pods, a->now);
}

const struct describe_type describe_node = { "nodes", print };
