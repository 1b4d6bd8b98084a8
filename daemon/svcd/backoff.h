/* SPDX-License-Identifier: GPL-2.0 */
/* How long to wait before something is tried again. Pure. */
#ifndef SVCNAT_BACKOFF_H
#define SVCNAT_BACKOFF_H

/* Whatever somebody asks for; ms. */
#define BACKOFF_ASKED_MAX	300000

struct backoff {
	unsigned int min_ms, max_ms;
	unsigned int ms;	/* of the last wait, at most; 0: there was none */
};

/* It went well: the next wait is a short one. */
void backoff_reset(struct backoff *b);

/*
 * The next wait, in ms, up to twice as long as the last; half of it is random, for those who
 * wait for the same shall not come all at once. Not sooner than was asked for.
 */
unsigned int backoff_next(struct backoff *b, unsigned int asked_seconds, unsigned int random);

#endif
