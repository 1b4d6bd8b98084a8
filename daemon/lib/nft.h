/* SPDX-License-Identifier: GPL-2.0 */
/* Commands to nftables, in this network namespace. */
#ifndef SVCNAT_NFT_H
#define SVCNAT_NFT_H

struct err;

/*
 * Run commands, as one transaction. -EIO: nft refused, nothing was changed, and
 * e has its first line behind what ("cannot make the nft table inet x").
 */
int nft_run(const char *commands, const char *what, struct err *e);

/* Likewise; *out is what they print, to be freed. */
int nft_ask(const char *commands, const char *what, char **out, struct err *e);
/* Likewise, as JSON. */
int nft_ask_json(const char *commands, const char *what, char **out, struct err *e);

#endif
