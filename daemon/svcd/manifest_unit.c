// SPDX-License-Identifier: GPL-2.0
#include "manifest_unit.h"

#include "batch.h"
#include "fnv.h"
#include "json_text.h"
#include "jx.h"
#include "managed.h"
#include "manifest_places.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HASH_LEN	17

static bool is_namespace(const struct resource *res)
{
	return !strcmp(res->kind, "Namespace");
}

/* A copy in the place of what o has there: borrowed. NULL: nothing that could be copied. */
static json_t *own(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key), *copy;

	if (!json_is_object(v))
		return NULL;
	copy = jx_must(json_copy(v));
	if (json_object_set_new(o, key, copy))
		jx_must(NULL);
	return copy;
}

/*
 * What an object that was exported says of its time in another registry goes. A copy as far
 * as it is changed here, and by the mark.
 */
static json_t *without_server_fields(const json_t *value)
{
	static const char *const fields[] = {
		"uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
		"deletionGracePeriodSeconds", "managedFields", "selfLink",
	};
	json_t *body = jx_must(json_copy((json_t *)value)), *meta = own(body, "metadata");
	json_t *notes = own(meta, "annotations");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_object_del(meta, fields[i]);
	json_object_del(notes, MANAGED_FILE);
	json_object_del(notes, MANAGED_HASH);
	return body;
}

static void hash_of(const json_t *body, char hash[HASH_LEN])
{
	size_t len;
	char *text = jx_must(json_text(body, JSON_TEXT_SORTED, &len));

	snprintf(hash, HASH_LEN, "%016" PRIx64, fnv(text, len));
	free(text);
}

struct first_place {
	bool found;
	struct yaml_place place;
};

static void take_first(void *ctx, const struct manifest_object *o, const char *field,
		       struct yaml_place p)
{
	struct first_place *first = ctx;

	(void)o;
	(void)field;
	if (!first->found)
		*first = (struct first_place){ true, p };
}

/* Ends the reply. */
static int end(struct reply *reply, const struct manifest_object *o, struct err *e)
{
	struct first_place first = { .found = false };
	int ret = 0;

	if (reply->code >= 400) {
		manifest_places(reply->body, o, take_first, &first);
		if (!first.found)
			first.place = manifest_find(o, "metadata.name");
		ret = err_set(e, EINVAL, "%s:%u:%u: %s", o->file, first.place.line,
			      first.place.column, jx_str(reply->body, "message"));
	}
	json_decref(reply->body);
	json_decref(reply->warnings);
	return ret;
}

/* It is this file's, or may become so. */
static int check_owner(const struct manifest_unit *u, const struct manifest_object *o,
		       const char *key, const json_t *old, struct err *e)
{
	const char *owner = managed_by(old);

	if (!owner)
		return manifest_set_fail(o, "metadata.name", e, "metadata.name: %s \"%s\" is not "
					 "from a file: it was made through the API: delete it "
					 "there, or take it out of this file", o->res->plural,
					 o->name);
	if (strcmp(owner, u->file) && !u->gives(u->ctx, owner, key))
		return manifest_set_fail(o, "metadata.name", e, "metadata.name: %s \"%s\" is "
					 "managed by the file %s: take it out of one of the two",
					 o->res->plural, o->name, owner);
	return 0;
}

/* A status that the file gives is written when its object there has changed, then left alone. */
static int write_status(const struct manifest_unit *u, const struct manifest_object *o,
			const json_t *body, struct err *e)
{
	struct reply reply = { 0 };

	if (!json_object_size(jx_get(body, "status")) || !o->res->has_status ||
	    is_namespace(o->res))
		return 0;
	registry_update(u->registry, o->res, manifest_set_namespace(o), o->name, "status", body,
			REGISTRY_FILE | REGISTRY_STRICT, &reply);
	return end(&reply, o, e);
}

static int write_object(const struct manifest_unit *u, const struct manifest_object *o,
			const json_t *old, json_t *body, struct err *e)
{
	const unsigned int flags = REGISTRY_FILE | REGISTRY_STRICT;
	const char *ns = manifest_set_namespace(o);
	struct reply reply = { 0 };
	int ret;

	if (old)
		registry_update(u->registry, o->res, ns, o->name, NULL, body, flags, &reply);
	else
		registry_create(u->registry, o->res, ns, body, flags, &reply);
	ret = end(&reply, o, e);
	return ret ? ret : write_status(u, o, body, e);
}

static int put_object(const struct manifest_unit *u, size_t i, struct err *e)
{
	const struct manifest_object *o = &u->set->m.v[i];
	const char *key = u->set->keys[i];
	const json_t *old = batch_find(u->registry, o->res, manifest_set_namespace(o), o->name);
	json_t *body = without_server_fields(o->value);
	char hash[HASH_LEN];
	int ret = 0;

	hash_of(body, hash);
	if (old)
		ret = check_owner(u, o, key, old, e);
	if (!ret && (!old || strcmp(managed_by(old), u->file) || strcmp(managed_hash(old), hash))) {
		if (json_is_object(jx_get(body, "metadata")))
			managed_mark(body, u->file, hash);
		ret = write_object(u, o, old, body, e);
	}
	json_decref(body);
	return ret;
}

/* What needs a namespace comes after it, wherever it stands in the file. */
static int put_all(const struct manifest_unit *u, bool namespaces, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; u->set && i < u->set->m.n && !ret; i++)
		if (is_namespace(u->set->m.v[i].res) == namespaces)
			ret = put_object(u, i, e);
	return ret;
}

static int remove_object(const struct manifest_unit *u, const struct owned_object *o,
			 struct err *e)
{
	const json_t *old = batch_find(u->registry, o->res, o->ns, o->name);
	const char *owner = managed_by(old);
	struct reply reply = { 0 };
	int ret = 0;

	/* It went with its namespace, or another file has taken it over. */
	if (!owner || strcmp(owner, u->file))
		return 0;
	registry_delete(u->registry, o->res, o->ns, o->name, REGISTRY_FILE, &reply);
	if (reply.code >= 400)
		ret = err_set(e, EINVAL, "%s: %s", u->file, jx_str(reply.body, "message"));
	json_decref(reply.body);
	return ret;
}

/* Namespaces first: what is in them goes along, once. */
static int remove_others(const struct manifest_unit *u, bool namespaces, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; u->owned && i < u->owned->n && !ret; i++) {
		const struct owned_object *o = &u->owned->v[i];

		if (is_namespace(o->res) != namespaces)
			continue;
		if (!u->set || !strmap_find(&u->set->names, o->key))
			ret = remove_object(u, o, e);
	}
	return ret;
}

int manifest_unit_apply(const struct manifest_unit *u, size_t *changes, struct err *e)
{
	struct batch b;
	int ret;

	batch_begin(&b, u->registry);
	/* What goes makes room: an address may go from one object of the file to another. */
	ret = remove_others(u, true, e);
	if (!ret)
		ret = remove_others(u, false, e);
	if (!ret)
		ret = put_all(u, true, e);
	if (!ret)
		ret = put_all(u, false, e);
	if (ret) {
		batch_abort(&b);
		return ret;
	}
	ret = batch_commit(&b, changes, e);
	if (ret)
		err_prefix(e, "%s", u->file);
	return ret;
}
