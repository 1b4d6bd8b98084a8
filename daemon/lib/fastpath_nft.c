// SPDX-License-Identifier: GPL-2.0
#include "fastpath_nft.h"

#include "err.h"
#include "nft.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE		"inet " FASTPATH_TABLE
#define WHAT		"the nft table " TABLE
#define FLOWTABLE	"f"
#define CHAIN		"forward"
/* Behind filters of any kind. */
#define CHAIN_PRIORITY	1000
#define DELETE		"add table " TABLE "\ndelete table " TABLE "\n"
/* No other priority: libnftables 1.0.6 says 0 to the kernel when devices are to be taken out. */
#define FLOWTABLE_HEAD	"{ hook ingress priority 0; "
/* The kernel takes up to 256 at a time. */
#define AT_A_TIME	128

/* Adding nothing else: connections of TCP that are open, and of UDP that were answered. */
#define RULE		"add rule " TABLE " " CHAIN " ct status dnat ct state established " \
			"meta l4proto { tcp, udp } flow add @" FLOWTABLE " counter comment "

static const char *const comments[] = {
	[FASTPATH_SVCD] = "kept by svcd; see svcd(8)",
	[FASTPATH_SVCCTL] = "made by svcctl; see svcctl(8)",
};

/* --- texts --- */

static void print_part(FILE *f, const char *verb, const char *more,
		       const struct fastpath_names *devices, size_t from)
{
	size_t i;

	fprintf(f, "%s flowtable " TABLE " " FLOWTABLE " " FLOWTABLE_HEAD "%s", verb, more);
	for (i = from; i < devices->n && i < from + AT_A_TIME; i++)
		fprintf(f, "%s\"%s\"", i == from ? "devices = { " : ", ", devices->v[i]);
	fputs(devices->n ? " }; }\n" : "}\n", f);
}

static void print_devices(FILE *f, const char *verb, const char *more,
			  const struct fastpath_names *devices)
{
	size_t i;

	for (i = 0; i < devices->n; i += AT_A_TIME)
		print_part(f, verb, more, devices, i);
}

static void print_frame(FILE *f, const struct fastpath_names *devices, enum fastpath_keeper keeper)
{
	fputs("add table " TABLE "\n", f);
	if (devices->n)
		print_devices(f, "add", "counter; ", devices);
	else
		print_part(f, "add", "counter; ", devices, 0);
	fprintf(f, "add chain " TABLE " " CHAIN " { type filter hook forward priority %d; "
		"policy accept; }\n" RULE "\"%s\"\n", CHAIN_PRIORITY, comments[keeper]);
}

static char *finish(FILE *f, char **text)
{
	if (!fclose(f))
		return *text;
	free(*text);
	return NULL;
}

char *fastpath_nft_make_text(const struct fastpath_names *devices, enum fastpath_keeper keeper)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs(DELETE, f);
	print_frame(f, devices, keeper);
	return finish(f, &text);
}

char *fastpath_nft_change_text(const struct fastpath_names *add, const struct fastpath_names *del)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	print_devices(f, "add", "counter; ", add);
	print_devices(f, "delete", "", del);
	return finish(f, &text);
}

/* --- what there is --- */

static int take_devices(const json_t *dev, struct fastpath_names *out)
{
	int ret = 0;
	json_t *name;
	size_t i;

	/* One alone is no list. */
	if (json_is_string(dev))
		return fastpath_names_add(out, json_string_value(dev));
	json_array_foreach(dev, i, name) {
		ret = json_is_string(name) ? fastpath_names_add(out, json_string_value(name)) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

static bool is_string(const json_t *o, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && strcmp(s, value) == 0;
}

static bool is_at(const json_t *o, const char *name, const char *hook, int priority)
{
	return is_string(o, "name", name) && is_string(o, "hook", hook) &&
	       json_integer_value(json_object_get(o, "prio")) == priority;
}

static enum fastpath_keeper keeper_of(const json_t *rule)
{
	enum fastpath_keeper k;

	for (k = FASTPATH_SVCD; k <= FASTPATH_SVCCTL; k++)
		if (is_string(rule, "comment", comments[k]))
			return k;
	return FASTPATH_NOBODY;
}

static bool take_rule(const json_t *rule, struct fastpath_table *out)
{
	const json_t *expr = json_object_get(rule, "expr"), *counter;
	bool adds = false;
	json_t *e;
	size_t i;

	json_array_foreach(expr, i, e) {
		adds = adds || is_string(json_object_get(e, "flow"), "op", "add");
		counter = json_object_get(e, "counter");
		if (counter)
			out->flows = (uint64_t)json_integer_value(json_object_get(counter,
										  "packets"));
	}
	out->keeper = keeper_of(rule);
	return adds && is_string(rule, "chain", CHAIN) && out->keeper != FASTPATH_NOBODY;
}

/* How many there are of each: one. */
struct parts {
	unsigned int flowtables, chains, rules, others;
};

static int take(const json_t *o, struct fastpath_table *out, struct parts *p)
{
	const json_t *flowtable = json_object_get(o, "flowtable");
	const json_t *chain = json_object_get(o, "chain"), *rule = json_object_get(o, "rule");

	if (json_object_get(o, "metainfo"))
		return 0;
	if (json_object_get(o, "table"))
		out->there = true;
	else if (chain && is_at(chain, CHAIN, "forward", CHAIN_PRIORITY))
		p->chains++;
	else if (rule && take_rule(rule, out))
		p->rules++;
	else if (flowtable && is_at(flowtable, FLOWTABLE, "ingress", 0))
		p->flowtables++;
	else
		p->others++;
	return flowtable ? take_devices(json_object_get(flowtable, "dev"), &out->devices) : 0;
}

int fastpath_nft_parse(const char *json, struct fastpath_table *out)
{
	json_t *all = json_loads(json, 0, NULL), *o;
	struct parts p = { 0 };
	int ret = 0;
	size_t i;

	json_array_foreach(json_object_get(all, "nftables"), i, o) {
		ret = take(o, out, &p);
		if (ret)
			break;
	}
	out->whole = out->there && p.flowtables == 1 && p.chains == 1 && p.rules == 1 && !p.others;
	json_decref(all);
	return ret;
}

void fastpath_table_clear(struct fastpath_table *t)
{
	fastpath_names_clear(&t->devices);
	*t = (struct fastpath_table){ 0 };
}

/* --- the kernel's --- */

int fastpath_nft_read(struct fastpath_table *out)
{
	char *text = NULL;
	int ret;

	fastpath_table_clear(out);
	if (nft_ask_json("list table " TABLE "\n", "", &text, NULL))
		return 0;
	ret = fastpath_nft_parse(text, out);
	free(text);
	return ret;
}

static int run(char *text, const char *what, struct err *e)
{
	int ret = text ? nft_run(text, what, e) : err_set(e, ENOMEM, "out of memory");

	free(text);
	return ret;
}

int fastpath_nft_make(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		      struct err *e)
{
	return run(fastpath_nft_make_text(devices, keeper), WHAT " cannot be made", e);
}

int fastpath_nft_change(const struct fastpath_names *add, const struct fastpath_names *del,
			struct err *e)
{
	return run(fastpath_nft_change_text(add, del), "the devices of " WHAT
		   " cannot be changed", e);
}

int fastpath_nft_clear(struct err *e)
{
	return nft_run(DELETE, WHAT " cannot be deleted", e);
}

int fastpath_nft_check(struct err *e)
{
	/* Made and deleted as one change, of which nobody sees anything. */
	static const char one[] =
		"add table " TABLE "-check\n"
		"add flowtable " TABLE "-check " FLOWTABLE " " FLOWTABLE_HEAD "counter; "
		"devices = { \"lo\" }; }\n"
		"delete table " TABLE "-check\n";

	return nft_run(one, "this kernel has no flowtables", e);
}
