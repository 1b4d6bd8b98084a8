// SPDX-License-Identifier: GPL-2.0
/*
 * What the netlink family refuses: one message for each thing that may be
 * wrong with one, built by hand, since no tool would send it. Each must bring
 * the errno and words of its row, and all together must leave the table as it
 * was. Prints KTAP.
 *
 *	nlcheck			all rows, as root
 *	nlcheck eperm [OWN]	each command must be refused with EPERM; OWN: in a
 *				network namespace of one's own user namespace
 *	nlcheck many N		a service of N endpoints, and one of too many
 *	nlcheck replace VIP EP1 EP2 N	the service test/busy N times, TCP
 *	nlcheck swap VIP1 EP1 VIP2 EP2 N	likewise, UDP, each address with its endpoint
 *	nlcheck sync		mark and sweep, beside another owner's services
 *	nlcheck faults		each command, and each of its allocations fails
 *	nlcheck owners		more syncs than can be open at a time
 *	nlcheck dump		a dump of many, while some of them are deleted
 */
#include "nl_load.h"
#include "nl_msg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/svcnat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
	int extra;		/* an attribute type more, */
	uint32_t extra_value;
	int extra_len;		/* of so many bytes; 0: 4 */
	uint16_t weight;	/* of the endpoint; 0: none said */
	const char *range;	/* of the service's family */
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
	{ "UDP in turn", EINVAL, "use hash, source or maglev", .proto = IPPROTO_UDP,
	  .extra = SVCNAT_A_SERVICE_SCHEDULER, .extra_len = 1,
	  .extra_value = SVCNAT_SCHEDULER_RR, .at = SVCNAT_A_SERVICE_SCHEDULER },
	{ "UDP by least connections", EINVAL, "use hash, source or maglev",
	  .proto = IPPROTO_UDP, .extra = SVCNAT_A_SERVICE_SCHEDULER, .extra_len = 1,
	  .extra_value = SVCNAT_SCHEDULER_LEASTCONN, .at = SVCNAT_A_SERVICE_SCHEDULER },
	{ "an unknown scheduler", ERANGE, "", .extra = SVCNAT_A_SERVICE_SCHEDULER,
	  .extra_len = 1, .extra_value = 99, .at = SVCNAT_A_SERVICE_SCHEDULER },
	{ "an affinity of more than a day", ERANGE, "", .extra = SVCNAT_A_SERVICE_AFFINITY,
	  .extra_value = 86401, .at = SVCNAT_A_SERVICE_AFFINITY },
	{ "a weight of 257", ERANGE, "", .weight = 257, .at = SVCNAT_A_ENDPOINT_WEIGHT },
	{ "a source range with bits past the prefix", EINVAL, "bits past the prefix",
	  .range = "192.0.2.1" },
	{ "a source range of the other family", EINVAL, "not of the service's family",
	  .range = "2001:d00::" },
};

static void put_cidr(struct msg *m, int type, int fam, const char *addr, int prefix)
{
	struct nlattr *a = nl_nest(m, type);

	if (fam)
		nl_put_u8(m, SVCNAT_A_CIDR_FAMILY, fam);
	nl_put_addr(m, SVCNAT_A_CIDR_ADDR, addr);
	if (prefix >= 0)
		nl_put_u8(m, SVCNAT_A_CIDR_PREFIX, prefix);
	nl_nest_end(m, a);
}

static void put_row(struct msg *m, const struct row *r)
{
	const char *fe_addr = r->fe_addr ? r->fe_addr : "10.96.0.1";
	struct nlattr *a;

	if (r->without != 1 + SVCNAT_A_SERVICE_NAME)
		nl_put_str(m, SVCNAT_A_SERVICE_NAME, r->svc ? r->svc : "refused");
	if (r->without != 1 + SVCNAT_A_SERVICE_FAMILY)
		nl_put_u8(m, SVCNAT_A_SERVICE_FAMILY, r->fam ? r->fam : AF_INET);
	if (r->without != 1 + SVCNAT_A_SERVICE_PROTO)
		nl_put_u8(m, SVCNAT_A_SERVICE_PROTO, r->proto ? r->proto : IPPROTO_TCP);
	if (r->without != 1 + SVCNAT_A_SERVICE_OWNER)
		nl_put_str(m, SVCNAT_A_SERVICE_OWNER, r->owner ? r->owner : "test");

	a = nl_nest(m, SVCNAT_A_SERVICE_FRONTEND);
	nl_put_u8(m, SVCNAT_A_FRONTEND_KIND, r->kind ? r->kind - 1 : SVCNAT_KIND_CLUSTER);
	if (*fe_addr)
		nl_put_addr(m, SVCNAT_A_FRONTEND_ADDR, fe_addr);
	nl_put_port(m, SVCNAT_A_FRONTEND_PORT, r->fe_port ? r->fe_port - 1 : 80);
	if (r->fe_extra)
		nl_put_u32(m, r->fe_extra, 0);
	nl_nest_end(m, a);

	a = nl_nest(m, SVCNAT_A_SERVICE_ENDPOINT);
	nl_put_addr(m, SVCNAT_A_ENDPOINT_ADDR, r->ep_addr ? r->ep_addr : "10.244.0.1");
	nl_put_port(m, SVCNAT_A_ENDPOINT_PORT, r->ep_port ? r->ep_port - 1 : 80);
	if (r->weight)
		nl_put(m, SVCNAT_A_ENDPOINT_WEIGHT, &r->weight, sizeof(r->weight));
	nl_nest_end(m, a);

	if (r->range)
		put_cidr(m, SVCNAT_A_SERVICE_RANGE, strchr(r->range, ':') ? AF_INET6 : AF_INET,
			 r->range, 24);
	/* The first bytes: little endian, as is all that this runs on. */
	if (r->extra)
		nl_put(m, r->extra, &r->extra_value, r->extra_len ? r->extra_len : 4);
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
	nl_check(name, &a, 0, NULL);
}

/* One more of them than a service may have. */
static void check_too_many(const char *name, const char *text, bool ranges)
{
	static char buf[1 << 17];
	const struct row none = { .name = "too many" };
	struct answer got;
	struct nlattr *a;
	char addr[32];
	struct msg m;
	int i;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET,
		 NLM_F_CREATE | NLM_F_EXCL);
	put_row(&m, &none);
	for (i = 0; i < (ranges ? SVCNAT_RANGES_MAX + 1 : SVCNAT_FRONTENDS_MAX); i++) {
		snprintf(addr, sizeof(addr), "10.%d.%d.0", 100 + i / 256, i % 256);
		if (ranges) {
			put_cidr(&m, SVCNAT_A_SERVICE_RANGE, AF_INET, addr, 24);
			continue;
		}
		a = nl_nest(&m, SVCNAT_A_SERVICE_FRONTEND);
		nl_put_u8(&m, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_CLUSTER);
		nl_put_addr(&m, SVCNAT_A_FRONTEND_ADDR, addr);
		nl_put_port(&m, SVCNAT_A_FRONTEND_PORT, 80);
		nl_nest_end(&m, a);
	}
	nl_ask(&m, &got);
	nl_check(name, &got, E2BIG, text);
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

		nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET,
		      r->flags ? r->flags : NLM_F_CREATE | NLM_F_EXCL);
		((struct genlmsghdr *)NLMSG_DATA(m.n))->reserved = r->reserved;
		put_row(&m, r);
		nl_ask(&m, &got);
		nl_check(r->name, &got, r->error, r->text);
		check_place(r, &m, &got);
	}
	check_too_many("too many frontends", "at most 1024 frontends", false);
	check_too_many("too many source ranges", "at most 1024 source ranges", true);
}

/* ---- the other commands */

static void check_cidr(const char *name, int error, const char *text, int fam, const char *addr,
		       int prefix, int times)
{
	static char buf[1 << 16];
	struct answer got;
	struct nlattr *a;
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SETTINGS_SET, 0);
	a = nl_nest(&m, SVCNAT_A_SETTINGS_POD_CIDRS);
	while (times--)
		put_cidr(&m, SVCNAT_A_CIDR, fam, addr, prefix);
	nl_nest_end(&m, a);
	nl_ask(&m, &got);
	nl_check(name, &got, error, text);
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

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SETTINGS_SET, 0);
	nl_put_u32(&m, SVCNAT_A_SETTINGS_MAX_SERVICES, 0);
	nl_ask(&m, &got);
	nl_check("a limit of 0", &got, ERANGE, "");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SETTINGS_SET, 0);
	nl_put_u32(&m, SVCNAT_A_SETTINGS_SERVICES, 5);
	nl_ask(&m, &got);
	nl_check("a number that can only be read", &got, EINVAL, "in replies only");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SETTINGS_GET, 0);
	nl_put_u32(&m, 1, 0);
	nl_ask(&m, &got);
	nl_check("an attribute where none belongs", &got, EINVAL, "");
}

static void check_endpoints_missing(int cmd)
{
	struct answer got;
	char buf[256];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, cmd, 0);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, "refused");
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	nl_ask(&m, &got);
	nl_check(cmd == SVCNAT_CMD_ENDPOINT_SET ? "ENDPOINT_SET of none" : "ENDPOINT_DEL of none",
		 &got, EINVAL, "endpoint");
}

static void check_commands(void)
{
	struct answer got;
	char buf[512];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_GET, 0);
	nl_ask(&m, &got);
	nl_check("GET without dump", &got, EOPNOTSUPP, NULL);

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_MAX + 1, 0);
	nl_ask(&m, &got);
	nl_check("an unknown command", &got, EOPNOTSUPP, NULL);

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_DEL, 0);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, "refused");
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	nl_ask(&m, &got);
	nl_check("DEL of nothing", &got, ENOENT, "there is no such service");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SYNC_BEGIN, 0);
	nl_ask(&m, &got);
	nl_check("SYNC_BEGIN of nobody", &got, EINVAL, "the owner is missing");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SYNC_END, 0);
	nl_put_str(&m, SVCNAT_A_SYNC_OWNER, "test");
	nl_ask(&m, &got);
	nl_check("SYNC_END without token", &got, EINVAL, "the sync token is missing");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SYNC_END, 0);
	nl_put_str(&m, SVCNAT_A_SYNC_OWNER, "test");
	nl_put_u32(&m, SVCNAT_A_SYNC_TOKEN, 1);
	nl_ask(&m, &got);
	nl_check("SYNC_END that never began", &got, ESTALE, "the owner has no such sync");

	check_endpoints_missing(SVCNAT_CMD_ENDPOINT_SET);
	check_endpoints_missing(SVCNAT_CMD_ENDPOINT_DEL);

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_AFFINITY_FLUSH, 0);
	nl_put_addr(&m, SVCNAT_A_AFFINITY_CLIENT, "10.0.0.1");
	nl_ask(&m, &got);
	nl_check("AFFINITY_FLUSH of a client of no family", &got, EINVAL,
		 "the family of the client's address is missing");

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_RESOLVE, 0);
	nl_put_u8(&m, SVCNAT_A_RESOLVE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_RESOLVE_PROTO, IPPROTO_TCP);
	nl_put_addr(&m, SVCNAT_A_RESOLVE_SRC, "10.0.0.1");
	nl_ask(&m, &got);
	nl_check("RESOLVE without destination", &got, EINVAL, "the destination is missing");
	nl_put_addr(&m, SVCNAT_A_RESOLVE_DST, "10.0.0.2");
	nl_put_port(&m, SVCNAT_A_RESOLVE_DST_PORT, 80);
	nl_put_u32(&m, SVCNAT_A_RESOLVE_IFINDEX, 0x7fffffff);
	nl_ask(&m, &got);
	nl_check("RESOLVE by an interface that is none", &got, ENODEV,
		 "there is no interface of this index");
}

/* Each command by somebody who may not; own_netns: with a network namespace of his own. */
static void check_eperm(bool own_netns)
{
	char buf[256], name[64];
	struct answer got;
	struct msg m;
	int cmd;

	for (cmd = SVCNAT_CMD_SERVICE_SET; cmd <= SVCNAT_CMD_MAX; cmd++) {
		nl_begin(&m, buf, sizeof(buf), nl_family, cmd,
		      cmd == SVCNAT_CMD_SERVICE_GET || cmd == SVCNAT_CMD_AFFINITY_GET ?
		      NLM_F_DUMP : 0);
		nl_ask(&m, &got);
		snprintf(name, sizeof(name), "command %d is refused to %s", cmd,
			 getuid() ? "a user" : "root of a user namespace");
		nl_check(name, &got, EPERM, NULL);
	}
	memset(&got, 0, sizeof(got));
	if (setsockopt(nl_sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &nl_group, sizeof(nl_group)))
		got.error = errno;
	/* Who has a namespace of his own may watch it: there is nothing of anybody else. */
	nl_check("so is listening to the events", &got, own_netns ? 0 : EPERM, NULL);
}

int main(int argc, char **argv)
{
	nl_open();
	if (argc > 1 && !strcmp(argv[1], "eperm")) {
		check_eperm(argc > 2);
	} else if (argc > 2 && !strcmp(argv[1], "many")) {
		nl_load_many(strtoul(argv[2], NULL, 0));
	} else if (argc > 5 && !strcmp(argv[1], "replace")) {
		nl_load_replace(argv[2], argv[3], argv[4],
				(uint32_t)strtoul(argv[5], NULL, 0));
	} else if (argc > 6 && !strcmp(argv[1], "swap")) {
		nl_load_swap((const char *[]){ argv[2], argv[4] },
			     (const char *[]){ argv[3], argv[5] },
			     (uint32_t)strtoul(argv[6], NULL, 0));
	} else if (argc > 1 && !strcmp(argv[1], "sync")) {
		nl_load_sync();
	} else if (argc > 1 && !strcmp(argv[1], "faults")) {
		nl_fault();
	} else if (argc > 1 && !strcmp(argv[1], "owners")) {
		nl_load_owners();
	} else if (argc > 1 && !strcmp(argv[1], "dump")) {
		nl_load_dump();
	} else {
		check_rows();
		check_settings();
		check_commands();
	}
	printf("# nlcheck: %d checks, %d failed\n", nl_tests, nl_failed);
	return nl_failed ? 1 : 0;
}
