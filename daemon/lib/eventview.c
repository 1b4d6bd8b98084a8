// SPDX-License-Identifier: GPL-2.0
#include "eventview.h"
#include "field.h"

const char *eventview_first_seen(const json_t *event)
{
	const char *s = field_string(event, "firstTimestamp");

	return *s ? s : field_string(event, "eventTime");
}

const char *eventview_last_seen(const json_t *event)
{
	const char *s = field_string(event, "series.lastObservedTime");

	if (!*s)
		s = field_string(event, "lastTimestamp");
	return *s ? s : eventview_first_seen(event);
}

const char *eventview_source(const json_t *event)
{
	const char *s = field_string(event, "source.component");

	return *s ? s : field_string(event, "reportingComponent");
}

long long eventview_count(const json_t *event)
{
	json_int_t n = field_int(event, "series.count", field_int(event, "count", 1));

	return n > 1 ? n : 1;
}
