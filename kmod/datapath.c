// SPDX-License-Identifier: GPL-2.0
/*
 * The files that have what the first packet of a connection passes, as one unit: the
 * compiler sees through their calls, which saves each such packet some hundred
 * instructions (docs/design.md). What is rare on that way is mostly noinline.
 */
#include "cidr.c"
#include "filter.c"
#include "frontend.c"
#include "match.c"
#include "select.c"
#include "decide.c"
#include "masquerade.c"
#include "clients.c"
#include "stock.c"
#include "affinity.c"
#include "hook.c"
