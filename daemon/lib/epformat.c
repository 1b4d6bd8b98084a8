// SPDX-License-Identifier: GPL-2.0
#include "epformat.h"
#include "field.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN	3

static void print_one(FILE *f, size_t *n, const char *ip, const json_t *port)
{
	if ((*n)++ >= SHOWN)
		return;
	if (*n > 1)
		fputc(',', f);
	if (!port)
		fputs(ip, f);
	else
		fprintf(f, strchr(ip, ':') ? "[%s]:%lld" : "%s:%lld", ip,
			(long long)field_int(port, "port", 0));
}

static void print_addresses(FILE *f, size_t *n, const json_t *subset, const json_t *port)
{
	json_t *address;
	size_t i;

	json_array_foreach(json_object_get(subset, "addresses"), i, address)
		print_one(f, n, field_string(address, "ip"), port);
}

static void print_subset(FILE *f, size_t *n, const json_t *subset, const char *port_name)
{
	const json_t *ports = json_object_get(subset, "ports");
	json_t *port;
	size_t i;

	/* A headless service may have no port at all. */
	if (!json_array_size(ports))
		print_addresses(f, n, subset, NULL);
	json_array_foreach(ports, i, port)
		if (!port_name || !strcmp(port_name, field_string(port, "name")))
			print_addresses(f, n, subset, port);
}

static void print_more(FILE *f, size_t n)
{
	if (n > SHOWN)
		fprintf(f, " + %zu more...", n - SHOWN);
}

char *epformat(const json_t *endpoints, const char *port_name)
{
	size_t i, size, n = 0;
	json_t *subset;
	char *text;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	json_array_foreach(json_object_get(endpoints, "subsets"), i, subset)
		print_subset(f, &n, subset, port_name);
	print_more(f, n);
	return fclose(f) ? NULL : text;
}

/* Of an endpoint only its first address counts; one that does not say is ready. */
static void print_slice(FILE *f, size_t *n, const json_t *slice, const json_t *port)
{
	const json_t *addresses;
	json_t *endpoint;
	size_t i;

	json_array_foreach(json_object_get(slice, "endpoints"), i, endpoint) {
		addresses = json_object_get(endpoint, "addresses");
		if (!json_is_false(field_get(endpoint, "conditions.ready")) &&
		    json_array_size(addresses))
			print_one(f, n, json_string_value(json_array_get(addresses, 0)), port);
	}
}

char *epformat_slices(const json_t *slices, const char *port_name)
{
	json_t *slice, *port, *ports;
	size_t i, j, size, n = 0;
	char *text;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	json_array_foreach(slices, i, slice) {
		ports = json_object_get(slice, "ports");
		/* A headless service may have no port at all. */
		if (!json_array_size(ports))
			print_slice(f, &n, slice, NULL);
		json_array_foreach(ports, j, port)
			if (!port_name || !strcmp(port_name, field_string(port, "name")))
				print_slice(f, &n, slice, port);
	}
	print_more(f, n);
	return fclose(f) ? NULL : text;
}
