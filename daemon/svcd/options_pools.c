// SPDX-License-Identifier: GPL-2.0
/* svcd.yaml's pools: written as the spec of MetalLB's IPAddressPool is. */
#include "options_priv.h"

#include "err.h"
#include "format.h"
#include "jx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX	1000	/* each is compared with all others */
#define AT_MAX		1024

struct reading {
	struct pools *pools;
	const char *path;
	const struct yaml_doc *doc;
	struct pool pool;	/* that is being read */
	size_t nranges;		/* of all pools */
	char at[AT_MAX];	/* "pools[0].addresses[1]": what is being read */
	struct err *e;
};

/* One key of a map; v is its value. */
struct pool_key {
	const char *name;
	int (*read)(struct reading *r, const json_t *v);
};

static int __attribute__((format(printf, 2, 3)))
refuse(const struct reading *r, const char *fmt, ...)
{
	struct yaml_place place = yaml_find(r->doc, r->at);
	char why[sizeof(r->e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(r->e, EINVAL, "%s:%u:%u: %s: %s", r->path, place.line, place.column, r->at,
		       why);
}

static int unknown_key(const struct reading *r)
{
	struct yaml_place place = yaml_find_key(r->doc, r->at);

	return err_set(r->e, EINVAL, "%s:%u:%u: %s: there is no such key: see svcd.yaml(5)",
		       r->path, place.line, place.column, r->at);
}

/* Go on to what is inside of it. Answers the way back, for leave(). */
static size_t __attribute__((format(printf, 2, 3))) enter(struct reading *r, const char *fmt, ...)
{
	size_t n = strlen(r->at);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->at + n, sizeof(r->at) - n, fmt, ap);
	va_end(ap);
	return n;
}

static void leave(struct reading *r, size_t back)
{
	r->at[back] = '\0';
}

static int read_map(struct reading *r, const struct pool_key *keys, const json_t *v)
{
	const struct pool_key *k;
	const char *key;
	json_t *value;
	size_t back;
	int ret;

	if (!json_is_object(v))
		return refuse(r, "this has to be keys and values: see svcd.yaml(5)");
	json_object_foreach((json_t *)v, key, value) {
		for (k = keys; k->name && strcmp(k->name, key); k++)
			;
		back = enter(r, ".%s", key);
		ret = k->name ? k->read(r, value) : unknown_key(r);
		if (ret)
			return ret;
		leave(r, back);
	}
	return 0;
}

/* read for each element, of which there has to be one. */
static int read_list(struct reading *r, const json_t *v,
		     int (*read)(struct reading *r, const json_t *v))
{
	json_t *item;
	size_t i, back;
	int ret;

	if (!json_is_array(v))
		return refuse(r, "this has to be a list");
	if (!json_array_size(v))
		return refuse(r, "this list is empty: leave the key out");
	json_array_foreach((json_t *)v, i, item) {
		back = enter(r, "[%zu]", i);
		ret = read(r, item);
		if (ret)
			return ret;
		leave(r, back);
	}
	return 0;
}

static int read_bool(struct reading *r, const json_t *v, bool *out)
{
	if (!json_is_boolean(v))
		return refuse(r, "this has to be true or false");
	*out = json_is_true(v);
	return 0;
}

static int read_name(struct reading *r, const json_t *v)
{
	const char *name = json_string_value(v);

	if (!name || format_dns1123_subdomain(name))
		return refuse(r, "this is not a name: lower case letters, digits, '-' and '.', "
			      "at most 253");
	if (pools_named(r->pools, name))
		return refuse(r, "there are two pools of the name \"%s\"", name);
	free(r->pool.name);
	r->pool.name = jx_must(strdup(name));
	return 0;
}

static const struct pool_range *find_overlap(const struct pool *p, const struct pool_range *range)
{
	for (size_t i = 0; i < p->nranges; i++)
		if (pool_range_overlaps(&p->ranges[i], range))
			return &p->ranges[i];
	return NULL;
}

static int check_overlap(const struct reading *r, const struct pool_range *range)
{
	const struct pool_range *other = find_overlap(&r->pool, range);

	if (other)
		return refuse(r, "%s overlaps %s of this pool", range->text, other->text);
	for (size_t i = 0; i < r->pools->n; i++) {
		other = find_overlap(&r->pools->v[i], range);
		if (other)
			return refuse(r, "%s overlaps %s of the pool \"%s\"", range->text,
				      other->text, r->pools->v[i].name);
	}
	return 0;
}

static char *where(const struct reading *r)
{
	struct yaml_place place = yaml_find(r->doc, r->at);
	char *text;

	if (asprintf(&text, "%s:%u:%u: %s", r->path, place.line, place.column, r->at) < 0)
		jx_must(NULL);
	return text;
}

static int read_address(struct reading *r, const json_t *v)
{
	const char *text = json_string_value(v);
	struct pool_range range;
	struct err why = { "" };
	int ret;

	if (!text)
		return refuse(r, "this has to be ADDRESS/PREFIX or FIRST-LAST");
	if (pool_range_parse(text, &range, &why))
		return refuse(r, "%s", why.text);
	ret = check_overlap(r, &range);
	if (!ret && ++r->nranges > RANGES_MAX)
		ret = refuse(r, "more than %d ranges", RANGES_MAX);
	if (ret) {
		free(range.text);
		return ret;
	}
	range.where = where(r);
	pool_add_range(&r->pool, &range);
	return 0;
}

static int read_addresses(struct reading *r, const json_t *v)
{
	return read_list(r, v, read_address);
}

static int read_auto_assign(struct reading *r, const json_t *v)
{
	return read_bool(r, v, &r->pool.auto_assign);
}

static int read_avoid_buggy(struct reading *r, const json_t *v)
{
	return read_bool(r, v, &r->pool.avoid_buggy);
}

static int read_priority(struct reading *r, const json_t *v)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || n > INT32_MAX)
		return refuse(r, "this has to be a number from 0 to %d", INT32_MAX);
	r->pool.priority = (unsigned int)n;
	return 0;
}

static int read_namespace(struct reading *r, const json_t *v)
{
	const char *name = json_string_value(v);

	if (!name || format_dns1123_label(name))
		return refuse(r, "this is not the name of a namespace");
	pool_add_namespace(&r->pool, name);
	return 0;
}

static int read_namespaces(struct reading *r, const json_t *v)
{
	return read_list(r, v, read_namespace);
}

/* Another requirement, behind a comma. */
static FILE *requirement(FILE *f)
{
	if (ftell(f))
		fputc(',', f);
	return f;
}

static int write_labels(struct reading *r, const json_t *v, FILE *f)
{
	const char *key, *value, *bad;
	json_t *label;

	if (!json_is_object(v))
		return refuse(r, "this has to be a map of labels");
	json_object_foreach((json_t *)v, key, label) {
		value = json_string_value(label);
		bad = format_qualified_name(key);
		if (bad)
			return refuse(r, "\"%s\" is not a label: %s", key, bad);
		bad = value ? format_label_value(value) : "it has to be a string";
		if (bad)
			return refuse(r, "the value of \"%s\": %s", key, bad);
		fprintf(requirement(f), "%s=%s", key, value);
	}
	return 0;
}

static int write_values(struct reading *r, const json_t *v, FILE *f)
{
	const char *value, *bad;
	json_t *item;
	size_t i;

	if (!json_array_size(v))
		return refuse(r, "this needs values, a list of strings");
	json_array_foreach((json_t *)v, i, item) {
		value = json_string_value(item);
		bad = value ? format_label_value(value) : "it has to be a string";
		if (bad)
			return refuse(r, "values[%zu]: %s", i, bad);
		fprintf(f, "%s%s", i ? "," : " (", value);
	}
	fputc(')', f);
	return 0;
}

static int check_expression(struct reading *r, const json_t *v)
{
	const char *key;
	json_t *value;

	if (!json_is_object(v))
		return refuse(r, "this has to be key, operator and values");
	json_object_foreach((json_t *)v, key, value) {
		if (!strcmp(key, "key") || !strcmp(key, "operator") || !strcmp(key, "values"))
			continue;
		enter(r, ".%s", key);
		return unknown_key(r);
	}
	key = format_qualified_name(jx_str(v, "key"));
	return key ? refuse(r, "the key is not a label's: %s", key) : 0;
}

static int write_expression(struct reading *r, const json_t *v, FILE *f)
{
	const char *op = jx_str(v, "operator"), *key = jx_str(v, "key");
	const json_t *values = json_object_get(v, "values");
	bool in = !strcmp(op, "In");

	if (check_expression(r, v))
		return -EINVAL;
	if (in || !strcmp(op, "NotIn")) {
		fprintf(requirement(f), "%s %s", key, in ? "in" : "notin");
		return write_values(r, values, f);
	}
	if (strcmp(op, "Exists") && strcmp(op, "DoesNotExist"))
		return refuse(r, "the operator has to be In, NotIn, Exists or DoesNotExist");
	if (json_array_size(values))
		return refuse(r, "%s has no values", op);
	fprintf(requirement(f), "%s%s", *op == 'E' ? "" : "!", key);
	return 0;
}

static int write_expressions(struct reading *r, const json_t *v, FILE *f)
{
	size_t i, back;
	json_t *item;

	if (!json_is_array(v))
		return refuse(r, "this has to be a list");
	json_array_foreach((json_t *)v, i, item) {
		back = enter(r, "[%zu]", i);
		if (write_expression(r, item, f))
			return -EINVAL;
		leave(r, back);
	}
	return 0;
}

/* As the selector of a query, which is what matches. */
static int write_selector(struct reading *r, const json_t *v, FILE *f)
{
	const char *key;
	json_t *value;
	size_t back;
	int ret = 0;

	if (!json_is_object(v))
		return refuse(r, "this has to be matchLabels or matchExpressions");
	json_object_foreach((json_t *)v, key, value) {
		back = enter(r, ".%s", key);
		if (!strcmp(key, "matchLabels"))
			ret = write_labels(r, value, f);
		else if (!strcmp(key, "matchExpressions"))
			ret = write_expressions(r, value, f);
		else
			ret = unknown_key(r);
		if (ret)
			return ret;
		leave(r, back);
	}
	return 0;
}

static int read_selector(struct reading *r, const json_t *v)
{
	struct err why = { "" };
	char *text = NULL;
	size_t size;
	FILE *f = jx_must(open_memstream(&text, &size));
	int ret = write_selector(r, v, f);

	fclose(f);
	if (!ret && pool_add_selector(&r->pool, text, &why))
		ret = refuse(r, "%s", why.text);
	free(text);
	return ret;
}

static int read_selectors(struct reading *r, const json_t *v)
{
	return read_list(r, v, read_selector);
}

static const struct pool_key allocation_keys[] = {
	{ "priority", read_priority },
	{ "namespaces", read_namespaces },
	{ "serviceSelectors", read_selectors },
	{ NULL, NULL }
};

static int read_allocation(struct reading *r, const json_t *v)
{
	r->pool.restricted = true;
	return read_map(r, allocation_keys, v);
}

static const struct pool_key pool_keys[] = {
	{ "name", read_name },
	{ "addresses", read_addresses },
	{ "autoAssign", read_auto_assign },
	{ "avoidBuggyIPs", read_avoid_buggy },
	{ "serviceAllocation", read_allocation },
	{ NULL, NULL }
};

static int read_pool(struct reading *r, const json_t *v)
{
	int ret;

	r->pool = (struct pool){ .auto_assign = true };
	ret = read_map(r, pool_keys, v);
	if (!ret && !r->pool.name)
		ret = refuse(r, "a pool needs a name");
	if (!ret && !r->pool.nranges)
		ret = refuse(r, "a pool needs addresses");
	if (ret)
		pool_clear(&r->pool);
	else
		pools_add(r->pools, &r->pool);
	return ret;
}

int options_read_pools(struct pools *pools, const char *path, const struct yaml_doc *doc,
		       const json_t *v, struct err *e)
{
	struct reading r = { .pools = pools, .path = path, .doc = doc, .e = e, .at = "pools" };

	return read_list(&r, v, read_pool);
}

static int check_range(const struct options *o, const struct pool_range *r, struct err *e)
{
	const struct kcidrs *pods = &o->settings.pod_cidrs;
	char text[INET6_ADDRSTRLEN + 4];

	for (size_t i = 0; i < o->nservice_cidrs; i++)
		if (pool_range_overlaps_cidr(r, &o->service_cidrs[i]))
			return err_set(e, EINVAL, "%s: %s overlaps %s, where ClusterIPs are from",
				       r->where, r->text,
				       ip_cidr_print(&o->service_cidrs[i], text));
	for (size_t i = 0; i < pods->n; i++)
		if (pool_range_overlaps_cidr(r, &pods->v[i]))
			return err_set(e, EINVAL, "%s: %s overlaps %s, where pods are from",
				       r->where, r->text, ip_cidr_print(&pods->v[i], text));
	return 0;
}

/* Only now is it known what the command line says of the other ranges. */
int options_check_pools(const struct options *o, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < o->pools.n; i++)
		for (size_t j = 0; j < o->pools.v[i].nranges && !ret; j++)
			ret = check_range(o, &o->pools.v[i].ranges[j], e);
	return ret;
}

int options_announce_pools(struct options *o, struct err *e)
{
	const struct pool *p;
	int ret = 0;

	if (o->announce.mode == ANNOUNCE_NONE || o->announce.cidrs.n)
		return 0;
	for (p = o->pools.v; p < o->pools.v + o->pools.n; p++)
		for (size_t i = 0; i < p->nranges && !ret; i++)
			ret = announce_add_pool(&o->announce, &(struct announce_range){
						p->ranges[i].first, p->ranges[i].last });
	return ret ? err_set(e, ENOMEM, "out of memory") : 0;
}
