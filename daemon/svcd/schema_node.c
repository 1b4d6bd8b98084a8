// SPDX-License-Identifier: GPL-2.0
/* The fields of Nodes: those of core/v1 in Kubernetes 1.36. */
#include "schema_node.h"

#include "schema_table.h"

static const struct schema taint[] = {
	STRING("key", KEEP), STRING("value", 0), STRING("effect", KEEP), STRING("timeAdded", 0), END
};
static const struct schema config_map[] = {
	STRING("namespace", KEEP), STRING("name", KEEP), STRING("uid", 0),
	STRING("resourceVersion", 0), STRING("kubeletConfigKey", KEEP), END
};
static const struct schema config_source[] = {
	OBJECT("configMap", config_map, "ConfigMapNodeConfigSource"), END
};

const struct schema schema_node_spec[] = {
	STRING("podCIDR", 0), STRINGS("podCIDRs"), STRING("providerID", 0),
	BOOL("unschedulable", 0), LIST_OF("taints", taint, "Taint"),
	OBJECT("configSource", config_source, "NodeConfigSource"), STRING("externalID", 0), END
};

static const struct schema condition[] = {
	STRING("type", KEEP), STRING("status", KEEP), STRING("lastHeartbeatTime", SCHEMA_ALWAYS),
	STRING("lastTransitionTime", SCHEMA_ALWAYS), STRING("reason", 0), STRING("message", 0), END
};
static const struct schema address[] = { STRING("type", KEEP), STRING("address", KEEP), END };
static const struct schema endpoint[] = { INT("Port", KEEP), END };
static const struct schema endpoints[] = {
	OBJECT("kubeletEndpoint", endpoint, "DaemonEndpoint"), END
};
static const struct schema swap[] = { LONG("capacity", KEEP), END };
static const struct schema info[] = {
	STRING("machineID", KEEP), STRING("systemUUID", KEEP), STRING("bootID", KEEP),
	STRING("kernelVersion", KEEP), STRING("osImage", KEEP),
	STRING("containerRuntimeVersion", KEEP), STRING("kubeletVersion", KEEP),
	STRING("kubeProxyVersion", KEEP), STRING("operatingSystem", KEEP),
	STRING("architecture", KEEP), OBJECT("swap", swap, "NodeSwapStatus"), END
};
static const struct schema image[] = { STRINGS("names"), LONG("sizeBytes", 0), END };
static const struct schema volume[] = { STRING("name", KEEP), STRING("devicePath", KEEP), END };
static const struct schema config[] = {
	OBJECT("assigned", config_source, "NodeConfigSource"),
	OBJECT("active", config_source, "NodeConfigSource"),
	OBJECT("lastKnownGood", config_source, "NodeConfigSource"), STRING("error", 0), END
};
static const struct schema handler_features[] = {
	BOOL("recursiveReadOnlyMounts", KEEP), BOOL("userNamespaces", KEEP), END
};
static const struct schema handler[] = {
	STRING("name", KEEP), OBJECT("features", handler_features, "NodeRuntimeHandlerFeatures"),
	END
};
static const struct schema features[] = { BOOL("supplementalGroupsPolicy", KEEP), END };

const struct schema schema_node_status[] = {
	QUANTITIES("capacity"),
	QUANTITIES("allocatable"),
	STRING("phase", 0),
	LIST_OF("conditions", condition, "NodeCondition"),
	LIST_OF("addresses", address, "NodeAddress"),
	OBJECT("daemonEndpoints", endpoints, "NodeDaemonEndpoints"),
	OBJECT("nodeInfo", info, "NodeSystemInfo"),
	LIST_OF("images", image, "ContainerImage"),
	STRINGS("volumesInUse"),
	LIST_OF("volumesAttached", volume, "AttachedVolume"),
	OBJECT("config", config, "NodeConfigStatus"),
	LIST_OF("runtimeHandlers", handler, "NodeRuntimeHandler"),
	OBJECT("features", features, "NodeFeatures"),
	STRINGS("declaredFeatures"),
	END
};
