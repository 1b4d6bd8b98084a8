// SPDX-License-Identifier: GPL-2.0
#include "top_print.h"

#include "addrport.h"
#include "color.h"
#include "columns.h"
#include "print_json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ENDPOINTS_MAX	3	/* of one service, unless all are asked for */
#define NUMBER		8	/* characters of one of the columns of numbers, with a space */
#define NUMBERS		5
#define PROTO		6
#define NAME_MIN	12

#define TAKE_HOME	"\033[H"	/* the cursor to the first line */
#define CLEAR_LINE	"\033[K"
#define CLEAR_REST	"\033[J"

struct table {
	FILE *f;
	const struct top_view *view;
	bool known;
	unsigned int lines;	/* printed */
};

/* --- cells --- */

/* Three figures are enough for a rate: 0, 0.3, 12, 3400, 12.3k, 5.1M; whole: it is no rate */
static void print_number(FILE *f, double n, bool whole)
{
	static const char units[] = " kMGTP";
	char text[32];
	size_t u = 0;

	if (n < 10 && n > 0 && !whole) {
		fprintf(f, "%*.1f", NUMBER, n);
		return;
	}
	while (n >= (u ? 1000 : 10000) && u + 2 < sizeof(units)) {
		n /= 1000;
		u++;
	}
	if (u)
		snprintf(text, sizeof(text), "%.*f%c", n < 100 ? 1 : 0, n, units[u]);
	else
		snprintf(text, sizeof(text), "%.0f", n);
	fprintf(f, "%*s", NUMBER, text);
}

static void print_rate(const struct table *t, bool known, double n)
{
	if (known)
		print_number(t->f, n, false);
	else
		fprintf(t->f, "%*s", NUMBER, "-");
}

/* Bytes of the first width characters. */
static int cut(const char *text, unsigned int width)
{
	size_t n = strlen(text);

	while (n && columns_width(text, n) > width)
		n--;
	/* Not in the middle of one. */
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

static unsigned int name_width(const struct table *t)
{
	const unsigned int rest = PROTO + NUMBER * NUMBERS;

	return t->view->columns > rest + NAME_MIN ? t->view->columns - rest : NAME_MIN;
}

static void print_name(const struct table *t, const char *name, const char *proto)
{
	const unsigned int width = name_width(t);
	int bytes = cut(name, width - 1);

	fprintf(t->f, "%.*s%*s%-*s", bytes, name,
		(int)(width - columns_width(name, (size_t)bytes)), "", PROTO, proto);
}

/* Room for one more line, and one behind it? */
static bool has_room(const struct table *t)
{
	return !t->view->lines || t->lines + 1 < t->view->lines;
}

static void end_line(struct table *t)
{
	if (t->view->lines)
		fputs(CLEAR_LINE, t->f);
	fputc('\n', t->f);
	t->lines++;
}

/* --- lines --- */

static void print_head(struct table *t, const struct top_rates *r)
{
	const unsigned int width = t->view->columns;
	char text[256], number[32] = "-";
	FILE *f;

	if (t->known) {
		f = fmemopen(number, sizeof(number), "w");
		print_number(f, r->total.connections, false);
		fclose(f);
	}
	snprintf(text, sizeof(text), "%zu service%s, %s connections/s, every %us%s", r->n,
		 r->n == 1 ? "" : "s", number + strspn(number, " "), t->view->interval,
		 t->view->lines ? "; q ends" : "");
	fprintf(t->f, "%s%.*s%s", color_on(t->view->color, COLOR_HEAD), cut(text, width), text,
		color_off(t->view->color, COLOR_HEAD));
	end_line(t);
	print_name(t, "SERVICE", "PROTO");
	fprintf(t->f, "%*s%*s%*s%*s%*s", NUMBER, "CONN/S", NUMBER, "REFUSED", NUMBER, "ACTIVE",
		NUMBER, "PKT/S", NUMBER, "BYTE/S");
	end_line(t);
}

static void print_rates(const struct table *t, const struct top_rate *r, bool refuses)
{
	print_rate(t, t->known, r->connections);
	if (refuses)
		print_rate(t, t->known, r->refused);
	else
		fprintf(t->f, "%*s", NUMBER, "");
	if (r->records)
		print_number(t->f, (double)r->active, true);
	else
		print_rate(t, false, 0);
	print_rate(t, r->records && t->known, r->packets);
	print_rate(t, r->records && t->known, r->bytes);
}

static void print_endpoint(struct table *t, const struct top_endpoint *e)
{
	char text[ADDRPORT_STRLEN + 2] = "  ";

	addrport_print(&e->endpoint->addr, e->endpoint->port, text + 2);
	print_name(t, text, "");
	print_rates(t, &e->rate, false);
	end_line(t);
}

static void print_service(struct table *t, const struct top_service *s)
{
	size_t i, shown = s->n;
	char proto[16];

	snprintf(proto, sizeof(proto), "%s%s", ip_proto_name(s->service->proto),
		 s->service->family == AF_INET6 ? "6" : "");
	print_name(t, s->service->name, proto);
	print_rates(t, &s->rate, true);
	end_line(t);
	if (!t->view->all && s->n > ENDPOINTS_MAX)
		shown = ENDPOINTS_MAX;
	for (i = 0; i < shown && has_room(t); i++)
		print_endpoint(t, &s->endpoints[i]);
	if (shown < s->n && has_room(t)) {
		fprintf(t->f, "  + %zu more", s->n - shown);
		end_line(t);
	}
}

void top_print(FILE *f, const struct top_rates *r, const struct top_view *v)
{
	struct table t = { .f = f, .view = v, .known = r->known };
	size_t i;

	if (v->lines)
		fputs(TAKE_HOME, f);
	print_head(&t, r);
	for (i = 0; i < r->n && has_room(&t); i++)
		print_service(&t, &r->v[i]);
	if (v->lines)
		fputs(CLEAR_REST, f);
}

/* --- JSON --- */

static json_t *json_rate(json_t *o, const struct top_rates *all, const struct top_rate *r)
{
	if (all->known)
		o = print_json_set(o, "connectionsPerSecond", json_real(r->connections));
	if (!r->records)
		return o;
	o = print_json_set(o, "active", print_json_number(r->active));
	if (!all->known)
		return o;
	o = print_json_set(o, "packetsPerSecond", json_real(r->packets));
	return print_json_set(o, "bytesPerSecond", json_real(r->bytes));
}

static json_t *json_service(const struct top_rates *r, const struct top_service *s)
{
	json_t *o = print_json_key(s->service), *list = json_array();
	const struct kendpoint *e;
	size_t i;

	if (r->known)
		o = print_json_set(o, "refusedPerSecond", json_real(s->rate.refused));
	for (i = 0; list && i < s->n; i++) {
		e = s->endpoints[i].endpoint;
		list = print_json_append(list, json_rate(print_json_addrport(&e->addr, e->port), r,
							 &s->endpoints[i].rate));
	}
	return print_json_set(json_rate(o, r, &s->rate), "endpoints", list);
}

int top_print_json(FILE *f, const struct top_rates *r)
{
	const struct print p = { .out = f, .json = true, .one_line = true };
	json_t *o = json_object(), *list = json_array();
	size_t i;

	o = print_json_set(o, "seconds", json_real(r->seconds));
	for (i = 0; list && i < r->n; i++)
		list = print_json_append(list, json_service(r, &r->v[i]));
	return print_json(&p, print_json_set(o, "services", list));
}
