// SPDX-License-Identifier: GPL-2.0
#include "api_document.h"

#include "api_media.h"
#include "api_status.h"
#include "discovery.h"
#include "openapi.h"
#include "openapi_proto.h"

#include <string.h>

#define OBJECT		API_FORM_BIT(API_FORM_OBJECT)
#define SWAGGER		API_FORM_BIT(API_FORM_SWAGGER)
#define DISCOVERY	(API_FORM_BIT(API_FORM_DISCOVERY) | API_FORM_BIT(API_FORM_DISCOVERY_BETA))

/* rest: what the path has behind the document's own. NULL: there is no such document. */
typedef json_t *maker(const char *rest, const struct api_media *media);

static const char *whole_version(const struct api_media *media)
{
	return media->form == API_FORM_DISCOVERY ? "v2" : "v2beta1";
}

static json_t *make_version(const char *rest, const struct api_media *media)
{
	(void)rest;
	(void)media;
	return discovery_version();
}

static json_t *make_versions(const char *rest, const struct api_media *media)
{
	(void)rest;
	if (media->form == API_FORM_OBJECT)
		return discovery_versions();
	return discovery_whole(true, whole_version(media));
}

static json_t *make_groups(const char *rest, const struct api_media *media)
{
	(void)rest;
	if (media->form == API_FORM_OBJECT)
		return discovery_groups();
	return discovery_whole(false, whole_version(media));
}

static json_t *make_group(const char *rest, const struct api_media *media)
{
	(void)media;
	return discovery_group(rest);
}

/* Where to begin: what there is beside the objects. */
static json_t *make_index(const char *rest, const struct api_media *media)
{
	json_t *paths = discovery_paths();
	json_t *more = json_pack("[s, s, s, s, s, s]", "/healthz", "/livez", "/openapi/v2",
				 "/openapi/v3", "/readyz", "/version");

	(void)rest;
	(void)media;
	json_array_extend(paths, more);
	json_decref(more);
	return json_pack("{s:o}", "paths", paths);
}

static json_t *make_swagger(const char *rest, const struct api_media *media)
{
	(void)rest;
	(void)media;
	return openapi_v2();
}

static json_t *make_openapi_index(const char *rest, const struct api_media *media)
{
	(void)rest;
	(void)media;
	return openapi_v3_index();
}

/*
 * There are none. kubectl asks for them when it meets a kind that it cannot find,
 * and says what is wrong with the manifest only when it gets an answer.
 */
static json_t *make_custom_types(const char *rest, const struct api_media *media)
{
	(void)rest;
	(void)media;
	return json_pack("{s:s, s:s, s:{}, s:[]}", "kind", "CustomResourceDefinitionList",
			 "apiVersion", "apiextensions.k8s.io/v1", "metadata", "items");
}

/* "api/v1" or "apis/GROUP/VERSION" */
static json_t *make_openapi(const char *rest, const struct api_media *media)
{
	(void)media;
	if (!strncmp(rest, "apis/", 5) && strchr(rest + 5, '/'))
		return openapi_v3(rest + 5);
	if (!strncmp(rest, "api/", 4) && !strchr(rest + 4, '/'))
		return openapi_v3(rest + 4);
	return NULL;
}

static const struct document {
	const char *path;
	bool more;		/* the path goes on */
	maker *make;
	unsigned int forms;
	int indented;		/* as the API server sends it */
	bool everywhere;	/* of a node without objects, too */
} documents[] = {
	{ "", false, make_index, OBJECT, 1, false },
	{ "/version", false, make_version, OBJECT, 1, true },
	{ "/api", false, make_versions, OBJECT | DISCOVERY, 0, false },
	{ "/apis", false, make_groups, OBJECT | DISCOVERY, 0, false },
	{ "/apis", true, make_group, OBJECT, 0, false },
	{ "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", false, make_custom_types,
	  OBJECT, 0, false },
	{ "/openapi/v2", false, make_swagger, OBJECT | SWAGGER, 0, false },
	{ "/openapi/v3", false, make_openapi_index, OBJECT, 0, false },
	{ "/openapi/v3", true, make_openapi, OBJECT, 0, false },
};

/* What stands behind the document's path; NULL: it is another. */
static const char *rest_of(const struct document *d, const char *path)
{
	size_t n = strlen(d->path);

	if (strncmp(path, d->path, n))
		return NULL;
	path += n;
	/* A slash at the end counts for nothing. */
	if (!d->more)
		return !*path || !strcmp(path, "/") ? path : NULL;
	return *path == '/' && path[1] ? path + 1 : NULL;
}

static void send_as(struct evhttp_request *req, const struct document *d, json_t *body,
		    const struct api_media *media)
{
	size_t len = 0;
	char *data;

	if (media->form != API_FORM_SWAGGER) {
		api_send_as(req, 200, body, d->indented, media);
		return;
	}
	data = openapi_proto(body, &len);
	json_decref(body);
	api_send_bytes(req, data, len, api_media_type(media));
}

/* false: there is no such document. */
static bool send_document(struct evhttp_request *req, const struct document *d, const char *rest)
{
	const struct api_media plain = { API_FORM_OBJECT, false };
	struct api_media media;
	json_t *body;

	/* Is it there at all? */
	body = d->more ? d->make(rest, &plain) : NULL;
	if (d->more && !body)
		return false;
	if (evhttp_request_get_command(req) != EVHTTP_REQ_GET)
		api_send_bad_method(req);
	else if (api_choose_media(req, d->forms, &media))
		send_as(req, d, body ? json_incref(body) : d->make(rest, &media), &media);
	json_decref(body);
	return true;
}

bool api_document_handle(struct evhttp_request *req, const char *path, bool objects)
{
	const char *rest;
	size_t i;

	for (i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		rest = objects || documents[i].everywhere ? rest_of(&documents[i], path) : NULL;
		if (rest && send_document(req, &documents[i], rest))
			return true;
	}
	return false;
}
