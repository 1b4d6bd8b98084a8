// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "field.h"

#include <stdlib.h>

static void print_ports(FILE *f, const json_t *ports)
{
	const json_t *number;
	const char *name;
	json_t *port;
	size_t i;

	if (!json_array_size(ports)) {
		fputs("Ports: <unset>\n", f);
		return;
	}
	fputs("Ports:\n"
	      "  Name\tPort\tProtocol\n"
	      "  ----\t----\t--------\n", f);
	json_array_foreach(ports, i, port) {
		name = field_string(port, "name");
		number = json_object_get(port, "port");
		fprintf(f, "  %s\t", *name ? name : "<unset>");
		if (json_is_integer(number))
			field_print(f, number);
		else
			fputs("<unset>", f);
		fprintf(f, "\t%s\n", field_string(port, "protocol"));
	}
}

static void print_or_unset(FILE *f, const char *title, const json_t *value)
{
	fprintf(f, "%s:\t", title);
	if (value && !json_is_null(value))
		field_print(f, value);
	else
		fputs("<unset>", f);
	fputc('\n', f);
}

static void print_endpoint(FILE *f, const json_t *endpoint)
{
	fputs("  - Addresses:\t", f);
	if (!field_print_list(f, json_object_get(endpoint, "addresses"), ", "))
		fputs("<none>", f);
	fputs("\n    Conditions:\n", f);
	print_or_unset(f, "      Ready", field_get(endpoint, "conditions.ready"));
	print_or_unset(f, "    Hostname", json_object_get(endpoint, "hostname"));
	if (json_object_get(endpoint, "targetRef"))
		fprintf(f, "    TargetRef:\t%s/%s\n", field_string(endpoint, "targetRef.kind"),
			field_string(endpoint, "targetRef.name"));
	print_or_unset(f, "    NodeName", json_object_get(endpoint, "nodeName"));
	print_or_unset(f, "    Zone", json_object_get(endpoint, "zone"));
}

static void print(FILE *f, const struct describe_about *a)
{
	const json_t *endpoints = json_object_get(a->object, "endpoints");
	json_t *endpoint;
	size_t i;

	describe_identity(f, a->object);
	describe_labels(f, a->object);
	fprintf(f, "AddressType:\t%s\n", field_string(a->object, "addressType"));
	print_ports(f, json_object_get(a->object, "ports"));
	fputs(json_array_size(endpoints) ? "Endpoints:\n" : "Endpoints: <none>\n", f);
	json_array_foreach(endpoints, i, endpoint)
		print_endpoint(f, endpoint);
}

const struct describe_type describe_endpointslice = { "endpointslices", print };
