// SPDX-License-Identifier: GPL-2.0
#include "announce_wire.h"

#include "announce_frame.h"
#include "announce_group.h"
#include "cidr.h"
#include "complaint.h"
#include "err.h"
#include "jx.h"
#include "log.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* An address on a link. */
struct spoken {
	TAILQ_ENTRY(spoken) link;	/* of those that wait for a round, the first one first */
	struct ip_addr addr;
	int index;
	uint8_t mac[ETH_ALEN];
	bool joined;			/* it hears solicitations */
	unsigned int rounds;		/* left; 0: it does not wait */
	int64_t due;			/* the next one; ms */
};

TAILQ_HEAD(spoken_list, spoken);

struct announce_wire {
	int arp, nd;			/* the sockets; nd -1: there is no IPv6 here */
	struct event *read, *tick;
	struct spoken **v;
	size_t n;
	struct spoken_list waiting;
	struct announce_groups groups;
	struct announce_wire_counts counts;
	struct err last;		/* what it complains of; "": nothing */
	struct err deaf;		/* as of the last group that was joined, or could not be */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* They are sorted: where it is, or belongs. */
static size_t place(const struct announce_wire *w, const struct ip_addr *addr, int index)
{
	size_t from = 0, to = w->n, i;
	int c;

	while (from < to) {
		i = from + (to - from) / 2;
		c = cidr_addr_cmp(&w->v[i]->addr, addr);
		if (c < 0 || (!c && w->v[i]->index < index))
			from = i + 1;
		else
			to = i;
	}
	return from;
}

static struct spoken *find(const struct announce_wire *w, const struct ip_addr *addr, int index)
{
	size_t i = place(w, addr, index);

	return i < w->n && w->v[i]->index == index && ip_addr_equal(&w->v[i]->addr, addr) ?
	       w->v[i] : NULL;
}

/* --- sending --- */

/* A link that is just going down is no trouble, and no neighbour hears it anyway. */
static void count(struct announce_wire *w, ssize_t sent, uint64_t *counter)
{
	struct err e = { "" };

	if (sent >= 0) {
		++*counter;
		return;
	}
	w->counts.failed++;
	if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV || errno == ENETUNREACH)
		return;
	err_set(&e, errno, "announce: nothing can be sent: %m");
	complaint(&w->last, LOG_LEVEL_WARNING, &e);
}

static void send_arp(struct announce_wire *w, const struct spoken *s)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_ARP),
		.sll_ifindex = s->index,
		.sll_halen = ETH_ALEN,
	};
	uint8_t frame[ANNOUNCE_ARP_LEN];
	uint64_t ignored = 0;

	memset(to.sll_addr, 0xff, ETH_ALEN);
	announce_arp(frame, s->mac, s->addr.v4, false);
	count(w, sendto(w->arp, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
	      &w->counts.arp);
	announce_arp(frame, s->mac, s->addr.v4, true);
	count(w, sendto(w->arp, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
	      &ignored);
}

static void send_na(struct announce_wire *w, const struct spoken *s, const struct in6_addr *to,
		    bool solicited, uint64_t *counter)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_addr = *to,
		.sin6_scope_id = (uint32_t)s->index,
	};
	const uint32_t index = htonl((uint32_t)s->index);
	uint8_t packet[ANNOUNCE_NA_LEN];

	announce_na(packet, s->mac, &s->addr.v6, solicited);
	/* To a global address the scope says nothing: the interface has to be named. */
	setsockopt(w->nd, IPPROTO_IPV6, IPV6_UNICAST_IF, &index, sizeof(index));
	count(w, sendto(w->nd, packet, sizeof(packet), 0, (struct sockaddr *)&sa, sizeof(sa)),
	      counter);
}

static const struct in6_addr all_nodes = { .s6_addr = { 0xff, 2, [15] = 1 } };

static void announce(struct announce_wire *w, const struct spoken *s)
{
	if (s->addr.family == AF_INET)
		send_arp(w, s);
	else if (w->nd >= 0)
		send_na(w, s, &all_nodes, false, &w->counts.na);
}

/* --- rounds --- */

static void wake(struct announce_wire *w)
{
	const struct timeval tv = { .tv_usec = ANNOUNCE_TICK_MS * 1000 };

	if (!TAILQ_EMPTY(&w->waiting) && !event_pending(w->tick, EV_TIMEOUT, NULL))
		event_add(w->tick, &tv);
}

static void stop_waiting(struct announce_wire *w, struct spoken *s)
{
	if (s->rounds)
		TAILQ_REMOVE(&w->waiting, s, link);
	s->rounds = 0;
}

/* Those that are due, as many as may be in one tick. The list is in the order of due. */
static void speak(struct announce_wire *w)
{
	int64_t now = now_ms();
	struct spoken *s;
	unsigned int n;

	for (n = 0; n < ANNOUNCE_BURST && (s = TAILQ_FIRST(&w->waiting)) && s->due <= now; n++) {
		TAILQ_REMOVE(&w->waiting, s, link);
		announce(w, s);
		s->due = now + ANNOUNCE_ROUND_MS;
		if (--s->rounds)
			TAILQ_INSERT_TAIL(&w->waiting, s, link);
	}
	wake(w);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	speak(ctx);
}

/* --- solicitations --- */

struct received {
	uint8_t data[256];
	ssize_t len;
	struct in6_addr from;
	int index, hop_limit;
};

static void read_control(struct msghdr *m, struct received *r)
{
	struct in6_pktinfo info;
	struct cmsghdr *c;

	r->index = 0;
	r->hop_limit = -1;
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			r->index = (int)info.ipi6_ifindex;
		} else if (c->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&r->hop_limit, CMSG_DATA(c), sizeof(r->hop_limit));
		}
	}
}

static bool receive(int fd, struct received *r)
{
	struct sockaddr_in6 from = { 0 };
	struct iovec iov = { r->data, sizeof(r->data) };
	_Alignas(struct cmsghdr) char control[256];
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	r->len = recvmsg(fd, &m, MSG_DONTWAIT);
	if (r->len < 0)
		return errno == EINTR;
	r->from = from.sin6_addr;
	read_control(&m, r);
	/* No solicitation is that long. */
	if (m.msg_flags & MSG_TRUNC)
		r->len = 0;
	return true;
}

static void answer(struct announce_wire *w, const struct received *r)
{
	struct ip_addr target = { .family = AF_INET6 };
	struct announce_ns ns;
	struct spoken *s;

	if (r->len <= 0 || !announce_ns_parse(r->data, (size_t)r->len, r->hop_limit, &r->from, &ns))
		return;
	target.v6 = ns.target;
	s = find(w, &target, r->index);
	if (s)
		send_na(w, s, ns.probe ? &all_nodes : &r->from, !ns.probe, &w->counts.answers);
}

static void on_read(evutil_socket_t fd, short what, void *ctx)
{
	struct received r;
	unsigned int n;

	(void)what;
	for (n = 0; n < ANNOUNCE_READ_MAX && receive(fd, &r); n++)
		answer(ctx, &r);
}

/* --- what is announced --- */

static void listen_to(struct announce_wire *w, struct spoken *s)
{
	struct in6_addr group = announce_solicited_group(&s->addr.v6);
	struct err e = { "" };

	if (s->addr.family != AF_INET6 || w->nd < 0)
		return;
	s->joined = !announce_group_join(&w->groups, &group, s->index, &e);
	if (!s->joined)
		err_prefix(&e, "announce");
	complaint(&w->deaf, LOG_LEVEL_WARNING, &e);
}

static struct spoken *insert(struct announce_wire *w, const struct ip_addr *addr, int index)
{
	struct spoken *s = jx_must(calloc(1, sizeof(*s)));
	size_t i = place(w, addr, index);

	s->addr = *addr;
	s->index = index;
	w->v = jx_must(realloc(w->v, (w->n + 1) * sizeof(*w->v)));
	memmove(&w->v[i + 1], &w->v[i], (w->n - i) * sizeof(*w->v));
	w->v[i] = s;
	w->n++;
	listen_to(w, s);
	return s;
}

void announce_wire_add(struct announce_wire *w, const struct ip_addr *addr,
		       const struct announce_link *link, bool said)
{
	struct spoken *s = find(w, addr, link->index);
	bool same = s && !memcmp(s->mac, link->mac, ETH_ALEN);

	if (same) {
		if (!s->joined)
			listen_to(w, s);
		return;
	}
	if (!s)
		s = insert(w, addr, link->index);
	memcpy(s->mac, link->mac, ETH_ALEN);
	if (said)
		return;
	stop_waiting(w, s);
	s->rounds = ANNOUNCE_ROUNDS;
	s->due = now_ms();
	/* Ahead of those that speak again; behind those that do so for the first time, too. */
	TAILQ_INSERT_HEAD(&w->waiting, s, link);
	event_active(w->tick, EV_TIMEOUT, 0);
}

void announce_wire_again(struct announce_wire *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		stop_waiting(w, w->v[i]);
		w->v[i]->rounds = ANNOUNCE_ROUNDS;
		w->v[i]->due = now_ms();
		TAILQ_INSERT_TAIL(&w->waiting, w->v[i], link);
	}
	if (w->n)
		event_active(w->tick, EV_TIMEOUT, 0);
}

static void forget(struct announce_wire *w, struct spoken *s)
{
	struct in6_addr group;
	size_t i = place(w, &s->addr, s->index);

	stop_waiting(w, s);
	if (s->joined) {
		group = announce_solicited_group(&s->addr.v6);
		announce_group_leave(&w->groups, &group, s->index);
	}
	free(s);
	w->n--;
	memmove(&w->v[i], &w->v[i + 1], (w->n - i) * sizeof(*w->v));
}

void announce_wire_del(struct announce_wire *w, const struct ip_addr *addr, int index)
{
	struct spoken *s = find(w, addr, index);

	if (s)
		forget(w, s);
}

const struct announce_wire_counts *announce_wire_counts(const struct announce_wire *w)
{
	return &w->counts;
}

/* --- open and close --- */

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int open_nd(void)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	struct icmp6_filter filter;

	if (fd < 0)
		return -1;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_NEIGHBOR_SOLICIT, &filter);
	if (!setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) &&
	    !set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
	    !set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
	    !set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255) &&
	    !set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255) &&
	    !set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0))
		return fd;
	close(fd);
	return -1;
}

static int open_sockets(struct announce_wire *w, struct err *e)
{
	/* Of no protocol: it only sends. */
	w->arp = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->arp < 0)
		return err_set(e, errno, "announce: layer2: no socket for ARP can be opened: %m%s",
			       errno == EPERM ? "; svcd needs CAP_NET_RAW for it" : "");
	w->nd = open_nd();
	if (w->nd < 0 && errno != EAFNOSUPPORT)
		return err_set(e, errno, "announce: layer2: no socket for NDP can be opened: %m%s",
			       errno == EPERM ? "; svcd needs CAP_NET_RAW for it" : "");
	return 0;
}

int announce_wire_open(struct announce_wire **out, struct event_base *base, struct err *e)
{
	struct announce_wire *w = jx_must(calloc(1, sizeof(*w)));
	int ret;

	TAILQ_INIT(&w->waiting);
	w->arp = w->nd = -1;
	ret = open_sockets(w, e);
	if (ret) {
		announce_wire_close(w);
		return ret;
	}
	w->tick = jx_must(evtimer_new(base, on_tick, w));
	if (w->nd >= 0) {
		w->read = jx_must(event_new(base, w->nd, EV_READ | EV_PERSIST, on_read, w));
		event_add(w->read, NULL);
	}
	*out = w;
	return 0;
}

void announce_wire_close(struct announce_wire *w)
{
	if (!w)
		return;
	while (w->n)
		forget(w, w->v[w->n - 1]);
	free(w->v);
	announce_groups_clear(&w->groups);
	if (w->read)
		event_free(w->read);
	if (w->tick)
		event_free(w->tick);
	if (w->arp >= 0)
		close(w->arp);
	if (w->nd >= 0)
		close(w->nd);
	free(w);
}
