// SPDX-License-Identifier: GPL-2.0
#include "nathold.h"

#include "nft.h"

/*
 * Three things have to stay. NAT: a chain of its type is enough, and stands
 * empty at the input hook, which forwarded packets never see. Connection
 * tracking: a chain is no user of it, only an expression is. The notifiers of
 * masquerading: when their last user leaves, the kernel takes every device for
 * down, and ends all masqueraded connections. A masquerade statement is a user
 * of both, also in a chain that no packet comes to.
 *
 * Adding what exists is no error; the flush keeps it one statement.
 */
static const char hold[] =
	"add table inet " NATHOLD_TABLE "\n"
	"add chain inet " NATHOLD_TABLE " input "
	"{ type nat hook input priority 100; policy accept; }\n"
	"add chain inet " NATHOLD_TABLE " unused\n"
	"flush chain inet " NATHOLD_TABLE " unused\n"
	"add rule inet " NATHOLD_TABLE " unused masquerade "
	"comment \"keeps connections of services alive; see svcctl(8)\"\n";

int nathold_set(struct err *e)
{
	return nft_run(hold, "cannot make the nft table inet " NATHOLD_TABLE, e);
}
