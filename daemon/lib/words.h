/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's enums: a short name for programs, and a text for a person. */
#ifndef SVCNAT_WORDS_H
#define SVCNAT_WORDS_H

#include <linux/svcnat.h>
#include <stdbool.h>

struct words {
	const char *name, *text;
};

/* Of a value past the enum, both are "unknown". */
const struct words *words_origin(enum svcnat_origin origin);
const struct words *words_verdict(enum svcnat_verdict verdict);
const struct words *words_reason(enum svcnat_reason reason);
const struct words *words_masquerade(enum svcnat_masquerade masquerade);

/* What a reason is the reason of; a value past the enum: PASS. */
enum svcnat_verdict words_verdict_of(enum svcnat_reason reason);

bool words_masqueraded(enum svcnat_masquerade masquerade);

#endif
