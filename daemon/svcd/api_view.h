/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The forms in which objects leave the API: as they are, as lines of a Table,
 * or their metadata alone.
 */
#ifndef SVCNAT_API_VIEW_H
#define SVCNAT_API_VIEW_H

#include "api_media.h"
#include "resource.h"

#include <jansson.h>
#include <time.h>

/* What a line of a Table carries beside its cells. */
enum api_include { API_INCLUDE_METADATA, API_INCLUDE_NONE, API_INCLUDE_OBJECT };

struct api_view {
	struct api_media media;
	enum api_include include;
};

/*
 * Object and list are taken over, the result is the caller's; NULL: no memory.
 * headers: a Table says what its columns are.
 */
json_t *api_view_object(const struct api_view *view, const struct resource *res, json_t *object,
			time_t now, bool headers);
json_t *api_view_list(const struct api_view *view, const struct resource *res, json_t *list,
		      time_t now);

#endif
