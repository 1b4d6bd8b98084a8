/* SPDX-License-Identifier: GPL-2.0 */
/* What comes back, and what of it must not be. */
#ifndef SVCNAT_FUZZ_ANSWERS_H
#define SVCNAT_FUZZ_ANSWERS_H

#include "message.h"

enum { ANSWERS_ERRNOS = 134, ANSWERS_TEXTS = 64, ANSWERS_TEXT_MAX = 80 };

/* Why what had nothing wrong in its form was refused. */
struct answers_text {
	char words[ANSWERS_TEXT_MAX];
	unsigned long times;
};

struct answers {
	unsigned long refused[ANSWERS_ERRNOS];	/* by errno */
	unsigned long done;
	unsigned long listed;		/* messages of dumps and replies */
	unsigned long lost;		/* no room for an answer in the socket */
	struct answers_text texts[ANSWERS_TEXTS];	/* the first ones */
	unsigned int ntexts;
};

/* A socket for requests. Exits when there is none. */
int answers_socket(void);

/*
 * Read all that m's answer is. Returns its error, 0 for none, or -1 when there was no
 * answer and none was needed. Exits, and says why, when the answer must not be.
 */
int answers_read(int fd, const struct message *m, struct answers *out);

void answers_count_text(struct answers *out, const char *words, unsigned long times);

#endif
