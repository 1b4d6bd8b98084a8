/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies: the Status objects of the API in their shapes, one function a case.
 * Each fills out (whose body it replaces) and returns -1, so that a refusal
 * reads "return status_not_found(...)".
 */
#ifndef SVCNAT_STATUS_H
#define SVCNAT_STATUS_H

#include "fielderr.h"
#include "registry.h"

int status_fail(struct reply *out, int code, const char *reason, const struct resource *res,
		const char *name, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

int status_bad_request(struct reply *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int status_not_found(struct reply *out, const struct resource *res, const char *name);
int status_exists(struct reply *out, const struct resource *res, const char *name);
int status_conflict(struct reply *out, const struct resource *res, const char *name,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int status_invalid(struct reply *out, const struct resource *res, const char *name,
		   const struct field_errors *l);
/* Add details, which are taken over, to the Status that out has. */
int status_details(struct reply *out, json_t *details);
/* The file that has the object is where it is changed. */
int status_managed(struct reply *out, const struct resource *res, const char *name,
		   const char *file);
/* A negative errno of the store and its words: 507 when the disk is full, else 500. */
int status_store(struct reply *out, int rc, const struct err *e);

/* 2xx with a body, which is taken over. */
void status_object(struct reply *out, int code, json_t *body);
void status_success(struct reply *out, int code, const struct resource *res, const json_t *object);

#endif
