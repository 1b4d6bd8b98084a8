// SPDX-License-Identifier: GPL-2.0
/*
 * What the netlink family refuses: one message for each thing that may be
 * wrong with one, built by hand, since no tool would send it. Each must bring
 * the errno and words of its row, and all together must leave the table as it
 * was. Prints KTAP.
 *
 *	nlcheck			all rows, as root
 *	nlcheck eperm		each command must be refused with EPERM
 *	nlcheck many N		a service of N endpoints, and one of too many
 *	nlcheck sync		mark and sweep, beside another owner's services
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/svcnat.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct msg {
	struct nlmsghdr *n;
	size_t room;
};

struct answer {
	int error;		/* positive errno, 0: fine */
	char text[256];
	uint32_t offset;	/* of the attribute at fault in the request; 0: none said */
	uint32_t value;		/* of the reply's last attribute, if it has 4 bytes */
};

static int sock;
static int family;
static unsigned int seq;
static int tests, failed;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *put(struct msg *m, int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)((char *)m->n + NLMSG_ALIGN(m->n->nlmsg_len));

	if (NLMSG_ALIGN(m->n->nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len) > m->room) {
		errno = ENOSPC;
		die("message");
	}
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(a + 1, 0, NLA_ALIGN(len));
	if (len)
		memcpy(a + 1, data, len);
	m->n->nlmsg_len = NLMSG_ALIGN(m->n->nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len);
	return a;
}

static void put_u8(struct msg *m, int type, uint8_t v)
{
	put(m, type, &v, sizeof(v));
}

static void put_u32(struct msg *m, int type, uint32_t v)
{
	put(m, type, &v, sizeof(v));
}

static void put_port(struct msg *m, int type, uint16_t v)
{
	v = htons(v);
	put(m, type, &v, sizeof(v));
}

static void put_str(struct msg *m, int type, const char *s)
{
	put(m, type, s, strlen(s) + 1);
}

static void put_addr(struct msg *m, int type, const char *text)
{
	unsigned char a[16];
	bool v6 = strchr(text, ':');

	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, a) != 1)
		die(text);
	put(m, type, a, v6 ? 16 : 4);
}

static struct nlattr *nest(struct msg *m, int type)
{
	return put(m, type | NLA_F_NESTED, NULL, 0);
}

static void nest_end(struct msg *m, struct nlattr *a)
{
	a->nla_len = (char *)m->n + m->n->nlmsg_len - (char *)a;
}

static void begin(struct msg *m, void *buf, size_t room, int type, int cmd, int flags)
{
	struct genlmsghdr *g;

	memset(buf, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	m->n = buf;
	m->room = room;
	m->n->nlmsg_type = type;
	m->n->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	m->n->nlmsg_seq = ++seq;
	g = NLMSG_DATA(m->n);
	g->cmd = cmd;
	g->version = 1;
	m->n->nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
}

static void send_msg(const struct msg *m)
{
	if (send(sock, m->n, m->n->nlmsg_len, 0) < 0)
		die("send");
}

/* What an error message says, behind what it quotes of the request. */
static void read_words(const struct nlmsghdr *n, const struct nlmsgerr *e, struct answer *out)
{
	size_t off = sizeof(*e);
	const char *p, *end = (const char *)n + n->nlmsg_len;

	if (!(n->nlmsg_flags & NLM_F_CAPPED))
		off += e->msg.nlmsg_len - sizeof(struct nlmsghdr);
	if (!(n->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (p = (const char *)e + NLMSG_ALIGN(off); p + NLA_HDRLEN <= end;) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN)
			return;
		if (a->nla_type == NLMSGERR_ATTR_MSG)
			snprintf(out->text, sizeof(out->text), "%s", (const char *)(a + 1));
		if (a->nla_type == NLMSGERR_ATTR_OFFS)
			memcpy(&out->offset, a + 1, sizeof(out->offset));
		p += NLA_ALIGN(a->nla_len);
	}
}

static void read_value(const struct nlmsghdr *n, uint32_t *value)
{
	const char *p = (const char *)NLMSG_DATA(n) + GENL_HDRLEN;
	const char *end = (const char *)n + n->nlmsg_len;

	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN)
			return;
		if (a->nla_len == NLA_HDRLEN + sizeof(*value))
			memcpy(value, a + 1, sizeof(*value));
		p += NLA_ALIGN(a->nla_len);
	}
}

/* Up to the ack. */
static void receive(struct answer *out)
{
	static char buf[1 << 16];
	struct nlmsghdr *n;
	ssize_t got;

	for (;;) {
		got = recv(sock, buf, sizeof(buf), 0);
		if (got < 0)
			die("recv");
		for (n = (void *)buf; NLMSG_OK(n, got); n = NLMSG_NEXT(n, got)) {
			const struct nlmsgerr *e = NLMSG_DATA(n);

			if (n->nlmsg_seq != seq)
				continue;
			if (n->nlmsg_type == NLMSG_DONE) {
				out->error = 0;
				return;
			}
			if (n->nlmsg_type != NLMSG_ERROR) {
				read_value(n, &out->value);
				continue;
			}
			out->error = -e->error;
			read_words(n, e, out);
			return;
		}
	}
}

static void open_family(void)
{
	char buf[256], reply[4096];
	const struct nlattr *a;
	struct nlmsghdr *n;
	struct msg m;
	int on = 1;
	ssize_t got;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sock < 0)
		die("socket");
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	begin(&m, buf, sizeof(buf), GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	m.n->nlmsg_flags &= ~NLM_F_ACK;
	put_str(&m, CTRL_ATTR_FAMILY_NAME, SVCNAT_GENL_NAME);
	send_msg(&m);
	got = recv(sock, reply, sizeof(reply), 0);
	n = (void *)reply;
	if (got < (ssize_t)NLMSG_HDRLEN || n->nlmsg_type == NLMSG_ERROR)
		die("no family svcnat");
	for (a = (void *)((char *)NLMSG_DATA(n) + GENL_HDRLEN);
	     (char *)a + NLA_HDRLEN <= reply + n->nlmsg_len;
	     a = (void *)((char *)a + NLA_ALIGN(a->nla_len)))
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			family = *(const uint16_t *)(a + 1);
	if (!family)
		die("no id of the family");
}

static void check(const char *name, const struct answer *got, int error, const char *text)
{
	bool good = got->error == error && (!text || strstr(got->text, text));

	/* Every refusal but the core's of a right has words. */
	if (error && error != EPERM && !got->text[0] && text)
		good = false;
	printf("%sok %d %s\n", good ? "" : "not ", ++tests, name);
	if (!good) {
		failed++;
		printf("# wanted: %s '%s'\n# got:    %s '%s'\n", strerror(error),
		       text ? text : "", strerror(got->error), got->text);
	}
}

/* ---- a service that is right, but for what a row changes in it */

struct row {
	const char *name;
	int error;
	const char *text;
	int flags;		/* 0: CREATE | EXCL */
	int without;		/* 1 + a SVCNAT_A_SERVICE_* that is left out */
	const char *svc;	/* another name */
	int fam, proto;
	const char *owner;
	int kind;		/* 1 + kind */
	const char *fe_addr;	/* "": none */
	int fe_port;		/* 1 + port */
	const char *ep_addr;
	int ep_port;
	int extra;		/* an attribute type more, of 4 bytes */
	uint32_t extra_value;
	int fe_extra;		/* likewise in the frontend */
	int at;			/* the attribute that must be said to be at fault */
	int reserved;		/* of the generic header */
};

static char long_name[SVCNAT_NAME_MAX + 2];

static const struct row rows[] = {
	{ "no name", EINVAL, "the service's name is missing",
	  .without = 1 + SVCNAT_A_SERVICE_NAME },
	{ "no family", EINVAL, "the family is missing", .without = 1 + SVCNAT_A_SERVICE_FAMILY },
	{ "no protocol", EINVAL, "the protocol is missing",
	  .without = 1 + SVCNAT_A_SERVICE_PROTO },
	{ "no owner", EINVAL, "the owner is missing", .without = 1 + SVCNAT_A_SERVICE_OWNER },
	{ "an empty name", EINVAL, "the service's name is empty", .svc = "",
	  .at = SVCNAT_A_SERVICE_NAME },
	{ "a space in the name", EINVAL, "not printable ASCII", .svc = "a b" },
	{ "a control character in the name", EINVAL, "not printable ASCII", .svc = "a\tb" },
	{ "a name that is no ASCII", EINVAL, "not printable ASCII", .svc = "\xc3\xa4" },
	{ "a name that is too long", EINVAL, "", .svc = long_name },
	{ "an owner that is too long", EINVAL, "",
	  .owner = "0123456789012345678901234567890123456789" },
	{ "an unknown family", EAFNOSUPPORT, "neither IPv4 nor IPv6", .fam = AF_UNIX,
	  .at = SVCNAT_A_SERVICE_FAMILY },
	{ "an unknown protocol", EPROTONOSUPPORT, "neither TCP, UDP nor SCTP",
	  .proto = IPPROTO_ICMP, .at = SVCNAT_A_SERVICE_PROTO },
	{ "neither CREATE nor REPLACE", EINVAL, "neither NLM_F_CREATE", .flags = NLM_F_ACK },
	{ "REPLACE of nothing", ENOENT, "no such service", .flags = NLM_F_REPLACE,
	  .at = SVCNAT_A_SERVICE_NAME },
	{ "an unknown command flag", EINVAL, "unknown bits",
	  .flags = NLM_F_CREATE | NLM_F_APPEND },
	{ "reserved bits of the header", EINVAL, "unknown bits", .reserved = 1 },
	{ "an unknown kind", ERANGE, "", .kind = 1 + 99 },
	{ "a frontend without address", EINVAL, "the frontend's address is missing",
	  .fe_addr = "" },
	{ "a nodeport with an address", EINVAL, "a nodeport has no address",
	  .kind = 1 + SVCNAT_KIND_NODEPORT, .at = SVCNAT_A_FRONTEND_ADDR },
	{ "a frontend of the other family", EINVAL, "the frontend's address has 16 bytes",
	  .fe_addr = "fd00::1" },
	{ "an IPv4 frontend of an IPv6 service", EINVAL, "the frontend's address has 4 bytes",
	  .fam = AF_INET6 },
	{ "an unspecified frontend", EINVAL, "unspecified", .fe_addr = "0.0.0.0" },
	{ "a loopback frontend", EINVAL, "loopback", .fe_addr = "127.0.0.1" },
	{ "a multicast frontend", EINVAL, "multicast", .fe_addr = "224.0.0.1" },
	{ "a broadcast frontend", EINVAL, "multicast", .fe_addr = "255.255.255.255" },
	{ "an unspecified frontend, IPv6", EINVAL, "unspecified", .fam = AF_INET6,
	  .fe_addr = "::", .ep_addr = "fd00::2" },
	{ "an IPv4-mapped frontend", EINVAL, "IPv4-mapped", .fam = AF_INET6,
	  .fe_addr = "::ffff:10.0.0.1", .ep_addr = "fd00::2" },
	{ "a loopback frontend, IPv6", EINVAL, "loopback", .fam = AF_INET6, .fe_addr = "::1",
	  .ep_addr = "fd00::2" },
	{ "frontend port 0", EINVAL, "the frontend's port is 0", .fe_port = 1 + 0,
	  .at = SVCNAT_A_FRONTEND_PORT },
	{ "a loopback endpoint", EINVAL, "the endpoint's address is", .ep_addr = "127.0.0.1" },
	{ "an endpoint of the other family", EINVAL, "the endpoint's address has 16 bytes",
	  .ep_addr = "fd00::2" },
	{ "endpoint port 0", EINVAL, "the endpoint's port is 0", .ep_port = 1 + 0 },
	{ "an unknown attribute", EINVAL, "", .extra = SVCNAT_A_SERVICE_MAX + 1 },
	{ "an attribute of replies", EINVAL, "in replies only", .extra = SVCNAT_A_SERVICE_ID },
	{ "an unknown flag", EINVAL, "", .extra = SVCNAT_A_SERVICE_FLAGS,
	  .extra_value = 0x80000000 },
	{ "an unknown attribute in a frontend", EINVAL, "",
	  .fe_extra = SVCNAT_A_FRONTEND_MAX + 1 },
	{ "a sync token of nobody", ESTALE, "the sync token is void",
	  .extra = SVCNAT_A_SERVICE_SYNC, .extra_value = 12345, .at = SVCNAT_A_SERVICE_SYNC },
	{ "a sync token of 0", ERANGE, "", .extra = SVCNAT_A_SERVICE_SYNC },
};

static void put_row(struct msg *m, const struct row *r)
{
	const char *fe_addr = r->fe_addr ? r->fe_addr : "10.96.0.1";
	struct nlattr *a;

	if (r->without != 1 + SVCNAT_A_SERVICE_NAME)
		put_str(m, SVCNAT_A_SERVICE_NAME, r->svc ? r->svc : "refused");
	if (r->without != 1 + SVCNAT_A_SERVICE_FAMILY)
		put_u8(m, SVCNAT_A_SERVICE_FAMILY, r->fam ? r->fam : AF_INET);
	if (r->without != 1 + SVCNAT_A_SERVICE_PROTO)
		put_u8(m, SVCNAT_A_SERVICE_PROTO, r->proto ? r->proto : IPPROTO_TCP);
	if (r->without != 1 + SVCNAT_A_SERVICE_OWNER)
		put_str(m, SVCNAT_A_SERVICE_OWNER, r->owner ? r->owner : "test");

	a = nest(m, SVCNAT_A_SERVICE_FRONTEND);
	put_u8(m, SVCNAT_A_FRONTEND_KIND, r->kind ? r->kind - 1 : SVCNAT_KIND_CLUSTER);
	if (*fe_addr)
		put_addr(m, SVCNAT_A_FRONTEND_ADDR, fe_addr);
	put_port(m, SVCNAT_A_FRONTEND_PORT, r->fe_port ? r->fe_port - 1 : 80);
	if (r->fe_extra)
		put_u32(m, r->fe_extra, 0);
	nest_end(m, a);

	a = nest(m, SVCNAT_A_SERVICE_ENDPOINT);
	put_addr(m, SVCNAT_A_ENDPOINT_ADDR, r->ep_addr ? r->ep_addr : "10.244.0.1");
	put_port(m, SVCNAT_A_ENDPOINT_PORT, r->ep_port ? r->ep_port - 1 : 80);
	nest_end(m, a);

	if (r->extra)
		put_u32(m, r->extra, r->extra_value);
}

static void ask(const struct msg *m, struct answer *got)
{
	memset(got, 0, sizeof(*got));
	send_msg(m);
	receive(got);
}

/* Does the answer point at an attribute of that type? */
static void check_place(const struct row *r, const struct msg *m, const struct answer *got)
{
	struct answer a = *got;
	char name[128];
	int type = -1;

	if (!r->at)
		return;
	if (got->offset && got->offset + NLA_HDRLEN <= m->n->nlmsg_len)
		type = ((struct nlattr *)((char *)m->n + got->offset))->nla_type & NLA_TYPE_MASK;
	a.error = type == r->at ? 0 : ENOENT;
	snprintf(a.text, sizeof(a.text), "points at type %d, not %d", type, r->at);
	snprintf(name, sizeof(name), "%s: the place", r->name);
	check(name, &a, 0, NULL);
}

static void check_rows(void)
{
	struct answer got;
	char buf[4096];
	struct msg m;
	size_t i;

	memset(long_name, 'x', sizeof(long_name) - 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SERVICE_SET,
		      r->flags ? r->flags : NLM_F_CREATE | NLM_F_EXCL);
		((struct genlmsghdr *)NLMSG_DATA(m.n))->reserved = r->reserved;
		put_row(&m, r);
		ask(&m, &got);
		check(r->name, &got, r->error, r->text);
		check_place(r, &m, &got);
	}
}

/* ---- the other commands */

static void put_cidr(struct msg *m, int fam, const char *addr, int prefix)
{
	struct nlattr *a = nest(m, SVCNAT_A_CIDR);

	if (fam)
		put_u8(m, SVCNAT_A_CIDR_FAMILY, fam);
	put_addr(m, SVCNAT_A_CIDR_ADDR, addr);
	if (prefix >= 0)
		put_u8(m, SVCNAT_A_CIDR_PREFIX, prefix);
	nest_end(m, a);
}

static void check_cidr(const char *name, int error, const char *text, int fam, const char *addr,
		       int prefix, int times)
{
	static char buf[1 << 16];
	struct answer got;
	struct nlattr *a;
	struct msg m;

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SETTINGS_SET, 0);
	a = nest(&m, SVCNAT_A_SETTINGS_POD_CIDRS);
	while (times--)
		put_cidr(&m, fam, addr, prefix);
	nest_end(&m, a);
	ask(&m, &got);
	check(name, &got, error, text);
}

static void check_settings(void)
{
	struct answer got;
	char buf[256];
	struct msg m;

	check_cidr("a CIDR with bits past the prefix", EINVAL, "bits past the prefix", AF_INET,
		   "10.244.0.1", 16, 1);
	check_cidr("a prefix that is too long", EINVAL, "longer than an address", AF_INET,
		   "10.244.0.0", 33, 1);
	check_cidr("a prefix of no address", ERANGE, "", AF_INET6, "fd00::", 129, 1);
	check_cidr("a CIDR without prefix", EINVAL, "prefix length is missing", AF_INET,
		   "10.244.0.0", -1, 1);
	check_cidr("a CIDR without family", EINVAL, "the family is missing", 0, "10.244.0.0", 16,
		   1);
	check_cidr("a CIDR of the other family", EINVAL, "the CIDR's address has 4 bytes",
		   AF_INET6, "10.244.0.0", 16, 1);
	check_cidr("too many CIDRs", E2BIG, "at most 256", AF_INET, "10.244.0.0", 16,
		   SVCNAT_CIDRS_MAX + 1);

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SETTINGS_SET, 0);
	put_u32(&m, SVCNAT_A_SETTINGS_MAX_SERVICES, 0);
	ask(&m, &got);
	check("a limit of 0", &got, ERANGE, "");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SETTINGS_SET, 0);
	put_u32(&m, SVCNAT_A_SETTINGS_SERVICES, 5);
	ask(&m, &got);
	check("a number that can only be read", &got, EINVAL, "in replies only");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SETTINGS_GET, 0);
	put_u32(&m, 1, 0);
	ask(&m, &got);
	check("an attribute where none belongs", &got, EINVAL, "");
}

static void check_commands(void)
{
	struct answer got;
	char buf[512];
	struct msg m;

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SERVICE_GET, 0);
	ask(&m, &got);
	check("GET without dump", &got, EOPNOTSUPP, NULL);

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_MAX + 1, 0);
	ask(&m, &got);
	check("an unknown command", &got, EOPNOTSUPP, NULL);

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SERVICE_DEL, 0);
	put_str(&m, SVCNAT_A_SERVICE_NAME, "refused");
	put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	ask(&m, &got);
	check("DEL of nothing", &got, ENOENT, "there is no such service");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SYNC_BEGIN, 0);
	ask(&m, &got);
	check("SYNC_BEGIN of nobody", &got, EINVAL, "the owner is missing");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SYNC_END, 0);
	put_str(&m, SVCNAT_A_SYNC_OWNER, "test");
	ask(&m, &got);
	check("SYNC_END without token", &got, EINVAL, "the sync token is missing");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SYNC_END, 0);
	put_str(&m, SVCNAT_A_SYNC_OWNER, "test");
	put_u32(&m, SVCNAT_A_SYNC_TOKEN, 1);
	ask(&m, &got);
	check("SYNC_END that never began", &got, ESTALE, "the owner has no such sync");

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_RESOLVE, 0);
	put_u8(&m, SVCNAT_A_RESOLVE_FAMILY, AF_INET);
	put_u8(&m, SVCNAT_A_RESOLVE_PROTO, IPPROTO_TCP);
	put_addr(&m, SVCNAT_A_RESOLVE_SRC, "10.0.0.1");
	ask(&m, &got);
	check("RESOLVE without destination", &got, EINVAL, "the destination is missing");
}

/* Each command by somebody who may not. */
static void check_eperm(void)
{
	char buf[256], name[64];
	struct answer got;
	struct msg m;
	int cmd;

	for (cmd = SVCNAT_CMD_SERVICE_SET; cmd <= SVCNAT_CMD_MAX; cmd++) {
		begin(&m, buf, sizeof(buf), family, cmd,
		      cmd == SVCNAT_CMD_SERVICE_GET ? NLM_F_DUMP : 0);
		ask(&m, &got);
		snprintf(name, sizeof(name), "command %d is refused to %s", cmd,
			 getuid() ? "a user" : "root of a user namespace");
		check(name, &got, EPERM, NULL);
	}
}

/* ---- many endpoints: one message in, several out */

static void set_many(uint32_t n, struct answer *got)
{
	const size_t room = 4096 + (size_t)n * 24;
	const int sndbuf = 16 << 20;
	char *buf = malloc(room);
	uint32_t i, addr;
	struct nlattr *a;
	struct msg m;

	if (!buf)
		die("malloc");
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf));
	begin(&m, buf, room, family, SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE | NLM_F_REPLACE);
	put_str(&m, SVCNAT_A_SERVICE_NAME, "many");
	put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	put_str(&m, SVCNAT_A_SERVICE_OWNER, "test");
	for (i = 0; i < n; i++) {
		a = nest(&m, SVCNAT_A_SERVICE_ENDPOINT);
		addr = htonl(0x0a000001 + i);
		put(&m, SVCNAT_A_ENDPOINT_ADDR, &addr, sizeof(addr));
		put_port(&m, SVCNAT_A_ENDPOINT_PORT, 80);
		nest_end(&m, a);
	}
	ask(&m, got);
	free(buf);
}

static void check_many(uint32_t n)
{
	struct answer got;

	set_many(n, &got);
	check("as many endpoints as may be", &got, 0, NULL);
	set_many(SVCNAT_ENDPOINTS_MAX + 1, &got);
	check("one more than may be", &got, E2BIG, "at most 65536 endpoints");
}

/* ---- mark and sweep */

static void sync_command(int cmd, const char *owner, uint32_t token, struct answer *got)
{
	char buf[256];
	struct msg m;

	begin(&m, buf, sizeof(buf), family, cmd, 0);
	put_str(&m, SVCNAT_A_SYNC_OWNER, owner);
	if (token)
		put_u32(&m, SVCNAT_A_SYNC_TOKEN, token);
	ask(&m, got);
}

static void sync_set(const char *name, const char *owner, uint32_t token, struct answer *got)
{
	char buf[512];
	struct msg m;

	begin(&m, buf, sizeof(buf), family, SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE | NLM_F_REPLACE);
	put_str(&m, SVCNAT_A_SERVICE_NAME, name);
	put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	put_str(&m, SVCNAT_A_SERVICE_OWNER, owner);
	if (token)
		put_u32(&m, SVCNAT_A_SERVICE_SYNC, token);
	ask(&m, got);
}

static void check_value(const char *name, const struct answer *got, uint32_t wanted)
{
	struct answer a = *got;

	if (!a.error && a.value != wanted) {
		a.error = ERANGE;
		snprintf(a.text, sizeof(a.text), "%u, not %u", a.value, wanted);
	}
	check(name, &a, 0, NULL);
}

static void check_sync(void)
{
	struct answer got;
	uint32_t first, second;

	sync_set("keep", "owner-a", 0, &got);
	sync_set("sweep", "owner-a", 0, &got);
	sync_set("other", "owner-b", 0, &got);
	check("three services of two owners", &got, 0, NULL);

	sync_command(SVCNAT_CMD_SYNC_BEGIN, "owner-a", 0, &got);
	check("a sync begins", &got, 0, NULL);
	first = got.value;
	sync_command(SVCNAT_CMD_SYNC_BEGIN, "owner-a", 0, &got);
	check("it begins once more", &got, 0, NULL);
	second = got.value;

	sync_set("keep", "owner-a", first, &got);
	check("the first token is void", &got, ESTALE, "the sync token is void");
	sync_set("keep", "owner-b", second, &got);
	check("an owner cannot take another's service", &got, EBUSY, "belongs to owner 'owner-a'");
	sync_set("new", "owner-b", second, &got);
	check("nor another's token", &got, ESTALE, "the sync token is void");
	sync_set("keep", "owner-a", second, &got);
	check("a service that did not change is marked", &got, 0, NULL);
	sync_set("new", "owner-a", second, &got);
	check("a new one too", &got, 0, NULL);

	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", first, &got);
	check("the first token ends nothing", &got, ESTALE, "no such sync");
	sync_command(SVCNAT_CMD_SYNC_END, "owner-b", second, &got);
	check("nor does another owner", &got, ESTALE, "no such sync");
	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", second, &got);
	check_value("the end deletes the one without mark", &got, 1);
	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", second, &got);
	check("once", &got, ESTALE, "no such sync");

	sync_command(SVCNAT_CMD_FLUSH, "owner-a", 0, &got);
	check_value("two are left of the owner", &got, 2);
	sync_command(SVCNAT_CMD_FLUSH, "owner-b", 0, &got);
	check_value("and the other's one", &got, 1);
}

int main(int argc, char **argv)
{
	open_family();
	if (argc > 1 && !strcmp(argv[1], "eperm")) {
		check_eperm();
	} else if (argc > 2 && !strcmp(argv[1], "many")) {
		check_many(strtoul(argv[2], NULL, 0));
	} else if (argc > 1 && !strcmp(argv[1], "sync")) {
		check_sync();
	} else {
		check_rows();
		check_settings();
		check_commands();
	}
	printf("# nlcheck: %d checks, %d failed\n", tests, failed);
	return failed ? 1 : 0;
}
