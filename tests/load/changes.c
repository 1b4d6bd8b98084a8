// SPDX-License-Identifier: GPL-2.0
/* Endpoints that come and go, by svcd's API, which may be gone itself now and then. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "churn.h"

enum { TEXT_MAX = 64 * 1024, PATIENCE_S = 30, PAUSE_US = 20000 };

static bool is_member(const struct shared *shared, unsigned int service, unsigned int endpoint)
{
	return !shared || !atomic_load(&shared->at[service][endpoint].gone);
}

/* The service's EndpointSlice. Without shared: with all endpoints. */
static void slice_print(FILE *f, const struct plan *plan, const struct shared *shared,
			unsigned int service)
{
	const char *comma = "";
	char text[INET6_ADDRSTRLEN];

	fprintf(f, "{\"apiVersion\": \"discovery.k8s.io/v1\", \"kind\": \"EndpointSlice\", "
		"\"metadata\": {\"name\": \"s%u\", \"namespace\": \"default\", \"labels\": "
		"{\"kubernetes.io/service-name\": \"s%u\"}}, \"addressType\": \"%s\", "
		"\"ports\": [{\"port\": %u}], \"endpoints\": [", service, service,
		place_family(service) == AF_INET ? "IPv4" : "IPv6", PORT_ENDPOINT);
	for (unsigned int i = 0; i < plan->endpoints; i++) {
		place_t p = place_endpoint(service, i);

		if (!is_member(shared, service, i))
			continue;
		fprintf(f, "%s{\"addresses\": [\"%s\"]}", comma,
			place_text(&p, text, sizeof(text)));
		comma = ", ";
	}
	fputs("]}\n", f);
}

void objects_print(const struct plan *plan)
{
	char text[INET6_ADDRSTRLEN];

	for (unsigned int i = 0; i < plan->services; i++) {
		place_t p = place_service(i);

		printf("---\n{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": "
		       "{\"name\": \"s%u\"}, \"spec\": {\"clusterIP\": \"%s\", \"ipFamilies\": "
		       "[\"%s\"], \"ports\": [{\"port\": %u, \"targetPort\": %u}]}}\n---\n",
		       i, place_text(&p, text, sizeof(text)),
		       place_family(i) == AF_INET ? "IPv4" : "IPv6", PORT_SERVICE, PORT_ENDPOINT);
		slice_print(stdout, plan, NULL, i);
	}
}

void changes_print(const struct plan *plan, const struct shared *shared)
{
	char text[INET6_ADDRSTRLEN];

	for (unsigned int i = 0; i < plan->services; i++) {
		printf("has default/s%u", i);
		for (unsigned int j = 0; j < plan->endpoints; j++) {
			place_t p = place_endpoint(i, j);

			if (is_member(shared, i, j))
				printf(" %s:%u", place_text(&p, text, sizeof(text)), PORT_ENDPOINT);
		}
		puts("");
	}
}

/* ---- HTTP */

static int api_open(const char *path)
{
	const struct timeval limit = { .tv_sec = PATIENCE_S };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (strlen(path) >= sizeof(to.sun_path))
		errx(2, "%s: too long for a socket", path);
	strcpy(to.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	close(fd);
	return -1;
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* Where the answer ends; 0: it has not come so far. */
static size_t answer_end(const char *buf)
{
	const char *head = strstr(buf, "\r\n\r\n");
	const char *length = strcasestr(buf, "\r\nContent-Length:");

	if (!head)
		return 0;
	if (!length || length > head)
		errx(1, "svcd's answer has no length: %.*s", (int)(head - buf), buf);
	return head + 4 - buf + strtoul(length + 17, NULL, 10);
}

/* The status; 0: svcd has hung up. */
static int answer_read(int fd, char *buf, size_t size)
{
	size_t len = 0, end = 0;

	while (!end || len < end) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n <= 0)
			return 0;
		len += n;
		buf[len] = 0;
		end = answer_end(buf);
	}
	return strncmp(buf, "HTTP/1.1 ", 9) ? 0 : atoi(buf + 9);
}

struct api {
	const struct plan *plan;
	struct shared *shared;
	int fd;
};

/* Until svcd has acknowledged it. */
static void slice_put(struct api *api, unsigned int service)
{
	static char body[TEXT_MAX], head[512], answer[TEXT_MAX];
	FILE *f = fmemopen(body, sizeof(body), "w");
	size_t len;
	int status;

	if (!f)
		err(1, "memory");
	slice_print(f, api->plan, api->shared, service);
	if (fclose(f))
		errx(1, "an EndpointSlice has no room");
	len = strlen(body);
	snprintf(head, sizeof(head), "PUT /apis/discovery.k8s.io/v1/namespaces/default/"
		 "endpointslices/s%u HTTP/1.1\r\nHost: svcd\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n", service, len);
	for (;;) {
		status = 0;
		if (api->fd < 0)
			api->fd = api_open(api->plan->socket);
		if (api->fd >= 0 && send_all(api->fd, head, strlen(head)) &&
		    send_all(api->fd, body, len))
			status = answer_read(api->fd, answer, sizeof(answer));
		if (status == 200)
			return;
		if (status && status < 500)
			errx(1, "svcd refuses it: %s", answer);
		if (api->fd >= 0)
			close(api->fd);
		api->fd = -1;
		atomic_fetch_add(&api->shared->again, 1);
		usleep(PAUSE_US);
	}
}

/* One that is a member goes, one that is none comes. */
static void change(struct api *api)
{
	unsigned int service = random() % api->plan->services;
	unsigned int endpoint = api->plan->stay +
		random() % (api->plan->endpoints - api->plan->stay);
	struct endpoint_state *e = &api->shared->at[service][endpoint];
	bool comes = atomic_load(&e->gone);

	if (comes) {
		atomic_store(&e->gone, 0);
		slice_put(api, service);
		return;
	}
	atomic_fetch_add(&e->removals, 1);
	/* Far in the future: for the slice it is gone already, for requests not yet. */
	atomic_store(&e->gone, INT64_MAX);
	slice_put(api, service);
	atomic_store(&e->gone, now_ns());
}

void changes_run(const struct plan *plan, struct shared *shared, int64_t begin)
{
	unsigned long all = plan->seconds * plan->changes;
	struct api api = { .plan = plan, .shared = shared, .fd = -1 };

	srandom(plan->seed);
	for (unsigned long i = 0; i < all; i++) {
		int64_t early = begin + seconds_ns(i / plan->changes) - now_ns();

		if (early > 0)
			usleep(early / 1000);
		change(&api);
		atomic_fetch_add(&shared->changes, 1);
	}
	atomic_store(&shared->took, now_ns() - begin);
}
