// SPDX-License-Identifier: GPL-2.0
#include "kservice_text.h"

#include "addrport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void say(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->n += vsnprintf(t->v + t->n, sizeof(t->v) - t->n, fmt, ap);
	va_end(ap);
	assert_true(t->n < sizeof(t->v));
}

static void print_policies(const struct kservice *s, struct text *out)
{
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i;

	if (s->flags & SVCNAT_F_INTERNAL_LOCAL)
		say(out, " internal-local");
	if (s->flags & SVCNAT_F_EXTERNAL_LOCAL)
		say(out, " external-local");
	assert_int_equal(s->flags & ~(SVCNAT_F_INTERNAL_LOCAL | SVCNAT_F_EXTERNAL_LOCAL), 0);
	assert_int_equal(s->scheduler, SVCNAT_SCHEDULER_HASH);
	if (s->affinity)
		say(out, " affinity=%u", s->affinity);
	for (i = 0; i < s->nranges; i++)
		say(out, "%s%s", i ? "," : " from=", ip_cidr_print(&s->ranges[i], buf));
}

static void print_endpoint(const struct kendpoint *p, struct text *out)
{
	static const char *const lists[] = { "+drain", "", "+only-local", "+local" };
	char buf[ADDRPORT_STRLEN];

	assert_int_equal(p->weight, 1);
	say(out, " %s%s", addrport_print(&p->addr, p->port, buf), lists[p->lists]);
}

void kservice_text(const struct kservices *l, struct text *out)
{
	char buf[ADDRPORT_STRLEN];
	size_t i, j;

	out->n = 0;
	out->v[0] = '\0';
	for (i = 0; i < l->n; i++) {
		const struct kservice *s = &l->v[i];

		say(out, "%s %s %d", s->name, ip_proto_name(s->proto),
		    s->family == AF_INET ? 4 : 6);
		for (j = 0; j < s->nfrontends; j++) {
			const struct kfrontend *f = &s->frontends[j];

			say(out, " %s=", kfrontend_kind_name(f->kind));
			if (f->kind == SVCNAT_KIND_NODEPORT)
				say(out, "%u", f->port);
			else
				say(out, "%s", addrport_print(&f->addr, f->port, buf));
		}
		print_policies(s, out);
		say(out, " ->");
		for (j = 0; j < s->nendpoints; j++)
			print_endpoint(&s->endpoints[j], out);
		say(out, "\n");
	}
}
