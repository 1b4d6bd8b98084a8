// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "field.h"
#include "table.h"

#include <stdlib.h>
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


static char *text_of(void (*print)(FILE *, const json_t *), const json_t *from)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	print(f, from);
	fclose(f);
	return text;
}

static void row(struct table *t, const json_t *service, time_t now)
{
	char *external = text_of(print_external, service);
	char *ports = text_of(print_ports, field_get(service, "spec.ports"));
	char *selector = text_of(print_selector, service);
	const char *ip = field_string(service, "spec.clusterIP");
	char age[AGE_SIZE];

	table_name_cell(t, service);
	table_cell(t, "%s", field_string(service, "spec.type"));
	table_cell(t, "%s", *ip ? ip : "<none>");
	table_cell(t, "%s", external ? external : "");
	table_cell(t, "%s", ports ? ports : "");
	table_cell(t, "%s", age_since(field_string(service, "metadata.creationTimestamp"), now,
				      age));
	table_cell(t, "%s", selector ? selector : "");
	free(selector);
	free(ports);
	free(external);
}

static const struct table_column columns[] = {
	{ "NAME", false }, { "TYPE", false }, { "CLUSTER-IP", false }, { "EXTERNAL-IP", false },
	{ "PORT(S)", false }, { "AGE", false }, { "SELECTOR", true }, { NULL, false },
};

const struct table_type table_services = { "services", columns, row };
