// SPDX-License-Identifier: GPL-2.0
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

int nl_sock;
int nl_family;
int nl_group;
int nl_tests, nl_failed;

static unsigned int seq;

void nl_die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

void *nl_put(struct msg *m, int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)((char *)m->n + NLMSG_ALIGN(m->n->nlmsg_len));

	if (NLMSG_ALIGN(m->n->nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len) > m->room) {
		errno = ENOSPC;
		nl_die("message");
	}
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(a + 1, 0, NLA_ALIGN(len));
	if (len)
		memcpy(a + 1, data, len);
	m->n->nlmsg_len = NLMSG_ALIGN(m->n->nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len);
	return a;
}

void nl_put_u8(struct msg *m, int type, uint8_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_u32(struct msg *m, int type, uint32_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_port(struct msg *m, int type, uint16_t v)
{
	v = htons(v);
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_str(struct msg *m, int type, const char *s)
{
	nl_put(m, type, s, strlen(s) + 1);
}

void nl_put_addr(struct msg *m, int type, const char *text)
{
	unsigned char a[16];
	bool v6 = strchr(text, ':');

	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, a) != 1)
		nl_die(text);
	nl_put(m, type, a, v6 ? 16 : 4);
}

struct nlattr *nl_nest(struct msg *m, int type)
{
	return nl_put(m, type | NLA_F_NESTED, NULL, 0);
}

void nl_nest_end(struct msg *m, struct nlattr *a)
{
	a->nla_len = (char *)m->n + m->n->nlmsg_len - (char *)a;
}

void nl_begin(struct msg *m, void *buf, size_t room, int type, int cmd, int flags)
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

void nl_send(const struct msg *m)
{
	if (send(nl_sock, m->n, m->n->nlmsg_len, 0) < 0)
		nl_die("send");
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

void nl_receive(struct answer *out)
{
	static char buf[1 << 16];
	struct nlmsghdr *n;
	ssize_t got;

	for (;;) {
		got = recv(nl_sock, buf, sizeof(buf), 0);
		if (got < 0) {
			out->error = errno;
			out->lost = true;
			return;
		}
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

/* The number of the family's only group, two nests further down. */
static int read_group(const struct nlattr *groups)
{
	const struct nlattr *group = groups + 1, *a;

	for (a = group + 1; (const char *)a + NLA_HDRLEN <= (const char *)group + group->nla_len;
	     a = (const void *)((const char *)a + NLA_ALIGN(a->nla_len)))
		if (a->nla_type == CTRL_ATTR_MCAST_GRP_ID)
			return *(const uint32_t *)(a + 1);
	return 0;
}

void nl_open(void)
{
	char buf[256], reply[4096];
	const struct nlattr *a;
	struct nlmsghdr *n;
	struct msg m;
	int on = 1;
	ssize_t got;

	nl_sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl_sock < 0)
		nl_die("socket");
	setsockopt(nl_sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_sock, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_begin(&m, buf, sizeof(buf), GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	m.n->nlmsg_flags &= ~NLM_F_ACK;
	nl_put_str(&m, CTRL_ATTR_FAMILY_NAME, SVCNAT_GENL_NAME);
	nl_send(&m);
	got = recv(nl_sock, reply, sizeof(reply), 0);
	n = (void *)reply;
	if (got < (ssize_t)NLMSG_HDRLEN || n->nlmsg_type == NLMSG_ERROR)
		nl_die("no family svcnat");
	for (a = (void *)((char *)NLMSG_DATA(n) + GENL_HDRLEN);
	     (char *)a + NLA_HDRLEN <= reply + n->nlmsg_len;
	     a = (void *)((char *)a + NLA_ALIGN(a->nla_len))) {
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			nl_family = *(const uint16_t *)(a + 1);
		if ((a->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_MCAST_GROUPS)
			nl_group = read_group(a);
	}
	if (!nl_family || !nl_group)
		nl_die("no id of the family or its group");
}

void nl_check(const char *name, const struct answer *got, int error, const char *text)
{
	bool good = got->error == error && (!text || strstr(got->text, text));

	/* Every refusal but the core's of a right has words. */
	if (error && error != EPERM && !got->text[0] && text)
		good = false;
	printf("%sok %d %s\n", good ? "" : "not ", ++nl_tests, name);
	if (!good) {
		nl_failed++;
		printf("# wanted: %s '%s'\n# got:    %s '%s'\n", strerror(error),
		       text ? text : "", strerror(got->error), got->text);
	}
}

void nl_ask(const struct msg *m, struct answer *got)
{
	memset(got, 0, sizeof(*got));
	nl_send(m);
	nl_receive(got);
}

void nl_check_value(const char *name, const struct answer *got, uint32_t wanted)
{
	struct answer a = *got;

	if (!a.error && a.value != wanted) {
		a.error = ERANGE;
		snprintf(a.text, sizeof(a.text), "%u, not %u", a.value, wanted);
	}
	nl_check(name, &a, 0, NULL);
}
