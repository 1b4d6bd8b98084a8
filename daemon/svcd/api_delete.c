// SPDX-License-Identifier: GPL-2.0
/* Deleting one or many, with the conditions that a client may set. */
#include "api_body.h"
#include "api_call.h"
#include "api_status.h"
#include "jx.h"
#include "schema.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#define STRING(k) { k, SCHEMA_STRING, 0, NULL, NULL }
#define END { NULL, SCHEMA_ANY, 0, NULL, NULL }

static const struct schema string_item = { NULL, SCHEMA_STRING, SCHEMA_KEEP, NULL, NULL };
static const struct schema precondition_fields[] = {
	STRING("uid"), STRING("resourceVersion"), END
};
static const struct schema option_fields[] = {
	STRING("kind"), STRING("apiVersion"),
	{ "gracePeriodSeconds", SCHEMA_LONG, SCHEMA_KEEP, NULL, NULL },
	{ "preconditions", SCHEMA_OBJECT, 0, precondition_fields, "Preconditions" },
	{ "orphanDependents", SCHEMA_BOOL, SCHEMA_KEEP, NULL, NULL },
	STRING("propagationPolicy"),
	{ "dryRun", SCHEMA_LIST, 0, &string_item, NULL },
	{ "ignoreStoreReadErrorWithClusterBreakingPotential", SCHEMA_BOOL, 0, NULL, NULL }, END
};
static const struct schema options_schema = { NULL, SCHEMA_OBJECT, 0, option_fields,
					      "DeleteOptions" };

/* What the client believes of the object that it deletes. Nothing runs in between: one thread. */
static bool precondition_holds(struct api_call *c, const json_t *options, const json_t *object,
			       const char *field, const char *word)
{
	const json_t *want = json_object_get(jx_get(options, "preconditions"), field);
	const char *have = jx_str(jx_get(object, "metadata"), field);
	const struct api_target *t = c->target;
	json_t *details;
	char text[512];

	if (!want || !strcmp(json_string_value(want), have))
		return true;
	snprintf(text, sizeof(text), "Operation cannot be fulfilled on %s \"%s\": "
		 "Precondition failed: %s in precondition: %.128s, %s in object meta: %s",
		 t->res->plural, t->name, word, json_string_value(want), word, have);
	details = json_pack("{s:s, s:s}", "name", t->name, "kind", t->res->plural);
	api_send_json(c->req, 409, api_status_new(409, "Conflict", text, details), 0);
	return false;
}

static bool preconditions_hold(struct api_call *c, const json_t *options)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	bool ok;

	if (!jx_get(options, "preconditions"))
		return true;
	registry_get(c->api->registry, t->res, t->ns, t->name, &r);
	ok = r.code != 200 ||
	     (precondition_holds(c, options, r.body, "uid", "UID") &&
	      precondition_holds(c, options, r.body, "resourceVersion", "ResourceVersion"));
	json_decref(r.body);
	return ok;
}

static bool refuse(struct api_call *c, const char *field, const char *cause, const char *message)
{
	api_send_json(c->req, 422, api_status_invalid_option("DeleteOptions", field, cause,
							     message), 0);
	return false;
}

static bool policy_is_known(const char *policy)
{
	return !*policy || !strcmp(policy, "Background") || !strcmp(policy, "Foreground") ||
	       !strcmp(policy, "Orphan");
}

/* Foreground is done as Background is: the owner does not wait for what it owns. */
static bool check_options(struct api_call *c, const json_t *options)
{
	const json_t *dry = jx_get(options, "dryRun");
	const char *policy = jx_str(options, "propagationPolicy");
	char text[256];

	if (*policy && jx_get(options, "orphanDependents"))
		return refuse(c, "propagationPolicy", "FieldValueInvalid", "Invalid value: "
			      "orphanDependents and deletionPropagation cannot be both set");
	if (!policy_is_known(policy)) {
		snprintf(text, sizeof(text), "Unsupported value: \"%.64s\": supported values: "
			 "\"Background\", \"Foreground\", \"Orphan\"", policy);
		return refuse(c, "propagationPolicy", "FieldValueNotSupported", text);
	}
	for (size_t i = 0; i < json_array_size(dry); i++)
		if (strcmp(json_string_value(json_array_get(dry, i)), "All"))
			return refuse(c, "dryRun", "FieldValueNotSupported",
				      "Unsupported value: supported values: \"All\"");
	if (dry)
		c->query.flags |= REGISTRY_DRY_RUN;
	if (!strcmp(policy, "Orphan") || json_is_true(jx_get(options, "orphanDependents")))
		c->query.flags |= REGISTRY_ORPHAN;
	return true;
}

static json_t *parse_options(struct api_call *c)
{
	json_t *body = api_body_read(c->req, "DeleteOptions", api_body_types, c->query.flags);
	struct schema_report report = { .unknown = NULL };
	json_t *options;

	if (!body)
		return NULL;
	options = schema_clean(&options_schema, body, &report);
	if (!options)
		api_send_status(c->req, 400, "BadRequest", "DeleteOptions in version \"v1\" cannot "
				"be handled as a DeleteOptions: %s", report.message);
	schema_report_clear(&report);
	json_decref(body);
	return options;
}

/*
 * They are optional, and so is each of them. Those in the query count when there is no
 * body. false: it was answered.
 */
static bool read_options(struct api_call *c, long long *seconds)
{
	bool has_body = evbuffer_get_length(evhttp_request_get_input_buffer(c->req));
	json_t *options;
	bool ok;

	*seconds = -1;
	if (!has_body && !c->query.deletion)
		return true;
	options = has_body ? parse_options(c) : json_incref(c->query.deletion);
	if (!options)
		return false;
	ok = check_options(c, options) && (!c->target->name || preconditions_hold(c, options));
	if (jx_get(options, "gracePeriodSeconds"))
		*seconds = jx_int(options, "gracePeriodSeconds") < 0 ?
				   1 : jx_int(options, "gracePeriodSeconds");
	json_decref(options);
	return ok;
}

void api_delete(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	long long seconds;

	if (!read_options(c, &seconds))
		return;
	registry_delete_within(c->api->registry, t->res, t->ns, t->name, seconds, c->query.flags,
			       &r);
	api_call_reply(c, &r);
}

/* Many are several transactions, and no more than that. Answers what was there. */
void api_delete_all(struct api_call *c)
{
	const struct registry_query q = { c->query.label_selector, c->query.field_selector };
	const struct registry_page page = { .limit = c->query.limit, .token = c->query.token };
	const struct api_target *t = c->target;
	struct reply list = { 0 }, refusal = { 0 };
	long long seconds;

	if (!read_options(c, &seconds))
		return;
	registry_list_page(c->api->registry, t->res, t->ns, &q, &page, &list);
	if (registry_delete_all(c->api->registry, t->res, json_object_get(list.body, "items"),
				seconds, c->query.flags, &refusal)) {
		json_decref(list.body);
		list = refusal;
	}
	api_call_reply(c, &list);
}
