// SPDX-License-Identifier: GPL-2.0
/* The rules of what is done to ask a container, or to tell it something. */
#include "pod.h"

#include "format.h"
#include "jx.h"

#include <stdio.h>

static const char *const schemes[] = { "HTTP", "HTTPS", NULL };

static void validate_port(struct write *w, const json_t *o, const char *at)
{
	const json_t *port = json_object_get(o, "port");
	const char *bad;

	bad = json_is_string(port) ? format_port_name(json_string_value(port)) :
				     format_port(json_integer_value(port));
	if (bad)
		field_invalid(&w->errs, port ? port : json_null(), bad, "%s.port", at);
}

static void validate_http(struct write *w, const json_t *get, const char *at)
{
	const json_t *scheme = json_object_get(get, "scheme");

	validate_port(w, get, at);
	if (!format_one_of(schemes, json_string_value(scheme)))
		field_unsupported(&w->errs, scheme, schemes, "%s.scheme", at);
}

static void validate_exec(struct write *w, const json_t *exec, const char *at)
{
	if (!json_array_size(json_object_get(exec, "command")))
		field_required(&w->errs, "", "%s.command", at);
}

static void validate_sleep(struct write *w, const json_t *sleep, const char *at)
{
	const json_t *seconds = json_object_get(sleep, "seconds");

	if (json_integer_value(seconds) < 0)
		field_invalid(&w->errs, seconds, "must be non-negative", "%s", at);
}

static const struct {
	const char *key;
	void (*validate)(struct write *w, const json_t *action, const char *at);
} actions[] = {
	{ "exec", validate_exec },
	{ "httpGet", validate_http },
	{ "tcpSocket", validate_port },
	{ "grpc", validate_port },
	{ "sleep", validate_sleep },
};

void pod_validate_handler(struct write *w, const json_t *handler, const char *at)
{
	char path[192];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const json_t *action = json_object_get(handler, actions[i].key);

		if (!action)
			continue;
		snprintf(path, sizeof(path), "%s.%s", at, actions[i].key);
		if (n++)
			field_forbidden(&w->errs, "may not specify more than 1 handler type", "%s",
					path);
		else
			actions[i].validate(w, action, path);
	}
	if (!n)
		field_required(&w->errs, "must specify a handler type", "%s", at);
}

void pod_validate_probe(struct write *w, const json_t *probe, const char *at)
{
	static const char *const counts[] = {
		"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
		"failureThreshold",
	};

	pod_validate_handler(w, probe, at);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const json_t *v = json_object_get(probe, counts[i]);

		if (json_integer_value(v) < 0)
			field_invalid(&w->errs, v, "must be greater than or equal to 0", "%s.%s",
				      at, counts[i]);
	}
}
