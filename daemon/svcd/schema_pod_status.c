// SPDX-License-Identifier: GPL-2.0
/* The fields of what is known of a Pod. */
#include "schema_pod.h"
#include "schema_table.h"

static const struct schema condition[] = {
	STRING("type", KEEP), LONG("observedGeneration", 0), STRING("status", KEEP),
	STRING("lastProbeTime", SCHEMA_ALWAYS), STRING("lastTransitionTime", SCHEMA_ALWAYS),
	STRING("reason", 0), STRING("message", 0), END
};
static const struct schema ip[] = { STRING("ip", KEEP), END };

static const struct schema waiting[] = { STRING("reason", 0), STRING("message", 0), END };
static const struct schema running[] = { STRING("startedAt", SCHEMA_ALWAYS), END };
static const struct schema terminated[] = {
	INT("exitCode", KEEP), INT("signal", 0), STRING("reason", 0), STRING("message", 0),
	STRING("startedAt", SCHEMA_ALWAYS), STRING("finishedAt", SCHEMA_ALWAYS),
	STRING("containerID", 0), END
};
static const struct schema state[] = {
	OBJECT("waiting", waiting, "ContainerStateWaiting"),
	OBJECT("running", running, "ContainerStateRunning"),
	OBJECT("terminated", terminated, "ContainerStateTerminated"), END
};
static const struct schema image_volume[] = { STRING("imageRef", KEEP), END };
static const struct schema volume[] = {
	OBJECT("image", image_volume, "ImageVolumeStatus"), END
};
static const struct schema mount[] = {
	STRING("name", KEEP), STRING("mountPath", KEEP), BOOL("readOnly", 0),
	STRING("recursiveReadOnly", KEEP), OBJECT("volumeStatus", volume, "VolumeStatus"), END
};
static const struct schema group = LONG(NULL, KEEP);
static const struct schema linux_user[] = {
	LONG("uid", KEEP), LONG("gid", KEEP), LIST("supplementalGroups", &group), END
};
static const struct schema user[] = { OBJECT("linux", linux_user, "LinuxContainerUser"), END };
static const struct schema resource_health[] = {
	STRING("resourceID", KEEP), STRING("health", 0), STRING("message", KEEP), END
};
static const struct schema resource[] = {
	STRING("name", KEEP), LIST_OF("resources", resource_health, "ResourceHealth"), END
};
static const struct schema container[] = {
	STRING("name", KEEP), OBJECT("state", state, "ContainerState"),
	OBJECT("lastState", state, "ContainerState"), BOOL("ready", KEEP),
	INT("restartCount", KEEP), STRING("image", KEEP), STRING("imageID", KEEP),
	STRING("containerID", 0),
	BOOL("started", KEEP), QUANTITIES("allocatedResources"),
	OBJECT("resources", schema_resources, "ResourceRequirements"),
	LIST_OF("volumeMounts", mount, "VolumeMountStatus"), OBJECT("user", user, "ContainerUser"),
	LIST_OF("allocatedResourcesStatus", resource, "ResourceStatus"), STRING("stopSignal", KEEP),
	END
};

static const struct schema claim[] = {
	STRING("name", KEEP), STRING("resourceClaimName", KEEP), END
};
static const struct schema mapping[] = {
	STRING("containerName", KEEP), STRING("resourceName", KEEP), STRING("requestName", KEEP),
	END
};
static const struct schema extended_claim[] = {
	LIST_OF("requestMappings", mapping, "ContainerExtendedResourceRequest"),
	STRING("resourceClaimName", KEEP), END
};
static const struct schema node_claim[] = {
	STRING("resourceClaimName", KEEP), STRINGS("containers"), QUANTITIES("resources"), END
};

const struct schema schema_pod_status[] = {
	LONG("observedGeneration", 0),
	STRING("phase", 0),
	LIST_OF("conditions", condition, "PodCondition"),
	STRING("message", 0),
	STRING("reason", 0),
	STRING("nominatedNodeName", 0),
	STRING("hostIP", 0),
	LIST_OF("hostIPs", ip, "HostIP"),
	STRING("podIP", 0),
	LIST_OF("podIPs", ip, "PodIP"),
	STRING("startTime", 0),
	LIST_OF("initContainerStatuses", container, "ContainerStatus"),
	LIST_OF("containerStatuses", container, "ContainerStatus"),
	STRING("qosClass", 0),
	LIST_OF("ephemeralContainerStatuses", container, "ContainerStatus"),
	STRING("resize", 0),
	LIST_OF("resourceClaimStatuses", claim, "PodResourceClaimStatus"),
	OBJECT("extendedResourceClaimStatus", extended_claim, "PodExtendedResourceClaimStatus"),
	QUANTITIES("allocatedResources"),
	OBJECT("resources", schema_resources, "ResourceRequirements"),
	LIST_OF("nodeAllocatableResourceClaimStatuses", node_claim,
		"NodeAllocatableResourceClaimStatus"),
	END
};
