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
 *	SVCNAT_A_SERVICE_SYNC		u32, token from SYNC_BEGIN, optional
 *	SVCNAT_A_SERVICE_FRONTEND	nest, multi, 0 to SVCNAT_FRONTENDS_MAX
 *		SVCNAT_A_FRONTEND_KIND	u8, enum svcnat_kind
 *		SVCNAT_A_FRONTEND_ADDR	address; none for a NODEPORT
 *		SVCNAT_A_FRONTEND_PORT	be16, 1 to 65535
 *	SVCNAT_A_SERVICE_ENDPOINT	nest, multi, 0 to SVCNAT_ENDPOINTS_MAX
 *		SVCNAT_A_ENDPOINT_ADDR	address
 *		SVCNAT_A_ENDPOINT_PORT	be16, 1 to 65535
 *
 *	The key of a service is (name, family, proto).
 *	-EEXIST   it exists (no NLM_F_REPLACE), or a frontend is taken by another
 *		  service (the text names that one and its owner), or stands
 *		  twice in the message; likewise an endpoint
 *	-ENOENT   it does not exist (NLM_F_REPLACE without NLM_F_CREATE)
 *	-EBUSY    it belongs to another owner
 *	-ESTALE   the sync token is not the owner's current one
 *	-ENOSPC   a limit of the settings is reached; the text names it
 *	-E2BIG    more frontends or endpoints than one service may have
 *	-EAFNOSUPPORT, -EPROTONOSUPPORT   the family, the protocol
 *
 * SERVICE_DEL: delete one service. Its addresses are free when the command
 * returns.
 *
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO
 *	SVCNAT_A_SERVICE_OWNER		optional: -EBUSY if it is another's
 *
 * SERVICE_GET: dump only (NLM_F_DUMP). Each service is one message or more:
 * when its frontends and endpoints do not fit into one, the message has
 * SVCNAT_A_SERVICE_MORE and the next one carries the same id and further
 * frontends and endpoints, nothing else. Services come in the order of their ids, which
 * grow with creation; a service that was not changed meanwhile comes exactly
 * once; NLM_F_DUMP_INTR says that something was changed.
 *
 *	request (each a filter, optional):
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO, _OWNER
 *	reply:
 *	SVCNAT_A_SERVICE_ID		u32, given at creation, not re-used soon
 *	SVCNAT_A_SERVICE_NAME, _FAMILY, _PROTO, _OWNER, _FLAGS, _FRONTEND,
 *	_ENDPOINT			as in SERVICE_SET
 *	SVCNAT_A_SERVICE_MORE		flag
 *
 * SETTINGS_SET: change the settings that are present in the message; a list
 * that is present replaces the whole list, empty clears it.
 *
 *	SVCNAT_A_SETTINGS_POD_CIDRS	nest, at most SVCNAT_CIDRS_MAX of
 *		SVCNAT_A_CIDR		nest, multi
 *			SVCNAT_A_CIDR_FAMILY	u8, AF_INET or AF_INET6
 *			SVCNAT_A_CIDR_ADDR	address, no bits past the prefix
 *			SVCNAT_A_CIDR_PREFIX	u8, 0 to 32 or 128
 *	SVCNAT_A_SETTINGS_MAX_SERVICES	u32, at least 1
 *	SVCNAT_A_SETTINGS_MAX_FRONTENDS	u32, at least 1
 *	SVCNAT_A_SETTINGS_MAX_ENDPOINTS	u32, at least 1
 *
 *	A limit below the present number refuses growth, it deletes nothing.
 *	-E2BIG    more than SVCNAT_CIDRS_MAX
 *
 * SETTINGS_GET: one reply with all of the above, and
 *
 *	SVCNAT_A_SETTINGS_VERSION	string, the module's version
 *	SVCNAT_A_SETTINGS_ENABLED	u8, 1 once the namespace is in use
 *	SVCNAT_A_SETTINGS_SERVICES	u32, present number
 *	SVCNAT_A_SETTINGS_FRONTENDS	u32, present number
 *	SVCNAT_A_SETTINGS_ENDPOINTS	u32, present number
 *
 * SYNC_BEGIN: start to load all services of one owner anew. Those that are
 * set with the token, changed or not, survive SYNC_END. A second SYNC_BEGIN
 * of the same owner makes the first token void.
 *
 *	SVCNAT_A_SYNC_OWNER		string
 *	reply:
 *	SVCNAT_A_SYNC_TOKEN		u32, never 0
 *	-ENOSPC   too many owners have begun a sync and not ended it
 *
 * SYNC_END: delete this owner's services that were not set with the token.
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
 * RESOLVE: what would happen to the first packet of a connection, decided by
 * the function that decides about packets. Sends nothing, changes nothing.
 * Addresses are looked up outside of any VRF.
 *
 *	SVCNAT_A_RESOLVE_FAMILY		u8
 *	SVCNAT_A_RESOLVE_PROTO		u8
 *	SVCNAT_A_RESOLVE_SRC		address
 *	SVCNAT_A_RESOLVE_SRC_PORT	be16, optional; without it the reply
 *					names no endpoint
 *	SVCNAT_A_RESOLVE_DST		address
 *	SVCNAT_A_RESOLVE_DST_PORT	be16
 *	reply: the request's attributes, and
 *	SVCNAT_A_RESOLVE_ORIGIN		u8, enum svcnat_origin
 *	SVCNAT_A_RESOLVE_VERDICT	u8, enum svcnat_verdict
 *	SVCNAT_A_RESOLVE_REASON		u8, enum svcnat_reason
 *	SVCNAT_A_RESOLVE_SERVICE	string  \ unless
 *	SVCNAT_A_RESOLVE_OWNER		string   | REASON is
 *	SVCNAT_A_RESOLVE_KIND		u8       | NO_SERVICE
 *	SVCNAT_A_RESOLVE_ENDPOINTS	u32     /  (how many to choose from)
 *	SVCNAT_A_RESOLVE_ENDPOINT_ADDR	address \ if VERDICT is DNAT and the
 *	SVCNAT_A_RESOLVE_ENDPOINT_PORT	be16    / source port was given
 *	SVCNAT_A_RESOLVE_MASQUERADE	u8, enum svcnat_masquerade, if DNAT;
 *					without a source port no endpoint is
 *					chosen, and HAIRPIN is never said
 */
#ifndef _UAPI_LINUX_SVCNAT_H
#define _UAPI_LINUX_SVCNAT_H

#define SVCNAT_GENL_NAME	"svcnat"
#define SVCNAT_GENL_VERSION	1

#define SVCNAT_NAME_MAX		255	/* bytes, without the NUL */
#define SVCNAT_OWNER_MAX	31	/* bytes, without the NUL */
#define SVCNAT_FRONTENDS_MAX	1024	/* of one service */
#define SVCNAT_ENDPOINTS_MAX	65536	/* of one service */
#define SVCNAT_CIDRS_MAX	256	/* of one list */

enum svcnat_cmd {
	SVCNAT_CMD_UNSPEC,
	SVCNAT_CMD_SERVICE_SET,
	SVCNAT_CMD_SERVICE_DEL,
	SVCNAT_CMD_SERVICE_GET,
	SVCNAT_CMD_SETTINGS_SET,
	SVCNAT_CMD_SETTINGS_GET,
	SVCNAT_CMD_SYNC_BEGIN,
	SVCNAT_CMD_SYNC_END,
	SVCNAT_CMD_FLUSH,
	SVCNAT_CMD_RESOLVE,

	__SVCNAT_CMD_MAX
};

#define SVCNAT_CMD_MAX		(__SVCNAT_CMD_MAX - 1)

/* What a frontend is to its service's users. */
enum svcnat_kind {
	SVCNAT_KIND_CLUSTER,		/* ClusterIP */
	SVCNAT_KIND_EXTERNAL,		/* externalIPs */
	SVCNAT_KIND_LOADBALANCER,	/* status.loadBalancer.ingress */
	SVCNAT_KIND_NODEPORT,		/* any address of the node but loopback */

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

	__SVCNAT_VERDICT_MAX
};

#define SVCNAT_VERDICT_MAX	(__SVCNAT_VERDICT_MAX - 1)

/* Why. */
enum svcnat_reason {
	SVCNAT_REASON_NO_SERVICE,	/* PASS: no frontend there */
	SVCNAT_REASON_LOOPBACK,		/* PASS: loopback source or destination */
	SVCNAT_REASON_ENDPOINT,		/* DNAT */
	SVCNAT_REASON_NO_ENDPOINTS,	/* REJECT: the service has none */

	__SVCNAT_REASON_MAX
};

#define SVCNAT_REASON_MAX	(__SVCNAT_REASON_MAX - 1)

/* Whether the endpoint sees the node's address as the source, and why. */
enum svcnat_masquerade {
	SVCNAT_MASQUERADE_NO_POD,	/* no: a pod, to a ClusterIP */
	SVCNAT_MASQUERADE_NO_CIDR,	/* no: to a ClusterIP, no pod CIDR set */
	SVCNAT_MASQUERADE_OFF_CLUSTER,	/* yes: no pod, to a ClusterIP */
	SVCNAT_MASQUERADE_EXTERNAL,	/* yes: through any other frontend */
	SVCNAT_MASQUERADE_HAIRPIN,	/* yes: client and endpoint are one */

	__SVCNAT_MASQUERADE_MAX
};

#define SVCNAT_MASQUERADE_MAX	(__SVCNAT_MASQUERADE_MAX - 1)

/* Flags of a service: none yet. */
#define SVCNAT_F_ALL		0

enum svcnat_a_service {
	SVCNAT_A_SERVICE_UNSPEC,
	SVCNAT_A_SERVICE_ID,
	SVCNAT_A_SERVICE_NAME,
	SVCNAT_A_SERVICE_FAMILY,
	SVCNAT_A_SERVICE_PROTO,
	SVCNAT_A_SERVICE_OWNER,
	SVCNAT_A_SERVICE_FLAGS,
	SVCNAT_A_SERVICE_SYNC,
	SVCNAT_A_SERVICE_FRONTEND,
	SVCNAT_A_SERVICE_ENDPOINT,
	SVCNAT_A_SERVICE_MORE,

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

	__SVCNAT_A_ENDPOINT_MAX
};

#define SVCNAT_A_ENDPOINT_MAX	(__SVCNAT_A_ENDPOINT_MAX - 1)

enum svcnat_a_settings {
	SVCNAT_A_SETTINGS_UNSPEC,
	SVCNAT_A_SETTINGS_VERSION,
	SVCNAT_A_SETTINGS_ENABLED,
	SVCNAT_A_SETTINGS_POD_CIDRS,
	SVCNAT_A_SETTINGS_MAX_SERVICES,
	SVCNAT_A_SETTINGS_MAX_FRONTENDS,
	SVCNAT_A_SETTINGS_MAX_ENDPOINTS,
	SVCNAT_A_SETTINGS_SERVICES,
	SVCNAT_A_SETTINGS_FRONTENDS,
	SVCNAT_A_SETTINGS_ENDPOINTS,

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

enum svcnat_a_resolve {
	SVCNAT_A_RESOLVE_UNSPEC,
	SVCNAT_A_RESOLVE_FAMILY,
	SVCNAT_A_RESOLVE_PROTO,
	SVCNAT_A_RESOLVE_SRC,
	SVCNAT_A_RESOLVE_SRC_PORT,
	SVCNAT_A_RESOLVE_DST,
	SVCNAT_A_RESOLVE_DST_PORT,
	SVCNAT_A_RESOLVE_ORIGIN,
	SVCNAT_A_RESOLVE_VERDICT,
	SVCNAT_A_RESOLVE_REASON,
	SVCNAT_A_RESOLVE_SERVICE,
	SVCNAT_A_RESOLVE_OWNER,
	SVCNAT_A_RESOLVE_KIND,
	SVCNAT_A_RESOLVE_ENDPOINTS,
	SVCNAT_A_RESOLVE_ENDPOINT_ADDR,
	SVCNAT_A_RESOLVE_ENDPOINT_PORT,
	SVCNAT_A_RESOLVE_MASQUERADE,

	__SVCNAT_A_RESOLVE_MAX
};

#define SVCNAT_A_RESOLVE_MAX	(__SVCNAT_A_RESOLVE_MAX - 1)

#endif /* _UAPI_LINUX_SVCNAT_H */
