/* SPDX-License-Identifier: GPL-2.0 */
/* The tracepoint svcnat:svcnat_verdict, for perf, bpftrace and trace-cmd. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM svcnat

#if !defined(SVCNAT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SVCNAT_TRACE_H

#include <linux/netfilter.h>
#include <linux/svcnat.h>
#include <linux/tracepoint.h>

#include "key.h"

#define svcnat_show_verdict(v) __print_symbolic(v,			\
	{ SVCNAT_VERDICT_PASS,		"pass" },			\
	{ SVCNAT_VERDICT_DNAT,		"dnat" },			\
	{ SVCNAT_VERDICT_REJECT,	"reject" },			\
	{ SVCNAT_VERDICT_DROP,		"drop" },			\
	{ SVCNAT_VERDICT_ECHO,		"echo" })

#define svcnat_show_reason(r) __print_symbolic(r,			\
	{ SVCNAT_REASON_NO_SERVICE,	"no-service" },			\
	{ SVCNAT_REASON_LOOPBACK,	"loopback" },			\
	{ SVCNAT_REASON_ENDPOINT,	"endpoint" },			\
	{ SVCNAT_REASON_AFFINITY,	"affinity" },			\
	{ SVCNAT_REASON_NO_ENDPOINTS,	"no-endpoints" },		\
	{ SVCNAT_REASON_UNDEFINED_PORT,	"undefined-port" },		\
	{ SVCNAT_REASON_NO_LOCAL,	"no-local" },			\
	{ SVCNAT_REASON_SOURCE_RANGE,	"source-range" },		\
	{ SVCNAT_REASON_UNALLOCATED,	"unallocated" },		\
	{ SVCNAT_REASON_NOT_LOADED,	"not-loaded" },			\
	{ SVCNAT_REASON_MARTIAN,	"martian" },			\
	{ SVCNAT_REASON_ECHO,		"echo" })

/*
 * service: its name, "" if there is none; to: the endpoint, all zero if there is
 * none. An IPv4 address is shown as the mapped one, ::ffff:10.0.0.1.
 */
TRACE_EVENT(svcnat_verdict,
	TP_PROTO(unsigned int netns, const struct svcnat_flow *flow, u8 verdict, u8 reason,
		 const char *service, const struct svcnat_key *to),
	TP_ARGS(netns, flow, verdict, reason, service, to),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(u8, saddr, 16)
		__array(u8, daddr, 16)
		__array(u8, eaddr, 16)
		__field(u16, sport)
		__field(u16, dport)
		__field(u16, eport)
		__field(u8, family)
		__field(u8, proto)
		__field(u8, verdict)
		__field(u8, reason)
		__string(service, service)
	),
	TP_fast_assign(
		__entry->netns = netns;
		svcnat_addr_map(__entry->saddr, &flow->saddr, flow->family);
		svcnat_addr_map(__entry->daddr, &flow->daddr, flow->family);
		svcnat_addr_map(__entry->eaddr, &to->addr, flow->family);
		__entry->sport = ntohs(flow->sport);
		__entry->dport = ntohs(flow->dport);
		__entry->eport = ntohs(to->port);
		__entry->family = flow->family;
		__entry->proto = flow->proto;
		__entry->verdict = verdict;
		__entry->reason = reason;
		svcnat_assign_service();
	),
	TP_printk("netns=%u proto=%u src=[%pI6c]:%u dst=[%pI6c]:%u verdict=%s reason=%s service=%s endpoint=[%pI6c]:%u",
		  __entry->netns, __entry->proto,
		  __entry->saddr, __entry->sport, __entry->daddr, __entry->dport,
		  svcnat_show_verdict(__entry->verdict),
		  svcnat_show_reason(__entry->reason), __get_str(service),
		  __entry->eaddr, __entry->eport)
);

#endif /* SVCNAT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
