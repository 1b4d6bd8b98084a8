// SPDX-License-Identifier: GPL-2.0
/* What is well, what is on its way, and what is bad, in the tables of "get". */
#include "color.h"

#include <ctype.h>
#include <string.h>

struct word {
	const char *text;	/* NULL, the last one: any other */
	enum color color;
};

static const struct word pods[] = {
	{ "Running", COLOR_GOOD }, { "Completed", COLOR_GOOD }, { "Succeeded", COLOR_GOOD },
	{ "Pending", COLOR_WARN }, { "Terminating", COLOR_WARN }, { "Unknown", COLOR_WARN },
	{ "ContainerCreating", COLOR_WARN }, { "PodInitializing", COLOR_WARN },
	{ "SchedulingGated", COLOR_WARN }, { "NotReady", COLOR_WARN }, { NULL, COLOR_BAD },
};

static const struct word nodes[] = {
	{ "Ready", COLOR_GOOD }, { "Ready,SchedulingDisabled", COLOR_WARN },
	{ "Unknown", COLOR_WARN }, { "Unknown,SchedulingDisabled", COLOR_WARN },
	{ NULL, COLOR_BAD },
};

static const struct word namespaces[] = {
	{ "Active", COLOR_GOOD }, { "Terminating", COLOR_WARN }, { NULL, COLOR_NONE },
};

static const struct word addresses[] = { { "<pending>", COLOR_WARN }, { NULL, COLOR_NONE } };
static const struct word events[] = { { "Warning", COLOR_WARN }, { NULL, COLOR_NONE } };

static const struct {
	const char *plural, *column;
	const struct word *words;
} columns[] = {
	{ "pods", "Status", pods }, { "nodes", "Status", nodes },
	{ "namespaces", "Status", namespaces }, { "services", "External-IP", addresses },
	{ "events", "Type", events },
};

/* "Init:1/2": it gets on. "Init:Error": it does not. */
static bool is_progress(const char *text)
{
	return !strncmp(text, "Init:", 5) && isdigit((unsigned char)text[5]);
}

enum color color_of_cell(const struct resource *res, const char *column, const char *text)
{
	const struct word *w;
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (!strcmp(columns[i].plural, res->plural) && !strcmp(columns[i].column, column))
			break;
	if (i == sizeof(columns) / sizeof(columns[0]) || !*text)
		return COLOR_NONE;
	if (is_progress(text))
		return COLOR_WARN;
	for (w = columns[i].words; w->text && strcmp(w->text, text); w++)
		;
	return w->color;
}
