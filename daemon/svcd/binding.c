// SPDX-License-Identifier: GPL-2.0
/* A Pod's binding subresource: which node it runs on is said once. */
#include "registry.h"

#include "err.h"
#include "format.h"
#include "jx.h"
#include "managed.h"
#include "meta.h"
#include "status.h"
#include "termination.h"
#include "txn.h"

#include <string.h>

static const struct resource *pods(void)
{
	return resource_by_plural("v1", "pods");
}

static int check(const json_t *binding, const char *name, struct reply *out)
{
	static const char *const kinds[] = { "Node", NULL };
	const json_t *kind = jx_get(binding, "target.kind"), *node = jx_get(binding, "target.name");
	struct field_errors errs = { 0 };
	const char *bad;
	int rc = 0;

	if (!json_is_object(binding))
		return status_bad_request(out, "a binding must be a JSON object");
	if (*jx_str(binding, "metadata.name") && !jx_is(binding, "metadata.name", name))
		return status_bad_request(out,
					  "the name of the object (%s) does not match the name on "
					  "the URL (%s)",
					  jx_str(binding, "metadata.name"), name);
	if (kind && strcmp(jx_str(binding, "target.kind"), "Node"))
		field_unsupported(&errs, kind, kinds, "target.kind");
	bad = *jx_str(binding, "target.name") ?
		      format_dns1123_subdomain(json_string_value(node)) : NULL;
	if (!*jx_str(binding, "target.name"))
		field_required(&errs, "", "target.name");
	else if (bad)
		field_invalid(&errs, node, bad, "target.name");
	if (field_errors_any(&errs))
		rc = status_invalid(out, pods(), name, &errs);
	field_errors_clear(&errs);
	return rc;
}

static void set_scheduled(json_t *pod, time_t now)
{
	json_t *list = jx_get(pod, "status.conditions"), *cond = NULL, *c;
	char text[META_TIME_LEN];
	size_t i;

	if (!list) {
		list = jx_must(json_array());
		jx_set(pod, "status.conditions", list);
	}
	json_array_foreach(list, i, c) {
		if (jx_is(c, "type", "PodScheduled"))
			cond = c;
	}
	if (!cond) {
		cond = jx_must(json_pack("{s:s}", "type", "PodScheduled"));
		jx_append(list, cond);
	}
	meta_print_time(now, text);
	jx_set_str(cond, "status", "True");
	jx_set(cond, "lastProbeTime", json_null());
	jx_set_str(cond, "lastTransitionTime", text);
	json_object_del(cond, "reason");
	json_object_del(cond, "message");
}

/* Is this the Pod, as it is, that the caller saw? */
static int check_seen(const json_t *binding, const json_t *pod, const char *field,
		      const char *word, struct reply *out)
{
	const char *want = jx_str(jx_get(binding, "metadata"), field);
	const char *have = jx_str(jx_get(pod, "metadata"), field);

	if (!*want || !strcmp(want, have))
		return 0;
	return status_fail(out, 409, "Conflict", pods(), jx_str(pod, "metadata.name"),
			   "Operation cannot be fulfilled on pods \"%s\": Precondition failed: "
			   "%s in precondition: %s, %s in object meta: %s",
			   jx_str(pod, "metadata.name"), word, want, word, have);
}

/* In the order of Kubernetes' strategy for bindings. */
static int check_pod(const json_t *binding, const json_t *pod, struct reply *out)
{
	const char *name = jx_str(pod, "metadata.name"), *node = jx_str(pod, "spec.nodeName");

	if (check_seen(binding, pod, "uid", "UID", out) ||
	    check_seen(binding, pod, "resourceVersion", "ResourceVersion", out))
		return -1;
	if (termination_begun(pod))
		return status_fail(out, 409, "Conflict", pods(), name,
				   "Operation cannot be fulfilled on pods/binding \"%s\": pod %s "
				   "is being deleted, cannot be assigned to a host", name, name);
	if (*node)
		return status_fail(out, 409, "Conflict", pods(), name,
				   "Operation cannot be fulfilled on pods/binding \"%s\": pod %s "
				   "is already assigned to node \"%s\"", name, name, node);
	return 0;
}

void registry_bind(struct registry *r, const char *ns, const char *name, const json_t *binding,
		   unsigned int flags, struct reply *out)
{
	json_t *old, *pod;
	struct txn t;
	struct err e = { "" };
	int rc = 0;

	*out = (struct reply){ 0 };
	if (check(binding, name, out))
		return;
	old = objects_find(txn_objects(r, pods()), ns, name);
	if (!old) {
		status_not_found(out, pods(), name);
		return;
	}
	if (managed_check(r, pods(), old, flags, out) || check_pod(binding, old, out))
		return;
	pod = jx_copy(old);
	jx_set_str(pod, "spec.nodeName", jx_str(binding, "target.name"));
	set_scheduled(pod, txn_now(r));
	txn_begin(&t, r);
	txn_put(&t, pods(), pod, old);
	if (flags & REGISTRY_DRY_RUN)
		txn_abort(&t);
	else
		rc = txn_commit(&t, &e);
	if (rc)
		status_store(out, rc, &e);
	else
		status_success(out, 201, NULL, NULL);
}
