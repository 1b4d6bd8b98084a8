// SPDX-License-Identifier: GPL-2.0
/* The fields of what says on which nodes a Pod may be. */
#include "schema_pod.h"
#include "schema_table.h"

static const struct schema node_requirement[] = {
	STRING("key", KEEP), STRING("operator", KEEP), STRINGS("values"), END
};
static const struct schema node_term[] = {
	LIST_OF("matchExpressions", node_requirement, "NodeSelectorRequirement"),
	LIST_OF("matchFields", node_requirement, "NodeSelectorRequirement"), END
};
static const struct schema node_selector[] = {
	LIST_OF("nodeSelectorTerms", node_term, "NodeSelectorTerm"), END
};
static const struct schema node_preference[] = {
	INT("weight", KEEP), OBJECT("preference", node_term, "NodeSelectorTerm"), END
};
static const struct schema node_affinity[] = {
	OBJECT("requiredDuringSchedulingIgnoredDuringExecution", node_selector, "NodeSelector"),
	LIST_OF("preferredDuringSchedulingIgnoredDuringExecution", node_preference,
		"PreferredSchedulingTerm"), END
};

static const struct schema pod_term[] = {
	OBJECT("labelSelector", schema_selector, "LabelSelector"), STRINGS("namespaces"),
	STRING("topologyKey", KEEP), OBJECT("namespaceSelector", schema_selector, "LabelSelector"),
	STRINGS("matchLabelKeys"), STRINGS("mismatchLabelKeys"), END
};
static const struct schema pod_preference[] = {
	INT("weight", KEEP), OBJECT("podAffinityTerm", pod_term, "PodAffinityTerm"), END
};
static const struct schema pod_affinity[] = {
	LIST_OF("requiredDuringSchedulingIgnoredDuringExecution", pod_term, "PodAffinityTerm"),
	LIST_OF("preferredDuringSchedulingIgnoredDuringExecution", pod_preference,
		"WeightedPodAffinityTerm"), END
};

const struct schema schema_affinity[] = {
	OBJECT("nodeAffinity", node_affinity, "NodeAffinity"),
	OBJECT("podAffinity", pod_affinity, "PodAffinity"),
	OBJECT("podAntiAffinity", pod_affinity, "PodAntiAffinity"), END
};

const struct schema schema_toleration[] = {
	STRING("key", 0), STRING("operator", 0), STRING("value", 0), STRING("effect", 0),
	LONG("tolerationSeconds", KEEP), END
};

const struct schema schema_spread[] = {
	INT("maxSkew", KEEP), STRING("topologyKey", KEEP), STRING("whenUnsatisfiable", KEEP),
	OBJECT("labelSelector", schema_selector, "LabelSelector"), INT("minDomains", KEEP),
	STRING("nodeAffinityPolicy", KEEP), STRING("nodeTaintsPolicy", KEEP),
	STRINGS("matchLabelKeys"), END
};
