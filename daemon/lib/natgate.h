/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holds new connections to services off while the module is not there to
 * translate them: their first packets are dropped, so that clients send them
 * again, instead of going untranslated to who knows where and being remembered
 * so. What is established passes. A table of nftables, in this network
 * namespace.
 */
#ifndef SVCNAT_NATGATE_H
#define SVCNAT_NATGATE_H

#include "kservice.h"

#include <stdio.h>

#define NATGATE_TABLE	"svcnat-gate"

/* For all frontends of l, and all of the service CIDRs of s. -EIO: nft refused, in e's words. */
int natgate_set(const struct kservices *l, const struct ksettings *s, struct err *e);

/* Fine if there is none. */
int natgate_clear(struct err *e);

/* What natgate_set() tells nft. */
void natgate_print(FILE *f, const struct kservices *l, const struct ksettings *s);

#endif
