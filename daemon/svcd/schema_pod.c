// SPDX-License-Identifier: GPL-2.0
/* The fields of what is wanted of a Pod. */
#include "schema_pod.h"
#include "schema_table.h"

static const struct schema host_alias[] = { STRING("ip", KEEP), STRINGS("hostnames"), END };
static const struct schema dns_option[] = { STRING("name", 0), STRING("value", KEEP), END };
static const struct schema dns_config[] = {
	STRINGS("nameservers"), STRINGS("searches"),
	LIST_OF("options", dns_option, "PodDNSConfigOption"), END
};
static const struct schema readiness_gate[] = { STRING("conditionType", KEEP), END };
static const struct schema scheduling_gate[] = { STRING("name", KEEP), END };
static const struct schema os[] = { STRING("name", KEEP), END };
static const struct schema resource_claim[] = {
	STRING("name", KEEP), STRING("resourceClaimName", KEEP),
	STRING("resourceClaimTemplateName", KEEP), END
};
static const struct schema scheduling_group[] = { STRING("podGroupName", KEEP), END };

const struct schema schema_pod_spec[] = {
	LIST_OF("volumes", schema_volume, "Volume"),
	LIST_OF("initContainers", schema_container, "Container"),
	LIST_OF("containers", schema_container, "Container"),
	LIST_OF("ephemeralContainers", schema_ephemeral_container, "EphemeralContainer"),
	STRING("restartPolicy", 0),
	LONG("terminationGracePeriodSeconds", KEEP),
	LONG("activeDeadlineSeconds", KEEP),
	STRING("dnsPolicy", 0),
	MAP("nodeSelector"),
	STRING("serviceAccountName", 0),
	STRING("serviceAccount", 0),
	BOOL("automountServiceAccountToken", KEEP),
	STRING("nodeName", 0),
	BOOL("hostNetwork", 0),
	BOOL("hostPID", 0),
	BOOL("hostIPC", 0),
	BOOL("shareProcessNamespace", KEEP),
	OBJECT("securityContext", schema_pod_security, "PodSecurityContext"),
	LIST_OF("imagePullSecrets", schema_local_reference, "LocalObjectReference"),
	STRING("hostname", 0),
	STRING("subdomain", 0),
	OBJECT("affinity", schema_affinity, "Affinity"),
	STRING("schedulerName", 0),
	LIST_OF("tolerations", schema_toleration, "Toleration"),
	LIST_OF("hostAliases", host_alias, "HostAlias"),
	STRING("priorityClassName", 0),
	INT("priority", KEEP),
	OBJECT("dnsConfig", dns_config, "PodDNSConfig"),
	LIST_OF("readinessGates", readiness_gate, "PodReadinessGate"),
	STRING("runtimeClassName", KEEP),
	BOOL("enableServiceLinks", KEEP),
	STRING("preemptionPolicy", KEEP),
	QUANTITIES("overhead"),
	LIST_OF("topologySpreadConstraints", schema_spread, "TopologySpreadConstraint"),
	BOOL("setHostnameAsFQDN", KEEP),
	OBJECT("os", os, "PodOS"),
	BOOL("hostUsers", KEEP),
	LIST_OF("schedulingGates", scheduling_gate, "PodSchedulingGate"),
	LIST_OF("resourceClaims", resource_claim, "PodResourceClaim"),
	OBJECT("resources", schema_resources, "ResourceRequirements"),
	STRING("hostnameOverride", KEEP),
	OBJECT("schedulingGroup", scheduling_group, "PodSchedulingGroup"),
	END
};
