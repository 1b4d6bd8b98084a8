// SPDX-License-Identifier: GPL-2.0
#include "api_media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A piece of the header, without space around it. */
struct slice {
	const char *p, *end;
};

/* One representation that the client would take. */
struct clause {
	struct slice type, as, group, version;
	double weight;
};

static const struct {
	enum api_form form;
	const char *as, *group, *version;
} forms[] = {
	{ API_FORM_TABLE, "Table", "meta.k8s.io", "v1" },
	{ API_FORM_METADATA, "PartialObjectMetadata", "meta.k8s.io", "v1" },
	{ API_FORM_METADATA_LIST, "PartialObjectMetadataList", "meta.k8s.io", "v1" },
	{ API_FORM_DISCOVERY, "APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2" },
	{ API_FORM_DISCOVERY_BETA, "APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2beta1" },
};

static const struct {
	const char *type;
	bool yaml;
} ranges[] = {
	{ "application/json", false }, { "application/*", false }, { "*/*", false },
	{ "application/yaml", true },
};

/* Older clients know the first name of it. */
#define SWAGGER		"application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
#define SWAGGER_OLD	"application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

static const char *skip_space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* What stands before the next of these characters; *p moves past it. */
static struct slice next_slice(const char **p, const char *stops)
{
	struct slice s = { .p = skip_space(*p) };

	s.end = s.p + strcspn(s.p, stops);
	*p = s.end;
	while (s.end > s.p && (s.end[-1] == ' ' || s.end[-1] == '\t'))
		s.end--;
	return s;
}

static bool is_text(struct slice s, const char *text)
{
	size_t n = s.end - s.p;

	return n == strlen(text) && strncasecmp(s.p, text, n) == 0;
}

static void set_param(struct clause *c, struct slice name, struct slice value)
{
	if (is_text(name, "q"))
		c->weight = strtod(value.p, NULL);
	else if (is_text(name, "as"))
		c->as = value;
	else if (is_text(name, "g"))
		c->group = value;
	else if (is_text(name, "v"))
		c->version = value;
}

/* Reads up to the next comma. Parameters that it does not know count for nothing. */
static struct clause next_clause(const char **p)
{
	struct clause c = { .weight = 1 };
	struct slice name, value;

	c.type = next_slice(p, ";,");
	while (**p == ';') {
		++*p;
		name = next_slice(p, "=;,");
		value = (struct slice){ *p, *p };
		if (**p == '=') {
			++*p;
			value = next_slice(p, ";,");
		}
		set_param(&c, name, value);
	}
	if (**p)
		++*p;
	return c;
}

/* -1: none of those offered. */
static int form_of(const struct clause *c, unsigned int offered)
{
	size_t i;

	if (c->as.p == c->as.end)
		return offered & API_FORM_BIT(API_FORM_OBJECT) ? API_FORM_OBJECT : -1;
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (offered & API_FORM_BIT(forms[i].form) && is_text(c->as, forms[i].as) &&
		    is_text(c->group, forms[i].group) && is_text(c->version, forms[i].version))
			return forms[i].form;
	return -1;
}

static bool fits(const struct clause *c, unsigned int offered, struct api_media *out)
{
	int form = form_of(c, offered);
	size_t i;

	if (offered & API_FORM_BIT(API_FORM_SWAGGER) &&
	    (is_text(c->type, SWAGGER) || is_text(c->type, SWAGGER_OLD))) {
		*out = (struct api_media){ API_FORM_SWAGGER, false };
		return true;
	}
	for (i = 0; form >= 0 && i < sizeof(ranges) / sizeof(*ranges); i++) {
		if (!is_text(c->type, ranges[i].type) ||
		    (ranges[i].yaml && offered & API_FORM_BIT(API_FORM_STREAM)))
			continue;
		*out = (struct api_media){ (enum api_form)form, ranges[i].yaml };
		return true;
	}
	return false;
}

bool api_media_choose(const char *header, unsigned int offered, struct api_media *out)
{
	const char *p = header && *skip_space(header) ? header : "*/*";
	struct api_media media;
	double best = 0;	/* a weight of zero says "not this one" */
	struct clause c;

	while (*p) {
		c = next_clause(&p);
		if (c.weight > best && fits(&c, offered, &media)) {
			best = c.weight;
			*out = media;
		}
	}
	return best > 0;
}

const char *api_media_type(const struct api_media *media)
{
	if (media->yaml)
		return "application/yaml";
	if (media->form == API_FORM_SWAGGER)
		return SWAGGER;
	if (media->form == API_FORM_DISCOVERY)
		return "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
	if (media->form == API_FORM_DISCOVERY_BETA)
		return "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
	return "application/json";
}

bool api_media_is(const char *header, const char *type)
{
	if (!header || !*skip_space(header))
		return strcmp(type, "application/json") == 0;
	return is_text(next_slice(&header, ";"), type);
}
