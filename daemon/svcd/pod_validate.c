// SPDX-License-Identifier: GPL-2.0
/* The rules of what is wanted of a Pod, beside its containers and volumes. */
#include "pod.h"

#include "format.h"
#include "jx.h"
#include "meta.h"
#include "taint.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of a list that is compared with what it was before, item by item. */
#define ITEMS_MAX	1000

static const char *const restart_policies[] = { "Always", "OnFailure", "Never", NULL };
static const char *const dns_policies[] = {
	"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None", NULL
};
static const char *const operators[] = { "Equal", "Exists", "Gt", "Lt", NULL };
static const char *const preemption_policies[] = { "Never", "PreemptLowerPriority", NULL };

static void one_of(struct write *w, const char *path, const char *const *values)
{
	const json_t *v = jx_get(w->obj, path);

	if (v && !format_one_of(values, json_string_value(v)))
		field_unsupported(&w->errs, v, values, "%s", path);
}

static void check(struct write *w, const char *path, const char *(*format)(const char *))
{
	const json_t *v = jx_get(w->obj, path);
	const char *bad = v ? format(json_string_value(v)) : NULL;

	if (bad)
		field_invalid(&w->errs, v, bad, "%s", path);
}

static void validate_dns(struct write *w)
{
	one_of(w, "spec.dnsPolicy", dns_policies);
	if (!jx_is(w->obj, "spec.dnsPolicy", "None"))
		return;
	if (!jx_get(w->obj, "spec.dnsConfig"))
		field_required(&w->errs, "must provide `dnsConfig` when `dnsPolicy` is None",
			       "spec.dnsConfig");
	else if (!json_array_size(jx_get(w->obj, "spec.dnsConfig.nameservers")))
		field_required(&w->errs, "must provide at least one DNS nameserver when "
			       "`dnsPolicy` is None", "spec.dnsConfig.nameservers");
}

static void validate_deadline(struct write *w)
{
	const json_t *v = jx_get(w->obj, "spec.activeDeadlineSeconds");

	if (v && (json_integer_value(v) < 1 || json_integer_value(v) > INT32_MAX))
		field_invalid(&w->errs, v, "must be between 1 and 2147483647, inclusive",
			      "spec.activeDeadlineSeconds");
}

static void validate_operator(struct write *w, const json_t *t, const char *at)
{
	const json_t *operator = json_object_get(t, "operator"), *value;
	const char *bad;

	value = json_object_get(t, "value");
	if (jx_is(t, "operator", "Exists")) {
		if (value)
			field_invalid(&w->errs, t, "value must be empty when `operator` is "
				      "'Exists'", "%s.operator", at);
	} else if (operator && !format_one_of(operators, json_string_value(operator))) {
		field_unsupported(&w->errs, operator, operators, "%s.operator", at);
	} else {
		bad = value ? format_label_value(json_string_value(value)) : NULL;
		if (bad)
			field_invalid(&w->errs, value, bad, "%s.operator", at);
	}
}

static void validate_toleration(struct write *w, const json_t *t, const char *at)
{
	const json_t *key = json_object_get(t, "key"), *effect = json_object_get(t, "effect");
	const char *bad = key ? format_qualified_name(json_string_value(key)) : NULL;
	json_t *v;

	if (bad)
		field_invalid(&w->errs, key, bad, "%s.key", at);
	if (!key && !jx_is(t, "operator", "Exists")) {
		v = jx_string(jx_str(t, "operator"));
		field_invalid(&w->errs, v, "operator must be Exists when `key` is empty, which "
			      "means \"match all values and all keys\"", "%s.operator", at);
		json_decref(v);
	}
	if (json_object_get(t, "tolerationSeconds") && !jx_is(t, "effect", "NoExecute")) {
		v = jx_string(jx_str(t, "effect"));
		field_invalid(&w->errs, v, "effect must be 'NoExecute' when `tolerationSeconds` "
			      "is set", "%s.effect", at);
		json_decref(v);
	}
	validate_operator(w, t, at);
	if (effect && !format_one_of(taint_effects, json_string_value(effect)))
		field_unsupported(&w->errs, effect, taint_effects, "%s.effect", at);
}

/* As many as there are may stay. */
static bool too_many(struct write *w, const char *path)
{
	size_t n = json_array_size(jx_get(w->obj, path));

	if (n <= ITEMS_MAX || n <= json_array_size(jx_get(w->old, path)))
		return false;
	field_too_many(&w->errs, n, ITEMS_MAX, "%s", path);
	return true;
}

static void validate_tolerations(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.tolerations");

	if (too_many(w, "spec.tolerations"))
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		char at[64];

		snprintf(at, sizeof(at), "spec.tolerations[%zu]", i);
		validate_toleration(w, json_array_get(list, i), at);
	}
}

static void validate_host_aliases(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.hostAliases"), *names, *v;
	const char *bad;
	size_t i, j;

	for (i = 0; i < json_array_size(list); i++) {
		v = json_object_get(json_array_get(list, i), "ip");
		bad = format_ip(v ? json_string_value(v) : "");
		if (bad)
			field_invalid(&w->errs, v ? v : json_null(), bad,
				      "spec.hostAliases[%zu].ip", i);
		names = json_object_get(json_array_get(list, i), "hostnames");
		json_array_foreach((json_t *)names, j, v) {
			bad = format_dns1123_subdomain(json_string_value(v));
			if (bad)
				field_invalid(&w->errs, v, bad, "spec.hostAliases[%zu].hostnames",
					      i);
		}
	}
}

/* Not what a new Pod may have. */
static void validate_new(struct write *w)
{
	if (json_array_size(jx_get(w->obj, "spec.ephemeralContainers")))
		field_forbidden(&w->errs, "cannot be set on create", "spec.ephemeralContainers");
	if (json_array_size(jx_get(w->obj, "spec.schedulingGates")) &&
	    jx_get(w->obj, "spec.nodeName"))
		field_forbidden(&w->errs, "cannot be set until all schedulingGates have been "
				"cleared", "spec.nodeName");
}

void pod_validate(struct write *w)
{
	pod_validate_volumes(w);
	pod_validate_containers(w);
	one_of(w, "spec.restartPolicy", restart_policies);
	validate_dns(w);
	meta_validate_labels(jx_get(w->obj, "spec.nodeSelector"), "spec.nodeSelector", &w->errs);
	check(w, "spec.serviceAccountName", format_dns1123_subdomain);
	check(w, "spec.nodeName", format_dns1123_subdomain);
	validate_deadline(w);
	check(w, "spec.hostname", format_dns1123_label);
	check(w, "spec.subdomain", format_dns1123_label);
	validate_tolerations(w);
	validate_host_aliases(w);
	check(w, "spec.priorityClassName", format_dns1123_subdomain);
	check(w, "spec.runtimeClassName", format_dns1123_subdomain);
	one_of(w, "spec.preemptionPolicy", preemption_policies);
	too_many(w, "spec.schedulingGates");
	if (!w->old)
		validate_new(w);
}
