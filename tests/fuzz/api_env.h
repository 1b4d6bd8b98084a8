/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An authority in this process: a registry with a clock that stands and a seed, its file in a
 * folder of its own, and the API server on a socket there.
 */
#ifndef SVCNAT_FUZZ_API_ENV_H
#define SVCNAT_FUZZ_API_ENV_H

#include "target.h"

#include "api.h"
#include "server.h"

#include <time.h>

struct api_env {
	char dir[64], db[96], socket[96];
	struct event_base *base;
	struct registry *registry;
	struct watch_hub *watches;
	struct server *server;
	struct api api;
	time_t now;
	uint64_t empty;		/* the registry's version when nothing was written */
	char *blank;		/* the file of such a one */
	size_t blank_len;
};

/* The one of this process, which is opened by the first call and goes with it. */
struct api_env *api_env(void);

/* End the registry and open it again: of what is on the disk, or of nothing. */
void api_env_reopen(struct api_env *env);
void api_env_wipe(struct api_env *env);

/* All objects, as text, with their fields sorted. To be freed. */
char *api_env_dump(const struct api_env *env);

/* must(), and what the server said. */
void api_env_fail(const char *file, int line, const json_t *body, const char *what)
	__attribute__((noreturn));
#define api_env_must(condition, body, what)                                    \
	do {                                                                   \
		if (!(condition))                                              \
			api_env_fail(__FILE__, __LINE__, body, what);          \
	} while (0)

/* An error is a Status with this code and with words. */
void api_env_check_status(int code, const json_t *body);

/* --- one request */

struct api_answer {
	int status;		/* 0: the connection was closed without one */
	bool stream;		/* the answer goes on: a watch */
	char type[64];		/* Content-Type */
	char *body;
	size_t len;
};

/* Send these bytes, and take the first answer. expect_body: false for HEAD. */
void api_env_ask(struct api_env *env, const char *bytes, size_t len, bool expect_body,
		 struct api_answer *a);
void api_answer_clear(struct api_answer *a);

#endif
