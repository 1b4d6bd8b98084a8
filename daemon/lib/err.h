/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One error, in words for the person who has to act on it: what failed, where,
 * and what to do. A function that can fail takes a struct err last, fills it
 * and returns a negative errno; on success it leaves it alone.
 */
#ifndef SVCNAT_ERR_H
#define SVCNAT_ERR_H

struct err {
	char text[1024];	/* no trailing newline; cut when longer */
};

/* Fill e (may be NULL) and return -code, so that "return err_set(...)" reads well. code > 0. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "prefix: " in front of what e says. */
void err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
