/* SPDX-License-Identifier: GPL-2.0 */
/* What the types and their fields are for, in a sentence: "kubectl explain" shows it. */
#ifndef SVCNAT_OPENAPI_TEXT_H
#define SVCNAT_OPENAPI_TEXT_H

/* path as in "spec.ports.port"; "" is the type itself. NULL: there is nothing to say. */
const char *openapi_text(const char *kind, const char *path);

#endif
