// SPDX-License-Identifier: GPL-2.0
#include "claims.h"

#include "addrport.h"
#include "strmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One key and its users, the oldest first. It dies with its last user. */
struct place {
	char key[CLAIMS_KEYLEN];
	struct claim *first;
};

struct claim {
	struct place *place;
	struct claims_user *user;
	struct claim *next;	/* the next younger user of the place */
};

struct claims {
	struct strmap places;
};

int claims_alloc(struct claims **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void claims_free(struct claims *c)
{
	if (!c)
		return;
	strmap_clear(&c->places);
	free(c);
}

const char *claims_key(const struct kfrontend *f, uint8_t proto, char buf[CLAIMS_KEYLEN])
{
	char where[ADDRPORT_STRLEN];

	if (f->kind == SVCNAT_KIND_NODEPORT)
		snprintf(buf, CLAIMS_KEYLEN, "node port %u/%s (%s)", f->port, ip_proto_name(proto),
			 f->addr.family == AF_INET6 ? "IPv6" : "IPv4");
	else
		snprintf(buf, CLAIMS_KEYLEN, "%s/%s", addrport_print(&f->addr, f->port, where),
			 ip_proto_name(proto));
	return buf;
}

static bool is_older(const struct claims_user *a, const struct claims_user *b)
{
	int c;

	if (!*a->created != !*b->created)
		return *a->created;
	c = strcmp(a->created, b->created);
	return c ? c < 0 : strcmp(a->name, b->name) < 0;
}

static struct place *get_place(struct claims *c, const char *key)
{
	struct place *p = strmap_find(&c->places, key);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	strcpy(p->key, key);
	if (strmap_add(&c->places, p->key, p)) {
		free(p);
		return NULL;
	}
	return p;
}

/* All users of a place but one: what they are told of its owner is no longer true. */
static void touch_others(const struct place *p, const struct claims_user *user,
			 claims_touched *touched, void *ctx)
{
	const struct claim *l;

	for (l = p->first; l; l = l->next)
		if (l->user != user)
			touched(ctx, l->user);
}

/* 0, or 1: user has it already. */
static int enter(struct place *p, struct claims_user *user, claims_touched *touched, void *ctx)
{
	struct claim **at = &p->first;
	struct claim *l;

	for (l = p->first; l; l = l->next)
		if (l->user == user)
			return 1;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	while (*at && is_older((*at)->user, user))
		at = &(*at)->next;
	*l = (struct claim){ .place = p, .user = user, .next = *at };
	*at = l;
	user->claims[user->n++] = l;
	if (p->first == l)
		touch_others(p, user, touched, ctx);
	return 0;
}

static void drop_if_empty(struct claims *c, struct place *p)
{
	if (p->first)
		return;
	strmap_del(&c->places, p->key);
	free(p);
}

static void leave_all(struct claims *c, struct claims_user *user, claims_touched *touched,
		      void *ctx)
{
	size_t i;

	for (i = 0; i < user->n; i++) {
		struct claim *l = user->claims[i], **at;
		struct place *p = l->place;
		bool was_first = p->first == l;

		for (at = &p->first; *at != l; at = &(*at)->next)
			;
		*at = l->next;
		free(l);
		if (was_first)
			touch_others(p, user, touched, ctx);
		drop_if_empty(c, p);
	}
	free(user->claims);
	user->claims = NULL;
	user->n = 0;
}

static size_t count_frontends(const struct kservices *services)
{
	size_t i, n = 0;

	for (i = 0; i < services->n; i++)
		n += services->v[i].nfrontends;
	return n;
}

/* Most changes are of endpoints: then nothing is to be done. */
static bool is_same(const struct claims_user *user, const char *created,
		    const struct kservices *services)
{
	char key[CLAIMS_KEYLEN];
	size_t i, j, n = 0;

	if (strncmp(user->created, created, sizeof(user->created) - 1) ||
	    user->n != count_frontends(services))
		return false;
	for (i = 0; i < services->n; i++)
		for (j = 0; j < services->v[i].nfrontends; j++) {
			claims_key(&services->v[i].frontends[j], services->v[i].proto, key);
			if (strcmp(user->claims[n++]->place->key, key))
				return false;
		}
	return true;
}

static int enter_key(struct claims *c, struct claims_user *user, const char *key,
		     claims_touched *touched, void *ctx)
{
	struct place *p = get_place(c, key);
	int err;

	if (!p)
		return -ENOMEM;
	err = enter(p, user, touched, ctx);
	drop_if_empty(c, p);
	return err < 0 ? err : 0;
}

static int enter_all(struct claims *c, struct claims_user *user, const struct kservices *services,
		     claims_touched *touched, void *ctx)
{
	size_t i, j, n = count_frontends(services);
	char key[CLAIMS_KEYLEN];
	int err = 0;

	if (!n)
		return 0;
	user->claims = calloc(n, sizeof(struct claim *));
	if (!user->claims)
		return -ENOMEM;
	for (i = 0; !err && i < services->n; i++)
		for (j = 0; !err && j < services->v[i].nfrontends; j++) {
			claims_key(&services->v[i].frontends[j], services->v[i].proto, key);
			err = enter_key(c, user, key, touched, ctx);
		}
	return err;
}

int claims_replace(struct claims *c, struct claims_user *user, const char *created,
		   const struct kservices *services, claims_touched *touched, void *ctx)
{
	int err;

	if (is_same(user, created, services))
		return 0;
	leave_all(c, user, touched, ctx);
	snprintf(user->created, sizeof(user->created), "%s", created);
	err = enter_all(c, user, services, touched, ctx);
	if (err)
		leave_all(c, user, touched, ctx);
	return err;
}

const struct claims_user *claims_owner(const struct claims *c, const char *key)
{
	const struct place *p = strmap_find(&c->places, key);

	return p ? p->first->user : NULL;
}
