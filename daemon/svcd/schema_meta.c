// SPDX-License-Identifier: GPL-2.0
/* The fields of what all types share: metadata, references, selectors, conditions. */
#include "schema_table.h"

const struct schema schema_string = STRING(NULL, KEEP);

static const struct schema owner[] = {
	STRING("apiVersion", KEEP), STRING("kind", KEEP), STRING("name", KEEP),
	STRING("uid", KEEP), BOOL("controller", KEEP), BOOL("blockOwnerDeletion", KEEP), END
};
static const struct schema managed_fields[] = {
	STRING("manager", 0), STRING("operation", 0), STRING("apiVersion", 0), STRING("time", 0),
	STRING("fieldsType", 0), { "fieldsV1", SCHEMA_ANY, KEEP, NULL, NULL },
	STRING("subresource", 0), END
};

const struct schema schema_meta[] = {
	STRING("name", 0),
	STRING("generateName", 0),
	STRING("namespace", 0),
	STRING("selfLink", 0),
	STRING("uid", 0),
	STRING("resourceVersion", 0),
	LONG("generation", 0),
	STRING("creationTimestamp", 0),
	STRING("deletionTimestamp", 0),
	LONG("deletionGracePeriodSeconds", KEEP),
	MAP("labels"),
	MAP("annotations"),
	LIST_OF("ownerReferences", owner, "OwnerReference"),
	STRINGS("finalizers"),
	LIST_OF("managedFields", managed_fields, "ManagedFieldsEntry"),
	END
};

const struct schema schema_reference[] = {
	STRING("kind", 0), STRING("namespace", 0), STRING("name", 0), STRING("uid", 0),
	STRING("apiVersion", 0), STRING("resourceVersion", 0), STRING("fieldPath", 0), END
};

static const struct schema requirement[] = {
	STRING("key", KEEP), STRING("operator", KEEP), STRINGS("values"), END
};

const struct schema schema_selector[] = {
	MAP("matchLabels"),
	LIST_OF("matchExpressions", requirement, "LabelSelectorRequirement"), END
};

const struct schema schema_condition[] = {
	STRING("type", KEEP), STRING("status", KEEP), LONG("observedGeneration", 0),
	STRING("lastTransitionTime", 0), STRING("reason", KEEP), STRING("message", KEEP), END
};
