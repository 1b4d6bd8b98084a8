/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an alias leads to, in the words of another server. Stub resolvers do not ask for that
 * themselves.
 */
#ifndef SVCNAT_DNS_CHASE_H
#define SVCNAT_DNS_CHASE_H

#include <ldns/ldns.h>
#include <stdbool.h>

/*
 * Append the records of type, and the aliases that lead to them from target, that the upstream's
 * message has. Only these: nobody has asked it for more. false: it has none, and nothing was
 * appended.
 */
bool dns_chase_append(ldns_rr_list *answer, const ldns_rdf *target, ldns_rr_type type,
		      const uint8_t *data, size_t len);

#endif
