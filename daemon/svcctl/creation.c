// SPDX-License-Identifier: GPL-2.0
#include "creation.h"

#include "field.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

int creation_option(struct creation *c, int id, const char *value, struct err *e)
{
	switch (id) {
	case CREATION_OPT_NAMESPACE:
		c->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case CREATION_OPT_OUTPUT:
		return report_parse_output(value, &c->report, e);
	case CREATION_OPT_DRY_RUN:
		return dry_run_parse(value, &c->report.dry, e);
	default:
		return 1;
	}
}

int creation_check_utf8(const char *text, struct err *e)
{
	json_t *s = text ? json_string(text) : NULL;

	if (text && !s)
		return err_set(e, EINVAL, "'%s' is no UTF-8 text", text);
	json_decref(s);
	return 0;
}

/* In kubectl's words, which are not the same for all. */
static void refused(const struct creation *c, const json_t *status)
{
	if (c->failed)
		fprintf(c->ctx->err, "error: %s: %s\n", c->failed,
			field_string(status, "message"));
	else
		refusal_print(c->ctx->err, status, NULL, NULL);
}

/* 1: svcd refused it, and the user was told. */
static int post(struct creation *c, const struct resource *res, const json_t *object,
		json_t **made, struct err *e)
{
	char *path = scope_path(&c->scope, res, NULL);
	struct client_reply reply;
	struct client client;
	int ret = -ENOMEM;

	if (!path ||
	    (c->report.dry == DRY_RUN_SERVER && client_add_query(&path, "dryRun", "All"))) {
		free(path);
		return err_set(e, ENOMEM, "out of memory");
	}
	ret = client_open(&client, c->ctx, e);
	if (!ret) {
		ret = client_do(&client, "POST", path, object, &reply, e);
		client_close(&client);
	}
	free(path);
	if (ret)
		return ret;
	if (client_failed(&reply)) {
		refused(c, reply.body);
		ret = 1;
	} else {
		*made = json_incref(reply.body);
	}
	client_reply_clear(&reply);
	return ret;
}

int creation_run(struct creation *c, const struct resource *res, const json_t *object)
{
	json_t *made = NULL;
	struct err e;
	int ret = 0;

	c->report.out = c->ctx->out;
	if (!object)
		ret = err_set(&e, ENOMEM, "out of memory");
	else if (c->report.dry == DRY_RUN_CLIENT)
		made = json_incref((json_t *)object);
	else
		ret = post(c, res, object, &made, &e);
	if (!ret)
		ret = report_object(&c->report, res, made, c->done, &e);
	if (ret < 0)
		verbs_refused(c->ctx, &e);
	json_decref(made);
	return ret ? VERB_REFUSED : VERB_OK;
}
