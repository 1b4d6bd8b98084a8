// SPDX-License-Identifier: GPL-2.0
/* Messages of the multicast group to events. */
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

static int event_owner(void *into, const struct nlattr *a)
{
	struct kevent *ev = into;

	return netlink_get_string(a, ev->owner, sizeof(ev->owner));
}

static int event_deleted(void *into, const struct nlattr *a)
{
	struct kevent *ev = into;

	return netlink_get_u32(a, &ev->deleted);
}

static netlink_handler *const sync_handlers[SVCNAT_A_SYNC_MAX + 1] = {
	[SVCNAT_A_SYNC_OWNER] = event_owner,
	[SVCNAT_A_SYNC_DELETED] = event_deleted,
};

/* All as netlink_parse_event_service(). */
typedef int parser(struct netlink_event *last, const struct nlattr *attrs, int len,
		   struct kevent *out, struct err *e);

static int parse_sync_end(struct netlink_event *last, const struct nlattr *attrs, int len,
			  struct kevent *out, struct err *e)
{
	unsigned int seen;
	int bad, err;

	(void)last;
	err = netlink_walk(attrs, len, sync_handlers, SVCNAT_A_SYNC_MAX, out, &seen, &bad);
	if (!err) {
		bad = netlink_missing(seen, netlink_handled(sync_handlers, SVCNAT_A_SYNC_MAX));
		err = bad ? -EPROTO : 0;
	}
	return err ? netlink_malformed(e, err, "event", bad) : 1;
}

static int parse_settings(struct netlink_event *last, const struct nlattr *attrs, int len,
			  struct kevent *out, struct err *e)
{
	int err = netlink_parse_settings(attrs, len, &out->settings, e);

	(void)last;
	return err ? err : 1;
}

static parser *const parsers[SVCNAT_CMD_MAX + 1] = {
	[SVCNAT_CMD_SERVICE_SET] = netlink_parse_event_service,
	[SVCNAT_CMD_SERVICE_DEL] = netlink_parse_event_service,
	[SVCNAT_CMD_ENDPOINT_SET] = netlink_parse_event_service,
	[SVCNAT_CMD_ENDPOINT_DEL] = netlink_parse_event_service,
	[SVCNAT_CMD_SETTINGS_SET] = parse_settings,
	[SVCNAT_CMD_SYNC_END] = parse_sync_end,
};

/* The messages of one event stand together: does this one come between them? */
static bool comes_between(struct netlink_event *last, enum svcnat_cmd cmd)
{
	const bool between = last->more && last->cmd != cmd;

	if (between)
		last->more = false;
	last->cmd = cmd;
	return between;
}

int netlink_parse_event(struct netlink_event *last, const struct nlmsghdr *h, struct kevent *out,
			struct err *e)
{
	const struct genlmsghdr *g = nlmsg_data(h);
	const struct nlattr *attrs;
	struct kevent ev = { 0 };
	int len, err;

	attrs = netlink_parse_attrs(h, &len);
	if (!attrs)
		return netlink_malformed(e, -EPROTO, "event", 0);
	if (g->cmd > SVCNAT_CMD_MAX || !parsers[g->cmd])
		return 0;
	ev.cmd = (enum svcnat_cmd)g->cmd;
	if (comes_between(last, ev.cmd))
		return netlink_malformed(e, -EPROTO, "event", SVCNAT_A_SERVICE_MORE);
	err = parsers[g->cmd](last, attrs, len, &ev, e);
	if (err == 1)
		*out = ev;
	return err;
}
