// SPDX-License-Identifier: GPL-2.0
/*
 * The real kernel behind kernel.h. An error -ENODEV from any call says that the
 * module has gone, or was loaded anew, since kernel_open(): open it again.
 */
#include "err.h"
#include "kernel.h"
#include "nathold.h"
#include "netlink.h"
#include "netlink_events.h"
#include "netlink_fill.h"
#include "netlink_parse.h"
#include "netlink_sock.h"
#include "netlink_walk.h"

#include <errno.h>
#include <netlink/msg.h>
#include <stdlib.h>

#define SMALL_MESSAGE	2048
#define DUMP_TRIES	100

#define MODPROBE	"run \"modprobe svcnat\" as root (or install it: see README)"

struct netlink {
	struct kernel k;
	const struct netlink_transport *transport;
	void *ctx;
	uint16_t family;
	struct netlink_events *events;	/* NULL: nobody listens */
	struct netlink_walk *walk;	/* NULL: none is under way */
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
	err = n->transport->exchange(n->ctx, msg, x, e);
	nlmsg_free(msg);
	if (err == -ENOENT && !x->has_text)
		return err_set(e, ENODEV,
			       "the svcnat module was removed from this kernel: " MODPROBE);
	return err;
}

/* The same for a command that answers with something. */
static int ask(struct netlink *n, struct nl_msg *msg, int fill_err, struct netlink_exchange *x,
	       struct err *e)
{
	int err = exchange(n, msg, fill_err, x, e);

	if (!err && !x->replied)
		return err_set(e, EPROTO, "the svcnat module has not answered the request");
	return err;
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
	if ((mode & (KERNEL_CREATE | KERNEL_REPLACE)) == KERNEL_CREATE)
		flags |= NLM_F_EXCL;
	msg = message(n, SVCNAT_CMD_SERVICE_SET, flags, netlink_fill_service_size(s));
	return exchange(n, msg, msg && (netlink_fill_service(msg, s, sync_token) ||
					netlink_fill_defer(msg, mode)), &x, e);
}

static int service_del(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
		       const char *owner, unsigned int flags, struct err *e)
{
	struct kfilter key = { .name = name, .family = family, .proto = proto, .owner = owner };
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg = message(n, SVCNAT_CMD_SERVICE_DEL, 0, SMALL_MESSAGE);

	return exchange(n, msg, msg && (netlink_fill_filter(msg, &key) ||
					netlink_fill_defer(msg, flags)), &x, e);
}

static int endpoint_command(struct kernel *k, uint8_t cmd, const struct kservice *s,
			    unsigned int flags, struct err *e)
{
	const bool addresses = cmd == SVCNAT_CMD_ENDPOINT_DEL;
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg = message(n, cmd, 0, netlink_fill_service_size(s));

	return exchange(n, msg, msg && (netlink_fill_endpoints(msg, s, addresses) ||
					netlink_fill_defer(msg, flags)), &x, e);
}

static int endpoint_set(struct kernel *k, const struct kservice *s, unsigned int flags,
			struct err *e)
{
	return endpoint_command(k, SVCNAT_CMD_ENDPOINT_SET, s, flags, e);
}

static int endpoint_del(struct kernel *k, const struct kservice *s, unsigned int flags,
			struct err *e)
{
	return endpoint_command(k, SVCNAT_CMD_ENDPOINT_DEL, s, flags, e);
}

/* --- dumps --- */

/* One try at a list; *again: it was interrupted, and what came has to be thrown away. */
typedef int dump_once(struct netlink *n, void *arg, bool *again, struct err *e);

static int dump(struct netlink *n, dump_once *once, void *arg, const char *what, struct err *e)
{
	int err, tries = 0;
	bool again;

	do {
		err = once(n, arg, &again, e);
	} while (again && ++tries < DUMP_TRIES);
	if (again)
		return err_set(e, EAGAIN,
			       "the %s changed while they were listed, %d times: try again", what,
			       tries);
	return err;
}

/*
 * A dump that a change went through may have pieces that do not fit together:
 * that is no error of the module.
 */
static bool was_interrupted(const struct netlink_exchange *x, int err)
{
	return x->interrupted && (!err || err == -EPROTO);
}

static int take_service(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	return netlink_parse_dump(ctx, attrs, len, e);
}

struct service_dump {
	const struct kfilter *filter;
	struct kservices list;
};

static int dump_services(struct netlink *n, void *arg, bool *again, struct err *e)
{
	struct service_dump *sd = arg;
	struct netlink_dump d = { .out = &sd->list };
	struct netlink_exchange x = { .reply = take_service, .ctx = &d };
	struct nl_msg *msg = message(n, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP, SMALL_MESSAGE);
	int err;

	kservices_clear(&sd->list);
	err = exchange(n, msg, msg && sd->filter ? netlink_fill_filter(msg, sd->filter) : 0, &x, e);
	*again = was_interrupted(&x, err);
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
	struct service_dump sd = { .filter = f };
	int err = dump(netlink_of(k), dump_services, &sd, "services", e);

	if (!err)
		return move_services(out, &sd.list, e);
	kservices_clear(&sd.list);
	return err;
}

static void walk_close(struct kernel *k)
{
	struct netlink *n = netlink_of(k);

	netlink_walk_close(n->walk);
	n->walk = NULL;
}

static int walk_open(struct kernel *k, const struct kfilter *f, struct err *e)
{
	struct netlink *n = netlink_of(k);

	walk_close(k);
	return netlink_walk_open(&n->walk, n->family, f, e);
}

static int walk_read(struct kernel *k, struct kservices *out, struct err *e)
{
	struct netlink *n = netlink_of(k);

	return n->walk ? netlink_walk_read(n->walk, out, e) : 0;
}

static int take_affinity(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	struct kaffinity a;
	int len, err;

	attrs = netlink_parse_attrs(h, &len);
	err = netlink_parse_affinity(attrs, len, &a, e);
	if (!err && kaffinities_add(ctx, &a))
		err = no_memory(e);
	return err;
}

struct affinity_dump {
	const struct kaffinity_filter *filter;
	struct kaffinities list;
};

static int fill_affinity(struct nl_msg *msg, const struct kaffinity_filter *f)
{
	return msg && f ? netlink_fill_affinity(msg, f) : 0;
}

static int dump_affinity(struct netlink *n, void *arg, bool *again, struct err *e)
{
	struct affinity_dump *ad = arg;
	struct netlink_exchange x = { .reply = take_affinity, .ctx = &ad->list };
	struct nl_msg *msg = message(n, SVCNAT_CMD_AFFINITY_GET, NLM_F_DUMP, SMALL_MESSAGE);
	int err;

	kaffinities_clear(&ad->list);
	err = exchange(n, msg, fill_affinity(msg, ad->filter), &x, e);
	*again = was_interrupted(&x, err);
	return err;
}

static int affinity_list(struct kernel *k, const struct kaffinity_filter *f,
			 struct kaffinities *out, struct err *e)
{
	struct affinity_dump ad = { .filter = f };
	int err = dump(netlink_of(k), dump_affinity, &ad, "affinity entries", e);
	size_t i;

	for (i = 0; !err && i < ad.list.n; i++)
		if (kaffinities_add(out, &ad.list.v[i]))
			err = no_memory(e);
	kaffinities_clear(&ad.list);
	return err;
}

/* --- the others --- */

static int settings_set(struct kernel *k, const struct ksettings *s, unsigned int what,
			struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct netlink_exchange x = { 0 };
	struct nl_msg *msg;

	msg = message(n, SVCNAT_CMD_SETTINGS_SET, 0, netlink_fill_settings_size(s));
	return exchange(n, msg, msg ? netlink_fill_settings(msg, s, what) : 0, &x, e);
}

static int take_settings(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	ksettings_clear(ctx);
	return netlink_parse_settings(attrs, len, ctx, e);
}

static int settings_get(struct kernel *k, struct ksettings *out, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct ksettings s = { 0 };
	struct netlink_exchange x = { .reply = take_settings, .ctx = &s };
	int err;

	err = ask(n, message(n, SVCNAT_CMD_SETTINGS_GET, 0, SMALL_MESSAGE), 0, &x, e);
	if (err)
		ksettings_clear(&s);
	else
		*out = s;
	return err;
}

/* The one number of a reply. */
struct number_reply {
	int type;
	uint32_t value;
};

static int take_number(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	struct number_reply *r = ctx;
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	return netlink_parse_u32(attrs, len, r->type, &r->value, e);
}

static int ask_number(struct netlink *n, struct nl_msg *msg, int fill_err, int type, uint32_t *out,
		      struct err *e)
{
	struct number_reply r = { .type = type };
	struct netlink_exchange x = { .reply = take_number, .ctx = &r };
	int err;

	err = ask(n, msg, fill_err, &x, e);
	if (!err)
		*out = r.value;
	return err;
}

static int sync_command(struct kernel *k, uint8_t cmd, const char *owner, uint32_t token,
			int reply, uint32_t *out, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct nl_msg *msg = message(n, cmd, 0, SMALL_MESSAGE);

	return ask_number(n, msg, msg ? netlink_fill_sync(msg, owner, token) : 0, reply, out, e);
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

static int affinity_flush(struct kernel *k, const struct kaffinity_filter *f, uint32_t *deleted,
			  struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct nl_msg *msg = message(n, SVCNAT_CMD_AFFINITY_FLUSH, 0, SMALL_MESSAGE);

	return ask_number(n, msg, fill_affinity(msg, f), SVCNAT_A_AFFINITY_DELETED, deleted, e);
}

static int take_stats(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	return netlink_parse_stats(attrs, len, ctx, e);
}

static int stats_get(struct kernel *k, struct kstats *out, struct err *e)
{
	struct netlink *n = netlink_of(k);
	struct kstats s = { 0 };
	struct netlink_exchange x = { .reply = take_stats, .ctx = &s };
	int err;

	err = ask(n, message(n, SVCNAT_CMD_STATS_GET, 0, SMALL_MESSAGE), 0, &x, e);
	if (!err)
		*out = s;
	return err;
}

static int take_resolve(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	return netlink_parse_resolve(attrs, len, ctx, e);
}

static int resolve(struct kernel *k, struct kresolve *r, struct err *e)
{
	struct netlink_exchange x = { .reply = take_resolve, .ctx = r };
	struct netlink *n = netlink_of(k);
	struct nl_msg *msg = message(n, SVCNAT_CMD_RESOLVE, 0, SMALL_MESSAGE);

	return ask(n, msg, msg ? netlink_fill_resolve(msg, r) : 0, &x, e);
}

static int events_open(struct kernel *k, struct err *e)
{
	struct netlink *n = netlink_of(k);

	return n->events ? 0 : netlink_events_open(&n->events, n->family, e);
}

static int events_fd(struct kernel *k)
{
	struct netlink *n = netlink_of(k);

	return n->events ? netlink_events_fd(n->events) : -1;
}

static int events_read(struct kernel *k, struct kevent *out, struct err *e)
{
	struct netlink *n = netlink_of(k);

	return n->events ? netlink_events_read(n->events, out, e) : 0;
}

static void events_close(struct kernel *k)
{
	struct netlink *n = netlink_of(k);

	netlink_events_close(n->events);
	n->events = NULL;
}

static int hold(struct kernel *k, struct err *e)
{
	(void)k;
	return nathold_set(e);
}

static void netlink_close(struct kernel *k)
{
	struct netlink *n = netlink_of(k);

	walk_close(k);
	events_close(k);
	n->transport->close(n->ctx);
	free(n);
}

static const struct kernel_ops netlink_ops = {
	.service_set = service_set,
	.service_del = service_del,
	.endpoint_set = endpoint_set,
	.endpoint_del = endpoint_del,
	.service_list = service_list,
	.walk_open = walk_open,
	.walk_read = walk_read,
	.walk_close = walk_close,
	.settings_set = settings_set,
	.settings_get = settings_get,
	.sync_begin = sync_begin,
	.sync_end = sync_end,
	.flush = flush,
	.stats_get = stats_get,
	.affinity_list = affinity_list,
	.affinity_flush = affinity_flush,
	.resolve = resolve,
	.events_open = events_open,
	.events_fd = events_fd,
	.events_read = events_read,
	.events_close = events_close,
	.hold = hold,
	.close = netlink_close,
};

struct kernel *netlink_open_on(const struct netlink_transport *transport, void *ctx,
			       uint16_t family)
{
	struct netlink *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->k.ops = &netlink_ops;
	n->transport = transport;
	n->ctx = ctx;
	n->family = family;
	return &n->k;
}

static int socket_exchange(void *ctx, struct nl_msg *msg, struct netlink_exchange *x, struct err *e)
{
	return netlink_sock_exchange(ctx, msg, x, e);
}

static void socket_close(void *ctx)
{
	netlink_sock_close(ctx);
}

static const struct netlink_transport socket_transport = {
	.exchange = socket_exchange,
	.close = socket_close,
};

static int find_family(struct nl_sock *sk, uint16_t *family, struct err *e)
{
	uint32_t version;
	int err;

	err = netlink_sock_family(sk, family, &version, e);
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
	struct nl_sock *sk;
	uint16_t family;
	int err;

	err = netlink_sock_open(&sk, e);
	if (err)
		return err;
	err = find_family(sk, &family, e);
	if (!err) {
		*out = netlink_open_on(&socket_transport, sk, family);
		err = *out ? 0 : no_memory(e);
	}
	if (err)
		netlink_sock_close(sk);
	return err;
}
