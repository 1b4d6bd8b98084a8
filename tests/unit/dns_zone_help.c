// SPDX-License-Identifier: GPL-2.0
#include "dns_zone_help.h"

#include "err.h"
#include "json_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct dns_zone *dns_zone_help_empty(void)
{
	struct ip_addr servers[2];
	struct ip_cidr cidrs[2];
	const struct dns_zone_config c = {
		.domain = "cluster.local", .ttl = 30, .serial = 7,
		.service_cidrs = { cidrs, 2 }, .servers = servers, .nservers = 2,
	};
	struct dns_zone *z;
	struct err e;

	assert_int_equal(ip_addr_parse("10.96.0.10", &servers[0], &e), 0);
	assert_int_equal(ip_addr_parse("fd00:96::a", &servers[1], &e), 0);
	assert_int_equal(ip_cidr_parse("10.96.0.0/16", &cidrs[0], &e), 0);
	assert_int_equal(ip_cidr_parse("fd00:96::/112", &cidrs[1], &e), 0);
	assert_int_equal(dns_zone_alloc(&z, &c, &e), 0);
	return z;
}

struct dns_zone *dns_zone_help_new(void)
{
	struct dns_zone *z = dns_zone_help_empty();
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		dns_zone_list_begin(z, kind);
		dns_zone_list_end(z, kind);
	}
	return z;
}

static void tell(struct dns_zone *z, const char *text, bool deleted)
{
	json_t *object = json_help_parse(text);
	const bool slice = json_object_get(object, "addressType");

	assert_int_equal(dns_zone_object(z, slice ? PROXY_SLICE : PROXY_SERVICE, object, deleted),
			 0);
	json_decref(object);
}

void dns_zone_help_tell(struct dns_zone *z, const char *json)
{
	tell(z, json, false);
}

void dns_zone_help_untell(struct dns_zone *z, const char *json)
{
	tell(z, json, true);
}

void dns_zone_help_tell_all(struct dns_zone *z, const char *const *json, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		tell(z, json[i], false);
}

/* --- text --- */

static const char *const verdicts[] = {
	[DNS_ANSWERED] = "answer", [DNS_NODATA] = "nodata", [DNS_NXDOMAIN] = "nxdomain",
	[DNS_NOT_OURS] = "not ours", [DNS_NOT_READY] = "not ready", [DNS_FAILED] = "failed",
};

/* "NAME TYPE DATA"; to be freed. */
static char *print(const ldns_rr *rr, bool whole)
{
	char *type = ldns_rr_type2str(ldns_rr_get_type(rr));
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	char *text = NULL, *data;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "%s", owner);
	if (whole) {
		fprintf(f, " %s", type);
		for (i = 0; i < ldns_rr_rd_count(rr); i++) {
			data = ldns_rdf2str(ldns_rr_rdf(rr, i));
			fprintf(f, " %s", data);
			free(data);
		}
	}
	fclose(f);
	free(owner);
	free(type);
	return text;
}

static int cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_all(FILE *f, const char *mark, const ldns_rr_list *list, bool whole)
{
	size_t i, n = ldns_rr_list_rr_count(list);
	char **v = calloc(n + 1, sizeof(*v));

	for (i = 0; i < n; i++) {
		assert_int_equal(ldns_rr_get_class(ldns_rr_list_rr(list, i)), LDNS_RR_CLASS_IN);
		v[i] = print(ldns_rr_list_rr(list, i), whole);
	}
	qsort(v, n, sizeof(*v), cmp);
	for (i = 0; i < n; i++) {
		fprintf(f, "\n%s%s", mark, v[i]);
		free(v[i]);
	}
	free(v);
}

static struct dns_reply ask(struct dns_zone *z, const char *name, const char *type, size_t room)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	struct dns_reply r;

	assert_non_null(rdf);
	dns_zone_answer(z, rdf, ldns_get_rr_type_by_name(type), room, &r);
	ldns_rdf_deep_free(rdf);
	return r;
}

char *dns_zone_help_ask(struct dns_zone *z, const char *name, const char *type, size_t room)
{
	struct dns_reply r = ask(z, name, type, room);
	char *text = NULL, *chase;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "%s", verdicts[r.verdict]);
	print_all(f, "", r.answer, true);
	print_all(f, "! ", r.authority, false);
	print_all(f, "+ ", r.additional, true);
	if (r.chase) {
		chase = ldns_rdf2str(r.chase);
		fprintf(f, "\n> %s", chase);
		free(chase);
	}
	if (r.cut)
		fprintf(f, "\n...");
	fclose(f);
	dns_reply_clear(&r);
	return text;
}

char *dns_zone_help_first(struct dns_zone *z, const char *name, const char *type)
{
	struct dns_reply r = ask(z, name, type, DNS_ZONE_HELP_ROOM);
	char *text = ldns_rr_list_rr_count(r.answer) ? print(ldns_rr_list_rr(r.answer, 0), true) :
						       strdup("");

	dns_reply_clear(&r);
	return text;
}

void dns_zone_help_expect(struct dns_zone *z, const char *what, const char *name,
			  const char *type, const char *expected)
{
	char *got = dns_zone_help_ask(z, name, type, DNS_ZONE_HELP_ROOM);

	if (strcmp(got, expected))
		fail_msg("%s: %s %s:\n%s\nand not\n%s", what, name, type, got, expected);
	free(got);
}

char *dns_zone_help_dump(struct dns_zone *z, const char *const *names, const char *const *types)
{
	const char *const *name, *const *type;
	char *text = NULL, *one;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (name = names; *name; name++)
		for (type = types; *type; type++) {
			one = dns_zone_help_ask(z, *name, *type, DNS_ZONE_HELP_ROOM);
			fprintf(f, "%s %s: %s\n", *name, *type, one);
			free(one);
		}
	fclose(f);
	return text;
}
