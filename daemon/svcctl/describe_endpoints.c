// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "field.h"

static void print_addresses(FILE *f, const char *title, const json_t *list)
{
	json_t *address;
	size_t i;

	fprintf(f, "  %s:\t", title);
	json_array_foreach(list, i, address)
		fprintf(f, "%s%s", i ? "," : "", field_string(address, "ip"));
	fputs(json_array_size(list) ? "\n" : "<none>\n", f);
}

static void print_ports(FILE *f, const json_t *ports)
{
	const char *name;
	json_t *port;
	size_t i;

	if (!json_array_size(ports)) {
		fputs("  Ports:\t<none>\n", f);
		return;
	}
	fputs("  Ports:\n"
	      "    Name\tPort\tProtocol\n"
	      "    ----\t----\t--------\n", f);
	json_array_foreach(ports, i, port) {
		name = field_string(port, "name");
		fprintf(f, "    %s\t%lld\t%s\n", *name ? name : "<unset>",
			(long long)field_int(port, "port", 0), field_string(port, "protocol"));
	}
}

static void print(FILE *f, const struct describe_about *a)
{
	json_t *subset;
	size_t i;

	describe_identity(f, a->object);
	describe_labels(f, a->object);
	fputs("Subsets:\n", f);
	json_array_foreach(field_get(a->object, "subsets"), i, subset) {
		print_addresses(f, "Addresses", json_object_get(subset, "addresses"));
		print_addresses(f, "NotReadyAddresses",
				json_object_get(subset, "notReadyAddresses"));
		print_ports(f, json_object_get(subset, "ports"));
		fputc('\n', f);
	}
}

const struct describe_type describe_endpoints = { "endpoints", print };
