/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fast path in nft: the table "inet svcnat-fastpath", with one flowtable and one rule. A
 * connection that was translated to an endpoint, and was answered, is added to the flowtable;
 * its packets take a short way from device to device then. Behind whatever else is at the
 * forward hook, so that what is dropped there is never added.
 */
#ifndef SVCNAT_FASTPATH_NFT_H
#define SVCNAT_FASTPATH_NFT_H

#include "fastpath_choose.h"

#include <stdint.h>

#define FASTPATH_TABLE	"svcnat-fastpath"

/* Who keeps it: its rule says so. */
enum fastpath_keeper { FASTPATH_NOBODY, FASTPATH_SVCD, FASTPATH_SVCCTL };

/* As it is in the kernel. Zero it to start with. */
struct fastpath_table {
	bool there;
	bool whole;			/* all of it, and nothing else */
	enum fastpath_keeper keeper;
	struct fastpath_names devices;
	uint64_t flows;			/* that were added since it was made */
};

void fastpath_table_clear(struct fastpath_table *t);

/* What cannot be asked is taken for not there. -ENOMEM. */
int fastpath_nft_read(struct fastpath_table *out);
/* Made anew, with these devices, whatever is there. -EIO: nft refused, and all is as it was. */
int fastpath_nft_make(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		      struct err *e);
/* Likewise: others, in the one that is whole; flows stay. */
int fastpath_nft_change(const struct fastpath_names *add, const struct fastpath_names *del,
			struct err *e);
/* Fine if there is none. Flows go on by the long way. */
int fastpath_nft_clear(struct err *e);
/* Can there be one? Nothing is left of it. */
int fastpath_nft_check(struct err *e);

/* --- pure; texts are to be freed, NULL: no memory */

char *fastpath_nft_make_text(const struct fastpath_names *devices, enum fastpath_keeper keeper);
char *fastpath_nft_change_text(const struct fastpath_names *add, const struct fastpath_names *del);
/* What nft says of the table, as JSON. -ENOMEM. */
int fastpath_nft_parse(const char *json, struct fastpath_table *out);

#endif
