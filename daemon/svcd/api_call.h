/* SPDX-License-Identifier: GPL-2.0 */
/* One request to objects on its way, and the verbs that it may ask for. */
#ifndef SVCNAT_API_CALL_H
#define SVCNAT_API_CALL_H

#include "api.h"
#include "api_query.h"
#include "api_target.h"

#include <event2/http.h>

struct api_call {
	struct api *api;
	struct evhttp_request *req;
	const struct api_target *target;
	struct api_query query;
};

/* Answer with r, whose body and warnings are taken over, in the form that was asked for. */
void api_call_reply(struct api_call *c, struct reply *r);

/* What may be done where. */
enum api_scope { API_COLLECTION, API_OBJECT, API_STATUS, API_BINDING, API_SCOPES };

struct api_verb {
	enum api_scope scope;
	enum evhttp_cmd_type method;
	void (*run)(struct api_call *c);	/* answers, whatever comes of it */
	const char *options;			/* Kubernetes' name for the parameters */
	bool needs_namespace;			/* of a type that has them */
	const char *word;			/* as discovery calls it */
};

/* The index past the last one has no run. A type has all of them but what this denies. */
const struct api_verb *api_verb_at(size_t i);
bool api_verb_applies(const struct api_verb *verb, const struct resource *res);

/* NULL: not allowed there. */
const struct api_verb *api_verb_find(const struct resource *res, enum api_scope scope,
				     enum evhttp_cmd_type method);

/* ---- the verbs that have files of their own */

extern const char *const api_patch_types[];	/* of its body, up to a NULL */
void api_patch(struct api_call *c);
void api_delete(struct api_call *c);
void api_delete_all(struct api_call *c);
void api_list(struct api_call *c);

#endif
