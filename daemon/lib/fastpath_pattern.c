// SPDX-License-Identifier: GPL-2.0
#include "fastpath_pattern.h"

#include "err.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* See svcd.yaml(5), which has the same list. */
static const char *const usual[] = {
	/* Calico */
	"cali*", "vxlan.calico", "vxlan-v6.calico", "tunl0", "wireguard.cali", "wg-v6.cali",
	/* flannel, and the bridges of CNI plugins */
	"flannel*", "cni*", "cbr0", "kube-bridge", "weave",
	/* Docker, Podman */
	"docker*", "podman*",
	/* bridges of no other name, and whatever has one end in a container */
	"br-*", "br[0-9]*", "veth*",
};

/* Of a pattern behind its "!". A name with other characters has to be matched by '?'. */
#define ALLOWED \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+:@%=,~*?[]^!"

static const char *excluded(const char *pattern)
{
	return *pattern == '!' ? pattern + 1 : NULL;
}

static bool is_pattern(const char *text)
{
	const char *p = excluded(text) ? excluded(text) : text;

	return *p && strlen(text) < FASTPATH_PATTERN_LEN && !p[strspn(p, ALLOWED)];
}

int fastpath_pattern_add(struct fastpath_patterns *p, const char *text, struct err *e)
{
	size_t i;

	if (!is_pattern(text))
		return err_set(e, EINVAL, "\"%s\" is not a pattern of names of devices, such as "
			       "\"veth*\", or \"!eth1\" for none of that name", text);
	for (i = 0; i < p->n; i++)
		if (!strcmp(p->v[i], text))
			return 0;
	if (p->n == FASTPATH_PATTERNS_MAX)
		return err_set(e, EINVAL, "more than %d patterns", FASTPATH_PATTERNS_MAX);
	snprintf(p->v[p->n++], FASTPATH_PATTERN_LEN, "%s", text);
	return 0;
}

static bool have(const struct fastpath_patterns *p, const char *text)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->v[i], text))
			return true;
	return false;
}

bool fastpath_patterns_equal(const struct fastpath_patterns *a, const struct fastpath_patterns *b)
{
	size_t i;

	/* Each stands once in both. */
	for (i = 0; i < a->n; i++)
		if (!have(b, a->v[i]))
			return false;
	return a->n == b->n;
}

static bool matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, FNM_NOESCAPE) == 0;
}

bool fastpath_pattern_excludes(const struct fastpath_patterns *p, const char *name)
{
	const char *pattern;
	size_t i;

	for (i = 0; i < p->n; i++) {
		pattern = excluded(p->v[i]);
		if (pattern && matches(pattern, name))
			return true;
	}
	return false;
}

static bool is_usual(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (matches(usual[i], name))
			return true;
	return false;
}

bool fastpath_pattern_includes(const struct fastpath_patterns *p, const char *name)
{
	bool any = false;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (excluded(p->v[i]))
			continue;
		any = true;
		if (matches(p->v[i], name))
			return true;
	}
	return !any && is_usual(name);
}
