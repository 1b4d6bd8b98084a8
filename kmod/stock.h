/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for what first packets remember: pieces of one size, of which a few lie ready on
 * each CPU. A piece costs a packet a tenth of what the kernel's allocator takes, which is
 * asked for a whole block of them at a time.
 *
 * The module has one stock. Until somebody takes a piece, it has nothing.
 */
#ifndef SVCNAT_STOCK_H
#define SVCNAT_STOCK_H

#include <linux/types.h>

#define SVCNAT_STOCK_PIECE	64	/* bytes, and so aligned */

/* NULL: no memory. Not zeroed. In an RCU section, in any context but an interrupt's. */
void *svcnat_stock_take(void);

/* A grace period after the last one who took pieces, or looked at this one, may have. */
void svcnat_stock_give(void *piece);

/* All pieces are back. */
void svcnat_stock_exit(void);

#endif /* SVCNAT_STOCK_H */
