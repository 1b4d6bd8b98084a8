/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_RHASHTABLE_TYPES_H
#define KSHIM_RHASHTABLE_TYPES_H

struct rhash_head {
	struct rhash_head *next;
};

struct rhlist_head {
	struct rhash_head rhead;
	struct rhlist_head *next;
};

#endif
