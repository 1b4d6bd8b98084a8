// SPDX-License-Identifier: GPL-2.0
/* What a Pod has that does not say it: Kubernetes' defaults. */
#include "pod.h"

#include "jx.h"

#include <ctype.h>
#include <string.h>

/* text NULL: the number. */
struct fallback {
	const char *key, *text;
	int number;
};

#define ROWS(table) (sizeof(table) / sizeof(table[0]))

static void fill(json_t *o, const struct fallback *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (json_object_get(o, v[i].key))
			continue;
		if (v[i].text)
			jx_set_str(o, v[i].key, v[i].text);
		else
			jx_set_int(o, v[i].key, v[i].number);
	}
}

static void fill_object(json_t *o, const char *key)
{
	if (!json_object_get(o, key))
		json_object_set_new(o, key, jx_must(json_object()));
}

static bool has_upper(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isupper((unsigned char)s[i]))
			return true;
	return false;
}

/* "host.example:5000/" before the name, or what can be nothing else. */
static size_t host_len(const char *image)
{
	size_t n = strcspn(image, "/@");

	if (image[n] != '/')
		return 0;
	if (memchr(image, '.', n) || memchr(image, ':', n) || has_upper(image, n) ||
	    (n == strlen("localhost") && !memcmp(image, "localhost", n)))
		return n + 1;
	return 0;
}

bool pod_image_is_latest(const char *image)
{
	const char *name = image + host_len(image);
	size_t len = strcspn(name, ":@");

	/* What is no image has no tag. */
	if (!len || has_upper(name, len))
		return false;
	return !name[len] || !strcmp(name + len, ":latest") ||
	       !strncmp(name + len, ":latest@", strlen(":latest@"));
}

static void fill_pull_policy(json_t *o, const char *key, const char *image)
{
	if (!json_object_get(o, key))
		jx_set_str(o, key, pod_image_is_latest(image) ? "Always" : "IfNotPresent");
}

static void fill_http(json_t *handler)
{
	static const struct fallback http[] = { { "path", "/", 0 }, { "scheme", "HTTP", 0 } };
	json_t *get = json_object_get(handler, "httpGet");

	if (get)
		fill(get, http, ROWS(http));
}

static void fill_probe(json_t *probe)
{
	static const struct fallback times[] = {
		{ "timeoutSeconds", NULL, 1 }, { "periodSeconds", NULL, 10 },
		{ "successThreshold", NULL, 1 }, { "failureThreshold", NULL, 3 },
	};
	static const struct fallback grpc_service[] = { { "service", "", 0 } };
	json_t *grpc = json_object_get(probe, "grpc");

	if (!probe)
		return;
	fill(probe, times, ROWS(times));
	fill_http(probe);
	if (grpc)
		fill(grpc, grpc_service, ROWS(grpc_service));
}

/* Of an environment variable, or of a file: a field of the Pod, or a resource. */
static void fill_field_refs(json_t *source)
{
	static const struct fallback version[] = { { "apiVersion", "v1", 0 } };
	static const struct fallback divisor[] = { { "divisor", "0", 0 } };
	json_t *field = json_object_get(source, "fieldRef");
	json_t *resource = json_object_get(source, "resourceFieldRef");

	if (field)
		fill(field, version, ROWS(version));
	if (resource)
		fill(resource, divisor, ROWS(divisor));
}

static void fill_requests(json_t *container)
{
	json_t *limits = jx_get(container, "resources.limits"), *requests, *v;
	const char *key;

	if (!json_object_size(limits))
		return;
	fill_object(json_object_get(container, "resources"), "requests");
	requests = jx_get(container, "resources.requests");
	json_object_foreach(limits, key, v)
		if (!json_object_get(requests, key))
			json_object_set(requests, key, v);
}

static void fill_ports(json_t *container, bool host_network)
{
	static const struct fallback port_rows[] = {
		{ "protocol", "TCP", 0 }, { "containerPort", NULL, 0 },
	};
	json_t *port;
	size_t i;

	json_array_foreach(json_object_get(container, "ports"), i, port) {
		fill(port, port_rows, ROWS(port_rows));
		if (host_network && !json_object_get(port, "hostPort"))
			jx_set_int(port, "hostPort", jx_int(port, "containerPort"));
	}
}

static void fill_container(json_t *c)
{
	static const struct fallback rows[] = {
		{ "terminationMessagePath", "/dev/termination-log", 0 },
		{ "terminationMessagePolicy", "File", 0 },
	};
	json_t *env;
	size_t i;

	fill(c, rows, ROWS(rows));
	fill_pull_policy(c, "imagePullPolicy", jx_str(c, "image"));
	fill_object(c, "resources");
	fill_probe(json_object_get(c, "livenessProbe"));
	fill_probe(json_object_get(c, "readinessProbe"));
	fill_probe(json_object_get(c, "startupProbe"));
	fill_http(jx_get(c, "lifecycle.postStart"));
	fill_http(jx_get(c, "lifecycle.preStop"));
	json_array_foreach(json_object_get(c, "env"), i, env)
		fill_field_refs(json_object_get(env, "valueFrom"));
}

static void fill_containers(json_t *spec, const char *list, bool requests)
{
	bool host_network = jx_bool(spec, "hostNetwork");
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(spec, list), i, c) {
		fill_container(c);
		fill_ports(c, host_network);
		if (requests)
			fill_requests(c);
	}
}

/* Of one source of a volume. */
static const struct {
	const char *source;
	struct fallback row;
} sources[] = {
	{ "hostPath", { "type", "", 0 } },
	{ "secret", { "defaultMode", NULL, 0644 } },
	{ "configMap", { "defaultMode", NULL, 0644 } },
	{ "downwardAPI", { "defaultMode", NULL, 0644 } },
	{ "projected", { "defaultMode", NULL, 0644 } },
	{ "iscsi", { "iscsiInterface", "default", 0 } },
	{ "rbd", { "pool", "rbd", 0 } },
	{ "rbd", { "user", "admin", 0 } },
	{ "rbd", { "keyring", "/etc/ceph/keyring", 0 } },
	{ "azureDisk", { "cachingMode", "ReadWrite", 0 } },
	{ "azureDisk", { "kind", "Shared", 0 } },
	{ "azureDisk", { "fsType", "ext4", 0 } },
	{ "scaleIO", { "storageMode", "ThinProvisioned", 0 } },
	{ "scaleIO", { "fsType", "xfs", 0 } },
};

static void fill_files(json_t *downward)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(downward, "items"), i, file)
		fill_field_refs(file);
}

static void fill_projections(json_t *projected)
{
	static const struct fallback hour[] = { { "expirationSeconds", NULL, 3600 } };
	json_t *source, *token;
	size_t i;

	json_array_foreach(json_object_get(projected, "sources"), i, source) {
		fill_files(json_object_get(source, "downwardAPI"));
		token = json_object_get(source, "serviceAccountToken");
		if (token)
			fill(token, hour, ROWS(hour));
	}
}

static void fill_volume(json_t *volume)
{
	static const struct fallback mode[] = { { "volumeMode", "Filesystem", 0 } };
	json_t *claim, *image;

	/* Nothing but a name. */
	if (json_object_size(volume) == !!json_object_get(volume, "name"))
		fill_object(volume, "emptyDir");
	for (size_t i = 0; i < ROWS(sources); i++) {
		json_t *source = json_object_get(volume, sources[i].source);

		if (source)
			fill(source, &sources[i].row, 1);
	}
	if (jx_get(volume, "azureDisk") && !jx_get(volume, "azureDisk.readOnly"))
		jx_set(volume, "azureDisk.readOnly", json_false());
	fill_files(json_object_get(volume, "downwardAPI"));
	fill_projections(json_object_get(volume, "projected"));
	claim = jx_get(volume, "ephemeral.volumeClaimTemplate.spec");
	if (claim) {
		fill(claim, mode, ROWS(mode));
		fill_object(claim, "resources");
	}
	image = json_object_get(volume, "image");
	if (image)
		fill_pull_policy(image, "pullPolicy", jx_str(image, "reference"));
}

/* Both names of the field are shown; the newer one decides. */
static void fill_account(json_t *spec)
{
	static const char *const names[] = { "serviceAccountName", "serviceAccount" };
	json_t *name = json_object_get(spec, names[0]);

	if (name)
		json_object_set(spec, names[1], name);
	else if (json_object_get(spec, names[1]))
		json_object_set(spec, names[0], json_object_get(spec, names[1]));
}

void pod_defaults(json_t *pod)
{
	static const struct fallback rows[] = {
		{ "dnsPolicy", "ClusterFirst", 0 }, { "restartPolicy", "Always", 0 },
		{ "schedulerName", "default-scheduler", 0 },
	};
	json_t *spec, *volume;
	size_t i;

	fill_object(pod, "spec");
	spec = json_object_get(pod, "spec");
	fill(spec, rows, ROWS(rows));
	fill_object(spec, "securityContext");
	if (!json_object_get(spec, "enableServiceLinks"))
		json_object_set_new(spec, "enableServiceLinks", json_true());
	fill_account(spec);
	json_array_foreach(json_object_get(spec, "volumes"), i, volume)
		fill_volume(volume);
	fill_containers(spec, "containers", true);
	fill_containers(spec, "initContainers", true);
	fill_containers(spec, "ephemeralContainers", false);
}
