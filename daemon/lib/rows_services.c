// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "rows.h"

#include <string.h>

static size_t print_ingress(FILE *f, const json_t *service)
{
	const char *text;
	json_t *item;
	size_t i, n = 0;

	json_array_foreach(field_get(service, "status.loadBalancer.ingress"), i, item) {
		text = field_string(item, "ip");
		if (!*text)
			text = field_string(item, "hostname");
		if (*text)
			fprintf(f, "%s%s", n++ ? "," : "", text);
	}
	return n;
}

static void print_external(FILE *f, const json_t *service)
{
	const json_t *ips = field_get(service, "spec.externalIPs");
	const char *type = field_string(service, "spec.type");
	bool balanced = !strcmp(type, "LoadBalancer");

	if (!strcmp(type, "ExternalName")) {
		fputs(field_string(service, "spec.externalName"), f);
		return;
	}
	if (balanced && print_ingress(f, service)) {
		if (json_array_size(ips))
			fputc(',', f);
		field_print_list(f, ips, ",");
		return;
	}
	if (!field_print_list(f, ips, ","))
		fputs(balanced ? "<pending>" : "<none>", f);
}

static void print_ports(FILE *f, const json_t *ports)
{
	json_int_t node_port;
	json_t *port;
	size_t i;

	if (!json_array_size(ports))
		fputs("<none>", f);
	json_array_foreach(ports, i, port) {
		fprintf(f, "%s%lld", i ? "," : "", (long long)field_int(port, "port", 0));
		node_port = field_int(port, "nodePort", 0);
		if (node_port)
			fprintf(f, ":%lld", (long long)node_port);
		fprintf(f, "/%s", field_string(port, "protocol"));
	}
}

static void print_selector(FILE *f, const json_t *service)
{
	if (!field_print_map(f, field_get(service, "spec.selector"), ","))
		fputs("<none>", f);
}

static void fill(json_t *cells, const json_t *service, time_t now)
{
	rows_put_name(cells, service);
	rows_put_field(cells, service, "spec.type", "");
	rows_put_field(cells, service, "spec.clusterIP", "<none>");
	rows_put_printed(cells, print_external, service);
	rows_put_printed(cells, print_ports, field_get(service, "spec.ports"));
	rows_put_age(cells, service, now);
	rows_put_printed(cells, print_selector, service);
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("Type", 0, "ClusterIP, NodePort, LoadBalancer or ExternalName."),
	ROWS_STRING("Cluster-IP", 0, "The service's own address; None when it is headless."),
	ROWS_STRING("External-IP", 0, "Its addresses for the outside, or its external name."),
	ROWS_STRING("Port(s)", 0, "PORT/PROTOCOL, with a NodePort PORT:NODEPORT/PROTOCOL."),
	ROWS_AGE,
	ROWS_STRING("Selector", 1, "The labels of its pods."),
	ROWS_END
};

const struct rows_type rows_services = { "services", columns, fill };
