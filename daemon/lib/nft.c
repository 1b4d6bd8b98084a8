// SPDX-License-Identifier: GPL-2.0
#include "nft.h"

#include "err.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

static int ask(const char *commands, unsigned int flags, const char *what, char **out,
	       struct err *e)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *text;
	int r;

	if (!nft)
		return err_set(e, ENOMEM, "no memory for nftables");
	nft_ctx_buffer_error(nft);
	nft_ctx_buffer_output(nft);
	nft_ctx_output_set_flags(nft, flags);
	r = nft_run_cmd_from_buffer(nft, commands);
	if (r) {
		text = nft_ctx_get_error_buffer(nft);
		r = err_set(e, EIO, "%s: %.*s", what, (int)strcspn(text, "\n"), text);
	} else if (out) {
		*out = strdup(nft_ctx_get_output_buffer(nft));
		r = *out ? 0 : err_set(e, ENOMEM, "no memory for nftables");
	}
	nft_ctx_free(nft);
	return r;
}

int nft_ask(const char *commands, const char *what, char **out, struct err *e)
{
	return ask(commands, 0, what, out, e);
}

int nft_ask_json(const char *commands, const char *what, char **out, struct err *e)
{
	return ask(commands, NFT_CTX_OUTPUT_JSON, what, out, e);
}

int nft_run(const char *commands, const char *what, struct err *e)
{
	return ask(commands, 0, what, NULL, e);
}
