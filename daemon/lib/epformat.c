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
	if (n > SHOWN)
		fprintf(f, " + %zu more...", n - SHOWN);
	return fclose(f) ? NULL : text;
}
