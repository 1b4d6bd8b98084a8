/* SPDX-License-Identifier: GPL-2.0 */
/* Answer a ping to a service's address: the node does it, for the address. */
#ifndef SVCNAT_ECHO_H
#define SVCNAT_ECHO_H

struct nf_conn;
struct nf_hook_state;
struct svcnat_flow;

/*
 * Send the ping to an address of the node; conntrack turns the answer back.
 * Returns the hook's verdict.
 */
unsigned int svcnat_echo(struct nf_conn *ct, const struct svcnat_flow *flow,
			 const struct nf_hook_state *state);

#endif /* SVCNAT_ECHO_H */
