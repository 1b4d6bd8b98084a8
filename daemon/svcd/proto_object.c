// SPDX-License-Identifier: GPL-2.0
#include "proto_object.h"

#include "err.h"
#include "jx.h"
#include "proto.h"

#include <errno.h>
#include <string.h>

#define MAGIC	"k8s"	/* and its NUL: in front of the envelope */

#define STRING(n, k) { n, k, PROTO_STRING, NULL }
#define STRINGS(n, k) { n, k, PROTO_STRINGS, NULL }
#define INT(n, k) { n, k, PROTO_INT, NULL }
#define BOOL(n, k) { n, k, PROTO_BOOL, NULL }
#define TIME(n, k) { n, k, PROTO_TIME, NULL }
#define MAP(n, k) { n, k, PROTO_MAP, NULL }
#define SKIP(n, k) { n, k, PROTO_SKIP, NULL }
#define MESSAGE(n, k, of) { n, k, PROTO_MESSAGE, of }
#define MESSAGES(n, k, of) { n, k, PROTO_MESSAGES, of }
#define END { 0, NULL, PROTO_SKIP, NULL }

static const struct proto_field owner[] = {
	STRING(1, "kind"), STRING(3, "name"), STRING(4, "uid"), STRING(5, "apiVersion"),
	BOOL(6, "controller"), BOOL(7, "blockOwnerDeletion"), END
};
static const struct proto_field meta[] = {
	STRING(1, "name"), STRING(2, "generateName"), STRING(3, "namespace"),
	STRING(4, "selfLink"), STRING(5, "uid"), STRING(6, "resourceVersion"),
	INT(7, "generation"), TIME(8, "creationTimestamp"), TIME(9, "deletionTimestamp"),
	INT(10, "deletionGracePeriodSeconds"), MAP(11, "labels"), MAP(12, "annotations"),
	MESSAGES(13, "ownerReferences", owner), STRINGS(14, "finalizers"),
	SKIP(17, "managedFields"), END
};

static const struct proto_field service_port[] = {
	STRING(1, "name"), STRING(2, "protocol"), INT(3, "port"),
	{ 4, "targetPort", PROTO_INT_OR_STRING, NULL }, INT(5, "nodePort"),
	STRING(6, "appProtocol"), END
};
static const struct proto_field client_ip[] = { INT(1, "timeoutSeconds"), END };
static const struct proto_field affinity[] = { MESSAGE(1, "clientIP", client_ip), END };
static const struct proto_field service_spec[] = {
	MESSAGES(1, "ports", service_port), MAP(2, "selector"), STRING(3, "clusterIP"),
	STRING(4, "type"), STRINGS(5, "externalIPs"), STRING(7, "sessionAffinity"),
	STRING(8, "loadBalancerIP"), STRINGS(9, "loadBalancerSourceRanges"),
	STRING(10, "externalName"), STRING(11, "externalTrafficPolicy"),
	INT(12, "healthCheckNodePort"), BOOL(13, "publishNotReadyAddresses"),
	MESSAGE(14, "sessionAffinityConfig", affinity), STRING(17, "ipFamilyPolicy"),
	STRINGS(18, "clusterIPs"), STRINGS(19, "ipFamilies"),
	BOOL(20, "allocateLoadBalancerNodePorts"), STRING(21, "loadBalancerClass"),
	STRING(22, "internalTrafficPolicy"), STRING(23, "trafficDistribution"), END
};
/* A status is not taken with an object, whatever it says. */
static const struct proto_field service[] = {
	MESSAGE(1, "metadata", meta), MESSAGE(2, "spec", service_spec), SKIP(3, "status"), END
};

static const struct proto_field namespace_spec[] = { STRINGS(1, "finalizers"), END };
static const struct proto_field namespace[] = {
	MESSAGE(1, "metadata", meta), MESSAGE(2, "spec", namespace_spec), SKIP(3, "status"), END
};

static const struct proto_field preconditions[] = {
	STRING(1, "uid"), STRING(2, "resourceVersion"), END
};
static const struct proto_field delete_options[] = {
	INT(1, "gracePeriodSeconds"), MESSAGE(2, "preconditions", preconditions),
	BOOL(3, "orphanDependents"), STRING(4, "propagationPolicy"), STRINGS(5, "dryRun"),
	BOOL(6, "ignoreStoreReadErrorWithClusterBreakingPotential"), END
};

static const struct proto_field resource_attributes[] = {
	STRING(1, "namespace"), STRING(2, "verb"), STRING(3, "group"), STRING(4, "version"),
	STRING(5, "resource"), STRING(6, "subresource"), STRING(7, "name"),
	SKIP(8, "fieldSelector"), SKIP(9, "labelSelector"), END
};
static const struct proto_field other_attributes[] = { STRING(1, "path"), STRING(2, "verb"), END };
static const struct proto_field access_spec[] = {
	MESSAGE(1, "resourceAttributes", resource_attributes),
	MESSAGE(2, "nonResourceAttributes", other_attributes), END
};
static const struct proto_field access_review[] = {
	MESSAGE(1, "metadata", meta), MESSAGE(2, "spec", access_spec), SKIP(3, "status"), END
};
static const struct proto_field rules_spec[] = { STRING(1, "namespace"), END };
static const struct proto_field rules_review[] = {
	MESSAGE(1, "metadata", meta), MESSAGE(2, "spec", rules_spec), SKIP(3, "status"), END
};
static const struct proto_field self_review[] = {
	MESSAGE(1, "metadata", meta), SKIP(2, "status"), END
};

static const struct {
	const char *kind;
	const struct proto_field *fields;
} kinds[] = {
	{ "Service", service },
	{ "Namespace", namespace },
	{ "DeleteOptions", delete_options },
	{ "SelfSubjectAccessReview", access_review },
	{ "SelfSubjectRulesReview", rules_review },
	{ "SelfSubjectReview", self_review },
};

/* The envelope: what it is, and the message as bytes, which need not be text. */
static const struct proto_field type_meta[] = { STRING(1, "apiVersion"), STRING(2, "kind"), END };
static const struct proto_field envelope[] = {
	MESSAGE(1, "typeMeta", type_meta), SKIP(2, "raw"), STRING(3, "contentEncoding"),
	STRING(4, "contentType"), END
};

static json_t *read_raw(const struct proto_field *fields, const void *data, size_t len,
			struct err *e)
{
	const struct proto_field raw[] = {
		SKIP(1, "typeMeta"), MESSAGE(2, "raw", fields), SKIP(3, "contentEncoding"),
		SKIP(4, "contentType"), END
	};
	json_t *whole = proto_read(raw, data, len, e), *object = NULL;

	if (whole && !json_object_get(whole, "raw"))
		err_set(e, EINVAL, "the protobuf envelope is empty");
	else if (whole)
		object = json_incref(json_object_get(whole, "raw"));
	json_decref(whole);
	return object;
}

static int read_object(const struct proto_field *fields, const void *data, size_t len,
		       json_t **out, struct err *e)
{
	json_t *head = proto_read(envelope, data, len, e), *object;

	if (!head)
		return -EINVAL;
	object = read_raw(fields, data, len, e);
	if (object) {
		*out = jx_must(json_pack("{s:s, s:s}", "kind", jx_str(head, "typeMeta.kind"),
					 "apiVersion", jx_str(head, "typeMeta.apiVersion")));
		json_object_update(*out, object);
	}
	json_decref(object);
	json_decref(head);
	return object ? 0 : -EINVAL;
}

int proto_object_read(const char *kind, const void *data, size_t len, json_t **out, struct err *e)
{
	size_t i;

	if (len < sizeof(MAGIC) || memcmp(data, MAGIC, sizeof(MAGIC)))
		return err_set(e, EINVAL, "this is not Kubernetes' protobuf");
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return read_object(kinds[i].fields, (const char *)data + sizeof(MAGIC),
					   len - sizeof(MAGIC), out, e);
	return err_set(e, EOPNOTSUPP, "%s is not taken as protobuf: send JSON", kind);
}
