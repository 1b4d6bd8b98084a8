/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the destination's hook leaves for the source's: the first packet of a
 * connection goes through both on one CPU, and whether it is masqueraded is known
 * already in the first. Without a note the second one looks for itself: when the
 * packet was queued, or has changed its CPU.
 *
 * It is one word, which no interrupt can tear: a digest of the connection, where its
 * entry is and its tuple, and the answer. A note that nobody took, because the packet
 * was dropped in between, is gone with the next new connection on its CPU; until then
 * none but the same tuple, in the same memory, that has come another way would fit.
 */
#ifndef SVCNAT_NOTE_H
#define SVCNAT_NOTE_H

#include <linux/hash.h>
#include <linux/percpu.h>
#include <net/netfilter/nf_conntrack.h>

enum svcnat_note {
	SVCNAT_NOTE_KEEP,		/* the client's source address stays */
	SVCNAT_NOTE_MASQUERADE,
	SVCNAT_NOTE_NONE,
};

/* 0: no note. */
DECLARE_PER_CPU(unsigned long, svcnat_note_left);

/* With bit 1, never 0; without the answer, which is bit 0. */
static inline unsigned long svcnat_note_digest(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *t = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const unsigned long *word = (const unsigned long *)t;
	unsigned long digest = (unsigned long)ct;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*t) % sizeof(*word));
	BUILD_BUG_ON(offsetof(struct nf_conn, tuplehash[IP_CT_DIR_ORIGINAL].tuple) %
		     sizeof(*word));
#pragma GCC unroll 10
	for (i = 0; i < sizeof(*t) / sizeof(*word); i++)
		digest = (digest ^ word[i]) * GOLDEN_RATIO_PRIME;
	return (digest & ~1UL) | 2;
}

static inline void svcnat_note_leave(const struct nf_conn *ct, bool masquerade)
{
	this_cpu_write(svcnat_note_left, svcnat_note_digest(ct) | masquerade);
}

/* Of whichever connection it is: another one begins. */
static inline void svcnat_note_forget(void)
{
	this_cpu_write(svcnat_note_left, 0);
}

static inline enum svcnat_note svcnat_note_take(const struct nf_conn *ct)
{
	unsigned long note = this_cpu_read(svcnat_note_left);

	if ((note & ~1UL) != svcnat_note_digest(ct))
		return SVCNAT_NOTE_NONE;
	svcnat_note_forget();
	return note & 1 ? SVCNAT_NOTE_MASQUERADE : SVCNAT_NOTE_KEEP;
}

#endif /* SVCNAT_NOTE_H */
