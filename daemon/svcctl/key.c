// SPDX-License-Identifier: GPL-2.0
#include "key.h"

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

int key_finish(const struct key_words *w, const char *verb, struct kservice *s, struct err *e)
{
	if (w->n < 1)
		return err_set(e, EINVAL, "%s what? (usage: svcctl %s service NAME PROTO ...)",
			       verb, verb);
	if (strcmp(w->v[0], "service"))
		return err_set(e, EINVAL,
			       "cannot %s a '%s' (usage: svcctl %s service NAME PROTO ...)",
			       verb, w->v[0], verb);
	if (w->n < 2)
		return err_set(e, EINVAL, "the service's name is missing");
	if (w->n < 3)
		return err_set(e, EINVAL, "the protocol is missing: TCP, UDP or SCTP");
	s->proto = ip_proto_parse(w->v[2]);
	if (!s->proto)
		return err_set(e, EINVAL, "'%s' is not a protocol (TCP, UDP, SCTP)", w->v[2]);
	return key_name(w->v[1], s->name, e);
}
