// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "field.h"
#include "podstate.h"

#include <string.h>

static void print_node(FILE *f, const json_t *pod)
{
	const char *node = field_string(pod, "spec.nodeName");
	const char *host = field_string(pod, "status.hostIP");

	fprintf(f, "Node:\t%s%s%s\n", *node ? node : "<none>", *node ? "/" : "",
		*node ? host : "");
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

static void print_ports(FILE *f, const json_t *ports)
{
	const char *protocol;
	json_t *port;
	size_t i;

	fprintf(f, "    %s:\t", json_array_size(ports) > 1 ? "Ports" : "Port");
	json_array_foreach(ports, i, port) {
		protocol = field_string(port, "protocol");
		fprintf(f, "%s%lld/%s", i ? ", " : "",
			(long long)field_int(port, "containerPort", 0),
			*protocol ? protocol : "TCP");
	}
	fputs(json_array_size(ports) ? "\n" : "<none>\n", f);
}

static void print_env(FILE *f, const json_t *env)
{
	json_t *var, *from;
	const char *source;
	size_t i;

	if (!json_array_size(env)) {
		fputs("    Environment:\t<none>\n", f);
		return;
	}
	fputs("    Environment:\n", f);
	json_array_foreach(env, i, var) {
		fprintf(f, "      %s:\t", field_string(var, "name"));
		from = json_object_get(var, "valueFrom");
		source = json_object_iter_key(json_object_iter(from));
		if (source)
			fprintf(f, "<from %s>\n", source);
		else
			fprintf(f, "%s\n", field_string(var, "value"));
	}
}

static const json_t *status_of(const json_t *pod, const char *container)
{
	json_t *status;
	size_t i;

	json_array_foreach(field_get(pod, "status.containerStatuses"), i, status)
		if (!strcmp(field_string(status, "name"), container))
			return status;
	return NULL;
}

static void print_container(FILE *f, const json_t *pod, const json_t *container)
{
	const char *name = field_string(container, "name");
	const json_t *status = status_of(pod, name);

	fprintf(f, "  %s:\n", name);
	fprintf(f, "    Image:\t%s\n", field_string(container, "image"));
	print_ports(f, json_object_get(container, "ports"));
	if (status) {
		fprintf(f, "    Ready:\t%s\n",
			json_is_true(json_object_get(status, "ready")) ? "True" : "False");
		fprintf(f, "    Restart Count:\t%lld\n",
			(long long)field_int(status, "restartCount", 0));
	}
	print_env(f, json_object_get(container, "env"));
}

static void print_conditions(FILE *f, const json_t *conditions)
{
	json_t *c;
	size_t i;

	if (!json_array_size(conditions)) {
		fputs("Conditions:\t<none>\n", f);
		return;
	}
	fputs("Conditions:\n  Type\tStatus\n", f);
	json_array_foreach(conditions, i, c)
		fprintf(f, "  %s\t%s\n", field_string(c, "type"), field_string(c, "status"));
}

static void print(FILE *f, const struct describe_about *a)
{
	const json_t *pod = a->object;
	json_t *container;
	size_t i;

	describe_identity(f, pod);
	print_node(f, pod);
	describe_labels(f, pod);
	fprintf(f, "Status:\t%s\n", podstate_of(pod).status);
	print_ips(f, pod);
	fputs("Containers:\n", f);
	json_array_foreach(field_get(pod, "spec.containers"), i, container)
		print_container(f, pod, container);
	print_conditions(f, field_get(pod, "status.conditions"));
}

const struct describe_type describe_pod = { "pods", print };
