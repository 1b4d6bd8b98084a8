// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "rows.h"

#define SHOWN	3	/* of the ports, and of the addresses */

static void print_end(FILE *f, size_t n)
{
	if (!n)
		fputs("<unset>", f);
	if (n > SHOWN)
		fprintf(f, " + %zu more...", n - SHOWN);
}

/* A port without a number stands for all of them. */
static void print_ports(FILE *f, const json_t *slice)
{
	const json_t *ports = json_object_get(slice, "ports"), *port;
	size_t i;

	for (i = 0; i < json_array_size(ports) && i < SHOWN; i++) {
		fputs(i ? "," : "", f);
		port = json_array_get(ports, i);
		if (json_object_get(port, "port"))
			field_print(f, json_object_get(port, "port"));
		else
			fputs(json_object_get(port, "name") ? field_string(port, "name") : "*", f);
	}
	print_end(f, json_array_size(ports));
}

static void print_endpoints(FILE *f, const json_t *slice)
{
	json_t *endpoint, *address;
	size_t i, j, n = 0;

	json_array_foreach(json_object_get(slice, "endpoints"), i, endpoint) {
		json_array_foreach(json_object_get(endpoint, "addresses"), j, address) {
			if (n < SHOWN) {
				fputs(n ? "," : "", f);
				field_print(f, address);
			}
			n++;
		}
	}
	print_end(f, n);
}

static void fill(json_t *cells, const json_t *slice, time_t now)
{
	rows_put_name(cells, slice);
	rows_put_field(cells, slice, "addressType", "");
	rows_put_printed(cells, print_ports, slice);
	rows_put_printed(cells, print_endpoints, slice);
	rows_put_age(cells, slice, now);
}

static const struct rows_column columns[] = {
	ROWS_NAME,
	ROWS_STRING("AddressType", 0, "IPv4, IPv6 or FQDN: what the addresses are."),
	ROWS_STRING("Ports", 0, "The ports of each endpoint."),
	ROWS_STRING("Endpoints", 0, "The addresses of the endpoints."),
	ROWS_AGE,
	ROWS_END
};

const struct rows_type rows_endpointslices = { "endpointslices", columns, fill };
