/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nonsense that is nearly DNS, the same for the same seed: FUZZ_SEED and FUZZ_ROUNDS in the
 * environment choose others. What fails should name its own.
 */
#ifndef SVCNAT_DNS_FUZZ_H
#define SVCNAT_DNS_FUZZ_H

#include "dns_help.h"

/* To begin with. */
void dns_fuzz_begin(void);
uint64_t dns_fuzz_seed(void);
uint64_t dns_fuzz_rounds(void);

uint32_t dns_fuzz_u32(void);
uint32_t dns_fuzz_below(uint32_t n);

/* In up to three places, or in none. */
void dns_fuzz_change(struct dns_text *m);
/* All of it, whatever it was. */
void dns_fuzz_make(struct dns_text *m);

#endif
