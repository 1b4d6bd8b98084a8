// SPDX-License-Identifier: GPL-2.0
#include "merge_rules.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A list of objects that both kinds of merge tell apart by the same key. */
#define KEYED(kind, path, key)	{ kind, path, key, false, false, false, { key, NULL } }
/* One that server-side apply tells apart by a second one. */
#define KEYED2(kind, path, key, second) { kind, path, key, false, false, false, { key, second } }
#define RETAIN(kind, path, key)	{ kind, path, key, true, false, false, { key, NULL } }
/* One that only server-side apply takes apart: a patch replaces it. */
#define OWNED(kind, path, key)	{ kind, path, NULL, false, false, false, { key, NULL } }
#define SET(kind, path)		{ kind, path, "", false, false, true, { NULL, NULL } }
#define ATOMIC(kind, path)	{ kind, path, NULL, false, true, false, { NULL, NULL } }

/* Containers of three sorts have the same fields. */
#define CONTAINERS(path) \
	KEYED("Pod", path, "name"), \
	KEYED2("Pod", path ".ports", "containerPort", "protocol"), \
	KEYED("Pod", path ".env", "name"), \
	KEYED("Pod", path ".volumeMounts", "mountPath"), \
	KEYED("Pod", path ".volumeDevices", "devicePath"), \
	ATOMIC("Pod", path ".env.valueFrom.fieldRef"), \
	ATOMIC("Pod", path ".env.valueFrom.resourceFieldRef"), \
	ATOMIC("Pod", path ".env.valueFrom.secretKeyRef"), \
	ATOMIC("Pod", path ".env.valueFrom.configMapKeyRef"), \
	ATOMIC("Pod", path ".env.valueFrom.fileKeyRef"), \
	OWNED("Pod", path ".resources.claims", "name")

#define CONTAINER_STATUSES(path) \
	KEYED("Pod", path ".volumeMounts", "mountPath"), \
	KEYED("Pod", path ".allocatedResourcesStatus", "name"), \
	OWNED("Pod", path ".resources.claims", "name")

/* What selects by labels is one thing, and so is the name of a neighbour. */
#define POD_TERM(path) \
	ATOMIC("Pod", path ".labelSelector"), \
	ATOMIC("Pod", path ".namespaceSelector")
#define POD_AFFINITY(path) \
	POD_TERM(path ".requiredDuringSchedulingIgnoredDuringExecution"), \
	POD_TERM(path ".preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm")
#define NODE_AFFINITY "spec.affinity.nodeAffinity."
#define SECRET_REF(volume) ATOMIC("Pod", "spec.volumes." volume ".secretRef")

static const struct merge_rule rules[] = {
	KEYED(NULL, "metadata.ownerReferences", "uid"),
	SET(NULL, "metadata.finalizers"),

	KEYED2("Service", "spec.ports", "port", "protocol"),
	ATOMIC("Service", "spec.selector"),
	KEYED("Service", "status.conditions", "type"),

	KEYED("Namespace", "status.conditions", "type"),

	SET("Node", "spec.podCIDRs"),
	KEYED("Node", "status.addresses", "type"),
	KEYED("Node", "status.conditions", "type"),

	CONTAINERS("spec.containers"),
	CONTAINERS("spec.initContainers"),
	CONTAINERS("spec.ephemeralContainers"),
	RETAIN("Pod", "spec.volumes", "name"),
	RETAIN("Pod", "spec.resourceClaims", "name"),
	KEYED("Pod", "spec.imagePullSecrets", "name"),
	KEYED("Pod", "spec.hostAliases", "ip"),
	KEYED("Pod", "spec.schedulingGates", "name"),
	KEYED2("Pod", "spec.topologySpreadConstraints", "topologyKey", "whenUnsatisfiable"),
	ATOMIC("Pod", "spec.nodeSelector"),
	OWNED("Pod", "spec.resources.claims", "name"),
	ATOMIC("Pod", NODE_AFFINITY "requiredDuringSchedulingIgnoredDuringExecution"),
	ATOMIC("Pod", NODE_AFFINITY "requiredDuringSchedulingIgnoredDuringExecution"
	       ".nodeSelectorTerms"),
	POD_AFFINITY("spec.affinity.podAffinity"),
	POD_AFFINITY("spec.affinity.podAntiAffinity"),
	ATOMIC("Pod", "spec.topologySpreadConstraints.labelSelector"),
	SECRET_REF("cephfs"), SECRET_REF("cinder"), SECRET_REF("flexVolume"), SECRET_REF("iscsi"),
	SECRET_REF("rbd"), SECRET_REF("scaleIO"), SECRET_REF("storageos"),
	ATOMIC("Pod", "spec.volumes.csi.nodePublishSecretRef"),
	ATOMIC("Pod", "spec.volumes.downwardAPI.items.fieldRef"),
	ATOMIC("Pod", "spec.volumes.downwardAPI.items.resourceFieldRef"),
	ATOMIC("Pod", "spec.volumes.ephemeral.volumeClaimTemplate.spec.selector"),
	ATOMIC("Pod", "spec.volumes.ephemeral.volumeClaimTemplate.spec.dataSource"),
	ATOMIC("Pod", "spec.volumes.projected.sources.clusterTrustBundle.labelSelector"),
	KEYED("Pod", "status.conditions", "type"),
	KEYED("Pod", "status.podIPs", "ip"),
	CONTAINER_STATUSES("status.containerStatuses"),
	CONTAINER_STATUSES("status.initContainerStatuses"),
	CONTAINER_STATUSES("status.ephemeralContainerStatuses"),
	{ "Pod", "status.resourceClaimStatuses", "name", true, false, false, { "name", NULL } },
	{ "Pod", "status.hostIPs", "ip", false, true, false, { NULL, NULL } },

	ATOMIC("Event", "involvedObject"),
	ATOMIC("Event", "related"),

	ATOMIC("Endpoints", "subsets.addresses.targetRef"),
	ATOMIC("Endpoints", "subsets.notReadyAddresses.targetRef"),
	ATOMIC("EndpointSlice", "endpoints.targetRef"),
};

const struct merge_rule *merge_rule_find(const char *kind, const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (!strcmp(rules[i].path, path) &&
		    (!rules[i].kind || !strcmp(rules[i].kind, kind)))
			return &rules[i];
	return NULL;
}

/* A path that does not fit is cut, and so is one that has no rule. */
unsigned long merge_path_down(char path[MERGE_PATH_MAX], const char *key)
{
	size_t n = strlen(path);

	snprintf(path + n, MERGE_PATH_MAX - n, "%s%s", n ? "." : "", key);
	return n;
}
