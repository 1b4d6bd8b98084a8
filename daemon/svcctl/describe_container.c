// SPDX-License-Identifier: GPL-2.0
/* The containers of a pod: what they are to be, and what became of them. */
#include "describe.h"
#include "field.h"
#include "sorted.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void print_ports(FILE *f, const char *title, const json_t *ports, const char *key)
{
	const char *protocol, *name;
	json_t *port;
	size_t i;

	fprintf(f, "    %s%s:\t", title, json_array_size(ports) > 1 ? "s" : "");
	json_array_foreach(ports, i, port) {
		protocol = field_string(port, "protocol");
		name = field_string(port, "name");
		fprintf(f, "%s%lld/%s", i ? ", " : "", (long long)field_int(port, key, 0),
			*protocol ? protocol : "TCP");
		if (*name)
			fprintf(f, " (%s)", name);
	}
	fputs(json_array_size(ports) ? "\n" : "<none>\n", f);
}

/* Each of text's lines on one of its own, behind first or, from the second on, rest. */
static void print_lines(FILE *f, const char *first, const char *rest, const char *text)
{
	char *copy = strdup(text), *at = copy, *line;

	while ((line = strsep(&at, "\n"))) {
		fputs(line == copy ? first : rest, f);
		describe_text(f, line);
		fputc('\n', f);
	}
	free(copy);
}

static void print_words(FILE *f, const char *title, const json_t *words)
{
	static const char indent[] = "      ";
	json_t *word;
	size_t i;

	if (json_array_size(words))
		fprintf(f, "    %s:\n", title);
	json_array_foreach(words, i, word)
		print_lines(f, indent, indent,
			    json_is_string(word) ? json_string_value(word) : "");
}

/* --- state --- */

static void print_reason(FILE *f, const json_t *state, const char *key, const char *title)
{
	const char *text = field_string(state, key);

	if (!*text)
		return;
	fprintf(f, "      %s:\t", title);
	describe_text(f, text);
	fputc('\n', f);
}

static void print_time(FILE *f, const json_t *state, const char *key, const char *title)
{
	char date[DESCRIBE_DATE_SIZE];

	fprintf(f, "      %s:\t%s\n", title, describe_date(field_string(state, key), date));
}

static void print_end(FILE *f, const json_t *ended)
{
	json_int_t signal = field_int(ended, "signal", 0);

	print_reason(f, ended, "reason", "Reason");
	print_reason(f, ended, "message", "Message");
	fprintf(f, "      Exit Code:\t%lld\n", (long long)field_int(ended, "exitCode", 0));
	if (signal > 0)
		fprintf(f, "      Signal:\t%lld\n", (long long)signal);
	print_time(f, ended, "startedAt", "Started");
	print_time(f, ended, "finishedAt", "Finished");
}

static void print_state(FILE *f, const char *title, const json_t *state)
{
	const json_t *running = json_object_get(state, "running");
	const json_t *waiting = json_object_get(state, "waiting");
	const json_t *ended = json_object_get(state, "terminated");

	fprintf(f, "    %s:\t", title);
	if (running) {
		fputs("Running\n", f);
		print_time(f, running, "startedAt", "Started");
	} else if (ended && !waiting) {
		fputs("Terminated\n", f);
		print_end(f, ended);
	} else {
		fputs("Waiting\n", f);
		print_reason(f, waiting, "reason", "Reason");
	}
}

static void print_status(FILE *f, const json_t *status)
{
	const json_t *last = json_object_get(status, "lastState");

	print_state(f, "State", json_object_get(status, "state"));
	if (json_object_get(last, "terminated"))
		print_state(f, "Last State", last);
	fprintf(f, "    Ready:\t%s\n",
		json_is_true(json_object_get(status, "ready")) ? "True" : "False");
	fprintf(f, "    Restart Count:\t%lld\n", (long long)field_int(status, "restartCount", 0));
}

/* --- probes --- */

static void print_http(FILE *f, const json_t *get)
{
	const char *scheme = field_string(get, "scheme"), *path = field_string(get, "path");

	fputs("http-get ", f);
	if (*scheme) {
		for (; *scheme; scheme++)
			fputc(tolower((unsigned char)*scheme), f);
		fputc(':', f);
	}
	fprintf(f, "//%s:", field_string(get, "host"));
	field_print(f, json_object_get(get, "port"));
	fprintf(f, "%s%s", *path && *path != '/' ? "/" : "", path);
}

static void print_action(FILE *f, const json_t *probe)
{
	const json_t *exec = json_object_get(probe, "exec");
	const json_t *get = json_object_get(probe, "httpGet");
	const json_t *tcp = json_object_get(probe, "tcpSocket");
	const json_t *grpc = json_object_get(probe, "grpc");

	if (exec) {
		fputs("exec [", f);
		field_print_list(f, json_object_get(exec, "command"), " ");
		fputc(']', f);
	} else if (get) {
		print_http(f, get);
	} else if (tcp) {
		fprintf(f, "tcp-socket %s:", field_string(tcp, "host"));
		field_print(f, json_object_get(tcp, "port"));
	} else if (grpc) {
		fputs("grpc <pod>:", f);
		field_print(f, json_object_get(grpc, "port"));
		fprintf(f, " %s", field_string(grpc, "service"));
	} else {
		fputs("unknown", f);
	}
}

static void print_probe(FILE *f, const char *title, const json_t *probe)
{
	if (!probe)
		return;
	fprintf(f, "    %s:\t", title);
	print_action(f, probe);
	fprintf(f, " delay=%llds timeout=%llds period=%llds #success=%lld #failure=%lld\n",
		(long long)field_int(probe, "initialDelaySeconds", 0),
		(long long)field_int(probe, "timeoutSeconds", 0),
		(long long)field_int(probe, "periodSeconds", 0),
		(long long)field_int(probe, "successThreshold", 0),
		(long long)field_int(probe, "failureThreshold", 0));
}

/* --- environment and mounts --- */

static const char *optional(const json_t *from)
{
	return json_is_true(json_object_get(from, "optional")) ? "true" : "false";
}

static void print_env_from(FILE *f, const json_t *list)
{
	const json_t *map, *secret;
	const char *prefix;
	json_t *from;
	size_t i;

	if (json_array_size(list))
		fputs("    Environment Variables from:\n", f);
	json_array_foreach(list, i, from) {
		map = json_object_get(from, "configMapRef");
		secret = json_object_get(from, "secretRef");
		prefix = field_string(from, "prefix");
		fprintf(f, "      %s\t%s", field_string(map ? map : secret, "name"),
			map ? "ConfigMap" : secret ? "Secret" : "");
		if (*prefix)
			fprintf(f, " with prefix '%s'", prefix);
		fprintf(f, "\tOptional: %s\n", optional(map ? map : secret));
	}
}

/* What the container may have of a resource, or is sure of: as it says it, undivided. */
static void print_amount(FILE *f, const json_t *container, const char *resource)
{
	char path[128];
	const json_t *amount;

	snprintf(path, sizeof(path), "resources.%s", resource);
	amount = field_get(container, path);
	if (amount)
		field_print(f, amount);
	else
		fputs(strncmp(resource, "limits.", 7) ? "0" : "node allocatable", f);
	fprintf(f, " (%s)\n", resource);
}

/* Where a variable's value comes from; what the pod itself says is shown. */
static void print_source(FILE *f, const json_t *pod, const json_t *container, const json_t *from)
{
	const char *source = json_object_iter_key(json_object_iter((json_t *)from));
	const json_t *ref = source ? json_object_get(from, source) : NULL;
	const char *path, *version;

	if (!source) {
		fputc('\n', f);
	} else if (!strcmp(source, "fieldRef")) {
		path = field_string(ref, "fieldPath");
		version = field_string(ref, "apiVersion");
		fprintf(f, "%s (%s:%s)\n", field_string(pod, path), *version ? version : "v1",
			path);
	} else if (!strcmp(source, "resourceFieldRef")) {
		print_amount(f, container, field_string(ref, "resource"));
	} else if (!strcmp(source, "secretKeyRef") || !strcmp(source, "configMapKeyRef")) {
		fprintf(f, "<set to the key '%s' %s '%s'>\tOptional: %s\n",
			field_string(ref, "key"),
			*source == 's' ? "in secret" : "of config map", field_string(ref, "name"),
			optional(ref));
	} else {
		fprintf(f, "<from %s>\n", source);
	}
}

static void print_env(FILE *f, const json_t *pod, const json_t *container)
{
	const json_t *env = json_object_get(container, "env"), *from;
	json_t *var;
	size_t i;

	fprintf(f, "    Environment:%s\n", json_array_size(env) ? "" : "\t<none>");
	json_array_foreach(env, i, var) {
		from = json_object_get(var, "valueFrom");
		fprintf(f, "      %s:\t", field_string(var, "name"));
		if (from)
			print_source(f, pod, container, from);
		else
			print_lines(f, "", "      \t", field_string(var, "value"));
	}
}

static void print_mounts(FILE *f, const json_t *mounts)
{
	json_t **items = sorted_items(mounts, sorted_by_text, "mountPath");
	const char *sub;
	size_t i;

	fprintf(f, "    Mounts:%s\n", json_array_size(mounts) ? "" : "\t<none>");
	for (i = 0; items && items[i]; i++) {
		sub = field_string(items[i], "subPath");
		fprintf(f, "      %s from %s (%s", field_string(items[i], "mountPath"),
			field_string(items[i], "name"),
			json_is_true(json_object_get(items[i], "readOnly")) ? "ro" : "rw");
		if (*sub)
			fprintf(f, ",path=\"%s\"", sub);
		fputs(")\n", f);
	}
	free(items);
}

/* --- one of them, and all --- */

static const json_t *status_of(const json_t *statuses, const char *container)
{
	json_t *status;
	size_t i;

	json_array_foreach(statuses, i, status)
		if (!strcmp(field_string(status, "name"), container))
			return status;
	return NULL;
}

static void print_container(FILE *f, const json_t *pod, const json_t *c, const json_t *status)
{
	const json_t *ports = json_object_get(c, "ports");

	fprintf(f, "  %s:\n", field_string(c, "name"));
	if (status)
		fprintf(f, "    Container ID:\t%s\n", field_string(status, "containerID"));
	fprintf(f, "    Image:\t%s\n", field_string(c, "image"));
	if (status)
		fprintf(f, "    Image ID:\t%s\n", field_string(status, "imageID"));
	print_ports(f, "Port", ports, "containerPort");
	print_ports(f, "Host Port", ports, "hostPort");
	print_words(f, "Command", json_object_get(c, "command"));
	print_words(f, "Args", json_object_get(c, "args"));
	if (status)
		print_status(f, status);
	describe_quantities(f, "    ", "Limits", field_get(c, "resources.limits"));
	describe_quantities(f, "    ", "Requests", field_get(c, "resources.requests"));
	print_probe(f, "Liveness", json_object_get(c, "livenessProbe"));
	print_probe(f, "Readiness", json_object_get(c, "readinessProbe"));
	print_probe(f, "Startup", json_object_get(c, "startupProbe"));
	print_env_from(f, json_object_get(c, "envFrom"));
	print_env(f, pod, c);
	print_mounts(f, json_object_get(c, "volumeMounts"));
}

void describe_containers(FILE *f, const char *title, const json_t *pod, const char *list,
			 const char *statuses)
{
	const json_t *containers = field_get(pod, list), *states = field_get(pod, statuses);
	json_t *c;
	size_t i;

	fprintf(f, "%s:%s\n", title, json_array_size(containers) ? "" : " <none>");
	json_array_foreach(containers, i, c)
		print_container(f, pod, c, status_of(states, field_string(c, "name")));
}
