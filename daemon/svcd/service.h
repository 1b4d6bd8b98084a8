/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the Service's rules share: questions to a Service object. */
#ifndef SVCNAT_SERVICE_H
#define SVCNAT_SERVICE_H

#include "rules.h"

#include <stdbool.h>

bool service_is_type(const json_t *svc, const char *type);
bool service_is_headless(const json_t *svc);		/* clusterIP None */
bool service_has_cluster_ip(const json_t *svc);		/* of a type that has one, or None */
bool service_has_node_ports(const json_t *svc);		/* NodePort, LoadBalancer */
bool service_wants_node_ports(const json_t *svc);	/* those that it does not name itself */
bool service_is_external(const json_t *svc);		/* reachable from outside */
bool service_has_health_port(const json_t *svc);	/* LoadBalancer with policy Local */

/* service_defaults.c */
void service_set_defaults(json_t *svc);

/* service_families.c: errors when clusterIPs, the families or the configuration contradict. */
void service_set_families(struct write *w);

/* clusterIPs, when only clusterIP is given. */
void service_init_cluster_ips(json_t *svc);

/* service_update.c: fill in what an update left out, drop what its type has no more. */
void service_carry_over(struct write *w);
/* What may not change. */
void service_validate_update(struct write *w);

/* service_validate.c */
#define SERVICE_PORTS_MAX 1000	/* each is compared with all others */
void service_validate(struct write *w);

/* service_validate_ip.c: addresses and families. */
#define SERVICE_RANGES_ANNOTATION "service.beta.kubernetes.io/load-balancer-source-ranges"
void service_validate_cluster_ips(struct write *w);
void service_validate_external_ips(struct write *w);
void service_validate_source_ranges(struct write *w);

#endif
