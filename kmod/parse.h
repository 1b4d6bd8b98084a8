/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From attributes to plain structs: what the policies cannot say is checked
 * here, and each refusal has its words. Nothing is looked up, nothing changed.
 */
#ifndef SVCNAT_PARSE_H
#define SVCNAT_PARSE_H

#include <net/genetlink.h>

#include "affinity.h"
#include "key.h"
#include "service.h"

struct svcnat_cidrs;
struct svcnat_settings;

/* ---- whole commands */

/* Points into the message. */
int svcnat_parse_service_key(struct nlattr **attrs, struct svcnat_service_key *key,
			     struct netlink_ext_ack *extack);

/* SERVICE_SET. Points into the message, and owns its lists until svcnat_parse_spec_free(). */
int svcnat_parse_spec(const struct genl_info *info, struct svcnat_spec *spec);

/* ENDPOINT_SET, or ENDPOINT_DEL: the key, the owner, the endpoints; likewise. */
int svcnat_parse_change(const struct genl_info *info, struct svcnat_spec *spec, bool del);
void svcnat_parse_spec_free(struct svcnat_spec *spec);

/* A copy of old with the message's changes: ERR_PTR() or to be freed. */
struct svcnat_settings *svcnat_parse_settings(const struct genl_info *info,
					      const struct svcnat_settings *old);

/* NULL: the attribute is absent and may be. */
int svcnat_parse_owner(const struct genl_info *info, bool required,
		       const char **owner);

int svcnat_parse_token(const struct genl_info *info, u32 *token);

int svcnat_parse_resolve(const struct genl_info *info, struct svcnat_flow *flow);

int svcnat_parse_affinity(struct nlattr **attrs, struct svcnat_affinity_filter *f,
			  struct netlink_ext_ack *extack);

/* The n-th attribute of a type, from 0, to point at. NULL: there are fewer. */
const struct nlattr *svcnat_parse_nth(const struct genl_info *info, int type, u32 n);

/* ---- what they are made of; nla may be NULL: "WHAT is missing" */

int svcnat_parse_missing(struct netlink_ext_ack *extack, const char *what);

/* Names are shown in logs and on terminals: no space, no control character. */
int svcnat_parse_text(const struct nlattr *nla, const char *what,
		      const char **text, struct netlink_ext_ack *extack);

int svcnat_parse_family(const struct nlattr *nla, u8 *family,
			struct netlink_ext_ack *extack);
int svcnat_parse_proto(const struct nlattr *nla, u8 *proto,
		       struct netlink_ext_ack *extack);
int svcnat_parse_addr(const struct nlattr *nla, const char *what,
		      u8 family, union nf_inet_addr *addr,
		      struct netlink_ext_ack *extack);

/* One host's address, on a network. */
int svcnat_parse_unicast(const struct nlattr *nla, const char *what,
			 u8 family, union nf_inet_addr *addr,
			 struct netlink_ext_ack *extack);

int svcnat_parse_port(const struct nlattr *nla, const char *what,
		      __be16 *port, struct netlink_ext_ack *extack);

/* The next attribute of a type, behind prev (NULL: the first). NULL: no more. */
const struct nlattr *svcnat_parse_next(const struct genl_info *info, int type,
				       const struct nlattr *prev);

/* SVCNAT_A_CIDR_* in nla, to be the i-th of list. */
int svcnat_parse_cidr(const struct nlattr *nla, struct svcnat_cidrs *list, u32 i,
		      struct netlink_ext_ack *extack);

#endif /* SVCNAT_PARSE_H */
