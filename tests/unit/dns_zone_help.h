/* SPDX-License-Identifier: GPL-2.0 */
/* A zone of cluster.local for tests, and what it says, as text. */
#ifndef SVCNAT_TESTS_DNS_ZONE_HELP_H
#define SVCNAT_TESTS_DNS_ZONE_HELP_H

#include "dns_zone.h"

#define DNS_ZONE_HELP_ROOM	4096

/* Objects, as text: of a namespace, with a name. */
#define META(ns, name)	"'metadata': {'namespace': '" ns "', 'name': '" name "'}"
#define SERVICE(ns, name, spec)	"{" META(ns, name) ", 'spec': {" spec "}}"
#define SLICE(ns, name, service, type, ports, endpoints) \
	"{'metadata': {'namespace': '" ns "', 'name': '" name "', 'labels': {" \
	"'kubernetes.io/service-name': '" service "'}}, 'addressType': '" type "'," \
	" 'ports': [" ports "], 'endpoints': [" endpoints "]}"
#define PORT(name, n)	"{'name': '" name "', 'protocol': 'TCP', 'port': " #n "}"
#define UDP(name, n)	"{'name': '" name "', 'protocol': 'UDP', 'port': " #n "}"
#define EP(ip)		"{'addresses': ['" ip "']}"
#define NAMED(ip, host)	"{'addresses': ['" ip "'], 'hostname': '" host "'}"
#define UNREADY(ip)	"{'addresses': ['" ip "'], 'conditions': {'ready': false}}"

#define SVC(name)	name ".svc.cluster.local."

/* Services in 10.96.0.0/16 and fd00:96::/112; ns.dns is 10.96.0.10 and fd00:96::a. Empty. */
struct dns_zone *dns_zone_help_empty(void);
/* The same, whose lists are complete. */
struct dns_zone *dns_zone_help_new(void);

/* JSON with ' for ". A Service, or an EndpointSlice if it has an addressType. */
void dns_zone_help_tell(struct dns_zone *z, const char *json);
void dns_zone_help_untell(struct dns_zone *z, const char *json);
/* Several of them. */
void dns_zone_help_tell_all(struct dns_zone *z, const char *const *json, size_t n);

/*
 * "A", "AAAA", ... of a name, within room bytes: the verdict, and a line for each record, in
 * the order of their text: "NAME TYPE DATA", with "! " before an authority (its owner only),
 * with "+ " before an additional one; "> NAME" to chase; "..." if it was cut. To be freed.
 */
char *dns_zone_help_ask(struct dns_zone *z, const char *name, const char *type, size_t room);
/* The first record of the answer, whatever its place; "" if there is none. To be freed. */
char *dns_zone_help_first(struct dns_zone *z, const char *name, const char *type);
/* Fails the test, which is called what, if the answer is another one. */
void dns_zone_help_expect(struct dns_zone *z, const char *what, const char *name,
			  const char *type, const char *expected);

/* All that it says of some names, each list of which ends with NULL; to be freed. */
char *dns_zone_help_dump(struct dns_zone *z, const char *const *names, const char *const *types);

#endif
