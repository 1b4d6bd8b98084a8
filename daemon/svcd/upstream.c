// SPDX-License-Identifier: GPL-2.0
#include "upstream.h"

#include "addrport.h"
#include "err.h"
#include "slurp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#define UNIX_SCHEME	"unix://"
#define IN_CLUSTER	"in-cluster"
#define ACCOUNT_DIR	"/var/run/secrets/kubernetes.io/serviceaccount"
#define TOKEN_MAX	((size_t)64 << 10)

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static bool is_loopback(const char *host)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Of an IPv6 address without its brackets. */
static void bare_host(const char *host, char *out, size_t size)
{
	size_t n = strlen(host);

	if (host[0] == '[' && n >= 2)
		snprintf(out, size, "%.*s", (int)n - 2, host + 1);
	else
		snprintf(out, size, "%s", host);
}

/*
 * The C library takes 010.0.0.1 for 8.0.0.1, and 10.1 for 10.0.0.1; others read them otherwise.
 * What ends in a number, or 0x, is an address or nothing.
 */
static bool is_odd_address(const char *host)
{
	const char *last = strrchr(host, '.');
	struct in_addr v4;

	last = last ? last + 1 : host;
	if (!*last || (last[strspn(last, "0123456789")] && strncasecmp(last, "0x", 2) != 0))
		return false;
	return inet_pton(AF_INET, host, &v4) != 1;
}

static int check_uri(const struct evhttp_uri *uri, const char *text, struct err *e)
{
	const char *scheme = uri ? evhttp_uri_get_scheme(uri) : NULL;
	const char *host = uri ? evhttp_uri_get_host(uri) : NULL;
	char bare[256];

	/* What stands in front of it may be a password. */
	if (strchr(text, '@'))
		return err_set(e, EINVAL, "a user name in a URL is not supported: use a "
			       "kubeconfig");
	if (!scheme || !host || !*host || evhttp_uri_get_query(uri) || evhttp_uri_get_fragment(uri))
		return err_set(e, EINVAL, "\"%s\" is not a URL such as "
			       "https://10.0.0.1:6443", text);
	if (is_odd_address(host))
		return err_set(e, EINVAL, "\"%s\" is not an IP address: it takes four numbers, "
			       "without leading zeros", host);
	if (strcmp(scheme, "https") == 0)
		return 0;
	if (strcmp(scheme, "http") != 0)
		return err_set(e, EINVAL, "\"%s\" is neither https:// nor http://", text);
	bare_host(host, bare, sizeof(bare));
	if (!is_loopback(bare))
		return err_set(e, EINVAL, "\"%s\" is not encrypted, which is for loopback "
			       "addresses only: use https://", text);
	return 0;
}

int upstream_set_url(struct upstream *u, const char *url, struct err *e)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	size_t n = strlen(url);
	int ret;

	ret = check_uri(uri, url, e);
	if (uri)
		evhttp_uri_free(uri);
	if (ret)
		return ret;
	while (n && url[n - 1] == '/')
		n--;
	free(u->url);
	free(u->name);
	u->url = strndup(url, n);
	u->name = strndup(url, n);
	return u->url && u->name ? 0 : no_memory(e);
}

static int set_socket(struct upstream *u, const char *path, struct err *e)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (path[0] != '/')
		return err_set(e, EINVAL, "\"%s\" is not an absolute path", path);
	if (strlen(path) > max)
		return err_set(e, EINVAL, "\"%s\" is too long: at most %zu characters", path, max);
	u->socket = strdup(path);
	/* The host is of no use on a unix socket, but a URL has one. */
	u->url = strdup("http://localhost");
	if (asprintf(&u->name, UNIX_SCHEME "%s", path) < 0)
		u->name = NULL;
	return u->socket && u->url && u->name ? 0 : no_memory(e);
}

int upstream_in_cluster(struct upstream *u, const char *dir, const char *host, const char *port,
			struct err *e)
{
	uint16_t number;
	char *url;
	int ret;

	if (!host || !*host || !port || addrport_parse_port(port, &number, NULL))
		return err_set(e, EINVAL, "%s: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT "
			       "are not in the environment: is this a pod?", IN_CLUSTER);
	if (asprintf(&url, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port) < 0)
		return no_memory(e);
	ret = upstream_set_url(u, url, e);
	free(url);
	if (ret)
		return ret;
	if (asprintf(&u->ca.file, "%s/ca.crt", dir) < 0)
		u->ca.file = NULL;
	if (asprintf(&u->token_file, "%s/token", dir) < 0)
		u->token_file = NULL;
	return u->ca.file && u->token_file ? 0 : no_memory(e);
}

int upstream_parse(struct upstream *u, const char *text, struct err *e)
{
	*u = (struct upstream){ 0 };
	if (strncmp(text, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0)
		return set_socket(u, text + strlen(UNIX_SCHEME), e);
	if (strcmp(text, IN_CLUSTER) == 0)
		return upstream_in_cluster(u, ACCOUNT_DIR, getenv("KUBERNETES_SERVICE_HOST"),
					   getenv("KUBERNETES_SERVICE_PORT"), e);
	if (text[0] == '/')
		return upstream_kubeconfig(u, text, e);
	if (strstr(text, "://"))
		return upstream_set_url(u, text, e);
	return err_set(e, EINVAL, "\"%s\" is none of unix:///PATH, https://HOST:PORT, %s and the "
		       "absolute path of a kubeconfig", text, IN_CLUSTER);
}

/* It goes into a header: one line, of what may stand there. */
static int check_token(char *text, const char *from, struct err *e)
{
	size_t len = strlen(text), i;

	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			len = 0;
	return len ? 0 : err_set(e, EINVAL, "%s is no token", from);
}

int upstream_token(const struct upstream *u, char **out, struct err *e)
{
	const char *from = u->token_file ? u->token_file : "the kubeconfig's token";
	size_t len;
	int ret = 0;

	*out = NULL;
	if (u->token_file)
		ret = slurp(u->token_file, TOKEN_MAX, out, &len, e);
	else if (u->token)
		*out = strdup(u->token);
	else
		return 0;
	if (ret)
		return ret;
	if (!*out)
		return no_memory(e);
	ret = check_token(*out, from, e);
	if (ret) {
		free(*out);
		*out = NULL;
	}
	return ret;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_pem(const struct upstream_pem *a, const struct upstream_pem *b)
{
	return same(a->file, b->file) && same(a->text, b->text);
}

bool upstream_equal(const struct upstream *a, const struct upstream *b)
{
	return same(a->url, b->url) && same(a->socket, b->socket) &&
	       same(a->server_name, b->server_name) && same(a->proxy, b->proxy) &&
	       a->insecure == b->insecure && same_pem(&a->ca, &b->ca) &&
	       same_pem(&a->cert, &b->cert) && same_pem(&a->key, &b->key) &&
	       same(a->token_file, b->token_file) && same(a->token, b->token) &&
	       same(a->user, b->user) && same(a->password, b->password);
}

static void pem_clear(struct upstream_pem *pem)
{
	free(pem->file);
	free(pem->text);
}

void upstream_clear(struct upstream *u)
{
	free(u->name);
	free(u->url);
	free(u->socket);
	free(u->server_name);
	free(u->proxy);
	pem_clear(&u->ca);
	pem_clear(&u->cert);
	pem_clear(&u->key);
	free(u->token_file);
	free(u->token);
	free(u->user);
	free(u->password);
	*u = (struct upstream){ 0 };
}
