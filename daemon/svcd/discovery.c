// SPDX-License-Identifier: GPL-2.0
#include "discovery.h"

#include "resource.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

json_t *discovery_versions(void)
{
	return json_pack("{s:s, s:[s], s:[]}", "kind", "APIVersions", "versions", "v1",
			 "serverAddressByClientCIDRs");
}

static bool has_group(const json_t *groups, const char *name)
{
	const json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
		if (strcmp(json_string_value(json_object_get(group, "name")), name) == 0)
			return true;
	return false;
}

static void add_group(json_t *groups, const char *api_version)
{
	const char *slash = strchr(api_version, '/');
	char name[128];

	if (!slash)	/* the core group is in /api */
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - api_version), api_version);
	if (!has_group(groups, name))
		json_array_append_new(groups,
			json_pack("{s:s, s:[{s:s, s:s}], s:{s:s, s:s}}", "name", name, "versions",
				  "groupVersion", api_version, "version", slash + 1,
				  "preferredVersion", "groupVersion", api_version, "version",
				  slash + 1));
}

json_t *discovery_groups(void)
{
	const struct resource *res;
	json_t *groups = json_array();
	size_t i;

	for (i = 0; (res = resource_at(i)); i++)
		add_group(groups, res->api_version);
	return json_pack("{s:s, s:s, s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups",
			 groups);
}

static json_t *type_entry(const struct resource *res)
{
	json_t *shorts = res->short_name ? json_pack("[s]", res->short_name) : NULL;

	return json_pack("{s:s, s:s, s:b, s:s, s:[s,s,s,s,s,s,s], s:o*}", "name", res->plural,
			 "singularName", res->singular, "namespaced", res->namespaced, "kind",
			 res->kind, "verbs", "create", "delete", "get", "list", "patch", "update",
			 "watch", "shortNames", shorts);
}

static json_t *status_entry(const struct resource *res)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/status", res->plural);
	return json_pack("{s:s, s:s, s:b, s:s, s:[s,s,s]}", "name", name, "singularName", "",
			 "namespaced", res->namespaced, "kind", res->kind, "verbs", "get", "patch",
			 "update");
}

json_t *discovery_resources(const char *api_version)
{
	const struct resource *res;
	json_t *list = json_array();
	size_t i;

	for (i = 0; (res = resource_at(i)); i++) {
		if (strcmp(res->api_version, api_version) != 0)
			continue;
		json_array_append_new(list, type_entry(res));
		if (strcmp(res->kind, "Pod") == 0)
			json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:[s]}", "name",
					      "pods/binding", "singularName", "", "namespaced", 1,
					      "kind", "Binding", "verbs", "create"));
		if (res->has_status)
			json_array_append_new(list, status_entry(res));
	}
	return json_pack("{s:s, s:s, s:o}", "kind", "APIResourceList", "groupVersion", api_version,
			 "resources", list);
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
