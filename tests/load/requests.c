// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to services, and the endpoints that answer them, in one loop.
 *
 * A request is a TCP connection of its own, from an address and port that no other has:
 * so the endpoint knows which request it has accepted, also of one that fails. It sends
 * its number; the answer is the endpoint's address and the number. Of some the endpoint
 * thinks for a while, so that it is removed meanwhile now and then.
 *
 * All endpoints have their server, one that was removed as well, so that it is seen who
 * comes there still: for some time that is no fault, and it is answered by a reset, as by
 * a pod that is gone.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "churn.h"
#include "figures.h"

enum {
	RING = 1 << 16,		/* requests that are under way at most */
	FILES = 1 << 18,
	EVENTS = 256,
	THINKS = 16,		/* each 16th request is thought of */
	THINK_MS = 300,
	LINE = 80,
};

enum state { DONE, CONNECTS, WAITS };	/* 0: of what is not there yet */

struct request {
	int64_t begin;
	enum state state;
	int fd;
	unsigned int service, endpoint, removals;	/* the last two: where it was accepted */
	bool accepted, gone;	/* gone: it was so already */
	char got[LINE];
	size_t len;
};

enum kind { NONE, LISTENS, ASKS, ANSWERS };

struct file {
	enum kind kind;
	uint32_t age;		/* an event of the file that had the number before is none */
	uint64_t request;
	int64_t due;		/* of an answer that takes its time */
};

struct loop {
	const struct plan *plan;
	struct shared *shared;
	struct figures *figures;
	struct request *ring;
	struct file *files;
	uint64_t first, next;	/* the oldest request under way; the next one */
	int *thinking;		/* a ring of files */
	uint64_t thought_first, thought_next;
	int epoll;
	int64_t begin;
};

static struct request *request_at(struct loop *l, uint64_t n)
{
	return &l->ring[n % RING];
}

/* ---- files */

static void file_add(struct loop *l, int fd, enum kind kind, uint32_t events, uint64_t request)
{
	struct file *f = &l->files[fd];
	struct epoll_event e = { .events = events };

	if (fd >= FILES)
		errx(1, "too many files");
	f->kind = kind;
	f->age++;
	f->request = request;
	e.data.u64 = (uint64_t)f->age << 32 | (uint32_t)fd;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e))
		err(1, "epoll_ctl");
}

static void file_wants(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events };

	e.data.u64 = (uint64_t)l->files[fd].age << 32 | (uint32_t)fd;
	if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &e))
		err(1, "epoll_ctl");
}

static void file_close(struct loop *l, int fd)
{
	l->files[fd].kind = NONE;
	l->files[fd].age++;
	close(fd);
}

static void file_reset(struct loop *l, int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	file_close(l, fd);
}

/* ---- how a request ends */

static bool was_removed(struct loop *l, const struct request *r)
{
	const struct endpoint_state *e = &l->shared->at[r->service][r->endpoint];

	return r->gone || atomic_load(&e->gone) || atomic_load(&e->removals) != r->removals;
}

static void request_end(struct loop *l, uint64_t n, const char *wrong)
{
	struct request *r = request_at(l, n);
	bool removed = r->accepted && was_removed(l, r);

	if (!wrong)
		figures_answer(l->figures, now_ns() - r->begin, r->service, r->endpoint, removed);
	else if (removed)
		l->figures->apart++;
	else
		figures_fail(l->figures, n, r->begin - l->begin, r->service,
			     r->accepted ? (int)r->endpoint : -1, wrong);
	file_close(l, r->fd);
	r->state = DONE;
}

/* The endpoint's address and the number, and these have to be the ones that accepted. */
static const char *answer_wrong(const struct request *r, uint64_t n)
{
	char name[INET6_ADDRSTRLEN], wanted[LINE];
	place_t p;

	if (!r->accepted)
		return "an answer, and no endpoint has accepted it";
	p = place_endpoint(r->service, r->endpoint);
	snprintf(wanted, sizeof(wanted), "%s %" PRIu64 "\n", place_text(&p, name, sizeof(name)),
		 n);
	return strcmp(r->got, wanted) ? "the answer of another endpoint or request" : NULL;
}

/* ---- requests */

static void request_begin(struct loop *l)
{
	uint64_t n = l->next++;
	unsigned int service = n % l->plan->services;
	place_t from = place_client(service, n), to = place_service(service);
	struct request *r = request_at(l, n);
	int one = 1;

	*r = (struct request){ .begin = now_ns(), .state = CONNECTS, .service = service };
	r->fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd < 0)
		err(1, "socket");
	setsockopt(r->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(r->fd, &from.any, place_len(&from)))
		err(1, "bind");
	file_add(l, r->fd, ASKS, EPOLLOUT, n);
	if (connect(r->fd, &to.any, place_len(&to)) && errno != EINPROGRESS)
		request_end(l, n, strerrorname_np(errno));
}

static void request_connected(struct loop *l, uint64_t n)
{
	struct request *r = request_at(l, n);
	socklen_t size = sizeof(int);
	char line[LINE];
	int error = 0;
	int len;

	getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		request_end(l, n, strerrorname_np(error));
		return;
	}
	len = snprintf(line, sizeof(line), "%" PRIu64 "\n", n);
	if (send(r->fd, line, len, MSG_NOSIGNAL) != len) {
		request_end(l, n, strerrorname_np(errno));
		return;
	}
	r->state = WAITS;
	file_wants(l, r->fd, EPOLLIN);
}

static void request_answered(struct loop *l, uint64_t n)
{
	struct request *r = request_at(l, n);
	ssize_t got = recv(r->fd, r->got + r->len, sizeof(r->got) - 1 - r->len, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		request_end(l, n, got ? strerrorname_np(errno) : "the answer is cut");
		return;
	}
	r->len += got;
	if (strchr(r->got, '\n'))
		request_end(l, n, answer_wrong(r, n));
	else if (r->len == sizeof(r->got) - 1)
		request_end(l, n, "the answer has no end");
}

/* As many as should have begun by now; false: the time is over. */
static bool requests_begin(struct loop *l)
{
	double passed = (now_ns() - l->begin) / 1e9;
	uint64_t due;

	if (passed > l->plan->seconds)
		passed = l->plan->seconds;
	due = passed * l->plan->requests;
	while (l->next < due && l->next - l->first < RING)
		request_begin(l);
	return l->next < (uint64_t)(l->plan->seconds * l->plan->requests);
}

static void requests_give_up(struct loop *l)
{
	int64_t now = now_ns();

	while (l->first < l->next) {
		struct request *r = request_at(l, l->first);

		if (r->state != DONE && now - r->begin < seconds_ns(l->plan->patience))
			return;
		if (r->state != DONE)
			request_end(l, l->first, "ETIMEDOUT");
		l->first++;
	}
}

/* ---- endpoints */

static void endpoint_answer(struct loop *l, int fd)
{
	place_t self;
	socklen_t len = sizeof(self);
	char name[INET6_ADDRSTRLEN], line[LINE];
	int n;

	if (!getsockname(fd, &self.any, &len)) {
		n = snprintf(line, sizeof(line), "%s %" PRIu64 "\n",
			     place_text(&self, name, sizeof(name)), l->files[fd].request);
		/* That it has not come is for the other end to say. */
		send(fd, line, n, MSG_NOSIGNAL);
	}
	file_close(l, fd);
}

static void endpoint_read(struct loop *l, int fd)
{
	struct file *f = &l->files[fd];
	char line[LINE] = "";
	ssize_t n = recv(fd, line, sizeof(line) - 1, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || strtoull(line, NULL, 10) != f->request) {
		file_reset(l, fd);
		return;
	}
	if (f->request % THINKS) {
		endpoint_answer(l, fd);
		return;
	}
	file_wants(l, fd, 0);
	f->due = now_ns() + THINK_MS * 1000000LL;
	l->thinking[l->thought_next++ % RING] = fd;
}

/* They are due in the order in which they came. */
static void endpoints_think(struct loop *l)
{
	int64_t now = now_ns();

	while (l->thought_first < l->thought_next) {
		int fd = l->thinking[l->thought_first % RING];

		if (l->files[fd].kind == ANSWERS && l->files[fd].due > now)
			return;
		if (l->files[fd].kind == ANSWERS && l->files[fd].due)
			endpoint_answer(l, fd);
		l->thought_first++;
	}
}

/* Who has accepted the request; true: it is gone, and by rights nobody comes. */
static bool endpoint_takes(struct loop *l, struct request *r, unsigned int endpoint)
{
	const struct endpoint_state *e = &l->shared->at[r->service][endpoint];
	int64_t gone = atomic_load(&e->gone);
	int64_t late = gone ? r->begin - gone : 0;

	r->accepted = true;
	r->endpoint = endpoint;
	r->removals = atomic_load(&e->removals);
	if (late > l->figures->latest)
		l->figures->latest = late;
	if (late > seconds_ns(l->plan->grace))
		l->figures->astray++;
	r->gone = gone && gone != INT64_MAX;
	return r->gone;
}

/* False: nobody waits. */
static bool endpoint_accept(struct loop *l, int listener)
{
	place_t peer, self;
	socklen_t len = sizeof(peer), self_len = sizeof(self);
	unsigned int service, endpoint;
	int fd = accept4(listener, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct request *r;
	place_t client;
	uint64_t n;

	if (fd < 0)
		return false;
	n = place_request(&peer);
	r = request_at(l, n);
	client = place_client(r->service, n);
	file_add(l, fd, ANSWERS, EPOLLIN, n);
	l->files[fd].due = 0;
	if (n < l->first || n >= l->next || r->state == DONE) {
		file_reset(l, fd);	/* it has given up */
	} else if (!place_same_address(&peer, &client) ||
		   getsockname(fd, &self.any, &self_len) ||
		   !place_find(l->plan, &self, &service, &endpoint) || service != r->service) {
		l->figures->strangers++;
		file_reset(l, fd);
	} else if (endpoint_takes(l, r, endpoint)) {
		file_reset(l, fd);
	}
	return true;
}

static int endpoints_listen(int family)
{
	place_t any = { .v6 = { .sin6_family = family, .sin6_port = htons(PORT_ENDPOINT) } };
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, &any.any, place_len(&any)) || listen(fd, RING))
		err(1, "port %d of the endpoints", PORT_ENDPOINT);
	return fd;
}

/* ---- the loop */

static void handle(struct loop *l, const struct epoll_event *e)
{
	int fd = (uint32_t)e->data.u64;
	struct file *f = &l->files[fd];

	if (f->age != e->data.u64 >> 32)
		return;
	if (f->kind == LISTENS)
		for (int i = 0; i < EVENTS && endpoint_accept(l, fd); i++)
			;
	else if (f->kind == ANSWERS)
		endpoint_read(l, fd);
	else if (f->kind == ASKS && request_at(l, f->request)->state == CONNECTS)
		request_connected(l, f->request);
	else if (f->kind == ASKS)
		request_answered(l, f->request);
}

static void enter(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

/* As many as may be. */
static void files_raise(void)
{
	struct rlimit files = { FILES, FILES };

	if (!setrlimit(RLIMIT_NOFILE, &files))
		return;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void loop_init(struct loop *l)
{
	files_raise();
	l->ring = calloc(RING, sizeof(*l->ring));
	l->thinking = calloc(RING, sizeof(*l->thinking));
	l->files = calloc(FILES, sizeof(*l->files));
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!l->ring || !l->thinking || !l->files || l->epoll < 0)
		err(1, "memory");
	enter(l->plan->server_ns);
	file_add(l, endpoints_listen(AF_INET), LISTENS, EPOLLIN, 0);
	file_add(l, endpoints_listen(AF_INET6), LISTENS, EPOLLIN, 0);
	enter(l->plan->client_ns);
}

void requests_run(const struct plan *plan, struct shared *shared, struct figures *figures)
{
	struct loop l = { .plan = plan, .shared = shared, .figures = figures };
	struct epoll_event events[EVENTS];
	bool more = true;

	loop_init(&l);
	l.begin = now_ns();
	while (more || l.first < l.next) {
		int n = epoll_wait(l.epoll, events, EVENTS, 1);

		for (int i = 0; i < n; i++)
			handle(&l, &events[i]);
		endpoints_think(&l);
		requests_give_up(&l);
		if (more) {
			more = requests_begin(&l);
			figures->took = now_ns() - l.begin;
		}
	}
	figures->begun = l.next;
}
