// SPDX-License-Identifier: GPL-2.0
/*
 * Packets, right and wrong ones, to frontends of services; see usage().
 */
#include "number.h"
#include "packet.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TARGETS_MAX = 64 };

struct job {
	const char *device;
	struct ether_addr from, to;	/* of the device, and where its packets go */
	struct packet_addr sources[2];	/* IPv4, IPv6; the last byte and the port vary */
	struct packet_addr targets[TARGETS_MAX];
	unsigned int ntargets;
	unsigned long seed, count, seconds;
	struct random random;
	struct sockaddr_ll where;
	int fd;
	unsigned long sent, refused;
};

static void usage(void)
{
	fputs("fuzz_packets --device NAME --mac-from MAC --mac-to MAC --from ADDR [--from ADDR]\n"
	      "             [--seed N] [--count N] [--seconds N] ADDRESS PORT...\n"
	      "\n"
	      "Send N packets out of the device, at most for so many seconds, to the addresses\n"
	      "and ports, from addresses near ADDR, one of each family.\n", stderr);
	exit(2);
}

/* ---- options */

static struct packet_addr address(const char *text, unsigned int port)
{
	struct packet_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET, .port = port };

	if (inet_pton(a.family, text, a.bytes) != 1)
		errx(2, "%s is no address", text);
	return a;
}

static void mac(struct ether_addr *to, const char *text)
{
	if (!ether_aton_r(text, to))
		errx(2, "%s is no MAC address", text);
}

static void option(struct job *j, int o)
{
	struct packet_addr a;

	switch (o) {
	case 'd':
		j->device = optarg;
		break;
	case 'f':
		mac(&j->from, optarg);
		break;
	case 't':
		mac(&j->to, optarg);
		break;
	case 'a':
		a = address(optarg, 0);
		j->sources[a.family == AF_INET6] = a;
		break;
	case 's':
		j->seed = number(optarg, usage);
		break;
	case 'n':
		j->count = number(optarg, usage);
		break;
	case 'l':
		j->seconds = number(optarg, usage);
		break;
	default:
		usage();
	}
}

static void options(struct job *j, int argc, char **argv)
{
	static const struct option names[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "mac-from", required_argument, NULL, 'f' },
		{ "mac-to", required_argument, NULL, 't' },
		{ "from", required_argument, NULL, 'a' },
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 'l' },
		{ 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", names, NULL)) != -1)
		option(j, o);
	for (; optind + 1 < argc && j->ntargets < TARGETS_MAX; optind += 2) {
		struct packet_addr a = address(argv[optind], number(argv[optind + 1], usage));

		if (j->sources[a.family == AF_INET6].family != a.family)
			errx(2, "no --from of the family of %s", argv[optind]);
		j->targets[j->ntargets++] = a;
	}
	if (optind != argc || !j->ntargets || !j->device)
		usage();
}

/* ---- sending */

static void open_device(struct job *j)
{
	j->where = (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_halen = ETH_ALEN,
		.sll_ifindex = if_nametoindex(j->device),
	};
	memcpy(j->where.sll_addr, &j->to, ETH_ALEN);
	j->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (j->fd < 0 || !j->where.sll_ifindex)
		err(2, "%s", j->device);
}

static void transmit(struct job *j, const struct packet *p)
{
	struct ether_header eth;
	char frame[sizeof(eth) + PACKET_ROOM];

	memcpy(eth.ether_dhost, &j->to, ETH_ALEN);
	memcpy(eth.ether_shost, &j->from, ETH_ALEN);
	eth.ether_type = htons(p->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	/* Once in a while it is not even what it says. */
	if (random_once_in(&j->random, 256))
		eth.ether_type = htons(p->family == AF_INET ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	memcpy(frame, &eth, sizeof(eth));
	memcpy(frame + sizeof(eth), p->bytes, p->len);
	/* Longer than the device takes: that is an answer, too. */
	if (sendto(j->fd, frame, sizeof(eth) + p->len, 0, (void *)&j->where,
		   sizeof(j->where)) < 0) {
		if (errno != EMSGSIZE && errno != ENOBUFS && errno != EINVAL)
			err(2, "%s", j->device);
		j->refused++;
	}
	j->sent++;
}

/* In parts that overlap, are missing, come twice or in any order. */
static void transmit_parts(struct job *j, const struct packet *p)
{
	unsigned int n = 2 + random_below(&j->random, 4), i;
	uint32_t id = random_next(&j->random);
	struct packet part;

	for (i = 0; i < n; i++) {
		unsigned int offset = random_below(&j->random, p->len / 8 + 2);
		bool odd = random_once_in(&j->random, 8);
		size_t len = 8 * (1 + random_below(&j->random, 6)) + odd;

		if (!i)
			offset = 0;
		packet_fragment(&part, p, id, offset, len, i + 1 < n);
		transmit(j, &part);
	}
}

static void one(struct job *j)
{
	struct random *r = &j->random;
	const struct packet_addr *to = &j->targets[random_below(r, j->ntargets)];
	struct packet_addr from = j->sources[to->family == AF_INET6];
	static const unsigned int often[] = { 0, 1, 1, 1, 2, 3 };
	unsigned int n = often[random_below(r, 6)];
	struct packet p;

	from.bytes[from.family == AF_INET ? 3 : 15] = random_next(r);
	from.port = 1024 + random_below(r, 256);
	packet_make(&p, r, &from, to);
	if (random_once_in(r, 8)) {
		transmit_parts(j, &p);
		return;
	}
	while (n--)
		packet_spoil(&p, r);
	transmit(j, &p);
}

int main(int argc, char **argv)
{
	struct job j = { .seed = time(NULL), .count = 10000 };
	time_t end;

	options(&j, argc, argv);
	open_device(&j);
	j.random.state = j.seed;
	printf("seed %lu\n", j.seed);
	fflush(stdout);
	end = j.seconds ? time(NULL) + (time_t)j.seconds : 0;
	while (j.sent < j.count && !(end && time(NULL) >= end))
		one(&j);
	printf("%lu packets, %lu of them the device did not take\n", j.sent, j.refused);
	close(j.fd);
	return 0;
}
