// SPDX-License-Identifier: GPL-2.0
#include "fastpath_sync.h"

#include "err.h"

#include <errno.h>

#define TRIES	5

const struct fastpath_ops fastpath_system = {
	.links = fastpath_links_read,
	.read = fastpath_nft_read,
	.make = fastpath_nft_make,
	.change = fastpath_nft_change,
	.clear = fastpath_nft_clear,
};

/* From now on these are the devices; they are taken over. */
static void know(struct fastpath_state *s, struct fastpath_names *devices,
		 enum fastpath_keeper keeper)
{
	fastpath_names_clear(&s->table.devices);
	s->table.devices = *devices;
	*devices = (struct fastpath_names){ 0 };
	s->table.there = s->table.whole = true;
	s->table.keeper = keeper;
	s->changes++;
}

static int make(struct fastpath_state *s, const struct fastpath_ops *ops,
		enum fastpath_keeper keeper, struct fastpath_names *devices, struct err *e)
{
	int ret = ops->make(devices, keeper, e);

	if (ret)
		return ret;
	s->table.flows = 0;
	know(s, devices, keeper);
	return 0;
}

static int change(struct fastpath_state *s, const struct fastpath_ops *ops,
		  struct fastpath_names *devices, struct err *e)
{
	struct fastpath_names add = { 0 }, del = { 0 };
	int ret;

	ret = fastpath_names_compare(&s->table.devices, devices, &add, &del);
	if (ret)
		ret = err_set(e, ENOMEM, "out of memory");
	else if (add.n || del.n)
		ret = ops->change(&add, &del, e);
	if (!ret && (add.n || del.n))
		know(s, devices, s->table.keeper);
	fastpath_names_clear(&add);
	fastpath_names_clear(&del);
	return ret;
}

static int choose(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
		  const struct fastpath_wanted *want, struct fastpath_names *out, struct err *e)
{
	struct fastpath_links links = { 0 };
	int ret = ops->links(sk, want->pods, &links, e);

	if (!ret && fastpath_choose(&links, want->patterns, out, &s->left))
		ret = err_set(e, ENOMEM, "out of memory");
	fastpath_links_clear(&links);
	return ret;
}

static int try(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
	       const struct fastpath_wanted *want, struct err *e)
{
	struct fastpath_names devices = { 0 };
	int ret = 0;

	/* Ahead of the devices: what has gone by then is in neither. */
	if (!s->known && ops->read(&s->table))
		ret = err_set(e, ENOMEM, "out of memory");
	s->known = !ret;
	if (!ret)
		ret = choose(s, ops, sk, want, &devices, e);
	if (!ret && s->table.whole && s->table.keeper == want->keeper)
		ret = change(s, ops, &devices, e);
	else if (!ret)
		ret = make(s, ops, want->keeper, &devices, e);
	s->known = s->known && !ret;
	fastpath_names_clear(&devices);
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

void fastpath_state_clear(struct fastpath_state *s)
{
	fastpath_table_clear(&s->table);
	*s = (struct fastpath_state){ 0 };
}
