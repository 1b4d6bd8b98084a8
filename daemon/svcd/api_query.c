// SPDX-License-Identifier: GPL-2.0
#include "api_query.h"

#include "api_status.h"

#include <ctype.h>
#include <errno.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct query_call {
	const char *options;
	struct reply *refused;
};

static int refuse(const struct query_call *c, int code, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse(const struct query_call *c, int code, const char *reason, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->refused->code = code;
	c->refused->body = api_status_new(code, reason, text, NULL);
	return -EINVAL;
}

static int refuse_option(const struct query_call *c, const char *field, const char *cause,
			 const char *message)
{
	c->refused->code = 422;
	c->refused->body = api_status_invalid_option(c->options, field, cause, message);
	return -EINVAL;
}

static int refuse_value(const struct query_call *c, const char *field, const char *value,
			const char *supported)
{
	char text[256];

	snprintf(text, sizeof(text), "Unsupported value: \"%.64s\": supported values: %s", value,
		 supported);
	return refuse_option(c, field, "FieldValueNotSupported", text);
}

/* Kubernetes: the bare name and everything but "false" and "0" are true. */
static bool parse_bool(const char *value)
{
	return strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

/* Decimal digits and nothing else. */
static int parse_number(const char *value, uint64_t *out)
{
	const char *p;

	for (p = value; isdigit((unsigned char)*p); p++)
		;
	if (*p || p == value)
		return -EINVAL;
	errno = 0;
	*out = strtoull(value, NULL, 10);
	return errno ? -ERANGE : 0;
}

static int set_text(const struct query_call *c, char **field, const char *value)
{
	if (*field || !*value)	/* of several the first counts */
		return 0;
	*field = strdup(value);
	return *field ? 0 : refuse(c, 500, NULL, "out of memory");
}

static int set_label_selector(const struct query_call *c, struct api_query *q, const char *value)
{
	return set_text(c, &q->label_selector, value);
}

static int set_field_selector(const struct query_call *c, struct api_query *q, const char *value)
{
	return set_text(c, &q->field_selector, value);
}

/* As Kubernetes: what can be printed, up to 128 bytes. */
static int set_manager(const struct query_call *c, struct api_query *q, const char *value)
{
	const char *p;

	if (strlen(value) > 128)
		return refuse_option(c, "fieldManager", "FieldValueTooLong",
				     "Too long: may not be more than 128 bytes");
	for (p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return refuse_option(c, "fieldManager", "FieldValueInvalid",
					     "Invalid value: should only contain printable "
					     "characters");
	return set_text(c, &q->manager, value);
}

static int set_force(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->has_force = true;
	q->force = parse_bool(value);
	return 0;
}

static int set_watch(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->watch = parse_bool(value);
	return 0;
}

static int set_bookmarks(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->bookmarks = parse_bool(value);
	return 0;
}

static int set_pretty(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->pretty = parse_bool(value);
	return 0;
}

static int set_verbose(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->verbose = parse_bool(value);
	return 0;
}

static int set_initial(const struct query_call *c, struct api_query *q, const char *value)
{
	(void)c;
	q->has_initial = true;
	q->initial = parse_bool(value);
	return 0;
}

/* Code and words as the API server has them, although it is the client that is wrong. */
static int set_version(const struct query_call *c, struct api_query *q, const char *value)
{
	int ret;

	if (!*value)
		return 0;
	ret = parse_number(value, &q->version);
	if (ret)
		return refuse(c, 500, NULL, "resourceVersion: Invalid value: \"%.64s\": "
			      "strconv.ParseUint: parsing \"%.64s\": %s", value, value,
			      ret == -ERANGE ? "value out of range" : "invalid syntax");
	q->has_version = true;
	return 0;
}

static int set_match(const struct query_call *c, struct api_query *q, const char *value)
{
	if (!*value)
		return 0;
	if (strcmp(value, "Exact") == 0)
		q->match = API_MATCH_EXACT;
	else if (strcmp(value, "NotOlderThan") == 0)
		q->match = API_MATCH_NOT_OLDER;
	else
		return refuse_value(c, "resourceVersionMatch", value,
				    "\"Exact\", \"NotOlderThan\", \"\"");
	return 0;
}

static int set_timeout(const struct query_call *c, struct api_query *q, const char *value)
{
	uint64_t seconds;

	if (parse_number(value, &seconds) || seconds > 365 * 86400)
		return refuse(c, 400, "BadRequest", "timeoutSeconds: Invalid value: \"%.64s\": "
			      "must be a number of seconds", value);
	q->timeout = seconds;
	return 0;
}

static int set_limit(const struct query_call *c, struct api_query *q, const char *value)
{
	uint64_t limit = 0;

	if (*value && parse_number(value, &limit))
		return refuse(c, 400, "BadRequest", "limit: Invalid value: \"%.64s\": "
			      "must be a number", value);
	q->limit = limit;
	return 0;
}

static int set_continue(const struct query_call *c, struct api_query *q, const char *value)
{
	return set_text(c, &q->token, value);
}

static int set_dry_run(const struct query_call *c, struct api_query *q, const char *value)
{
	if (!*value)
		return 0;
	if (strcmp(value, "All") != 0)
		return refuse_option(c, "dryRun", "FieldValueNotSupported",
				     "Unsupported value: supported values: \"All\"");
	q->flags |= REGISTRY_DRY_RUN;
	return 0;
}

/* value is taken over. Of several the last counts; what it says is the verb's to check. */
static int set_deletion(const struct query_call *c, struct api_query *q, const char *field,
			json_t *value)
{
	if (!q->deletion)
		q->deletion = json_object();
	return json_object_set_new(q->deletion, field, value) < 0 ?
		       refuse(c, 500, NULL, "out of memory") : 0;
}

static int set_grace(const struct query_call *c, struct api_query *q, const char *value)
{
	char *end;
	long long seconds;

	if (!*value)
		return 0;
	errno = 0;
	seconds = strtoll(value, &end, 10);
	if (*end || errno || isspace((unsigned char)*value))
		return refuse(c, 400, "BadRequest", "gracePeriodSeconds: Invalid value: \"%.64s\": "
			      "must be a number of seconds", value);
	return set_deletion(c, q, "gracePeriodSeconds", json_integer(seconds));
}

static int set_orphan(const struct query_call *c, struct api_query *q, const char *value)
{
	return set_deletion(c, q, "orphanDependents", json_boolean(parse_bool(value)));
}

static int set_propagation(const struct query_call *c, struct api_query *q, const char *value)
{
	return *value ? set_deletion(c, q, "propagationPolicy", json_string(value)) : 0;
}

static int set_validation(const struct query_call *c, struct api_query *q, const char *value)
{
	q->flags &= ~(REGISTRY_STRICT | REGISTRY_WARN);
	if (strcmp(value, "Strict") == 0)
		q->flags |= REGISTRY_STRICT;
	else if (!*value || strcmp(value, "Warn") == 0)
		q->flags |= REGISTRY_WARN;
	else if (strcmp(value, "Ignore") != 0)
		return refuse_value(c, "fieldValidation", value,
				    "\"\", \"Ignore\", \"Strict\", \"Warn\"");
	return 0;
}

static int set_include(const struct query_call *c, struct api_query *q, const char *value)
{
	if (strcmp(value, "None") == 0)
		q->view.include = API_INCLUDE_NONE;
	else if (strcmp(value, "Object") == 0)
		q->view.include = API_INCLUDE_OBJECT;
	else if (*value && strcmp(value, "Metadata") != 0)
		return refuse(c, 400, "BadRequest", "includeObject: Invalid value: \"%.64s\": "
			      "must be None, Metadata or Object", value);
	return 0;
}

#define LISTS		"ListOptions"
#define WRITES		"CreateOptions UpdateOptions PatchOptions"
#define EVERY		"GetOptions DeleteOptions " LISTS " " WRITES

static const struct query_param {
	struct api_query_param is;
	int (*set)(const struct query_call *c, struct api_query *q, const char *value);
} query_params[] = {
	{ { "labelSelector", "string", LISTS }, set_label_selector },
	{ { "fieldSelector", "string", LISTS }, set_field_selector },
	{ { "watch", "boolean", LISTS }, set_watch },
	{ { "allowWatchBookmarks", "boolean", LISTS }, set_bookmarks },
	{ { "sendInitialEvents", "boolean", LISTS }, set_initial },
	{ { "resourceVersion", "string", LISTS }, set_version },
	{ { "resourceVersionMatch", "string", LISTS }, set_match },
	{ { "timeoutSeconds", "integer", LISTS }, set_timeout },
	{ { "limit", "integer", LISTS }, set_limit },
	{ { "continue", "string", LISTS }, set_continue },
	{ { "dryRun", "string", WRITES " DeleteOptions" }, set_dry_run },
	{ { "gracePeriodSeconds", "integer", "DeleteOptions" }, set_grace },
	{ { "orphanDependents", "boolean", "DeleteOptions" }, set_orphan },
	{ { "propagationPolicy", "string", "DeleteOptions" }, set_propagation },
	{ { "fieldValidation", "string", WRITES }, set_validation },
	{ { "includeObject", "string", "" }, set_include },
	{ { "fieldManager", "string", WRITES }, set_manager },
	{ { "force", "boolean", "PatchOptions" }, set_force },
	{ { "pretty", "string", EVERY }, set_pretty },
	{ { "verbose", "boolean", "" }, set_verbose },
};

#define NPARAMS	(sizeof(query_params) / sizeof(*query_params))

const struct api_query_param *api_query_param_at(size_t i)
{
	return i < NPARAMS ? &query_params[i].is : NULL;
}

static int set_param(const struct query_call *c, struct api_query *q, const char *name,
		     const char *value)
{
	size_t i;

	for (i = 0; i < NPARAMS; i++)
		if (strcmp(name, query_params[i].is.name) == 0)
			return query_params[i].set(c, q, value);
	return 0;
}

static bool is_utf8(const char *text)
{
	json_t *s = json_string(text);
	bool good = s;

	json_decref(s);
	return good;
}

/* One "name=value" or "name", which is changed. */
static int parse_pair(const struct query_call *c, struct api_query *q, char *pair)
{
	char *value = strchr(pair, '='), *name, *text;
	size_t nname = 0, ntext = 0;
	int ret;

	if (value)
		*value++ = '\0';
	name = evhttp_uridecode(pair, 1, &nname);
	text = evhttp_uridecode(value ? value : "", 1, &ntext);
	if (!name || !text)
		ret = refuse(c, 500, NULL, "out of memory");
	else if (strlen(name) != nname || strlen(text) != ntext)
		ret = refuse(c, 400, "BadRequest", "the query holds a NUL character");
	else if (!is_utf8(name) || !is_utf8(text))
		ret = refuse(c, 400, "BadRequest", "the query is not UTF-8: write each byte of a "
			     "character as %%XX");
	else
		ret = set_param(c, q, name, text);
	free(name);
	free(text);
	return ret;
}

static int check_continue(const struct query_call *c, const struct api_query *q)
{
	if (q->match != API_MATCH_NONE)
		return refuse_option(c, "resourceVersionMatch", "FieldValueForbidden",
				     "Forbidden: resourceVersionMatch is forbidden when continue "
				     "is provided");
	if (q->has_version && q->version)
		return refuse(c, 400, "BadRequest", "specifying resource version is not allowed "
			      "when using continue");
	return 0;
}

/* Rules between parameters; the words are Kubernetes'. */
static int check(const struct query_call *c, const struct api_query *q)
{
	if (q->has_initial && !q->watch)
		return refuse_option(c, "sendInitialEvents", "FieldValueForbidden",
				     "Forbidden: sendInitialEvents is forbidden for list");
	if (q->has_initial && q->match != API_MATCH_NOT_OLDER)
		return refuse_option(c, "resourceVersionMatch", "FieldValueForbidden",
				     "Forbidden: sendInitialEvents requires setting "
				     "resourceVersionMatch to NotOlderThan");
	if (q->watch && !q->has_initial && q->match != API_MATCH_NONE)
		return refuse_option(c, "resourceVersionMatch", "FieldValueForbidden",
				     "Forbidden: resourceVersionMatch is forbidden for watch "
				     "unless sendInitialEvents is provided");
	if (q->match == API_MATCH_EXACT && q->has_version && !q->version)
		return refuse_option(c, "resourceVersionMatch", "FieldValueForbidden",
				     "Forbidden: resourceVersionMatch \"exact\" is forbidden for "
				     "resourceVersion \"0\"");
	if (!q->watch && q->match != API_MATCH_NONE && !q->has_version)
		return refuse_option(c, "resourceVersionMatch", "FieldValueForbidden",
				     "Forbidden: resourceVersionMatch is forbidden unless "
				     "resourceVersion is provided");
	return q->token && !q->watch ? check_continue(c, q) : 0;
}

int api_query_parse(struct api_query *q, const char *raw, const char *options,
		    struct reply *refused)
{
	const struct query_call c = { .options = options, .refused = refused };
	char *copy, *pair, *next;
	int ret = 0;

	*q = (struct api_query){ .flags = REGISTRY_WARN };
	copy = strdup(raw ? raw : "");
	if (!copy)
		return refuse(&c, 500, NULL, "out of memory");
	for (pair = copy; pair && !ret; pair = next) {
		next = strchr(pair, '&');
		if (next)
			*next++ = '\0';
		if (*pair)
			ret = parse_pair(&c, q, pair);
	}
	free(copy);
	return ret ? ret : check(&c, q);
}

void api_query_clear(struct api_query *q)
{
	free(q->label_selector);
	free(q->field_selector);
	free(q->manager);
	free(q->token);
	json_decref(q->deletion);
	*q = (struct api_query){ .watch = false };
}
