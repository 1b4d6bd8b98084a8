// SPDX-License-Identifier: GPL-2.0
/*
 * The YAML specification against the uapi header: the same names with the same
 * values on both sides; and against itself. And that a difference is found, by
 * changing one thing at a time.
 */
#include "ynl_header.h"
#include "ynl_spec.h"

#include <linux/svcnat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "include/uapi/linux/svcnat.h"

/* ---- the names that the specification gives, by the rules of the kernel's generator */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* PREFIXNAME; the prefix is one of the specification, or "svcnat-KIND-NAME-". */
static void add(struct ynl_header *h, const char *prefix, const char *name, const char *tag,
		long long value)
{
	char *upper = ynl_upper(prefix, name);

	ynl_header_add(h, upper, tag, "", value);
	free(upper);
}

/* The two that close an enum: the count, and the last one. */
static void add_max(struct ynl_header *h, const char *prefix, const char *tag, long long last)
{
	char hidden[64];

	snprintf(hidden, sizeof(hidden), "--%s", prefix);
	add(h, hidden, "max", tag, last + 1);
	add(h, prefix, "max", "", last);
}

/* The tag of an enum that is called so; "" for none. */
static void make_tag(char tag[64], const json_t *object, const char *fallback)
{
	const json_t *named = json_object_get(object, "enum-name");
	const char *name = named ? json_string_value(named) : fallback;
	char *p;

	snprintf(tag, 64, "%s", name ? name : "");
	for (p = tag; *p; p++)
		if (*p == '-')
			*p = '_';
}

static void add_definition(struct ynl_header *h, const json_t *def)
{
	const char *name = text_of(def, "name"), *given = text_of(def, "name-prefix");
	bool flags = !strcmp(text_of(def, "type"), "flags");
	char prefix[64], tag[64], fallback[64];
	long long value = -1;
	json_t *entry;
	size_t i;

	if (!strcmp(text_of(def, "type"), "const")) {
		add(h, "svcnat-", name, "", json_integer_value(json_object_get(def, "value")));
		return;
	}
	snprintf(fallback, sizeof(fallback), "svcnat-%s", name);
	make_tag(tag, def, fallback);
	snprintf(prefix, sizeof(prefix), given ? "%s" : "svcnat-%s-", given ? given : name);
	json_array_foreach(json_object_get(def, "entries"), i, entry) {
		value = json_integer_value(json_object_get(entry, "value"));
		add(h, prefix, text_of(entry, "name"), tag, flags ? 1LL << value : value);
	}
	if (json_is_true(json_object_get(def, "render-max")))
		add_max(h, prefix, tag, value);
}

static void add_set(struct ynl_header *h, const json_t *set)
{
	char prefix[64], tag[64];
	long long value = 0;
	json_t *attr;
	size_t i;

	if (json_object_get(set, "subset-of"))
		return;
	make_tag(tag, set, NULL);
	snprintf(prefix, sizeof(prefix), "svcnat-a-%s-", text_of(set, "name"));
	json_array_foreach(json_object_get(set, "attributes"), i, attr) {
		const char *own = text_of(attr, "name-prefix");

		value = json_integer_value(json_object_get(attr, "value"));
		add(h, own ? own : prefix, text_of(attr, "name"), tag, value);
	}
	add_max(h, prefix, tag, value);
}

static bool is_event(const json_t *operation)
{
	return json_object_get(operation, "event") || json_object_get(operation, "notify");
}

static void add_operations(struct ynl_header *h, const json_t *operations)
{
	long long value = 0;
	json_t *op;
	char tag[64];
	size_t i;

	make_tag(tag, operations, NULL);
	json_array_foreach(json_object_get(operations, "list"), i, op) {
		if (is_event(op))
			continue;
		value = json_integer_value(json_object_get(op, "value"));
		add(h, "svcnat-cmd-", text_of(op, "name"), tag, value);
	}
	add_max(h, "svcnat-cmd-", tag, value);
}

static void add_text(struct ynl_header *h, const char *prefix, const char *name, const char *text)
{
	char *upper = ynl_upper(prefix, name);

	ynl_header_add(h, upper, "", text, 0);
	free(upper);
}

static struct ynl_header names_of(const json_t *spec)
{
	const json_t *groups = json_object_get(json_object_get(spec, "mcast-groups"), "list");
	struct ynl_header h = { 0 };
	json_t *member;
	size_t i;

	add_text(&h, "", text_of(spec, "c-family-name"), text_of(spec, "name"));
	add(&h, "", text_of(spec, "c-version-name"), "",
	    json_integer_value(json_object_get(spec, "version")));
	json_array_foreach(groups, i, member)
		add_text(&h, "svcnat-mcgrp-", text_of(member, "name"), text_of(member, "name"));
	json_array_foreach(json_object_get(spec, "definitions"), i, member)
		add_definition(&h, member);
	json_array_foreach(json_object_get(spec, "attribute-sets"), i, member)
		add_set(&h, member);
	add_operations(&h, json_object_get(spec, "operations"));
	return h;
}

/* ---- the comparison with the header */

static void compare_name(const struct ynl_name *in_h, const struct ynl_name *in_y,
			 struct ynl_report *r)
{
	if (in_h->value != in_y->value || strcmp(in_h->text, in_y->text))
		ynl_say(r, "%s is %s%lld in the header and %s%lld in the YAML", in_h->name,
			in_h->text, in_h->value, in_y->text, in_y->value);
	if (strcmp(in_h->tag, in_y->tag))
		ynl_say(r, "%s is of enum \"%s\" in the header and \"%s\" in the YAML",
			in_h->name, in_h->tag, in_y->tag);
}

static void compare_names(const struct ynl_header *h, const struct ynl_header *y,
			  struct ynl_report *r)
{
	const struct ynl_name *other;
	size_t i;

	for (i = 0; i < h->n; i++) {
		other = ynl_header_find(y, h->v[i].name);
		if (other)
			compare_name(&h->v[i], other, r);
		else
			ynl_say(r, "%s is not in the YAML", h->v[i].name);
	}
	for (i = 0; i < y->n; i++) {
		if (!ynl_header_find(h, y->v[i].name))
			ynl_say(r, "%s is not in the header", y->v[i].name);
		if (ynl_header_find(y, y->v[i].name) != &y->v[i])
			ynl_say(r, "%s is in the YAML twice", y->v[i].name);
	}
}

/* ---- the specification in itself */

/* Of these operations' messages, does one have this attribute of a set, whole or in part? */
static bool is_sent(const json_t *spec, const char *set, const char *name)
{
	static const char * const forms[] = { "do", "dump" };
	static const char * const ways[] = { "request", "reply" };
	json_t *op;
	size_t i, j;

	json_array_foreach(json_object_get(json_object_get(spec, "operations"), "list"), i, op) {
		const char *of = text_of(op, "attribute-set");
		const char *whole = text_of(ynl_set(spec, of), "subset-of");

		if (!of || strcmp(whole ? whole : of, set))
			continue;
		for (j = 0; j < 4; j++) {
			const json_t *form = json_object_get(op, forms[j / 2]);
			const json_t *way = json_object_get(form, ways[j % 2]);

			if (ynl_names(json_object_get(way, "attributes"), name))
				return true;
		}
		if (ynl_names(json_object_get(json_object_get(op, "event"), "attributes"), name))
			return true;
	}
	return false;
}

/* Is it a set of attributes inside of others only? */
static bool is_nest(const json_t *spec, const char *name)
{
	json_t *set, *attr;
	size_t i, j;

	json_array_foreach(json_object_get(spec, "attribute-sets"), i, set) {
		json_array_foreach(json_object_get(set, "attributes"), j, attr) {
			const char *inside = text_of(attr, "nested-attributes");

			if (inside && !strcmp(inside, name))
				return true;
		}
	}
	return false;
}

static void check_set(const json_t *spec, const json_t *set, struct ynl_report *r)
{
	const char *name = text_of(set, "name");
	const json_t *attrs = json_object_get(set, "attributes");
	bool part = json_object_get(set, "subset-of"), nest = is_nest(spec, name);
	struct ynl_attr a;
	json_t *attr;
	size_t i;

	json_array_foreach(attrs, i, attr) {
		if (!ynl_attr_read(spec, attr, &a, r))
			continue;
		if (ynl_find(attrs, a.name) != attr)
			ynl_say(r, "set %s has %s twice", name, a.name);
		if (a.min > a.max || a.min_len > a.max_len)
			ynl_say(r, "set %s: no value is right for %s", name, a.name);
		if (!part && !nest && a.kind != YNL_NONE && !is_sent(spec, name, a.name))
			ynl_say(r, "set %s: no message has %s", name, a.name);
	}
}

static void check_list(const json_t *spec, const json_t *op, const json_t *list,
		       struct ynl_report *r)
{
	const json_t *set = ynl_set(spec, text_of(op, "attribute-set"));
	const json_t *attrs = json_object_get(set, "attributes");
	struct ynl_attr a;
	json_t *member;
	size_t i, j;

	json_array_foreach(list, i, member) {
		const char *name = json_string_value(member);
		const json_t *attr = ynl_find(attrs, name);

		if (!attr)
			ynl_say(r, "%s: %s is not in its set", text_of(op, "name"), name);
		else if (!ynl_attr_read(spec, attr, &a, r) || a.kind == YNL_NONE)
			ynl_say(r, "%s: %s cannot be sent", text_of(op, "name"), name);
		for (j = 0; j < i; j++)
			if (json_equal(json_array_get(list, j), member))
				ynl_say(r, "%s: %s stands twice", text_of(op, "name"), name);
	}
}

/* An event is called after the command whose number it bears. */
static void check_event(const json_t *spec, const json_t *op, struct ynl_report *r)
{
	const json_t *groups = json_object_get(json_object_get(spec, "mcast-groups"), "list");
	const char *name = text_of(op, "name"), *notify = text_of(op, "notify");
	size_t len = strlen(name);
	char command[64];
	json_t *of;

	snprintf(command, sizeof(command), "%.*s", len > 4 ? (int)len - 4 : 0, name);
	of = ynl_operation(spec, command);
	if (strcmp(name + strlen(command), "-ntf") || !of)
		ynl_say(r, "%s: no command is called so, without -ntf", name);
	else if (!json_equal(json_object_get(of, "value"), json_object_get(op, "value")))
		ynl_say(r, "%s does not have the number of %s", name, command);
	if (!ynl_find(groups, text_of(op, "mcgrp")))
		ynl_say(r, "%s is in no multicast group", name);
	if (notify && !ynl_operation(spec, notify))
		ynl_say(r, "%s: no command %s", name, notify);
	if (!notify == !json_object_get(op, "event"))
		ynl_say(r, "%s: either notify or event", name);
}

static void check_operation(const json_t *spec, const json_t *op, struct ynl_report *r)
{
	const char *name = text_of(op, "name");
	const char * const forms[] = { "do", "dump" };
	const json_t *form;
	size_t i;

	if (!strcmp(name, "unspec"))
		return;
	if (!text_of(op, "notify") && !ynl_set(spec, text_of(op, "attribute-set")))
		ynl_say(r, "%s: no such attribute set", name);
	for (i = 0; i < 2; i++) {
		form = json_object_get(op, forms[i]);
		check_list(spec, op, json_object_get(json_object_get(form, "request"),
						     "attributes"), r);
		check_list(spec, op, json_object_get(json_object_get(form, "reply"),
						     "attributes"), r);
	}
	check_list(spec, op, json_object_get(json_object_get(op, "event"), "attributes"), r);
	if (is_event(op))
		check_event(spec, op, r);
	else if (!json_object_get(op, "do") == !json_object_get(op, "dump"))
		ynl_say(r, "%s: either do or dump", name);
}

static void check_spec(const json_t *spec, struct ynl_report *r)
{
	json_t *member;
	size_t i;

	json_array_foreach(json_object_get(spec, "attribute-sets"), i, member)
		check_set(spec, member, r);
	json_array_foreach(json_object_get(json_object_get(spec, "operations"), "list"), i, member)
		check_operation(spec, member, r);
}

/* All of it: what is wrong with this specification, beside this header? */
static void compare(json_t *spec, const char *header, struct ynl_report *r)
{
	struct ynl_header h, y;

	ynl_resolve(spec, r);
	check_spec(spec, r);
	y = names_of(spec);
	ynl_header_parse(header, &h, r);
	compare_names(&h, &y, r);
	ynl_header_clear(&h);
	ynl_header_clear(&y);
}

/* ---- tests */

static void test_same(void **state)
{
	struct ynl_report r = { 0 };
	char *header = ynl_source(HEADER);
	json_t *spec = ynl_load();

	compare(spec, header, &r);
	json_decref(spec);
	free(header);
	ynl_assert_none(&r, "the header and the YAML");
	(void)state;
}

/* The header's text was read as the compiler reads it. */
static void test_header_read(void **state)
{
#define AS_COMPILED(name) { #name, name }
	static const struct {
		const char *name;
		long long value;
	} known[] = {
		AS_COMPILED(SVCNAT_ENDPOINTS_MAX), AS_COMPILED(SVCNAT_CMD_MAX),
		AS_COMPILED(SVCNAT_VERDICT_ECHO), AS_COMPILED(SVCNAT_REASON_MAX),
		AS_COMPILED(SVCNAT_F_ACCOUNT), AS_COMPILED(SVCNAT_F_ALL),
		AS_COMPILED(SVCNAT_LIST_ALL), AS_COMPILED(__SVCNAT_A_SERVICE_MAX),
		AS_COMPILED(SVCNAT_A_CIDR), AS_COMPILED(SVCNAT_A_STATS_PAD),
		AS_COMPILED(SVCNAT_A_RESOLVE_MASQUERADE),
	};
	struct ynl_report r = { 0 };
	char *text = ynl_source(HEADER);
	const struct ynl_name *n;
	struct ynl_header h;
	size_t i;

	ynl_header_parse(text, &h, &r);
	ynl_assert_none(&r, HEADER);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		n = ynl_header_find(&h, known[i].name);
		if (!n || n->value != known[i].value)
			fail_msg("%s is %lld", known[i].name, n ? n->value : -1);
	}
	n = ynl_header_find(&h, "SVCNAT_GENL_NAME");
	assert_non_null(n);
	assert_string_equal(n->text, SVCNAT_GENL_NAME);
	ynl_header_clear(&h);
	free(text);
	(void)state;
}

struct change {
	const char *where, *to, *found;
};

/* where, to: of ynl_edit() */
static const struct change yaml_changes[] = {
	{ "name", "\"svcnet\"", "SVCNAT_GENL_NAME is svcnat0 in the header and svcnet0" },
	{ "version", "2", "SVCNAT_GENL_VERSION is 1 in the header and 2" },
	{ "definitions/name-max/value", "256", "SVCNAT_NAME_MAX is 255 in the header and 256" },
	{ "definitions/weight-max", NULL, "set endpoint: no constant weight-max for max" },
	{ "definitions/f-all/value", "7", "SVCNAT_F_ALL is 15 in the header and 7" },
	{ "definitions/kind/entries/nodeport", NULL, "SVCNAT_KIND_NODEPORT is not in the YAML" },
	{ "definitions/kind/entries/+", "\"mesh\"", "SVCNAT_KIND_MESH is not in the header" },
	{ "definitions/kind/entries/external/name", "\"externals\"",
	  "SVCNAT_KIND_EXTERNAL is not in the YAML" },
	{ "definitions/kind/render-max", "false", "SVCNAT_KIND_MAX is not in the YAML" },
	{ "definitions/kind/enum-name", "\"svcnat-sort\"",
	  "SVCNAT_KIND_CLUSTER is of enum \"svcnat_kind\" in the header and \"svcnat_sort\"" },
	{ "definitions/service-flags/entries/reset/value", "4",
	  "SVCNAT_F_RESET is 4 in the header and 16" },
	{ "attribute-sets/service/attributes/sync", NULL,
	  "SVCNAT_A_SERVICE_SYNC is not in the YAML" },
	{ "attribute-sets/service/attributes/+", "{\"name\": \"zone\", \"type\": \"u8\"}",
	  "SVCNAT_A_SERVICE_ZONE is not in the header" },
	{ "attribute-sets/service/attributes/+", "{\"name\": \"zone\", \"type\": \"u8\"}",
	  "set service: no message has zone" },
	{ "attribute-sets/sync/attributes/token/value", "7",
	  "SVCNAT_A_SYNC_TOKEN is 2 in the header and 7" },
	{ "attribute-sets/cidrs/attributes/cidr/name-prefix", NULL,
	  "SVCNAT_A_CIDRS_CIDR is not in the header" },
	{ "attribute-sets/sync/attributes/token/type", "\"u24\"", "type u24 is unknown here" },
	{ "attribute-sets/sync/attributes/token/checks/max-len", "4",
	  "token: a check that its type does not have" },
	{ "attribute-sets/resolve/attributes/kind/enum", "\"sort\"", "kind: no enumeration sort" },
	{ "attribute-sets/service/attributes/count/nested-attributes", "\"number\"",
	  "count: a nest has a set inside" },
	{ "attribute-sets/endpoint-key/attributes/+", "{\"name\": \"zone\"}",
	  "set endpoint-key: zone is not in endpoint" },
	{ "operations/list/resolve", NULL, "SVCNAT_CMD_RESOLVE is not in the YAML" },
	{ "operations/list/resolve/value", "15", "SVCNAT_CMD_RESOLVE is 14 in the header and 15" },
	{ "operations/list/flush/do/request/attributes/+", "\"force\"",
	  "flush: force is not in its set" },
	{ "operations/list/flush/do/request/attributes/+", "\"owner\"",
	  "flush: owner stands twice" },
	{ "operations/list/stats-get/do/reply/attributes/+", "\"pad\"",
	  "stats-get: pad cannot be sent" },
	{ "operations/list/flush/attribute-set", "\"syncs\"", "flush: no such attribute set" },
	{ "operations/list/flush/dump", "{}", "flush: either do or dump" },
	{ "operations/list/service-del-ntf/value", "3",
	  "service-del-ntf does not have the number of service-del" },
	{ "operations/list/service-del-ntf/name", "\"service-gone-ntf\"",
	  "service-gone-ntf: no command is called so" },
	{ "operations/list/settings-set-ntf/notify", "\"settings\"",
	  "settings-set-ntf: no command settings" },
	{ "operations/list/sync-end-ntf/mcgrp", "\"news\"",
	  "sync-end-ntf is in no multicast group" },
	{ "mcast-groups/list/events/name", "\"news\"", "SVCNAT_MCGRP_EVENTS is not in the YAML" },
};

static void test_yaml_changed(void **state)
{
	char *header = ynl_source(HEADER);
	size_t i;

	for (i = 0; i < sizeof(yaml_changes) / sizeof(yaml_changes[0]); i++) {
		const struct change *c = &yaml_changes[i];
		struct ynl_report r = { 0 };
		json_t *spec = ynl_load();

		ynl_edit(spec, c->where, c->to);
		compare(spec, header, &r);
		json_decref(spec);
		ynl_assert_found(&r, c->where, c->found);
	}
	free(header);
	(void)state;
}

/* where: words of the header, to: what stands in their place */
static const struct change header_changes[] = {
	{ "SVCNAT_KIND_NODEPORT,", "SVCNAT_KIND_NODEPORT, SVCNAT_KIND_MESH,",
	  "SVCNAT_KIND_MESH is not in the YAML" },
	{ "SVCNAT_REASON_ECHO,", "", "SVCNAT_REASON_ECHO is not in the header" },
	{ "SVCNAT_A_SYNC_OWNER,\n\tSVCNAT_A_SYNC_TOKEN,",
	  "SVCNAT_A_SYNC_TOKEN,\n\tSVCNAT_A_SYNC_OWNER,",
	  "SVCNAT_A_SYNC_OWNER is 2 in the header and 1" },
	{ "#define SVCNAT_CIDRS_MAX	256", "#define SVCNAT_CIDRS_MAX	512",
	  "SVCNAT_CIDRS_MAX is 512 in the header and 256" },
	{ "(1 << 2)	/* end TCP", "(1 << 4)	/* end TCP",
	  "SVCNAT_F_RESET is 16 in the header and 4" },
	{ "#define SVCNAT_F_ALL		((1 << 4) - 1)", "#define SVCNAT_F_ALL	((1 << 5) - 1)",
	  "SVCNAT_F_ALL is 31 in the header and 15" },
	{ "#define SVCNAT_MCGRP_EVENTS	\"events\"", "#define SVCNAT_MCGRP_EVENTS \"news\"",
	  "SVCNAT_MCGRP_EVENTS is news0 in the header and events0" },
	{ "#define SVCNAT_NAME_MAX", "#define SVCNAT_PORT_MAX 9\n#define SVCNAT_NAME_MAX",
	  "SVCNAT_PORT_MAX is not in the YAML" },
	{ "enum svcnat_origin {", "enum svcnat_source {",
	  "SVCNAT_ORIGIN_POD is of enum \"svcnat_source\" in the header" },
	{ "SVCNAT_CMD_SERVICE_SET,", "SVCNAT_CMD_SERVICE_SET = 4,",
	  "enum svcnat_cmd: not understood: = 4," },
	{ "#define SVCNAT_WEIGHT_MAX	256", "struct svcnat_weight { int max; };",
	  "not understood: struct svcnat_weight" },
	{ "#define SVCNAT_WEIGHT_MAX	256", "#define SVCNAT_WEIGHT_MAX sizeof(int)",
	  "not understood: sizeof(int)" },
};

/* text with to in the place of where, which is in there; to be freed. */
static char *replace(const char *text, const char *where, const char *to)
{
	const char *at = strstr(text, where);
	char *out;

	if (!at)
		fail_msg("\"%s\" is not in the header", where);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, to,
			     at + strlen(where)) >= 0);
	return out;
}

static void test_header_changed(void **state)
{
	char *header = ynl_source(HEADER);
	/* the manual may well have the same words */
	char *code = strstr(header, "#ifndef");
	size_t i;

	assert_non_null(code);
	for (i = 0; i < sizeof(header_changes) / sizeof(header_changes[0]); i++) {
		const struct change *c = &header_changes[i];
		struct ynl_report r = { 0 };
		char *other = replace(code, c->where, c->to);
		json_t *spec = ynl_load();

		compare(spec, other, &r);
		json_decref(spec);
		free(other);
		ynl_assert_found(&r, c->where, c->found);
	}
	free(header);
	(void)state;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_header_read),
		cmocka_unit_test(test_yaml_changed),
		cmocka_unit_test(test_header_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
