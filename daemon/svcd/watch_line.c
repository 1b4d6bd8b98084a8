// SPDX-License-Identifier: GPL-2.0
#include "watch_line.h"

#include "json_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch_line {
	unsigned int refs;
	size_t len;
	char text[];
};

const char *const watch_line_types[] = {
	[REGISTRY_ADDED] = "ADDED",
	[REGISTRY_MODIFIED] = "MODIFIED",
	[REGISTRY_DELETED] = "DELETED",
};

struct watch_line *watch_line_alloc(const char *type, const json_t *object)
{
	struct watch_line *line;
	char head[64];
	size_t nhead, nbody;
	char *body;

	nhead = snprintf(head, sizeof(head), "{\"type\":\"%s\",\"object\":", type);
	body = json_text(object, 0, &nbody);
	line = body ? malloc(sizeof(*line) + nhead + nbody + 2) : NULL;
	if (line) {
		line->refs = 1;
		line->len = nhead + nbody + 2;
		memcpy(line->text, head, nhead);
		memcpy(line->text + nhead, body, nbody);
		memcpy(line->text + nhead + nbody, "}\n", 2);
	}
	free(body);
	return line;
}

struct watch_line *watch_line_get(struct watch_line *line)
{
	if (line)
		line->refs++;
	return line;
}

void watch_line_put(struct watch_line *line)
{
	if (line && --line->refs == 0)
		free(line);
}

static void sent(const void *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	watch_line_put(ctx);
}

int watch_line_add(struct watch_line *line, struct evbuffer *buf)
{
	if (evbuffer_add_reference(buf, line->text, line->len, sent, line) < 0)
		return -ENOMEM;
	line->refs++;
	return 0;
}

static json_t *object_that_left(const struct registry_event *ev)
{
	json_t *object = json_copy((json_t *)ev->old);
	json_t *meta = json_copy(json_object_get(ev->old, "metadata"));
	char version[32];

	snprintf(version, sizeof(version), "%" PRIu64, ev->version);
	if (json_object_set_new(meta, "resourceVersion", json_string(version)) < 0 ||
	    json_object_set(object, "metadata", meta) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(meta);
	return object;
}

json_t *watch_line_object(const struct registry_event *ev, enum registry_change change)
{
	if (change == REGISTRY_DELETED && ev->change != REGISTRY_DELETED)
		return object_that_left(ev);
	return json_incref((json_t *)ev->object);
}

struct watch_line *watch_lines_get(struct watch_lines *l, enum registry_change change)
{
	json_t *object;

	if (l->as[change])
		return l->as[change];
	object = watch_line_object(l->ev, change);
	if (object)
		l->as[change] = watch_line_alloc(watch_line_types[change], object);
	json_decref(object);
	return l->as[change];
}

void watch_lines_clear(struct watch_lines *l)
{
	size_t i;

	for (i = 0; i < sizeof(l->as) / sizeof(*l->as); i++) {
		watch_line_put(l->as[i]);
		l->as[i] = NULL;
	}
}

/*
 * What Kubernetes' types write of an object that says nothing but its version: fields
 * that are never left out. Clients may insist on some of them.
 */
static const struct {
	const char *kind, *fields;
} blanks[] = {
	{ "Namespace", "{\"spec\":{},\"status\":{}}" },
	{ "Service", "{\"spec\":{},\"status\":{\"loadBalancer\":{}}}" },
	{ "Pod", "{\"spec\":{\"containers\":null},\"status\":{}}" },
	{ "EndpointSlice", "{\"addressType\":\"\",\"endpoints\":null,\"ports\":null}" },
	{ "Node", "{\"spec\":{},\"status\":{\"daemonEndpoints\":{\"kubeletEndpoint\":"
	  "{\"Port\":0}},\"nodeInfo\":{\"machineID\":\"\",\"systemUUID\":\"\",\"bootID\":\"\","
	  "\"kernelVersion\":\"\",\"osImage\":\"\",\"containerRuntimeVersion\":\"\","
	  "\"kubeletVersion\":\"\",\"kubeProxyVersion\":\"\",\"operatingSystem\":\"\","
	  "\"architecture\":\"\"}}}" },
	{ "Event", "{\"involvedObject\":{},\"source\":{},\"firstTimestamp\":null,"
	  "\"lastTimestamp\":null,\"eventTime\":null,\"reportingComponent\":\"\","
	  "\"reportingInstance\":\"\"}" },
};

static json_t *blank(const struct resource *res)
{
	size_t i;

	for (i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
		if (!strcmp(blanks[i].kind, res->kind))
			return json_loads(blanks[i].fields, 0, NULL);
	return json_object();
}

json_t *watch_line_bookmark(const struct resource *res, uint64_t version, bool initial_end)
{
	json_t *marks = NULL, *object, *rest = blank(res);
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, version);
	if (initial_end)
		marks = json_pack("{s:s}", "k8s.io/initial-events-end", "true");
	object = json_pack("{s:s, s:s, s:{s:s, s:o*}}", "kind", res->kind, "apiVersion",
			   res->api_version, "metadata", "resourceVersion", text, "annotations",
			   marks);
	if (!object || !rest || json_object_update(object, rest)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(rest);
	return object;
}
