// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "describe.h"
#include "field.h"
#include "sorted.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void print_node(FILE *f, const json_t *pod)
{
	const char *node = field_string(pod, "spec.nodeName");
	const char *start = field_string(pod, "status.startTime");
	const char *host = field_string(pod, "status.hostIP");
	char date[DESCRIBE_DATE_SIZE];

	fprintf(f, "Node:\t%s%s%s\n", *node ? node : "<none>", *node ? "/" : "",
		*node ? host : "");
	if (*start)
		fprintf(f, "Start Time:\t%s\n", describe_date(start, date));
}

/* A pod that came to its end does not end any more. */
static bool is_ending(const json_t *pod)
{
	const char *phase = field_string(pod, "status.phase");

	return field_get(pod, "metadata.deletionTimestamp") && strcmp(phase, "Failed") &&
	       strcmp(phase, "Succeeded");
}

static void print_status(FILE *f, const struct describe_about *a)
{
	const json_t *pod = a->object;
	char age[AGE_SIZE];

	if (is_ending(pod))
		fprintf(f, "Status:\tTerminating (lasts %s)\nTermination Grace Period:\t%llds\n",
			age_since(field_string(pod, "metadata.deletionTimestamp"), a->now, age),
			(long long)field_int(pod, "metadata.deletionGracePeriodSeconds", 0));
	else
		fprintf(f, "Status:\t%s\n", field_string(pod, "status.phase"));
	describe_optional(f, "Reason", pod, "status.reason");
	describe_optional(f, "Message", pod, "status.message");
}

static void print_ips(FILE *f, const json_t *pod)
{
	const json_t *ips = field_get(pod, "status.podIPs");
	json_t *item;
	size_t i;

	fprintf(f, "IP:\t%s\n", field_string(pod, "status.podIP"));
	if (!json_array_size(ips)) {
		fputs("IPs:\t<none>\n", f);
		return;
	}
	fputs("IPs:\n", f);
	json_array_foreach(ips, i, item)
		fprintf(f, "  IP:\t%s\n", field_string(item, "ip"));
}

static void print_controller(FILE *f, const json_t *pod)
{
	json_t *owner;
	size_t i;

	json_array_foreach(field_get(pod, "metadata.ownerReferences"), i, owner)
		if (json_is_true(json_object_get(owner, "controller")))
			fprintf(f, "Controlled By:\t%s/%s\n", field_string(owner, "kind"),
				field_string(owner, "name"));
}

/* NULL: the pod has none of this type. */
static const char *condition_status(const json_t *pod, const char *type)
{
	json_t *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.conditions"), i, c)
		if (!strcmp(field_string(c, "type"), type))
			return field_string(c, "status");
	return NULL;
}

/* A table of types and whether each is true; key: where an item of list says its type. */
static void print_conditions(FILE *f, const char *title, const json_t *pod, const char *list,
			     const char *key)
{
	const json_t *items = field_get(pod, list);
	const char *type, *status;
	json_t *item;
	size_t i;

	if (!json_array_size(items))
		return;
	fprintf(f, "%s:\n  Type\tStatus\n", title);
	json_array_foreach(items, i, item) {
		type = field_string(item, key);
		status = condition_status(pod, type);
		fprintf(f, "  %s \t%s \n", type, status ? status : "<none>");
	}
}

static bool asks_for_resources(const json_t *pod)
{
	static const char *const lists[] = { "spec.containers", "spec.initContainers" };
	json_t *c;
	size_t i, j;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_array_foreach(field_get(pod, lists[i]), j, c)
			if (json_object_size(field_get(c, "resources.limits")) ||
			    json_object_size(field_get(c, "resources.requests")))
				return true;
	return false;
}

/* Who runs the pod says its class; but that of one that asks for nothing is plain. */
static void print_qos(FILE *f, const json_t *pod)
{
	const char *class = field_string(pod, "status.qosClass");

	if (!*class && !asks_for_resources(pod))
		class = "BestEffort";
	if (*class)
		fprintf(f, "QoS Class:\t%s\n", class);
}

static void print_toleration(FILE *f, const json_t *t)
{
	const char *key = field_string(t, "key"), *value = field_string(t, "value");
	const char *effect = field_string(t, "effect");
	json_int_t seconds = field_int(t, "tolerationSeconds", -1);

	fprintf(f, "%s%s%s%s%s", key, *value ? "=" : "", value, *effect ? ":" : "", effect);
	if (!strcmp(field_string(t, "operator"), "Exists") && !*value)
		fprintf(f, "%sop=Exists", *key || *effect ? " " : "");
	if (json_object_get(t, "tolerationSeconds"))
		fprintf(f, " for %llds", (long long)seconds);
	fputc('\n', f);
}

static void print_tolerations(FILE *f, const json_t *list)
{
	json_t **items = sorted_items(list, sorted_by_text, "key");
	size_t i;

	fprintf(f, "Tolerations:\t%s", json_array_size(list) ? "" : "<none>\n");
	for (i = 0; items && items[i]; i++) {
		fputs(i ? "\t" : "", f);
		print_toleration(f, items[i]);
	}
	free(items);
}

static void print_all_containers(FILE *f, const json_t *pod)
{
	if (json_array_size(field_get(pod, "spec.initContainers")))
		describe_containers(f, "Init Containers", pod, "spec.initContainers",
				    "status.initContainerStatuses");
	describe_containers(f, "Containers", pod, "spec.containers", "status.containerStatuses");
	if (json_array_size(field_get(pod, "spec.ephemeralContainers")))
		describe_containers(f, "Ephemeral Containers", pod, "spec.ephemeralContainers",
				    "status.ephemeralContainerStatuses");
}

static void print(FILE *f, const struct describe_about *a)
{
	const json_t *pod = a->object;

	describe_identity(f, pod);
	describe_optional(f, "Priority", pod, "spec.priority");
	describe_optional(f, "Priority Class Name", pod, "spec.priorityClassName");
	describe_optional(f, "Runtime Class Name", pod, "spec.runtimeClassName");
	describe_optional(f, "Service Account", pod, "spec.serviceAccountName");
	print_node(f, pod);
	describe_labels(f, pod);
	print_status(f, a);
	describe_optional(f, "SeccompProfile", pod, "spec.securityContext.seccompProfile.type");
	print_ips(f, pod);
	print_controller(f, pod);
	describe_optional(f, "NominatedNodeName", pod, "status.nominatedNodeName");
	print_all_containers(f, pod);
	print_conditions(f, "Readiness Gates", pod, "spec.readinessGates", "conditionType");
	print_conditions(f, "Conditions", pod, "status.conditions", "type");
	describe_volumes(f, field_get(pod, "spec.volumes"));
	print_qos(f, pod);
	describe_map(f, "Node-Selectors", field_get(pod, "spec.nodeSelector"), "=");
	print_tolerations(f, field_get(pod, "spec.tolerations"));
}

const struct describe_type describe_pod = { "pods", print };
