// SPDX-License-Identifier: GPL-2.0
#include "server.h"

#include "api_status.h"
#include "err.h"
#include "log.h"
#include "socket_peer.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SERVER_HEADERS_MAX	(64 * 1024)
/* Past this evhttp answers by itself, without a Status; the API's own limit is far below. */
#define SERVER_BODY_MAX		(16 * 1024 * 1024)

struct server {
	struct evconnlistener *listener;
	struct evhttp *http;
	server_handler *handle;
	void *ctx;
	char *path;
	dev_t dev;	/* of the socket's file, to know it again */
	ino_t ino;
	struct socket_owner owner;
	int lock;
};

static int socket_address(struct sockaddr_un *sun, const char *path, const char *suffix,
			  struct err *e)
{
	int n;

	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(sun->sun_path, sizeof(sun->sun_path), "%s%s", path, suffix);
	if (n < 0 || (size_t)n >= sizeof(sun->sun_path))
		return err_set(e, ENAMETOOLONG, "%s: the path of a unix socket is at most %zu "
			       "characters long", path, sizeof(sun->sun_path) - sizeof(".new"));
	return 0;
}

static int make_folder(const char *path, struct err *e)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_set(e, errno, "%s: cannot make the folder of the socket: %m", folder);
	return 0;
}

/*
 * The lock is what decides between two that start at once. Its file stays: to
 * remove it would let a third lock a new one while the second waits on the old.
 */
static int take_lock(const char *path, struct err *e)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
	int fd, code;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, errno, "%s: cannot open the lock of the socket: %m", name);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	code = errno;
	close(fd);
	if (code == EWOULDBLOCK)
		return err_set(e, EADDRINUSE,
			       "%s is served by another svcd that runs: stop that one, "
			       "or give this one another --socket",
			       path);
	return err_set(e, code, "%s: cannot lock: %s", name, strerror(code));
}

/*
 * One that holds no lock of ours may still serve there; and what is no socket
 * is not ours to remove.
 */
static int check_old(const char *path, struct err *e)
{
	struct sockaddr_un sun;
	struct stat st;
	int fd, ret;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "%s: %m", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, EEXIST, "%s is there and is not a socket: remove it, "
			       "or give another --socket", path);
	ret = socket_address(&sun, path, "", e);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, errno, "cannot make a unix socket: %m");
	/* EAGAIN: the queue of somebody who lives is full. */
	ret = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	if (ret == 0 || errno == EAGAIN)
		ret = err_set(e, EADDRINUSE, "%s is served by another program: stop that one, "
			      "or give this one another --socket", path);
	else
		ret = 0;
	close(fd);
	return ret;
}

static int bind_and_rename(struct server *s, int fd, struct err *e)
{
	struct sockaddr_un sun;
	struct stat st;
	int ret;

	ret = socket_address(&sun, s->path, ".new", e);
	if (ret)
		return ret;
	unlink(sun.sun_path);	/* under the lock: left by one that died right here */
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return err_set(e, errno, "%s: cannot bind the socket: %m", sun.sun_path);
	if (chmod(sun.sun_path, 0660) < 0 || listen(fd, 128) < 0 ||
	    stat(sun.sun_path, &st) < 0 || rename(sun.sun_path, s->path) < 0) {
		ret = err_set(e, errno, "%s: cannot listen: %m", s->path);
		unlink(sun.sun_path);
		return ret;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->owner = (struct socket_owner){ .uid = st.st_uid, .gid = st.st_gid };
	return 0;
}

/* The argument may be evhttp's, so there is no timer of ours at hand. */
void server_accept_failed(struct evconnlistener *listener, void *ctx)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	(void)listener;
	(void)ctx;
	log_debug("cannot take a connection: %s", strerror(EVUTIL_SOCKET_ERROR()));
	nanosleep(&pause, NULL);
}

static int start_http(struct server *s, struct event_base *base, int fd, struct err *e)
{
	s->http = evhttp_new(base);
	s->listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC |
					 LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!s->listener)
		close(fd);
	/* From here on the listener is evhttp's. */
	if (!s->http || !s->listener || !evhttp_bind_listener(s->http, s->listener)) {
		if (s->listener)
			evconnlistener_free(s->listener);
		s->listener = NULL;
		return err_set(e, ENOMEM, "out of memory");
	}
	evconnlistener_set_error_cb(s->listener, server_accept_failed);
	evhttp_set_max_headers_size(s->http, SERVER_HEADERS_MAX);
	evhttp_set_max_body_size(s->http, SERVER_BODY_MAX);
	evhttp_set_timeout(s->http, SERVER_IDLE_SECONDS);
	evhttp_set_default_content_type(s->http, NULL);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
				   EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
				   EVHTTP_REQ_PATCH);
	return 0;
}

static int open_socket(struct server *s, struct event_base *base, struct err *e)
{
	int fd, ret;

	ret = make_folder(s->path, e);
	if (ret)
		return ret;
	s->lock = take_lock(s->path, e);
	if (s->lock < 0)
		return s->lock;
	ret = check_old(s->path, e);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, errno, "cannot make a unix socket: %m");
	ret = bind_and_rename(s, fd, e);
	if (ret) {
		close(fd);
		return ret;
	}
	return start_http(s, base, fd, e);
}

static void on_request(struct evhttp_request *req, void *ctx)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(conn);
	struct server *s = ctx;
	uid_t uid;

	if (socket_peer_allowed(bufferevent_getfd(bev), &s->owner, &uid)) {
		s->handle(req, s->ctx);
		return;
	}
	log_debug("%s: user %u may not use it", s->path, uid);
	api_send_status(req, 403, "Forbidden", "svcd's socket is for root and for its group, and "
			"user %u is neither", uid);
}

int server_open(struct server **out, struct event_base *base, const char *path,
		server_handler *handle, void *ctx, struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_set(e, ENOMEM, "out of memory");
	s->lock = -1;
	s->handle = handle;
	s->ctx = ctx;
	s->path = strdup(path);
	ret = s->path ? open_socket(s, base, e) : err_set(e, ENOMEM, "out of memory");
	if (ret) {
		server_close(s);
		return ret;
	}
	evhttp_set_gencb(s->http, on_request, s);
	*out = s;
	return 0;
}

void server_stop(struct server *s)
{
	if (s->listener)
		evconnlistener_disable(s->listener);
}

void server_close(struct server *s)
{
	struct stat st;

	if (!s)
		return;
	if (s->http)
		evhttp_free(s->http);
	if (s->ino && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
	if (s->lock >= 0)
		close(s->lock);
	free(s->path);
	free(s);
}
