/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of Pods, in parts. What is checked, and in which order and words, is Kubernetes'. */
#ifndef SVCNAT_POD_H
#define SVCNAT_POD_H

#include "rules.h"

/* What a Pod has that does not say it, but for a grace period: see termination.h. */
void pod_defaults(json_t *pod);
/* Is this the image that its name's tag says is the latest, or that has no tag? */
bool pod_image_is_latest(const char *image);

void pod_validate(struct write *w);
void pod_validate_containers(struct write *w);
/* at: "spec.containers[0].livenessProbe". handler: of a probe, or of a lifecycle's hook. */
void pod_validate_probe(struct write *w, const json_t *probe, const char *at);
void pod_validate_handler(struct write *w, const json_t *handler, const char *at);
void pod_validate_volumes(struct write *w);
/* was: the old Pod as it would be read today. */
void pod_validate_update(struct write *w, const json_t *was);

void pod_prepare_status(struct write *w);
void pod_validate_status(struct write *w);

#endif
