// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of a command fails in turn, by the kernel's fault injection:
 * the n-th of this task, for n = 1, 2, ... until a command passes untouched.
 * Either it is refused, and nothing has changed, or it has done all of it.
 */
#include "nl_load.h"
#include "nl_msg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/svcnat.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST	2000	/* allocations of one command */

static int fault = -1;		/* fail-nth of this task */

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (fault < 0)
		fault = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fault < 0 || pwrite(fault, text, len, 0) != len)
		nl_die("fail-nth");
}

/* Did one fail since arm()? */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(fault, text, sizeof(text) - 1, 0) < 1)
		nl_die("fail-nth");
	arm(0);
	return !atoi(text);
}

/* ---- what there is: the sum of all attributes, whose order does not count */

static uint64_t hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 14695981039346656037ULL;

	while (len--)
		h = (h ^ *p++) * 1099511628211ULL;
	return h;
}

static void add_message(uint64_t *sum, const struct nlmsghdr *n)
{
	const char *p = (const char *)NLMSG_DATA(n) + GENL_HDRLEN;
	const char *end = (const char *)n + n->nlmsg_len;

	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN)
			return;
		*sum += hash(a, a->nla_len);
		p += NLA_ALIGN(a->nla_len);
	}
}

static void add_command(uint64_t *sum, int cmd, int flags)
{
	static char buf[1 << 16];
	char request[64];
	struct nlmsghdr *n;
	struct msg m;
	ssize_t got;

	nl_begin(&m, request, sizeof(request), nl_family, cmd, flags);
	nl_send(&m);
	for (;;) {
		got = recv(nl_sock, buf, sizeof(buf), 0);
		if (got < 0)
			nl_die("recv");
		for (n = (void *)buf; NLMSG_OK(n, got); n = NLMSG_NEXT(n, got)) {
			if (n->nlmsg_seq != m.n->nlmsg_seq)
				continue;
			if (n->nlmsg_type == NLMSG_DONE || n->nlmsg_type == NLMSG_ERROR)
				return;
			add_message(sum, n);
		}
	}
}

static uint64_t present(void)
{
	uint64_t sum = 0;

	add_command(&sum, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP);
	add_command(&sum, SVCNAT_CMD_SETTINGS_GET, 0);
	return sum;
}

/* ---- the commands */

static void put_key(struct msg *m, const char *name)
{
	nl_put_str(m, SVCNAT_A_SERVICE_NAME, name);
	nl_put_u8(m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
}

static void put_endpoint(struct msg *m, int type, int i)
{
	struct nlattr *a = nl_nest(m, type);
	char addr[32];

	snprintf(addr, sizeof(addr), "10.244.%d.%d", i / 200, 1 + i % 200);
	nl_put_addr(m, SVCNAT_A_ENDPOINT_ADDR, addr);
	nl_put_port(m, SVCNAT_A_ENDPOINT_PORT, 80);
	nl_nest_end(m, a);
}

static void put_frontend(struct msg *m, int kind, const char *addr, int port)
{
	struct nlattr *a = nl_nest(m, SVCNAT_A_SERVICE_FRONTEND);

	nl_put_u8(m, SVCNAT_A_FRONTEND_KIND, kind);
	if (addr)
		nl_put_addr(m, SVCNAT_A_FRONTEND_ADDR, addr);
	nl_put_port(m, SVCNAT_A_FRONTEND_PORT, port);
	nl_nest_end(m, a);
}

/* With all that has memory of its own. variant: other addresses, other endpoints. */
static void put_service(struct msg *m, const char *name, int variant, int scheduler)
{
	struct nlattr *a;
	char addr[32];
	int i;

	put_key(m, name);
	nl_put_str(m, SVCNAT_A_SERVICE_OWNER, "fault");
	nl_put_u8(m, SVCNAT_A_SERVICE_SCHEDULER, scheduler);
	nl_put_u32(m, SVCNAT_A_SERVICE_AFFINITY, 600);
	nl_put_u32(m, SVCNAT_A_SERVICE_FLAGS, SVCNAT_F_ACCOUNT);
	snprintf(addr, sizeof(addr), "10.96.%d.1", variant);
	put_frontend(m, SVCNAT_KIND_CLUSTER, addr, 80);
	put_frontend(m, SVCNAT_KIND_LOADBALANCER, addr, 81);
	put_frontend(m, SVCNAT_KIND_NODEPORT, NULL, 30000 + variant);
	a = nl_nest(m, SVCNAT_A_SERVICE_RANGE);
	nl_put_u8(m, SVCNAT_A_CIDR_FAMILY, AF_INET);
	nl_put_addr(m, SVCNAT_A_CIDR_ADDR, "10.0.0.0");
	nl_put_u8(m, SVCNAT_A_CIDR_PREFIX, 8);
	nl_nest_end(m, a);
	for (i = 0; i < 6; i++)
		put_endpoint(m, SVCNAT_A_SERVICE_ENDPOINT, 4 * variant + i);
}

enum { CREATE, REPLACE, BACK, DELETE, EP_SET, EP_DEL, SETTINGS, SETTINGS_BACK, BEGIN, FLUSH, GET,
	AFFINITY, FORGET };

static void put_settings(struct msg *m, bool some)
{
	struct nlattr *list = nl_nest(m, SVCNAT_A_SETTINGS_POD_CIDRS), *a;

	if (some) {
		a = nl_nest(m, SVCNAT_A_CIDR);
		nl_put_u8(m, SVCNAT_A_CIDR_FAMILY, AF_INET);
		nl_put_addr(m, SVCNAT_A_CIDR_ADDR, "10.244.0.0");
		nl_put_u8(m, SVCNAT_A_CIDR_PREFIX, 16);
		nl_nest_end(m, a);
	}
	nl_nest_end(m, list);
}

static void build(struct msg *m, void *buf, size_t room, int what)
{
	static const struct {
		int cmd, flags;
	} v[] = {
		[CREATE] = { SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE | NLM_F_EXCL },
		[REPLACE] = { SVCNAT_CMD_SERVICE_SET, NLM_F_REPLACE },
		[BACK] = { SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE | NLM_F_REPLACE },
		[DELETE] = { SVCNAT_CMD_SERVICE_DEL, 0 },
		[EP_SET] = { SVCNAT_CMD_ENDPOINT_SET, 0 },
		[EP_DEL] = { SVCNAT_CMD_ENDPOINT_DEL, 0 },
		[SETTINGS] = { SVCNAT_CMD_SETTINGS_SET, 0 },
		[SETTINGS_BACK] = { SVCNAT_CMD_SETTINGS_SET, 0 },
		[BEGIN] = { SVCNAT_CMD_SYNC_BEGIN, 0 },
		[FLUSH] = { SVCNAT_CMD_FLUSH, 0 },
		[GET] = { SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP },
		[AFFINITY] = { SVCNAT_CMD_AFFINITY_GET, NLM_F_DUMP },
		[FORGET] = { SVCNAT_CMD_AFFINITY_FLUSH, 0 },
	};

	nl_begin(m, buf, room, nl_family, v[what].cmd, v[what].flags);
	switch (what) {
	case CREATE:
		put_service(m, "new", 2, SVCNAT_SCHEDULER_MAGLEV);
		break;
	case REPLACE:
		put_service(m, "base", 3, SVCNAT_SCHEDULER_LEASTCONN);
		break;
	case BACK:
		put_service(m, "base", 1, SVCNAT_SCHEDULER_MAGLEV);
		break;
	case DELETE:
		put_key(m, "new");
		break;
	case EP_SET:
	case EP_DEL:
		put_key(m, "base");
		put_endpoint(m, SVCNAT_A_SERVICE_ENDPOINT, 100);
		break;
	case SETTINGS:
	case SETTINGS_BACK:
		put_settings(m, what == SETTINGS);
		break;
	case BEGIN:
	case FLUSH:
		nl_put_str(m, SVCNAT_A_SYNC_OWNER, "nobody");
		break;
	}
}

/* The kernel had no memory to say what became of a command. */
#define LOST	(-1)

/* The error that it got, 0: none; or LOST. With a fault, send() itself may be who says it. */
static int tell(int what)
{
	struct answer got = { 0 };
	char buf[4096];
	struct msg m;

	build(&m, buf, sizeof(buf), what);
	if (send(nl_sock, m.n, m.n->nlmsg_len, 0) < 0)
		return errno;
	nl_receive(&got);
	return got.lost && got.error == ENOBUFS ? LOST : got.error;
}

static void must(int what)
{
	int err = tell(what);

	errno = err;
	if (err)
		nl_die("a command without a fault");
}

/* Whatever is left of an answer goes with the socket. */
static void renew(void)
{
	close(nl_sock);
	nl_open();
}

/* ---- one command, as often as it has allocations */

struct result {
	int failed;		/* allocations */
	int refused;
	char wrong[128];	/* the first thing that was; "": nothing */
};

static void complain(struct result *r, int n, const char *text, int error)
{
	if (!*r->wrong)
		snprintf(r->wrong, sizeof(r->wrong), "allocation %d: %s (%s)", n, text,
			 strerror(error));
}

/* undo: what takes it back; -1: nothing is to be. */
static void run(struct result *r, int what, int undo)
{
	uint64_t before = present();
	bool injected = true;
	int n, err;

	memset(r, 0, sizeof(*r));
	for (n = 1; injected && n < MOST; n++) {
		arm(n);
		err = tell(what);
		injected = disarm();
		r->failed += injected;
		r->refused += err > 0;
		if (err)
			renew();
		if (err == LOST)
			err = present() == before ? ENOBUFS : 0;
		if (err && !injected)
			complain(r, n, "refused without a fault", err);
		if (err && err != ENOMEM && err != ENOBUFS)
			complain(r, n, "another error", err);
		if (err && present() != before)
			complain(r, n, "refused, and yet something has changed", err);
		if (!err && undo >= 0)
			must(undo);
		if (!err && present() != before)
			complain(r, n, "cannot be taken back", err);
	}
	if (injected)
		complain(r, n, "no end of allocations", 0);
}

static void report(const char *name, const struct result *r)
{
	struct answer got = { .error = *r->wrong || !r->failed ? EIO : 0 };
	char line[128];

	snprintf(got.text, sizeof(got.text), "%s", r->wrong);
	snprintf(line, sizeof(line), "%s: %d allocations failed, %d times it was refused", name,
		 r->failed, r->refused);
	nl_check(line, &got, 0, NULL);
}

/* ---- a listener, who must be told if it missed something */

static int listener = -1;

static void listen_to_events(void)
{
	int first = nl_sock;

	nl_open();
	listener = nl_sock;
	nl_sock = first;
	if (setsockopt(listener, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &nl_group,
		       sizeof(nl_group)))
		nl_die("listen");
}

/* How often it was told. */
static int drain_events(struct result *r)
{
	char buf[1 << 16];
	int lost = 0;
	ssize_t got;

	for (;;) {
		memset(buf, 0, NLMSG_HDRLEN);
		got = recv(listener, buf, sizeof(buf), MSG_DONTWAIT);
		if (got < 0 && errno == EAGAIN)
			return lost;
		if (got < 0 && errno == ENOBUFS)
			lost++;
		else if (got < 0 || !NLMSG_OK((struct nlmsghdr *)buf, got))
			complain(r, 0, "what a listener gets is no message", got < 0 ? errno : 0);
		if (got < 0 && errno != ENOBUFS)
			return lost;
	}
}

/* ---- a namespace that begins to use the module */

static void run_first(struct result *r)
{
	bool injected = true;
	uint64_t fresh = 0;
	int n, err;

	memset(r, 0, sizeof(*r));
	for (n = 1; injected && n < MOST; n++) {
		if (unshare(CLONE_NEWNET))
			nl_die("unshare");
		renew();
		if (!fresh)
			fresh = present();
		arm(n);
		err = tell(BACK);
		injected = disarm();
		r->failed += injected;
		r->refused += err > 0;
		if (err == LOST) {
			renew();
			err = present() == fresh ? ENOBUFS : 0;
		}
		if (err && !injected)
			complain(r, n, "refused without a fault", err);
		if (err && present() != fresh)
			complain(r, n, "refused, and yet the namespace is in use", err);
		if (!err && present() == fresh)
			complain(r, n, "not refused, and yet nothing is there", err);
		/*
		 * What was refused for want of memory works later. It also takes over
		 * what nf_nat_register_fn() leaves behind when it fails after having
		 * registered its own hooks: that is lost if nobody ever uses NAT there.
		 */
		if (err)
			must(BACK);
	}
	if (injected)
		complain(r, n, "no end of allocations", 0);
}

/* ---- packets: of a process here, so that the hooks are its own */

/* The first packet of a connection, without its allocation number n. True: one failed. */
static bool run_packet(struct result *r, int n)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(80),
		.sin_addr.s_addr = htonl(0x0a600101),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool injected;

	if (fd < 0)
		nl_die("socket");
	arm(n);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		r->refused++;
	injected = disarm();
	r->failed += injected;
	close(fd);
	must(FORGET);
	return injected;
}

/*
 * Several times over: an allocator that has to get a page first moves the numbers of
 * that one packet, and an allocation is passed over.
 */
static void run_packets(struct result *r)
{
	int n, times;

	memset(r, 0, sizeof(*r));
	for (times = 0; times < 5; times++) {
		for (n = 1; n < MOST && run_packet(r, n); n++)
			;
		if (n == MOST)
			complain(r, n, "no end of allocations", 0);
	}
}

void nl_fault(void)
{
	static const struct {
		const char *name;
		int what, undo;
	} v[] = {
		{ "SERVICE_SET of a new one", CREATE, DELETE },
		{ "SERVICE_SET in place of another", REPLACE, BACK },
		{ "ENDPOINT_SET", EP_SET, EP_DEL },
		{ "SETTINGS_SET", SETTINGS, SETTINGS_BACK },
		{ "SYNC_BEGIN", BEGIN, -1 },
		{ "FLUSH of nobody's", FLUSH, -1 },
		{ "SERVICE_GET", GET, -1 },
		{ "AFFINITY_GET", AFFINITY, -1 },
	};
	struct answer told = { 0 };
	struct result r;
	int lost = 0;
	size_t i;

	must(BACK);
	listen_to_events();
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		run(&r, v[i].what, v[i].undo);
		lost += drain_events(&r);
		report(v[i].name, &r);
	}
	told.error = lost ? 0 : ENODATA;
	nl_check("whoever listens was told of what he missed", &told, 0, NULL);

	must(EP_SET);
	run(&r, EP_DEL, EP_SET);
	report("ENDPOINT_DEL", &r);
	must(EP_DEL);
	must(CREATE);
	run_packets(&r);
	report("first packets", &r);
	run_first(&r);
	report("the first command of a namespace", &r);
}
