/* SPDX-License-Identifier: GPL-2.0 */
/* Address and port as people write them: 10.0.0.1:80, [fd00::1]:80. */
#ifndef SVCNAT_ADDRPORT_H
#define SVCNAT_ADDRPORT_H

#include "kservice.h"

#define ADDRPORT_STRLEN	(INET6_ADDRSTRLEN + sizeof("[]:65535"))

/* 1 to 65535, digits only, no leading zero. */
int addrport_parse_port(const char *text, uint16_t *port, struct err *e);

/* ADDR:PORT. -EINVAL and e names what is wrong in it, not the whole. */
int addrport_parse(const char *text, struct ip_addr *addr, uint16_t *port, struct err *e);

/* ADDR, [ADDR] or ADDR:PORT; *port is 0 when there is none. */
int addrport_parse_optional(const char *text, struct ip_addr *addr, uint16_t *port, struct err *e);

const char *addrport_print(const struct ip_addr *addr, uint16_t port, char buf[ADDRPORT_STRLEN]);

/*
 * "an unspecified", "a loopback", "a multicast" or "the broadcast" address: the
 * kernel takes none as a frontend or an endpoint. NULL: an ordinary one.
 */
const char *addrport_special(const struct ip_addr *addr);

#endif
