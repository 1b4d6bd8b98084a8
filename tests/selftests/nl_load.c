// SPDX-License-Identifier: GPL-2.0
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
		nl_die("malloc");
	setsockopt(nl_sock, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf));
	nl_begin(&m, buf, room, nl_family, SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE | NLM_F_REPLACE);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, "many");
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, "test");
	for (i = 0; i < n; i++) {
		a = nl_nest(&m, SVCNAT_A_SERVICE_ENDPOINT);
		addr = htonl(0x0a000001 + i);
		nl_put(&m, SVCNAT_A_ENDPOINT_ADDR, &addr, sizeof(addr));
		nl_put_port(&m, SVCNAT_A_ENDPOINT_PORT, 80);
		nl_nest_end(&m, a);
	}
	nl_ask(&m, got);
	free(buf);
}

void nl_load_many(uint32_t n)
{
	struct answer got;

	set_many(n, &got);
	nl_check("as many endpoints as may be", &got, 0, NULL);
	set_many(SVCNAT_ENDPOINTS_MAX + 1, &got);
	nl_check("one more than may be", &got, E2BIG, "at most 65536 endpoints");
}

/* ---- mark and sweep */

static void sync_command(int cmd, const char *owner, uint32_t token, struct answer *got)
{
	char buf[256];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, cmd, 0);
	nl_put_str(&m, SVCNAT_A_SYNC_OWNER, owner);
	if (token)
		nl_put_u32(&m, SVCNAT_A_SYNC_TOKEN, token);
	nl_ask(&m, got);
}

static void sync_set(const char *name, const char *owner, uint32_t token, struct answer *got)
{
	char buf[512];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET,
		 NLM_F_CREATE | NLM_F_REPLACE);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, name);
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, owner);
	if (token)
		nl_put_u32(&m, SVCNAT_A_SERVICE_SYNC, token);
	nl_ask(&m, got);
}

void nl_load_sync(void)
{
	struct answer got;
	uint32_t first, second;

	sync_set("keep", "owner-a", 0, &got);
	sync_set("sweep", "owner-a", 0, &got);
	sync_set("other", "owner-b", 0, &got);
	nl_check("three services of two owners", &got, 0, NULL);

	sync_command(SVCNAT_CMD_SYNC_BEGIN, "owner-a", 0, &got);
	nl_check("a sync begins", &got, 0, NULL);
	first = got.value;
	sync_command(SVCNAT_CMD_SYNC_BEGIN, "owner-a", 0, &got);
	nl_check("it begins once more", &got, 0, NULL);
	second = got.value;

	sync_set("keep", "owner-a", first, &got);
	nl_check("the first token is void", &got, ESTALE, "the sync token is void");
	sync_set("keep", "owner-b", second, &got);
	nl_check("an owner cannot take another's service", &got, EBUSY,
		 "belongs to owner 'owner-a'");
	sync_set("new", "owner-b", second, &got);
	nl_check("nor another's token", &got, ESTALE, "the sync token is void");
	sync_set("keep", "owner-a", second, &got);
	nl_check("a service that did not change is marked", &got, 0, NULL);
	sync_set("new", "owner-a", second, &got);
	nl_check("a new one too", &got, 0, NULL);

	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", first, &got);
	nl_check("the first token ends nothing", &got, ESTALE, "no such sync");
	sync_command(SVCNAT_CMD_SYNC_END, "owner-b", second, &got);
	nl_check("nor does another owner", &got, ESTALE, "no such sync");
	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", second, &got);
	nl_check_value("the end deletes the one without mark", &got, 1);
	sync_command(SVCNAT_CMD_SYNC_END, "owner-a", second, &got);
	nl_check("once", &got, ESTALE, "no such sync");

	sync_command(SVCNAT_CMD_FLUSH, "owner-a", 0, &got);
	nl_check_value("two are left of the owner", &got, 2);
	sync_command(SVCNAT_CMD_FLUSH, "owner-b", 0, &got);
	nl_check_value("and the other's one", &got, 1);
}

#define OWNERS	65	/* one more than can be at it */

/* Who begins and never ends cannot keep others from it. */
void nl_load_owners(void)
{
	uint32_t token[OWNERS];
	struct answer got;
	char owner[32];
	int i;

	for (i = 0; i < OWNERS; i++) {
		snprintf(owner, sizeof(owner), "owner-%d", i);
		sync_command(SVCNAT_CMD_SYNC_BEGIN, owner, 0, &got);
		if (got.error)
			nl_die("SYNC_BEGIN");
		token[i] = got.value;
	}
	sync_command(SVCNAT_CMD_SYNC_END, "owner-0", token[0], &got);
	nl_check("of too many syncs the oldest is void", &got, ESTALE, "no such sync");
	for (i = 1; i < OWNERS; i++) {
		snprintf(owner, sizeof(owner), "owner-%d", i);
		sync_command(SVCNAT_CMD_SYNC_END, owner, token[i], &got);
		if (got.error)
			break;
	}
	got.value = i;
	nl_check_value("all others can end", &got, OWNERS);
}

/* ---- one service, again and again */

/* test/busy becomes this one; its NodePort moves on from time to time. */
static void replace_once(int proto, const char *vip, const char *ep, uint32_t i,
			 struct answer *got)
{
	struct nlattr *a;
	char buf[1024];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET, NLM_F_REPLACE);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, "test/busy");
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, strchr(vip, ':') ? AF_INET6 : AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, proto);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, "hand");
	a = nl_nest(&m, SVCNAT_A_SERVICE_FRONTEND);
	nl_put_u8(&m, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_CLUSTER);
	nl_put_addr(&m, SVCNAT_A_FRONTEND_ADDR, vip);
	nl_put_port(&m, SVCNAT_A_FRONTEND_PORT, 80);
	nl_nest_end(&m, a);
	a = nl_nest(&m, SVCNAT_A_SERVICE_FRONTEND);
	nl_put_u8(&m, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_NODEPORT);
	nl_put_port(&m, SVCNAT_A_FRONTEND_PORT, (uint16_t)(30000 + i % 100));
	nl_nest_end(&m, a);
	a = nl_nest(&m, SVCNAT_A_SERVICE_ENDPOINT);
	nl_put_addr(&m, SVCNAT_A_ENDPOINT_ADDR, ep);
	nl_put_port(&m, SVCNAT_A_ENDPOINT_PORT, 8080);
	nl_nest_end(&m, a);
	nl_ask(&m, got);
}

void nl_load_replace(const char *vip, const char *a, const char *b, uint32_t times)
{
	struct answer got = { 0 };
	uint32_t i;

	for (i = 0; i < times && !got.error; i++)
		replace_once(IPPROTO_TCP, vip, i % 2 ? a : b, i, &got);
	nl_check("replaced as often as was asked", &got, 0, NULL);
}

void nl_load_swap(const char *const vip[2], const char *const ep[2], uint32_t times)
{
	struct answer got = { 0 };
	uint32_t i;

	for (i = 0; i < times && !got.error; i++)
		replace_once(IPPROTO_UDP, vip[i % 2], ep[i % 2], i, &got);
	nl_check("swapped as often as was asked", &got, 0, NULL);
}

/* ---- a dump of many that is interrupted */

#define MANY	10000

struct dump {
	unsigned int seen[MANY];
	bool interrupted, done;
};

static void many_name(char name[64], unsigned int i)
{
	snprintf(name, 64, "a-name-that-takes-some-room-in-a-message/service-%04u", i);
}

static void many_del(unsigned int i)
{
	struct answer got;
	char buf[256], name[64];
	struct msg m;

	many_name(name, i);
	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_DEL, 0);
	nl_put_str(&m, SVCNAT_A_SERVICE_NAME, name);
	nl_put_u8(&m, SVCNAT_A_SERVICE_FAMILY, AF_INET);
	nl_put_u8(&m, SVCNAT_A_SERVICE_PROTO, IPPROTO_TCP);
	nl_ask(&m, &got);
	if (got.error)
		nl_die("delete");
}

static void dump_begin(const char *owner)
{
	char buf[256];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, owner);
	nl_send(&m);
}

static void dump_service(struct dump *d, const struct nlmsghdr *n)
{
	const char *p = (const char *)NLMSG_DATA(n) + GENL_HDRLEN;
	const char *dash;
	unsigned int i;

	for (; p + NLA_HDRLEN <= (const char *)n + n->nlmsg_len;
	     p += NLA_ALIGN(((const struct nlattr *)p)->nla_len)) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN)
			return;
		if (a->nla_type != SVCNAT_A_SERVICE_NAME)
			continue;
		dash = strrchr((const char *)(a + 1), '-');
		i = dash ? strtoul(dash + 1, NULL, 10) : MANY;
		if (i < MANY)
			d->seen[i]++;
	}
}

/* One read. */
static void dump_read(struct dump *d)
{
	static char buf[1 << 16];
	ssize_t got = recv(nl_sock, buf, sizeof(buf), 0);
	struct nlmsghdr *n;

	if (got < 0)
		nl_die("recv");
	for (n = (void *)buf; NLMSG_OK(n, got); n = NLMSG_NEXT(n, got)) {
		d->interrupted |= n->nlmsg_flags & NLM_F_DUMP_INTR;
		if (n->nlmsg_type == NLMSG_DONE || n->nlmsg_type == NLMSG_ERROR)
			d->done = true;
		else
			dump_service(d, n);
	}
}

/* How many there are of which a dump brought not as many as it must. */
static unsigned int dump_wrong(const struct dump *d, unsigned int gone)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < MANY; i++)
		if (i != gone)
			wrong += d->seen[i] != 1;
	return wrong;
}

void nl_load_dump(void)
{
	struct dump quiet = { .done = false }, busy = { .done = false };
	struct answer got = { .error = 0 };
	int first = nl_sock, second;
	char name[64];
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		many_name(name, i);
		sync_set(name, "owner-d", 0, &got);
	}
	nl_check("many services", &got, 0, NULL);

	dump_begin("owner-d");
	while (!quiet.done)
		dump_read(&quiet);
	got.value = dump_wrong(&quiet, MANY);
	nl_check_value("a dump brings each once", &got, 0);
	got.value = quiet.interrupted;
	nl_check_value("and was not interrupted", &got, 0);

	nl_open();
	second = nl_sock;
	nl_sock = first;
	dump_begin("owner-d");
	dump_read(&busy);
	nl_sock = second;
	many_del(0);		/* read already */
	many_del(MANY - 1);	/* not yet */
	nl_sock = first;
	got.value = busy.done;
	nl_check_value("a dump takes several reads", &got, 0);
	while (!busy.done)
		dump_read(&busy);
	got.value = dump_wrong(&busy, MANY - 1);
	nl_check_value("two are deleted meanwhile: of the others each comes once", &got, 0);
	got.value = busy.seen[MANY - 1];
	nl_check_value("the one that was deleted ahead does not", &got, 0);
	got.value = busy.interrupted;
	nl_check_value("and the dump says so", &got, 1);
	close(second);

	sync_command(SVCNAT_CMD_FLUSH, "owner-d", 0, &got);
	nl_check_value("flush", &got, MANY - 2);
}
