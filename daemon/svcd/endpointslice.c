// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of EndpointSlices, whoever makes them: those of the validation of
 * discovery.k8s.io/v1. What the controllers make comes by none of this.
 */
#include "rules.h"

#include "jx.h"
#include "schema_table.h"
#include "slice.h"

#include <stdio.h>
#include <string.h>

#define ENDPOINTS_MAX	1000
#define ADDRESSES_MAX	100
#define HINTS_MAX	8

static const struct schema condition_fields[] = {
	BOOL("ready", KEEP), BOOL("serving", KEEP), BOOL("terminating", KEEP), END
};
static const struct schema hint_fields[] = { STRING("name", KEEP), END };
static const struct schema hints_fields[] = {
	LIST_OF("forZones", hint_fields, "ForZone"),
	LIST_OF("forNodes", hint_fields, "ForNode"), END
};
static const struct schema endpoint_fields[] = {
	STRINGS("addresses"),
	OBJECT("conditions", condition_fields, "EndpointConditions"),
	STRING("hostname", KEEP),
	OBJECT("targetRef", schema_reference, "ObjectReference"),
	MAP("deprecatedTopology"),
	STRING("nodeName", KEEP), STRING("zone", KEEP),
	OBJECT("hints", hints_fields, "EndpointHints"), END
};
static const struct schema endpoint_item = OBJECT(NULL, endpoint_fields, "Endpoint");
static const struct schema port_fields[] = {
	STRING("name", KEEP), STRING("protocol", KEEP),
	INT("port", KEEP), STRING("appProtocol", KEEP), END
};
static const struct schema port_item = OBJECT(NULL, port_fields, "EndpointPort");
static const struct schema fields[] = {
	SCHEMA_TOP, STRING("addressType", 0),
	{ "endpoints", SCHEMA_LIST, SCHEMA_ALWAYS, &endpoint_item, NULL },
	{ "ports", SCHEMA_LIST, SCHEMA_ALWAYS, &port_item, NULL }, END
};

static const char *const address_types[] = { "FQDN", "IPv4", "IPv6", NULL };
static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };

static bool same(const struct write *w, const char *path)
{
	const json_t *a = jx_get(w->old, path), *b = jx_get(w->obj, path);

	return a == b || json_equal(a, b);
}

/* It counts the changes of what is asked for, and of the labels. */
static void set_generation(struct write *w)
{
	json_int_t n = jx_int(w->old, "metadata.generation");

	if (!same(w, "metadata.labels") || !same(w, "endpoints") || !same(w, "ports") ||
	    !same(w, "addressType"))
		n++;
	jx_set_int(w->obj, "metadata.generation", n);
}

static void prepare(struct write *w)
{
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(w->obj, "ports"), i, o) {
		if (!json_object_get(o, "name"))
			jx_set_str(o, "name", "");
		if (!json_object_get(o, "protocol"))
			jx_set_str(o, "protocol", "TCP");
	}
	json_array_foreach(json_object_get(w->obj, "endpoints"), i, o) {
		if (!json_object_get(o, "conditions"))
			jx_set(o, "conditions", json_object());
		/* Only v1beta1 had it. */
		json_object_del(o, "deprecatedTopology");
	}
	set_generation(w);
}

static const char address_at[] = "endpoints[%zu].addresses[%zu]";

/* IPv6 is taken in the one form that it is printed in (RFC 5952). */
static bool validate_canonical(struct write *w, const json_t *a, size_t i, size_t j)
{
	char canonical[INET6_ADDRSTRLEN], why[96];
	struct ip_addr ip;

	if (ip_addr_parse(json_string_value(a), &ip, NULL))
		return true;
	if (!strcmp(ip_addr_print(&ip, canonical), json_string_value(a)))
		return true;
	snprintf(why, sizeof(why), "must be in canonical form (\"%s\")", canonical);
	field_invalid(&w->errs, a, why, address_at, i, j);
	return false;
}

static void validate_ip(struct write *w, const json_t *a, bool v6, size_t i, size_t j)
{
	if (!field_format(&w->errs, a, format_ip_rules, address_at, i, j) ||
	    (v6 && !validate_canonical(w, a, i, j)))
		return;
	/* Of the family, Kubernetes' own error names the list. */
	if (v6 != !!strchr(json_string_value(a), ':'))
		field_invalid(&w->errs, a, v6 ? "must be an IPv6 address" :
			      "must be an IPv4 address", "endpoints[%zu].addresses", i);
	field_format(&w->errs, a, format_reachable_ip_rules, address_at, i, j);
}

/* The first label of name that is none is the culprit. */
static void validate_labels(struct write *w, const char *name, size_t i, size_t j)
{
	for (;;) {
		size_t n = strcspn(name, ".");
		json_t *label = jx_must(json_stringn(name, n));
		bool fine = field_format(&w->errs, label, format_dns1123_label_rules, address_at,
					 i, j);

		json_decref(label);
		if (!fine || !name[n])
			return;
		name += n + 1;
	}
}

static void validate_fqdn(struct write *w, const json_t *a, size_t i, size_t j)
{
	const char *s = json_string_value(a);
	size_t n = json_string_length(a);
	json_t *name;

	if (!n) {
		field_required(&w->errs, "", address_at, i, j);
		return;
	}
	/* A trailing dot only says that the name is complete. */
	name = jx_must(json_stringn(s, s[n - 1] == '.' ? n - 1 : n));
	s = json_string_value(name);
	if (field_format(&w->errs, name, format_dns1123_subdomain_rules, address_at, i, j)) {
		if (strchr(s, '.'))
			validate_labels(w, s, i, j);
		else
			field_invalid(&w->errs, name, "should be a domain with at least two "
				      "segments separated by dots", address_at, i, j);
	}
	json_decref(name);
}

static void validate_addresses(struct write *w, const json_t *list, size_t i)
{
	const char *type = jx_str(w->obj, "addressType");
	size_t n = json_array_size(list);

	if (!n)
		field_required(&w->errs, "must contain at least 1 address",
			       "endpoints[%zu].addresses", i);
	else if (n > ADDRESSES_MAX)
		field_too_many(&w->errs, n, ADDRESSES_MAX, "endpoints[%zu].addresses", i);
	if (n > ADDRESSES_MAX || !format_one_of(address_types, type))
		return;
	for (size_t j = 0; j < n; j++) {
		if (strcmp(type, "FQDN"))
			validate_ip(w, json_array_get(list, j), !strcmp(type, "IPv6"), i, j);
		else
			validate_fqdn(w, json_array_get(list, j), i, j);
	}
}

static bool named_before(const json_t *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (jx_is(json_array_get(list, j), "name",
			  jx_str(json_array_get(list, i), "name")))
			return true;
	return false;
}

/* false: there are so many that nothing else is said of the hints. */
static bool validate_hints(struct write *w, const json_t *list, size_t i, const char *kind,
			   const struct format_rule *rules)
{
	size_t n = json_array_size(list);

	if (n > HINTS_MAX) {
		field_too_many(&w->errs, n, HINTS_MAX, "endpoints[%zu].hints.%s", i, kind);
		return false;
	}
	for (size_t j = 0; j < n; j++) {
		static const char at[] = "endpoints[%zu].hints.%s[%zu].name";
		json_t *v = jx_string(jx_str(json_array_get(list, j), "name"));

		if (named_before(list, j))
			field_duplicate(&w->errs, v, at, i, kind, j);
		field_format(&w->errs, v, rules, at, i, kind, j);
		json_decref(v);
	}
	return true;
}

static void validate_name(struct write *w, const json_t *endpoint, size_t i, const char *key,
			  const struct format_rule *rules)
{
	const json_t *v = json_object_get(endpoint, key);

	if (v)
		field_format(&w->errs, v, rules, "endpoints[%zu].%s", i, key);
}

static void validate_endpoints(struct write *w)
{
	const json_t *list = json_object_get(w->obj, "endpoints");
	size_t n = json_array_size(list);

	if (n > ENDPOINTS_MAX) {
		field_too_many(&w->errs, n, ENDPOINTS_MAX, "endpoints");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);

		validate_addresses(w, json_object_get(o, "addresses"), i);
		validate_name(w, o, i, "nodeName", format_dns1123_subdomain_rules);
		validate_name(w, o, i, "hostname", format_dns1123_label_rules);
		if (validate_hints(w, jx_get(o, "hints.forZones"), i, "forZones",
				   format_label_value_rules))
			validate_hints(w, jx_get(o, "hints.forNodes"), i, "forNodes",
				       format_dns1123_subdomain_rules);
	}
}

static void validate_port(struct write *w, const json_t *port, size_t i, json_t *names)
{
	const json_t *name = json_object_get(port, "name"), *number = json_object_get(port, "port");
	const json_t *app = json_object_get(port, "appProtocol");
	const char *s = json_string_value(name), *bad;

	if (*s)
		field_format(&w->errs, name, format_dns1123_label_rules, "ports[%zu].name", i);
	if (json_object_get(names, s))
		field_duplicate(&w->errs, name, "ports[%zu].name", i);
	else
		json_object_set_new(names, s, json_true());
	bad = number ? format_port(json_integer_value(number)) : NULL;
	if (bad)
		field_invalid(&w->errs, number, bad, "ports[%zu].port", i);
	if (!format_one_of(protocols, jx_str(port, "protocol")))
		field_unsupported(&w->errs, json_object_get(port, "protocol"), protocols,
				  "ports[%zu].protocol", i);
	if (app)
		field_format(&w->errs, app, format_qualified_name_rules, "ports[%zu].appProtocol",
			     i);
}

static void validate_ports(struct write *w)
{
	const json_t *list = json_object_get(w->obj, "ports");
	size_t n = json_array_size(list);
	json_t *names;

	if (n > SLICE_PORTS_MAX) {
		field_too_many(&w->errs, n, SLICE_PORTS_MAX, "ports");
		return;
	}
	names = jx_must(json_object());
	for (size_t i = 0; i < n; i++)
		validate_port(w, json_array_get(list, i), i, names);
	json_decref(names);
}

static void validate(struct write *w)
{
	const json_t *type = json_object_get(w->obj, "addressType");

	if (!type)
		field_required(&w->errs, "", "addressType");
	else if (!format_one_of(address_types, json_string_value(type)))
		field_unsupported(&w->errs, type, address_types, "addressType");
	validate_ports(w);
	/* What was taken once stays good, even if it would not be taken today. */
	if (!w->old || !same(w, "endpoints"))
		validate_endpoints(w);
	if (w->old && !same(w, "addressType")) {
		json_t *now = jx_string(jx_str(w->obj, "addressType"));

		field_invalid(&w->errs, now, "field is immutable", "addressType");
		json_decref(now);
	}
}

const struct rules endpointslice_rules = {
	.plural = "endpointslices",
	.schema = OBJECT(NULL, fields, "EndpointSlice"),
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
};
