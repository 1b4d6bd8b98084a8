/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who else is told of the objects that a node hears of: names and announcements are made of
 * what the proxy is told, in the same order and at the same time.
 */
#ifndef SVCNAT_NODE_LISTEN_H
#define SVCNAT_NODE_LISTEN_H

#include "proxy.h"

#include <sys/queue.h>

struct node;

/*
 * As the proxy's functions of the same names, see there; of the Nodes, each that the node is
 * told of. Objects are borrowed for the call, and not to be changed. None of them may change
 * who listens.
 */
struct node_listener_ops {
	void (*list_begin)(void *ctx, enum proxy_kind kind);
	void (*object)(void *ctx, enum proxy_kind kind, const json_t *object, bool deleted);
	void (*list_end)(void *ctx, enum proxy_kind kind);
	void (*lists_void)(void *ctx);
	/* the kernel is about to be written; it was, or it is gone. May be NULL */
	void (*writes)(void *ctx);
	void (*wrote)(void *ctx);
};

struct node_listener {
	const struct node_listener_ops *ops;	/* all but the last two */
	void *ctx;
	TAILQ_ENTRY(node_listener) link;
};

TAILQ_HEAD(node_listeners, node_listener);

/*
 * From now on; l is the caller's, and stays where it is until node_unlisten(). Before this
 * returns, l is told what is known already: of each kind a list, which ends if one has ended
 * before. If one is being told just now, another begins, with what it has named so far.
 */
void node_listen(struct node *n, struct node_listener *l);
/* l, which listens. */
void node_unlisten(struct node *n, struct node_listener *l);

#endif
