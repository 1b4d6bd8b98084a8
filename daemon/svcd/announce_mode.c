// SPDX-License-Identifier: GPL-2.0
#include "announce_mode.h"

#include "cidr.h"
#include "err.h"

#include <errno.h>
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

bool announce_options_equal(const struct announce_options *a, const struct announce_options *b)
{
	size_t i;

	if (a->mode != b->mode || a->ninterfaces != b->ninterfaces ||
	    !kcidrs_equal(&a->cidrs, &b->cidrs))
		return false;
	for (i = 0; i < a->ninterfaces; i++)
		if (!has_interface(b, a->interfaces[i]))
			return false;
	return true;
}

int announce_options_copy(struct announce_options *to, const struct announce_options *from)
{
	struct kcidrs cidrs = { 0 };
	size_t i;
	int ret = 0;

	for (i = 0; i < from->cidrs.n && !ret; i++)
		ret = kcidrs_add(&cidrs, &from->cidrs.v[i]);
	if (ret) {
		kcidrs_clear(&cidrs);
		return ret;
	}
	kcidrs_clear(&to->cidrs);
	*to = *from;
	to->cidrs = cidrs;
	return 0;
}

bool announce_options_have(const struct announce_options *o, const struct ip_addr *addr)
{
	return !o->cidrs.n || cidrs_have(&o->cidrs, addr);
}
