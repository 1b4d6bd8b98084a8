/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The API that a node follows: where it is, how it is known to be the right one,
 * and as whom we come.
 */
#ifndef SVCNAT_UPSTREAM_H
#define SVCNAT_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* PEM: of a file, which is read anew for each connection, or the text itself; or neither. */
struct upstream_pem {
	char *file;
	char *text;
};

struct upstream {
	char *name;		/* as people are told of it: unix:///PATH, https://HOST:PORT */
	char *url;		/* in front of each path; no slash at its end */
	char *socket;		/* path of a unix socket; NULL: by the URL's host */
	char *server_name;	/* in its certificate; NULL: the URL's host */
	char *proxy;		/* NULL: none, whatever the environment says */
	bool insecure;		/* take any certificate */
	struct upstream_pem ca;	/* neither: the system's */
	struct upstream_pem cert, key;
	char *token_file;	/* read anew for each request, for tokens are rotated */
	char *token;
	char *user, *password;
};

/*
 * What --follow takes: unix:///PATH, https://HOST[:PORT], http:// of a loopback address,
 * in-cluster, or the path of a kubeconfig. -EINVAL, -ENOENT ..., -ENOMEM. u is to be cleared in
 * every case.
 */
int upstream_parse(struct upstream *u, const char *text, struct err *e);

/*
 * A URL with nothing behind its host, port and path. Without TLS only on loopback, where
 * nobody reads along. Sets name and url. -EINVAL, -ENOMEM.
 */
int upstream_set_url(struct upstream *u, const char *url, struct err *e);

/*
 * As whom a pod comes (in the directory of its service account) and to where (in the
 * environment). host, port: NULL when they are not set there.
 */
int upstream_in_cluster(struct upstream *u, const char *dir, const char *host, const char *port,
			struct err *e);

/*
 * What the context that is current in the kubeconfig at path says. Programs for logging in
 * are refused: a node's daemon runs none. -EINVAL with file and field; -ENOENT ..., -ENOMEM.
 */
int upstream_kubeconfig(struct upstream *u, const char *path, struct err *e);

/* The token to use now: *out is to be freed, NULL when there is none. -ENOENT ..., -EINVAL. */
int upstream_token(const struct upstream *u, char **out, struct err *e);

/* The same place, and the same credentials by their words; what is in files is not looked at. */
bool upstream_equal(const struct upstream *a, const struct upstream *b);

void upstream_clear(struct upstream *u);

#endif
