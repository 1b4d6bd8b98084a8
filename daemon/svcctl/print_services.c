// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "key.h"
#include "member.h"
#include "print_json.h"

#define FEW_ENDPOINTS	3

/* --- JSON: what a service does not use, has no member --- */

static json_t *json_frontend(const struct kfrontend *f)
{
	json_t *o = json_pack("{s:s}", "kind", kfrontend_kind_name(f->kind));
	char buf[INET6_ADDRSTRLEN];

	if (f->kind != SVCNAT_KIND_NODEPORT)
		o = print_json_set(o, "address", json_string(ip_addr_print(&f->addr, buf)));
	return print_json_set(o, "port", json_integer(f->port));
}

static json_t *json_lists(uint8_t lists)
{
	json_t *list = json_array();

	if (lists & SVCNAT_LIST_CLUSTER)
		list = print_json_append(list, json_string("cluster"));
	if (lists & SVCNAT_LIST_LOCAL)
		list = print_json_append(list, json_string("local"));
	return list;
}

static json_t *json_endpoint(const struct kendpoint *p)
{
	json_t *o = print_json_addrport(&p->addr, p->port);

	if (p->lists != SVCNAT_LIST_CLUSTER)
		o = print_json_set(o, "lists", json_lists(p->lists));
	if (p->weight != 1)
		o = print_json_set(o, "weight", json_integer(p->weight));
	return o;
}

json_t *print_json_endpoints(const struct kservice *s)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < s->nendpoints; i++)
		list = print_json_append(list, json_endpoint(&s->endpoints[i]));
	return list;
}

json_t *print_json_flags(uint32_t flags)
{
	const struct member_flag *flag;
	json_t *list = json_array();

	for (flag = member_flags; flag->name; flag++)
		if (flags & flag->flag)
			list = print_json_append(list, json_string(flag->name));
	return list;
}

static json_t *json_ranges(const struct kservice *s)
{
	char buf[INET6_ADDRSTRLEN + 4];
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < s->nranges; i++)
		list = print_json_append(list, json_string(ip_cidr_print(&s->ranges[i], buf)));
	return list;
}

json_t *print_json_key(const struct kservice *s)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "name", s->name, "family",
			 key_family_name(s->family), "protocol", ip_proto_name(s->proto), "owner",
			 s->owner);
}

json_t *print_json_service(const struct kservice *s)
{
	json_t *o = print_json_key(s), *frontends = json_array();
	size_t i;

	if (s->scheduler != SVCNAT_SCHEDULER_HASH)
		o = print_json_set(o, "scheduler", json_string(kscheduler_name(s->scheduler)));
	if (s->affinity)
		o = print_json_set(o, "affinity", json_integer(s->affinity));
	if (s->flags)
		o = print_json_set(o, "flags", print_json_flags(s->flags));
	for (i = 0; frontends && i < s->nfrontends; i++)
		frontends = print_json_append(frontends, json_frontend(&s->frontends[i]));
	o = print_json_set(o, "frontends", frontends);
	if (s->nranges)
		o = print_json_set(o, "sourceRanges", json_ranges(s));
	return print_json_set(o, "endpoints", print_json_endpoints(s));
}

static int print_services_json(const struct print *p, const struct kservices *l)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < l->n; i++)
		list = print_json_append(list, print_json_service(&l->v[i]));
	return print_json(p, list);
}

/* --- text --- */

static void label(const struct print *p, const char *name)
{
	fprintf(p->out, "  %-13s", name);
}

void print_key(const struct print *p, const struct kservice *s)
{
	fprintf(p->out, "%s %s %s owner %s\n", s->name, ip_proto_name(s->proto),
		key_family_name(s->family), s->owner);
}

static void print_options(const struct print *p, const struct kservice *s)
{
	const struct member_flag *flag;
	const char *comma = "";

	if (s->scheduler != SVCNAT_SCHEDULER_HASH) {
		label(p, "scheduler");
		fprintf(p->out, "%s\n", kscheduler_name(s->scheduler));
	}
	if (s->affinity) {
		label(p, "affinity");
		fprintf(p->out, "%u\n", s->affinity);
	}
	if (!s->flags)
		return;
	label(p, "flags");
	for (flag = member_flags; flag->name; flag++)
		if (s->flags & flag->flag) {
			fprintf(p->out, "%s%s", comma, flag->name);
			comma = ", ";
		}
	fputc('\n', p->out);
}

static void print_frontends(const struct print *p, const struct kservice *s)
{
	char buf[ADDRPORT_STRLEN];
	size_t i;

	for (i = 0; i < s->nfrontends; i++) {
		const struct kfrontend *f = &s->frontends[i];

		label(p, kfrontend_kind_name(f->kind));
		if (f->kind == SVCNAT_KIND_NODEPORT)
			fprintf(p->out, "%u\n", f->port);
		else
			fprintf(p->out, "%s\n", addrport_print(&f->addr, f->port, buf));
	}
}

static void print_ranges(const struct print *p, const struct kservice *s)
{
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i;

	if (!s->nranges)
		return;
	label(p, "source-range");
	for (i = 0; i < s->nranges; i++)
		fprintf(p->out, "%s%s", i ? ", " : "", ip_cidr_print(&s->ranges[i], buf));
	fputc('\n', p->out);
}

void print_endpoints(const struct print *p, const struct kservice *s)
{
	size_t shown = p->all || s->nendpoints <= FEW_ENDPOINTS ? s->nendpoints : FEW_ENDPOINTS;
	char buf[MEMBER_ENDPOINT_STRLEN];
	size_t i;

	label(p, "endpoints");
	if (!s->nendpoints)
		fputs("none, connections are refused", p->out);
	for (i = 0; i < shown; i++)
		fprintf(p->out, "%s%s", i ? ", " : "",
			member_endpoint_print(&s->endpoints[i], buf));
	if (shown < s->nendpoints)
		fprintf(p->out, " + %zu more", s->nendpoints - shown);
	fputc('\n', p->out);
}

void print_members(const struct print *p, const struct kservice *s)
{
	print_options(p, s);
	print_frontends(p, s);
	print_ranges(p, s);
	print_endpoints(p, s);
}

int print_services(const struct print *p, const struct kservices *l)
{
	size_t i;

	if (p->json)
		return print_services_json(p, l);
	for (i = 0; i < l->n; i++) {
		print_key(p, &l->v[i]);
		print_members(p, &l->v[i]);
	}
	return 0;
}
