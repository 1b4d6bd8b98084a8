// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a write: read the body, give it what is the server's, default,
 * validate, allocate, commit. Until the commit nothing has changed anywhere.
 */
#include "registry.h"

#include "apply.h"
#include "batch.h"
#include "err.h"
#include "json_text.h"
#include "jx.h"
#include "managed.h"
#include "mergepatch.h"
#include "meta.h"
#include "patch_json.h"
#include "patch_strategic.h"
#include "rules.h"
#include "status.h"
#include "termination.h"
#include "txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_TRIES	8
#define OBJECT_MAX	(3 * 1024 * 1024)	/* bytes: as a body that comes whole */
#define WARNINGS_MAX	4096	/* bytes in all, as Kubernetes: each one is a header */

/* One request. */
struct request {
	struct registry *r;
	const struct resource *res;
	const struct rules *rules;
	const char *ns, *name;
	unsigned int flags;
	struct reply *out;
	json_t *managers;	/* of server-side apply: metadata.managedFields; else NULL */
};

static struct request request(struct registry *r, const struct resource *res, const char *ns,
			      const char *name, unsigned int flags, struct reply *out)
{
	*out = (struct reply){ 0 };
	return (struct request){ r, res, rules_of(res), res->namespaced ? ns : NULL, name, flags,
				 out, NULL };
}

static json_t *present(const struct request *q, const char *name)
{
	return batch_find(q->r, q->res, q->ns, name);
}

static int check_type(const struct request *q, const json_t *body)
{
	const char *kind = jx_str(body, "kind"), *version = jx_str(body, "apiVersion");

	if (!json_is_object(body))
		return status_bad_request(q->out, "the object provided is unrecognized (must be of "
					  "type %s): it is no JSON object", q->res->kind);
	if (*version && strcmp(version, q->res->api_version))
		return status_bad_request(q->out,
					  "the API version in the data (%s) does not match the "
					  "expected API version (%s)",
					  version, q->res->api_version);
	if (*kind && strcmp(kind, q->res->kind))
		return status_bad_request(q->out, "%s in version \"%s\" cannot be handled as a %s",
					  kind, q->res->api_version, q->res->kind);
	return 0;
}

/* A wrong type: the cause names the field, so that a client can find it in its file. */
static int bad_field(const struct request *q, const struct schema_report *report)
{
	json_t *causes;

	status_bad_request(q->out, "%s in version \"%s\" cannot be handled as a %s: %s",
			   q->res->kind, q->res->api_version, q->res->kind, report->message);
	/* Long texts were cut, perhaps within a character. */
	causes = jx_must(json_pack("[{s:s, s:o, s:o}]", "reason", "FieldValueTypeInvalid",
				   "message", jx_string(report->message), "field",
				   jx_string(report->field)));
	return status_details(q->out, jx_must(json_pack("{s:o}", "causes", causes)));
}

static int unknown_fields(const struct request *q, const json_t *unknown)
{
	char list[1024];
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(unknown) && n < sizeof(list); i++)
		n += snprintf(list + n, sizeof(list) - n, "%sunknown field \"%s\"", i ? ", " : "",
			      json_string_value(json_array_get(unknown, i)));
	return status_bad_request(q->out, "%s in version \"%s\" cannot be handled as a %s: strict "
				  "decoding error: %s", q->res->kind, q->res->api_version,
				  q->res->kind, list);
}

static void warn_of_unknown(const struct request *q, const json_t *unknown)
{
	json_t *path, *text;
	size_t i, len = 0;

	q->out->warnings = jx_must(json_array());
	json_array_foreach(unknown, i, path) {
		text = jx_must(json_sprintf("unknown field \"%s\"", json_string_value(path)));
		len += json_string_length(text);
		if (len > WARNINGS_MAX) {
			json_decref(text);
			break;
		}
		jx_append(q->out->warnings, text);
	}
}

/* The body as the type has it, or NULL and the refusal. */
static json_t *read_body(const struct request *q, const json_t *body)
{
	struct schema_report report = { 0 };
	json_t *obj;
	int rc = 0;

	if (check_type(q, body))
		return NULL;
	obj = schema_clean(&q->rules->schema, body, &report);
	if (!obj)
		rc = bad_field(q, &report);
	else if (report.unknown && (q->flags & REGISTRY_STRICT))
		rc = unknown_fields(q, report.unknown);
	else if (report.unknown && (q->flags & REGISTRY_WARN))
		warn_of_unknown(q, report.unknown);
	schema_report_clear(&report);
	if (rc) {
		json_decref(obj);
		return NULL;
	}
	jx_set_str(obj, "kind", q->res->kind);
	jx_set_str(obj, "apiVersion", q->res->api_version);
	if (!jx_get(obj, "metadata"))
		jx_set(obj, "metadata", json_object());
	return obj;
}

static int check_namespace(const struct request *q, const json_t *obj)
{
	const struct resource *namespaces = resource_by_plural("v1", "namespaces");
	const char *said = jx_str(obj, "metadata.namespace");
	const char *name = jx_str(obj, "metadata.name");
	const json_t *ns;

	if (!q->res->namespaced)
		return 0;
	if (!q->ns)
		return status_bad_request(q->out, "an empty namespace may not be set during "
						  "creation");
	if (*said && strcmp(said, q->ns))
		return status_bad_request(q->out, "the namespace of the provided object does not "
						  "match the namespace sent on the request");
	ns = batch_find(q->r, namespaces, NULL, q->ns);
	if (!ns)
		return status_not_found(q->out, namespaces, q->ns);
	if (termination_begun(ns))
		return status_fail(q->out, 403, "Forbidden", q->res, name,
				   "%s \"%s\" is forbidden: unable to create new content in "
				   "namespace %s because it is being terminated",
				   q->res->plural, name, q->ns);
	return 0;
}

static void give_name(const struct request *q, json_t *obj)
{
	if (*jx_str(obj, "metadata.name") || !*jx_str(obj, "metadata.generateName"))
		return;
	for (int i = 0; i < NAME_TRIES; i++) {
		meta_generate_name(obj);
		if (!present(q, jx_str(obj, "metadata.name")))
			return;
	}
}

static struct write begin_write(const struct request *q, json_t *obj, const json_t *old)
{
	return (struct write){
		.res = q->res,
		.obj = obj,
		.old = old,
		.alloc = &q->r->alloc,
		.now = txn_now(q->r),
	};
}

/* Answers w->obj in the type's own shape, or NULL and the refusal. Ends w. */
static json_t *end_write(const struct request *q, struct write *w, bool allocate)
{
	const char *name = jx_str(w->obj, "metadata.name");
	json_t *clean = NULL;
	int rc = 0;

	if (field_errors_any(&w->errs))
		rc = status_invalid(q->out, q->res, name, &w->errs);
	else if (w->taken)
		rc = status_exists(q->out, q->res, name);
	else if (allocate && q->rules->allocate)
		rc = q->rules->allocate(w, q->out);
	if (!rc && q->rules->finish)
		q->rules->finish(w);
	if (!rc)
		clean = schema_clean(&q->rules->schema, w->obj, NULL);
	field_errors_clear(&w->errs);
	json_decref(w->obj);
	return clean;
}

/* Patches and what several managers apply can make of small bodies a large object. */
static int check_size(const struct request *q, const json_t *obj)
{
	char *text;
	size_t len;

	text = jx_must(json_text(obj, 0, &len));
	free(text);
	if (len <= OBJECT_MAX)
		return 0;
	return status_fail(q->out, 413, "RequestEntityTooLarge", NULL, NULL,
			   "the object would be too large: limit is %d bytes", OBJECT_MAX);
}

/* obj is taken over: written, or only shown. */
static void commit(const struct request *q, int code, json_t *obj, const json_t *old)
{
	struct txn own, *t;
	struct err e = { "" };
	int rc;

	if (check_size(q, obj)) {
		json_decref(obj);
		return;
	}
	if (q->flags & REGISTRY_DRY_RUN) {
		if (!old)
			jx_del(obj, "metadata.resourceVersion");
		status_object(q->out, code, obj);
		return;
	}
	json_incref(obj);
	t = batch_join(q->r, &own);
	if (termination_over(obj) && !q->rules->remove) {
		txn_del(t, q->res, old);
		json_decref(obj);
	} else {
		txn_put(t, q->res, obj, old);
	}
	rc = batch_leave(q->r, t, &e);
	if (rc)
		status_store(q->out, rc, &e);
	else
		status_object(q->out, code, jx_must(json_copy(obj)));
	json_decref(obj);
}

static void set_managers(const struct request *q, json_t *obj)
{
	if (q->managers)
		jx_set(obj, "metadata.managedFields", json_incref(q->managers));
}

/* obj, out of read_body(), is taken over. */
static void create_object(const struct request *q, json_t *obj)
{
	struct write w;

	if (check_namespace(q, obj)) {
		json_decref(obj);
		return;
	}
	if (*jx_str(obj, "metadata.resourceVersion")) {
		status_bad_request(q->out, "resourceVersion should not be set on objects to be "
					   "created");
		json_decref(obj);
		return;
	}
	give_name(q, obj);
	meta_create(obj, q->ns, txn_now(q->r));
	set_managers(q, obj);
	if (q->res->has_status && !q->rules->create_has_status)
		jx_set(obj, "status", json_object());
	w = begin_write(q, obj, NULL);
	w.taken = present(q, jx_str(obj, "metadata.name"));
	meta_validate(obj, NULL, q->rules->name_rules, &w.errs);
	if (!(q->flags & REGISTRY_FILE))
		managed_validate(obj, NULL, &w.errs);
	q->rules->prepare(&w);
	q->rules->validate(&w);
	obj = end_write(q, &w, true);
	if (obj)
		commit(q, 201, obj, NULL);
}

static void create(const struct request *q, const json_t *body)
{
	json_t *obj = read_body(q, body);

	if (obj)
		create_object(q, obj);
}

void registry_create(struct registry *r, const struct resource *res, const char *ns,
		     const json_t *body, unsigned int flags, struct reply *out)
{
	struct request q = request(r, res, ns, NULL, flags, out);

	create(&q, body);
}

/* old NULL: there is none, so a uid is another object's, and any version was an earlier one's. */
static int check_identity(const struct request *q, const json_t *obj, const json_t *old)
{
	const char *name = jx_str(obj, "metadata.name"), *ns = jx_str(obj, "metadata.namespace");
	const char *version = jx_str(obj, "metadata.resourceVersion");
	const char *uid = jx_str(obj, "metadata.uid");

	if (*name && strcmp(name, q->name))
		return status_bad_request(q->out,
					  "the name of the object (%s) does not match the name "
					  "on the URL (%s)",
					  name, q->name);
	if (*ns && q->ns && strcmp(ns, q->ns))
		return status_bad_request(q->out,
					  "the namespace of the object (%s) does not match the "
					  "namespace on the URL (%s)",
					  ns, q->ns);
	if (version[strspn(version, "0123456789")])
		return status_bad_request(q->out,
					  "metadata.resourceVersion: Invalid value: \"%s\": must "
					  "be a number",
					  version);
	if (*uid && !jx_is(old, "metadata.uid", uid))
		return status_conflict(q->out, q->res, q->name, "Precondition failed: UID in "
				       "precondition: %s, UID in object meta: %s", uid,
				       jx_str(old, "metadata.uid"));
	/* Without a version, or with 0, whoever writes last wins. */
	if (old && *version && strcmp(version, "0") &&
	    !jx_is(old, "metadata.resourceVersion", version))
		return status_conflict(q->out, q->res, q->name,
				       "the object has been modified; please "
				       "apply your changes to the latest version and try again");
	return 0;
}

/* A status is written alone: all else is as it was. obj is taken over. */
static json_t *only_status(json_t *obj, const json_t *old)
{
	json_t *both = jx_copy(old), *status = jx_get(obj, "status");

	jx_set(both, "status", status ? jx_copy(status) : json_object());
	json_decref(obj);
	return both;
}

static json_t *prepare_update(const struct request *q, json_t *obj, const json_t *old, bool status)
{
	struct write w;

	if (status) {
		obj = only_status(obj, old);
		set_managers(q, obj);
		w = begin_write(q, obj, old);
		if (q->rules->prepare_status)
			q->rules->prepare_status(&w);
		if (q->rules->validate_status)
			q->rules->validate_status(&w);
		return end_write(q, &w, false);
	}
	meta_update(obj, old);
	set_managers(q, obj);
	if (q->res->has_status)
		jx_set(obj, "status", jx_copy(jx_get(old, "status")));
	w = begin_write(q, obj, old);
	meta_validate(obj, old, q->rules->name_rules, &w.errs);
	if (!(q->flags & REGISTRY_FILE))
		managed_validate(obj, old, &w.errs);
	q->rules->prepare(&w);
	q->rules->validate(&w);
	return end_write(q, &w, true);
}

static void update(const struct request *q, const json_t *old, const char *sub,
		   const json_t *body)
{
	json_t *obj = read_body(q, body), *hold;

	if (!obj)
		return;
	if (check_identity(q, obj, old)) {
		json_decref(obj);
		return;
	}
	obj = prepare_update(q, obj, old, sub);
	if (!obj)
		return;
	if (!q->managers)
		apply_forget(obj, old);
	/* What changes nothing is no change: no version, nothing for the watchers. */
	if (json_equal(obj, old)) {
		status_object(q->out, 200, obj);
		return;
	}
	if (!sub && managed_check(q->r, q->res, old, q->flags, q->out)) {
		json_decref(obj);
		return;
	}
	hold = json_incref((json_t *)old);
	commit(q, 200, obj, hold);
	json_decref(hold);
}

/* -1: no such subresource, or no such object. */
static int find_target(const struct request *q, const char *sub, const json_t **old)
{
	*old = present(q, q->name);
	if (sub && (strcmp(sub, "status") || !q->res->has_status))
		return status_fail(q->out, 404, "NotFound", NULL, NULL,
				   "the server could not find the requested resource");
	return *old ? 0 : status_not_found(q->out, q->res, q->name);
}

static void create_by_update(const struct request *q, const json_t *body)
{
	json_t *obj = read_body(q, body);

	if (!obj)
		return;
	if (check_identity(q, obj, NULL)) {
		json_decref(obj);
		return;
	}
	jx_set_str(obj, "metadata.name", q->name);
	jx_del(obj, "metadata.resourceVersion");
	create_object(q, obj);
}

void registry_update(struct registry *r, const struct resource *res, const char *ns,
		     const char *name, const char *sub, const json_t *body, unsigned int flags,
		     struct reply *out)
{
	struct request q = request(r, res, ns, name, flags, out);
	const json_t *old;

	if (q.rules->update_creates && !sub && !present(&q, name))
		create_by_update(&q, body);
	else if (!find_target(&q, sub, &old))
		update(&q, old, sub, body);
}

/* A new object, or NULL and the refusal. */
static json_t *patched(const struct request *q, const json_t *old, enum registry_patch type,
		       const json_t *patch)
{
	struct err e = { "" };
	json_t *new = NULL;
	int rc = 0;

	if (type == REGISTRY_PATCH_JSON)
		rc = patch_json(old, patch, &new, &e);
	else if (type == REGISTRY_PATCH_STRATEGIC)
		rc = patch_strategic(q->res->kind, old, patch, &new, &e);
	else if (json_is_object(patch))
		new = mergepatch_apply(old, patch);
	else
		rc = err_set(&e, EINVAL, "a merge patch must be a JSON object");
	if (rc == -E2BIG) {
		status_fail(q->out, 413, "RequestEntityTooLarge", NULL, NULL, "%s", e.text);
	} else if (rc == -ENOENT) {
		status_fail(q->out, 422, "Invalid", NULL, NULL, "the server rejected our request "
			    "due to an error in our request: %s", e.text);
		status_details(q->out, jx_must(json_object()));
	} else if (rc) {
		status_bad_request(q->out, "%s", e.text);
	}
	return new;
}

void registry_patch_as(struct registry *r, const struct resource *res, const char *ns,
		       const char *name, const char *sub, enum registry_patch type,
		       const json_t *patch, unsigned int flags, struct reply *out)
{
	struct request q = request(r, res, ns, name, flags, out);
	const json_t *old;
	json_t *new;

	if (find_target(&q, sub, &old))
		return;
	new = patched(&q, old, type, patch);
	if (new)
		update(&q, old, sub, new);
	json_decref(new);
}

/* What a manager says of an object, in the type's own shape; NULL and the refusal. */
static json_t *read_config(const struct request *q, const struct registry_apply *a)
{
	json_t *config = read_body(q, a->config);
	const char *name = jx_str(config, "metadata.name");

	if (!config)
		return NULL;
	if (json_array_size(jx_get(config, "metadata.managedFields")))
		status_bad_request(q->out, "metadata.managedFields must be nil");
	else if (*name && strcmp(name, q->name))
		status_bad_request(q->out, "the name of the object (%s) does not match the name on "
				   "the URL (%s)", name, q->name);
	else
		jx_set_str(config, "metadata.name", q->name);
	if (!q->out->code)
		return config;
	json_decref(config);
	return NULL;
}

static int apply_conflict(const struct request *q, json_t *conflicts)
{
	size_t n = json_array_size(conflicts), len;
	char *text = NULL;
	json_t *c;
	size_t i;
	FILE *f;

	f = jx_must(open_memstream(&text, &len));
	fprintf(f, "Apply failed with %zu conflict%s:", n, n > 1 ? "s" : "");
	json_array_foreach(conflicts, i, c) {
		const char *who = jx_str(c, "message");

		if (n == 1)
			fprintf(f, " %s:", who);
		else if (!jx_is(json_array_get(conflicts, i - 1), "message", who))
			fprintf(f, "%sconflicts%s:", i ? "\n" : " ", who + strlen("conflict"));
		fprintf(f, "%s %s", n > 1 ? "\n-" : "", jx_str(c, "field"));
	}
	fclose(f);
	status_fail(q->out, 409, "Conflict", NULL, NULL, "%s", text);
	free(text);
	return status_details(q->out, jx_must(json_pack("{s:O}", "causes", conflicts)));
}

static void apply(struct request *q, const json_t *old, const char *sub, const json_t *config,
		  const struct registry_apply *a)
{
	const struct apply want = {
		.kind = q->res->kind,
		.api_version = q->res->api_version,
		.sub = sub,
		.manager = a->manager,
		.force = a->force,
		.now = txn_now(q->r),
	};
	struct apply_result result;
	struct err e = { "" };
	int rc = apply_config(&want, old, config, &result, &e);

	if (rc) {
		status_bad_request(q->out, "%s", e.text);
		return;
	}
	q->managers = result.managers;
	if (result.conflicts)
		apply_conflict(q, result.conflicts);
	else if (old)
		update(q, old, sub, result.object);
	else
		create(q, result.object);
	json_decref(result.conflicts);
	json_decref(result.object);
	json_decref(result.managers);
}

void registry_apply(struct registry *r, const struct resource *res, const char *ns,
		    const char *name, const char *sub, const struct registry_apply *a,
		    unsigned int flags, struct reply *out)
{
	struct request q = request(r, res, ns, name, flags, out);
	const json_t *old = NULL;
	json_t *config;

	if ((sub || present(&q, name)) && find_target(&q, sub, &old))
		return;
	config = read_config(&q, a);
	if (config)
		apply(&q, old, sub, config, a);
	json_decref(config);
}

void registry_patch(struct registry *r, const struct resource *res, const char *ns,
		    const char *name, const char *sub, const json_t *patch, unsigned int flags,
		    struct reply *out)
{
	registry_patch_as(r, res, ns, name, sub, REGISTRY_PATCH_MERGE, patch, flags, out);
}
