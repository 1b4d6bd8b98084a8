/* SPDX-License-Identifier: GPL-2.0 */
/* What a follower and its sources know of each other. */
#ifndef SVCNAT_FOLLOW_PRIV_H
#define SVCNAT_FOLLOW_PRIV_H

#include "backoff.h"
#include "bytes.h"
#include "err.h"
#include "follow.h"
#include "follow_events.h"
#include "http_client.h"
#include "reflector.h"

#include <time.h>

/* How a source gets on: by a list in pages, by a watch's initial events, or by news. */
enum source_mode { SOURCE_LIST, SOURCE_INITIAL, SOURCE_WATCH };

/* One type: a list, then watches from its version on, until a list is needed again. */
struct follow_source {
	struct follow *follow;
	struct reflector reflector;
	enum proxy_kind kind;
	char *path;			/* with a query */
	enum source_mode mode;
	bool no_initial;		/* the authority knows no initial events */
	bool whole;			/* list without pages: a page came too late for its list */
	bool waiting;			/* for another's list to be over */
	struct http_get *get;		/* NULL: retry is pending, or it waits */
	bool unreached;			/* the last one had no answer at all */
	struct bytes refusal;		/* the body of an answer that is none of ours */
	struct event *retry;
	struct event *silence;
	struct backoff backoff;
	long long began;		/* of get; ms */
	unsigned int asked_seconds;	/* that it lasts, if it is a watch */
	bool answered;			/* with a head that promises what was asked for */
	bool heard;			/* something of its body came */
	bool listed;			/* its last list had something, or it came since */
	long long quiet_since;		/* ms: its watches bring nothing since then; 0: they do */
	unsigned int refusals;		/* of watches that a list may mend, one after the other */
	int broken;			/* what the reflector said of the body */
	struct err why;
	struct err last;		/* what it complains of; "": all is well */
	time_t well;			/* it answers since then; 0: it does not */
	time_t failed;			/* 0: never */
	struct err failure;
};

#define FOLLOW_NSOURCES	3

struct follow {
	struct follow_config config;
	struct http_client *client;
	struct follow_events *events;
	struct follow_source sources[FOLLOW_NSOURCES];
	struct follow_source *lister;	/* whose list is being read; one at a time */
};

/* May s list now? If not, it is begun when the list before it is over. */
bool follow_take_turn(struct follow_source *s);
/* Its list is over, or broke off. Nothing if it was not its turn. */
void follow_end_turn(struct follow_source *s);

/* What all sources see, such as an authority that is gone, is one line in the log. */
void follow_complain(struct follow_source *s, const struct err *e);
void follow_all_is_well(struct follow_source *s);
/* The authority, which did not answer s, does: the others need not wait to find that out. */
void follow_reached(struct follow_source *s);

/* label_selector: NULL: of the own name only. -ENOMEM. s is to be cleared in every case. */
int follow_source_init(struct follow_source *s, struct follow *f, const char *api_version,
		       const char *kind, enum proxy_kind proxy_kind, const char *label_selector);
void follow_source_begin(struct follow_source *s);
/* In the loop's next turn: within an answer no other request can be made. */
void follow_source_soon(struct follow_source *s);
void follow_source_clear(struct follow_source *s);

#endif
