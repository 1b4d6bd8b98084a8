/* SPDX-License-Identifier: GPL-2.0 */
/*
 * News of changes to the multicast group, each after the change. Nothing is
 * made when nobody listens; what cannot be made or sent is an ENOBUFS at the
 * listeners. Lock held, so that the order is the order of the changes.
 */
#ifndef SVCNAT_EVENTS_H
#define SVCNAT_EVENTS_H

#include <linux/types.h>

struct svcnat_net;
struct svcnat_service;
struct svcnat_settings;
struct svcnat_spec;

#define SVCNAT_EVENTS_GROUP	0	/* of the family's groups */

void svcnat_event_service_set(struct svcnat_net *sn, const struct svcnat_service *svc);
void svcnat_event_service_del(struct svcnat_net *sn, const struct svcnat_service *svc);
void svcnat_event_endpoints(struct svcnat_net *sn, const struct svcnat_service *svc,
			    const struct svcnat_spec *change, bool del);
void svcnat_event_settings(struct svcnat_net *sn, const struct svcnat_settings *set);
void svcnat_event_sync_end(struct svcnat_net *sn, const char *owner, u32 deleted);

#endif /* SVCNAT_EVENTS_H */
