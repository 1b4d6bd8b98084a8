/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an alias leads to, in the words of another server. Stub resolvers do not ask for that
 * themselves.
 */
#ifndef SVCNAT_DNS_CHASE_H
#define SVCNAT_DNS_CHASE_H

#include "dns_zone.h"

/*
 * Append what the upstream's message has of reply->chase: the aliases that lead on from there, and
 * the records of type at their end. Only these: nobody has asked it for more. If there are none,
 * the SOA that says so, if there is one, goes to authority; of aliases without an end nothing
 * does. -EBADMSG: it cannot be read; -ENOMEM: then nothing is appended, either.
 */
int dns_chase_append(struct dns_reply *reply, ldns_rr_type type, const uint8_t *data, size_t len);

#endif
