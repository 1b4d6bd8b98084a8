/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "svcctl restore" is to make of the kernel: the whole input, read and
 * checked before anything is asked.
 */
#ifndef SVCNAT_SVCCTL_PLAN_H
#define SVCNAT_SVCCTL_PLAN_H

#include "err.h"
#include "setting.h"

#include <stdio.h>

struct plan_entry {
	struct kservice s;
	size_t line;
	size_t owner;		/* its place in plan.owners */
};

struct plan_owner {
	char name[SVCNAT_OWNER_MAX + 1];
	uint32_t token;		/* the loader's own */
};

/* A frontend of the input, and whose it is. */
struct plan_slot {
	uint8_t proto;
	struct kfrontend f;
	const struct plan_entry *entry;
};

struct plan {
	const char *file;	/* as errors name it; borrowed */
	struct setting_changes settings;
	struct plan_entry *entries;	/* in the order of the lines */
	size_t n;
	struct plan_owner *owners;
	size_t nowners;
	const struct plan_entry **by_key;
	struct plan_slot *slots;	/* sorted */
	size_t nslots;
};

/*
 * Read in, which errors call file. Each line that is wrong is told of on errors
 * ("svcctl: FILE:LINE: ..."). Returns how many there were; 0: the plan is good.
 * To be cleared in any case.
 */
size_t plan_read(struct plan *p, const char *file, FILE *in, FILE *errors);
void plan_clear(struct plan *p);

/* --- plan_index.c */

/* All entries are in: make by_key and slots. -ENOMEM. */
int plan_index(struct plan *p);

/* The entry of s's key; NULL: the input has none. */
const struct plan_entry *plan_find(const struct plan *p, const struct kservice *s);
/* Who in the input has this frontend; NULL: nobody. */
const struct plan_slot *plan_find_slot(const struct plan *p, uint8_t proto,
				       const struct kfrontend *f);
const struct plan_owner *plan_find_owner(const struct plan *p, const char *name);

/* Whatever stands twice: tells of it like plan_read(), and returns how many there were. */
size_t plan_check_twice(const struct plan *p, FILE *errors);

/* One error of a line. */
void plan_complain(const struct plan *p, FILE *errors, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
