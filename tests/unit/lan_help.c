// SPDX-License-Identifier: GPL-2.0
#include "lan_help.h"

#include "announce_frame.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

void lan_do(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

static void read_mac(int fd, struct announce_link *link)
{
	struct ifreq r = { .ifr_flags = 0 };

	memcpy(r.ifr_name, link->name, sizeof(link->name));
	assert_int_equal(ioctl(fd, SIOCGIFHWADDR, &r), 0);
	memcpy(link->mac, r.ifr_hwaddr.sa_data, ETH_ALEN);
}

bool lan_open(struct lan *l)
{
	struct sockaddr_ll sa = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };

	*l = (struct lan){ .link.name = "lan0", .fd = -1 };
	if ((unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) ||
	    system("ip link add lan0 type veth peer name far0 2>&1"))
		return false;
	lan_do("ip link set lo up; ip link set far0 up; ip link set lan0 up");
	lan_do("ip addr add 192.0.2.1/24 dev lan0; ip addr add fd70::1/64 dev lan0 nodad");
	l->link.index = (int)if_nametoindex("lan0");
	l->other = (int)if_nametoindex("far0");
	sa.sll_ifindex = l->other;
	l->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	assert_true(l->fd >= 0);
	assert_int_equal(bind(l->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	read_mac(l->fd, &l->link);
	return true;
}

void lan_close(struct lan *l)
{
	if (l->fd >= 0)
		close(l->fd);
}

/* --- frames */

static uint32_t sum(uint32_t sofar, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sofar += (uint32_t)(p[i] << 8 | p[i + 1]);
	return sofar;
}

/* RFC 8200, 8.1 */
static uint16_t checksum(const struct ip6_hdr *ip, const void *data, size_t len)
{
	uint32_t s = sum((uint32_t)len + IPPROTO_ICMPV6, data, len);

	s = sum(sum(s, &ip->ip6_src, 16), &ip->ip6_dst, 16);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons((uint16_t)~s);
}

void lan_solicit(const struct lan *l, const struct ip_addr *target)
{
	struct {
		struct ether_header eth;
		struct ip6_hdr ip;
		struct nd_neighbor_solicit ns;
	} __attribute__((packed)) f = {
		.eth = { .ether_shost = { 2, 0, 0, 0, 0, 9 }, .ether_type = htons(0x86dd) },
		.ip = { .ip6_flow = htonl(6u << 28), .ip6_plen = htons(sizeof(f.ns)),
			.ip6_nxt = IPPROTO_ICMPV6, .ip6_hlim = 255,
			.ip6_dst = announce_solicited_group(&target->v6) },
		.ns = { .nd_ns_type = ND_NEIGHBOR_SOLICIT, .nd_ns_target = target->v6 },
	};
	struct ip6_hdr ip = f.ip;
	struct nd_neighbor_solicit ns = f.ns;

	f.eth.ether_dhost[0] = f.eth.ether_dhost[1] = 0x33;
	memcpy(&f.eth.ether_dhost[2], &ip.ip6_dst.s6_addr[12], 4);
	f.ns.nd_ns_cksum = checksum(&ip, &ns, sizeof(ns));
	assert_int_equal(send(l->fd, &f, sizeof(f), 0), sizeof(f));
}
