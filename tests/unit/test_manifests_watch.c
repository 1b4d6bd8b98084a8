// SPDX-License-Identifier: GPL-2.0
/* What happens to the folder is noticed, and in short turns of the loop. */
#include "http_fixture.h"
#include "manifests_help.h"
#include "manifests_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVICE(name, port) \
	"{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"" name "\"}," \
	" \"spec\": {\"ports\": [{\"port\": " port "}]}}\n"

static void path_of(struct manifests_help *t, const char *name, char path[192])
{
	snprintf(path, 192, "%s/%s", t->dir, name);
}

/* As any program does it, in place. */
static void write_file(struct manifests_help *t, const char *name, const char *text)
{
	char path[192];
	FILE *f;

	path_of(t, name, path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void move(struct manifests_help *t, const char *from, const char *to)
{
	char a[192], b[192];

	path_of(t, from, a);
	path_of(t, to, b);
	assert_return_code(rename(a, b), errno);
}

static void make_link(struct manifests_help *t, const char *to, const char *name)
{
	char path[192];

	path_of(t, name, path);
	assert_return_code(symlink(to, path), errno);
}

static void make_folder(struct manifests_help *t, const char *name)
{
	char path[192];

	path_of(t, name, path);
	assert_return_code(mkdir(path, 0700), errno);
}

struct waiting {
	struct manifests_help *t;
	const char *port;		/* of the Service web; "": it is gone */
};

static bool is_so(void *ctx)
{
	const struct waiting *w = ctx;

	return !strcmp(manifests_help_value(w->t, "services", "web", "spec.ports.0.port"), w->port);
}

static void expect_port(struct manifests_help *t, const char *port)
{
	struct waiting w = { t, port };

	if (!http_wait(t->base, is_so, &w))
		fail_msg("the port is %s, not %s: %s",
			 manifests_help_value(t, "services", "web", "spec.ports.0.port"), port,
			 manifests_help_refusal(t, "web.yaml"));
}

static void test_files(void **state)
{
	struct manifests_help *t = *state;

	write_file(t, "web.yaml", SERVICE("web", "80"));
	expect_port(t, "80");
	write_file(t, "web.yaml", SERVICE("web", "81"));
	expect_port(t, "81");
	write_file(t, ".new", SERVICE("web", "82"));
	move(t, ".new", "web.yaml");
	expect_port(t, "82");
	move(t, "web.yaml", "web.yaml~");
	expect_port(t, "");
	move(t, "web.yaml~", "web.json");
	expect_port(t, "82");
	manifests_help_remove(t, "web.json");
	expect_port(t, "");
}

static void test_what_is_ignored(void **state)
{
	static const char *const names[] = {
		".web.yaml", ".#web.yaml", "web.yaml~", "#web.yaml#", "web.yaml.swp", "web.txt",
		"yaml", "4913",
	};
	struct manifests_help *t = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(t, names[i], "kind: [");
	manifests_help_look(t);
	assert_true(manifests_ok(t->m));
	/* A folder by such a name is no file, and a link may lead nowhere. */
	make_folder(t, "d.yaml");
	make_link(t, "nowhere", "l.yaml");
	manifests_help_look(t);
	assert_non_null(strstr(manifests_help_refusal(t, "d.yaml"), "d.yaml is no file"));
	assert_non_null(strstr(manifests_help_refusal(t, "l.yaml"), "No such file"));
}

/* As Kubernetes mounts a ConfigMap. */
static void test_config_map(void **state)
{
	struct manifests_help *t = *state;

	make_folder(t, "..1");
	write_file(t, "..1/web.yaml", SERVICE("web", "80"));
	make_link(t, "..1", "..data");
	make_link(t, "..data/web.yaml", "web.yaml");
	expect_port(t, "80");
	make_folder(t, "..2");
	write_file(t, "..2/web.yaml", SERVICE("web", "81"));
	make_link(t, "..2", "..data_tmp");
	move(t, "..data_tmp", "..data");
	expect_port(t, "81");
}

static void test_folder(void **state)
{
	struct manifests_help *t = *state;
	char other[128], deep[96];

	write_file(t, "web.yaml", SERVICE("web", "80"));
	expect_port(t, "80");
	/* Another one in its place, at once, or later. */
	snprintf(other, sizeof(other), "%s/x", t->h->dir);
	assert_return_code(rename(t->dir, other), errno);
	assert_return_code(mkdir(t->dir, 0700), errno);
	write_file(t, "web.yaml", SERVICE("web", "81"));
	expect_port(t, "81");
	write_file(t, "web.yaml", SERVICE("web", "82"));
	expect_port(t, "82");

	/* One that is not there yet, and whose own folder is not. */
	manifests_help_stop(t);
	strcpy(deep, t->dir);
	snprintf(t->dir, sizeof(t->dir), "%s/n/m", t->h->dir);
	manifests_help_start(t);
	expect_port(t, "82");
	strcpy(strrchr(t->dir, '/'), "");
	assert_return_code(mkdir(t->dir, 0700), errno);
	strcat(t->dir, "/m");
	assert_return_code(mkdir(t->dir, 0700), errno);
	write_file(t, "web.yaml", SERVICE("web", "83"));
	expect_port(t, "83");
	strcpy(t->dir, deep);
}

static char *uid_of(struct manifests_help *t, const char *name)
{
	return strdup(manifests_help_value(t, "services", name, "metadata.uid"));
}

#define SERVICE_AT(name, ip) \
	"apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\n" \
	"spec: {clusterIP: " ip ", ports: [{port: 80}]}\n"

/* Another folder: what both have stays, though in another file; the rest is gone or new. */
static void test_another_folder(void **state)
{
	struct manifests_help *t = *state;
	char *was, *is, old[96];

	manifests_help_put(t, "a.yaml", SERVICE_AT("both", "10.96.0.7"));
	manifests_help_put(t, "b.yaml", SERVICE_AT("moves", "10.96.0.8") "---\n"
			   SERVICE_AT("old", "10.96.0.9"));
	manifests_help_look(t);
	was = uid_of(t, "moves");
	strcpy(old, t->dir);
	snprintf(t->dir, sizeof(t->dir), "%s/n", t->h->dir);
	assert_return_code(mkdir(t->dir, 0700), errno);
	manifests_help_put(t, "a.yaml", SERVICE_AT("both", "10.96.0.7"));
	manifests_help_put(t, "c.yaml", SERVICE_AT("moves", "10.96.0.8"));
	/* It gets the address of what goes. */
	manifests_help_put(t, "d.yaml", SERVICE_AT("new", "10.96.0.9"));
	manifests_set_folder(t->m, t->dir, true);

	/* No turn of the loop was between. */
	assert_true(manifests_help_has(t, "services both"));
	assert_true(manifests_help_has(t, "services new"));
	assert_false(manifests_help_has(t, "services old"));
	assert_true(manifests_ok(t->m));
	is = uid_of(t, "moves");
	assert_string_equal(is, was);
	assert_string_equal(manifests_help_value(t, "services", "new", "spec.clusterIP"),
			    "10.96.0.9");
	/* That one is watched, and the other one not any more. */
	write_file(t, "web.yaml", SERVICE("web", "80"));
	expect_port(t, "80");
	manifests_help_remove(t, "d.yaml");
	manifests_help_look(t);
	assert_false(manifests_help_has(t, "services new"));
	strcpy(t->dir, old);
	write_file(t, "e.yaml", SERVICE("e", "80"));
	manifests_help_look(t);
	assert_false(manifests_help_has(t, "services e"));
	free(was);
	free(is);
}

/* One turn with many files is longer than the watchdog's time may be: it is told on the way. */
static void test_another_folder_is_no_hang(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct manifests_help *t = *state;
	char name[64], text[64] = "", old[96];

	strcpy(old, t->dir);
	snprintf(t->dir, sizeof(t->dir), "%s/n", t->h->dir);
	assert_return_code(mkdir(t->dir, 0700), errno);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "%03d.yaml", i);
		manifests_help_put(t, name, SERVICE("web", "80"));
	}
	snprintf(name, sizeof(name), "@svcnat-manifests-%d", getpid());
	strcpy(addr.sun_path + 1, name + 1);
	assert_return_code(bind(fd, (struct sockaddr *)&addr,
				offsetof(struct sockaddr_un, sun_path) + strlen(name)), errno);
	setenv("NOTIFY_SOCKET", name, 1);
	manifests_set_folder(t->m, t->dir, true);
	unsetenv("NOTIFY_SOCKET");
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "WATCHDOG=1");
	close(fd);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "%03d.yaml", i);
		manifests_help_remove(t, name);
	}
	strcpy(t->dir, old);
}

static bool has_stopped(void *ctx)
{
	struct manifests_help *t = ctx;

	return !t->m->moving;
}

/* What only the old one has stays until the new one's files are written, and if it is not there. */
static void test_another_folder_later(void **state)
{
	struct manifests_help *t = *state;
	struct timespec before, after;
	char old[96];

	manifests_help_change(t, "a.yaml", SERVICE_AT("moves", "10.96.0.8"));
	strcpy(old, t->dir);
	snprintf(t->dir, sizeof(t->dir), "%s/n", t->h->dir);
	manifests_set_folder(t->m, t->dir, true);
	assert_true(manifests_help_has(t, "services moves"));
	assert_false(manifests_ok(t->m));
	assert_return_code(mkdir(t->dir, 0700), errno);
	clock_gettime(CLOCK_MONOTONIC, &before);
	write_file(t, "web.yaml", SERVICE("web", "80"));
	manifests_set_folder(t->m, t->dir, true);
	clock_gettime(CLOCK_MONOTONIC, &after);
	/* Not if the machine took longer than it waits. */
	if ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 50)
		assert_true(manifests_help_has(t, "services moves"));
	assert_true(http_wait(t->base, has_stopped, t));
	assert_false(manifests_help_has(t, "services moves"));
	assert_true(manifests_help_has(t, "services web"));
	assert_true(manifests_ok(t->m));
	strcpy(t->dir, old);
}

/* What is being written is not looked at before it is quiet, though something else calls for it. */
static void test_half_written(void **state)
{
	struct manifests_help *t = *state;
	char path[192];
	int fd;

	write_file(t, "web.yaml", SERVICE("web", "80") "---\n" SERVICE("second", "80"));
	expect_port(t, "80");
	path_of(t, "web.yaml", path);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_return_code(fd, errno);
	write_file(t, "other.yaml", SERVICE("other", "80"));
	manifests_help_look(t);
	assert_true(manifests_help_has(t, "services web"));
	assert_return_code(write(fd, SERVICE("web", "81"), strlen(SERVICE("web", "81"))), errno);
	close(fd);
	expect_port(t, "81");
	assert_false(manifests_help_has(t, "services second"));
}

/* The same time, size and number: only the text tells. */
static void test_same_second(void **state)
{
	struct manifests_help *t = *state;

	manifests_help_change(t, "web.yaml", SERVICE("web", "80"));
	for (int i = 0; i < 3; i++) {
		write_file(t, "web.yaml", SERVICE("web", "81"));
		expect_port(t, "81");
		write_file(t, "web.yaml", SERVICE("web", "80"));
		expect_port(t, "80");
	}
}

struct turns {
	struct timespec last;
	long long worst;		/* msec */
};

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct turns *u = ctx;
	struct timespec now;
	long long msec;

	(void)fd;
	(void)what;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	msec = (now.tv_sec - u->last.tv_sec) * 1000LL + (now.tv_nsec - u->last.tv_nsec) / 1000000;
	if (u->last.tv_sec + u->last.tv_nsec && msec > u->worst)
		u->worst = msec;
	u->last = now;
}

/* Many files are many turns: others come in between. */
static void test_turns(void **state)
{
	struct manifests_help *t = *state;
	const struct timeval zero = { 0 };
	struct turns u = { .worst = 0 };
	struct event *tick = event_new(t->base, -1, EV_PERSIST, on_turn, &u);
	char name[32], text[512];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "f%d.yaml", i);
		snprintf(text, sizeof(text), "apiVersion: v1\nkind: Service\n"
			 "metadata: {name: s%d}\nspec: {ports: [{port: 80}]}\n", i);
		manifests_help_put(t, name, text);
	}
	event_add(tick, &zero);
	manifests_help_look(t);
	event_free(tick);
	assert_true(manifests_help_has(t, "services s0"));
	assert_true(manifests_help_has(t, "services s299"));
	/* All of it takes some seconds here, for all is checked as it goes. */
	if (u.worst > 250)
		fail_msg("a turn took %lld ms of the processor", u.worst);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, manifests_help_setup, manifests_help_teardown)
	const struct CMUnitTest tests[] = {
		T(test_files), T(test_what_is_ignored), T(test_config_map), T(test_folder),
		T(test_another_folder_is_no_hang),
		T(test_another_folder), T(test_another_folder_later),
		T(test_half_written), T(test_same_second), T(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
