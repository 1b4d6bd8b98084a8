/* SPDX-License-Identifier: GPL-2.0 */
/* Paths that tell what is served here: versions, groups, types and their schemas. */
#ifndef SVCNAT_API_DOCUMENT_H
#define SVCNAT_API_DOCUMENT_H

#include <event2/http.h>
#include <stdbool.h>

/*
 * Answer req if its path names such a document. objects: are there any here? A
 * node that follows has only its version. false: the path is another.
 */
bool api_document_handle(struct evhttp_request *req, const char *path, bool objects);

#endif
