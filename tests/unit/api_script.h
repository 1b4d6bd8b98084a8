/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole command lines of svcctl against an API server that is a script: which
 * requests must come, in which order, and what they are answered.
 */
#ifndef SVCNAT_API_SCRIPT_H
#define SVCNAT_API_SCRIPT_H

#include "client.h"
#include "verbs.h"

struct step {
	const char *method, *path;
	long code;
	const char *answer;
	int ret;		/* of the transport */
};

struct script {
	const struct step *step;	/* the next one; ended by one without a method */
	unsigned int pauses;
	size_t chunk;			/* bytes at a time; 0: all */
	char body[1024];		/* of the last request */
};

struct result {
	char *out, *err;	/* to be freed */
	int code;
};

/* The clock says 2026-01-01T00:00:00Z. in is standard input. */
struct result script_run(struct script *s, const char *line, const char *in);

/* Compare, and free. */
void script_check(struct result r, int code, const char *out, const char *err);

/* The same in one: all of the script must have been asked for. */
void script_assert(const char *line, const char *in, const struct step *steps, int code,
		   const char *out, const char *err);
void script_assert_cut(const char *line, const char *in, const struct step *steps, size_t chunk,
		       int code, const char *out, const char *err);

/* ---- words that the scripts are made of */

#define NS "/api/v1/namespaces/default/"
#define STRICT "?fieldValidation=Strict"
#define DRY STRICT "&dryRun=All"
#define SVC_IN "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n" \
	"  - port: 80\n    nodePort: 80\n"
#define SVC_OUT "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\"," \
	"\"namespace\":\"default\",\"creationTimestamp\":\"2025-12-31T23:59:55Z\"," \
	"\"resourceVersion\":\"7\"},\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.1.2\"," \
	"\"ports\":[{\"port\":80,\"protocol\":\"TCP\"}]}}"
#define POD_IN "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
#define POD_OUT "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"p\"}}"
#define STATUS(code, reason, message, details) "{\"kind\":\"Status\",\"apiVersion\":\"v1\"," \
	"\"status\":\"Failure\",\"message\":\"" message "\",\"reason\":\"" reason "\"," \
	"\"details\":{" details "},\"code\":" #code "}"
#define EXISTS(kind, name) STATUS(409, "AlreadyExists", kind " \\\"" name "\\\" already exists", \
	"\"name\":\"" name "\",\"kind\":\"" kind "\"")
#define ABSENT(kind, name) STATUS(404, "NotFound", kind " \\\"" name "\\\" not found", \
	"\"name\":\"" name "\",\"kind\":\"" kind "\"")
#define INVALID(causes) STATUS(422, "Invalid", "Service \\\"web\\\" is invalid: ...", \
	"\"name\":\"web\",\"kind\":\"Service\",\"causes\":[" causes "]")
#define CAUSE(field, message) "{\"field\":\"" field "\",\"message\":\"" message "\"}"
#define RANGE "Invalid value: 80: provided port is not in the valid range"
#define ITEM(name, version) "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"default\"," \
	"\"resourceVersion\":\"" version "\",\"creationTimestamp\":\"2025-12-31T23:59:55Z\"," \
	"\"managedFields\":[{}]},\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.1.2\"," \
	"\"ports\":[{\"port\":80,\"protocol\":\"TCP\"}]}}"
#define LIST(version, items) "{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"" \
	version "\"},\"items\":[" items "]}"
#define HEADERS "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n"
#define LINE(name) name "    ClusterIP   10.96.1.2    <none>        80/TCP    5s\n"
#define NS_IN "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
#define NS_OUT "{\"kind\":\"Namespace\",\"metadata\":{\"name\":\"shop\"}}"
#define SHOP "/api/v1/namespaces/shop/pods"

#endif
