// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include "jx.h"
#include "kservice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Of a port's SVCNAT_FRONTENDS_MAX: the rest is for its other addresses. */
#define EXTERNAL_IPS_MAX	1000

static const char *const families[] = { "IPv4", "IPv6", NULL };
static const char *const policies[] = { "PreferDualStack", "RequireDualStack", "SingleStack",
					NULL };

/* clusterIP is the first of clusterIPs, or both are absent. */
static void check_agreement(struct write *w)
{
	const json_t *one = jx_get(w->obj, "spec.clusterIP");
	const json_t *all = jx_get(w->obj, "spec.clusterIPs");

	if (!one && all)
		field_invalid(&w->errs, all, "must be empty when `clusterIP` is not specified",
			      "spec.clusterIPs");
	else if (one && !all)
		field_required(&w->errs, "", "spec.clusterIPs");
	else if (one && !json_equal(one, json_array_get(all, 0)))
		field_invalid(&w->errs, all, "first value must match `clusterIP`",
			      "spec.clusterIPs");
}

static void check_families(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.ipFamilies");
	const json_t *policy = jx_get(w->obj, "spec.ipFamilyPolicy");
	json_t *seen = jx_must(json_object());

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *name = json_string_value(f);

		if (strcmp(name, "IPv4") && strcmp(name, "IPv6"))
			field_unsupported(&w->errs, f, families, "spec.ipFamilies[%zu]", i);
		if (json_object_get(seen, name))
			field_duplicate(&w->errs, f, "spec.ipFamilies[%zu]", i);
		else if (json_object_set_new(seen, name, json_true()))
			jx_must(NULL);
	}
	json_decref(seen);
	for (size_t i = 0; policy && policies[i]; i++)
		if (jx_is(w->obj, "spec.ipFamilyPolicy", policies[i]))
			policy = NULL;
	if (policy)
		field_unsupported(&w->errs, policy, policies, "spec.ipFamilyPolicy");
}

/* false: what else is said about the addresses would be skewed. */
static bool check_syntax(struct write *w, const json_t *ips)
{
	size_t n = json_array_size(ips);
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		const json_t *ip = json_array_get(ips, i);

		if (!i && !strcmp(json_string_value(ip), "None")) {
			if (n == 1)
				continue;
			field_invalid(&w->errs, ips, "'None' must be the first and only value",
				      "spec.clusterIPs");
			good = false;
			continue;
		}
		good &= field_format(&w->errs, ip, format_ip_rules, "spec.clusterIPs[%zu]", i);
	}
	if (n > 2)
		field_invalid(&w->errs, ips, "may only hold up to 2 values", "spec.clusterIPs");
	return good;
}

static bool is_v4(const json_t *ip)
{
	return !strchr(json_string_value(ip), ':');
}

/* Is there more than one, and none of another family? */
static bool is_of_one_family(const json_t *ips)
{
	for (size_t i = 1; i < json_array_size(ips); i++)
		if (is_v4(json_array_get(ips, i)) != is_v4(json_array_get(ips, 0)))
			return false;
	return json_array_size(ips) > 1;
}

static void check_against_families(struct write *w, const json_t *ips)
{
	const json_t *list = jx_get(w->obj, "spec.ipFamilies");
	char want[96];

	for (size_t i = 0; i < json_array_size(ips) && i < json_array_size(list); i++) {
		const json_t *ip = json_array_get(ips, i);
		const char *family = json_string_value(json_array_get(list, i));

		if (!strcmp(family, is_v4(ip) ? "IPv4" : "IPv6"))
			continue;
		snprintf(want, sizeof(want),
			 "expected an %s value as indicated by `ipFamilies[%zu]`",
			 is_v4(ip) ? "IPv6" : "IPv4", i);
		field_invalid(&w->errs, ip, want, "spec.clusterIPs[%zu]", i);
	}
}

void service_validate_cluster_ips(struct write *w)
{
	const json_t *ips = jx_get(w->obj, "spec.clusterIPs");

	check_agreement(w);
	check_families(w);
	if (!check_syntax(w, ips) || service_is_headless(w->obj))
		return;
	if (is_of_one_family(ips))
		field_invalid(&w->errs, ips, "may specify no more than one IP for each IP family",
			      "spec.clusterIPs");
	check_against_families(w, ips);
}

void service_validate_external_ips(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.externalIPs");

	if (json_array_size(list) > EXTERNAL_IPS_MAX) {
		field_too_many(&w->errs, json_array_size(list), EXTERNAL_IPS_MAX,
			       "spec.externalIPs");
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		static const char at[] = "spec.externalIPs[%zu]";
		const json_t *ip = json_array_get(list, i);

		if (field_format(&w->errs, ip, format_ip_rules, at, i))
			field_format(&w->errs, ip, format_reachable_ip_rules, at, i);
	}
}

/* One range, with the spaces around it that both the field and the annotation may have. */
static void check_range(struct write *w, const char *text, size_t n, const char *path)
{
	json_t *range;

	while (n && isspace((unsigned char)*text)) {
		text++;
		n--;
	}
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	range = jx_must(json_stringn(text, n));
	field_format(&w->errs, range, format_cidr_rules, "%s", path);
	json_decref(range);
}

/* Of both families together: the kernel would leave out what is past it. */
static bool too_many_ranges(struct write *w, size_t n, const char *path)
{
	if (n > SVCNAT_RANGES_MAX)
		field_too_many(&w->errs, n, SVCNAT_RANGES_MAX, "%s", path);
	return n > SVCNAT_RANGES_MAX;
}

static size_t count(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

static void check_annotation(struct write *w, const char *list, const char *path)
{
	if (!list[strspn(list, " \t\n")] || too_many_ranges(w, count(list), path))
		return;
	for (;;) {
		size_t n = strcspn(list, ",");

		check_range(w, list, n, path);
		if (!list[n])
			return;
		list += n + 1;
	}
}

/*
 * The annotation counts only where the field is empty. In errors the field has
 * a capital letter, as in Kubernetes'.
 */
void service_validate_source_ranges(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.loadBalancerSourceRanges");
	const json_t *annotation = json_object_get(jx_get(w->obj, "metadata.annotations"),
						   SERVICE_RANGES_ANNOTATION);
	const char *in = list ? "spec.LoadBalancerSourceRanges" :
				"metadata.annotations[" SERVICE_RANGES_ANNOTATION "]";
	char path[128];

	if ((list || annotation) && !service_is_type(w->obj, "LoadBalancer"))
		field_forbidden(&w->errs, "may only be used when `type` is 'LoadBalancer'", "%s",
				in);
	if (!list && annotation)
		check_annotation(w, json_string_value(annotation), in);
	if (too_many_ranges(w, json_array_size(list), in))
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *range = json_array_get(list, i);

		snprintf(path, sizeof(path), "%s[%zu]", in, i);
		check_range(w, json_string_value(range), json_string_length(range), path);
	}
}
