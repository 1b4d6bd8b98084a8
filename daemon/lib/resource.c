// SPDX-License-Identifier: GPL-2.0
#include "resource.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct resource table[] = {
	{ "v1", "Namespace", "namespaces", "namespace", "ns", false, true },
	{ "v1", "Service", "services", "service", "svc", true, true },
	{ "v1", "Pod", "pods", "pod", "po", true, true },
	{ "v1", "Endpoints", "endpoints", "endpoints", "ep", true, false },
	{ "discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "endpointslice", NULL, true,
	  false },
	{ "v1", "Node", "nodes", "node", "no", false, true },
	{ "v1", "Event", "events", "event", "ev", true, false },
};

#define NTABLE (sizeof(table) / sizeof(table[0]))

const struct resource *resource_at(size_t i)
{
	return i < NTABLE ? &table[i] : NULL;
}

const struct resource *resource_by_plural(const char *api_version, const char *plural)
{
	for (size_t i = 0; i < NTABLE; i++)
		if (!strcmp(table[i].plural, plural) && !strcmp(table[i].api_version, api_version))
			return &table[i];
	return NULL;
}

const struct resource *resource_by_kind(const char *api_version, const char *kind)
{
	for (size_t i = 0; i < NTABLE; i++)
		if (!strcmp(table[i].kind, kind) && !strcmp(table[i].api_version, api_version))
			return &table[i];
	return NULL;
}

const struct resource *resource_by_word(const char *word)
{
	for (size_t i = 0; i < NTABLE; i++) {
		const struct resource *r = &table[i];

		if (!strcasecmp(r->plural, word) || !strcasecmp(r->singular, word) ||
		    (r->short_name && !strcasecmp(r->short_name, word)))
			return r;
	}
	return NULL;
}

/* RFC 3986, 2.3: what needs no encoding. */
static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

/* Append "/" and s, encoded. p has room for 1 + 3 * strlen(s) and a NUL. */
static char *append(char *p, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	*p++ = '/';
	for (; *s; s++) {
		if (unreserved(*s)) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = hex[(uint8_t)*s >> 4];
		*p++ = hex[(uint8_t)*s & 15];
	}
	*p = '\0';
	return p;
}

char *resource_path(const struct resource *res, const char *ns, const char *name,
		    const char *sub)
{
	const char *slash = strchr(res->api_version, '/');
	size_t room = 64 + strlen(res->api_version) + strlen(res->plural);
	char *path, *p;

	room += 3 * ((ns ? strlen(ns) : 0) + (name ? strlen(name) : 0) + (sub ? strlen(sub) : 0));
	path = malloc(room);
	if (!path)
		return NULL;
	/* Only a group's version has a slash, and only the core group lives below /api. */
	p = path + sprintf(path, "/%s/%s", slash ? "apis" : "api", res->api_version);
	if (ns && res->namespaced)
		p = append(append(p, "namespaces"), ns);
	p = append(p, res->plural);
	if (name)
		p = append(p, name);
	if (sub)
		append(p, sub);
	return path;
}
