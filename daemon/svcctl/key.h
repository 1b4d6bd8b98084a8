/* SPDX-License-Identifier: GPL-2.0 */
/* "service NAME PROTO", --owner, and the one family, as the verbs take them. */
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

/* What says the family of a service: all of them must agree. Zero it. */
struct key_family {
	uint8_t family;
	const char *what, *value;	/* who said it first: "--frontend", "10.0.0.1:80" */
};

int key_word(struct key_words *w, const char *word, struct err *e);

/*
 * All words are in: name and proto of s, checked. object: what the first one must
 * be, "service" or "endpoint"; verb is for the text.
 */
int key_finish(const struct key_words *w, const char *verb, const char *object,
	       struct kservice *s, struct err *e);

int key_name(const char *text, char out[SVCNAT_NAME_MAX + 1], struct err *e);
int key_owner(const char *text, char out[SVCNAT_OWNER_MAX + 1], struct err *e);
int key_proto(const char *text, uint8_t *out, struct err *e);

/* what and value are borrowed. */
int key_family(struct key_family *f, uint8_t family, const char *what, const char *value,
	       struct err *e);

/* The value of --family. */
int key_family_option(struct key_family *f, const char *value, struct err *e);

const char *key_family_name(uint8_t family);	/* "IPv4", "IPv6" */

#endif
