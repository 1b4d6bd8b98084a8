// SPDX-License-Identifier: GPL-2.0
/*
 * The real kernel behind kernel.h. An error -ENODEV from any call says that the
 * module has gone, or was loaded anew, since kernel_open(): open it again.
 */
#include "err.h"
#include "kernel.h"
#include "nathold.h"
#include "netlink_fill.h"
#include "netlink_parse.h"
#include "netlink_sock.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>

#define SMALL_MESSAGE	2048
#define DUMP_TRIES	100

#define MODPROBE	"run \"modprobe svcnat\" as root (or install it: see README)"

struct netlink {
	struct kernel k;
	struct nl_sock *sk;
	uint16_t family;
};

static struct netlink *netlink_of(struct kernel *k)
{
	return (struct netlink *)k;
}

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static struct nl_msg *message(struct netlink *n, uint8_t cmd, int flags, size_t size)
{
	return netlink_sock_message(n->family, cmd, flags, size);
}

/*
 * Frees msg, which may be NULL; fill_err is what its filling returned. Each
 * refusal of the module has a text; an -ENOENT without one is generic netlink's
 * own: there is no such family any more.
 */
static int exchange(struct netlink *n, struct nl_msg *msg, int fill_err,
		    struct netlink_exchange *x, struct err *e)
{
	int err;

	if (!msg || fill_err) {
		nlmsg_free(msg);
		return msg ? err_set(e, EMSGSIZE, "the request does not fit into its message") :
			     no_memory(e);
	}
	err = netlink_sock_exchange(n->sk, msg, x, e);
	nlmsg_free(msg);
	if (err == -ENOENT && !x->has_text)
		return err_set(e, ENODEV,
			       "the svcnat module was removed from this kernel: " MODPROBE);
	return err;
}

/* What stands behind the generic-netlink header of an answer; *len is -1 when it is cut off. */
static const struct nlattr *reply_attrs(const struct nlmsghdr *h, int *len)
{
	struct genlmsghdr *g = nlmsg_data(h);

	if (!genlmsg_valid_hdr((struct nlmsghdr *)h, 0)) {
		*len = 0;	/* nothing: whatever is required is then found missing */
		return NULL;
	}
	*len = genlmsg_attrlen(g, 0);
	return genlmsg_attrdata(g, 0);
}

static int service_set(struct kernel *k, const struct kservice *s, unsigned int mode,
		       uint32_t sync_token, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg;
	int flags = 0;

	if (mode & KERNEL_CREATE)
		flags |= NLM_F_CREATE;
	if (mode & KERNEL_REPLACE)
		flags |= NLM_F_REPLACE;
	if (mode == KERNEL_CREATE)
		flags |= NLM_F_EXCL;
	msg = message(n, SVCNAT_CMD_SERVICE_SET, flags, netlink_fill_service_size(s));
	return exchange(n, msg, msg ? netlink_fill_service(msg, s, sync_token) : 0, &x, e);
}

static int service_del(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
		       const char *owner, struct err *e)
{
	struct kfilter key = { .name = name, .family = family, .proto = proto, .owner = owner };
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg = message(n, SVCNAT_CMD_SERVICE_DEL, 0, SMALL_MESSAGE);

	return exchange(n, msg, msg ? netlink_fill_filter(msg, &key) : 0, &x, e);
}

static int take_service(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = reply_attrs(h, &len);
	return netlink_parse_dump(ctx, attrs, len, e);
}

/* One try; *again: it was interrupted. */
static int dump(struct netlink *n, const struct kfilter *f, struct kservices *out, bool *again,
		struct err *e)
{
	struct netlink_dump d = { .out = out };
	struct netlink_exchange x = { .reply = take_service, .ctx = &d };
	struct nl_msg *msg = message(n, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP, SMALL_MESSAGE);
	int err;

	err = exchange(n, msg, msg && f ? netlink_fill_filter(msg, f) : 0, &x, e);
	/*
	 * A dump that a change went through may have pieces that do not fit
	 * together: that is no error of the module.
	 */
	*again = x.interrupted && (!err || err == -EPROTO);
	if (!err && !*again && d.more)
		return err_set(e, EPROTO,
			       "the svcnat module's list of services ends in the middle");
	return err;
}

/* Append src to dst; src is empty afterwards. */
static int move_services(struct kservices *dst, struct kservices *src, struct err *e)
{
	size_t i;
	int err = 0;

	if (!dst->n) {
		kservices_clear(dst);
		*dst = *src;
		*src = (struct kservices){ 0 };
		return 0;
	}
	for (i = 0; !err && i < src->n; i++)
		err = kservices_add(dst, &src->v[i]);
	kservices_clear(src);
	return err ? no_memory(e) : 0;
}

static int service_list(struct kernel *k, const struct kfilter *f, struct kservices *out,
			struct err *e)
{
	struct kservices list = { 0 };
	int err, tries = 0;
	bool again;

	do {
		kservices_clear(&list);
		err = dump(netlink_of(k), f, &list, &again, e);
	} while (again && ++tries < DUMP_TRIES);
	if (again)
		err = err_set(e, EAGAIN,
			      "the services changed while they were listed, %d times: try again",
			      tries);
	if (!err)
		return move_services(out, &list, e);
	kservices_clear(&list);
	return err;
}

static int settings_set(struct kernel *k, const struct ksettings *s, bool set_cidrs, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg;

	msg = message(n, SVCNAT_CMD_SETTINGS_SET, 0, netlink_fill_settings_size(s));
	return exchange(n, msg, msg ? netlink_fill_settings(msg, s, set_cidrs) : 0, &x, e);
}

static int take_settings(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = reply_attrs(h, &len);
	ksettings_clear(ctx);
	return netlink_parse_settings(attrs, len, ctx, e);
}

static int settings_get(struct kernel *k, struct ksettings *out, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct ksettings s = { 0 };
	struct netlink_exchange x = { .reply = take_settings, .ctx = &s };
	int err;

	err = exchange(n, message(n, SVCNAT_CMD_SETTINGS_GET, 0, SMALL_MESSAGE), 0, &x, e);
	if (err)
		ksettings_clear(&s);
	else
		*out = s;
	return err;
}

/* SYNC_BEGIN, SYNC_END and FLUSH: an owner and a token in, one number out. */
struct sync_reply {
	int type;
	uint32_t value;
};

static int take_number(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	struct sync_reply *r = ctx;
	const struct nlattr *attrs;
	int len;

	attrs = reply_attrs(h, &len);
	return netlink_parse_u32(attrs, len, r->type, &r->value, e);
}

static int sync_command(struct kernel *k, uint8_t cmd, const char *owner, uint32_t token,
			int reply, uint32_t *out, struct err *e)
{
	struct sync_reply r = { .type = reply };
	struct netlink_exchange x = { .reply = take_number, .ctx = &r };
	struct netlink *n = netlink_of(k);
	struct nl_msg *msg = message(n, cmd, 0, SMALL_MESSAGE);
	int err;

	err = exchange(n, msg, msg ? netlink_fill_sync(msg, owner, token) : 0, &x, e);
	if (!err)
		*out = r.value;
	return err;
}

static int sync_begin(struct kernel *k, const char *owner, uint32_t *token, struct err *e)
{
	return sync_command(k, SVCNAT_CMD_SYNC_BEGIN, owner, 0, SVCNAT_A_SYNC_TOKEN, token, e);
}

static int sync_end(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
		    struct err *e)
{
	return sync_command(k, SVCNAT_CMD_SYNC_END, owner, token, SVCNAT_A_SYNC_DELETED, deleted,
			    e);
}

static int flush(struct kernel *k, const char *owner, uint32_t *deleted, struct err *e)
{
	return sync_command(k, SVCNAT_CMD_FLUSH, owner, 0, SVCNAT_A_SYNC_DELETED, deleted, e);
}

static int take_resolve(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = reply_attrs(h, &len);
	return netlink_parse_resolve(attrs, len, ctx, e);
}

static int resolve(struct kernel *k, struct kresolve *r, struct err *e)
{
	struct netlink_exchange x = { .reply = take_resolve, .ctx = r };
	struct netlink *n = netlink_of(k);
	struct nl_msg *msg = message(n, SVCNAT_CMD_RESOLVE, 0, SMALL_MESSAGE);

	return exchange(n, msg, msg ? netlink_fill_resolve(msg, r) : 0, &x, e);
}

static int hold(struct kernel *k, struct err *e)
{
	(void)k;
	return nathold_set(e);
}

static void netlink_close(struct kernel *k)
{
	struct netlink *n = netlink_of(k);

	netlink_sock_close(n->sk);
	free(n);
}

static const struct kernel_ops netlink_ops = {
	.service_set = service_set,
	.service_del = service_del,
	.service_list = service_list,
	.settings_set = settings_set,
	.settings_get = settings_get,
	.sync_begin = sync_begin,
	.sync_end = sync_end,
	.flush = flush,
	.resolve = resolve,
	.hold = hold,
	.close = netlink_close,
};

static int find_family(struct netlink *n, struct err *e)
{
	uint32_t version;
	int err;

	err = netlink_sock_family(n->sk, &n->family, &version, e);
	if (err == -ENOENT)
		return err_set(e, ENOENT,
			       "the svcnat module is not loaded in this kernel: " MODPROBE);
	if (err)
		return err;
	if (version != SVCNAT_GENL_VERSION)
		return err_set(e, EPROTONOSUPPORT,
			       "the svcnat module speaks version %u of its protocol, this program "
			       "version %u: install both from one release",
			       version, SVCNAT_GENL_VERSION);
	return 0;
}

int kernel_open(struct kernel **out, struct err *e)
{
	struct netlink *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return no_memory(e);
	n->k.ops = &netlink_ops;
	err = netlink_sock_open(&n->sk, e);
	if (err) {
		free(n);
		return err;
	}
	err = find_family(n, e);
	if (err) {
		netlink_close(&n->k);
		return err;
	}
	*out = &n->k;
	return 0;
}
