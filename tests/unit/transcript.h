/* SPDX-License-Identifier: GPL-2.0 */
/*
 * svcctl against a whole API server, as a session at a terminal that is written
 * down, in the form of the recordings of kubectl:
 *
 *	# a remark
 *	$ svcctl apply -f - -o name
 *	< apiVersion: v1		the standard input, if any
 *	service/web			what it prints; @@ stands for any text
 *	! Warning: ...			what it says on the standard error output
 *	exit 0
 *
 * Words are split at blanks; quotes of both kinds join them. All sessions are in
 * tests/unit/transcripts, with the manifests that they name.
 */
#ifndef SVCNAT_TRANSCRIPT_H
#define SVCNAT_TRANSCRIPT_H

#include "http_fixture.h"

/* Run a session, by its file's name without ".txt", on a new registry. Fails the test. */
void transcript_run(const char *name);

/* One command line on that server. *out (to be freed) has both outputs, as above. */
int transcript_command(struct http_fixture *f, const char *line, const char *in, char **out);

/* "@@" in expected stands for any text within a line. */
bool transcript_matches(const char *expected, const char *text);

#endif
