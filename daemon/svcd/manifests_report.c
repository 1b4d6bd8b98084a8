// SPDX-License-Identifier: GPL-2.0
/* What is wrong with files: in the log and as an Event, once a text, and in the status. */
#include "manifests_priv.h"

#include "err.h"
#include "jx.h"
#include "log.h"
#include "meta.h"
#include "redact.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* As Events about a node are: its name is its uid where nobody made a Node object. */
static void tell(struct manifests *m, const char *type, const char *reason, const char *text)
{
	const struct resource *nodes = resource_by_plural("v1", "nodes");
	struct reply reply = { 0 };
	json_t *node;

	registry_get(m->c.registry, nodes, NULL, m->node_name, &reply);
	if (reply.code == 200)
		node = json_incref(reply.body);
	else
		node = jx_must(json_pack("{s:s, s:s, s:{s:s, s:s}}", "kind", "Node", "apiVersion",
					 "v1", "metadata", "name", m->node_name, "uid",
					 m->node_name));
	registry_record_event(m->c.registry, node, type, reason, text);
	json_decref(node);
	json_decref(reply.body);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool report_file(struct manifests *m, struct manifest_file *f)
{
	char text[NAME_MAX + 32], shown[sizeof(((struct err *)0)->text)];

	if (same(f->refusal, f->verdict))
		return false;
	if (!f->refusal)
		f->since = registry_now(m->c.registry);
	free(f->refusal);
	f->refusal = f->verdict ? jx_must(strdup(f->verdict)) : NULL;
	if (f->refusal) {
		redact_values(f->refusal, shown, sizeof(shown));
		log_warning("manifests: %s; what it had stays as it is", shown);
		tell(m, "Warning", "InvalidManifest", f->refusal);
		return true;
	}
	snprintf(text, sizeof(text), "%s is %s", f->name, f->gone ? "gone" : "valid again");
	log_info("manifests: %s", text);
	tell(m, "Normal", f->gone ? "ManifestGone" : "ValidManifest", text);
	return true;
}

void report_taken(const struct manifests *m, const struct manifest_file *f, size_t changes)
{
	if (!changes)
		return;
	log_info("manifests: %s/%s %s: %zu change%s", m->folder, f->name,
		 f->gone ? "is gone" : "is taken", changes, changes == 1 ? "" : "s");
}

static json_t *refused(const struct manifest_file *f)
{
	char when[META_TIME_LEN];

	meta_print_time(f->since, when);
	return jx_must(json_pack("{s:o, s:o, s:s}", "file", jx_string(f->name), "message",
				 jx_string(f->refusal), "since", when));
}

json_t *manifests_status(const struct manifests *m)
{
	json_t *o = jx_must(json_pack("{s:o, s:I}", "folder", jx_string(m->folder), "files",
				      (json_int_t)m->nfiles));
	json_t *list = jx_must(json_array());

	if (*m->trouble.text)
		jx_set_str(o, "message", m->trouble.text);
	for (size_t i = 0; i < m->nfiles; i++)
		if (m->files[i]->refusal)
			jx_append(list, refused(m->files[i]));
	jx_set(o, "refused", list);
	return o;
}

bool manifests_ok(const struct manifests *m)
{
	if (*m->trouble.text)
		return false;
	for (size_t i = 0; i < m->nfiles; i++)
		if (m->files[i]->refusal)
			return false;
	return true;
}
