// SPDX-License-Identifier: GPL-2.0
/* The volumes of a pod. */
#include "describe.h"
#include "field.h"

#include <string.h>

struct line {
	const char *title, *key;
	const char *otherwise;		/* where the volume does not say it */
};

#define LINES_MAX	3

/* Those that pods have most; the words are kubectl's. */
static const struct volume_type {
	const char *key, *text;
	struct line lines[LINES_MAX + 1];
} types[] = {
	{ "hostPath", "HostPath (bare host directory volume)",
	  { { "Path", "path", "" }, { "HostPathType", "type", "<none>" } } },
	{ "emptyDir", "EmptyDir (a temporary directory that shares a pod's lifetime)",
	  { { "Medium", "medium", "" }, { "SizeLimit", "sizeLimit", "<unset>" } } },
	{ "secret", "Secret (a volume populated by a Secret)",
	  { { "SecretName", "secretName", "" }, { "Optional", "optional", "false" } } },
	{ "configMap", "ConfigMap (a volume populated by a ConfigMap)",
	  { { "Name", "name", "" }, { "Optional", "optional", "false" } } },
	{ "persistentVolumeClaim",
	  "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
	  { { "ClaimName", "claimName", "" }, { "ReadOnly", "readOnly", "false" } } },
	{ "nfs", "NFS (an NFS mount that lasts the lifetime of a pod)",
	  { { "Server", "server", "" }, { "Path", "path", "" },
	    { "ReadOnly", "readOnly", "false" } } },
	{ "image", "Image (a container image or OCI artifact)",
	  { { "Reference", "reference", "" }, { "PullPolicy", "pullPolicy", "" } } },
	{ "projected", "Projected (a volume that contains injected data from multiple sources)",
	  { { NULL, NULL, NULL } } },
};

static const struct line sources[] = {
	{ "SecretName", "secret.name", NULL },
	{ "ConfigMapName", "configMap.name", NULL },
	{ "TokenExpirationSeconds", "serviceAccountToken.expirationSeconds", NULL },
};

static void print_line(FILE *f, const struct line *l, const json_t *from)
{
	const json_t *value = field_get(from, l->key);

	if (!value && !l->otherwise)
		return;
	fprintf(f, "    %s:\t", l->title);
	if (value)
		field_print(f, value);
	else
		fputs(l->otherwise, f);
	fputc('\n', f);
}

/* What a projected volume is made of. */
static void print_sources(FILE *f, const json_t *list)
{
	static const struct line optional = { "Optional", "optional", "false" };
	const json_t *from;
	json_t *source;
	size_t i, j;

	json_array_foreach(list, i, source) {
		for (j = 0; j < sizeof(sources) / sizeof(sources[0]); j++)
			print_line(f, &sources[j], source);
		from = json_object_get(source, "secret");
		from = from ? from : json_object_get(source, "configMap");
		if (from)
			print_line(f, &optional, from);
		if (json_object_get(source, "downwardAPI"))
			fputs("    DownwardAPI:\ttrue\n", f);
	}
}

/* What the volume has beside its name is its type. */
static const char *type_of(json_t *volume)
{
	const char *key;
	json_t *value;

	json_object_foreach(volume, key, value)
		if (json_is_object(value))
			return key;
	return NULL;
}

static void print_volume(FILE *f, json_t *volume)
{
	const char *key = type_of(volume);
	const struct line *l;
	size_t i;

	fprintf(f, "  %s:\n", field_string(volume, "name"));
	if (!key) {
		fputs("  <unknown>\n", f);
		return;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].key, key))
			break;
	if (i == sizeof(types) / sizeof(types[0])) {
		fprintf(f, "    Type:\t%s\n", key);
		return;
	}
	fprintf(f, "    Type:\t%s\n", types[i].text);
	for (l = types[i].lines; l->title; l++)
		print_line(f, l, json_object_get(volume, key));
	print_sources(f, field_get(volume, "projected.sources"));
}

void describe_volumes(FILE *f, const json_t *volumes)
{
	json_t *volume;
	size_t i;

	fprintf(f, "Volumes:%s\n", json_array_size(volumes) ? "" : "\t<none>");
	json_array_foreach(volumes, i, volume)
		print_volume(f, volume);
}
