/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When it was that something happened which Endpoints or a slice then followed:
 * that is noted in an annotation, by which proxies measure how late they are.
 */
#ifndef SVCNAT_TRIGGER_H
#define SVCNAT_TRIGGER_H

#include <jansson.h>
#include <time.h>

#define TRIGGER_ANNOTATION	"endpoints.kubernetes.io/last-change-trigger-time"

/* Since when the pod is ready, or not ready; 0: that is not known. NULL: no pod. */
time_t trigger_of_pod(const json_t *pod);
/* The earlier one; 0 is none. */
time_t trigger_min(time_t a, time_t b);
/* 0: what was noted before is not true any more. metadata is the caller's own. */
void trigger_note(json_t *object, time_t trigger);

#endif
