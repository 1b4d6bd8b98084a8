// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what is decided by who may open the socket; so whoever asks may do
 * everything, as with Kubernetes' authorizer AlwaysAllow. Who it is has nobody
 * said, and the answer is what Kubernetes calls those who came without asking.
 */
#include "api_review.h"

#include "api_body.h"
#include "api_status.h"
#include "jx.h"
#include "registry.h"

#include <stdio.h>
#include <string.h>

#define AUTHORIZATION	"authorization.k8s.io/v1"
#define AUTHENTICATION	"authentication.k8s.io/v1"

static json_t *access_status(void)
{
	return json_pack("{s:b, s:s}", "allowed", 1, "reason",
			 "whoever can open svcd's socket may do everything");
}

static json_t *rules_status(void)
{
	return json_pack("{s:[{s:[s], s:[s], s:[s]}], s:[{s:[s], s:[s]}], s:b}", "resourceRules",
			 "verbs", "*", "apiGroups", "*", "resources", "*", "nonResourceRules",
			 "verbs", "*", "nonResourceURLs", "*", "incomplete", 0);
}

static json_t *user_status(void)
{
	return json_pack("{s:{s:s, s:[s, s]}}", "userInfo", "username", "system:unsecured",
			 "groups", "system:masters", "system:authenticated");
}

static const struct api_review reviews[] = {
	{ AUTHENTICATION, "SelfSubjectReview", "selfsubjectreviews", "selfsubjectreview",
	  user_status },
	{ AUTHORIZATION, "SelfSubjectAccessReview", "selfsubjectaccessreviews",
	  "selfsubjectaccessreview", access_status },
	{ AUTHORIZATION, "SelfSubjectRulesReview", "selfsubjectrulesreviews",
	  "selfsubjectrulesreview", rules_status },
};

#define NREVIEWS	(sizeof(reviews) / sizeof(*reviews))

const struct api_review *api_review_at(size_t i)
{
	return i < NREVIEWS ? &reviews[i] : NULL;
}

bool api_review_version_known(const char *api_version)
{
	size_t i;

	for (i = 0; i < NREVIEWS; i++)
		if (!strcmp(reviews[i].api_version, api_version))
			return true;
	return false;
}

static const struct api_review *find(const char *path)
{
	char own[256];
	size_t i;

	for (i = 0; i < NREVIEWS; i++) {
		snprintf(own, sizeof(own), "/apis/%s/%s", reviews[i].api_version,
			 reviews[i].plural);
		if (!strcmp(own, path))
			return &reviews[i];
	}
	return NULL;
}

static bool is_of(const struct api_review *review, const json_t *body)
{
	const char *kind = jx_str(body, "kind"), *version = jx_str(body, "apiVersion");

	return (!*kind || !strcmp(kind, review->kind)) &&
	       (!*version || !strcmp(version, review->api_version));
}

/* What was asked, and the answer to it. */
static json_t *answer(const struct api_review *review, const json_t *body)
{
	json_t *metadata = json_object_get(body, "metadata");

	return json_pack("{s:s, s:s, s:o, s:O*, s:o}", "kind", review->kind, "apiVersion",
			 review->api_version, "metadata",
			 metadata ? json_incref(metadata) : json_object(), "spec",
			 json_object_get(body, "spec"), "status", review->status());
}

bool api_review_handle(struct evhttp_request *req, const char *path)
{
	const struct api_review *review = find(path);
	struct api_media media;
	json_t *body;

	if (!review)
		return false;
	if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
		api_send_bad_method(req);
		return true;
	}
	if (!api_choose_media(req, API_FORM_BIT(API_FORM_OBJECT), &media))
		return true;
	body = api_body_read(req, review->kind, api_body_types, 0);
	if (body && is_of(review, body))
		api_send_as(req, 201, answer(review, body), 0, &media);
	else if (body)
		api_send_status(req, 400, "BadRequest", "%.64s in version \"%.64s\" cannot be "
				"handled as a %s", jx_str(body, "kind"), jx_str(body, "apiVersion"),
				review->kind);
	json_decref(body);
	return true;
}
