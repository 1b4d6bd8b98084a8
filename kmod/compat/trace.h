/* SPDX-License-Identifier: GPL-2.0 */
/* <linux/trace_events.h> as the newest kernel has it. */
#ifndef SVCNAT_COMPAT_TRACE_H
#define SVCNAT_COMPAT_TRACE_H

/*
 * Since 6.10 the source of a string stands in TP_STRUCT__entry alone. It has the
 * name of the field here.
 */
#ifdef HAVE_ASSIGN_STR_2
#define svcnat_assign_service()	__assign_str(service, service)
#else
#define svcnat_assign_service()	__assign_str(service)
#endif

#endif /* SVCNAT_COMPAT_TRACE_H */
