// SPDX-License-Identifier: GPL-2.0
#include "discovery.h"

#include "api_call.h"
#include "api_review.h"
#include "resource.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

json_t *discovery_versions(void)
{
	return json_pack("{s:s, s:[s], s:[]}", "kind", "APIVersions", "versions", "v1",
			 "serverAddressByClientCIDRs");
}

/* "apps" of "apps/v1"; "" for the core group, which is in /api. */
static const char *group_of(const char *api_version, char *buf, size_t room)
{
	const char *slash = strchr(api_version, '/');

	snprintf(buf, room, "%.*s", slash ? (int)(slash - api_version) : 0, api_version);
	return buf;
}

static const char *version_of(const char *api_version)
{
	const char *slash = strchr(api_version, '/');

	return slash ? slash + 1 : api_version;
}

/* The versions of the API: those of the types, then those of the reviews. NULL past the last. */
static const char *version_at(size_t i)
{
	const struct api_review *review;
	size_t n = 0;

	while (n < i && resource_at(n))
		n++;
	if (resource_at(n))
		return resource_at(n)->api_version;
	review = api_review_at(i - n);
	return review ? review->api_version : NULL;
}

/* Is this the first one of its group? */
static bool begins_group(size_t i)
{
	char group[128], other[128];

	group_of(version_at(i), group, sizeof(group));
	while (i--)
		if (!strcmp(group, group_of(version_at(i), other, sizeof(other))))
			return false;
	return true;
}

static json_t *group_entry(const char *api_version)
{
	const char *version = version_of(api_version);
	char group[128];

	return json_pack("{s:s, s:[{s:s, s:s}], s:{s:s, s:s}}", "name",
			 group_of(api_version, group, sizeof(group)), "versions",
			 "groupVersion", api_version, "version", version, "preferredVersion",
			 "groupVersion", api_version, "version", version);
}

json_t *discovery_groups(void)
{
	json_t *groups = json_array();
	const char *version;
	size_t i;

	for (i = 0; (version = version_at(i)); i++)
		if (strchr(version, '/') && begins_group(i))
			json_array_append_new(groups, group_entry(version));
	return json_pack("{s:s, s:s, s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups",
			 groups);
}

json_t *discovery_group(const char *name)
{
	json_t *group, *head;
	const char *version;
	char text[128];
	size_t i;

	for (i = 0; (version = version_at(i)); i++)
		if (*name && !strcmp(group_of(version, text, sizeof(text)), name))
			break;
	if (!version)
		return NULL;
	head = json_pack("{s:s, s:s}", "kind", "APIGroup", "apiVersion", "v1");
	group = group_entry(version);
	if (head)
		json_object_update(head, group);
	json_decref(group);
	return head;
}

json_t *discovery_paths(void)
{
	json_t *paths = json_pack("[s, s]", "/api", "/apis");
	const char *version;
	char group[128];
	size_t i;

	for (i = 0; (version = version_at(i)); i++) {
		if (!begins_group(i))
			continue;
		if (*group_of(version, group, sizeof(group)))
			json_array_append_new(paths, json_sprintf("/apis/%s", group));
		json_array_append_new(paths, json_sprintf("/api%s/%s", *group ? "s" : "", version));
	}
	return paths;
}

/* What may be done with the type, or with a part of it. */
static json_t *verbs_of(const struct resource *res, enum api_scope scope)
{
	json_t *words = json_array();
	const struct api_verb *v;
	size_t i;

	for (i = 0; (v = api_verb_at(i))->run; i++) {
		bool same = v->scope == scope ||
			    (scope == API_OBJECT && v->scope == API_COLLECTION);

		if (same && api_verb_applies(v, res))
			json_array_append_new(words, json_string(v->word));
	}
	if (scope == API_OBJECT)
		json_array_append_new(words, json_string("watch"));
	return words;
}

/* "kubectl get all" shows these. */
static json_t *categories_of(const struct resource *res)
{
	bool shown = !strcmp(res->kind, "Service") || !strcmp(res->kind, "Pod");

	return shown ? json_pack("[s]", "all") : NULL;
}

static json_t *short_names_of(const struct resource *res)
{
	return res->short_name ? json_pack("[s]", res->short_name) : NULL;
}

static const struct part {
	enum api_scope scope;
	const char *name;
	const char *kind;	/* NULL: that of the type */
} parts[] = {
	{ API_BINDING, "binding", "Binding" },
	{ API_STATUS, "status", NULL },
};

#define NPARTS	(sizeof(parts) / sizeof(*parts))

static json_t *type_entry(const struct resource *res)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:o, s:o*, s:o*}", "name", res->plural,
			 "singularName", res->singular, "namespaced", res->namespaced, "kind",
			 res->kind, "verbs", verbs_of(res, API_OBJECT), "shortNames",
			 short_names_of(res), "categories", categories_of(res));
}

static void add_part(json_t *list, const struct resource *res, const struct part *part)
{
	json_t *verbs = verbs_of(res, part->scope);
	char name[128];

	snprintf(name, sizeof(name), "%s/%s", res->plural, part->name);
	if (json_array_size(verbs))
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:O}", "name", name,
						      "singularName", "", "namespaced",
						      res->namespaced, "kind",
						      part->kind ? part->kind : res->kind, "verbs",
						      verbs));
	json_decref(verbs);
}

static json_t *review_entry(const struct api_review *review)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:[s]}", "name", review->plural, "singularName",
			 review->singular, "namespaced", 0, "kind", review->kind, "verbs",
			 "create");
}

json_t *discovery_resources(const char *api_version)
{
	const struct api_review *review;
	const struct resource *res;
	json_t *list = json_array();
	size_t i, j;

	for (i = 0; (res = resource_at(i)); i++) {
		if (strcmp(res->api_version, api_version) != 0)
			continue;
		json_array_append_new(list, type_entry(res));
		for (j = 0; j < NPARTS; j++)
			add_part(list, res, &parts[j]);
	}
	for (i = 0; (review = api_review_at(i)); i++)
		if (!strcmp(review->api_version, api_version))
			json_array_append_new(list, review_entry(review));
	return json_pack("{s:s, s:s, s:s, s:o}", "kind", "APIResourceList", "apiVersion", "v1",
			 "groupVersion", api_version, "resources", list);
}

/* ---- all of it in one document */

static json_t *kind_entry(const char *api_version, const char *kind)
{
	char group[128];

	return json_pack("{s:s, s:s, s:s}", "group", group_of(api_version, group, sizeof(group)),
			 "version", version_of(api_version), "kind", kind);
}

static json_t *parts_of(const struct resource *res)
{
	json_t *list = json_array(), *verbs, *kind;
	size_t i;

	for (i = 0; i < NPARTS; i++) {
		verbs = verbs_of(res, parts[i].scope);
		if (json_array_size(verbs)) {
			kind = kind_entry(res->api_version,
					  parts[i].kind ? parts[i].kind : res->kind);
			json_array_append_new(list, json_pack("{s:s, s:o, s:O}", "subresource",
							      parts[i].name, "responseKind", kind,
							      "verbs", verbs));
		}
		json_decref(verbs);
	}
	if (json_array_size(list))
		return list;
	json_decref(list);
	return NULL;
}

static json_t *whole_entry(const struct resource *res)
{
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o*, s:o*, s:o*}", "resource", res->plural,
			 "responseKind", kind_entry(res->api_version, res->kind), "scope",
			 res->namespaced ? "Namespaced" : "Cluster", "singularResource",
			 res->singular, "verbs", verbs_of(res, API_OBJECT), "shortNames",
			 short_names_of(res), "categories", categories_of(res), "subresources",
			 parts_of(res));
}

static json_t *whole_review(const struct api_review *review)
{
	return json_pack("{s:s, s:o, s:s, s:s, s:[s]}", "resource", review->plural, "responseKind",
			 kind_entry(review->api_version, review->kind), "scope", "Cluster",
			 "singularResource", review->singular, "verbs", "create");
}

static json_t *whole_group(const char *api_version)
{
	json_t *resources = json_array();
	const struct api_review *review;
	const struct resource *res;
	char group[128];
	size_t i;

	for (i = 0; (res = resource_at(i)); i++)
		if (!strcmp(res->api_version, api_version))
			json_array_append_new(resources, whole_entry(res));
	for (i = 0; (review = api_review_at(i)); i++)
		if (!strcmp(review->api_version, api_version))
			json_array_append_new(resources, whole_review(review));
	return json_pack("{s:{s:s}, s:[{s:s, s:o, s:s}]}", "metadata", "name",
			 group_of(api_version, group, sizeof(group)), "versions", "version",
			 version_of(api_version), "resources", resources, "freshness", "Current");
}

json_t *discovery_whole(bool core, const char *version)
{
	json_t *items = json_array();
	const char *api_version;
	char text[64];
	size_t i;

	for (i = 0; (api_version = version_at(i)); i++)
		if (core == !strchr(api_version, '/') && begins_group(i))
			json_array_append_new(items, whole_group(api_version));
	snprintf(text, sizeof(text), "apidiscovery.k8s.io/%s", version);
	return json_pack("{s:s, s:s, s:{}, s:o}", "kind", "APIGroupDiscoveryList", "apiVersion",
			 text, "metadata", "items", items);
}

/* The version of Kubernetes whose API this is, by which its clients choose their behaviour. */
json_t *discovery_version(void)
{
	struct utsname host;
	char platform[160];

	if (uname(&host) < 0)
		strcpy(host.machine, "unknown");
	snprintf(platform, sizeof(platform), "linux/%s",
		 strcmp(host.machine, "x86_64") == 0 ? "amd64" : host.machine);
	return json_pack("{s:s, s:s, s:s, s:s}", "major", "1", "minor", "36", "gitVersion",
			 "v1.36.0+svcd-" SVCNAT_VERSION, "platform", platform);
}
