// SPDX-License-Identifier: GPL-2.0
/*
 * The generator of packets that pktgen does not make; see usage().
 *
 * All packets are made before the clock starts. What is left to sendmmsg() is the same
 * for each row of the benchmark, and the kernel hands a packet on as far as it goes,
 * through the node to the pod, before it takes the next one.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD = 18, FRAME_MAX = 128, BATCH = 512, FIRST_PORT = 1024 };

struct addr {
	int family;
	unsigned char bytes[16];
};

struct packet {
	unsigned char bytes[FRAME_MAX];
	size_t len;
};

struct job {
	const char *device;		/* NULL: from this node, by a raw socket */
	struct ether_addr mac_from;
	struct ether_addr mac_to;
	struct addr from;
	struct addr to;
	uint16_t port;
	int proto;
	unsigned int first;
	unsigned int count;
	bool one_flow;
};

static void usage(void)
{
	fputs("send [--device NAME --mac-from MAC --mac-to MAC] --proto tcp|udp --from ADDR\n"
	      "     --to ADDR --port PORT --count N [--first K] [--flow]\n"
	      "	Sends N packets, and prints how many nanoseconds they took. The Ith comes from\n"
	      "	the address ADDR + K + I and from a port that moves with it: a new connection,\n"
	      "	with a SYN if it is TCP. With --flow all are those of the connection K, which\n"
	      "	is there and was answered: with ACK, if it is TCP. With --device they are frames;\n"
	      "	without it they come from this node.\n"
	      "send --answer DEVICE --port PORT\n"
	      "	Says \"ready\", waits for one packet to PORT, answers it (a SYN with a SYN and\n"
	      "	ACK), and ends.\n",
	      stderr);
	exit(2);
}

/* ---- packets */

static uint32_t sum(const void *data, size_t len, uint32_t s)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		s += i % 2 ? p[i] : p[i] << 8;
	return s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons(~s);
}

static size_t addr_len(int family) { return family == AF_INET ? 4 : 16; }

/* Counted up in the last four bytes: the networks that are used begin with zeros there. */
static struct addr addr_plus(const struct addr *a, unsigned int n)
{
	unsigned char *last;
	struct addr sum = *a;
	uint32_t v;

	last = sum.bytes + addr_len(a->family) - sizeof(v);
	memcpy(&v, last, sizeof(v));
	v = htonl(ntohl(v) + n);
	memcpy(last, &v, sizeof(v));
	return sum;
}

static size_t put_tcp(unsigned char *p, uint16_t sport, uint16_t dport, uint8_t flags,
		      uint16_t window)
{
	struct tcphdr h = {
		.th_sport = htons(sport), .th_dport = htons(dport), .th_off = 5,
		.th_flags = flags, .th_win = htons(window),
		.th_seq = htonl(flags == TH_ACK ? 1 : 0), .th_ack = htonl(flags & TH_ACK ? 1 : 0),
	};

	memcpy(p, &h, sizeof(h));
	return sizeof(h);
}

static size_t put_udp(unsigned char *p, uint16_t sport, uint16_t dport)
{
	const struct udphdr h = {
		.source = htons(sport), .dest = htons(dport), .len = htons(sizeof(h) + PAYLOAD),
	};

	memcpy(p, &h, sizeof(h));
	memset(p + sizeof(h), 0, PAYLOAD);
	return sizeof(h) + PAYLOAD;
}

/* The checksum of what is at p, with that of the pseudo-header. */
static void put_checksum(unsigned char *p, size_t len, int proto, const struct addr *from,
			 const struct addr *to)
{
	const size_t at = proto == IPPROTO_TCP ? offsetof(struct tcphdr, th_sum) :
						 offsetof(struct udphdr, check);
	uint16_t check;
	uint32_t s;

	s = sum(from->bytes, addr_len(from->family), len + proto);
	s = sum(to->bytes, addr_len(to->family), s);
	check = fold(sum(p, len, s));
	memcpy(p + at, &check, sizeof(check));
}

static size_t put_ip(unsigned char *p, size_t len, int proto, const struct addr *from,
		     const struct addr *to)
{
	struct iphdr v4 = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = proto,
		.tot_len = htons(sizeof(v4) + len),
	};
	struct ip6_hdr v6 = {
		.ip6_flow = htonl(6 << 28), .ip6_plen = htons(len), .ip6_nxt = proto,
		.ip6_hlim = 64,
	};

	if (from->family == AF_INET6) {
		memcpy(&v6.ip6_src, from->bytes, 16);
		memcpy(&v6.ip6_dst, to->bytes, 16);
		memcpy(p, &v6, sizeof(v6));
		return sizeof(v6);
	}
	memcpy(&v4.saddr, from->bytes, 4);
	memcpy(&v4.daddr, to->bytes, 4);
	v4.check = fold(sum(&v4, sizeof(v4), 0));
	memcpy(p, &v4, sizeof(v4));
	return sizeof(v4);
}

static size_t ip_len(int family)
{
	return family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
}

/* From IP on. window: two packets that differ are no repetition to conntrack. */
static size_t put_packet(unsigned char *p, int proto, const struct addr *from, uint16_t sport,
			 const struct addr *to, uint16_t dport, uint8_t flags, uint16_t window)
{
	unsigned char *l4 = p + ip_len(from->family);
	size_t len;

	len = proto == IPPROTO_TCP ? put_tcp(l4, sport, dport, flags, window) :
				     put_udp(l4, sport, dport);
	put_checksum(l4, len, proto, from, to);
	return put_ip(p, len, proto, from, to) + len;
}

static size_t put_ether(unsigned char *p, const void *from, const void *to, int family)
{
	struct ether_header h = {
		.ether_type = htons(family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6),
	};

	memcpy(h.ether_shost, from, ETH_ALEN);
	memcpy(h.ether_dhost, to, ETH_ALEN);
	memcpy(p, &h, sizeof(h));
	return sizeof(h);
}

static uint16_t source_port(unsigned int n) { return FIRST_PORT + n % (65536 - FIRST_PORT); }

static void make(struct packet *p, const struct job *j, unsigned int i)
{
	const unsigned int n = j->first + (j->one_flow ? 0 : i);
	const struct addr from = addr_plus(&j->from, n);
	const uint8_t flags = j->one_flow ? TH_ACK : TH_SYN;

	p->len = j->device ? put_ether(p->bytes, &j->mac_from, &j->mac_to, from.family) : 0;
	p->len += put_packet(p->bytes + p->len, j->proto, &from, source_port(n), &j->to, j->port,
			     flags, 1000 + i % 2);
}

/* ---- sending */

static int open_device(const char *name, bool all)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = all ? htons(ETH_P_ALL) : 0,
	};
	int fd;

	at.sll_ifindex = if_nametoindex(name);
	if (!at.sll_ifindex)
		err(1, "%s", name);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "packet socket of %s", name);
	return fd;
}

static int open_raw(int family)
{
	const int fd = socket(family, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0)
		err(1, "raw socket");
	return fd;
}

static socklen_t destination(struct sockaddr_storage *at, const struct addr *to)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (to->family == AF_INET) {
		memcpy(&v4.sin_addr, to->bytes, 4);
		memcpy(at, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, to->bytes, 16);
	memcpy(at, &v6, sizeof(v6));
	return sizeof(v6);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void send_all(int fd, struct mmsghdr *messages, unsigned int count)
{
	unsigned int done = 0;
	int n;

	while (done < count) {
		n = sendmmsg(fd, messages + done, count - done < BATCH ? count - done : BATCH, 0);
		if (n <= 0)
			err(1, "packet %u of %u", done, count);
		done += n;
	}
}

static void run(const struct job *j)
{
	struct mmsghdr *messages = calloc(j->count, sizeof(*messages));
	struct packet *packets = calloc(j->count, sizeof(*packets));
	struct iovec *parts = calloc(j->count, sizeof(*parts));
	struct sockaddr_storage at;
	const socklen_t at_len = destination(&at, &j->to);
	uint64_t begin;
	int fd;

	if (!messages || !packets || !parts)
		err(1, "%u packets", j->count);
	for (unsigned int i = 0; i < j->count; i++) {
		make(&packets[i], j, i);
		parts[i] = (struct iovec){ packets[i].bytes, packets[i].len };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		if (!j->device) {
			messages[i].msg_hdr.msg_name = &at;
			messages[i].msg_hdr.msg_namelen = at_len;
		}
	}
	fd = j->device ? open_device(j->device, false) : open_raw(j->to.family);
	begin = now();
	send_all(fd, messages, j->count);
	printf("%llu\n", (unsigned long long)(now() - begin));
}

/* ---- the answer */

/* true: an answer to the frame is in its place, if it goes to the port. */
static bool turn(struct packet *p, uint16_t port)
{
	struct addr from, to;
	struct ether_header ether;
	struct tcphdr tcp;
	unsigned char *l3 = p->bytes + sizeof(ether), *l4;
	int proto;

	memcpy(&ether, p->bytes, sizeof(ether));
	from.family = ether.ether_type == htons(ETHERTYPE_IP) ? AF_INET : AF_INET6;
	to.family = from.family;
	l4 = l3 + ip_len(from.family);
	if (p->len < (size_t)(l4 - p->bytes) + sizeof(struct udphdr))
		return false;
	proto = from.family == AF_INET ? l3[9] : l3[6];
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return false;
	memcpy(from.bytes, l3 + (from.family == AF_INET ? 12 : 8), addr_len(from.family));
	memcpy(to.bytes, l3 + (from.family == AF_INET ? 16 : 24), addr_len(from.family));
	memcpy(&tcp, l4, sizeof(struct udphdr));
	if (ntohs(tcp.th_dport) != port)
		return false;
	put_ether(p->bytes, ether.ether_dhost, ether.ether_shost, from.family);
	p->len = sizeof(ether) + put_packet(l3, proto, &to, port, &from, ntohs(tcp.th_sport),
					    TH_SYN | TH_ACK, 60000);
	return true;
}

static void answer(const char *device, uint16_t port)
{
	struct packet p;
	struct pollfd fd = { .events = POLLIN };
	ssize_t len;

	fd.fd = open_device(device, true);
	puts("ready");
	fflush(stdout);
	do {
		if (poll(&fd, 1, 30000) <= 0)
			errx(1, "nothing came to port %u of %s", port, device);
		len = recv(fd.fd, p.bytes, sizeof(p.bytes), 0);
		p.len = len < 0 ? 0 : len;
	} while (!turn(&p, port));
	if (send(fd.fd, p.bytes, p.len, 0) < 0)
		err(1, "%s", device);
}

/* ---- the command line */

static struct addr parse_addr(const char *text)
{
	struct addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, a.bytes) != 1)
		errx(2, "%s is no address", text);
	return a;
}

static struct ether_addr parse_mac(const char *text)
{
	struct ether_addr mac;

	if (!ether_aton_r(text, &mac))
		errx(2, "%s is no Ethernet address", text);
	return mac;
}

static unsigned int parse_number(const char *text)
{
	char *end;
	const unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n > 1000000)
		errx(2, "%s is no number up to 1000000", text);
	return n;
}

static void set(struct job *j, int option, const char *value)
{
	switch (option) {
	case 'd':
		j->device = value;
		break;
	case 'm':
		j->mac_from = parse_mac(value);
		break;
	case 'M':
		j->mac_to = parse_mac(value);
		break;
	case 'p':
		j->proto = strcmp(value, "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
		break;
	case 's':
		j->from = parse_addr(value);
		break;
	case 't':
		j->to = parse_addr(value);
		break;
	case 'P':
		j->port = parse_number(value);
		break;
	case 'n':
		j->count = parse_number(value);
		break;
	case 'f':
		j->first = parse_number(value);
		break;
	case 'F':
		j->one_flow = true;
		break;
	default:
		usage();
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "mac-from", required_argument, NULL, 'm' },
		{ "mac-to", required_argument, NULL, 'M' },
		{ "proto", required_argument, NULL, 'p' },
		{ "from", required_argument, NULL, 's' },
		{ "to", required_argument, NULL, 't' },
		{ "port", required_argument, NULL, 'P' },
		{ "count", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "flow", no_argument, NULL, 'F' },
		{ "answer", required_argument, NULL, 'a' },
		{ 0 },
	};
	const char *answerer = NULL;
	struct job j = { .proto = IPPROTO_UDP };
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'a')
			answerer = optarg;
		else
			set(&j, o, optarg);
	}
	if (answerer && j.port)
		answer(answerer, j.port);
	else if (j.count && j.port && j.from.family && j.to.family == j.from.family)
		run(&j);
	else
		usage();
	return 0;
}
