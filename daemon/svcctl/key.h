/* SPDX-License-Identifier: GPL-2.0 */
/* "service NAME PROTO" and --owner, as add, del and show take them. */
#ifndef SVCNAT_SVCCTL_KEY_H
#define SVCNAT_SVCCTL_KEY_H

#include "err.h"
#include "kservice.h"

/* Whoever adds a service by hand; svcd has another name and leaves these alone. */
#define KEY_OWNER_DEFAULT	"hand"

/* The plain words as they come. Zero it. */
struct key_words {
	const char *v[3];
	int n;
};

int key_word(struct key_words *w, const char *word, struct err *e);

/* All words are in: name and proto of s, checked. verb is for the text. */
int key_finish(const struct key_words *w, const char *verb, struct kservice *s, struct err *e);

int key_name(const char *text, char out[SVCNAT_NAME_MAX + 1], struct err *e);
int key_owner(const char *text, char out[SVCNAT_OWNER_MAX + 1], struct err *e);

#endif
