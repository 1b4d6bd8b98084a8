/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces that the files print*.c share. */
#ifndef SVCNAT_SVCCTL_PRINT_JSON_H
#define SVCNAT_SVCCTL_PRINT_JSON_H

#include "print.h"

#include <jansson.h>

/* Takes value, which may be NULL for a lack of memory. */
int print_json(const struct print *p, json_t *value);

/* Each of these is NULL for a lack of memory, and takes what it puts into another. */
json_t *print_json_append(json_t *list, json_t *member);
json_t *print_json_set(json_t *object, const char *key, json_t *value);
json_t *print_json_addrport(const struct ip_addr *addr, uint16_t port);
json_t *print_json_number(uint64_t n);

/* name, family, protocol, owner */
json_t *print_json_key(const struct kservice *s);
/* The endpoints of a service, with their options. */
json_t *print_json_endpoints(const struct kservice *s);
/* A service with all its members. */
json_t *print_json_service(const struct kservice *s);
json_t *print_json_settings(const struct ksettings *s);
/* The words of member_flags. */
json_t *print_json_flags(uint32_t flags);

/* "NAME PROTO FAMILY owner OWNER" */
void print_key(const struct print *p, const struct kservice *s);
/* The lines below it: all members, or the endpoints alone. */
void print_members(const struct print *p, const struct kservice *s);
void print_endpoints(const struct print *p, const struct kservice *s);
/* Each line with indent in front of it. */
void print_settings_text(const struct print *p, const char *indent, const struct ksettings *s);

#endif
