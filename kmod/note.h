/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the destination's hook leaves for the source's: the first packet of a
 * connection goes through both on one CPU, and whether it is masqueraded is known
 * already in the first. Without a note the second one looks for itself: when the
 * packet was queued, or has changed its CPU.
 *
 * It is one word, which no interrupt can tear: a digest of the connection, and
 * the answer. A note that was never taken fits no other connection, not even one
 * whose entry has the memory of the first.
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
DECLARE_PER_CPU(unsigned long, svcnat_note);

/* With bit 1, never 0; without the answer, which is bit 0. */
static inline unsigned long svcnat_note_digest(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *t = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const unsigned long *word = (const unsigned long *)t;
	unsigned long digest = (unsigned long)ct;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*t) % sizeof(*word));
#pragma GCC unroll 10
	for (i = 0; i < sizeof(*t) / sizeof(*word); i++)
		digest = (digest ^ word[i]) * GOLDEN_RATIO_PRIME;
	return (digest & ~1UL) | 2;
}

static inline void svcnat_note_leave(const struct nf_conn *ct, bool masquerade)
{
	this_cpu_write(svcnat_note, svcnat_note_digest(ct) | masquerade);
}

static inline enum svcnat_note svcnat_note_take(const struct nf_conn *ct)
{
	unsigned long note = this_cpu_read(svcnat_note);

	if ((note & ~1UL) != svcnat_note_digest(ct))
		return SVCNAT_NOTE_NONE;
	this_cpu_write(svcnat_note, 0);
	return note & 1 ? SVCNAT_NOTE_MASQUERADE : SVCNAT_NOTE_KEEP;
}

#endif /* SVCNAT_NOTE_H */
