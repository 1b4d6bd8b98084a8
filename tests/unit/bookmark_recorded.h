/* SPDX-License-Identifier: GPL-2.0 */
/* Bookmarks as an API server of Kubernetes 1.36 sent them. */
#ifndef SVCNAT_BOOKMARK_RECORDED_H
#define SVCNAT_BOOKMARK_RECORDED_H

#include <stdbool.h>

/* initial_end: behind the objects that a watch begins with. */
static const struct {
	const char *plural;
	unsigned int version;
	bool initial_end;
	const char *line;
} recorded_bookmarks[] = {
	{ "services", 631, false,
	  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\""
	  "metadata\":{\"resourceVersion\":\"631\"},\"spec\":{},\"status\":{\"loadBalancer"
	  "\":{}}}}\n" },
	{ "services", 652, true,
	  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\""
	  "metadata\":{\"resourceVersion\":\"652\",\"annotations\":{\"k8s.io/initial-events"
	  "-end\":\"true\"}},\"spec\":{},\"status\":{\"loadBalancer\":{}}}}\n" },
	{ "endpointslices", 643, true,
	  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"EndpointSlice\",\"apiVersion\":\"d"
	  "iscovery.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"643\",\"annotations\":{"
	  "\"k8s.io/initial-events-end\":\"true\"}},\"addressType\":\"\",\"endpoints\":null"
	  ",\"ports\":null}}\n" },
	{ "nodes", 631, false,
	  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"met"
	  "adata\":{\"resourceVersion\":\"631\"},\"spec\":{},\"status\":{\"daemonEndpoints"
	  "\":{\"kubeletEndpoint\":{\"Port\":0}},\"nodeInfo\":{\"machineID\":\"\",\"systemU"
	  "UID\":\"\",\"bootID\":\"\",\"kernelVersion\":\"\",\"osImage\":\"\",\"containerRu"
	  "ntimeVersion\":\"\",\"kubeletVersion\":\"\",\"kubeProxyVersion\":\"\",\"operatin"
	  "gSystem\":\"\",\"architecture\":\"\"}}}}\n" },
	{ "pods", 640, false,
	  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"meta"
	  "data\":{\"resourceVersion\":\"640\"},\"spec\":{\"containers\":null},\"status\":{"
	  "}}}\n" },
};

#endif
