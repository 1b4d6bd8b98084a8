// SPDX-License-Identifier: GPL-2.0
/*
 * One address family or two: what a Service may ask for, and which it gets
 * (KEP-563). Nothing here changes the families of a Service that did not ask
 * for it: not a PreferDualStack one when the second range comes or goes.
 */
#include "service.h"

#include "jx.h"

#include <stdio.h>
#include <string.h>

#define POLICY	"spec.ipFamilyPolicy"

static bool is_single(const json_t *svc)
{
	return jx_is(svc, POLICY, "SingleStack");
}

/* Its endpoints may be of any family, whatever the ranges are. */
static bool is_headless_by_hand(const json_t *svc)
{
	return service_is_headless(svc) && !json_object_size(jx_get(svc, "spec.selector"));
}

static bool same(const struct write *w, const char *path)
{
	const json_t *a = jx_get(w->obj, path), *b = jx_get(w->old, path);

	return a == b || json_equal(a, b);
}

static bool families_unchanged(const struct write *w)
{
	return w->old && same(w, "spec.type") && same(w, "spec.ipFamilies") &&
	       same(w, "spec.clusterIPs") && same(w, "spec.clusterIP") && same(w, POLICY);
}

static void default_policy(json_t *svc)
{
	if (!jx_get(svc, POLICY))
		jx_set_str(svc, POLICY,
			   is_headless_by_hand(svc) ? "RequireDualStack" : "SingleStack");
}

/* With SingleStack, what was not changed loses its second. */
static void trim_second(const struct write *w, const char *path)
{
	json_t *now = jx_get(w->obj, path);

	if (json_array_size(now) != 2 || !same(w, path))
		return;
	now = jx_copy(now);
	json_array_remove(now, 1);
	jx_set(w->obj, path, now);
}

static void check_reduced(struct write *w, const char *path, const char *what)
{
	size_t now = json_array_size(jx_get(w->obj, path));
	char why[64];

	if (!now || now >= json_array_size(jx_get(w->old, path)))
		return;
	snprintf(why, sizeof(why), "must be 'SingleStack' to release the secondary %s", what);
	field_invalid(&w->errs, jx_get(w->obj, POLICY), why, POLICY);
}

static void shrink(struct write *w)
{
	if (!w->old || !service_has_cluster_ip(w->old))
		return;
	if (is_single(w->obj)) {
		trim_second(w, "spec.clusterIPs");
		trim_second(w, "spec.ipFamilies");
	} else {
		check_reduced(w, "spec.clusterIPs", "cluster IP");
		check_reduced(w, "spec.ipFamilies", "IP family");
	}
}

static void check_single(struct write *w, const char *path, const char *what)
{
	char why[96];

	if (json_array_size(jx_get(w->obj, path)) != 2)
		return;
	snprintf(why, sizeof(why), "must be 'RequireDualStack' or 'PreferDualStack' when multiple "
		 "%s are specified", what);
	field_invalid(&w->errs, jx_get(w->obj, POLICY), why, POLICY);
}

static json_t *families_of(json_t *svc)
{
	json_t *list = jx_get(svc, "spec.ipFamilies");

	if (!list) {
		list = jx_must(json_array());
		jx_set(svc, "spec.ipFamilies", list);
	}
	return list;
}

/* An address that was asked for says which family is wanted. */
static void infer_families(struct write *w, json_t *families)
{
	const json_t *ips = jx_get(w->obj, "spec.clusterIPs");

	for (size_t i = json_array_size(families); i < json_array_size(ips); i++) {
		const char *name, *text = json_string_value(json_array_get(ips, i));
		char why[64];

		if (!strcmp(text, "None"))
			return;
		name = strchr(text, ':') ? "IPv6" : "IPv4";
		snprintf(why, sizeof(why), "%s is not configured on this cluster", name);
		if (service_alloc_family(w->alloc, name))
			jx_append(families, json_string(name));
		else
			field_invalid(&w->errs, ips, why, "spec.clusterIPs[%zu]", i);
	}
}

static void check_configured(struct write *w, const json_t *families)
{
	if (jx_is(w->obj, POLICY, "RequireDualStack") && w->alloc->nip < 2)
		field_invalid(&w->errs, jx_get(w->obj, POLICY),
			      "this cluster is not configured for dual-stack services", POLICY);
	for (size_t i = 0; i < json_array_size(families); i++)
		if (!service_alloc_family(w->alloc, json_string_value(json_array_get(families, i))))
			field_invalid(&w->errs, json_array_get(families, i),
				      "not configured on this cluster", "spec.ipFamilies[%zu]", i);
}

static void complete(struct write *w, json_t *families)
{
	const char *first, *other;

	if (!json_array_size(families))
		jx_append(families, json_string(service_alloc_family_name(&w->alloc->ip[0])));
	if (is_single(w->obj) || json_array_size(families) > 1)
		return;
	first = json_string_value(json_array_get(families, 0));
	other = strcmp(first, "IPv4") ? "IPv4" : "IPv6";
	if (is_headless_by_hand(w->obj) || service_alloc_family(w->alloc, other))
		jx_append(families, json_string(other));
}

void service_set_families(struct write *w)
{
	size_t before = w->errs.n;
	json_t *families;

	if (!service_has_cluster_ip(w->obj) || families_unchanged(w))
		return;
	service_validate_cluster_ips(w);
	/* What follows would be said of values that are wrong themselves. */
	if (w->errs.n > before)
		return;
	default_policy(w->obj);
	shrink(w);
	if (is_single(w->obj)) {
		check_single(w, "spec.clusterIPs", "cluster IPs");
		check_single(w, "spec.ipFamilies", "IP families");
	}
	families = families_of(w->obj);
	infer_families(w, families);
	if (w->errs.n == before && !is_headless_by_hand(w->obj))
		check_configured(w, families);
	if (w->errs.n == before)
		complete(w, families);
}
