// SPDX-License-Identifier: GPL-2.0
#include "fastpath_sync.h"

#include "err.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#define TRIES	5

const struct fastpath_ops fastpath_system = {
	.links = fastpath_links_read,
	.routes = fastpath_routes_read,
	.read = fastpath_nft_read,
	.make = fastpath_nft_make,
	.change = fastpath_nft_change,
	.clear = fastpath_nft_clear,
};

/* From now on these are the devices of the table. */
static int know(struct fastpath_state *s, enum fastpath_keeper keeper, struct err *e)
{
	s->table.there = s->table.whole = true;
	s->table.keeper = keeper;
	s->changes++;
	if (fastpath_names_copy(&s->table.devices, &s->devices))
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

static int make(struct fastpath_state *s, const struct fastpath_ops *ops,
		enum fastpath_keeper keeper, struct err *e)
{
	int ret = ops->make(&s->devices, keeper, e);

	if (ret)
		return ret;
	s->table.flows = 0;
	return know(s, keeper, e);
}

static int change(struct fastpath_state *s, const struct fastpath_ops *ops, struct err *e)
{
	struct fastpath_names add = { 0 }, del = { 0 };
	int ret;

	ret = fastpath_names_compare(&s->table.devices, &s->devices, &add, &del);
	if (ret)
		ret = err_set(e, ENOMEM, "out of memory");
	else if (add.n || del.n)
		ret = ops->change(&add, &del, e);
	if (!ret && (add.n || del.n))
		ret = know(s, s->table.keeper, e);
	fastpath_names_clear(&add);
	fastpath_names_clear(&del);
	return ret;
}

static int choose(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
		  const struct fastpath_wanted *want, struct err *e)
{
	struct fastpath_links links = { 0 };
	int ret = 0;

	if (!s->routes.known)
		ret = ops->routes(sk, want->pods, &s->routes, e);
	if (!ret)
		ret = ops->links(sk, &links, e);
	if (!ret) {
		fastpath_routes_mark(&s->routes, &links);
		fastpath_names_clear(&s->devices);
		if (fastpath_choose(&links, want->patterns, &s->devices, &s->left))
			ret = err_set(e, ENOMEM, "out of memory");
	}
	fastpath_links_clear(&links);
	return ret;
}

static int try(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
	       const struct fastpath_wanted *want, struct err *e)
{
	int ret = 0;

	/* Ahead of the devices: what has gone by then is in neither. */
	if (!s->known && ops->read(&s->table))
		ret = err_set(e, ENOMEM, "out of memory");
	s->known = !ret;
	if (!ret && !s->chosen)
		ret = choose(s, ops, sk, want, e);
	s->chosen = !ret;
	if (!ret && s->table.whole && s->table.keeper == want->keeper)
		ret = change(s, ops, e);
	else if (!ret)
		ret = make(s, ops, want->keeper, e);
	s->known = s->known && !ret;
	s->chosen = s->chosen && !ret;
	return ret;
}

int fastpath_sync(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
		  const struct fastpath_wanted *want, struct err *e)
{
	unsigned int i;
	int ret = -1;

	for (i = 0; ret && i < TRIES; i++)
		ret = try(s, ops, sk, want, e);
	s->failures += ret != 0;
	return ret;
}

bool fastpath_hear(struct fastpath_state *s, const struct nlmsghdr *h,
		   const struct kcidrs *pods)
{
	bool of_link = h && (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK);

	if (!fastpath_routes_hear(&s->routes, h, pods) && !of_link)
		return false;
	s->chosen = false;
	/* The kernel has taken it out; and another one may have its name by now. */
	if (!h || h->nlmsg_type == RTM_DELLINK)
		s->known = false;
	return true;
}

void fastpath_state_clear(struct fastpath_state *s)
{
	fastpath_routes_clear(&s->routes);
	fastpath_names_clear(&s->devices);
	fastpath_table_clear(&s->table);
	*s = (struct fastpath_state){ 0 };
}
