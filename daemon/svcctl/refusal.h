/* SPDX-License-Identifier: GPL-2.0 */
/* A Status of the API in the words that Kubernetes' users know from kubectl. */
#ifndef SVCNAT_SVCCTL_REFUSAL_H
#define SVCNAT_SVCCTL_REFUSAL_H

#include "manifest.h"

/*
 * 'Error from server (NotFound): services "web" not found', or the list of
 * what is invalid. doing: "creating", when the object came from a file.
 */
void refusal_print(FILE *f, const json_t *status, const char *doing, const char *file);

/* One line for each field that the Status names: "  FILE:LINE:COLUMN: FIELD". */
void refusal_print_places(FILE *f, const json_t *status, const struct manifest_object *o);

/* A single one. */
void refusal_print_place(FILE *f, const struct manifest_object *o, const char *field,
			 struct yaml_place p);

/* Why an object of a manifest is not even sent. True: it was said. ns is the -n that was given. */
bool refusal_of_kind(FILE *f, const struct manifest_object *o);
bool refusal_of_name(FILE *f, const struct manifest_object *o);
bool refusal_of_namespace(FILE *f, const struct manifest_object *o, const char *ns);

bool refusal_is(const json_t *status, const char *reason);

#endif
