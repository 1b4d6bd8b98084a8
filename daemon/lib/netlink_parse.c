// SPDX-License-Identifier: GPL-2.0
/* Single numbers, and acknowledgements. */
#include "netlink_parse.h"

#include "err.h"
#include "netlink_attr.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

const struct nlattr *netlink_parse_attrs(const struct nlmsghdr *h, int *len)
{
	struct genlmsghdr *g = nlmsg_data(h);

	if (!genlmsg_valid_hdr((struct nlmsghdr *)h, 0)) {
		*len = 0;	/* nothing: whatever is required is then found missing */
		return NULL;
	}
	*len = genlmsg_attrlen(g, 0);
	return genlmsg_attrdata(g, 0);
}

int netlink_parse_u32(const struct nlattr *attrs, int len, int type, uint32_t *out,
		      struct err *e)
{
	const struct nlattr *a = nla_find(attrs, len, type);

	if (!a || netlink_get_u32(a, out))
		return netlink_malformed(e, -EPROTO, "number", type);
	return 0;
}

/* --- acknowledgements --- */

/* Where the attributes of an extended acknowledgement start; 0: it has none. */
static size_t ack_attrs(const struct nlmsghdr *h)
{
	const struct nlmsgerr *ack = NLMSG_DATA(h);
	size_t at = NLMSG_LENGTH(sizeof(*ack));

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (h->nlmsg_type == NLMSG_DONE)
		return NLMSG_LENGTH(NLMSG_ALIGN(sizeof(int)));
	/* The request is echoed in front of them, whole unless the kernel says that it is not. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len >= sizeof(ack->msg))
		at += NLMSG_ALIGN((size_t)ack->msg.nlmsg_len - sizeof(ack->msg));
	return at;
}

static const struct nlattr *ack_text(const struct nlmsghdr *h)
{
	size_t at = ack_attrs(h);

	if (!at || at >= h->nlmsg_len)
		return NULL;
	return nla_find((const struct nlattr *)((const char *)h + at), (int)(h->nlmsg_len - at),
			NLMSGERR_ATTR_MSG);
}

#define OLDER	"the svcnat module that is loaded may be older than this program: see " \
		"\"svcctl version\""

static const char *meaning(int code)
{
	switch (code) {
	case EOPNOTSUPP:
		return "the kernel does not know this command: " OLDER;
	case EPERM:
		return "this needs root (CAP_NET_ADMIN)";
	case ENOBUFS:
	case ENOMEM:
		return "the kernel is out of memory";
	default:
		return strerror(code);
	}
}

/* What the kernel itself says when a policy does not have what it is given. */
static bool is_unknown(const char *text)
{
	return !strcmp(text, "Unknown attribute type") || !strcmp(text, "Unsupported attribute");
}

int netlink_parse_ack(const struct nlmsghdr *h, bool *has_text, struct err *e)
{
	const size_t least = h->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	char buf[sizeof(e->text)];
	const struct nlattr *text;
	int err;

	*has_text = false;
	if (h->nlmsg_len < NLMSG_LENGTH(least))
		return netlink_malformed(e, -EPROTO, "acknowledgement", 0);
	memcpy(&err, NLMSG_DATA(h), sizeof(err));
	/* A dump's NLMSG_DONE may carry a positive number: it is no error. */
	if (err >= 0)
		return 0;
	text = ack_text(h);
	*has_text = text && !netlink_get_string(text, buf, sizeof(buf));
	if (*has_text && is_unknown(buf))
		return err_set(e, -err, "%s: " OLDER, buf);
	return err_set(e, -err, "%s", *has_text ? buf : meaning(-err));
}
