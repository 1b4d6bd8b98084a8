// SPDX-License-Identifier: GPL-2.0
/* The rules of a Pod's volumes. */
#include "pod.h"

#include "format.h"
#include "jx.h"

#include <string.h>

#define VOLUMES_MAX	1000

/* What a source says nothing without. */
static const struct {
	const char *source, *key;
} needed[] = {
	{ "hostPath", "path" },
	{ "gitRepo", "repository" },
	{ "gcePersistentDisk", "pdName" },
	{ "awsElasticBlockStore", "volumeID" },
	{ "secret", "secretName" },
	{ "nfs", "server" },
	{ "nfs", "path" },
	{ "iscsi", "targetPortal" },
	{ "iscsi", "iqn" },
	{ "glusterfs", "endpoints" },
	{ "glusterfs", "path" },
	{ "flexVolume", "driver" },
	{ "configMap", "name" },
	{ "rbd", "image" },
	{ "cinder", "volumeID" },
	{ "azureFile", "secretName" },
	{ "azureFile", "shareName" },
	{ "vsphereVolume", "volumePath" },
	{ "azureDisk", "diskName" },
	{ "azureDisk", "diskURI" },
	{ "portworxVolume", "volumeID" },
	{ "persistentVolumeClaim", "claimName" },
	{ "csi", "driver" },
	{ "image", "reference" },
};

static void validate_source(struct write *w, const json_t *volume, size_t i)
{
	const char *key;
	json_t *source;
	size_t n = 0;

	json_object_foreach((json_t *)volume, key, source) {
		if (!strcmp(key, "name"))
			continue;
		if (n++) {
			field_forbidden(&w->errs, "may not specify more than 1 volume type",
					"spec.volumes[%zu].%s", i, key);
			continue;
		}
		for (size_t k = 0; k < sizeof(needed) / sizeof(needed[0]); k++)
			if (!strcmp(needed[k].source, key) && !*jx_str(source, needed[k].key))
				field_required(&w->errs, "", "spec.volumes[%zu].%s.%s", i, key,
					       needed[k].key);
	}
}

void pod_validate_volumes(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.volumes");
	size_t n = json_array_size(list);
	json_t *names;

	/* Each mount looks through all of them. */
	if (n > VOLUMES_MAX) {
		field_too_many(&w->errs, n, VOLUMES_MAX, "spec.volumes");
		return;
	}
	names = jx_must(json_object());
	for (size_t i = 0; i < n; i++) {
		const json_t *volume = json_array_get(list, i);
		const json_t *v = json_object_get(volume, "name");
		const char *name = jx_str(volume, "name"), *bad = format_dns1123_label(name);

		validate_source(w, volume, i);
		if (!*name)
			field_required(&w->errs, "", "spec.volumes[%zu].name", i);
		else if (bad)
			field_invalid(&w->errs, v, bad, "spec.volumes[%zu].name", i);
		if (json_object_get(names, name))
			field_duplicate(&w->errs, v, "spec.volumes[%zu].name", i);
		else if (*name)
			json_object_set_new(names, name, json_true());
	}
	json_decref(names);
}
