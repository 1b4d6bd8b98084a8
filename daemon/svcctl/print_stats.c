// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "columns.h"
#include "print_json.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

/* --- of the namespace --- */

static const struct {
	const char *name;
	size_t at;
} counters[] = {
	{ "masqueraded", offsetof(struct kstats, masqueraded) },
	{ "nat-failed", offsetof(struct kstats, nat_failed) },
	{ "invalid", offsetof(struct kstats, invalid) },
	{ "stale-udp", offsetof(struct kstats, stale_udp) },
	{ "stale-tcp", offsetof(struct kstats, stale_tcp) },
	{ "stale-walks", offsetof(struct kstats, stale_walks) },
	{ "rescheduled", offsetof(struct kstats, rescheduled) },
	{ "affinity-full", offsetof(struct kstats, affinity_full) },
	{ "connections-full", offsetof(struct kstats, connections_full) },
};

#define NCOUNTERS	(sizeof(counters) / sizeof(counters[0]))

static uint64_t counter(const struct kstats *s, size_t i)
{
	return *(const uint64_t *)((const char *)s + counters[i].at);
}

static int print_stats_json(const struct print *p, const struct kstats *s)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		o = print_json_set(o, words_reason((enum svcnat_reason)i)->name,
				   print_json_number(s->counts[i]));
	for (i = 0; i < NCOUNTERS; i++)
		o = print_json_set(o, counters[i].name, print_json_number(counter(s, i)));
	return print_json(p, o);
}

int print_stats(const struct print *p, const struct kstats *s)
{
	size_t i;

	if (p->json)
		return print_stats_json(p, s);
	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		fprintf(p->out, "%-20s%" PRIu64 "\n", words_reason((enum svcnat_reason)i)->name,
			s->counts[i]);
	for (i = 0; i < NCOUNTERS; i++)
		fprintf(p->out, "%-20s%" PRIu64 "\n", counters[i].name, counter(s, i));
	return 0;
}

/* --- of services --- */

/* What a verdict of a service can be for. */
static const enum svcnat_reason reasons[] = {
	SVCNAT_REASON_ENDPOINT, SVCNAT_REASON_AFFINITY, SVCNAT_REASON_NO_ENDPOINTS,
	SVCNAT_REASON_NO_LOCAL, SVCNAT_REASON_SOURCE_RANGE,
};

#define NREASONS	(sizeof(reasons) / sizeof(reasons[0]))

static json_t *json_endpoint(const struct kendpoint *e)
{
	json_t *o = print_json_addrport(&e->addr, e->port);

	o = print_json_set(o, "connections", print_json_number(e->connections));
	if (!e->has_records)
		return o;
	o = print_json_set(o, "active", print_json_number(e->active));
	o = print_json_set(o, "packetsTo", print_json_number(e->packets_to));
	o = print_json_set(o, "bytesTo", print_json_number(e->bytes_to));
	o = print_json_set(o, "packetsFrom", print_json_number(e->packets_from));
	return print_json_set(o, "bytesFrom", print_json_number(e->bytes_from));
}

static json_t *json_service(const struct kservice *s)
{
	json_t *counts = json_object(), *endpoints = json_array();
	size_t i;

	for (i = 0; i < NREASONS; i++)
		counts = print_json_set(counts, words_reason(reasons[i])->name,
					print_json_number(s->counts[reasons[i]]));
	for (i = 0; endpoints && i < s->nendpoints; i++)
		endpoints = print_json_append(endpoints, json_endpoint(&s->endpoints[i]));
	return print_json_set(print_json_set(print_json_key(s), "counts", counts), "endpoints",
			      endpoints);
}

static int print_service_stats_json(const struct print *p, const struct kservices *l)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < l->n; i++)
		list = print_json_append(list, json_service(&l->v[i]));
	return print_json(p, list);
}

static bool has_records(const struct kservice *s)
{
	return s->nendpoints && s->endpoints[0].has_records;
}

static void write_endpoints(FILE *f, const struct kservice *s)
{
	char buf[ADDRPORT_STRLEN];
	size_t i;

	fputs("  ENDPOINT\tCONNECTIONS", f);
	fputs(has_records(s) ? "\tACTIVE\tPACKETS-TO\tBYTES-TO\tPACKETS-FROM\tBYTES-FROM\n" : "\n",
	      f);
	for (i = 0; i < s->nendpoints; i++) {
		const struct kendpoint *e = &s->endpoints[i];

		fprintf(f, "  %s\t%" PRIu64, addrport_print(&e->addr, e->port, buf),
			e->connections);
		if (has_records(s))
			fprintf(f, "\t%" PRIu32 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64,
				e->active, e->packets_to, e->bytes_to, e->packets_from,
				e->bytes_from);
		fputc('\n', f);
	}
}

static int print_endpoints_table(const struct print *p, const struct kservice *s)
{
	char *text = NULL;
	size_t len;
	int err;
	FILE *f;

	if (!s->nendpoints)
		return 0;
	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	write_endpoints(f, s);
	err = fclose(f) ? -ENOMEM : columns_print(p->out, text, len);
	free(text);
	return err;
}

int print_service_stats(const struct print *p, const struct kservices *l)
{
	size_t i, r;
	int err = 0;

	if (p->json)
		return print_service_stats_json(p, l);
	for (i = 0; !err && i < l->n; i++) {
		print_key(p, &l->v[i]);
		for (r = 0; r < NREASONS; r++)
			fprintf(p->out, "  %-14s%" PRIu64 "\n", words_reason(reasons[r])->name,
				l->v[i].counts[reasons[r]]);
		err = print_endpoints_table(p, &l->v[i]);
	}
	return err;
}
