// SPDX-License-Identifier: GPL-2.0
/* The rules of Pods, and when each is asked. */
#include "pod.h"

#include "format.h"
#include "jx.h"
#include "schema_pod.h"
#include "schema_table.h"

static const struct schema fields[] = {
	SCHEMA_TOP,
	OBJECT("spec", schema_pod_spec, "PodSpec"),
	OBJECT("status", schema_pod_status, "PodStatus"),
	END
};

static void prepare(struct write *w)
{
	pod_defaults(w->obj);
	if (!w->old)
		jx_set_str(w->obj, "status.phase", "Pending");
}

/*
 * What an earlier svcd took and this one would not stays, as long as it is not
 * touched: its labels can still be changed.
 */
static void validate(struct write *w)
{
	json_t *was = w->old ? jx_copy(w->old) : NULL;

	if (was)
		pod_defaults(was);
	if (!was || !json_equal(jx_get(was, "spec"), jx_get(w->obj, "spec"))) {
		pod_validate(w);
		if (was && !field_errors_any(&w->errs))
			pod_validate_update(w, was);
	}
	json_decref(was);
}

const struct rules pod_rules = {
	.plural = "pods",
	.schema = OBJECT(NULL, fields, "Pod"),
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.prepare_status = pod_prepare_status,
	.validate_status = pod_validate_status,
	.delete_returns_object = true,
};
