// SPDX-License-Identifier: GPL-2.0
#include "openapi_text.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *kind;	/* NULL: every one */
	const char *path, *text;
} texts[] = {
	{ NULL, "kind", "The type of the object." },
	{ NULL, "apiVersion", "The version of the API that the object is written in." },
	{ NULL, "metadata", "What every object has: names, labels, versions." },
	{ NULL, "spec", "What is wanted." },
	{ NULL, "status", "What is, as far as it is known." },
	{ NULL, "metadata.name", "The name, once in a namespace for each type." },
	{ NULL, "metadata.generateName", "The beginning of a name that the server completes." },
	{ NULL, "metadata.namespace", "The namespace that the object lives in." },
	{ NULL, "metadata.uid", "Told apart from all other objects, also from earlier ones of the "
	  "same name." },
	{ NULL, "metadata.resourceVersion", "The version of the last change. Opaque; an update "
	  "that gives it is refused when the object has changed since." },
	{ NULL, "metadata.generation", "How often what is wanted has changed." },
	{ NULL, "metadata.creationTimestamp", "When the object was made." },
	{ NULL, "metadata.deletionTimestamp", "When the object is to be gone." },
	{ NULL, "metadata.labels", "Keys and values that selectors find the object by." },
	{ NULL, "metadata.annotations", "Keys and values for tools." },
	{ NULL, "metadata.ownerReferences", "The objects that this one goes along with." },
	{ NULL, "metadata.finalizers", "Who has something to do before the object may go." },
	{ NULL, "metadata.managedFields", "Which fields were set by server-side apply, and by "
	  "whom." },

	{ "Service", "", "A fixed address in front of pods that come and go." },
	{ "Service", "spec.ports", "The ports of the service." },
	{ "Service", "spec.ports.name", "The port's name; needed when there are several." },
	{ "Service", "spec.ports.protocol", "TCP (the default), UDP or SCTP." },
	{ "Service", "spec.ports.appProtocol", "What is spoken there; a hint for clients." },
	{ "Service", "spec.ports.port", "The port that clients connect to." },
	{ "Service", "spec.ports.targetPort", "The port of the endpoints, or its name in the pods; "
	  "without it the same as port." },
	{ "Service", "spec.ports.nodePort", "The port on each node; without it one is chosen." },
	{ "Service", "spec.selector", "The labels of its pods. Without it the endpoints are made "
	  "by hand." },
	{ "Service", "spec.clusterIP", "The service's own address; without it one is chosen, and "
	  "None is a headless service." },
	{ "Service", "spec.clusterIPs", "Its addresses, one for each family." },
	{ "Service", "spec.type", "ClusterIP (the default), NodePort, LoadBalancer or "
	  "ExternalName." },
	{ "Service", "spec.externalIPs", "More addresses that lead to the service." },
	{ "Service", "spec.sessionAffinity", "None (the default), or ClientIP: a client keeps its "
	  "endpoint." },
	{ "Service", "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "For how long after its "
	  "last connection; 10800 by default." },
	{ "Service", "spec.loadBalancerIP", "The address wished for." },
	{ "Service", "spec.loadBalancerSourceRanges", "Who may come by the load balancer's "
	  "address." },
	{ "Service", "spec.externalName", "The name that an ExternalName service stands for." },
	{ "Service", "spec.externalTrafficPolicy", "Cluster (the default), or Local: only "
	  "endpoints of the node that traffic comes to, with the client's address." },
	{ "Service", "spec.internalTrafficPolicy", "The same for traffic from within." },
	{ "Service", "spec.healthCheckNodePort", "Where a load balancer asks a node whether it has "
	  "endpoints." },
	{ "Service", "spec.publishNotReadyAddresses", "Pods count before they are ready." },
	{ "Service", "spec.ipFamilies", "IPv4, IPv6, or both in the order of preference." },
	{ "Service", "spec.ipFamilyPolicy", "SingleStack, PreferDualStack or RequireDualStack." },
	{ "Service", "spec.allocateLoadBalancerNodePorts", "Does a LoadBalancer get node ports? "
	  "true by default." },
	{ "Service", "spec.loadBalancerClass", "Whose load balancer it is." },
	{ "Service", "spec.trafficDistribution", "PreferSameZone (or PreferClose) or "
	  "PreferSameNode: near endpoints first." },
	{ "Service", "status.loadBalancer.ingress", "The load balancer's addresses." },

	{ "Pod", "", "Containers that share an address." },
	{ "Pod", "spec.containers", "What runs in it; its ports have the names that services "
	  "use." },
	{ "Pod", "spec.nodeName", "The node that it runs on." },
	{ "Pod", "spec.hostNetwork", "It has the node's own addresses." },
	{ "Pod", "status.phase", "Pending, Running, Succeeded, Failed or Unknown." },
	{ "Pod", "status.podIP", "Its address." },
	{ "Pod", "status.podIPs", "Its addresses, one for each family." },
	{ "Pod", "status.conditions", "Of these Ready decides whether a service uses the pod." },

	{ "Endpoints", "", "The addresses and ports behind a Service of the same name." },
	{ "Endpoints", "subsets", "Addresses that have the same ports." },
	{ "EndpointSlice", "", "A part of the endpoints of a Service." },
	{ "EndpointSlice", "addressType", "IPv4, IPv6 or FQDN." },
	{ "EndpointSlice", "endpoints", "Who answers." },
	{ "EndpointSlice", "ports", "The ports of each of them." },
	{ "Node", "", "A machine." },
	{ "Node", "spec.podCIDRs", "Where the addresses of its pods come from." },
	{ "Node", "status.addresses", "Its own addresses." },
	{ "Namespace", "", "A room for names; what is in it goes along with it." },
	{ "Event", "", "Something that happened to an object." },
};

const char *openapi_text(const char *kind, const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(texts[i].path, path) &&
		    (!texts[i].kind || !strcmp(texts[i].kind, kind)))
			return texts[i].text;
	return NULL;
}
