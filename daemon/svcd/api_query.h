/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The query string of a request: what each verb is asked to do beyond its path.
 * Unknown parameters are ignored, as Kubernetes does.
 */
#ifndef SVCNAT_API_QUERY_H
#define SVCNAT_API_QUERY_H

#include "api_view.h"
#include "registry.h"

#include <stdbool.h>
#include <stdint.h>

enum api_match { API_MATCH_NONE, API_MATCH_EXACT, API_MATCH_NOT_OLDER };

struct api_query {
	char *label_selector;		/* NULL: none */
	char *field_selector;
	bool watch;
	bool bookmarks;
	bool pretty;
	bool verbose;
	bool has_initial;		/* sendInitialEvents was given */
	bool initial;
	bool has_version;		/* resourceVersion was given and is not "" */
	uint64_t version;
	size_t limit;			/* of a list; 0: none */
	char *token;			/* continue; NULL: the first page */
	enum api_match match;
	unsigned int timeout;		/* seconds; 0: none */
	char *manager;			/* fieldManager; NULL: not said */
	bool has_force;
	bool force;
	json_t *deletion;		/* DeleteOptions that stand here; NULL: none */
	unsigned int flags;		/* REGISTRY_DRY_RUN and its sisters */
	struct api_view view;		/* includeObject; the media are the caller's */
};

/* What there is to ask for. */
struct api_query_param {
	const char *name;
	const char *type;		/* "string", "boolean" or "integer" */
	const char *options;		/* of which verbs: a text that has their options' names */
};

const struct api_query_param *api_query_param_at(size_t i);	/* NULL past the last one */

/*
 * raw: what follows the '?', or NULL. options: how Kubernetes calls the
 * parameters of this verb (ListOptions, CreateOptions, ...), for its messages.
 * 0, or -EINVAL and refused filled with a code and a Status that the caller owns.
 * q is to be cleared in both cases.
 */
int api_query_parse(struct api_query *q, const char *raw, const char *options,
		    struct reply *refused);
void api_query_clear(struct api_query *q);

#endif
