/* SPDX-License-Identifier: GPL-2.0 */
/* A change of some endpoints: the service is set anew with all the rest as it is. */
#ifndef SVCNAT_MERGE_H
#define SVCNAT_MERGE_H

#include "service.h"

/*
 * Add or change (del: take away) the endpoints of change, of whose other
 * members only the key, the owner (NULL: whoever has it) and defer count. As
 * svcnat_service_set(), and -E2BIG: more than a service may have. Lock held.
 */
int svcnat_merge_endpoints(struct svcnat_net *sn, const struct svcnat_spec *change,
			   bool del, struct svcnat_service **changed,
			   struct svcnat_refusal *why);

#endif /* SVCNAT_MERGE_H */
