// SPDX-License-Identifier: GPL-2.0
#include "status.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *status(const char *word, int code, const char *reason, const char *message)
{
	json_t *s = jx_must(json_object());

	jx_set_str(s, "kind", "Status");
	jx_set_str(s, "apiVersion", "v1");
	jx_set(s, "metadata", json_object());
	jx_set_str(s, "status", word);
	if (message)
		jx_set_str(s, "message", message);
	if (reason)
		jx_set_str(s, "reason", reason);
	if (code)
		jx_set_int(s, "code", code);
	return s;
}

/* In front of "code", where Kubernetes has it. */
static void put_details(json_t *s, json_t *details)
{
	json_t *code = json_incref(json_object_get(s, "code"));

	jx_del(s, "code");
	jx_set(s, "details", details);
	if (code)
		jx_set(s, "code", code);
}

/* "services", "endpointslices.discovery.k8s.io": as messages name a type. */
static const char *full(const struct resource *res, const char *word, char buf[128])
{
	const char *slash = strchr(res->api_version, '/');

	snprintf(buf, 128, "%s%s%.*s", word, slash ? "." : "",
		 slash ? (int)(slash - res->api_version) : 0, res->api_version);
	return buf;
}

static json_t *details_of(const struct resource *res, const char *name, const char *kind)
{
	const char *slash = strchr(res->api_version, '/');
	json_t *d = jx_must(json_object());

	if (name && *name)
		jx_set_str(d, "name", name);
	if (slash)
		jx_set(d, "group", json_stringn(res->api_version, slash - res->api_version));
	jx_set_str(d, "kind", kind);
	return d;
}

json_t *registry_status(int code, const char *reason, const char *message,
			const struct resource *res, const char *name)
{
	json_t *s = status(code < 400 ? "Success" : "Failure", code, reason, message);

	if (res)
		put_details(s, details_of(res, name, res->plural));
	return s;
}

static void set(struct reply *out, int code, json_t *body)
{
	json_decref(out->body);
	out->code = code;
	out->body = body;
}

static int vfail(struct reply *out, int code, const char *reason, const struct resource *res,
		 const char *name, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		jx_must(NULL);
	set(out, code, registry_status(code, reason, text, res, name));
	free(text);
	return -1;
}

int status_fail(struct reply *out, int code, const char *reason, const struct resource *res,
		const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(out, code, reason, res, name, fmt, ap);
	va_end(ap);
	return -1;
}

int status_bad_request(struct reply *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(out, 400, "BadRequest", NULL, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

int status_details(struct reply *out, json_t *details)
{
	put_details(out->body, details);
	return -1;
}

int status_not_found(struct reply *out, const struct resource *res, const char *name)
{
	char type[128];

	return status_fail(out, 404, "NotFound", res, name, "%s \"%s\" not found",
			   full(res, res->plural, type), name);
}

int status_exists(struct reply *out, const struct resource *res, const char *name)
{
	char type[128];

	return status_fail(out, 409, "AlreadyExists", res, name, "%s \"%s\" already exists",
			   full(res, res->plural, type), name);
}

int status_managed(struct reply *out, const struct resource *res, const char *name,
		   const char *file)
{
	char type[128];

	return status_fail(out, 403, "Forbidden", res, name,
			   "%s \"%s\" is managed by the file %s: change it there",
			   full(res, res->plural, type), name, file);
}

int status_conflict(struct reply *out, const struct resource *res, const char *name,
		    const char *fmt, ...)
{
	char why[512], type[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return status_fail(out, 409, "Conflict", res, name,
			   "Operation cannot be fulfilled on %s \"%s\": %s",
			   full(res, res->plural, type), name, why);
}

int status_invalid(struct reply *out, const struct resource *res, const char *name,
		   const struct field_errors *l)
{
	char *text = field_errors_print(l), type[128];
	json_t *details;

	status_fail(out, 422, "Invalid", NULL, NULL, "%s \"%s\" is invalid: %s",
		    full(res, res->kind, type), name, text);
	free(text);
	details = details_of(res, name, res->kind);
	jx_set(details, "causes", json_incref(l->causes));
	return status_details(out, details);
}

int status_store(struct reply *out, int rc, const struct err *e)
{
	if (rc == -ENOSPC)
		return status_fail(out, 507, "InsufficientStorage", NULL, NULL, "%s", e->text);
	return status_fail(out, 500, "InternalError", NULL, NULL, "Internal error occurred: %s",
			   e->text);
}

void status_object(struct reply *out, int code, json_t *body)
{
	set(out, code, body);
}

void status_success(struct reply *out, int code, const struct resource *res, const json_t *object)
{
	json_t *s = status("Success", code == 200 ? 0 : code, NULL, NULL);

	if (res && object) {
		json_t *d = details_of(res, jx_str(object, "metadata.name"), res->plural);

		jx_set_str(d, "uid", jx_str(object, "metadata.uid"));
		put_details(s, d);
	}
	set(out, code, s);
}
