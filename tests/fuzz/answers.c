// SPDX-License-Identifier: GPL-2.0
#include "answers.h"

#include <err.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int answers_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int on = 1, size = 8 << 20;

	if (fd < 0 || setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		err(2, "a netlink socket");
	return fd;
}

static void must_not(const struct message *m, const char *what, long detail)
{
	printf("not ok: %s: %s (%ld); %u things were wrong with the request\n",
	       m->op->name, what, detail, m->wrongs);
	exit(1);
}

void answers_count_text(struct answers *out, const char *words, unsigned long times)
{
	unsigned int i;

	for (i = 0; i < out->ntexts; i++)
		if (!strncmp(out->texts[i].words, words, ANSWERS_TEXT_MAX - 1))
			break;
	if (i == ANSWERS_TEXTS)
		return;
	if (i == out->ntexts)
		snprintf(out->texts[out->ntexts++].words, ANSWERS_TEXT_MAX, "%s", words);
	out->texts[i].times += times;
}

/* What is about one name or address is about any. */
static void note_text(struct answers *out, const struct message *m, const char *words)
{
	char plain[ANSWERS_TEXT_MAX];
	size_t i;

	snprintf(plain, sizeof(plain), "%s: %s", m->op->name, words);
	for (i = 0; plain[i]; i++)
		if (plain[i] >= '0' && plain[i] <= '9')
			plain[i] = '#';
	answers_count_text(out, plain, 1);
}

/* Is there a text? The attributes have to fit each other. */
static bool has_text(const struct message *m, const struct nlmsghdr *n, struct answers *out)
{
	const struct nlmsgerr *e = NLMSG_DATA(n);
	const char *p = (const char *)(e + 1), *end = (const char *)n + n->nlmsg_len;
	bool text = false;

	if (!(n->nlmsg_flags & NLM_F_CAPPED))
		p += NLMSG_ALIGN(e->msg.nlmsg_len - sizeof(e->msg));
	if (!(n->nlmsg_flags & NLM_F_ACK_TLVS))
		return false;
	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			must_not(m, "an attribute of the answer does not fit", a->nla_len);
		if (a->nla_type == NLMSGERR_ATTR_MSG) {
			text = a->nla_len > NLA_HDRLEN + 1;
			if (!m->wrongs)
				note_text(out, m, (const char *)(a + 1));
		}
		if (a->nla_type == NLMSGERR_ATTR_OFFS &&
		    *(const uint32_t *)(a + 1) >= m->head->nlmsg_len)
			must_not(m, "the place of the fault is not in the request",
				 *(const uint32_t *)(a + 1));
		p += NLA_ALIGN(a->nla_len);
	}
	return text;
}

/*
 * These are generic netlink's own, and have no words: no such command, which a command
 * with another flag is as well, and a message shorter than its header.
 */
static bool needs_no_text(const struct message *m, int error)
{
	return error == EOPNOTSUPP || m->head->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN);
}

static bool may_be(int error)
{
	static const int known[] = {
		EINVAL, ENOENT, EEXIST, EBUSY, ERANGE, E2BIG, ENOSPC, ESTALE, EACCES, EOPNOTSUPP,
		ENOMEM, EPROTONOSUPPORT, EAFNOSUPPORT, EMSGSIZE, EDOM, ENODEV,
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i] == error)
			return true;
	return false;
}

static int read_error(const struct message *m, const struct nlmsghdr *n, struct answers *out)
{
	const struct nlmsgerr *e = NLMSG_DATA(n);
	int error = -e->error;

	if (!error) {
		out->done++;
		return 0;
	}
	if (error < 0 || error >= ANSWERS_ERRNOS || !may_be(error))
		must_not(m, "an error that no manual knows", error);
	out->refused[error]++;
	if (!has_text(m, n, out) && !needs_no_text(m, error))
		must_not(m, "an error without words", error);
	return error;
}

/* Attributes one after the other, and in those that say they are nests. */
static void check_attrs(const struct message *m, const char *p, const char *end, int depth)
{
	while (p < end) {
		const struct nlattr *a = (const void *)p;

		if (p + NLA_HDRLEN > end || a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			must_not(m, "a reply's attribute does not fit", a->nla_len);
		if (a->nla_type & NLA_F_NESTED && depth < 8)
			check_attrs(m, p + NLA_HDRLEN, p + a->nla_len, depth + 1);
		p += NLA_ALIGN(a->nla_len);
	}
}

static void check_reply(const struct message *m, const struct nlmsghdr *n)
{
	if (n->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		must_not(m, "a reply is too short", n->nlmsg_len);
	check_attrs(m, (const char *)NLMSG_DATA(n) + GENL_HDRLEN, (const char *)n + n->nlmsg_len,
		    0);
}

/* NLMSG_DONE ends a dump, with its error. */
static int read_done(const struct message *m, const struct nlmsghdr *n, struct answers *out)
{
	int error = n->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) ? -*(const int *)NLMSG_DATA(n) : 0;

	if (!error)
		out->done++;
	else if (error < 0 || error >= ANSWERS_ERRNOS || !may_be(error))
		must_not(m, "a list ends with an error that no manual knows", error);
	else
		out->refused[error]++;
	return error;
}

/* A datagram. true: the answer is whole. */
static bool read_datagram(const struct message *m, const char *buf, size_t len,
			  struct answers *out, int *error)
{
	const struct nlmsghdr *n = (const void *)buf;

	for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
		if (n->nlmsg_type == NLMSG_ERROR) {
			*error = read_error(m, n, out);
			return true;
		}
		if (n->nlmsg_type == NLMSG_DONE) {
			*error = read_done(m, n, out);
			return true;
		}
		out->listed++;
		check_reply(m, n);
	}
	return false;
}

int answers_read(int fd, const struct message *m, struct answers *out)
{
	static _Thread_local char buf[1 << 17];
	int error = -1;
	bool whole = false;
	ssize_t len;

	/* All of it is there when sendto() returns, or made while it is read. */
	for (;;) {
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0 && errno == ENOBUFS) {
			out->lost++;
			whole = true;
			continue;
		}
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			err(2, "recv");
		whole |= read_datagram(m, buf, len, out, &error);
	}
	if (!whole && !m->mute)
		must_not(m, "there is no answer", m->head->nlmsg_len);
	return error;
}
