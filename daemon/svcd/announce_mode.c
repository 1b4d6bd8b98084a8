// SPDX-License-Identifier: GPL-2.0
#include "announce_mode.h"

#include "cidr.h"
#include "err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[ANNOUNCE_NONE] = "none",
	[ANNOUNCE_LAYER2] = "layer2",
	[ANNOUNCE_ROUTE] = "route",
};

const char *announce_mode_name(enum announce_mode mode)
{
	return names[mode];
}

int announce_mode_parse(const char *text, enum announce_mode *out, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum announce_mode)i;
			return 0;
		}
	return err_set(e, EINVAL, "\"%s\" is no way to announce: layer2, route or none", text);
}

/* As the kernel takes it. */
static bool is_name(const char *name)
{
	return *name && strlen(name) < IF_NAMESIZE && strcmp(name, ".") && strcmp(name, "..") &&
	       !strpbrk(name, "/: \t\n\v\f\r\"\\");
}

static bool has_interface(const struct announce_options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->ninterfaces; i++)
		if (strcmp(o->interfaces[i], name) == 0)
			return true;
	return false;
}

int announce_add_interface(struct announce_options *o, const char *name, struct err *e)
{
	if (!is_name(name))
		return err_set(e, EINVAL, "\"%s\" is not the name of an interface: at most %d "
			       "characters, such as eth0", name, IF_NAMESIZE - 1);
	if (has_interface(o, name))
		return 0;
	if (o->ninterfaces == ANNOUNCE_INTERFACES_MAX)
		return err_set(e, EINVAL, "more than %d interfaces", ANNOUNCE_INTERFACES_MAX);
	strcpy(o->interfaces[o->ninterfaces++], name);
	return 0;
}

int announce_add_pool(struct announce_options *o, const struct announce_range *r)
{
	size_t i = o->npools;
	void *v = realloc(o->pools, (o->npools + 1) * sizeof(*o->pools));

	if (!v)
		return -ENOMEM;
	o->pools = v;
	for (; i && cidr_addr_cmp(&r->first, &o->pools[i - 1].first) < 0; i--)
		o->pools[i] = o->pools[i - 1];
	o->pools[i] = *r;
	o->npools++;
	return 0;
}

void announce_options_clear(struct announce_options *o)
{
	kcidrs_clear(&o->cidrs);
	free(o->pools);
	*o = (struct announce_options){ .mode = ANNOUNCE_NONE };
}

static bool same_pools(const struct announce_options *a, const struct announce_options *b)
{
	size_t i;

	if (a->npools != b->npools)
		return false;
	for (i = 0; i < a->npools; i++)
		if (!ip_addr_equal(&a->pools[i].first, &b->pools[i].first) ||
		    !ip_addr_equal(&a->pools[i].last, &b->pools[i].last))
			return false;
	return true;
}

bool announce_options_equal(const struct announce_options *a, const struct announce_options *b)
{
	size_t i;

	if (a->mode != b->mode || a->ninterfaces != b->ninterfaces ||
	    !kcidrs_equal(&a->cidrs, &b->cidrs) || !same_pools(a, b))
		return false;
	for (i = 0; i < a->ninterfaces; i++)
		if (!has_interface(b, a->interfaces[i]))
			return false;
	return true;
}

int announce_options_copy(struct announce_options *to, const struct announce_options *from)
{
	struct announce_options copy = *from;
	size_t i;
	int ret = 0;

	copy.cidrs = (struct kcidrs){ 0 };
	copy.pools = NULL;
	copy.npools = 0;
	for (i = 0; i < from->cidrs.n && !ret; i++)
		ret = kcidrs_add(&copy.cidrs, &from->cidrs.v[i]);
	for (i = 0; i < from->npools && !ret; i++)
		ret = announce_add_pool(&copy, &from->pools[i]);
	if (ret) {
		announce_options_clear(&copy);
		return ret;
	}
	announce_options_clear(to);
	*to = copy;
	return 0;
}

bool announce_options_say(const struct announce_options *o)
{
	return o->cidrs.n || o->npools;
}

static int by_range(const void *key, const void *v)
{
	const struct announce_range *r = v;

	if (cidr_addr_cmp(key, &r->first) < 0)
		return -1;
	return cidr_addr_cmp(key, &r->last) > 0;
}

bool announce_options_have(const struct announce_options *o, const struct ip_addr *addr)
{
	if (o->cidrs.n)
		return cidrs_have(&o->cidrs, addr);
	return !o->npools || bsearch(addr, o->pools, o->npools, sizeof(*o->pools), by_range);
}
