// SPDX-License-Identifier: GPL-2.0
/*
 * Hold the packets of an nft queue:
 *
 *	queue NUMBER
 *
 * "ready" when it is bound; "held" for each packet that comes in. A line on
 * stdin lets all of them go on; the end of stdin ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_HELD	64

static int sock;
static uint16_t queue;
static uint32_t held[MAX_HELD];	/* ids, as they came */
static int nheld;

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static void tell(const char *word)
{
	puts(word);
	fflush(stdout);
}

/* One message with one attribute. */
static void send_message(int type, int attr, const void *data, size_t len)
{
	struct {
		struct nlmsghdr n;
		struct nfgenmsg g;
		struct nlattr a;
		char data[16];
	} m = {
		.n = { .nlmsg_len = NLMSG_LENGTH(sizeof(m.g)) + NLA_HDRLEN + NLA_ALIGN(len),
		       .nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type,
		       .nlmsg_flags = NLM_F_REQUEST },
		.g = { .version = NFNETLINK_V0, .res_id = htons(queue) },
		.a = { .nla_len = NLA_HDRLEN + len, .nla_type = attr },
	};

	memcpy(m.data, data, len);
	if (send(sock, &m, m.n.nlmsg_len, 0) < 0)
		die("send");
}

static void bind_queue(void)
{
	const struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };
	const struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (sock < 0)
		die("socket");
	send_message(NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &cmd, sizeof(cmd));
	send_message(NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &params, sizeof(params));
}

static void take_packet(const struct nlmsghdr *n)
{
	const char *p = (const char *)NLMSG_DATA(n) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	const char *end = (const char *)n + n->nlmsg_len;

	for (; p + NLA_HDRLEN <= end; p += NLA_ALIGN(((const struct nlattr *)p)->nla_len)) {
		const struct nlattr *a = (const void *)p;
		const struct nfqnl_msg_packet_hdr *h = (const void *)(a + 1);

		if (a->nla_len < NLA_HDRLEN)
			return;
		if (a->nla_type != NFQA_PACKET_HDR || nheld == MAX_HELD)
			continue;
		held[nheld++] = h->packet_id;
		tell("held");
	}
}

static void receive(void)
{
	static char buf[1 << 16];
	struct nlmsghdr *n;
	ssize_t got = recv(sock, buf, sizeof(buf), 0);

	if (got < 0)
		die("recv");
	for (n = (void *)buf; NLMSG_OK(n, got); n = NLMSG_NEXT(n, got)) {
		const struct nlmsgerr *e = NLMSG_DATA(n);

		if (n->nlmsg_type == NLMSG_ERROR && e->error) {
			errno = -e->error;
			die("queue");
		}
		if (n->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
			take_packet(n);
	}
}

static void let_go(void)
{
	struct nfqnl_msg_verdict_hdr v = { .verdict = htonl(NF_ACCEPT) };

	while (nheld > 0) {
		v.id = held[--nheld];
		send_message(NFQNL_MSG_VERDICT, NFQA_VERDICT_HDR, &v, sizeof(v));
	}
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	char line[64];

	if (argc != 2)
		return 2;
	queue = atoi(argv[1]);
	bind_queue();
	fds[1].fd = sock;
	tell("ready");
	while (poll(fds, 2, -1) >= 0) {
		if (fds[1].revents)
			receive();
		if (fds[0].revents && read(STDIN_FILENO, line, sizeof(line)) <= 0)
			return 0;
		if (fds[0].revents)
			let_go();
	}
	return 1;
}
