/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From attributes to plain structs: what the policies cannot say is checked
 * here, and each refusal has its words. Nothing is looked up, nothing changed.
 */
#ifndef SVCNAT_PARSE_H
#define SVCNAT_PARSE_H

#include <net/genetlink.h>

#include "key.h"
#include "service.h"

struct svcnat_settings;

/* Points into the message. */
int svcnat_parse_service_key(struct nlattr **attrs, struct svcnat_service_key *key,
			     struct netlink_ext_ack *extack);

/* Points into the message, and owns its lists until svcnat_parse_spec_free(). */
int svcnat_parse_spec(const struct genl_info *info, struct svcnat_spec *spec);
void svcnat_parse_spec_free(struct svcnat_spec *spec);

/* The n-th attribute of a type, from 0, to point at. NULL: there are fewer. */
const struct nlattr *svcnat_parse_nth(const struct genl_info *info, int type, u32 n);

/* A copy of old with the message's changes: ERR_PTR() or to be freed. */
struct svcnat_settings *svcnat_parse_settings(const struct genl_info *info,
					      const struct svcnat_settings *old);

/* NULL: the attribute is absent and may be. */
int svcnat_parse_owner(const struct genl_info *info, bool required,
		       const char **owner);

int svcnat_parse_token(const struct genl_info *info, u32 *token);

int svcnat_parse_resolve(const struct genl_info *info, struct svcnat_flow *flow);

#endif /* SVCNAT_PARSE_H */
