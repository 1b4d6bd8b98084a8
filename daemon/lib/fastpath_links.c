// SPDX-License-Identifier: GPL-2.0
#include "fastpath_links.h"

#include "err.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct fastpath_links links;
	bool no_memory;
};

static void take_kind(struct nlattr *info, struct fastpath_link *link)
{
	struct nlattr *a[IFLA_INFO_MAX + 1];

	if (info && nla_parse_nested(a, IFLA_INFO_MAX, info, NULL) >= 0 && a[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, a[IFLA_INFO_KIND], sizeof(link->kind));
}

static int number(const struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint32_t) ? (int)nla_get_u32(a) : 0;
}

static void add_link(struct reading *r, const struct fastpath_link *link)
{
	struct fastpath_links *l = &r->links;
	struct fastpath_link *v;

	/* A power of two: it is full. */
	if (!(l->n & (l->n - 1))) {
		v = realloc(l->v, (l->n ? 2 * l->n : 1) * sizeof(*v));
		if (!v) {
			r->no_memory = true;
			return;
		}
		l->v = v;
	}
	l->v[l->n++] = *link;
}

static void each_link(const struct nlmsghdr *h, void *ctx)
{
	const struct ifinfomsg *info = nlmsg_data(h);
	struct nlattr *a[IFLA_MAX + 1];
	struct fastpath_link link = { 0 };

	if (h->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*info), a, IFLA_MAX, NULL) < 0 ||
	    !a[IFLA_IFNAME])
		return;
	link.index = info->ifi_index;
	link.type = info->ifi_type;
	link.up = info->ifi_flags & IFF_UP;
	link.master = number(a[IFLA_MASTER]);
	/* Of a veth that is its other end. */
	if (!a[IFLA_LINK_NETNSID])
		link.lower = number(a[IFLA_LINK]);
	nla_strlcpy(link.name, a[IFLA_IFNAME], sizeof(link.name));
	take_kind(a[IFLA_LINKINFO], &link);
	add_link(ctx, &link);
}

static int by_index(const void *a, const void *b)
{
	const struct fastpath_link *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

struct fastpath_link *fastpath_links_find(const struct fastpath_links *l, int index)
{
	const struct fastpath_link key = { .index = index };

	return index && l->n ? bsearch(&key, l->v, l->n, sizeof(key), by_index) : NULL;
}

/* Their counters are most of what the kernel would tell. */
static struct nl_msg *ask_for_links(void)
{
	const struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = rtnl_message(RTM_GETLINK, 0, &m, sizeof(m));

	if (msg && nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int fastpath_links_read(struct nl_sock *sk, struct fastpath_links *out, struct err *e)
{
	struct reading r = { 0 };
	int ret = rtnl_dump(sk, ask_for_links(), each_link, &r, "the devices cannot be read", e);

	if (!ret && r.no_memory)
		ret = err_set(e, ENOMEM, "out of memory");
	if (!ret && r.links.n)
		qsort(r.links.v, r.links.n, sizeof(*r.links.v), by_index);
	fastpath_links_clear(ret ? &r.links : out);
	if (!ret)
		*out = r.links;
	return ret;
}

void fastpath_links_clear(struct fastpath_links *l)
{
	free(l->v);
	*l = (struct fastpath_links){ 0 };
}
