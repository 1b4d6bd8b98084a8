// SPDX-License-Identifier: GPL-2.0
/* The rules of a Pod's containers. */
#include "pod.h"

#include "format.h"
#include "jx.h"

#include <stdio.h>
#include <string.h>

#define CONTAINERS_MAX	1000
#define PARTS_MAX	1000	/* in all containers of a list */

static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };
static const char *const pull_policies[] = { "Always", "IfNotPresent", "Never", NULL };
static const char *const message_policies[] = { "File", "FallbackToLogsOnError", NULL };

static const char *const lists[] = { "containers", "initContainers", "ephemeralContainers" };

/* Is the field the same as one before? */
static bool repeats(const json_t *list, size_t i, const char *key)
{
	const char *s = jx_str(json_array_get(list, i), key);

	for (size_t j = 0; *s && j < i; j++)
		if (jx_is(json_array_get(list, j), key, s))
			return true;
	return false;
}

static void validate_port(struct write *w, const json_t *ports, size_t i, const char *at)
{
	const json_t *port = json_array_get(ports, i), *name = json_object_get(port, "name");
	const json_t *host = json_object_get(port, "hostPort");
	const json_t *number = json_object_get(port, "containerPort");
	const char *bad = name ? format_port_name(json_string_value(name)) : NULL;

	if (bad)
		field_invalid(&w->errs, name, bad, "%s.ports[%zu].name", at, i);
	else if (name && repeats(ports, i, "name"))
		field_duplicate(&w->errs, name, "%s.ports[%zu].name", at, i);
	bad = format_port(json_integer_value(number));
	if (!json_integer_value(number))
		field_required(&w->errs, "", "%s.ports[%zu].containerPort", at, i);
	else if (bad)
		field_invalid(&w->errs, number, bad, "%s.ports[%zu].containerPort", at, i);
	bad = host ? format_port(json_integer_value(host)) : NULL;
	if (bad)
		field_invalid(&w->errs, host, bad, "%s.ports[%zu].hostPort", at, i);
	if (!format_one_of(protocols, jx_str(port, "protocol")))
		field_unsupported(&w->errs, json_object_get(port, "protocol"), protocols,
				  "%s.ports[%zu].protocol", at, i);
}

/* Exactly one of the keys is there; which, in words, for the message. */
static bool validate_one(struct write *w, const json_t *o, const char *const *keys,
			 const char *which, const char *at)
{
	json_t *none;
	size_t n = 0;

	for (; *keys; keys++)
		n += json_object_get(o, *keys) != NULL;
	if (n == 1)
		return true;
	none = jx_must(json_string(""));
	field_invalid(&w->errs, none,
		      n ? "may not have more than one field specified at a time" : which, "%s", at);
	json_decref(none);
	return false;
}

static void validate_keys(struct write *w, const json_t *ref, const char *const *keys,
			  const char *at)
{
	for (; *keys; keys++)
		if (!*jx_str(ref, *keys))
			field_required(&w->errs, "", "%s.%s", at, *keys);
}

static void validate_env_source(struct write *w, const json_t *env, const char *at)
{
	static const char *const sources[] = {
		"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
		NULL
	};
	static const char *const needed[][4] = {
		{ "fieldPath" }, { "resource" }, { "name", "key" }, { "name", "key" },
		{ "volumeName", "path", "key" },
	};
	const json_t *from = json_object_get(env, "valueFrom");
	char path[192];

	snprintf(path, sizeof(path), "%s.valueFrom", at);
	if (!from || !validate_one(w, from, sources, "must specify one of: `fieldRef`, "
				   "`resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
				   "`fileKeyRef`", path))
		return;
	if (*jx_str(env, "value")) {
		json_t *none = jx_must(json_string(""));

		field_invalid(&w->errs, none, "may not be specified when `value` is not empty",
			      "%s", path);
		json_decref(none);
	}
	for (size_t i = 0; sources[i]; i++) {
		if (!json_object_get(from, sources[i]))
			continue;
		snprintf(path, sizeof(path), "%s.valueFrom.%s", at, sources[i]);
		validate_keys(w, json_object_get(from, sources[i]), needed[i], path);
	}
}

static void validate_env(struct write *w, const json_t *container, const char *at)
{
	static const char *const sources[] = { "configMapRef", "secretRef", NULL };
	static const char *const needed[] = { "name", NULL };
	const json_t *list = json_object_get(container, "env");
	char path[128];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *env = json_array_get(list, i), *name = json_object_get(env, "name");
		const char *bad = format_env_name(jx_str(env, "name"));

		if (!*jx_str(env, "name"))
			field_required(&w->errs, "", "%s.env[%zu].name", at, i);
		else if (bad)
			field_invalid(&w->errs, name, bad, "%s.env[%zu].name", at, i);
		snprintf(path, sizeof(path), "%s.env[%zu]", at, i);
		validate_env_source(w, env, path);
	}
	list = json_object_get(container, "envFrom");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *from = json_array_get(list, i);

		snprintf(path, sizeof(path), "%s.envFrom[%zu]", at, i);
		if (!validate_one(w, from, sources, "must specify one of: `configMapRef` or "
				  "`secretRef`", path))
			continue;
		for (size_t k = 0; sources[k]; k++) {
			snprintf(path, sizeof(path), "%s.envFrom[%zu].%s", at, i, sources[k]);
			if (json_object_get(from, sources[k]))
				validate_keys(w, json_object_get(from, sources[k]), needed, path);
		}
	}
}

static bool has_volume(const struct write *w, const char *name)
{
	const json_t *volumes = jx_get(w->obj, "spec.volumes");

	for (size_t i = 0; i < json_array_size(volumes); i++)
		if (jx_is(json_array_get(volumes, i), "name", name))
			return true;
	return false;
}

/* volumeMounts, or volumeDevices: a volume, and where it is in the container. */
static void validate_mounts(struct write *w, const json_t *container, const char *key,
			    const char *where, const char *at)
{
	const json_t *list = json_object_get(container, key);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *mount = json_array_get(list, i);
		const json_t *name = json_object_get(mount, "name");

		if (!*jx_str(mount, "name"))
			field_required(&w->errs, "", "%s.%s[%zu].name", at, key, i);
		else if (!has_volume(w, json_string_value(name)))
			field_not_found(&w->errs, name, "%s.%s[%zu].name", at, key, i);
		if (!*jx_str(mount, where))
			field_required(&w->errs, "", "%s.%s[%zu].%s", at, key, i, where);
		else if (repeats(list, i, where))
			field_invalid(&w->errs, json_object_get(mount, where), "must be unique",
				      "%s.%s[%zu].%s", at, key, i, where);
	}
}

static void one_of(struct write *w, const json_t *container, const char *key,
		   const char *const *values, const char *at)
{
	const json_t *v = json_object_get(container, key);

	if (!format_one_of(values, json_string_value(v)))
		field_unsupported(&w->errs, v, values, "%s.%s", at, key);
}

static void validate_hooks(struct write *w, const json_t *container, const char *at)
{
	static const char *const hooks[] = { "postStart", "preStop" };
	static const char *const probes[] = { "livenessProbe", "readinessProbe", "startupProbe" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		const json_t *hook = json_object_get(json_object_get(container, "lifecycle"),
						     hooks[i]);

		snprintf(path, sizeof(path), "%s.lifecycle.%s", at, hooks[i]);
		if (hook)
			pod_validate_handler(w, hook, path);
	}
	for (size_t i = 0; i < 3; i++) {
		const json_t *probe = json_object_get(container, probes[i]);
		const json_t *n = json_object_get(probe, "successThreshold");

		snprintf(path, sizeof(path), "%s.%s", at, probes[i]);
		if (!probe)
			continue;
		pod_validate_probe(w, probe, path);
		if (json_integer_value(n) != 1 && i != 1)
			field_invalid(&w->errs, n, "must be 1", "%s.successThreshold", path);
	}
}

/* One that is over before the others start has nothing to be asked. */
static bool forbid_hooks(struct write *w, const json_t *container, const char *at)
{
	static const char *const keys[] = {
		"lifecycle", "livenessProbe", "readinessProbe", "startupProbe",
	};

	if (jx_is(container, "restartPolicy", "Always"))
		return false;
	for (size_t i = 0; i < 4; i++)
		if (json_object_get(container, keys[i]))
			field_forbidden(&w->errs, "may not be set for init containers without "
					"restartPolicy=Always", "%s.%s", at, keys[i]);
	return true;
}

static void validate_container(struct write *w, const json_t *c, const char *at)
{
	const json_t *name = json_object_get(c, "name"), *ports = json_object_get(c, "ports");
	const char *bad = format_dns1123_label(jx_str(c, "name"));

	if (!*jx_str(c, "name"))
		field_required(&w->errs, "", "%s.name", at);
	else if (bad)
		field_invalid(&w->errs, name, bad, "%s.name", at);
	if (!*jx_str(c, "image"))
		field_required(&w->errs, "", "%s.image", at);
	one_of(w, c, "terminationMessagePolicy", message_policies, at);
	for (size_t i = 0; i < json_array_size(ports); i++)
		validate_port(w, ports, i, at);
	validate_env(w, c, at);
	validate_mounts(w, c, "volumeMounts", "mountPath", at);
	validate_mounts(w, c, "volumeDevices", "devicePath", at);
	one_of(w, c, "imagePullPolicy", pull_policies, at);
}

/* Each is compared with all others. */
static bool too_many(struct write *w, const json_t *containers, const char *list)
{
	static const char *const parts[] = { "ports", "volumeMounts", "volumeDevices" };
	size_t n = json_array_size(containers);

	if (n > CONTAINERS_MAX) {
		field_too_many(&w->errs, n, CONTAINERS_MAX, "spec.%s", list);
		return true;
	}
	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		size_t sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += json_array_size(json_object_get(json_array_get(containers, i),
							       parts[k]));
		if (sum <= PARTS_MAX)
			continue;
		field_too_many(&w->errs, sum, PARTS_MAX, "spec.%s[*].%s", list, parts[k]);
		return true;
	}
	return false;
}

/* No two containers have a name, of whatever list. */
static void validate_list(struct write *w, size_t k, json_t *names)
{
	const json_t *list = json_object_get(jx_get(w->obj, "spec"), lists[k]);

	if (too_many(w, list, lists[k]))
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *name = jx_str(c, "name");
		char at[64];

		snprintf(at, sizeof(at), "spec.%s[%zu]", lists[k], i);
		validate_container(w, c, at);
		if (json_object_get(names, name))
			field_duplicate(&w->errs, json_object_get(c, "name"), "%s.name", at);
		else if (*name)
			json_object_set_new(names, name, json_true());
		if (strcmp(lists[k], "initContainers") || !forbid_hooks(w, c, at))
			validate_hooks(w, c, at);
	}
}

/* Who takes the same port of the node as one before. */
static void validate_host_ports(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.containers"), *container, *port;
	bool host = jx_bool(w->obj, "spec.hostNetwork");
	json_t *seen = jx_must(json_object()), *v;
	size_t i, j;

	json_array_foreach((json_t *)list, i, container) {
		json_array_foreach(json_object_get(container, "ports"), j, port) {
			json_int_t n = jx_int(port, "hostPort");

			if (host && n != jx_int(port, "containerPort"))
				field_invalid(&w->errs, json_object_get(port, "hostPort"),
					      "must match `containerPort` when `hostNetwork` is "
					      "true",
					      "spec.containers[%zu].ports[%zu].hostPort", i, j);
			v = jx_must(json_sprintf("%s/%s/%" JSON_INTEGER_FORMAT,
						 jx_str(port, "protocol"), jx_str(port, "hostIP"),
						 n));
			if (n && json_object_get(seen, json_string_value(v)))
				field_duplicate(&w->errs, v, "spec.containers[%zu].ports[%zu]"
						".hostPort", i, j);
			json_object_set_new(seen, json_string_value(v), json_true());
			json_decref(v);
		}
	}
	json_decref(seen);
}

void pod_validate_containers(struct write *w)
{
	size_t before = w->errs.n;
	json_t *names = jx_must(json_object());

	if (!json_array_size(jx_get(w->obj, "spec.containers")))
		field_required(&w->errs, "", "spec.containers");
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		validate_list(w, k, names);
	json_decref(names);
	/* Of numbers that are some. */
	if (w->errs.n == before)
		validate_host_ports(w);
}
