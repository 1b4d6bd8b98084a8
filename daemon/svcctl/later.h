/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Libraries that only some verbs need, loaded when one does: their linking would
 * be most of what the other verbs take. A file that calls such a library lists
 * its functions, and calls them through the table of them:
 *
 *	#define FUNCTIONS(X) X(curl_easy_init) X(curl_easy_cleanup)
 *	static struct { FUNCTIONS(LATER_MEMBER) } lib;
 *	static const struct later_symbol symbols[] = { FUNCTIONS(LATER_SYMBOL) { 0 } };
 */
#ifndef SVCNAT_SVCCTL_LATER_H
#define SVCNAT_SVCCTL_LATER_H

struct err;

struct later_symbol {
	const char *name;	/* NULL: the last one */
	void *slot;		/* the function's address goes there */
};

#define LATER_MEMBER(function)	typeof(&function) function;
#define LATER_SYMBOL(function)	{ #function, &lib.function },

/* Load it, once; it stays. -ENOENT: it is not installed, or lacks one of these. */
int later_load(const char *library, const struct later_symbol *symbols, struct err *e);

#endif
