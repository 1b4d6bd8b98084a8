/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * svcnat: Kubernetes-style services in the kernel.
 *
 * This header is the manual of the generic-netlink family "svcnat", version 1.
 *
 * Conventions
 * -----------
 * Integers are in host byte order, except ports, which are in network byte
 * order (be16), as addresses are. An address is 4 bytes long for AF_INET and
 * 16 bytes for AF_INET6; its length must match the family beside it.
 *
 * Each command acts on the network namespace of the socket that sends it, and
 * needs CAP_NET_ADMIN in the initial user namespace (-EPERM otherwise). The
 * first SERVICE_SET, SETTINGS_SET or SYNC_BEGIN in a namespace switches on
 * connection tracking and NAT there; every other command leaves a namespace
 * that does not use the module alone.
 *
 * Attributes, flags and command flags that are not listed here are refused.
 * Each refusal carries a text for a person (NLMSGERR_ATTR_MSG) and, where one
 * attribute is at fault, its place (NLMSGERR_ATTR_OFFS); but for two that the
 * kernel's core speaks before the family is asked, and without a text: -EPERM,
 * and -EOPNOTSUPP for a command that does not exist, or not in that form (do
 * or dump). A refused command changed nothing.
 *
 * "multi" marks an attribute that may stand several times in a message, in any
 * place. They make up a set: their order does not count. A message may be
 * longer than 64 KiB: only a single attribute may not.
 *
 * Commands
 * --------
 * SERVICE_SET: create or replace one service, with all that belongs to it, as
 * one atomic change: a packet sees the service wholly as it was or wholly as
 * it is now. nlmsg_flags: NLM_F_CREATE creates and refuses one that exists,
 * NLM_F_REPLACE replaces and refuses one that does not; both: either is fine.
 * NLM_F_EXCL may stand beside NLM_F_CREATE alone, and changes nothing.
 * A SERVICE_SET that changes nothing publishes nothing.
 *
 *	SVCNAT_A_SERVICE_NAME		string, 1 to SVCNAT_NAME_MAX bytes
 *	SVCNAT_A_SERVICE_FAMILY		u8, AF_INET or AF_INET6
 *	SVCNAT_A_SERVICE_PROTO		u8, IPPROTO_TCP, _UDP or _SCTP
 *	SVCNAT_A_SERVICE_OWNER		string, 1 to SVCNAT_OWNER_MAX bytes
 *	SVCNAT_A_SERVICE_FLAGS		u32, mask of SVCNAT_F_*, default 0
 *	SVCNAT_A_SERVICE_SCHEDULER	u8, enum svcnat_scheduler, default HASH
 *	SVCNAT_A_SERVICE_AFFINITY	u32, seconds, 1 to SVCNAT_AFFINITY_MAX: a
 *					client keeps its endpoint that long after
 *					its last new connection; default 0: never
 *	SVCNAT_A_SERVICE_SYNC		u32, token from SYNC_BEGIN, optional
 *	SVCNAT_A_SERVICE_DEFER		flag, see "Stale connections"
 *	SVCNAT_A_SERVICE_FRONTEND	nest, multi, 0 to SVCNAT_FRONTENDS_MAX
 *		SVCNAT_A_FRONTEND_KIND	u8, enum svcnat_kind
 *		SVCNAT_A_FRONTEND_ADDR	address; none for a NODEPORT
 *		SVCNAT_A_FRONTEND_PORT	be16, 1 to 65535
 *	SVCNAT_A_SERVICE_RANGE		nest, multi, 0 to SVCNAT_RANGES_MAX: the
 *					sources that LOADBALANCER frontends let
 *					in; none: all. As SVCNAT_A_CIDR, and of
 *					the service's family
 *	SVCNAT_A_SERVICE_ENDPOINT	nest, multi, 0 to SVCNAT_ENDPOINTS_MAX
 *		SVCNAT_A_ENDPOINT_ADDR	address
 *		SVCNAT_A_ENDPOINT_PORT	be16, 1 to 65535
 *		SVCNAT_A_ENDPOINT_LISTS	u8, mask of SVCNAT_LIST_*, default CLUSTER;
 *					0: it drains
 *		SVCNAT_A_ENDPOINT_WEIGHT	u16, 0 to SVCNAT_WEIGHT_MAX, default
 *					1; 0: it drains
 *
 *	An endpoint that drains gets no new connection and keeps those it has.
 *	The key of a service is (name, family, proto).
 *	-EEXIST   it exists (no NLM_F_REPLACE), or a frontend is taken by another
 *		  service (the text names that one and its owner), or stands
 *		  twice in the message; likewise an endpoint or a range
 *	-ENOENT   it does not exist (NLM_F_REPLACE without NLM_F_CREATE)
 *	-EBUSY    it belongs to another owner
 *	-ESTALE   the sync token is not the owner's current one
 *	-EACCES   the address of an EXTERNAL frontend is outside of the CIDRs that
 *		  the settings allow
 *	-EINVAL   among others: a scheduler for UDP that two first packets of one
 *		  socket need not agree on
 *	-ERANGE   a number outside of what is said above
 *	-ENOSPC   a limit of the settings is reached; the text names it
 *	-E2BIG    more frontends, ranges or endpoints than one service may have
 *	-EAFNOSUPPORT, -EPROTONOSUPPORT   the family, the protocol
 *
 * SERVICE_DEL: delete one service. Its addresses are free when the command
 * returns.
 *
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO
 *	SVCNAT_A_SERVICE_OWNER		optional: -EBUSY if it is another's
 *	SVCNAT_A_SERVICE_DEFER		flag, see "Stale connections"
 *
 * ENDPOINT_SET: add endpoints to a service, or change the lists and weights of
 * those that it has, as one atomic change. The others stay as they are.
 * ENDPOINT_DEL: take endpoints away from a service; -ENOENT if one is not there.
 *
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO
 *	SVCNAT_A_SERVICE_OWNER		optional: -EBUSY if it is another's
 *	SVCNAT_A_SERVICE_ENDPOINT	nest, multi, at least one; for ENDPOINT_DEL
 *					of address and port alone
 *	SVCNAT_A_SERVICE_DEFER		flag, see "Stale connections"
 *
 * SERVICE_GET: dump only (NLM_F_DUMP). Each service is one message or more:
 * when its members do not fit into one, the message has SVCNAT_A_SERVICE_MORE
 * and the next one carries the same id and further members, nothing else.
 * Services come in the order of their ids, which grow with creation; a service
 * that was not changed meanwhile comes exactly once; NLM_F_DUMP_INTR says that
 * something was changed.
 *
 *	request (each a filter, optional):
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO, _OWNER
 *	SVCNAT_A_SERVICE_STATS		flag: with the counters
 *	reply:
 *	SVCNAT_A_SERVICE_ID		u32, given at creation, not re-used soon
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO, _OWNER, _FLAGS, _SCHEDULER,
 *	_AFFINITY, _FRONTEND, _RANGE, _ENDPOINT   as in SERVICE_SET
 *	SVCNAT_A_SERVICE_MORE		flag
 *	reply, with the counters, since the service or endpoint came:
 *	SVCNAT_A_SERVICE_COUNT		nest, multi, for each reason that a
 *					verdict of the service can have
 *		SVCNAT_A_COUNT_REASON	u8, enum svcnat_reason
 *		SVCNAT_A_COUNT_N	u64, new connections
 *	and in SVCNAT_A_SERVICE_ENDPOINT:
 *		SVCNAT_A_ENDPOINT_CONNECTIONS	u64, new connections sent there
 *		and for services with connection records (SVCNAT_F_ACCOUNT or
 *		the scheduler LEASTCONN):
 *		SVCNAT_A_ENDPOINT_ACTIVE	u32, present ones that are not closing
 *		SVCNAT_A_ENDPOINT_PACKETS_TO, _BYTES_TO,
 *		SVCNAT_A_ENDPOINT_PACKETS_FROM, _BYTES_FROM   u64, as conntrack
 *					counts them
 *
 *	A connection is counted when its first packet is sent to an endpoint; if
 *	that packet is lost on this node and repeated, it is counted twice.
 *
 * SETTINGS_SET: change the settings that are present in the message; a list
 * that is present replaces the whole list, empty clears it.
 *
 *	Lists: nest, at most SVCNAT_CIDRS_MAX of
 *		SVCNAT_A_CIDR		nest, multi
 *			SVCNAT_A_CIDR_FAMILY	u8, AF_INET or AF_INET6
 *			SVCNAT_A_CIDR_ADDR	address, no bits past the prefix
 *			SVCNAT_A_CIDR_PREFIX	u8, 0 to 32 or 128
 *	SVCNAT_A_SETTINGS_POD_CIDRS	who is a pod
 *	SVCNAT_A_SETTINGS_SERVICE_CIDRS	an address in here that no service has
 *					gets nothing through (but the node's own)
 *	SVCNAT_A_SETTINGS_NODEPORT_CIDRS   which of the node's addresses have
 *					NodePorts; none of a family: all of it
 *	SVCNAT_A_SETTINGS_EXTERNAL_CIDRS   which addresses EXTERNAL frontends may
 *					have; none at all: any. -EBUSY if a service
 *					has another one; the text names it
 *	SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS   u8, 1: NodePorts also answer the
 *					node on 127.0.0.0/8, which needs
 *					net.ipv4.conf.*.route_localnet; default 0.
 *					New connections from elsewhere to such an
 *					address are dropped then
 *	SVCNAT_A_SETTINGS_MASQUERADE_ALL   u8, 1: pods too, to a ClusterIP; default 0
 *	SVCNAT_A_SETTINGS_ECHO		u8, 1: addresses of services answer ping;
 *					default 1
 *	SVCNAT_A_SETTINGS_ARMED		u8, 1: until the next SYNC_END, what goes to
 *					the service CIDRs and to no service is
 *					dropped as not loaded yet; default: see
 *					the module's parameter service_cidrs
 *	SVCNAT_A_SETTINGS_MAX_SERVICES, _MAX_FRONTENDS, _MAX_ENDPOINTS,
 *	_MAX_RANGES, _MAX_AFFINITY, _MAX_CONNECTIONS	u32, at least 1
 *
 *	A limit below the present number refuses growth, it deletes nothing.
 *	-E2BIG    more than SVCNAT_CIDRS_MAX
 *
 * SETTINGS_GET: one reply with all of the above, and
 *
 *	SVCNAT_A_SETTINGS_VERSION	string, the module's version
 *	SVCNAT_A_SETTINGS_ENABLED	u8, 1 once the namespace is in use
 *	SVCNAT_A_SETTINGS_SERVICES, _FRONTENDS, _ENDPOINTS, _RANGES, _AFFINITY,
 *	_CONNECTIONS			u32, present numbers
 *
 * SYNC_BEGIN: start to load all services of one owner anew. Those that are
 * set with the token, changed or not, survive SYNC_END. A second SYNC_BEGIN
 * of the same owner makes the first token void.
 *
 *	SVCNAT_A_SYNC_OWNER		string
 *	reply:
 *	SVCNAT_A_SYNC_TOKEN		u32, never 0
 *	Of more than 64 owners that have begun and not ended, the oldest one's
 *	token becomes void.
 *
 * SYNC_END: delete this owner's services that were not set with the token, and
 * disarm the namespace.
 *
 *	SVCNAT_A_SYNC_OWNER		string
 *	SVCNAT_A_SYNC_TOKEN		u32; -ESTALE if void
 *	reply:
 *	SVCNAT_A_SYNC_DELETED		u32, how many
 *
 * FLUSH: delete all services, or all of one owner.
 *
 *	SVCNAT_A_SYNC_OWNER		string, optional
 *	reply:
 *	SVCNAT_A_SYNC_DELETED		u32, how many
 *
 * STATS_GET: one reply with the counters of the namespace, since the module
 * came.
 *
 *	reply:
 *	SVCNAT_A_STATS_COUNT		nest, multi, one for each reason
 *		SVCNAT_A_COUNT_REASON	u8, enum svcnat_reason
 *		SVCNAT_A_COUNT_N	u64, new connections
 *	each u64:
 *	SVCNAT_A_STATS_MASQUERADED	connections that got the node's address
 *	SVCNAT_A_STATS_NAT_FAILED	first packets that NAT had no tuple for
 *	SVCNAT_A_STATS_INVALID		INVALID packets of endpoints, dropped
 *	SVCNAT_A_STATS_STALE_UDP	UDP connections ended as stale
 *	SVCNAT_A_STATS_STALE_TCP	TCP connections ended as stale
 *	SVCNAT_A_STATS_STALE_WALKS	walks through the connection table for that
 *	SVCNAT_A_STATS_RESCHEDULED	new SYNs over a closing connection to an
 *					endpoint that is gone or drains
 *	SVCNAT_A_STATS_AFFINITY_FULL	clients that were given an endpoint without
 *					affinity: max-affinity is reached, or memory,
 *					or too many came at once
 *	SVCNAT_A_STATS_CONNECTIONS_FULL	connections without a record: max-connections
 *					is reached, or memory
 *
 * AFFINITY_GET: dump only: which client keeps which endpoint. Entries that have
 * timed out, or whose endpoint is gone, are not shown. An entry that is there all
 * the time comes exactly once.
 * AFFINITY_FLUSH: forget them.
 *
 *	request (each a filter, optional):
 *	SVCNAT_A_AFFINITY_NAME, _FAMILY, _PROTO	 of the service
 *	SVCNAT_A_AFFINITY_CLIENT	address, only beside _FAMILY
 *	reply of AFFINITY_GET: those of the request, and
 *	SVCNAT_A_AFFINITY_ENDPOINT_ADDR	address
 *	SVCNAT_A_AFFINITY_ENDPOINT_PORT	be16
 *	SVCNAT_A_AFFINITY_AGE		u32, seconds since its last new connection
 *	SVCNAT_A_AFFINITY_TIMEOUT	u32, seconds, of the service
 *	reply of AFFINITY_FLUSH:
 *	SVCNAT_A_AFFINITY_DELETED	u32, how many
 *
 * RESOLVE: what would happen to the first packet of a connection, decided by
 * the function that decides about packets. Sends nothing, changes nothing.
 *
 *	SVCNAT_A_RESOLVE_FAMILY		u8
 *	SVCNAT_A_RESOLVE_PROTO		u8, any; IPPROTO_ICMP or _ICMPV6 for ping
 *	SVCNAT_A_RESOLVE_SRC		address; one of the node's: made on this node
 *	SVCNAT_A_RESOLVE_SRC_PORT	be16, optional; without it the reply
 *					names no endpoint
 *	SVCNAT_A_RESOLVE_DST		address
 *	SVCNAT_A_RESOLVE_DST_PORT	be16, for TCP, UDP and SCTP
 *	SVCNAT_A_RESOLVE_IFINDEX	u32, optional: the interface that it comes in
 *					by, or goes out by; the node's addresses are
 *					those in its VRF then, else those in none.
 *					-ENODEV if there is none of this index
 *	reply: the request's attributes, and
 *	SVCNAT_A_RESOLVE_ORIGIN		u8, enum svcnat_origin
 *	SVCNAT_A_RESOLVE_ARMED		u8
 *	SVCNAT_A_RESOLVE_VERDICT	u8, enum svcnat_verdict
 *	SVCNAT_A_RESOLVE_REASON		u8, enum svcnat_reason
 *	if the destination is a frontend of a service:
 *	SVCNAT_A_RESOLVE_SERVICE	string
 *	SVCNAT_A_RESOLVE_OWNER		string
 *	SVCNAT_A_RESOLVE_KIND		u8, enum svcnat_kind
 *	SVCNAT_A_RESOLVE_FLAGS		u32, mask of SVCNAT_F_*
 *	SVCNAT_A_RESOLVE_RANGES		u32, how many source ranges it has
 *	SVCNAT_A_RESOLVE_LIST		u8, SVCNAT_LIST_CLUSTER or _LOCAL: which
 *					endpoints this connection may have
 *	SVCNAT_A_RESOLVE_CLUSTER	u32, endpoints to choose from in that list
 *	SVCNAT_A_RESOLVE_LOCAL		u32, likewise
 *	SVCNAT_A_RESOLVE_SCHEDULER	u8, enum svcnat_scheduler
 *	SVCNAT_A_RESOLVE_AFFINITY	u32, seconds, 0: none
 *	SVCNAT_A_RESOLVE_AFFINITY_AGE	u32, of the client's entry, if it has one
 *	if VERDICT is DNAT:
 *	SVCNAT_A_RESOLVE_HASH		u32, what HASH chooses by; with the source
 *					port
 *	SVCNAT_A_RESOLVE_ENDPOINT_ADDR	address \ if the source port was given or
 *	SVCNAT_A_RESOLVE_ENDPOINT_PORT	be16    / does not matter
 *	SVCNAT_A_RESOLVE_MASQUERADE	u8, enum svcnat_masquerade; without an
 *					endpoint HAIRPIN and NO_NODE are never said
 *
 * Events
 * ------
 * Multicast group SVCNAT_MCGRP_EVENTS: what was changed, after the change, in
 * the namespace of the listener, who needs CAP_NET_ADMIN there. A listener that
 * is too slow gets ENOBUFS and reads anew. The messages bear the command that
 * they tell of:
 *
 *	SERVICE_SET		as a reply of SERVICE_GET: one message or more
 *	SERVICE_DEL		SVCNAT_A_SERVICE_ID, _NAME, _FAMILY, _PROTO, _OWNER;
 *				also for each service that FLUSH or SYNC_END deletes
 *	ENDPOINT_SET, ENDPOINT_DEL	the same, and SVCNAT_A_SERVICE_ENDPOINT as in the
 *				command, with SVCNAT_A_SERVICE_MORE as in SERVICE_GET
 *	SETTINGS_SET		as the reply of SETTINGS_GET
 *	SYNC_END		SVCNAT_A_SYNC_OWNER, _DELETED
 *
 * Stale connections
 * -----------------
 * When an endpoint leaves a service, or a frontend, or the service goes: UDP
 * connections that lead there are ended, and TCP ones that never got an
 * answer; with SVCNAT_F_RESET all TCP ones to endpoints that left. When a
 * frontend comes into force, or gets its first endpoint: UDP connections to it
 * that slipped by untranslated are ended. That is done when the command
 * returns, by one walk through the connection table; FLUSH and SYNC_END need
 * one for all that they delete. With SVCNAT_A_SERVICE_DEFER the walk is left
 * to the next command without it, or to a worker within a second: for who has
 * many changes to make.
 */
#ifndef _UAPI_LINUX_SVCNAT_H
#define _UAPI_LINUX_SVCNAT_H

#define SVCNAT_GENL_NAME	"svcnat"
#define SVCNAT_GENL_VERSION	1
#define SVCNAT_MCGRP_EVENTS	"events"

#define SVCNAT_NAME_MAX		255	/* bytes, without the NUL */
#define SVCNAT_OWNER_MAX	31	/* bytes, without the NUL */
#define SVCNAT_FRONTENDS_MAX	1024	/* of one service */
#define SVCNAT_ENDPOINTS_MAX	65536	/* of one service */
#define SVCNAT_RANGES_MAX	1024	/* of one service */
#define SVCNAT_CIDRS_MAX	256	/* of one list */
#define SVCNAT_WEIGHT_MAX	256
#define SVCNAT_AFFINITY_MAX	86400	/* seconds */

enum svcnat_cmd {
	SVCNAT_CMD_UNSPEC,
	SVCNAT_CMD_SERVICE_SET,
	SVCNAT_CMD_SERVICE_DEL,
	SVCNAT_CMD_SERVICE_GET,
	SVCNAT_CMD_ENDPOINT_SET,
	SVCNAT_CMD_ENDPOINT_DEL,
	SVCNAT_CMD_SETTINGS_SET,
	SVCNAT_CMD_SETTINGS_GET,
	SVCNAT_CMD_SYNC_BEGIN,
	SVCNAT_CMD_SYNC_END,
	SVCNAT_CMD_FLUSH,
	SVCNAT_CMD_STATS_GET,
	SVCNAT_CMD_AFFINITY_GET,
	SVCNAT_CMD_AFFINITY_FLUSH,
	SVCNAT_CMD_RESOLVE,

	__SVCNAT_CMD_MAX
};

#define SVCNAT_CMD_MAX		(__SVCNAT_CMD_MAX - 1)

/* What a frontend is to its service's users. */
enum svcnat_kind {
	SVCNAT_KIND_CLUSTER,		/* ClusterIP */
	SVCNAT_KIND_EXTERNAL,		/* externalIPs */
	SVCNAT_KIND_LOADBALANCER,	/* status.loadBalancer.ingress */
	SVCNAT_KIND_NODEPORT,		/* any address of the node, see the settings */

	__SVCNAT_KIND_MAX
};

#define SVCNAT_KIND_MAX		(__SVCNAT_KIND_MAX - 1)

/* Where a connection comes from. */
enum svcnat_origin {
	SVCNAT_ORIGIN_OUTSIDE,		/* came in, source in no pod CIDR */
	SVCNAT_ORIGIN_POD,		/* source inside a pod CIDR */
	SVCNAT_ORIGIN_NODE,		/* made on this node, in no pod CIDR */

	__SVCNAT_ORIGIN_MAX
};

#define SVCNAT_ORIGIN_MAX	(__SVCNAT_ORIGIN_MAX - 1)

/* What is done with the first packet of a connection. */
enum svcnat_verdict {
	SVCNAT_VERDICT_PASS,		/* not ours: untouched */
	SVCNAT_VERDICT_DNAT,		/* to an endpoint */
	SVCNAT_VERDICT_REJECT,		/* the client sees "refused" at once; SCTP
					 * hears it and tries on until it gives up
					 */
	SVCNAT_VERDICT_DROP,		/* the client hears nothing */
	SVCNAT_VERDICT_ECHO,		/* ping: the node answers for the address */

	__SVCNAT_VERDICT_MAX
};

#define SVCNAT_VERDICT_MAX	(__SVCNAT_VERDICT_MAX - 1)

/* Why. */
enum svcnat_reason {
	SVCNAT_REASON_NO_SERVICE,	/* PASS: no frontend there */
	SVCNAT_REASON_LOOPBACK,		/* PASS: loopback source or destination */
	SVCNAT_REASON_ENDPOINT,		/* DNAT: chosen by the scheduler */
	SVCNAT_REASON_AFFINITY,		/* DNAT: the client's own */
	SVCNAT_REASON_NO_ENDPOINTS,	/* REJECT: the service has none */
	SVCNAT_REASON_UNDEFINED_PORT,	/* REJECT: a ClusterIP, or a LoadBalancer
					 * address that is announced here, and no
					 * service of this port and protocol
					 */
	SVCNAT_REASON_NO_LOCAL,		/* DROP: policy Local, some only elsewhere */
	SVCNAT_REASON_SOURCE_RANGE,	/* DROP: outside of the service's ranges */
	SVCNAT_REASON_UNALLOCATED,	/* DROP: service CIDR, and no service's */
	SVCNAT_REASON_NOT_LOADED,	/* DROP: the same, and armed */
	SVCNAT_REASON_MARTIAN,		/* DROP: loopback NodePorts, from elsewhere */
	SVCNAT_REASON_ECHO,		/* ECHO */

	__SVCNAT_REASON_MAX
};

#define SVCNAT_REASON_MAX	(__SVCNAT_REASON_MAX - 1)

/* Whether the endpoint sees the node's address as the source, and why. */
enum svcnat_masquerade {
	SVCNAT_MASQUERADE_NO_POD,	/* no: a pod, to a ClusterIP */
	SVCNAT_MASQUERADE_NO_CIDR,	/* no: to a ClusterIP, no pod CIDR set */
	SVCNAT_MASQUERADE_NO_LOCAL,	/* no: from outside, externally Local */
	SVCNAT_MASQUERADE_NO_SHORT,	/* no: a pod's short circuit, externally Local */
	SVCNAT_MASQUERADE_NO_NODE,	/* no: from elsewhere, the endpoint is the
					 * node itself
					 */
	SVCNAT_MASQUERADE_OFF_CLUSTER,	/* yes: no pod, to a ClusterIP */
	SVCNAT_MASQUERADE_ALL,		/* yes: to a ClusterIP, MASQUERADE_ALL */
	SVCNAT_MASQUERADE_EXTERNAL,	/* yes: through any other frontend */
	SVCNAT_MASQUERADE_HAIRPIN,	/* yes: client and endpoint are one */

	__SVCNAT_MASQUERADE_MAX
};

#define SVCNAT_MASQUERADE_MAX	(__SVCNAT_MASQUERADE_MAX - 1)

/* Which endpoint. Weights count for all of them. */
enum svcnat_scheduler {
	SVCNAT_SCHEDULER_HASH,		/* the connection's tuple */
	SVCNAT_SCHEDULER_SOURCE,	/* the client's address */
	SVCNAT_SCHEDULER_MAGLEV,	/* the tuple; nodes agree, changes move little */
	SVCNAT_SCHEDULER_RR,		/* in turn; not for UDP */
	SVCNAT_SCHEDULER_LEASTCONN,	/* fewest active connections; not for UDP */

	__SVCNAT_SCHEDULER_MAX
};

#define SVCNAT_SCHEDULER_MAX	(__SVCNAT_SCHEDULER_MAX - 1)

/* Flags of a service. */
#define SVCNAT_F_INTERNAL_LOCAL	(1 << 0)	/* CLUSTER frontends: local endpoints */
#define SVCNAT_F_EXTERNAL_LOCAL	(1 << 1)	/* the others, from outside: likewise */
#define SVCNAT_F_RESET		(1 << 2)	/* end TCP to endpoints that leave */
#define SVCNAT_F_ACCOUNT	(1 << 3)	/* packets, bytes, active connections */
#define SVCNAT_F_ALL		((1 << 4) - 1)

/* The lists that an endpoint stands in. */
#define SVCNAT_LIST_CLUSTER	(1 << 0)	/* policy Cluster, and short circuits */
#define SVCNAT_LIST_LOCAL	(1 << 1)	/* policy Local */
#define SVCNAT_LIST_ALL		((1 << 2) - 1)

enum svcnat_a_service {
	SVCNAT_A_SERVICE_UNSPEC,
	SVCNAT_A_SERVICE_ID,
	SVCNAT_A_SERVICE_NAME,
	SVCNAT_A_SERVICE_FAMILY,
	SVCNAT_A_SERVICE_PROTO,
	SVCNAT_A_SERVICE_OWNER,
	SVCNAT_A_SERVICE_FLAGS,
	SVCNAT_A_SERVICE_SCHEDULER,
	SVCNAT_A_SERVICE_AFFINITY,
	SVCNAT_A_SERVICE_SYNC,
	SVCNAT_A_SERVICE_DEFER,
	SVCNAT_A_SERVICE_STATS,
	SVCNAT_A_SERVICE_FRONTEND,
	SVCNAT_A_SERVICE_RANGE,
	SVCNAT_A_SERVICE_ENDPOINT,
	SVCNAT_A_SERVICE_COUNT,
	SVCNAT_A_SERVICE_MORE,
	SVCNAT_A_SERVICE_PAD,

	__SVCNAT_A_SERVICE_MAX
};

#define SVCNAT_A_SERVICE_MAX	(__SVCNAT_A_SERVICE_MAX - 1)

enum svcnat_a_frontend {
	SVCNAT_A_FRONTEND_UNSPEC,
	SVCNAT_A_FRONTEND_KIND,
	SVCNAT_A_FRONTEND_ADDR,
	SVCNAT_A_FRONTEND_PORT,

	__SVCNAT_A_FRONTEND_MAX
};

#define SVCNAT_A_FRONTEND_MAX	(__SVCNAT_A_FRONTEND_MAX - 1)

enum svcnat_a_endpoint {
	SVCNAT_A_ENDPOINT_UNSPEC,
	SVCNAT_A_ENDPOINT_ADDR,
	SVCNAT_A_ENDPOINT_PORT,
	SVCNAT_A_ENDPOINT_LISTS,
	SVCNAT_A_ENDPOINT_WEIGHT,
	SVCNAT_A_ENDPOINT_CONNECTIONS,
	SVCNAT_A_ENDPOINT_ACTIVE,
	SVCNAT_A_ENDPOINT_PACKETS_TO,
	SVCNAT_A_ENDPOINT_BYTES_TO,
	SVCNAT_A_ENDPOINT_PACKETS_FROM,
	SVCNAT_A_ENDPOINT_BYTES_FROM,
	SVCNAT_A_ENDPOINT_PAD,

	__SVCNAT_A_ENDPOINT_MAX
};

#define SVCNAT_A_ENDPOINT_MAX	(__SVCNAT_A_ENDPOINT_MAX - 1)

enum svcnat_a_count {
	SVCNAT_A_COUNT_UNSPEC,
	SVCNAT_A_COUNT_REASON,
	SVCNAT_A_COUNT_N,
	SVCNAT_A_COUNT_PAD,

	__SVCNAT_A_COUNT_MAX
};

#define SVCNAT_A_COUNT_MAX	(__SVCNAT_A_COUNT_MAX - 1)

enum svcnat_a_settings {
	SVCNAT_A_SETTINGS_UNSPEC,
	SVCNAT_A_SETTINGS_VERSION,
	SVCNAT_A_SETTINGS_ENABLED,
	SVCNAT_A_SETTINGS_POD_CIDRS,
	SVCNAT_A_SETTINGS_SERVICE_CIDRS,
	SVCNAT_A_SETTINGS_NODEPORT_CIDRS,
	SVCNAT_A_SETTINGS_EXTERNAL_CIDRS,
	SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS,
	SVCNAT_A_SETTINGS_MASQUERADE_ALL,
	SVCNAT_A_SETTINGS_ECHO,
	SVCNAT_A_SETTINGS_ARMED,
	SVCNAT_A_SETTINGS_MAX_SERVICES,
	SVCNAT_A_SETTINGS_MAX_FRONTENDS,
	SVCNAT_A_SETTINGS_MAX_ENDPOINTS,
	SVCNAT_A_SETTINGS_MAX_RANGES,
	SVCNAT_A_SETTINGS_MAX_AFFINITY,
	SVCNAT_A_SETTINGS_MAX_CONNECTIONS,
	SVCNAT_A_SETTINGS_SERVICES,
	SVCNAT_A_SETTINGS_FRONTENDS,
	SVCNAT_A_SETTINGS_ENDPOINTS,
	SVCNAT_A_SETTINGS_RANGES,
	SVCNAT_A_SETTINGS_AFFINITY,
	SVCNAT_A_SETTINGS_CONNECTIONS,

	__SVCNAT_A_SETTINGS_MAX
};

#define SVCNAT_A_SETTINGS_MAX	(__SVCNAT_A_SETTINGS_MAX - 1)

/* The list's only member: SVCNAT_A_CIDR, of the attributes below it. */
enum svcnat_a_cidrs {
	SVCNAT_A_CIDRS_UNSPEC,
	SVCNAT_A_CIDR,

	__SVCNAT_A_CIDRS_MAX
};

#define SVCNAT_A_CIDRS_MAX	(__SVCNAT_A_CIDRS_MAX - 1)

enum svcnat_a_cidr {
	SVCNAT_A_CIDR_UNSPEC,
	SVCNAT_A_CIDR_FAMILY,
	SVCNAT_A_CIDR_ADDR,
	SVCNAT_A_CIDR_PREFIX,

	__SVCNAT_A_CIDR_MAX
};

#define SVCNAT_A_CIDR_MAX	(__SVCNAT_A_CIDR_MAX - 1)

enum svcnat_a_sync {
	SVCNAT_A_SYNC_UNSPEC,
	SVCNAT_A_SYNC_OWNER,
	SVCNAT_A_SYNC_TOKEN,
	SVCNAT_A_SYNC_DELETED,

	__SVCNAT_A_SYNC_MAX
};

#define SVCNAT_A_SYNC_MAX	(__SVCNAT_A_SYNC_MAX - 1)

enum svcnat_a_stats {
	SVCNAT_A_STATS_UNSPEC,
	SVCNAT_A_STATS_COUNT,
	SVCNAT_A_STATS_MASQUERADED,
	SVCNAT_A_STATS_NAT_FAILED,
	SVCNAT_A_STATS_INVALID,
	SVCNAT_A_STATS_STALE_UDP,
	SVCNAT_A_STATS_STALE_TCP,
	SVCNAT_A_STATS_STALE_WALKS,
	SVCNAT_A_STATS_RESCHEDULED,
	SVCNAT_A_STATS_AFFINITY_FULL,
	SVCNAT_A_STATS_CONNECTIONS_FULL,
	SVCNAT_A_STATS_PAD,

	__SVCNAT_A_STATS_MAX
};

#define SVCNAT_A_STATS_MAX	(__SVCNAT_A_STATS_MAX - 1)

enum svcnat_a_affinity {
	SVCNAT_A_AFFINITY_UNSPEC,
	SVCNAT_A_AFFINITY_NAME,
	SVCNAT_A_AFFINITY_FAMILY,
	SVCNAT_A_AFFINITY_PROTO,
	SVCNAT_A_AFFINITY_CLIENT,
	SVCNAT_A_AFFINITY_ENDPOINT_ADDR,
	SVCNAT_A_AFFINITY_ENDPOINT_PORT,
	SVCNAT_A_AFFINITY_AGE,
	SVCNAT_A_AFFINITY_TIMEOUT,
	SVCNAT_A_AFFINITY_DELETED,

	__SVCNAT_A_AFFINITY_MAX
};

#define SVCNAT_A_AFFINITY_MAX	(__SVCNAT_A_AFFINITY_MAX - 1)

enum svcnat_a_resolve {
	SVCNAT_A_RESOLVE_UNSPEC,
	SVCNAT_A_RESOLVE_FAMILY,
	SVCNAT_A_RESOLVE_PROTO,
	SVCNAT_A_RESOLVE_SRC,
	SVCNAT_A_RESOLVE_SRC_PORT,
	SVCNAT_A_RESOLVE_DST,
	SVCNAT_A_RESOLVE_DST_PORT,
	SVCNAT_A_RESOLVE_IFINDEX,
	SVCNAT_A_RESOLVE_ORIGIN,
	SVCNAT_A_RESOLVE_ARMED,
	SVCNAT_A_RESOLVE_VERDICT,
	SVCNAT_A_RESOLVE_REASON,
	SVCNAT_A_RESOLVE_SERVICE,
	SVCNAT_A_RESOLVE_OWNER,
	SVCNAT_A_RESOLVE_KIND,
	SVCNAT_A_RESOLVE_FLAGS,
	SVCNAT_A_RESOLVE_RANGES,
	SVCNAT_A_RESOLVE_LIST,
	SVCNAT_A_RESOLVE_CLUSTER,
	SVCNAT_A_RESOLVE_LOCAL,
	SVCNAT_A_RESOLVE_SCHEDULER,
	SVCNAT_A_RESOLVE_AFFINITY,
	SVCNAT_A_RESOLVE_AFFINITY_AGE,
	SVCNAT_A_RESOLVE_HASH,
	SVCNAT_A_RESOLVE_ENDPOINT_ADDR,
	SVCNAT_A_RESOLVE_ENDPOINT_PORT,
	SVCNAT_A_RESOLVE_MASQUERADE,

	__SVCNAT_A_RESOLVE_MAX
};

#define SVCNAT_A_RESOLVE_MAX	(__SVCNAT_A_RESOLVE_MAX - 1)

#endif /* _UAPI_LINUX_SVCNAT_H */
