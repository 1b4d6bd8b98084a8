/* SPDX-License-Identifier: GPL-2.0 */
/* A proxy on a fake kernel, the objects to tell it of, and a look at what it writes. */
#ifndef SVCNAT_PROXY_ENV_H
#define SVCNAT_PROXY_ENV_H

#include "err.h"
#include "kernel_fake.h"
#include "proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct env {
	struct kernel *k;
	const struct kernel_ops *fake_ops;	/* those of k write down what is written */
	struct proxy *p;
	char warnings[4096];	/* "name reason: message\n" each */
	struct ip_addr addrs[8];	/* of the node */
	size_t naddrs;
	int addrs_fail;		/* errno: they cannot be read */
	unsigned int addrs_read;
	int64_t now, step;	/* of its clock, ms; each run is an hour later unless step is 0 */
};

/* Of node "n1". NULL: svcd was given no settings. */
struct env *env_open(const struct ksettings *settings, unsigned int what);
void env_close(struct env *env);

/* cmocka's; with the pod CIDR 10.244.0.0/16 */
int env_setup(void **state);
int env_teardown(void **state);

/*
 * What the kernel took since the last call: "settings pod; sync_begin; set
 * default/a+defer; del default/b; endpoint_set default/a 2; sync_end"
 */
const char *env_log(struct env *env);
#define assert_log(env, expected)	assert_string_equal(env_log(env), expected)

/* A JSON text with ' for ". */
json_t *env_load(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One port 80/TCP; external may be NULL; second is the seconds of its creation. */
json_t *env_service(const char *name, const char *ip, const char *external, int second);
#define ENV_ENDPOINT	"{'addresses': ['10.244.1.1']}"
/* The only slice of that Service; the port is 8080/TCP. */
json_t *env_slice(const char *service, const char *endpoints);
json_t *env_named_slice(const char *name, const char *service, const char *endpoints);
/* 10.244.FIRST/256.FIRST%256 and the n - 1 behind it, on no node */
json_t *env_large_slice(const char *service, unsigned int first, unsigned int n);
json_t *env_node(const char *name, const char *zone);

void env_tell(struct env *env, enum proxy_kind kind, json_t *object, bool deleted);
void env_lists_done(struct env *env);
void env_run(struct env *env);		/* must succeed */
void env_start(struct env *env);		/* attached, all lists empty */

const struct kservice *env_find(struct env *env, const char *name);
/* Addresses with spaces between them. */
void env_assert_frontends(struct env *env, const char *name, const char *expected);
void env_assert_ranges(struct env *env, const char *name, const char *expected);
/* Put by somebody else than the proxy. */
void env_put_by_hand(struct env *env, const char *name, const char *owner, const char *ip);

struct kcidrs env_cidr(const char *text);

#endif
