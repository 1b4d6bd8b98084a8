// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "columns.h"
#include "key.h"
#include "print_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static json_t *json_affinity(const struct kaffinity *a)
{
	char client[INET6_ADDRSTRLEN];
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:s}", "name", a->name, "family",
		      key_family_name(a->family), "protocol", ip_proto_name(a->proto), "client",
		      ip_addr_print(&a->client, client));
	o = print_json_set(o, "endpoint", print_json_addrport(&a->endpoint, a->port));
	o = print_json_set(o, "age", json_integer(a->age));
	return print_json_set(o, "timeout", json_integer(a->timeout));
}

static int print_affinities_json(const struct print *p, const struct kaffinities *l)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < l->n; i++)
		list = print_json_append(list, json_affinity(&l->v[i]));
	return print_json(p, list);
}

static void write_table(FILE *f, const struct kaffinities *l)
{
	char client[INET6_ADDRSTRLEN], endpoint[ADDRPORT_STRLEN];
	size_t i;

	fputs("SERVICE\tPROTO\tCLIENT\tENDPOINT\tAGE\tTIMEOUT\n", f);
	for (i = 0; i < l->n; i++) {
		const struct kaffinity *a = &l->v[i];

		fprintf(f, "%s\t%s\t%s\t%s\t%" PRIu32 "\t%" PRIu32 "\n", a->name,
			ip_proto_name(a->proto), ip_addr_print(&a->client, client),
			addrport_print(&a->endpoint, a->port, endpoint), a->age, a->timeout);
	}
}

int print_affinities(const struct print *p, const struct kaffinities *l)
{
	char *text = NULL;
	size_t len;
	int err;
	FILE *f;

	if (p->json)
		return print_affinities_json(p, l);
	if (!l->n)
		return 0;
	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	write_table(f, l);
	err = fclose(f) ? -ENOMEM : columns_print(p->out, text, len);
	free(text);
	return err;
}
