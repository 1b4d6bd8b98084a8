// SPDX-License-Identifier: GPL-2.0
/*
 * The module's policies against the YAML specification: which attributes each
 * command takes, of which types and within which limits, also inside of nests.
 * The very tables of the module, compiled for this process; which of them is
 * which command's is read from the text of the module's table of commands.
 */
#include <linux/types.h>
#include <ctype.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"
#include "ynl_header.h"
#include "ynl_spec.h"

#include "policy.c"

#define COMMANDS "kmod/netlink.c"

/* ---- the tables by their names */

struct table {
	const char *name;
	const struct nla_policy *v;
	size_t n;
};

#define TABLE(name) { #name, name, ARRAY_SIZE(name) }

static const struct table tables[] = {
	TABLE(svcnat_policy_none),
	TABLE(svcnat_policy_service_set),
	TABLE(svcnat_policy_service_del),
	TABLE(svcnat_policy_service_get),
	TABLE(svcnat_policy_endpoint_set),
	TABLE(svcnat_policy_settings),
	TABLE(svcnat_policy_owner),
	TABLE(svcnat_policy_sync_end),
	TABLE(svcnat_policy_affinity),
	TABLE(svcnat_policy_resolve),
};

static const struct table *table_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		if (!strcmp(tables[i].name, name))
			return &tables[i];
	return NULL;
}

/* ---- one attribute */

/* A policy in the words of the specification; false: it is none that is known here. */
static bool read_policy(const struct nla_policy *p, struct ynl_attr *a)
{
	*a = (struct ynl_attr){ .mask = UINT64_MAX, .max_len = SIZE_MAX };
	switch (p->type) {
	case NLA_UNSPEC:
	case NLA_REJECT:
		return p->validation_type == NLA_VALIDATE_NONE;
	case NLA_U8:
		a->width = 1;
		break;
	case NLA_BE16:
		a->big_endian = true;
		/* fall through */
	case NLA_U16:
		a->width = 2;
		break;
	case NLA_BE32:
		a->big_endian = true;
		/* fall through */
	case NLA_U32:
		a->width = 4;
		break;
	case NLA_U64:
		a->width = 8;
		break;
	case NLA_NUL_STRING:
		a->kind = YNL_STRING;
		a->max_len = p->len ? p->len : SIZE_MAX;
		return p->validation_type == NLA_VALIDATE_NONE;
	case NLA_BINARY:
		a->kind = YNL_BINARY;
		a->max_len = p->len ? p->len : SIZE_MAX;
		return true;
	case NLA_FLAG:
		a->kind = YNL_FLAG;
		return p->validation_type == NLA_VALIDATE_NONE;
	case NLA_NESTED:
		a->kind = YNL_NEST;
		return p->validation_type == NLA_VALIDATE_NONE && p->nested_policy;
	default:
		return false;
	}
	a->kind = YNL_INT;
	a->max = UINT64_MAX >> (64 - 8 * a->width);
	return !p->len;
}

/* Its limits, of a value or of a length. */
static bool read_limits(const struct nla_policy *p, struct ynl_attr *a)
{
	uint64_t min = 0, max = a->kind == YNL_INT ? a->max : a->max_len;

	switch (p->validation_type) {
	case NLA_VALIDATE_NONE:
		return true;
	case NLA_VALIDATE_RANGE:
		min = (uint64_t)p->min;
		max = (uint64_t)p->max;
		break;
	case NLA_VALIDATE_RANGE_PTR:
		min = p->range->min;
		max = p->range->max;
		break;
	case NLA_VALIDATE_MIN:
		min = (uint64_t)p->min;
		break;
	case NLA_VALIDATE_MAX:
		max = (uint64_t)p->max;
		break;
	case NLA_VALIDATE_MASK:
		a->mask = max = p->mask;
		break;
	default:
		return false;
	}
	if (a->kind == YNL_INT) {
		a->min = min;
		a->max = max;
	} else {
		a->min_len = min;
		a->max_len = max;
	}
	return true;
}

static void compare_attr(const char *where, const struct ynl_attr *y, const struct nla_policy *p,
			 struct ynl_report *r)
{
	struct ynl_attr k;

	if (!read_policy(p, &k) || !read_limits(p, &k))
		ynl_say(r, "%s.%s: this policy is not understood", where, y->name);
	else if (k.kind != y->kind || k.width != y->width)
		ynl_say(r, "%s.%s: another type in the kernel", where, y->name);
	else if (p->validation_type && k.big_endian != y->big_endian)
		ynl_say(r, "%s.%s: the kernel's limits are of another byte order", where, y->name);
	else if (k.min != y->min || k.max != y->max || k.mask != y->mask)
		ynl_say(r, "%s.%s: %llu to %llu, mask %llx in the kernel, "
			"%llu to %llu, mask %llx in the YAML", where, y->name,
			(unsigned long long)k.min, (unsigned long long)k.max,
			(unsigned long long)k.mask, (unsigned long long)y->min,
			(unsigned long long)y->max, (unsigned long long)y->mask);
	else if (k.min_len != y->min_len || k.max_len != y->max_len)
		ynl_say(r, "%s.%s: %zu to %zu bytes in the kernel, %zu to %zu in the YAML",
			where, y->name, k.min_len, k.max_len, y->min_len, y->max_len);
}

/* ---- one table */

/* The attribute of this number, if it is taken; names: those that are, NULL: all. */
static bool wanted(const json_t *spec, const char *set, const json_t *names, bool all,
		   unsigned int id, struct ynl_attr *out, struct ynl_report *r)
{
	json_t *attr;
	size_t i;

	json_array_foreach(json_object_get(ynl_set(spec, set), "attributes"), i, attr) {
		if ((unsigned int)json_integer_value(json_object_get(attr, "value")) != id)
			continue;
		return ynl_attr_read(spec, attr, out, r) && out->kind != YNL_NONE &&
		       (all || ynl_names(names, out->name));
	}
	return false;
}

/* What a policy lets through and the parser refuses, in better words. */
static const char * const parser_refuses[] = {
	"endpoint-del.endpoint.lists",
	"endpoint-del.endpoint.weight",
};

/* The name of an attribute of the whole of a set. */
static const char *whole_name(const json_t *spec, const char *set, unsigned int id)
{
	const char *whole = json_string_value(json_object_get(ynl_set(spec, set), "subset-of"));
	const json_t *all = ynl_set(spec, whole ? whole : set);
	json_t *attr;
	size_t i;

	json_array_foreach(json_object_get(all, "attributes"), i, attr)
		if ((unsigned int)json_integer_value(json_object_get(attr, "value")) == id)
			return json_string_value(json_object_get(attr, "name"));
	return "(no such)";
}

static bool is_parser_refused(const char *where, const char *name)
{
	char path[128];
	size_t i;

	snprintf(path, sizeof(path), "%s.%s", where, name);
	for (i = 0; i < ARRAY_SIZE(parser_refuses); i++)
		if (!strcmp(parser_refuses[i], path))
			return true;
	return false;
}

/* A number that is in one of the two only, or in neither. */
static void compare_presence(const json_t *spec, const char *where, const char *set,
			     unsigned int id, bool takes, bool should, struct ynl_report *r)
{
	const char *name = whole_name(spec, set, id);
	bool parser = is_parser_refused(where, name);

	if (takes && !should && !parser)
		ynl_say(r, "%s: the kernel takes %s (%u)", where, name, id);
	else if (!takes && should)
		ynl_say(r, "%s: the kernel does not take %s", where, name);
	else if (takes == should && parser)
		ynl_say(r, "%s.%s: left to the parser to refuse, and why?", where, name);
}

/* Do these two sets have the same numbers? */
static bool is_akin(const json_t *spec, const char *a, const char *b)
{
	const char *of_a = json_string_value(json_object_get(ynl_set(spec, a), "subset-of"));
	const char *of_b = json_string_value(json_object_get(ynl_set(spec, b), "subset-of"));

	return a && b && !strcmp(of_a ? of_a : a, of_b ? of_b : b);
}

/* The command that takes an attribute of a set in its request; *n: how many do. */
static char *taker(const json_t *spec, const char *set, const char *name, unsigned int *n)
{
	json_t *op, *last = NULL;
	size_t i;

	*n = 0;
	json_array_foreach(json_object_get(json_object_get(spec, "operations"), "list"), i, op) {
		const char *of = json_string_value(json_object_get(op, "attribute-set"));

		if (!is_akin(spec, of, set) || !ynl_names(ynl_request(op), name))
			continue;
		last = op;
		(*n)++;
	}
	return ynl_upper("", last ? json_string_value(json_object_get(last, "name")) : "");
}

/* The words of a refusal that name where an attribute does belong must be true. */
static void compare_refusal(const json_t *spec, const char *where, const char *set,
			    unsigned int id, const char *text, struct ynl_report *r)
{
	const char *name = whole_name(spec, set, id);
	char *command, said[64];
	unsigned int n;

	command = taker(spec, set, name, &n);
	snprintf(said, sizeof(said), "of %s only", command);
	if (!n != !!strstr(text, "replies only") ||
	    (strstr(text, " of ") && (n != 1 || !strstr(text, said))))
		ynl_say(r, "%s: \"%s\" is wrong of %s", where, text, name);
	free(command);
}

/* Past the last attribute of any set. */
#define ID_MAX 64

static void compare_table(const json_t *spec, const char *where, const char *set,
			  const json_t *names, bool all, const struct nla_policy *policy,
			  unsigned int max, struct ynl_report *r)
{
	struct ynl_attr y;
	char inside[128];
	unsigned int id;

	for (id = 1; id <= max || id < ID_MAX; id++) {
		const struct nla_policy *p = id <= max ? &policy[id] : NULL;
		bool takes = p && p->type != NLA_UNSPEC && p->type != NLA_REJECT;
		bool should = wanted(spec, set, names, all, id, &y, r);

		compare_presence(spec, where, set, id, takes, should, r);
		/* inside of nests there are replies only */
		if (p && p->type == NLA_REJECT && p->reject_message && !all)
			compare_refusal(spec, where, set, id, p->reject_message, r);
		if (!takes || !should)
			continue;
		compare_attr(where, &y, p, r);
		if (y.kind != YNL_NEST || p->type != NLA_NESTED || !p->nested_policy)
			continue;
		snprintf(inside, sizeof(inside), "%s.%s", where, y.name);
		compare_table(spec, inside, y.nested, NULL, true, p->nested_policy, p->len, r);
	}
}

/* ---- the commands */

struct command {
	char name[64];		/* as the specification has it */
	const struct table *table;
	long long max;
	bool dump, admin;
};

/* Copy the argument at *p, up to the sign that ends it, without blanks at its ends. */
static bool argument(const char **p, char end, char *out, size_t size)
{
	const char *from = *p + strspn(*p, " \t\n");
	const char *to = strchr(from, end);
	size_t n;

	if (!to)
		return false;
	*p = to + 1;
	for (n = (size_t)(to - from); n && strchr(" \t\n", from[n - 1]); n--)
		;
	if (!n || n >= size)
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	return true;
}

/* "SVCNAT_CMD_SERVICE_SET" to "service-set". */
static bool command_name(const char *c, char *out, size_t size)
{
	const char *prefix = "SVCNAT_CMD_";
	char *p;

	if (strncmp(c, prefix, strlen(prefix)) || strlen(c) >= size)
		return false;
	strcpy(out, c + strlen(prefix));
	for (p = out; *p; p++)
		*p = *p == '_' ? '-' : (char)(*p | 0x20);
	return true;
}

/* "(CMD, POLICY, MAX), .doit = ...", up to the next one. */
static bool read_command(const char *p, const struct ynl_header *names, struct command *c,
			 struct ynl_report *r)
{
	const char *next = strstr(p, "SVCNAT_OP(");
	char cmd[64], policy[64], max[64], *rest;
	bool is_do;

	if (!argument(&p, ',', cmd, sizeof(cmd)) || !argument(&p, ',', policy, sizeof(policy)) ||
	    !argument(&p, ')', max, sizeof(max)) || !command_name(cmd, c->name, sizeof(c->name)) ||
	    !ynl_header_value(names, max, &c->max, r))
		return false;
	c->table = table_find(policy);
	if (!c->table)
		ynl_say(r, "%s: this test has no table %s", c->name, policy);
	else if (c->max < 0 || (size_t)c->max >= c->table->n)
		ynl_say(r, "%s: %s is past the end of %s", c->name, max, policy);
	else {
		rest = next ? strndup(p, (size_t)(next - p)) : strdup(p);
		is_do = strstr(rest, ".doit");
		c->dump = strstr(rest, ".dumpit");
		if (is_do == c->dump)
			ynl_say(r, "%s: do or dump?", c->name);
		free(rest);
		return is_do != c->dump;
	}
	return false;
}

/* The table of commands, from the text of the file that has it. */
static size_t read_commands(const char *text, struct command *out, size_t room,
			    struct ynl_report *r)
{
	char *header = ynl_source("include/uapi/linux/svcnat.h");
	const char *p, *macro = strstr(text, "#define SVCNAT_OP("), *end;
	struct ynl_header names;
	bool admin = false;
	size_t n = 0;

	ynl_header_parse(header, &names, r);
	free(header);
	p = macro ? strstr(macro, "struct genl_ops ") : NULL;
	end = p ? strstr(p, "\n};") : NULL;
	if (p) {
		const char *flags = strstr(macro, " GENL_ADMIN_PERM");

		admin = flags && flags < p;
	}
	if (!end || strstr(text, "GENL_DONT_VALIDATE"))
		ynl_say(r, "the table of commands is not understood");
	while (end && (p = strstr(p, "SVCNAT_OP(")) && p < end && n < room) {
		char *one;

		p += strlen("SVCNAT_OP(");
		one = strndup(p, (size_t)(end - p));
		out[n] = (struct command){ .admin = admin };
		if (read_command(one, &names, &out[n], r))
			n++;
		free(one);
	}
	ynl_header_clear(&names);
	return n;
}

static void compare_command(const json_t *spec, const struct command *c, struct ynl_report *r)
{
	const json_t *op = ynl_operation(spec, c->name);
	const char *set = json_string_value(json_object_get(op, "attribute-set"));

	if (!op || !set) {
		ynl_say(r, "%s is no command of the YAML", c->name);
		return;
	}
	if (!json_object_get(op, c->dump ? "dump" : "do"))
		ynl_say(r, "%s: the kernel has the other of do and dump", c->name);
	if (c->admin != ynl_names(json_object_get(op, "flags"), "admin-perm"))
		ynl_say(r, "%s: admin-perm on one side only", c->name);
	compare_table(spec, c->name, set, ynl_request(op), false, c->table->v,
		      (unsigned int)c->max, r);
}

/* Its multicast groups, one after another as in the specification. */
static void compare_groups(const json_t *spec, const char *text, struct ynl_report *r)
{
	const json_t *groups = json_object_get(json_object_get(spec, "mcast-groups"), "list");
	const char *p = text, *name;
	size_t i = 0, len;
	char *macro;

	while ((p = strstr(p, "SVCNAT_MCGRP_"))) {
		name = json_string_value(json_object_get(json_array_get(groups, i++), "name"));
		macro = ynl_upper("svcnat-mcgrp-", name ? name : "");
		len = strlen(macro);
		if (strncmp(p, macro, len) || isalnum((unsigned char)p[len]) || p[len] == '_')
			ynl_say(r, "multicast group %zu is not %s", i, macro);
		free(macro);
		p++;
	}
	if (i != json_array_size(groups))
		ynl_say(r, "the kernel has %zu multicast groups, the YAML %zu", i,
			json_array_size(groups));
}

static void compare(json_t *spec, const char *text, struct ynl_report *r)
{
	struct command v[32];
	json_t *op;
	size_t i, j, n;

	ynl_resolve(spec, r);
	compare_groups(spec, text, r);
	n = read_commands(text, v, ARRAY_SIZE(v), r);
	for (i = 0; i < n; i++)
		compare_command(spec, &v[i], r);
	json_array_foreach(json_object_get(json_object_get(spec, "operations"), "list"), i, op) {
		const char *name = json_string_value(json_object_get(op, "name"));

		if (!json_object_get(op, "do") && !json_object_get(op, "dump"))
			continue;
		for (j = 0; j < n && strcmp(v[j].name, name); j++)
			;
		if (j == n)
			ynl_say(r, "the kernel has no command %s", name);
	}
}

/* ---- tests */

static char *commands(void)
{
	char *text = ynl_source(COMMANDS);

	ynl_header_strip(text);
	return text;
}

static void test_same(void **state)
{
	struct ynl_report r = { 0 };
	char *text = commands();
	json_t *spec = ynl_load();

	compare(spec, text, &r);
	json_decref(spec);
	free(text);
	ynl_assert_none(&r, "the policies and the YAML");
	(void)state;
}

struct change {
	const char *where, *to, *found;
};

#define SETS "attribute-sets/"
#define OPS "operations/list/"

static const struct change yaml_changes[] = {
	{ SETS "service/attributes/name/checks/max-len", "254",
	  "service-set.name: 0 to 255 bytes in the kernel, 0 to 254 in the YAML" },
	{ SETS "service/attributes/name/type", "\"binary\"",
	  "service-del.name: another type in the kernel" },
	{ SETS "service/attributes/family/type", "\"u32\"",
	  "service-get.family: another type in the kernel" },
	{ "definitions/affinity-max/value", "3600",
	  "service-set.affinity: 0 to 86400, mask ffffffffffffffff in the kernel, 0 to 3600" },
	{ SETS "service/attributes/sync/checks", NULL,
	  "service-set.sync: 1 to 4294967295, mask ffffffffffffffff in the kernel, 0 to" },
	{ "definitions/service-flags/entries/+", "\"sticky\"",
	  "service-set.flags: 0 to 15, mask f in the kernel, 0 to 31, mask 1f in the YAML" },
	{ "definitions/scheduler/entries/leastconn", NULL,
	  "service-set.scheduler: 0 to 4, mask ffffffffffffffff in the kernel, 0 to 3" },
	{ SETS "frontend/attributes/addr/checks/min-len", "16",
	  "service-set.frontend.addr: 4 to 16 bytes in the kernel, 16 to 16 in the YAML" },
	{ SETS "sync/attributes/token/byte-order", "\"big-endian\"",
	  "sync-end.token: the kernel's limits are of another byte order" },
	{ SETS "cidr/attributes/prefix/checks/max", "32",
	  "settings-set.pod-cidrs.cidr.prefix: 0 to 128, mask ffffffffffffffff in the kernel" },
	{ SETS "endpoint-request/attributes/weight", NULL,
	  "endpoint-set.endpoint: the kernel takes weight (4)" },
	{ SETS "endpoint-key/attributes/+", "{\"name\": \"weight\"}",
	  "endpoint-del.endpoint.weight: left to the parser to refuse, and why?" },
	{ SETS "service-endpoint-del/attributes/endpoint/nested-attributes", NULL,
	  "endpoint-del.endpoint: the kernel does not take bytes-from" },
	{ OPS "service-del/do/request/attributes/defer", NULL,
	  "service-del: the kernel takes defer (10)" },
	{ OPS "service-get/dump/request/attributes/+", "\"id\"",
	  "service-get: the kernel does not take id" },
	{ OPS "settings-get/do/request", "{\"attributes\": [\"version\"]}",
	  "settings-get: the kernel does not take version" },
	{ OPS "service-get/dump/request/attributes/+", "\"more\"",
	  "service-set: \"this attribute stands in replies only\" is wrong of more" },
	{ OPS "flush/flags", NULL, "flush: admin-perm on one side only" },
	{ OPS "resolve", NULL, "resolve is no command of the YAML" },
	{ OPS "+", "{\"name\": \"ping\", \"attribute-set\": \"sync\", \"do\": {}}",
	  "the kernel has no command ping" },
	{ "mcast-groups/list/events/name", "\"event\"",
	  "multicast group 1 is not SVCNAT_MCGRP_EVENT" },
	{ "mcast-groups/list/+", "{\"name\": \"news\"}",
	  "the kernel has 1 multicast groups, the YAML 2" },
	{ OPS "affinity-get/dump", NULL, "affinity-get: the kernel has the other of do and dump" },
};

static void test_yaml_changed(void **state)
{
	char *text = commands();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yaml_changes); i++) {
		const struct change *c = &yaml_changes[i];
		struct ynl_report r = { 0 };
		json_t *spec = ynl_load();

		ynl_edit(spec, c->where, c->to);
		compare(spec, text, &r);
		json_decref(spec);
		ynl_assert_found(&r, c->where, c->found);
	}
	free(text);
	(void)state;
}

/* where: words of the table of commands, to: what stands in their place */
static const struct change text_changes[] = {
	{ "svcnat_policy_sync_end,", "svcnat_policy_service_del,",
	  "sync-end.token: another type in the kernel" },
	{ "SVCNAT_A_SYNC_TOKEN)", "SVCNAT_A_SYNC_OWNER)",
	  "sync-end: the kernel does not take token" },
	{ "SVCNAT_A_SYNC_TOKEN)", "SVCNAT_A_SYNC_DELETED)",
	  "sync-end: SVCNAT_A_SYNC_DELETED is past the end of svcnat_policy_sync_end" },
	{ "svcnat_policy_sync_end,", "svcnat_policy_end,",
	  "sync-end: this test has no table svcnat_policy_end" },
	{ "SVCNAT_OP(SVCNAT_CMD_FLUSH,", "SVCNAT_OP(SVCNAT_CMD_SYNC_END,",
	  "the kernel has no command flush" },
	{ ".dumpit", ".doit", "the kernel has the other of do and dump" },
	{ "GENL_ADMIN_PERM", "GENL_UNS_ADMIN_PERM", "resolve: admin-perm on one side only" },
	{ "GENL_ADMIN_PERM", "GENL_ADMIN_PERM, .validate = GENL_DONT_VALIDATE_STRICT",
	  "the table of commands is not understood" },
};

static void test_commands_changed(void **state)
{
	char *text = commands();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(text_changes); i++) {
		const struct change *c = &text_changes[i];
		struct ynl_report r = { 0 };
		char *other, *at = strstr(text, c->where);
		json_t *spec = ynl_load();

		if (!at)
			fail_msg("\"%s\" is not in %s", c->where, COMMANDS);
		assert_true(asprintf(&other, "%.*s%s%s", (int)(at - text), text, c->to,
				     at + strlen(c->where)) >= 0);
		compare(spec, other, &r);
		json_decref(spec);
		free(other);
		ynl_assert_found(&r, c->where, c->found);
	}
	free(text);
	(void)state;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_yaml_changed),
		cmocka_unit_test(test_commands_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
