/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which representations the API takes and gives. Bodies are JSON or YAML; what
 * they hold is the object itself or, when the client would rather have it, a
 * Table, its metadata alone, or discovery in one piece.
 */
#ifndef SVCNAT_API_MEDIA_H
#define SVCNAT_API_MEDIA_H

#include <stdbool.h>

enum api_form {
	API_FORM_OBJECT,
	API_FORM_TABLE,
	API_FORM_METADATA,		/* PartialObjectMetadata */
	API_FORM_METADATA_LIST,
	API_FORM_DISCOVERY,		/* APIGroupDiscoveryList, v2 */
	API_FORM_DISCOVERY_BETA,	/* the same, v2beta1 */
	API_FORM_SWAGGER,		/* of /openapi/v2: protobuf */
	API_FORM_STREAM,		/* none, but what is offered comes in pieces: no YAML */
	API_FORMS
};

#define API_FORM_BIT(form)	(1u << (form))

struct api_media {
	enum api_form form;
	bool yaml;			/* else JSON */
};

/*
 * The best of what header (Accept; NULL: was not sent) asks for, by its weights
 * and then its order (RFC 9110, 12.5.1), among the forms offered. false: none
 * will do.
 */
bool api_media_choose(const char *header, unsigned int offered, struct api_media *out);

/* "application/json", with the parameters that name a form of discovery. */
const char *api_media_type(const struct api_media *media);

/* Is header this type, whatever its parameters? NULL counts as application/json. */
bool api_media_is(const char *header, const char *type);

#endif
