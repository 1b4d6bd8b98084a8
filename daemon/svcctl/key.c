// SPDX-License-Identifier: GPL-2.0
#include "key.h"

#include "args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int key_word(struct key_words *w, const char *word, struct err *e)
{
	if (w->n == 3)
		return err_set(e, EINVAL, "unexpected argument '%s'", word);
	w->v[w->n++] = word;
	return 0;
}

static int check_length(const char *what, const char *text, char *out, size_t max, struct err *e)
{
	size_t len = strlen(text);

	if (!len)
		return err_set(e, EINVAL, "%s is empty", what);
	if (len > max)
		return err_set(e, EINVAL, "%s has %zu bytes, %zu are allowed: '%s'", what, len, max,
			       text);
	memcpy(out, text, len + 1);
	return 0;
}

int key_name(const char *text, char out[SVCNAT_NAME_MAX + 1], struct err *e)
{
	return check_length("the service's name", text, out, SVCNAT_NAME_MAX, e);
}

int key_owner(const char *text, char out[SVCNAT_OWNER_MAX + 1], struct err *e)
{
	return check_length("the owner", text, out, SVCNAT_OWNER_MAX, e);
}

int key_proto(const char *text, uint8_t *out, struct err *e)
{
	*out = ip_proto_parse(text);
	return *out ? 0 : err_set(e, EINVAL, "'%s' is not a protocol (TCP, UDP, SCTP)", text);
}

int key_finish(const struct key_words *w, const char *verb, const char *object,
	       struct kservice *s, struct err *e)
{
	if (w->n < 1)
		return err_set(e, EINVAL, "%s what? (usage: svcctl %s service NAME PROTO ...)",
			       verb, verb);
	if (strcmp(w->v[0], object))
		return err_set(e, EINVAL,
			       "cannot %s a '%s' (usage: svcctl %s service NAME PROTO ..., or "
			       "svcctl %s endpoint NAME PROTO ADDR:PORT ...)",
			       verb, w->v[0], verb, verb);
	if (w->n < 2)
		return err_set(e, EINVAL, "the service's name is missing");
	if (w->n < 3)
		return err_set(e, EINVAL, "the protocol is missing: TCP, UDP or SCTP");
	if (key_proto(w->v[2], &s->proto, e))
		return -EINVAL;
	return key_name(w->v[1], s->name, e);
}

const char *key_family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

int key_family(struct key_family *f, uint8_t family, const char *what, const char *value,
	       struct err *e)
{
	if (!f->family)
		*f = (struct key_family){ .family = family, .what = what, .value = value };
	if (f->family == family)
		return 0;
	return err_set(e, EINVAL, "is %s, but %s %s is %s: a service has one family",
		       key_family_name(family), f->what, f->value, key_family_name(f->family));
}

int key_family_option(struct key_family *f, const char *value, struct err *e)
{
	uint8_t family;

	if (args_family(value, &family, e))
		return -EINVAL;
	return key_family(f, family, "--family", value, e);
}
