// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "upstream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct upstream_fixture {
	char dir[64];
	char path[96];		/* of the kubeconfig */
	struct upstream u;
	struct err e;
};

static int setup(void **state)
{
	struct upstream_fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/svcnat-upstream-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/config", f->dir);
	*state = f;
	return 0;
}

static void path_in(const struct upstream_fixture *f, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", f->dir, name);
}

static int teardown(void **state)
{
	static const char *const names[] = { "config", "token", "ca.crt" };
	struct upstream_fixture *f = *state;
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		path_in(f, names[i], path, sizeof(path));
		unlink(path);
	}
	rmdir(f->dir);
	upstream_clear(&f->u);
	free(f);
	return 0;
}

static void put(const struct upstream_fixture *f, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	path_in(f, name, path, sizeof(path));
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const struct {
	const char *text, *name, *url;
} good_urls[] = {
	{ "https://10.0.0.1:6443", "https://10.0.0.1:6443", "https://10.0.0.1:6443" },
	{ "https://api.example/", "https://api.example", "https://api.example" },
	{ "https://[fd00::1]:6443/k8s/c1/", "https://[fd00::1]:6443/k8s/c1",
	  "https://[fd00::1]:6443/k8s/c1" },
	{ "http://127.0.0.1:8001", "http://127.0.0.1:8001", "http://127.0.0.1:8001" },
	{ "http://127.8.8.8", "http://127.8.8.8", "http://127.8.8.8" },
	{ "http://localhost:80", "http://localhost:80", "http://localhost:80" },
	{ "http://[::1]:80", "http://[::1]:80", "http://[::1]:80" },
	{ "https://10.0.0.0x.example", "https://10.0.0.0x.example", "https://10.0.0.0x.example" },
	{ "https://7.example", "https://7.example", "https://7.example" },
	{ "unix:///run/svcd/svcd.sock", "unix:///run/svcd/svcd.sock", "http://localhost" },
};

static void test_good_urls(void **state)
{
	struct upstream_fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(good_urls) / sizeof(*good_urls); i++) {
		assert_int_equal(upstream_parse(&f->u, good_urls[i].text, &f->e), 0);
		assert_string_equal(f->u.name, good_urls[i].name);
		assert_string_equal(f->u.url, good_urls[i].url);
		upstream_clear(&f->u);
	}
}

static const struct {
	const char *text, *why;
} bad_urls[] = {
	{ "", "none of unix:///PATH" },
	{ "svcd.sock", "none of unix:///PATH" },
	{ "unix://svcd.sock", "not an absolute path" },
	{ "ftp://10.0.0.1", "neither https:// nor http://" },
	{ "https://", "not a URL" },
	{ "https://10.0.0.1:x", "not a URL" },
	{ "https://10.0.0.1/?a=b", "not a URL" },
	{ "https://10.0.0.1/#a", "not a URL" },
	{ "https://me:secret@10.0.0.1", "a user name in a URL" },
	{ "https://me:secret@10.0.0.1/?x", "a user name in a URL" },
	{ "https://me:secret@10.0.0.1:x", "a user name in a URL" },
	/* What the C library takes for 8.0.0.1, 10.0.0.1, 127.0.0.1 and 10.0.0.8. */
	{ "https://010.0.0.1:6443", "\"010.0.0.1\" is not an IP address: it takes four numbers" },
	{ "https://10.1", "not an IP address" },
	{ "http://127.1", "not an IP address" },
	{ "http://0x7f.0.0.1", "not an IP address" },
	{ "http://127.0.0.0x1", "not an IP address" },
	{ "http://2130706433", "not an IP address" },
	{ "https://10.0.0.010", "not an IP address" },
	{ "https://10.0.0.256", "not an IP address" },
	{ "http://10.0.0.1", "not encrypted" },
	{ "http://128.0.0.1", "not encrypted" },
	{ "http://127.0.0.1.example", "not encrypted" },
	{ "http://[::2]", "not encrypted" },
	{ "http://[::ffff:10.0.0.1]", "not encrypted" },
	{ "http://localhost.example", "not encrypted" },
	{ "/nowhere/config", "/nowhere/config cannot be opened" },
	{ "/", "cannot be read: Is a directory" },
};

static void test_bad_urls(void **state)
{
	struct upstream_fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bad_urls) / sizeof(*bad_urls); i++) {
		f->e.text[0] = '\0';
		if (!upstream_parse(&f->u, bad_urls[i].text, &f->e) ||
		    !strstr(f->e.text, bad_urls[i].why) || strstr(f->e.text, "secret"))
			fail_msg("\"%s\": %s", bad_urls[i].text, f->e.text);
		upstream_clear(&f->u);
	}
}

static void test_in_cluster(void **state)
{
	struct upstream_fixture *f = *state;
	char *token;

	put(f, "token", "first\n");
	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "10.0.0.1", "443", &f->e), 0);
	assert_string_equal(f->u.url, "https://10.0.0.1:443");
	assert_non_null(strstr(f->u.ca.file, "/ca.crt"));
	assert_int_equal(upstream_token(&f->u, &token, &f->e), 0);
	assert_string_equal(token, "first");
	free(token);
	/* It was rotated. */
	put(f, "token", "second");
	assert_int_equal(upstream_token(&f->u, &token, &f->e), 0);
	assert_string_equal(token, "second");
	free(token);
	upstream_clear(&f->u);
	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "fd00::1", "6443", &f->e), 0);
	assert_string_equal(f->u.url, "https://[fd00::1]:6443");
}

static void test_not_in_a_cluster(void **state)
{
	struct upstream_fixture *f = *state;

	assert_int_equal(upstream_in_cluster(&f->u, f->dir, NULL, "443", &f->e), -EINVAL);
	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "10.0.0.1", NULL, &f->e), -EINVAL);
	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "10.0.0.1", "x", &f->e), -EINVAL);
	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "a b", "443", &f->e), -EINVAL);
}

/* Nothing that would make a header of its own. */
static void test_no_token(void **state)
{
	static const char *const texts[] = { "", "\n", "a b", "a\nX: y", "\xc3\xa4" };
	struct upstream_fixture *f = *state;
	char *token;
	size_t i;

	assert_int_equal(upstream_in_cluster(&f->u, f->dir, "10.0.0.1", "443", &f->e), 0);
	assert_int_equal(upstream_token(&f->u, &token, &f->e), -ENOENT);
	assert_null(token);
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put(f, "token", texts[i]);
		assert_int_equal(upstream_token(&f->u, &token, &f->e), -EINVAL);
		assert_null(token);
		assert_non_null(strstr(f->e.text, "/token is no token"));
	}
}

#define CONTEXT	"apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n"                    \
		"- {name: other, context: {cluster: x, user: y}}\n"                                \
		"- {name: c, context: {cluster: k, user: u}}\n"
#define CLUSTER	"clusters:\n- name: k\n  cluster:\n    server: https://10.0.0.1:6443\n"
#define USER	"users:\n- name: x\n  user: {token: wrong}\n- name: u\n  user:\n"

static void test_kubeconfig(void **state)
{
	struct upstream_fixture *f = *state;
	char *token;

	put(f, "config", CONTEXT CLUSTER
	    "    certificate-authority-data: LS0tQ0EtLS0K\n"
	    "    tls-server-name: kubernetes\n"
	    "    proxy-url: http://10.0.0.9:3128\n" USER
	    "    client-certificate-data: LS0tQ0VSVC0tLQo=\n"
	    "    client-key: pki/node.key\n"
	    "    token: abc\n");
	assert_int_equal(upstream_parse(&f->u, f->path, &f->e), 0);
	assert_string_equal(f->u.name, "https://10.0.0.1:6443");
	assert_string_equal(f->u.ca.text, "---CA---\n");
	assert_string_equal(f->u.server_name, "kubernetes");
	assert_string_equal(f->u.proxy, "http://10.0.0.9:3128");
	assert_string_equal(f->u.cert.text, "---CERT---\n");
	assert_memory_equal(f->u.key.file, f->dir, strlen(f->dir));
	assert_string_equal(f->u.key.file + strlen(f->dir), "/pki/node.key");
	assert_int_equal(upstream_token(&f->u, &token, &f->e), 0);
	assert_string_equal(token, "abc");
	free(token);
	assert_false(f->u.insecure);
}

/* JSON is YAML; nobody is somebody as well. */
static void test_kubeconfig_without_user(void **state)
{
	struct upstream_fixture *f = *state;
	char *token;

	put(f, "config",
	    "{\"kind\":\"Config\",\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\","
	    "\"context\":{\"cluster\":\"k\"}}],\"clusters\":[{\"name\":\"k\",\"cluster\":"
	    "{\"server\":\"https://api/\",\"insecure-skip-tls-verify\":true}}],\"users\":null}");
	assert_int_equal(upstream_parse(&f->u, f->path, &f->e), 0);
	assert_string_equal(f->u.url, "https://api");
	assert_true(f->u.insecure);
	assert_int_equal(upstream_token(&f->u, &token, &f->e), 0);
	assert_null(token);
}

static const struct {
	const char *text, *why;
} bad_kubeconfigs[] = {
	{ "", "is not a kubeconfig" },
	{ "[]", "is not a kubeconfig" },
	{ "a: [", "/config:" },
	{ "kind: Secret\n", "/config:1:7: kind: this has to be Config" },
	{ "kind: Config\n", "current-context: this is missing" },
	{ "kind: Config\ncurrent-context: 5\n", "/config:2:18: current-context: this has to be a "
	  "string" },
	{ "kind: Config\ncurrent-context: c\n", "contexts: there is none with the name \"c\"" },
	{ CONTEXT, "clusters: there is none with the name \"k\"" },
	{ CONTEXT "clusters:\n- {name: k}\n", "clusters[0].cluster: this has to be an object" },
	{ CONTEXT "clusters:\n- {name: k, cluster: {}}\n", "clusters[0].cluster.server: this is "
	  "missing" },
	{ CONTEXT "clusters:\n- {name: k, cluster: {server: \"http://10.0.0.1\"}}\n",
	  "clusters[0].cluster.server: \"http://10.0.0.1\" is not encrypted" },
	{ CONTEXT CLUSTER, "users: there is none with the name \"u\"" },
	{ CONTEXT CLUSTER "    certificate-authority-data: '***'\n" USER "    token: abc\n",
	  "/config:11:33: clusters[0].cluster.certificate-authority-data: this is not a PEM" },
	{ CONTEXT CLUSTER "    certificate-authority: ca\n    insecure-skip-tls-verify: true\n" USER
	  "    token: abc\n", "exclude each other" },
	{ CONTEXT CLUSTER "    insecure-skip-tls-verify: 1\n", "this has to be true or false" },
	{ CONTEXT CLUSTER USER "    exec: {command: aws}\n",
	  "users[1].user.exec: svcd runs no other programs" },
	{ CONTEXT CLUSTER USER "    auth-provider: {name: gcp}\n", "users[1].user.auth-provider: "
	  "svcd" },
	{ CONTEXT CLUSTER USER "    as: admin\n", "users[1].user.as: svcd comes as itself" },
	{ CONTEXT CLUSTER USER "    as-groups: [a]\n", "users[1].user.as-groups: svcd comes as" },
	{ CONTEXT CLUSTER "    tls-server-name: 'a/b'\n" USER "    token: a\n",
	  "tls-server-name: \"a/b\" is not a host name" },
	{ CONTEXT CLUSTER USER "    client-certificate: a\n", "users[1].user.client-key: this is "
	  "missing" },
	{ CONTEXT CLUSTER USER "    client-key: a\n", "users[1].user.client-certificate: this is" },
	{ CONTEXT CLUSTER USER "    token: [secret]\n", "users[1].user.token: this has to be a "
	  "string" },
	{ CONTEXT CLUSTER USER "    token: \"secret\n", "/config:" },
	{ CONTEXT CLUSTER USER "    token: secret: x\n", "/config:" },
	{ CONTEXT CLUSTER USER "    token: secret\n    token: secret\n",
	  "duplicate key \"token\"" },
	{ CONTEXT CLUSTER USER "    password: {secret: secret}\n",
	  "users[1].user.password: this has" },
	{ CONTEXT CLUSTER USER "    client-certificate: a\n    client-key-data: 'secret!'\n",
	  "this is not a PEM text" },
};

static void test_bad_kubeconfigs(void **state)
{
	struct upstream_fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bad_kubeconfigs) / sizeof(*bad_kubeconfigs); i++) {
		put(f, "config", bad_kubeconfigs[i].text);
		f->e.text[0] = '\0';
		if (upstream_parse(&f->u, f->path, &f->e) != -EINVAL ||
		    !strstr(f->e.text, bad_kubeconfigs[i].why) || strstr(f->e.text, "secret"))
			fail_msg("%s: %s", bad_kubeconfigs[i].text, f->e.text);
		upstream_clear(&f->u);
	}
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_good_urls),
		CASE(test_bad_urls),
		CASE(test_in_cluster),
		CASE(test_not_in_a_cluster),
		CASE(test_no_token),
		CASE(test_kubeconfig),
		CASE(test_kubeconfig_without_user),
		CASE(test_bad_kubeconfigs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
