/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a client may ask of itself before it begins, as "kubectl auth can-i" and
 * "whoami" do: types that can only be created, and of which nothing is kept.
 */
#ifndef SVCNAT_API_REVIEW_H
#define SVCNAT_API_REVIEW_H

#include <event2/http.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct api_review {
	const char *api_version, *kind, *plural, *singular;
	json_t *(*status)(void);	/* the answer, whatever was asked */
};

/* The table; NULL past its end. */
const struct api_review *api_review_at(size_t i);
bool api_review_version_known(const char *api_version);

/* Answer req if path is that of a review. false: it is another. */
bool api_review_handle(struct evhttp_request *req, const char *path);

#endif
