// SPDX-License-Identifier: GPL-2.0
#include "node_listen.h"

#include "compile.h"
#include "node_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- Nodes --- */

static void peer_free(struct node_objects *o, struct node_peer *peer)
{
	strmap_del(&o->peers_by_name, peer->name);
	TAILQ_REMOVE(&o->peers, peer, link);
	json_decref(peer->object);
	free(peer->name);
	free(peer);
}

/* NULL: no memory. */
static struct node_peer *peer_get(struct node_objects *o, const char *name)
{
	struct node_peer *peer = strmap_find(&o->peers_by_name, name);

	if (peer)
		return peer;
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return NULL;
	peer->name = strdup(name);
	if (!peer->name || strmap_add(&o->peers_by_name, peer->name, peer)) {
		free(peer->name);
		free(peer);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&o->peers, peer, link);
	return peer;
}

static int note_peer(struct node_objects *o, const json_t *object, bool deleted)
{
	const char *name = compile_text(json_object_get(object, "metadata"), "name");
	struct node_peer *peer;

	peer = deleted ? strmap_find(&o->peers_by_name, name) : peer_get(o, name);
	if (!peer)
		return deleted ? 0 : -ENOMEM;
	if (deleted) {
		peer_free(o, peer);
		return 0;
	}
	json_decref(peer->object);
	peer->object = json_incref((json_t *)object);
	peer->told = true;
	return 0;
}

static void begin_peers(struct node_objects *o)
{
	struct node_peer *peer;

	TAILQ_FOREACH(peer, &o->peers, link)
		peer->told = false;
}

static void sweep_peers(struct node_objects *o)
{
	struct node_peer *peer, *next;

	for (peer = TAILQ_FIRST(&o->peers); peer; peer = next) {
		next = TAILQ_NEXT(peer, link);
		if (!peer->told)
			peer_free(o, peer);
	}
}

void node_objects_init(struct node_objects *o)
{
	TAILQ_INIT(&o->listeners);
	TAILQ_INIT(&o->peers);
}

void node_objects_clear(struct node_objects *o)
{
	while (!TAILQ_EMPTY(&o->peers))
		peer_free(o, TAILQ_FIRST(&o->peers));
	strmap_clear(&o->peers_by_name);
}

/* --- news --- */

void node_tell_begin(struct node *n, enum proxy_kind kind)
{
	struct node_listener *l;

	n->objects.listing[kind] = true;
	if (kind == PROXY_NODE)
		begin_peers(&n->objects);
	TAILQ_FOREACH(l, &n->objects.listeners, link)
		l->ops->list_begin(l->ctx, kind);
}

void node_tell_end(struct node *n, enum proxy_kind kind)
{
	struct node_listener *l;

	n->objects.listing[kind] = false;
	if (kind == PROXY_NODE)
		sweep_peers(&n->objects);
	TAILQ_FOREACH(l, &n->objects.listeners, link)
		l->ops->list_end(l->ctx, kind);
}

void node_tell_void(struct node *n)
{
	struct node_listener *l;

	memset(n->objects.listing, 0, sizeof(n->objects.listing));
	TAILQ_FOREACH(l, &n->objects.listeners, link)
		l->ops->lists_void(l->ctx);
}

void node_tell_writes(struct node *n)
{
	struct node_listener *l;

	TAILQ_FOREACH(l, &n->objects.listeners, link)
		if (l->ops->writes)
			l->ops->writes(l->ctx);
}

void node_tell_wrote(struct node *n)
{
	struct node_listener *l;

	TAILQ_FOREACH(l, &n->objects.listeners, link)
		if (l->ops->wrote)
			l->ops->wrote(l->ctx);
}

int node_tell_object(struct node *n, enum proxy_kind kind, const json_t *object, bool deleted)
{
	int err = kind == PROXY_NODE ? note_peer(&n->objects, object, deleted) : 0;
	struct node_listener *l;

	TAILQ_FOREACH(l, &n->objects.listeners, link)
		l->ops->object(l->ctx, kind, object, deleted);
	return err;
}

/* --- who comes later --- */

struct telling {
	const struct node_listener *to;
	enum proxy_kind kind;
};

static void tell(void *ctx, const json_t *object)
{
	const struct telling *t = ctx;

	t->to->ops->object(t->to->ctx, t->kind, object, false);
}

static void tell_known(const struct node *n, struct telling *t, bool told)
{
	const struct node_peer *peer;

	t->to->ops->list_begin(t->to->ctx, t->kind);
	proxy_objects_each(n->proxy, t->kind, told, tell, t);
	if (t->kind == PROXY_NODE)
		TAILQ_FOREACH(peer, &n->objects.peers, link)
			if (!told || peer->told)
				tell(t, peer->object);
}

static void tell_kind(const struct node *n, const struct node_listener *l, enum proxy_kind kind)
{
	struct telling t = { .to = l, .kind = kind };

	tell_known(n, &t, false);
	if (proxy_has_list(n->proxy, kind))
		l->ops->list_end(l->ctx, kind);
	if (n->objects.listing[kind])
		tell_known(n, &t, true);
}

void node_listen(struct node *n, struct node_listener *l)
{
	enum proxy_kind kind;

	TAILQ_INSERT_TAIL(&n->objects.listeners, l, link);
	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++)
		tell_kind(n, l, kind);
}

void node_unlisten(struct node *n, struct node_listener *l)
{
	TAILQ_REMOVE(&n->objects.listeners, l, link);
}
