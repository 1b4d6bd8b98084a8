/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells that something may have changed in a folder, which need not be there: by
 * inotify, on it and on each folder on the way to it. What a link in it points to is
 * not watched.
 */
#ifndef SVCNAT_FOLDER_WATCH_H
#define SVCNAT_FOLDER_WATCH_H

#include <event2/event.h>

struct folder_watch;
struct err;

typedef void folder_watch_fn(void *ctx);

/* path is absolute. Nothing is watched before the first refresh. */
int folder_watch_open(struct folder_watch **out, struct event_base *base, const char *path,
		      folder_watch_fn *changed, void *ctx, struct err *e);
/* Watch what is there now; to be called after each change, before the folder is looked at. */
void folder_watch_refresh(struct folder_watch *w);
void folder_watch_close(struct folder_watch *w);

#endif
