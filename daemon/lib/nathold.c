// SPDX-License-Identifier: GPL-2.0
#include "nathold.h"

#include "err.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

/*
 * At the input hook, which forwarded packets never see. The rule matches
 * nothing that a chain of this type is shown, but makes the table a user of
 * conntrack. Adding what exists is no error; the flush keeps one rule of it.
 */
static const char hold[] =
	"add table inet " NATHOLD_TABLE "\n"
	"add chain inet " NATHOLD_TABLE " input "
	"{ type nat hook input priority 100; policy accept; }\n"
	"flush chain inet " NATHOLD_TABLE " input\n"
	"add rule inet " NATHOLD_TABLE " input ct state invalid "
	"comment \"keeps connections of services alive; see svcctl(8)\"\n";

static const char release[] =
	"add table inet " NATHOLD_TABLE "\n"
	"delete table inet " NATHOLD_TABLE "\n";

static int run(const char *commands, const char *what, struct err *e)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *text;
	int r;

	if (!nft)
		return err_set(e, ENOMEM, "no memory for nftables");
	nft_ctx_buffer_error(nft);
	nft_ctx_buffer_output(nft);
	r = nft_run_cmd_from_buffer(nft, commands);
	if (r) {
		text = nft_ctx_get_error_buffer(nft);
		r = err_set(e, EIO, "cannot %s the nft table inet %s: %.*s", what, NATHOLD_TABLE,
			    (int)strcspn(text, "\n"), text);
	}
	nft_ctx_free(nft);
	return r;
}

int nathold_set(struct err *e)
{
	return run(hold, "add", e);
}

int nathold_clear(struct err *e)
{
	return run(release, "delete", e);
}
