// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "top_host.h"
#include "top_print.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

const char verb_top_usage[] =
	"usage: svcctl top [NAME] [-d SECONDS] [-n COUNT | --once] [--sort WHAT]\n"
	"       [--owner OWNER] [-v] [-j]\n"
	"\n"
	"Show the rates of services and their endpoints by the kernel's counters, the busiest\n"
	"first, until q or Ctrl-C. Where a service accounts, or its scheduler is leastconn,\n"
	"also its active connections, and packets and bytes in both directions.\n"
	"\n"
	"  NAME                    only the services of this name\n"
	"  -d, --interval SECONDS  how often, 1 to 3600; default 2\n"
	"  -n, --count COUNT       so many times; then end\n"
	"  --once                  the same as -n 1\n"
	"  --sort WHAT             connections (default), active, packets or bytes\n"
	"  --owner OWNER           only the services of this owner\n"
	"  -v, --all               all endpoints, not just the busiest three\n"
	"  -j, --json              each time as JSON, in one line\n"
	"\n"
	"Example: svcctl top --sort bytes\n";

enum { INTERVAL = ARGS_WORD + 1, COUNT, ONCE, SORT, OWNER, ALL, JSON };

static const struct args_option options[] = {
	{ "interval", 'd', true, INTERVAL },
	{ "count", 'n', true, COUNT },
	{ "once", 0, false, ONCE },
	{ "sort", 0, true, SORT },
	{ "owner", 0, true, OWNER },
	{ "all", 'v', false, ALL },
	{ "json", 'j', false, JSON },
	{ 0 },
};

#define PLAIN_COLUMNS	80

struct top {
	struct ctx *ctx;
	struct kernel *k;
	struct top_host host;
	struct kfilter filter;
	char name[SVCNAT_NAME_MAX + 1];
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t interval, count;	/* count 0: without end */
	enum top_sort sort;
	bool all, json;
	struct kservices now;		/* the last look */
	int64_t looked;			/* when; -1: never */
	struct top_rates rates;
	unsigned int shown;		/* tables in plain lines */
};

/* --- the command line --- */

static int parse_sort(const char *word, enum top_sort *out, struct err *e)
{
	static const char *const words[] = {
		[TOP_CONNECTIONS] = "connections", [TOP_ACTIVE] = "active",
		[TOP_PACKETS] = "packets", [TOP_BYTES] = "bytes",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word)) {
			*out = (enum top_sort)i;
			return 0;
		}
	return err_set(e, EINVAL, "it is none of connections, active, packets, bytes");
}

static int take_option(struct top *t, int id, const char *value, struct err *e)
{
	switch (id) {
	case INTERVAL:
		return args_number(value, 1, 3600, &t->interval, e);
	case COUNT:
		return args_number(value, 1, UINT32_MAX, &t->count, e);
	case SORT:
		return parse_sort(value, &t->sort, e);
	case OWNER:
		t->filter.owner = t->owner;
		return key_owner(value, t->owner, e);
	case ONCE:
		t->count = 1;
		return 0;
	case ALL:
		t->all = true;
		return 0;
	default:
		t->json = true;
		return 0;
	}
}

static int parse(struct top *t, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD && t->filter.name)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		if (id == ARGS_WORD) {
			t->filter.name = t->name;
			err = key_name(value, t->name, e);
		} else {
			err = take_option(t, id, value, e);
			if (err)
				err_prefix(e, "%s %s", a.as_given, value);
		}
		if (err)
			return err;
	}
	return id;
}

/* --- looks --- */

static int look(struct top *t, struct err *e)
{
	const int64_t at = t->host.now(t->host.arg);
	struct kservices l = { 0 };
	struct top_rates rates;
	int err;

	err = t->k->ops->service_list(t->k, &t->filter, &l, e);
	if (err)
		return err;
	if (!l.n && t->filter.name && t->looked < 0)
		return err_set(e, ENOENT, "there is no such service: '%s'", t->name);
	top_rates_sort(&l);
	err = top_rates_make(&rates, t->looked < 0 ? NULL : &t->now, &l,
			     t->looked < 0 ? 0 : (double)(at - t->looked) / 1000, t->sort);
	if (err) {
		kservices_clear(&l);
		return err_set(e, ENOMEM, "out of memory");
	}
	top_rates_clear(&t->rates);
	kservices_clear(&t->now);
	t->rates = rates;
	t->now = l;
	t->looked = at;
	return 0;
}

/* In lines that stay there is nothing to show before the second look. */
static int show(struct top *t, struct err *e)
{
	struct top_view v = { .columns = PLAIN_COLUMNS, .all = t->all, .interval = t->interval,
			      .color = t->ctx->color };
	bool screen = !t->json && t->host.size(t->host.arg, &v.columns, &v.lines);

	if (!screen && !t->rates.known)
		return 0;
	if (!screen && !t->json && t->shown++)
		fputc('\n', t->ctx->out);
	if (!t->json)
		top_print(t->ctx->out, &t->rates, &v);
	else if (top_print_json(t->ctx->out, &t->rates))
		return err_set(e, ENOMEM, "out of memory");
	if (fflush(t->ctx->out) || ferror(t->ctx->out))
		return err_set(e, EIO, "cannot write the output: %s", strerror(errno));
	return 0;
}

static bool is_screen(const struct top *t)
{
	unsigned int columns, lines;

	return !t->json && t->host.size(t->host.arg, &columns, &lines);
}

/* Until the next look is due; 1: it is to end. */
static int pass_time(struct top *t, struct err *e)
{
	const int64_t due = t->host.now(t->host.arg) + t->interval * 1000LL;
	enum top_wake wake = TOP_DRAW;
	int err = 0;

	while (!err && wake == TOP_DRAW) {
		wake = t->host.wait(t->host.arg, due - t->host.now(t->host.arg));
		if (wake == TOP_DRAW && is_screen(t))
			err = show(t, e);
	}
	return err ? err : wake == TOP_QUIT;
}

static int watch(struct top *t, struct err *e)
{
	uint32_t n = 0;
	int ret;

	ret = look(t, e);
	if (!ret)
		ret = show(t, e);
	while (!ret && (!t->count || n++ < t->count)) {
		ret = pass_time(t, e);
		if (!ret)
			ret = look(t, e);
		if (!ret)
			ret = show(t, e);
	}
	return ret < 0 ? ret : 0;
}

/* Whatever happens, the terminal is given back before it is said. */
static int run(struct top *t, struct err *e)
{
	int err = t->host.begin(t->host.arg, e);

	if (err)
		return err;
	err = watch(t, e);
	t->host.end(t->host.arg);
	top_rates_clear(&t->rates);
	kservices_clear(&t->now);
	return err;
}

int verb_top(struct ctx *ctx, int argc, char **argv)
{
	struct top t = { .ctx = ctx, .filter.stats = true, .interval = 2, .looked = -1 };
	struct top_term term;
	struct err e;
	int code;

	if (parse(&t, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	t.host = ctx->top ? *ctx->top : top_term_host(&term, ctx->out);
	code = verbs_kernel(ctx, &t.k);
	if (code)
		return code;
	if (run(&t, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(t.k);
	return code;
}
